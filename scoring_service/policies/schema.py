"""The form of a policy file. Unknown keys are faults; numbers are exact (floats are read as decimals)."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from scoring_service.domain.policy import OTHERS, RELATIONS
from shared.fields import StrictInteger, Text

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


class Number(fields.Field[Fraction]):
    """An exact number: an integer, a decimal, or a decimal as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Fraction:
        plain = isinstance(value, int | Decimal | str) and not isinstance(value, bool)
        if not plain or not _DECIMAL.fullmatch(str(value)):
            raise ValidationError("Not a decimal number.")
        return Fraction(str(value))


class Strict(Schema):
    """A table of the file."""

    class Meta:
        """A key that nobody reads is a mistake."""

        unknown = RAISE


def _code() -> Text:
    return Text(required=True, shortest=1, longest=64)


def _choice(*names: str, **kwargs: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(names), **kwargs)


def _words(**kwargs: Any) -> fields.Dict:
    return fields.Dict(keys=Text(shortest=1, longest=64), values=Text(shortest=1, longest=500), **kwargs)


def _some() -> validate.Length:
    return validate.Length(min=1, error="Give at least one.")


def _point() -> fields.List[Fraction]:
    return fields.List(Number(), validate=validate.Length(equal=2, error="Not a point [x, y]."))


class Titles(Strict):
    """A title in both languages."""

    id = Text(required=True, shortest=1)
    en = Text(required=True, shortest=1)


class ScaleSchema(Strict):
    """The working scale."""

    low = Number(required=True)
    high = Number(required=True)
    step = Number(load_default=None)


class AnswersSchema(Strict):
    """From answers to the working scale."""

    method = _choice("share", "min_max", "identity", "table", required=True)
    table = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[1-9][0-9]?\Z", error="Not a level such as 1.")),
        values=Number(),
        load_default=dict,
    )


class AspectSchema(Strict):
    """One behaviour."""

    code = _code()
    title = fields.Nested(Titles, required=True)
    weight = Number(load_default=Fraction(1))
    applies = _choice("always", "leadership", load_default="always")


class GroupSchema(Strict):
    """One relation of raters."""

    use = _choice("counted", "comparator", "absent", required=True)
    every_aspect = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class RatersSchema(Strict):
    """Who counts and how much."""

    groups = fields.Dict(
        keys=fields.String(validate=validate.OneOf(RELATIONS)), values=fields.Nested(GroupSchema), required=True
    )
    pooled = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    order = _choice("raters_first", "items_first", load_default="raters_first")
    threshold = StrictInteger(load_default=3, validate=validate.Range(min=3, max=20))
    absent_group = _choice("table", "partner", "renormalise", "hold", load_default="table")
    below_threshold = _choice("hold", "assessor_only", load_default="hold")
    none_eligible = _choice("hold", "assessor_only", load_default="hold")
    weights = fields.List(
        fields.Dict(keys=fields.String(validate=validate.OneOf((*RELATIONS, OTHERS))), values=Number()),
        required=True,
        validate=_some(),
    )


class CombinationSchema(Strict):
    """Behaviour with the work result."""

    method = _choice("none", "weighted", "matrix", required=True)
    work_result = Number(load_default=Fraction(0))
    behaviour = Number(load_default=Fraction(0))
    cap = Number(load_default=None)
    matrix = fields.Dict(
        keys=Text(), values=fields.Dict(keys=Text(), values=Text(shortest=1, longest=64)), load_default=dict
    )


class BandSchema(Strict):
    """A predicate or category and where it holds."""

    name = _code()
    at_least = Number(load_default=None)
    above = Number(load_default=None)
    at_most = Number(load_default=None)
    below = Number(load_default=None)
    requires = fields.List(fields.String(validate=validate.OneOf(("new_idea",))), load_default=list)


class CodeSchema(Strict):
    """A field of an outside system."""

    source = _choice("work_result", "behaviour", required=True)
    codes = fields.Dict(keys=Text(), values=StrictInteger(), required=True)


class LimitSchema(Strict):
    """A limit on a distribution, shares in percent."""

    predicates = fields.List(_code(), required=True, validate=_some())
    at_least = Number(load_default=Fraction(0))
    at_most = Number(load_default=Fraction(100))
    organisation = Text(load_default=None, longest=64)


class PolicySchema(Strict):
    """A whole policy file."""

    id = Text(required=True, validate=validate.Regexp(r"^[a-z0-9-]{1,64}\Z", error="Lower case, digits, hyphens."))
    version = StrictInteger(required=True, validate=validate.Range(min=1))
    title = fields.Nested(Titles, required=True)
    regime = _code()
    legal_basis = _words(required=True)
    scale = fields.Nested(ScaleSchema, required=True)
    answers = fields.Nested(AnswersSchema, required=True)
    aspects = fields.List(fields.Nested(AspectSchema), required=True, validate=_some())
    raters = fields.Nested(RatersSchema, required=True)
    behaviour_by = _choice("value", "assessor", load_default="value")
    combination = fields.Nested(CombinationSchema, required=True)
    banding = _choice("none", "half_up", "half_even", load_default="none")
    bands = fields.List(fields.Nested(BandSchema), load_default=list)
    categories = fields.List(fields.Nested(BandSchema), load_default=list)
    category_names = fields.List(_code(), load_default=list)
    external_codes = fields.Dict(keys=_code(), values=fields.Nested(CodeSchema), load_default=dict)
    predicate_codes = fields.Dict(
        keys=_code(), values=fields.Dict(keys=Text(), values=StrictInteger()), load_default=dict
    )
    limits = fields.List(fields.Nested(LimitSchema), load_default=list)
    conversions = fields.Dict(keys=_code(), values=fields.List(_point()), load_default=dict)
    objection_days = StrictInteger(load_default=14, validate=validate.Range(min=1, max=90))
    shown_step = Number(required=True)
