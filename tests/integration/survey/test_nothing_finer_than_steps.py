"""While a round is open nobody sees more than counts in steps, made on a schedule, wherever they look."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import generate_latest

from notifier.metrics import SteppedCounter
from shared import audit
from shared.config import load
from shared.database import transaction
from shared.messaging.tables import outbox
from shared.service import Context
from shared.web.access import STAFF_COOKIE, create_client, staff_cookie
from shared.web.app import create_app
from survey_service.service import build
from survey_service.tables import invitation, letter
from survey_service.usecases import accounts, letters, progress
from tests.integration.survey.conftest import Office


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def seen(office: Office, tmp_path):
    """Everything that HR and programs see of a round, as one text without what changes by itself."""
    settings = load({"CERMIN_DATA_DIR": str(tmp_path / "home")})
    context = Context(settings, office.engine, lambda: office.now)
    app = create_app(build(context), context)
    with transaction(office.engine) as session:
        key = create_client(session, "hris", ["rounds:read", "rounds:write"], office.now)
        accounts.add_account(session, "ani", "Ani", "hr", None, "kuda lumping di pasar", office.now)
        secret = accounts.secret_of(session, "ani")
    with transaction(office.engine) as session:
        person = accounts.sign_in(session, secret, b"x", "ani", "", office.now + timedelta(days=1))

    def signed_in() -> Any:
        client = app.test_client()
        with app.app_context():
            client.set_cookie(STAFF_COOKIE, staff_cookie(person), path="/console")
        return client

    def look(round_id: Any) -> str:
        client = signed_in()
        bearer = {"Authorization": f"Bearer {key}"}
        api = [
            client.get(f"/api/v1/rounds{path}", headers=bearer)
            for path in (f"/{round_id}/progress", f"/{round_id}")
        ]
        pages = [client.get(f"/console/{path}") for path in ("", f"rounds/{round_id}", "audit")]
        assert {one.status_code for one in (*api, *pages)} == {200}
        text = "\n".join(one.text for one in (*api, *pages))
        return re.sub(r'name="csrf_token" value="[^"]+"', "", text)

    look.app, look.key, look.signed_in = app, key, signed_in  # type: ignore[attr-defined]
    return look


def facts(office: Office) -> list[Any]:
    """What leaves or stays for others: audit entries and public events."""
    public = sa.select(outbox.c.type, outbox.c.data).where(outbox.c.type != "letter.requested.v1")
    return [*office.ask(sa.select(audit.entry.c.action, audit.entry.c.facts)), *office.ask(public)]


def answer(office: Office, round_id: Any, number: int) -> None:
    """So many raters answer."""
    chosen = sa.select(invitation.c.id).where(invitation.c.round_id == round_id, invitation.c.state == "pending")
    ids = [row.id for row in office.ask(chosen.order_by(invitation.c.id).limit(number))]
    office.set_states(round_id, "answered", invitation.c.id.in_(ids))


def test_answers_between_two_counts_show_nowhere(office: Office, seen) -> None:
    round_id = office.open()
    office.do(progress.recount, office.now)
    seen(round_id)  # that somebody looked is itself in the audit trail, once a day
    before, said = seen(round_id), facts(office)
    answer(office, round_id, 23)
    assert office.do(progress.recount, office.now + timedelta(minutes=14)) == 0
    assert seen(round_id) == before
    assert facts(office) == said


def test_a_count_shows_steps_and_a_few_answers_not_at_all(office: Office, seen) -> None:
    round_id = office.open()
    answer(office, round_id, 4)
    office.do(progress.recount, office.now)
    few = office.do(progress.show, round_id)
    assert {line.answered for line in few.lines} == {"<5"}
    page = seen(round_id)
    answer(office, round_id, 1)
    office.do(progress.recount, office.now + timedelta(minutes=16))
    shown = office.do(progress.show, round_id)
    assert {line.answered for line in shown.lines} <= {"<5", "5"}
    assert '"answered": 4' not in page + seen(round_id)


def test_a_reminder_tells_nobody_how_many_are_missing(office: Office, seen) -> None:
    round_id = office.open()
    office.do(letters.settle_mails, [(row.id, None) for row in office.ask(sa.select(letter.c.id))])
    standing = office.ask(sa.select(letter.c.state, sa.func.count()).group_by(letter.c.state))
    everybody = office.ask(sa.select(letter.c.rater))
    office.set_states(round_id, "answered", invitation.c.rater.in_([row.rater for row in everybody[:-7]]))
    office.now += timedelta(days=1)
    told = seen.app.test_client().post(
        f"/api/v1/rounds/{round_id}/remind", headers={"Authorization": f"Bearer {seen.key}"}
    )
    assert told.json == {"letters": "5"}
    assert office.count(letter, letter.c.wanted == "reminder") == 7
    [kept] = office.ask(sa.select(audit.entry.c.facts).where(audit.entry.c.action == "round.reminded"))
    assert kept.facts == {"letters": "5"}
    office.dispatch()
    assert office.ask(sa.select(letter.c.state, sa.func.count()).group_by(letter.c.state)) == standing
    requests = office.ask(sa.select(outbox.c.data).where(outbox.c.type == "letter.requested.v1"))
    assert sum(json.loads(row.data)["kind"] == "reminder" for row in requests) == 7


def test_metrics_count_accepted_mails_in_steps_and_refusals_exactly() -> None:
    counter = SteppedCounter("test_steps", "Only for this test.", "outcome")
    for _ in range(13):
        counter.count("accepted")
    for _ in range(3):
        counter.count("permanent")
    text = generate_latest().decode()
    assert 'test_steps_total{outcome="accepted"} 10.0' in text
    assert 'test_steps_total{outcome="permanent"} 3.0' in text


def test_sending_one_persons_links_again_tells_nobody_whether_they_answered(office: Office, seen) -> None:
    round_id = office.open()
    [done, waiting, *_] = office.ask(sa.select(letter.c.id, letter.c.rater).order_by(letter.c.id))
    office.set_states(round_id, "answered", invitation.c.rater == done.rater)
    yesterday = office.now.date() - timedelta(days=1)
    office.do(lambda session: session.execute(sa.update(letter).values(requested_on=yesterday)))
    pages = []
    for one in (done, waiting):
        client = seen.signed_in()
        address = f"/console/rounds/{round_id}/mails/{one.id}"
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text).group(1)
        assert client.post(f"{address}/resend", data={"csrf_token": token}).status_code == 303
        pages.append(re.findall(r'<div class="notice[^>]*>.*?</div>', client.get(address).text, re.S))
    assert pages[0] == pages[1] and pages[0]
    assert [row.id for row in office.ask(sa.select(letter.c.id).where(letter.c.wanted == "resend"))] == [waiting.id]
