"""Appraise one person from typed values: to try a policy before a round, by command or by HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from scoring_service.domain.engine import Appraisal, Fault, Given, appraise, value_faults
from scoring_service.domain.policy import Policy
from scoring_service.domain.tally import typed
from scoring_service.policies.schema import Number
from shared.errors import Problem, Refused, invalid
from shared.fields import StrictInteger, Text

RELATION_OF = {"supervisor": "supervisor", "peers": "peer", "subordinates": "subordinate", "self": "self"}
"""Key of the input to relation."""
_DIRECT = ("aspects", "behaviour", "feedback_mean", "assessor_category", "work_result", "new_idea", "leadership")


class _TypedNumber(Number):
    """An exact number; JSON that was read with binary floats is taken by the digits that were written."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Fraction:
        return super()._deserialize(str(value) if isinstance(value, float) else value, attr, data, **kwargs)


class _WorkResult(fields.Field[Fraction | str]):
    """A number, or a category for policies with a matrix."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Fraction | str:
        try:
            number: Fraction = _TypedNumber().deserialize(value)
            return number
        except ValidationError:
            if not isinstance(value, str):
                raise ValidationError("Neither a number nor a category.") from None
            word: str = Text(shortest=1, longest=64).deserialize(value)
            return word


def _values() -> fields.List[Fraction]:
    return fields.List(_TypedNumber(), load_default=list, validate=validate.Length(max=1000))


class Invited(Schema):
    """How many were asked; as many as answered where nothing is said."""

    class Meta:
        """Unknown keys are faults."""

        unknown = RAISE

    peers = StrictInteger(validate=validate.Range(min=0))
    subordinates = StrictInteger(validate=validate.Range(min=0))


class AppraisalInput(Schema):
    """One appraisal: values per rater on the policy's scale, or the assessor's aspects, or a settled value."""

    class Meta:
        """Unknown keys are faults."""

        unknown = RAISE

    supervisor = _values()
    peers = _values()
    subordinates = _values()
    self = _values()
    invited = fields.Nested(Invited, load_default=dict)
    aspects = fields.List(_TypedNumber(), load_default=None)
    behaviour = _TypedNumber(load_default=None, allow_none=True)
    feedback_mean = _TypedNumber(load_default=None, allow_none=True)
    assessor_category = Text(load_default=None, allow_none=True, longest=64)
    work_result = _WorkResult(load_default=None, allow_none=True)
    new_idea = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    leadership = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    threshold = StrictInteger(load_default=None, validate=validate.Range(min=1, max=20))


def preview(policy: Policy, data: object) -> dict[str, Any]:
    """Appraise one input (the keys of ``AppraisalInput``) and tell value, path and predicate.

    Numbers come back as decimal text. Raises ``Refused`` (invalid) with every fault of the input.
    """
    if not isinstance(data, Mapping):
        raise _refusal([Problem("input", "must be a JSON object")])
    checked, problems = _checked(data)
    values = _Values.of(checked)
    appraisal = appraise(policy, values.given(policy, checked))
    problems += [Problem(fault.where, fault.message) for fault in (*values.faults(policy), *appraisal.faults)]
    if problems:
        raise _refusal(problems)
    return {"policy": {"id": policy.id, "version": policy.version, "digest": policy.digest}} | appraisal.to_json()


def refused(refusal: Refused) -> dict[str, Any]:
    """The same form for an input or policy that is refused: status, reason in words, and no number."""
    faults = [{"where": fault.where, "message": fault.message} for fault in refusal.problems]
    reason = "; ".join(f"{fault['where']}: {fault['message']}" for fault in faults) or refusal.detail
    nothing = {**Appraisal("refused").to_json(), "reason": reason}
    return {"policy": None, **nothing, "code": refusal.code, "errors": faults}


@dataclass(frozen=True, slots=True)
class _Values:
    """Typed values by key of the input, and how many were asked."""

    by_key: Mapping[str, Sequence[Fraction]]
    invited: Mapping[str, int]

    @classmethod
    def of(cls, checked: Mapping[str, Any]) -> "_Values":
        by_key = {key: checked[key] for key in RELATION_OF}
        asked = {key: checked["invited"].get(key, len(values)) for key, values in by_key.items()}
        return cls(by_key, asked)

    def faults(self, policy: Policy) -> list[Fault]:
        """Values off the scale (of relations that count or are compared) and more answers than invitations."""
        found = []
        for key, values in self.by_key.items():
            if policy.use(RELATION_OF[key]) != "absent":
                found += value_faults(policy, key, "value", values, stepped=False)
            if len(values) > self.invited[key]:
                found.append(Fault(f"invited.{key}", f"{len(values)} answered, so at least as many were invited"))
        return found

    def given(self, policy: Policy, checked: Mapping[str, Any]) -> Given:
        threshold = checked["threshold"] or policy.raters.threshold
        folded = typed({RELATION_OF[key]: values for key, values in self.by_key.items()}, policy, threshold)
        rest = (
            "aspects",
            "behaviour",
            "feedback_mean",
            "assessor_category",
            "work_result",
            "new_idea",
            "leadership",
        )
        invited = {RELATION_OF[key]: count for key, count in self.invited.items()}
        return Given(folded=folded, invited=invited, **{key: checked[key] for key in rest})


def _checked(data: Mapping[Any, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The keys that are well formed (the others empty), and what is wrong with the rest."""
    schema = AppraisalInput()
    try:
        return dict(schema.load(dict(data))), []
    except ValidationError as error:
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        sound = {key: value for key, value in valid.items() if key not in error.messages_dict}
        return {**schema.load({}), **sound}, _problems(error)


def _problems(error: ValidationError) -> list[Problem]:
    found = []
    for key, messages in error.messages_dict.items():
        inner = messages if isinstance(messages, Mapping) else {"": messages}
        for place, said in inner.items():
            where = f"{key}, number {place + 1}" if isinstance(place, int) else f"{key}.{place}".rstrip(".")
            found += [Problem(where, str(message)) for message in said]
    return found


def _refusal(problems: Sequence[Problem]) -> Refused:
    return invalid("appraisal_invalid", "The input cannot be appraised.", problems)
