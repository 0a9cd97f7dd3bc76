"""What goes in and out of the API."""

from datetime import UTC, date, datetime

from marshmallow import Schema, ValidationError, fields, validate

from shared.config import LANGUAGES
from shared.fields import StrictInteger, Text
from survey_service.domain.messages import KINDS, LONGEST
from survey_service.domain.raters import RELATIONS
from survey_service.domain.rounds import MOST_RATERS
from survey_service.usecases.questionnaire_form import QuestionnaireForm

PAGE = 500
_FIRST, _LAST = 2000, 2100


def _day() -> fields.Date:
    allowed = validate.Range(date(_FIRST, 1, 1), date(_LAST, 12, 31))
    return fields.Date(required=True, validate=allowed)


def _moment() -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, format="iso", default_timezone=None, validate=_in_reach)


def _in_reach(value: datetime) -> None:
    if not _FIRST <= value.year <= _LAST:
        raise ValidationError(f"Use a moment between {_FIRST} and {_LAST}, with its zone.")


class Page(Schema):
    """Which part of a list: what comes after ``after``, the ``next`` of the page before."""

    after = Text(load_default="", longest=200)
    limit = fields.Integer(load_default=100, validate=validate.Range(1, PAGE))


class PeoplePage(Page):
    """Which people."""

    unit = Text(load_default=None, longest=200)


class ImportQuery(Schema):
    """How to import. ``dry_run`` only says what would change; ``exclude_absent`` excludes who is not there."""

    dry_run = fields.Boolean(load_default=False)
    exclude_absent = fields.Boolean(load_default=False)
    language = fields.String(load_default="id", validate=validate.OneOf(LANGUAGES))


class ChangedPerson(Schema):
    """A person who is stored differently, and which fields differ."""

    number = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")


class ImportResult(Schema):
    """What an import changed, or would change."""

    dry_run = fields.Boolean(required=True)
    new = fields.List(fields.String(), required=True)
    changed = fields.List(fields.Nested(ChangedPerson), required=True)
    unchanged = fields.Integer(required=True)
    absent = fields.List(fields.String(), required=True)
    units = fields.Integer(required=True, metadata={"description": "units that are new or have another parent"})


class PersonOut(Schema):
    """One person."""

    number = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True, allow_none=True)
    language = fields.String(required=True)
    unit = fields.String(required=True)
    post = fields.String(required=True)
    tier = fields.String(required=True)
    leads = fields.Boolean(required=True)
    employment = fields.String(required=True)
    supervisor = fields.String(required=True, allow_none=True)
    supervisor_kind = fields.String(required=True, allow_none=True)
    outside = fields.Boolean(required=True)
    excluded = fields.String(required=True, allow_none=True)


class People(Schema):
    """A page of people."""

    items = fields.List(fields.Nested(PersonOut), required=True)
    next = fields.String(required=True, allow_none=True)


class UnitOut(Schema):
    """One unit."""

    name = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    people = fields.Integer(required=True)


class Units(Schema):
    """A page of units."""

    items = fields.List(fields.Nested(UnitOut), required=True)
    next = fields.String(required=True, allow_none=True)


class QuestionnaireOut(Schema):
    """One version of a questionnaire; ``body`` has sections, items and words in both languages."""

    id = fields.UUID(required=True)
    code = fields.String(required=True)
    version = fields.Integer(required=True)
    digest = fields.String(required=True)
    locked = fields.Boolean(required=True)
    finished = fields.Boolean(required=True)
    body = fields.Dict(required=True)


class QuestionnaireBrief(QuestionnaireOut):
    """A questionnaire without its body."""

    class Meta:
        """The body is on the page of its own."""

        exclude = ("body",)


class Questionnaires(Schema):
    """All questionnaires."""

    items = fields.List(fields.Nested(QuestionnaireBrief), required=True)


class NewQuestionnaire(QuestionnaireForm):
    """A questionnaire with a code of its own; its behaviours are those that a policy weighs."""

    class Meta:
        """The first version of an own questionnaire is 101."""

        exclude = ("version",)


class QuestionnaireChange(Schema):
    """All words of a version as they shall be, and the digest of those that they were made from."""

    digest = Text(required=True, longest=64)
    body = fields.Nested(QuestionnaireForm, required=True)


class QuestionnairePublish(Schema):
    """The digest of the words that are published."""

    digest = Text(required=True, longest=64)


class GroupForm(Schema):
    """How many raters of one relation. ``target`` null asks all.

    ``cap`` limits the work of one person, as peer and subordinate together; the smaller of two holds.
    """

    minimum = StrictInteger(load_default=0, validate=validate.Range(0, MOST_RATERS))
    target = StrictInteger(load_default=None, allow_none=True, validate=validate.Range(0, MOST_RATERS))
    maximum = StrictInteger(load_default=None, allow_none=True, validate=validate.Range(0, MOST_RATERS))
    cap = StrictInteger(load_default=None, allow_none=True, validate=validate.Range(1, 1000))


class ScheduleForm(Schema):
    """When mails leave, in whole hours of the round's zone; equal ends of the quiet time mean none."""

    days = fields.List(StrictInteger(), load_default=list, metadata={"description": "days before the end"})
    hour = StrictInteger(load_default=9)
    quiet_from = StrictInteger(load_default=0)
    quiet_until = StrictInteger(load_default=0)
    weekends = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    most = StrictInteger(load_default=5, metadata={"description": "most mails to one rater after the invitation"})


class RoundForm(Schema):
    """A draft. ``period`` is the time that is appraised, ``opens_at`` to ``closes_at`` the time to answer."""

    name = Text(required=True, shortest=1, longest=200)
    period_start = _day()
    period_end = _day()
    opens_at = _moment()
    closes_at = _moment()
    timezone = Text(required=True, longest=64, metadata={"example": "Asia/Jakarta"})
    questionnaire_id = fields.UUID(required=True)
    policy = Text(required=True, shortest=1, longest=64, metadata={"example": "pp30-360"})
    threshold = StrictInteger(required=True, validate=validate.Range(1, 20))
    groups = fields.Dict(
        keys=fields.String(validate=validate.OneOf(RELATIONS)), values=fields.Nested(GroupForm), required=True
    )
    authority = Text(required=True, longest=300, metadata={"description": "on which letter's authority"})
    contact = Text(required=True, longest=300)
    seed = StrictInteger(validate=validate.Range(0, 2**31 - 1), metadata={"description": "drawn when left out"})
    schedule = fields.Nested(ScheduleForm)
    messages = fields.Dict(
        keys=fields.String(validate=validate.OneOf(KINDS)),
        values=fields.Dict(keys=fields.String(validate=validate.OneOf(LANGUAGES)), values=Text(longest=LONGEST)),
        metadata={"description": "the agency's own words at the top of mails, by kind and language"},
    )


class RoundChanges(RoundForm):
    """Any fields of a draft, and the revision they were read at."""

    revision = StrictInteger(required=True, validate=validate.Range(1, 2**31 - 1))


class CloneForm(Schema):
    """What a clone does not take over."""

    name = Text(required=True, shortest=1, longest=200)
    period_start = _day()
    period_end = _day()
    opens_at = _moment()
    closes_at = _moment()


class CancelForm(Schema):
    """The round's name, typed, so that no round is cancelled by a slip of the hand."""

    name = Text(required=True, longest=200)


class ScheduleOut(Schema):
    """When mails leave."""

    days = fields.List(fields.Integer(), required=True)
    hour = fields.Integer(required=True)
    quiet_from = fields.Integer(required=True)
    quiet_until = fields.Integer(required=True)
    weekends = fields.Boolean(required=True)
    most = fields.Integer(required=True)


class GroupOut(Schema):
    """How many raters of one relation."""

    minimum = fields.Integer(required=True)
    target = fields.Integer(required=True, allow_none=True)
    maximum = fields.Integer(required=True, allow_none=True)
    cap = fields.Integer(required=True, allow_none=True)


class RoundOut(Schema):
    """One round."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    revision = fields.Integer(required=True)
    period_start = fields.Date(required=True)
    period_end = fields.Date(required=True)
    opens_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    closes_at = fields.AwareDateTime(required=True, default_timezone=UTC)
    timezone = fields.String(required=True)
    questionnaire_id = fields.UUID(required=True)
    policy = fields.String(required=True)
    threshold = fields.Integer(required=True)
    groups = fields.Dict(keys=fields.String(), values=fields.Nested(GroupOut), required=True)
    authority = fields.String(required=True)
    contact = fields.String(required=True)
    schedule = fields.Nested(ScheduleOut, required=True)
    messages = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)
    fingerprint = fields.String(required=True, allow_none=True)
    merkle_root = fields.String(required=True, allow_none=True)
    next_states = fields.List(fields.String(), required=True)


class Rounds(Schema):
    """A page of rounds."""

    items = fields.List(fields.Nested(RoundOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ShortfallOut(Schema):
    """What cannot be satisfied for one ratee."""

    ratee = fields.String(required=True)
    relation = fields.String(required=True)
    wanted = fields.Integer(required=True)
    found = fields.Integer(required=True)


class Preview(Schema):
    """What a launch now would ask for."""

    ratees = fields.Integer(required=True)
    invitations = fields.Integer(required=True)
    raters = fields.Integer(required=True)
    shortfalls = fields.List(fields.Nested(ShortfallOut), required=True)


class LaunchedOut(Schema):
    """What a launch made; letters without address are printed."""

    ratees = fields.Integer(required=True)
    invitations = fields.Integer(required=True)
    letters = fields.Integer(required=True)
    without_address = fields.Integer(required=True)
    shortfalls = fields.List(fields.Nested(ShortfallOut), required=True)


class ExtendForm(Schema):
    """Until when everybody may answer."""

    closes_at = _moment()


class Reminded(Schema):
    """How many letters go out again, as a step such as ``<5`` or ``15``."""

    letters = fields.String(required=True)


class ProgressLine(Schema):
    """One relation of one unit; counts are steps such as ``<5`` or ``15``."""

    unit = fields.String(required=True)
    relation = fields.String(required=True)
    invited = fields.String(required=True)
    answered = fields.String(required=True)
    declined = fields.String(required=True)


class ProgressOut(Schema):
    """A round as it may be seen while it is open: counted on a schedule, in steps."""

    state = fields.String(required=True)
    as_of = fields.AwareDateTime(required=True, allow_none=True, default_timezone=UTC)
    lines = fields.List(fields.Nested(ProgressLine), required=True)
    letters = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
