"""Where the raters recommend and the assessor chooses: from the count to the predicate and the outside codes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from scoring_service import policies
from scoring_service.tables import assessment, notice, ratee, receipt, round_, score
from scoring_service.usecases import (
    assessments,
    assessors,
    finals,
    objections,
    receipts,
    release,
    results,
    work_results,
)
from scoring_service.usecases.receipts import Calendar
from scoring_service.usecases.rules import Choice
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import reading, transaction
from shared.errors import Refused
from shared.events import BehaviourCorrected, BehaviourHeld, BehaviourScored, RoundFinal, RoundReleased, event_id
from shared.web.access import create_client
from tests.integration.scoring_world import CHIEF, HEAD, MIGRATIONS, Survey, World, counted

A, B = "198501012010011001", "198501012010011002"
VALUES = tuple(aspect.code for aspect in policies.load(policies.text_of("permen6"), "permen6").aspects)
WHY = "Alasan yang cukup panjang untuk dibaca."


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


@pytest.fixture
def survey(world: World) -> Survey:
    """Peers say 4 and subordinates 5 of A; of B nobody but the assessor says anything."""
    fours, fives = [[4] * 14] * 3, [[5] * 14] * 3
    boxes = {A: {"supervisor": [[3] * 14], "peer": fours, "subordinate": fives}, B: {"supervisor": [[3] * 14]}}
    made = Survey((A, B), policy="permen6", aspects=VALUES, ballots=boxes)
    counted(world, made)
    return made


def shelf(world: World) -> Shelf:
    return Shelf(world.settings.data_dir / "policies")


def choice(overall: str = "meets", **other: str) -> Choice:
    return Choice(overall, dict.fromkeys(VALUES, overall) | other)


def choose(world: World, survey: Survey, ratee: str = A, what: Choice | None = None) -> None:
    with transaction(world.engine) as session:
        assessments.take(session, survey.round_id, ratee, what or choice(), shelf(world), CHIEF, world.now)
    world.work("score")


def given(world: World, survey: Survey, value: str = "above") -> None:
    with transaction(world.engine) as session:
        entry = work_results.Entry(A, value, False, "row 1", "row 1")
        work_results.take(session, survey.round_id, [entry], shelf(world), "HR", world.now)
    world.work("score")


def let_go(world: World, survey: Survey) -> None:
    with transaction(world.engine) as session:
        release.release(session, survey.round_id, world.now, "HR")
    world.work("release")


def newest(world: World, survey: Survey, ratee: str = A) -> Mapping[str, Any]:
    with reading(world.engine) as session:
        return results.score_of(session, survey.round_id, ratee, released=False)


def test_scores_wait_for_the_assessor_who_is_asked_once(world: World, survey: Survey) -> None:
    assert {one.reason for one in world.rows(score)} == {"awaiting_assessor"}
    assert [(one.kind, one.person, one.ratee) for one in world.rows(notice)] == [("assessment_wanted", CHIEF, None)]
    given(world, survey)
    assert world.one(round_).state == "scored" and len(world.rows(notice)) == 1
    with reading(world.engine) as session:
        (waiting,) = assessments.awaited(session, survey.round_id)
    assert (waiting["assessor"], waiting["ratees"]) == (CHIEF, 2)


def test_the_choice_and_the_work_result_make_predicate_and_codes(world: World, survey: Survey) -> None:
    given(world, survey, "above")
    assert newest(world, survey)["table"] is None, "while the assessor is awaited nobody else sees a number"
    choose(world, survey, what=choice("meets", harmonis="above"))
    found = newest(world, survey)
    table = found["table"]
    assert (found["predicate"], table["category"], table["recommendation"]) == ("baik", "meets", "4.5")
    assert table["external_codes"] == {"hasilKinerjaNilai": 1, "perilakuKerjaNilai": 2}
    assert table["ratings"]["harmonis"] == "above" and table["ratings"]["loyal"] == "meets"
    assert world.rows(audit.entry)[-1].actor == CHIEF


def test_before_the_release_a_choice_may_be_changed(world: World, survey: Survey) -> None:
    choose(world, survey, what=choice("below"))
    choose(world, survey, what=choice("above"))
    assert newest(world, survey)["table"]["category"] == "above"
    assert len(world.rows(assessment)) == 1 and {one.version for one in world.rows(score)} == {1}


@pytest.mark.parametrize(
    ("what", "where"),
    [
        (Choice("good", dict.fromkeys(VALUES, "meets")), "overall"),
        (Choice("meets", {}), "ratings.akuntabel"),
        (Choice("meets", dict.fromkeys(VALUES, "meets") | {"loyal": ""}), "ratings.loyal"),
        (Choice("meets", dict.fromkeys((*VALUES, "ramah"), "meets")), "ratings.ramah"),
    ],
)
def test_a_choice_is_complete_and_in_the_words_of_the_policy(
    world: World, survey: Survey, what: Choice, where: str
) -> None:
    with pytest.raises(Refused, match="assessment_incomplete") as refusal:
        choose(world, survey, what=what)
    assert where in [part.where for part in refusal.value.problems]
    assert world.rows(assessment) == []


def test_a_policy_that_computes_behaviour_wants_no_choice(world: World) -> None:
    other = Survey((A,), ballots={})
    counted(world, other)
    with pytest.raises(Refused, match="assessment_unused"):
        choose(world, other)


@pytest.mark.parametrize("state", ["open", "sealing", "reconciled", "releasing", "final", "cancelled"])
def test_a_choice_is_made_between_count_and_end(world: World, survey: Survey, state: str) -> None:
    with transaction(world.engine) as session:
        session.execute(round_.update().values(state=state))
    with pytest.raises(Refused, match="assessment_not_now"):
        choose(world, survey)


def test_released_as_waiting_a_choice_makes_the_next_version_and_event(world: World, survey: Survey) -> None:
    given(world, survey, "meets")
    let_go(world, survey)
    assert {one["reason"] for one in world.said(BehaviourHeld)} == {"awaiting_assessor"}
    (end,) = world.said(RoundReleased)
    assert (end["scored"], end["held"]) == (0, 2)
    assert [one.purpose for one in world.rows(notice)] == ["assessment", "supervisor"], "no report to read yet"
    before = next(one for one in world.rows(score) if one.ratee == A)
    choose(world, survey, what=choice("above"))
    (said,) = world.said(BehaviourScored)
    assert (said["version"], said["behaviour"], said["category"], said["predicate"]) == (2, None, "above", "baik")
    assert said["external_codes"] == {"hasilKinerjaNilai": 2, "perilakuKerjaNilai": 1}
    assert (said["status"], said["ratings"]) == ("released", choice("above").ratings)
    after = newest(world, survey)
    for name in ("groups", "aspects", "recommendation", "weights", "hidden", "self_other_gap"):
        assert after["table"][name] == before.protected[name], "the same answers: two versions tell nothing more"
    assert [(one.ratee, one.version) for one in world.rows(receipt)] == [(A, 2)]
    assert world.one(round_).state == "released"
    with pytest.raises(Refused, match="assessment_settled"):
        choose(world, survey)


def test_without_others_the_assessor_chooses_alone(world: World, survey: Survey) -> None:
    choose(world, survey, B, choice("below"))
    table = newest(world, survey, B)["table"]
    assert (table["category"], table["recommendation"]) == ("below", None)
    assert [group["group"] for group in table["groups"]] == ["supervisor"]


def test_from_the_choice_to_the_end_with_an_objection(world: World, survey: Survey) -> None:
    given(world, survey, "above")
    choose(world, survey, what=choice("below"))
    let_go(world, survey)
    here = Calendar(shelf(world), world.settings.timezone)
    with transaction(world.engine) as session:
        receipts.opened(session, survey.round_id, A, 1, here, world.now)
        objections.raise_(session, survey.round_id, A, WHY, world.now)
    with transaction(world.engine) as session:
        ruling = choice("meets")
        objections.decide(session, survey.round_id, A, HEAD, WHY, ruling, shelf(world), world.now)
    (said,) = world.said(BehaviourCorrected)
    assert (said["version"], said["category"], said["predicate"], said["behaviour"]) == (2, "meets", "baik", None)
    assert said["external_codes"]["perilakuKerjaNilai"] == 2
    assert (said["status"], said["ratings"]) == ("final", choice("meets").ratings), (
        "there is one objection in a round"
    )
    world.work("end objections")
    assert world.one(round_).state == "released", "the clock waits for the assessor of B"
    with transaction(world.engine) as session:
        finals.finish(session, survey.round_id, "HR", world.now)
    (end,) = world.said(RoundFinal)
    ids = [
        event_id("behaviour.corrected.v1", survey.round_id, A, 2),
        event_id("behaviour.held.v1", survey.round_id, B, 1),
    ]
    assert (end["scored"], end["held"], end["ids_digest"]) == (1, 1, release.digest_of(ids))
    with pytest.raises(Refused, match="assessment_not_now"):
        choose(world, survey, B)


OTHER = "196001011985011001"


def unassessed(world: World, number: str = A) -> None:
    with transaction(world.engine) as session:
        nobody = ratee.update().values(assessor=None, assessor_name=None, superior=None, superior_name=None)
        session.execute(nobody.where(ratee.c.number == number))


def name(world: World, survey: Survey, who: str, number: str = A) -> None:
    with transaction(world.engine) as session:
        assessors.name_assessor(session, survey.round_id, number, who, "Sekretaris Daerah", "HR", world.now)


def test_where_the_chart_names_no_assessor_the_personnel_office_does(world: World, survey: Survey) -> None:
    unassessed(world)
    with reading(world.engine) as session:
        (waiting,) = assessors.unnamed(session, survey.round_id)
        assert waiting["ratee"] == A
        assert {one["assessor"] for one in assessments.awaited(session, survey.round_id)} == {None, CHIEF}
    for unfit in (A, ""):
        with pytest.raises(Refused, match=r"assessor_(unfit|missing)"):
            name(world, survey, unfit)
    name(world, survey, HEAD)
    name(world, survey, OTHER)
    with reading(world.engine) as session:
        assert assessors.unnamed(session, survey.round_id) == []
    asked = [one.person for one in world.rows(notice) if one.purpose == "assessment"]
    assert sorted(asked) == sorted([CHIEF, HEAD, OTHER]), "a mistake is mended, and each is asked once"
    entry = world.rows(audit.entry)[-1]
    assert (entry.actor, entry.action, entry.facts) == ("HR", "assessment.assessor", {"assessor": OTHER})
    with transaction(world.engine) as session, pytest.raises(Refused, match="not_the_assessor"):
        assessments.require_assessor(session, survey.round_id, A, HEAD)
    choose(world, survey)
    with pytest.raises(Refused, match="assessor_known"):
        name(world, survey, HEAD)


def test_nobody_takes_the_place_of_an_assessor_whom_the_chart_names(world: World, survey: Survey) -> None:
    with pytest.raises(Refused, match="assessor_unfit"):
        name(world, survey, HEAD)
    with pytest.raises(Refused, match="assessor_known"):
        name(world, survey, OTHER)
    with pytest.raises(Refused, match="ratee_unknown"):
        name(world, survey, OTHER, "1")
    assert "assessment.assessor" not in [one.action for one in world.rows(audit.entry)]


def test_an_assessor_named_after_the_release_makes_the_next_version(world: World, survey: Survey) -> None:
    unassessed(world)
    let_go(world, survey)
    name(world, survey, OTHER)
    assert [one.person for one in world.rows(notice) if one.purpose == "assessment"] == [CHIEF, OTHER]
    choose(world, survey)
    assert newest(world, survey)["version"] == 2
    with transaction(world.engine) as session:
        session.execute(round_.update().values(state="final"))
    unassessed(world, B)
    with pytest.raises(Refused, match="assessment_not_now"):
        name(world, survey, OTHER, B)


def test_a_system_may_speak_for_the_assessors_that_signed_in_there(world: World, survey: Survey) -> None:
    with transaction(world.engine) as session:
        key = create_client(session, "kinerja", ["assessments:write", "results:read", "results:write"], world.now)
    caller = world.app().test_client()
    caller.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    base = f"/api/v1/results/{survey.round_id}"
    assert caller.get(f"{base}/assessments").get_json() == {
        "awaited": [{"assessor": CHIEF, "name": "Kepala Bidang", "ratees": 2}],
        "unnamed": [],
    }
    body = {"assessor": HEAD, "overall": "above", "ratings": dict.fromkeys(VALUES, "above")}
    assert caller.put(f"{base}/assessments/{A}", json=body).status_code == 403
    assert caller.put(f"{base}/assessments/{A}", json=body | {"assessor": CHIEF}).status_code == 204
    assert caller.put(f"{base}/assessments/{A}", json=body | {"assessor": CHIEF, "overall": "x"}).status_code == 422
    world.work("score")
    assert newest(world, survey)["table"]["category"] == "above"
    assert caller.get(f"{base}/objections").get_json() == {"objections": []}
    unassessed(world, B)
    named = {"assessor": OTHER, "name": "Sekretaris Daerah"}
    assert caller.get(f"{base}/assessments").get_json()["unnamed"][0]["ratee"] == B
    assert caller.put(f"{base}/assessors/{B}", json=named | {"assessor": B}).status_code == 422
    assert caller.put(f"{base}/assessors/{B}", json=named).status_code == 204
    assert caller.get(f"{base}/assessments").get_json()["awaited"][0]["assessor"] == OTHER
    assert caller.post(f"{base}/final").status_code == 409


def test_no_regime_is_named_in_the_code() -> None:
    """The engine and the workflow know keys of policies; the names of regimes stand in the policy files."""
    root = Path(policies.__file__).parents[1]
    names = [policy_id for policy_id in policies.shipped() if policy_id != "pp46"]
    for path in [
        *(root / "domain").glob("*.py"),
        *(root / "usecases").glob("*.py"),
        *(root / "reports").rglob("*.*"),
    ]:
        if path.suffix in (".py", ".html"):
            assert not [name for name in names if f'"{name}' in path.read_text()], path
