"""Marshmallow fields that are as strict as a database: used by events and by both HTTP APIs."""

import re
from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate

_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


class StrictInteger(fields.Integer):
    """An integer; 3.0 is accepted, 1.5, "3" and true are not (marshmallow would turn 1.5 into 1)."""

    def _validated(self, value: Any) -> int:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise self.make_error("invalid", input=value)
        return int(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        """As it is: what is not an integer must not become one on the way out either."""
        return value


class Text(fields.String):
    """Text without NUL (PostgreSQL refuses it) and without lone surrogates, at most ``longest`` characters."""

    def __init__(self, *, longest: int = 200, shortest: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.insert(0, validate.Length(min=shortest, max=longest))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if _FORBIDDEN.search(text):
            raise ValidationError("Contains a character that cannot be stored.")
        return text


class DecimalText(Text):
    """An exact decimal carried as a string, such as ``"95.424"``: never a float, at most 40 characters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=40, **kwargs)
        self.validators.append(validate.Regexp(r"^-?\d+(\.\d+)?\Z", error="Not a decimal such as 95.424."))


class SoundList(fields.List[Any]):
    """A long list of objects of JSON types; ``sound`` is a quick look that passes only what no field objects to.

    A list of which all are sound is taken as it is; marshmallow goes through any other and says what is wrong.
    """

    def __init__(self, inner: Any, *, sound: Callable[[Any], bool], **kwargs: Any) -> None:
        super().__init__(inner, **kwargs)
        self._sound = sound

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and all(map(self._sound, value)):
            return value
        return super()._deserialize(value, attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> list[Any] | None:
        if isinstance(value, list) and all(map(self._sound, value)):
            return value
        return super()._serialize(value, attr, obj, **kwargs)
