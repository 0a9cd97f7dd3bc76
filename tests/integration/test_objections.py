"""From release to the end: receipt, objection, decision, correction, and when nothing may change any more."""

import json
import runpy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scoring_service.tables import feed as feed_table
from scoring_service.tables import notice, objection, ratee, receipt, round_, score
from scoring_service.usecases import feed, finals, objections, provenance, receipts, release, results
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused
from shared.events import BehaviourCorrected, RoundAdvanced, RoundFinal, event_id
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, answers, full, released
from tests.integration.test_round_keys import together

ROOT = Path(__file__).parents[2]
A, B = "198501012010011001", "198501012010011002"
WHY = "Penilaian tidak memuat tugas tambahan saya."
BECAUSE = "Tugas tambahan terbukti, nilai diubah."


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def survey(world: World) -> Survey:
    """One ratee is scored, one held."""
    made = Survey((A, B), ballots={A: full(4), B: {"supervisor": [answers(4)], "peer": [answers(5)] * 2}})
    released(world, made)
    return made


def shelf(world: World) -> Shelf:
    return Shelf(world.settings.data_dir / "policies")


def calendar(world: World) -> Calendar:
    return Calendar(shelf(world), world.settings.timezone)


def opened(world: World, survey: Survey) -> bool:
    with transaction(world.engine) as session:
        return receipts.opened(session, survey.round_id, A, 1, calendar(world), world.now)


def objected(world: World, survey: Survey, number: str = A, why: str = WHY) -> None:
    with transaction(world.engine) as session:
        objections.raise_(session, survey.round_id, number, why, world.now)


def decided(world: World, survey: Survey, ruling: Any, decider: str = HEAD, why: str = BECAUSE) -> None:
    with transaction(world.engine) as session:
        objections.decide(session, survey.round_id, A, decider, why, ruling, shelf(world), world.now)


def standing(world: World, survey: Survey) -> finals.Standing:
    with reading(world.engine) as session:
        return finals.standing(session, survey.round_id, world.now)


def ended(world: World, survey: Survey) -> str:
    world.work("end objections")
    return str(world.one(round_).state)


def test_the_release_wants_links_for_ratees_and_their_supervisor(world: World, survey: Survey) -> None:
    wanted = {(one.kind, one.purpose, one.person, one.ratee, one.version) for one in world.rows(notice)}
    assert wanted == {
        ("report_ready", "report", A, A, 1),
        ("report_ready", "report", B, B, 1),
        ("report_ready", "supervisor", CHIEF, None, None),
    }
    assert [(one.ratee, one.until) for one in world.rows(receipt)] == [(A, None)], (
        "a held score has nothing to object"
    )


def test_fourteen_days_after_the_day_of_receipt_in_the_agencys_zone(world: World, survey: Survey) -> None:
    world.now = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)  # 2 December, 01.30 in Jakarta
    assert opened(world, survey)
    last = datetime(2026, 12, 16, 17, 0, tzinfo=UTC)  # the end of 16 December in Jakarta
    assert world.one(receipt).until == last
    assert not opened(world, survey), "opening again changes nothing"
    world.now = last
    with pytest.raises(Refused, match="objection_late"):
        objected(world, survey)
    world.now = last - timedelta(seconds=1)
    objected(world, survey)
    assert world.one(objection).state == "open"


def test_the_mail_counts_until_the_report_is_opened(world: World, survey: Survey) -> None:
    with transaction(world.engine) as session:
        row = next(iter(session.execute(sa.select(receipt))))
        receipts.mailed(session, [row], calendar(world), world.now)
        receipts.mailed(session, [row], calendar(world), world.now + timedelta(days=3))
    by_mail = world.one(receipt).until
    assert by_mail == datetime(2026, 12, 7, 17, 0, tzinfo=UTC)
    world.now += timedelta(days=5)
    opened(world, survey)
    assert world.one(receipt).until == by_mail + timedelta(days=5)


def test_opening_too_late_opens_no_new_time(world: World, survey: Survey) -> None:
    with transaction(world.engine) as session:
        receipts.mailed(session, session.execute(sa.select(receipt)).all(), calendar(world), world.now)
    until = world.one(receipt).until
    world.now = until + timedelta(minutes=1)
    opened(world, survey)
    assert world.one(receipt).until == until
    with pytest.raises(Refused, match="objection_late"):
        objected(world, survey)


def test_what_was_handed_over_on_paper_is_noted_and_shortens_nothing(world: World, survey: Survey) -> None:
    world.now += timedelta(days=6)

    def note(day: datetime) -> None:
        with transaction(world.engine) as session:
            receipts.handed(session, survey.round_id, A, 1, day, calendar(world), "HR", world.now)

    for unfit in (world.now + timedelta(days=1), world.now - timedelta(days=8)):
        with pytest.raises(Refused, match="handed_on_unfit"):
            note(unfit)
    note(world.now)
    until = world.one(receipt).until
    assert until == datetime(2026, 12, 13, 17, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="handed_already"):
        note(world.now - timedelta(days=2))
    world.now += timedelta(days=1)
    opened(world, survey)
    assert world.one(receipt).until == until, "a receipt that was signed for is not moved by a click"
    assert [one.action for one in world.rows(audit.entry)][-1] == "report.handed"


@pytest.mark.parametrize(("number", "code"), [(B, "nothing_to_object"), ("000", "score_unknown")])
def test_nothing_to_object_to(world: World, survey: Survey, number: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        objected(world, survey, number)


def test_an_objection_needs_a_reason_and_a_report_that_was_received(world: World, survey: Survey) -> None:
    with pytest.raises(Refused, match="nothing_to_object"):
        objected(world, survey)
    opened(world, survey)
    for reason in ("", "  \n", "kurang", "x" * 5001, "alasan \x00 lengkap"):
        with pytest.raises(Refused, match="reason_missing"):
            objected(world, survey, why=reason)
    objected(world, survey)
    with pytest.raises(Refused, match="objection_known"):
        objected(world, survey)
    assert ("objection_to_decide", "decision", HEAD, A) in {
        (one.kind, one.purpose, one.person, one.ratee) for one in world.rows(notice)
    }


def test_a_correction_is_a_new_version_and_the_old_one_stays(world: World, survey: Survey) -> None:
    opened(world, survey)
    first = next(one for one in world.rows(score) if one.ratee == A)
    objected(world, survey)
    world.now += timedelta(days=2)
    decided(world, survey, Fraction("87.5"))
    old, new = sorted((one for one in world.rows(score) if one.ratee == A), key=lambda one: one.version)
    assert old == first
    assert (new.version, new.behaviour, new.cause) == (2, "87.5", "corrected")
    for name in ("groups", "aspects", "hidden", "self_other_gap"):
        assert new.protected[name] == old.protected[name], "nothing that is made of answers changes"
    assert new.protected["weights"] == {} and "corrected_on_objection" in new.protected["flags"]
    (said,) = world.said(BehaviourCorrected)
    assert (said["version"], said["supersedes"], said["behaviour"]) == (2, 1, "87.5")
    assert said["legal_basis"] == "PP 30/2019 Pasal 43"
    assert world.rows(feed_table)[-1].event_id == event_id(BehaviourCorrected.type, survey.round_id, A, 2)
    with reading(world.engine) as session:
        seen = results.score_of(session, survey.round_id, A, released=True)
    assert (seen["version"], seen["behaviour"], seen["supersedes"]) == (2, "87.5", 1)
    assert "objection_decided" in {one.kind for one in world.rows(notice)}


def test_a_corrected_value_can_be_computed_again_too(world: World, survey: Survey) -> None:
    opened(world, survey)
    objected(world, survey)
    decided(world, survey, Fraction("87.5"))
    with reading(world.engine) as session:
        made = provenance.package_of(session, survey.round_id, A)
    assert made["inputs"]["parts"] == {"behaviour": {"value": "175/2", "aspects": {}}}
    again = runpy.run_path(str(ROOT / "examples" / "recompute.py"))["recompute"]
    assert again(json.loads(json.dumps(made))) == made["result"]


def test_a_dismissed_objection_changes_no_score(world: World, survey: Survey) -> None:
    opened(world, survey)
    objected(world, survey)
    before = world.rows(score)
    decided(world, survey, None)
    assert world.rows(score) == before and world.said(BehaviourCorrected) == []
    one = world.one(objection)
    assert (one.state, one.decision) == ("dismissed", BECAUSE)
    with pytest.raises(Refused, match="objection_not_open"):
        decided(world, survey, Fraction(90))


@pytest.mark.parametrize(
    ("ruling", "why", "decider", "code"),
    [
        (Fraction(101), BECAUSE, HEAD, "value_unfit"),
        (Fraction(80), BECAUSE, HEAD, "value_unchanged"),
        (Fraction(90), "", HEAD, "reason_missing"),
        (Fraction(90), BECAUSE, CHIEF, "objection_not_open"),
        (Fraction(90), BECAUSE, A, "objection_not_open"),
    ],
)
def test_a_decision_that_is_refused_leaves_the_objection_open(
    world: World, survey: Survey, ruling: Fraction, why: str, decider: str, code: str
) -> None:
    opened(world, survey)
    objected(world, survey)
    with pytest.raises(Refused, match=code):
        decided(world, survey, ruling, decider, why)
    assert world.one(objection).state == "open" and len(world.rows(score)) == 2


def test_two_decisions_at_once_make_one_version(world: World, survey: Survey) -> None:
    opened(world, survey)
    objected(world, survey)
    other = world.replica()

    def decide(replica: World, value: int) -> str:
        try:
            decided(replica, survey, Fraction(value))
        except Refused as refusal:
            return refusal.code
        return "done"

    assert sorted(together(lambda: decide(world, 85), lambda: decide(other, 86))) == ["done", "objection_not_open"]
    assert len(world.said(BehaviourCorrected)) == 1
    other.engine.dispose()


def test_where_nobody_is_above_the_assessor_somebody_is_named(world: World, survey: Survey) -> None:
    with transaction(world.engine) as session:
        session.execute(sa.update(ratee).values(superior=None, superior_name=None))
    opened(world, survey)
    objected(world, survey)
    assert world.one(objection).decider is None

    def name(decider: str) -> None:
        with transaction(world.engine) as session:
            objections.name_decider(session, survey.round_id, A, decider, "Sekretaris Daerah", "HR", world.now)

    for unfit in (A, CHIEF, ""):
        with pytest.raises(Refused, match="decider_"):
            name(unfit)
    name("196001011985011001")
    decided(world, survey, Fraction(90), "196001011985011001")
    assert [one.action for one in world.rows(audit.entry)][-2:] == ["objection.decider", "objection.decided"]


def test_a_round_is_final_when_every_right_was_used_or_has_run_out(world: World, survey: Survey) -> None:
    assert ended(world, survey) == "released", "nobody is known to have received a report"
    assert standing(world, survey).not_received == 1
    opened(world, survey)
    assert standing(world, survey).running == 1 and ended(world, survey) == "released"
    objected(world, survey)
    world.now += timedelta(days=30)
    assert standing(world, survey).objections == 1 and ended(world, survey) == "released"
    with pytest.raises(Refused, match="objections_possible"), transaction(world.engine) as session:
        finals.finish(session, survey.round_id, "HR", world.now)
    decided(world, survey, Fraction(90))
    assert ended(world, survey) == "final"
    (end,) = world.said(RoundFinal)
    ids = [
        event_id("behaviour.corrected.v1", survey.round_id, A, 2),
        event_id("behaviour.held.v1", survey.round_id, B, 1),
    ]
    assert (end["scored"], end["held"], end["ids_digest"]) == (1, 1, release.digest_of(ids))
    world.work("end objections")
    assert len(world.said(RoundFinal)) == 1
    assert [one["state"] for one in world.said(RoundAdvanced)] == ["scored", "released", "final"]
    with pytest.raises(Refused, match="objection_not_now"):
        objected(world, survey)
    with transaction(world.engine) as session:
        assert feed.replay(session, survey.round_id, "operator", world.now) == 5


def test_the_clock_ends_a_round_in_which_nobody_objects(world: World, survey: Survey) -> None:
    opened(world, survey)
    world.now = world.one(receipt).until - timedelta(seconds=1)
    assert ended(world, survey) == "released"
    world.now += timedelta(seconds=1)
    assert ended(world, survey) == "final"
    with reading(world.engine) as session:
        assert results.score_of(session, survey.round_id, A, released=True)["state"] == "final"
