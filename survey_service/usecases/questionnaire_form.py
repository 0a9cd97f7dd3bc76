"""What a questionnaire must look like to be stored."""

from collections import Counter
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.fields import StrictInteger, Text

_CODE = validate.Regexp(r"^[a-z][a-z0-9_]*\Z", error="Use small letters, digits and underscores.")
MOST_ITEMS = 255
"""A ballot has one byte per item; nobody answers more anyway."""


class Words(Schema):
    """The same words in both languages."""

    id = Text(required=True, shortest=1, longest=1000)
    en = Text(required=True, shortest=1, longest=1000)


class Label(Schema):
    """The words of the answer that is no number."""

    label = fields.Nested(Words, required=True)


class Point(Label):
    """One point of the scale in words."""

    value = StrictInteger(required=True)


class Item(Schema):
    """One statement that raters answer."""

    code = Text(required=True, shortest=1, longest=64, validate=_CODE)
    text = fields.Nested(Words, required=True)


class SectionForm(Schema):
    """One behaviour and its items."""

    aspect = Text(required=True, shortest=1, longest=64, validate=_CODE)
    title = fields.Nested(Words, required=True)
    definition = fields.Nested(Words, required=True)
    leadership_only = fields.Boolean(required=True, truthy={True}, falsy={False})
    items = fields.List(fields.Nested(Item), required=True, validate=validate.Length(min=1, max=50))


class QuestionnaireForm(Schema):
    """A whole questionnaire."""

    code = Text(required=True, shortest=1, longest=64, validate=_CODE)
    version = StrictInteger(required=True, validate=validate.Range(min=1, max=10_000))
    title = fields.Nested(Words, required=True)
    points = StrictInteger(required=True, validate=validate.Range(min=2, max=10))
    scale = fields.List(fields.Nested(Point), required=True)
    not_seen = fields.Nested(Label, required=True)
    sections = fields.List(fields.Nested(SectionForm), required=True, validate=validate.Length(min=1, max=30))

    @validates_schema
    def check_whole(self, data: dict[str, Any], **_: Any) -> None:
        """The scale names every point once and in order; no aspect or item code comes twice."""
        if [point["value"] for point in data["scale"]] != list(range(1, data["points"] + 1)):
            raise ValidationError(f"Name the points 1 to {data['points']} in order.", "scale")
        aspects = Counter(section["aspect"] for section in data["sections"])
        items = Counter(item["code"] for section in data["sections"] for item in section["items"])
        twice = sorted(code for counter in (aspects, items) for code, count in counter.items() if count > 1)
        if twice:
            raise ValidationError(f"These codes come twice: {', '.join(twice)}.", "sections")
        if items.total() > MOST_ITEMS:
            raise ValidationError(f"At most {MOST_ITEMS} items fit in a ballot.", "sections")
