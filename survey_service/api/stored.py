"""What is stored, for anybody who asks."""

from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields

from shared.stored import statement
from shared.web.access import open_to_all
from survey_service.api.calls import context


class WordsOut(Schema):
    """The same in Indonesian and in English."""

    id = fields.String(required=True)
    en = fields.String(required=True)


class ColumnOut(Schema):
    """Columns that belong together, and what they hold."""

    names = fields.List(fields.String(), required=True)
    holds = fields.Nested(WordsOut, required=True)


class TableOut(Schema):
    """One table of one service; ``about`` is whom it tells something of: raters, ratees, staff or nobody."""

    service = fields.String(required=True)
    table = fields.String(required=True)
    about = fields.String(required=True)
    what = fields.Nested(WordsOut, required=True)
    until = fields.Nested(WordsOut, required=True)
    columns = fields.List(fields.Nested(ColumnOut), required=True)


class StoredOut(Schema):
    """``separated``: whether the services run apart, or one operator holds everything on one disk."""

    separated = fields.Boolean(required=True)
    tables = fields.List(fields.Nested(TableOut), required=True)


def make() -> Blueprint:
    """The call about what is stored."""
    calls = Blueprint("api_stored", __name__, url_prefix="/api/v1", description="What is stored")

    @calls.route("/stored")
    @calls.doc(summary="Every table and column of all services, in plain words; no key needed", security=[])
    @calls.response(200, StoredOut)
    @open_to_all
    def show_stored() -> Any:
        return {"separated": context().settings.separated, "tables": statement()}

    return calls
