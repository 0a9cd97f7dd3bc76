from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from shared import audit
from shared.config import load
from shared.service import Context
from shared.web.access import SCOPES_OF, create_client
from shared.web.app import create_app
from survey_service.service import build
from tests.integration.survey.conftest import Office
from tests.people_files import agency, cells, csv_file, nip

SCOPES = SCOPES_OF["survey"]


class Api:
    """A program that calls with its key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {key}"}

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        return self.client.open(f"/api/v1{path}", method=method, headers=self.headers, **kwargs)

    def upload(self, content: bytes, query: str = "", kind: str = "text/csv") -> Any:
        return self.call("POST", f"/people/import{query}", data=content, content_type=kind)


@pytest.fixture
def client(office: Office, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    settings = load({"CERMIN_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    context = Context(settings, office.engine, lambda: office.now)
    return create_app(build(context), context).test_client()


@pytest.fixture
def api(office: Office, client: FlaskClient) -> Api:
    return Api(client, office.do(create_client, "hris", SCOPES, office.now))


def form(api: Api, **changes: Any) -> dict[str, Any]:
    found = {one["code"]: one["id"] for one in api.call("GET", "/questionnaires").json["items"]}
    values = {
        "name": "Semester II 2026",
        "period_start": "2026-07-01",
        "period_end": "2026-12-31",
        "opens_at": "2026-11-24T08:00:00+07:00",
        "closes_at": "2026-12-01T16:00:00+07:00",
        "timezone": "Asia/Jakarta",
        "questionnaire_id": found["pp30"],
        "policy": "pp30-360",
        "threshold": 3,
        "groups": {"supervisor": {"minimum": 1}, "peer": {"minimum": 3, "target": 5, "maximum": 8}},
        "authority": "Surat Edaran 1/2026",
        "contact": "BKD",
    }
    return values | changes


def test_a_round_from_people_to_close(office: Office, api: Api) -> None:
    office.meet_notifier()
    assert api.upload(csv_file(*agency())).json["new"] == [nip(number) for number in range(25)]
    made = api.call("POST", "/rounds", json=form(api))
    assert made.status_code == 201 and made.json["state"] == "draft" and made.json["revision"] == 1
    round_id = made.json["id"]
    assert made.headers["Location"].endswith(f"/api/v1/rounds/{round_id}")
    edited = api.call("PATCH", f"/rounds/{round_id}", json={"revision": 1, "threshold": 4})
    assert (edited.json["threshold"], edited.json["revision"]) == (4, 2)
    preview = api.call("GET", f"/rounds/{round_id}/preview").json
    launched = api.call("POST", f"/rounds/{round_id}/launch").json
    assert launched["ratees"] == 25 and launched["invitations"] == preview["invitations"]
    assert launched["shortfalls"] == preview["shortfalls"]
    assert api.call("POST", f"/rounds/{round_id}/launch").json["code"] == "round_step"
    assert api.call("POST", f"/rounds/{round_id}/remind").json["code"] == "round_not_open"
    assert api.call("GET", f"/rounds/{round_id}").json["next_states"] == ["cancelled", "open"]
    assert api.call("GET", f"/rounds/{round_id}/progress").json["letters"] == {"waiting": 25}
    refused = api.call("POST", f"/rounds/{round_id}/cancel", json={"name": "x"})
    assert refused.status_code == 409 and refused.json["code"] == "round_name_differs"
    done = api.call("POST", f"/rounds/{round_id}/cancel", json={"name": "Semester II 2026"})
    assert done.json["state"] == "cancelled" and done.json["next_states"] == ["archived"]
    copied = api.call(
        "POST", f"/rounds/{round_id}/clone", json={k: v for k, v in form(api, name="II").items() if k in CLONED}
    )
    assert copied.status_code == 201 and copied.json["state"] == "draft"
    assert [one["name"] for one in api.call("GET", "/rounds").json["items"]] == ["II", "Semester II 2026"]


CLONED = ("name", "period_start", "period_end", "opens_at", "closes_at")


def test_a_round_is_closed_by_hand(office: Office, api: Api) -> None:
    round_id = office.open()
    assert api.call("POST", f"/rounds/{round_id}/close").json["state"] == "closed"
    assert api.call("POST", f"/rounds/{round_id}/close").status_code == 409


def test_a_dry_run_writes_nothing(api: Api) -> None:
    tried = api.upload(csv_file(*agency()), "?dry_run=true")
    assert tried.json["dry_run"] is True and len(tried.json["new"]) == 25
    assert api.call("GET", "/people").json == {"items": [], "next": None}


def test_import_faults_are_listed_by_row_and_column(api: Api) -> None:
    answer = api.upload(csv_file(cells(1, Jenjang="x"), cells(1, Email="y")), "?language=en")
    assert answer.status_code == 422 and answer.content_type == "application/problem+json"
    assert [one["where"] for one in answer.json["errors"]] == ["row 2, column Jenjang", "row 3, column Email"]


def test_a_file_of_another_kind_is_refused(api: Api) -> None:
    assert api.upload(b"{}", kind="application/json").status_code == 415


def test_lists_come_in_pages(api: Api) -> None:
    api.upload(csv_file(*agency()))
    first = api.call("GET", "/people?limit=20").json
    rest = api.call("GET", f"/people?limit=20&after={first['next']}").json
    assert len(first["items"]) == 20 and len(rest["items"]) == 5 and rest["next"] is None
    assert first["items"][1]["supervisor"] == nip(0) and first["items"][1]["leads"] is True
    units = api.call("GET", "/units").json["items"]
    assert {"name": "Dinas 0", "parent": "Kota", "people": 6} in units


def test_keys_and_scopes_are_required(office: Office, client: FlaskClient) -> None:
    reader = Api(client, office.do(create_client, "reader", ("people:read",), office.now))
    assert client.get("/api/v1/people").status_code == 401
    assert Api(client, "cermin_wrong").call("GET", "/people").status_code == 401
    assert reader.call("GET", "/people").status_code == 200
    assert reader.upload(b"").status_code == 403 and reader.call("GET", "/rounds").status_code == 403


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"threshold": 1.5}, "threshold"),
        ({"threshold": 10**30}, "threshold"),
        ({"threshold": True}, "threshold"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"seed": 2**63}, "seed"),
        ({"opens_at": "2026-11-24T08:00:00"}, "opens_at"),
        ({"opens_at": "0001-01-01T00:00:00+14:00"}, "opens_at"),
        ({"opens_at": "9999-12-31T23:59:59-14:00"}, "opens_at"),
        ({"period_end": "0001-01-01"}, "period_end"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"timezone": "Asia\x00"}, "timezone"),
        ({"groups": {"friend": {}}}, "groups.friend.key"),
        ({"groups": {"peer": {"cap": 0}}}, "groups.peer.value.cap"),
        ({"groups": []}, "groups"),
        ({"questionnaire_id": "00000000-0000-0000-0000-000000000000"}, "questionnaire_id"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_round_that_does_not_fit_is_refused_where_it_does_not(
    api: Api, changes: dict[str, Any], where: str
) -> None:
    answer = api.call("POST", "/rounds", json=form(api, **changes))
    assert answer.status_code == 422
    assert where in [one["where"].removeprefix("json.") for one in answer.json["errors"]]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"' + b"a" * 10 + b'"', b"[" * 5000])
def test_bodies_that_are_no_object_are_refused(api: Api, body: bytes) -> None:
    answer = api.call("POST", "/rounds", data=body, content_type="application/json")
    assert answer.status_code in (400, 422) and answer.content_type == "application/problem+json"


def test_an_unknown_round_is_missing_everywhere(api: Api) -> None:
    nobody = "/rounds/00000000-0000-4000-8000-000000000000"
    for method, path in (
        ("GET", ""),
        ("GET", "/preview"),
        ("GET", "/progress"),
        ("POST", "/launch"),
        ("POST", "/close"),
    ):
        assert api.call(method, nobody + path).status_code == 404
    assert api.call("POST", "/rounds/1/close").status_code == 404


def test_a_questionnaire_is_made_changed_published_and_used(office: Office, api: Api) -> None:
    shipped = api.call("GET", f"/questionnaires/{form(api)['questionnaire_id']}").json["body"]
    own = {name: value for name, value in shipped.items() if name != "version"} | {"code": "ours"}
    made = api.call("POST", "/questionnaires", json=own)
    assert made.status_code == 201 and (made.json["version"], made.json["locked"]) == (101, False)
    one = made.headers["Location"].removeprefix("/api/v1")
    assert api.call("GET", one).json == made.json

    body, digest = made.json["body"] | {"title": {"id": "Milik kami", "en": "Ours"}}, made.json["digest"]
    changed = api.call("PUT", one, json={"digest": digest, "body": body})
    assert changed.status_code == 200 and changed.json["body"] == body and changed.json["digest"] != digest
    late = api.call("PUT", one, json={"digest": digest, "body": made.json["body"]})
    assert (late.status_code, late.json["code"]) == (409, "questionnaire_changed")
    assert api.call("POST", f"{one}/publish", json={"digest": digest}).json["code"] == "questionnaire_changed"

    published = api.call("POST", f"{one}/publish", json={"digest": changed.json["digest"]})
    assert published.status_code == 200 and published.json["locked"] is True
    again = api.call("PUT", one, json={"digest": changed.json["digest"], "body": body})
    assert (again.status_code, again.json["code"]) == (409, "questionnaire_locked")
    branched = api.call("POST", f"{one}/versions")
    assert (branched.json["version"], branched.json["locked"]) == (102, False)
    assert branched.json["body"] == body | {"version": 102}
    versions = [(row["code"], row["version"]) for row in api.call("GET", "/questionnaires").json["items"]]
    assert versions == [("berakhlak", 1), ("ours", 102), ("ours", 101), ("pp30", 1)]
    assert api.call("POST", "/rounds", json=form(api, questionnaire_id=published.json["id"])).status_code == 201
    trail = office.ask(sa.select(audit.entry.c.action).order_by(audit.entry.c.position))
    assert [one.action for one in trail if one.action.startswith("questionnaire.")] == [
        f"questionnaire.{what}" for what in ("created", "edited", "published", "versioned")
    ]


def test_what_comes_with_the_product_is_not_changed(api: Api) -> None:
    one = f"/questionnaires/{form(api)['questionnaire_id']}"
    shipped = api.call("GET", one).json
    for method, path, sent in (
        ("PUT", one, {"digest": shipped["digest"], "body": shipped["body"]}),
        ("POST", f"{one}/publish", {"digest": shipped["digest"]}),
    ):
        answer = api.call(method, path, json=sent)
        assert (answer.status_code, answer.json["code"]) == (409, "questionnaire_shipped")
    copy = {name: value for name, value in shipped["body"].items() if name != "version"}
    answer = api.call("POST", "/questionnaires", json=copy)
    assert (answer.status_code, answer.json["code"]) == (409, "questionnaire_code_taken")
    assert len(api.call("GET", "/questionnaires").json["items"]) == 2, "nothing was kept"


def test_a_questionnaire_that_does_not_fit_is_refused_with_every_fault(api: Api) -> None:
    one = f"/questionnaires/{form(api)['questionnaire_id']}"
    made = api.call("POST", f"{one}/versions").json
    body = made["body"]
    section = body["sections"][0]
    for wrong, code in (
        (body | {"points": 4, "scale": body["scale"][:4]}, "questionnaire_fixed"),
        (body | {"version": 150}, "questionnaire_fixed"),
        (body | {"sections": body["sections"][1:]}, "behaviours_differ"),
    ):
        address = f"/questionnaires/{made['id']}"
        answer = api.call("PUT", address, json={"digest": made["digest"], "body": wrong})
        assert (answer.status_code, answer.json["code"]) == (422, code)
    broken = body | {"code": "x", "title": {"id": ""}, "sections": [section, section]}
    broken.pop("version")
    answer = api.call("POST", "/questionnaires", json=broken)
    where = {one["where"].removeprefix("json.") for one in answer.json["errors"]}
    assert answer.status_code == 422 and where >= {"title.id", "title.en"}
    unknown = "/questionnaires/00000000-0000-4000-8000-000000000000"
    assert api.call("POST", f"{unknown}/versions").status_code == 404
    assert api.call("POST", f"{unknown}/publish", json={"digest": "x"}).status_code == 404


def test_reading_questionnaires_does_not_allow_to_write_them(office: Office, client: FlaskClient, api: Api) -> None:
    one = f"/questionnaires/{form(api)['questionnaire_id']}"
    reader = Api(client, office.do(create_client, "reader", ("questionnaires:read",), office.now))
    writer = Api(client, office.do(create_client, "writer", ("questionnaires:write",), office.now))
    assert reader.call("POST", f"{one}/versions").status_code == 403
    assert writer.call("POST", f"{one}/versions").status_code == 201
    assert writer.call("GET", one).status_code == 403
