"""The contracts: one class and schema per event, and who listens to what.

An event class is a marshmallow schema of its ``data``; the class attributes say where it travels. The type with
its version is the routing key. A change that an old reader would not survive is a new class with a new version.
Publishing is strict (``Event.make`` checks the schema), reading is tolerant (unknown fields are ignored).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from shared.fields import DecimalText, SoundList, StrictInteger, Text

PUBLIC = "cermin.public"
PRIVATE = "cermin.private"
NAMESPACE = uuid.UUID("5c2f3a5e-6f5e-5d0b-9a53-c3b1b6a1c0de")
"""Event ids are UUIDv5 under this namespace where the fact is unique, so a repeated fact is a repeated id."""

RELATIONS = ("supervisor", "peer", "subordinate", "self")
GROUPS = ("supervisor", "peer", "subordinate", "self", "others")
BANDS = ("0", "1-2", "3-4", "5-9", "10+")
NOTICE_KINDS = ("report_ready", "assessment_wanted", "objection_to_decide", "objection_decided")
ADVANCED = ("scored", "released", "final")
"""States of a round that only scoring knows of, in their order."""
HELD_REASONS = ("too_few_raters", "supervisor_missing", "no_weight_rule", "awaiting_assessor")


def band(count: int) -> str:
    """The band in which a count of raters may leave the system: 0, 1-2, 3-4, 5-9 or 10+."""
    limits = ((0, "0"), (2, "1-2"), (4, "3-4"), (9, "5-9"))
    return next((name for limit, name in limits if count <= limit), "10+")


def event_id(kind: str, *facts: object) -> str:
    """The deterministic id of a unique fact, such as ``event_id("behaviour.scored.v1", round, ratee, 1)``."""
    return str(uuid.uuid5(NAMESPACE, "\x1f".join([kind, *map(str, facts)])))


class Contract(Schema):
    """What one type of event carries. Subclasses are listed in ``CONTRACTS``."""

    class Meta:
        """Writers may not invent fields; readers pass ``unknown=EXCLUDE``."""

        unknown = RAISE

    type: ClassVar[str]
    exchange: ClassVar[str]
    source: ClassVar[str]
    """The service that publishes it."""
    listeners: ClassVar[tuple[str, ...]] = ()
    """Our own services that consume it; anyone may bind a queue to the public exchange."""


def _id() -> fields.UUID:
    return fields.UUID(required=True)


def _ratee() -> Text:
    return Text(required=True, shortest=1, longest=64, metadata={"description": "employee number (NIP)"})


def _blob(longest: int = 100_000) -> fields.String:
    return fields.String(
        required=True,
        validate=[validate.Length(min=1, max=longest), validate.Regexp(r"^[A-Za-z0-9_-]+\Z")],
        metadata={"description": "base64url without padding"},
    )


MAIL_KINDS = ("invitation", "reminder", "resend", "extended", "trial")
SLIP = "slip"
"""The kind of a letter that is to be printed: it is kept, not mailed."""


def _mail_kind() -> fields.String:
    """``trial``: a sample that HR sends to the own address before a launch."""
    return fields.String(required=True, validate=validate.OneOf(MAIL_KINDS))


def _moment() -> fields.AwareDateTime:
    return fields.AwareDateTime(required=True, format="iso", default_timezone=None)


def _band() -> fields.String:
    return fields.String(required=True, validate=validate.OneOf(BANDS))


def _count(low: int = 0) -> StrictInteger:
    return StrictInteger(required=True, validate=validate.Range(min=low))


def _hash() -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}\Z"))


class Period(Schema):
    """The appraisal period: first and last day, both included. Not the answering window."""

    start = fields.Date(required=True)
    end = fields.Date(required=True)


class SlipsPrinted(Contract):
    """The sheets of a round were opened and written out for printing; ``by`` is whose account ran the command."""

    type = "slips.printed.v1"
    exchange = PRIVATE
    source = "notifier"
    listeners = ("survey",)
    round_id = _id()
    sheets = _count()
    by = Text(required=True, longest=200)


class NotifierKey(Contract):
    """The notifier's public key: letters and links to reports are sealed to it."""

    type = "notifier.key.v1"
    exchange = PRIVATE
    source = "notifier"
    listeners = ("survey", "scoring")
    public_key = _blob(200)
    fingerprint = _hash()


class NotifierKeyRetired(Contract):
    """No kept letter is sealed to this key any more: the notifier announces another and destroys this one."""

    type = "notifier.key.retired.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("notifier",)
    fingerprint = _hash()


class Section(Schema):
    """One behaviour of a questionnaire: the aspect it feeds and its item codes in order."""

    aspect = Text(required=True, shortest=1, longest=64)
    title = fields.Dict(keys=fields.String(), values=Text(longest=200), required=True)
    leadership_only = fields.Boolean(required=True)
    items = fields.List(Text(shortest=1, longest=64), required=True, validate=validate.Length(min=1))


class QuestionnaireSummary(Schema):
    """What scoring needs of a questionnaire. Answers are 1 to ``points`` or 0 for not seen, in item order."""

    code = Text(required=True, longest=64)
    version = _count(1)
    digest = _hash()
    points = StrictInteger(required=True, validate=validate.Range(min=2, max=10))
    sections = fields.List(fields.Nested(Section), required=True, validate=validate.Length(min=1))


class RoundLaunched(Contract):
    """A round exists; scoring makes its key pair and expects ``roster_parts`` parts of the roster."""

    type = "round.launched.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("scoring",)
    round_id = _id()
    name = Text(required=True, longest=200)
    period = fields.Nested(Period, required=True)
    questionnaire = fields.Nested(QuestionnaireSummary, required=True)
    policy = Text(required=True, longest=64)
    threshold = StrictInteger(required=True, validate=validate.Range(min=1, max=20))
    ratees = _count()
    roster_parts = _count()


class Official(Schema):
    """Somebody who holds an office over the ratee: the assessor, or the assessor's superior."""

    number = Text(required=True, shortest=1, longest=64, metadata={"description": "employee number (NIP)"})
    name = Text(required=True, longest=200)


class RosterRatee(Schema):
    """One ratee, without anybody who was asked. ``invited`` counts invitations by relation.

    ``assessor`` and ``superior`` come from the organisation chart, whether they were asked or not.
    """

    ratee = _ratee()
    name = Text(required=True, longest=200)
    unit = Text(required=True, longest=200)
    tier = Text(required=True, longest=32)
    leadership = fields.Boolean(required=True)
    assessor = fields.Nested(Official, required=True, allow_none=True)
    superior = fields.Nested(Official, required=True, allow_none=True)
    invited = fields.Dict(keys=fields.String(validate=validate.OneOf(RELATIONS)), values=_count(), required=True)


def _sound_ratee(entry: Any) -> bool:
    """Whether ``RosterRatee`` has nothing to say about an entry; False when only it can tell."""
    return (
        isinstance(entry, dict)
        and entry.keys() == _RATEE_FIELDS
        and _said(entry["ratee"], 1, 64)
        and _said(entry["name"], 0, 200)
        and _said(entry["unit"], 0, 200)
        and _said(entry["tier"], 0, 32)
        and isinstance(entry["leadership"], bool)
        and _sound_official(entry["assessor"])
        and _sound_official(entry["superior"])
        and isinstance(entry["invited"], dict)
        and all(name in RELATIONS and type(count) is int and count >= 0 for name, count in entry["invited"].items())
    )


def _sound_official(given: Any) -> bool:
    if given is None:
        return True
    known = isinstance(given, dict) and given.keys() == _OFFICIAL_FIELDS
    return known and _said(given["number"], 1, 64) and _said(given["name"], 0, 200)


def _said(value: Any, shortest: int, longest: int) -> bool:
    """Text that can be printed has neither NUL nor a lone surrogate."""
    return isinstance(value, str) and shortest <= len(value) <= longest and value.isprintable()


_RATEE_FIELDS, _OFFICIAL_FIELDS = set(RosterRatee._declared_fields), set(Official._declared_fields)


class RoundRoster(Contract):
    """One part of the roster, at most 500 ratees; parts are numbered from 1."""

    type = "round.roster.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("scoring",)
    round_id = _id()
    part = _count(1)
    parts = _count(1)
    ratees = SoundList(
        fields.Nested(RosterRatee), sound=_sound_ratee, required=True, validate=validate.Length(min=1, max=500)
    )


class RoundKey(Contract):
    """The public key of a round: ballots are sealed to it. The survey service takes the first, refuses another."""

    type = "round.key.v1"
    exchange = PRIVATE
    source = "scoring"
    listeners = ("survey",)
    round_id = _id()
    public_key = _blob(200)
    fingerprint = _hash()


class LetterRequested(Contract):
    """Mail this sealed letter, naming only the ``pending`` invitations of it; a ``slip`` is kept to be printed."""

    type = "letter.requested.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("notifier",)
    letter_id = _id()
    round_id = _id()
    kind = fields.String(required=True, validate=validate.OneOf((*MAIL_KINDS, SLIP)))
    sealed = _blob(2_000_000)
    fingerprint = _hash()
    pending = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1))
    not_before = _moment()
    round_name = Text(required=True, longest=200)
    authority = Text(required=True, longest=300, metadata={"description": "on which letter's authority"})
    contact = Text(required=True, longest=300, metadata={"description": "whom a rater may ask"})
    closes_at = _moment()
    timezone = Text(required=True, longest=64)
    threshold = StrictInteger(required=True, validate=validate.Range(min=1, max=20))
    address = fields.String(
        validate=(validate.Length(1, 2000), validate.Regexp(r"^[A-Za-z0-9_-]+\Z")),
        metadata={"description": "the rater's present address, sealed like the letter; else the one in the letter"},
    )
    message = fields.Dict(
        keys=fields.String(validate=validate.OneOf(("id", "en"))),
        values=Text(longest=800),
        metadata={"description": "what the agency adds in its own words, by language"},
    )


class MailAccepted(Contract):
    """A mail server took the mail; that is not delivery."""

    type = "mail.accepted.v1"
    exchange = PRIVATE
    source = "notifier"
    listeners = ("survey",)
    letter_id = _id()
    kind = _mail_kind()


class MailRefused(Contract):
    """The mail was not taken: ``permanent`` (bad address), ``temporary`` (tries used up) or ``technical``."""

    type = "mail.refused.v1"
    exchange = PRIVATE
    source = "notifier"
    listeners = ("survey",)
    letter_id = _id()
    kind = _mail_kind()
    reason = fields.String(required=True, validate=validate.OneOf(("permanent", "temporary", "technical")))
    status = Text(required=True, longest=16, metadata={"description": "SMTP status such as 550 or 5.1.1"})


class NoticeRequested(Contract):
    """Have a link mailed to ``person``; what is ``sealed`` (the link, about whom) only the notifier can read."""

    type = "notice.requested.v1"
    exchange = PRIVATE
    source = "scoring"
    listeners = ("survey",)
    notice_id = _id()
    round_id = _id()
    round_name = Text(required=True, longest=200)
    person = Text(required=True, shortest=1, longest=64, metadata={"description": "employee number (NIP)"})
    kind = fields.String(required=True, validate=validate.OneOf(NOTICE_KINDS))
    sealed = _blob(20_000)
    fingerprint = _hash()
    not_after = _moment()
    timezone = Text(required=True, longest=64)


class NoticeAddressed(Contract):
    """The same notice with the person's address: both parts are sealed to the notifier, each by who knows it."""

    type = "notice.addressed.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("notifier",)
    notice_id = _id()
    round_id = _id()
    round_name = Text(required=True, longest=200)
    kind = fields.String(required=True, validate=validate.OneOf(NOTICE_KINDS))
    sealed = _blob(20_000)
    address = _blob(20_000)
    fingerprint = _hash()
    not_after = _moment()
    contact = Text(required=True, longest=300, metadata={"description": "whom the reader may ask"})
    timezone = Text(required=True, longest=64)


class NoticeMailed(Contract):
    """What became of a notice: taken by a mail server, or not (``permanent``: there is no address that works)."""

    type = "notice.mailed.v1"
    exchange = PRIVATE
    source = "notifier"
    listeners = ("scoring",)
    notice_id = _id()
    outcome = fields.String(
        required=True, validate=validate.OneOf(("accepted", "permanent", "temporary", "technical"))
    )


class _RoundPublic(Contract):
    exchange = PUBLIC
    source = "survey"
    round_id = _id()
    name = Text(required=True, longest=200)
    period = fields.Nested(Period, required=True)


class RoundOpened(_RoundPublic):
    """Answering has begun."""

    type = "round.opened.v1"
    closes_at = _moment()
    ratees = _count()
    invited = _count()


class RoundClosed(_RoundPublic):
    """Answering has ended; ``merkle_root`` commits to every sealed ballot."""

    type = "round.closed.v1"
    ratees = _count()
    invited = _count()
    answered = _count()
    declined = _count()
    merkle_root = _hash()


class RoundCancelled(_RoundPublic):
    """The round was given up; no score will come of it."""

    type = "round.cancelled.v1"


class RoundAbandoned(Contract):
    """The same for scoring, signed: the private key of a cancelled round is destroyed unused."""

    type = "round.abandoned.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("scoring",)
    round_id = _id()


class BallotsSealed(Contract):
    """All boxes of one ratee, also when empty: ballots by relation, each list sorted by SHA-256."""

    type = "ballots.sealed.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("scoring",)
    round_id = _id()
    ratee = _ratee()
    boxes = fields.Dict(
        keys=fields.String(validate=validate.OneOf(RELATIONS)),
        values=fields.List(_blob(10_000)),
        required=True,
    )


class RoundSealed(Contract):
    """The manifest: how many messages and ballots there are, and the Merkle root of the ballot hashes."""

    type = "round.sealed.v1"
    exchange = PRIVATE
    source = "survey"
    listeners = ("scoring",)
    round_id = _id()
    messages = _count()
    ballots = _count()
    merkle_root = _hash()


class RoundCounted(Contract):
    """The manifest is reconciled and the round key destroyed; boxes may go."""

    type = "round.counted.v1"
    exchange = PRIVATE
    source = "scoring"
    listeners = ("survey",)
    round_id = _id()
    merkle_root = _hash()
    counted = _count()
    refused = _count()


class RoundKeyDestroyed(Contract):
    """The key of a cancelled round is destroyed; that of a counted one is when it is counted."""

    type = "round.key.destroyed.v1"
    exchange = PRIVATE
    source = "scoring"
    listeners = ("survey",)
    round_id = _id()
    fingerprint = _hash()


class RoundAdvanced(Contract):
    """Scoring has come further with a round; the states only go forward, messages may come in any order."""

    type = "round.advanced.v1"
    exchange = PRIVATE
    source = "scoring"
    listeners = ("survey",)
    round_id = _id()
    state = fields.String(required=True, validate=validate.OneOf(ADVANCED))


class GroupBands(Schema):
    """How many of a group were invited and answered, as bands."""

    invited = _band()
    answered = _band()


class SurveyCompleted(Contract):
    """The survey of one ratee is complete (the round closed). One per ratee."""

    type = "survey.completed.v1"
    exchange = PUBLIC
    source = "survey"
    round_id = _id()
    ratee = _ratee()
    period = fields.Nested(Period, required=True)
    groups = fields.Dict(
        keys=fields.String(validate=validate.OneOf(RELATIONS)),
        values=fields.Nested(GroupBands),
        required=True,
    )


class PolicyReference(Schema):
    """Which rules made the number: policy id, its version and the SHA-256 of its file."""

    id = Text(required=True, longest=64)
    version = _count(1)
    digest = _hash()


class AspectValue(Schema):
    """The value of one behaviour, or null with the reason why it is hidden."""

    aspect = Text(required=True, longest=64)
    value = DecimalText(required=True, allow_none=True)
    hidden = Text(required=True, allow_none=True, longest=64)


class QuestionnaireReference(Schema):
    """Which questionnaire was answered: code, version and the SHA-256 of its content."""

    code = Text(required=True, longest=64)
    version = _count(1)
    digest = _hash()


class Rounding(Schema):
    """How the total is rounded before banding, and the step of what stands beside the official value."""

    banding = Text(required=True, longest=16)
    shown_step = DecimalText(required=True)


class Provenance(Schema):
    """How the number was made; the package of the score holds the inputs that `inputs_digest` belongs to."""

    questionnaire = fields.Nested(QuestionnaireReference, required=True)
    rounding = fields.Nested(Rounding, required=True)
    inputs_digest = _hash()


class _Score(Contract):
    exchange = PUBLIC
    source = "scoring"
    round_id = _id()
    ratee = _ratee()
    period = fields.Nested(Period, required=True)
    version = _count(1)
    policy = fields.Nested(PolicyReference, required=True)


class BehaviourScored(_Score):
    """A released behaviour score. ``total`` and ``predicate`` are null without a work result.

    ``behaviour`` is null under a policy whose assessor chooses a ``category`` instead.
    """

    type = "behaviour.scored.v1"
    status = fields.String(required=True, validate=validate.OneOf(("released", "final")))
    behaviour = DecimalText(required=True, allow_none=True)
    aspects = fields.List(fields.Nested(AspectValue), required=True)
    total = DecimalText(required=True, allow_none=True)
    predicate = Text(required=True, allow_none=True, longest=64)
    category = Text(required=True, allow_none=True, longest=64)
    weights = fields.Dict(keys=fields.String(), values=DecimalText(), required=True)
    n = fields.Dict(keys=fields.String(validate=validate.OneOf(GROUPS)), values=_band(), required=True)
    hidden = fields.List(Text(longest=64), required=True, metadata={"description": "groups not shown"})
    flags = fields.List(Text(longest=64), required=True)
    ratings = fields.Dict(
        keys=Text(longest=64),
        values=Text(longest=64),
        required=True,
        metadata={"description": "category per behaviour, where an assessor chooses"},
    )
    external_codes = fields.Dict(keys=fields.String(), values=StrictInteger(), required=True)
    provenance = fields.Nested(Provenance, required=True)


class BehaviourHeld(_Score):
    """No number may be released, and why."""

    type = "behaviour.held.v1"
    reason = fields.String(required=True, validate=validate.OneOf(HELD_REASONS))


class BehaviourCorrected(BehaviourScored):
    """A score after an objection; ``supersedes`` is the version it replaces."""

    type = "behaviour.corrected.v1"
    supersedes = _count(1)
    legal_basis = Text(required=True, longest=300)


class RoundReleased(Contract):
    """All scores of a round were published: how many events, and the digest of their ids for reconciliation."""

    type = "round.released.v1"
    exchange = PUBLIC
    source = "scoring"
    round_id = _id()
    period = fields.Nested(Period, required=True)
    scored = _count()
    held = _count()
    ids_digest = _hash()


class RoundFinal(RoundReleased):
    """The time for objections is over: how many scores stand, and the digest of the ids of their newest events."""

    type = "round.final.v1"


CONTRACTS: Mapping[str, type[Contract]] = {
    contract.type: contract
    for contract in (
        NotifierKey,
        NotifierKeyRetired,
        RoundLaunched,
        RoundRoster,
        RoundKey,
        LetterRequested,
        MailAccepted,
        MailRefused,
        NoticeRequested,
        NoticeAddressed,
        NoticeMailed,
        RoundOpened,
        RoundClosed,
        RoundCancelled,
        RoundAbandoned,
        BallotsSealed,
        RoundSealed,
        RoundCounted,
        RoundKeyDestroyed,
        SlipsPrinted,
        RoundAdvanced,
        SurveyCompleted,
        BehaviourScored,
        BehaviourHeld,
        BehaviourCorrected,
        RoundReleased,
        RoundFinal,
    )
}


def heard_by(service: str) -> tuple[type[Contract], ...]:
    """The contracts that one of our services consumes."""
    return tuple(contract for contract in CONTRACTS.values() if service in contract.listeners)


ContractClass = type[Contract]


class BadEvent(ValueError):
    """The data does not fit the contract of its type."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that happened. ``data`` is what marshmallow loads: UUIDs, dates and datetimes are objects."""

    type: str
    id: str
    subject: str
    """The round, or ``round/ratee`` or the letter: what a log may name."""
    time: datetime
    data: Mapping[str, Any]
    _written: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def make(
        cls, contract: ContractClass, *, id: str, subject: str, time: datetime, data: Mapping[str, Any]
    ) -> "Event":
        """A new event, checked against its own schema. Raises ``BadEvent``."""
        if invented := set(data) - set(_schema(contract.type).fields):
            raise BadEvent(f"{contract.type}: has no {', '.join(sorted(invented))}")
        written = cls(contract.type, id, subject, time, data).plain()
        read(contract.type, written, strict=True)
        return cls(contract.type, id, subject, time, data, written)

    def plain(self) -> dict[str, Any]:
        """``data`` as JSON types."""
        if self._written is not None:
            return self._written
        dumped: dict[str, Any] = _schema(self.type).dump(self.data)
        return dumped


_SCHEMAS: Mapping[str, Schema] = {name: contract() for name, contract in CONTRACTS.items()}


def _schema(kind: str) -> Schema:
    try:
        return _SCHEMAS[kind]
    except KeyError:
        raise BadEvent(f"unknown event type {kind!r}") from None


def read(kind: str, data: Any, *, strict: bool = False) -> Mapping[str, Any]:
    """JSON types to objects; raises ``BadEvent``. Unknown fields are ignored unless ``strict``."""
    try:
        loaded: Mapping[str, Any] = _schema(kind).load(data, unknown=RAISE if strict else EXCLUDE)
    except ValidationError as error:
        raise BadEvent(f"{kind}: {error.messages_dict}") from error
    return loaded
