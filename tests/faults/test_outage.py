"""Two hours down on the day of the deadline, walked through: from the gap to the answers that came after it."""

from datetime import datetime, timedelta
from email import message_from_string
from pathlib import Path

import sqlalchemy as sa

from shared.database import reading, transaction
from survey_service import tables as survey
from survey_service.usecases import accounts
from tests.faults.small_round import NOW, PHASES, Phase, SmallRound, worker
from tests.integration.console.conftest import PASSWORD, send

DOWN = timedelta(hours=2)


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self):
        return self.at


def tick(it: SmallRound) -> None:
    """What the clock makes the survey service do."""
    for job in it.host.services["survey"].jobs:
        if job.name == "close rounds":
            job.run()


def run_until(it: SmallRound, clock: Clock, end: datetime) -> None:
    """The service runs until ``end``."""
    while clock.at < end:
        clock.at = min(end, clock.at + timedelta(minutes=5))
        tick(it)


def new_mails(it: SmallRound, known: int) -> dict[str, str]:
    """By address: the plain text of the mails after the first ``known``."""
    found = {}
    for mail in it.mails()[known:]:
        parts = message_from_string(mail["mail"]).walk()
        [plain] = [part for part in parts if part.get_content_type() == "text/plain"]
        found[mail["to"][0]] = plain.get_payload(decode=True).decode()
    return found


def owing(it: SmallRound) -> set[str]:
    """The addresses of those who have something left to answer."""
    query = sa.select(survey.person.c.email).join(
        survey.invitation, survey.invitation.c.rater == survey.person.c.number
    )
    with reading(it.survey) as session:
        return set(session.scalars(query.where(survey.invitation.c.state == "pending")))


def test_a_deadline_day(data: Path) -> None:
    clock = Clock()
    with worker(data, clock) as it:
        it.set_up()
        for phase in PHASES[:2]:
            it.run(phase)
        it.answer(slice(4, None))
        with transaction(it.survey) as session:
            accounts.add_account(session, "sari", "Sari", "hr", None, PASSWORD, clock())
        end = it.value(sa.select(survey.round_.c.closes_at))
        clock.at = end - timedelta(hours=3)
        tick(it)
        clock.at += DOWN
        tick(it)
        hr, address = it.app.test_client(), f"/console/rounds/{it.round_id}"
        assert send(hr, "/console/sign-in", login="sari", password=PASSWORD).status_code == 303
        assert "Putuskan perpanjangannya" in hr.get("/console/").text
        assert "Perpanjang 2 jam<" in hr.get(address).text
        run_until(it, clock, end + timedelta(minutes=1))
        assert it.state == "open", "the clock waits for HR"
        hr = it.app.test_client()
        assert send(hr, "/console/sign-in", login="sari", password=PASSWORD).status_code == 303
        known, owe = len(it.mails()), owing(it)
        assert send(hr, f"{address}/outage", page=address, answer="extend").status_code == 303
        until = it.value(sa.select(survey.round_.c.closes_at))
        assert until == clock.at + DOWN, "the deadline was over: the time counts from the decision"
        jobs = ("ask for letters", "delivery 1")
        it.run(Phase("mail", lambda _: None, jobs, lambda it: len(it.mails()) >= known + len(owe)))
        told = new_mails(it, known)
        assert set(told) == owe and 0 < len(owe) < 6
        assert all(
            "Batas waktu diperpanjang sampai" in text and "pukul 12.01 WIB" in text for text in told.values()
        )
        run_until(it, clock, until - timedelta(minutes=1))
        it.answer(slice(0, 4))
        run_until(it, clock, until)
        assert it.state == "closed"
        for phase in PHASES[4:]:
            it.run(phase)
        found = it.verdict()
    assert found["counted"] == found["thanked"] == found["boxes"]
    assert found["acts"]["round.extended"] == 1
