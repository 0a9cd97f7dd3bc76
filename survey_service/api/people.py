"""People and units."""

from typing import Any

from flask import request
from flask_smorest import Blueprint
from werkzeug.exceptions import UnsupportedMediaType

from shared.database import reading, transaction
from survey_service.api.calls import actor, call, engine, now
from survey_service.api.schemas import ImportQuery, ImportResult, Page, People, PeoplePage, Units
from survey_service.usecases import people

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILE = {
    "required": True,
    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (CSV, XLSX)},
}


def make() -> Blueprint:
    """The calls about people and units."""
    calls = Blueprint("api_people", __name__, url_prefix="/api/v1", description="People and units")

    @calls.route("/people/import", methods=["POST"])
    @call(calls, "people:write", 413, 415, 422)
    @calls.doc(requestBody=_FILE, summary="Import the people file; the same file again changes nothing")
    @calls.arguments(ImportQuery, location="query")
    @calls.response(200, ImportResult)
    def import_people(query: dict[str, Any]) -> dict[str, Any]:
        if request.mimetype not in (CSV, XLSX):
            raise UnsupportedMediaType(f"Send the file as {CSV} (UTF-8) or {XLSX}.")
        content = request.get_data(cache=False)
        if query["dry_run"]:
            with reading(engine()) as session:
                return _result(people.import_people(session, content, now(), actor(), **query))
        with transaction(engine()) as session:
            return _result(people.import_people(session, content, now(), actor(), **query))

    @calls.route("/people")
    @call(calls, "people:read", 422)
    @calls.doc(summary="People by employee number")
    @calls.arguments(PeoplePage, location="query")
    @calls.response(200, People)
    def list_people(query: dict[str, Any]) -> dict[str, Any]:
        with reading(engine()) as session:
            found = people.listing(session, query["after"], query["limit"], query["unit"])
        return {"items": found, "next": found[-1].number if len(found) == query["limit"] else None}

    @calls.route("/units")
    @call(calls, "people:read", 422)
    @calls.doc(summary="Units by name")
    @calls.arguments(Page, location="query")
    @calls.response(200, Units)
    def list_units(query: dict[str, Any]) -> dict[str, Any]:
        with reading(engine()) as session:
            found = people.units(session, query["after"], query["limit"])
        return {"items": found, "next": found[-1].name if len(found) == query["limit"] else None}

    return calls


def _result(imported: people.Imported) -> dict[str, Any]:
    changes = imported.changes
    return {
        "dry_run": imported.dry_run,
        "new": changes.new,
        "changed": [{"number": number, "fields": names} for number, names in changes.changed.items()],
        "unchanged": changes.unchanged,
        "absent": changes.absent,
        "units": imported.units,
    }
