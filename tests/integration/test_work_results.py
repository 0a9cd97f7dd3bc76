"""Work results: read from any spreadsheet's CSV, all or nothing, and provisional scores follow them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from scoring_service.service import Shelf
from scoring_service.tables import ratee, round_, score, work_result
from scoring_service.usecases import work_result_files, work_results
from shared import audit
from shared.database import transaction
from shared.errors import Refused
from tests.integration.scoring_world import MIGRATIONS, Survey, World, counted, full, opened, released

A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def two() -> Survey:
    return Survey((A, B), ballots={A: full(5), B: full(4)})


def take(world: World, survey: Survey, text: str) -> work_results.Imported:
    shelf = Shelf(world.settings.data_dir / "policies")
    entries = work_result_files.read(text.encode())
    with transaction(world.engine) as session:
        return work_results.take(session, survey.round_id, entries, shelf, "HR", world.now)


def test_work_results_give_totals_and_predicates(world: World) -> None:
    survey = two()
    counted(world, survey)
    assert {one.predicate for one in world.rows(score)} == {None}
    assert take(world, survey, f"NIP,Nilai SKP,Ide Baru\n{A},120,ya\n{B},100,tidak\n").new == 2
    assert world.one(round_).state == "counted"
    world.work("score")
    assert world.one(round_).state == "scored"
    assert {one.ratee: (one.total, one.predicate) for one in world.rows(score)} == {
        A: ("112", "sangat baik"),
        B: ("92", "baik"),
    }


def test_only_scores_that_are_touched_are_computed_again(world: World) -> None:
    survey = two()
    counted(world, survey)
    take(world, survey, f"nip;work_result\n{A};99,5\n")
    assert {one.number: one.stale for one in world.rows(ratee)} == {A: True, B: False}
    assert world.one(work_result).value == "99.5"


def test_the_same_file_again_changes_nothing(world: World) -> None:
    survey = two()
    counted(world, survey)
    text = f"NIP\tNilai SKP\tIde Baru\n{A}\t110.50\tya\n"
    first = take(world, survey, "\ufeff" + text)
    world.work("score")
    again = take(world, survey, text)
    assert (first.new, first.changed, first.unchanged) == (1, 0, 0)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert world.one(round_).state == "scored"
    assert [one.action for one in world.rows(audit.entry)].count("work_results.imported") == 1


def test_they_may_come_before_the_ballots(world: World) -> None:
    survey = two()
    opened(world, survey)
    take(world, survey, f"nip,work_result\n{A},100\n")
    world.hear(*survey.all_sealed(), survey.manifest())
    world.work("count", "score")
    assert {one.ratee: one.total for one in world.rows(score)} == {A: "100", B: None}


def test_above_the_ceiling_is_capped_and_flagged(world: World) -> None:
    survey = two()
    counted(world, survey)
    assert take(world, survey, f"nip,work_result\n{A},130\n").capped == 1
    world.work("score")
    found = next(one for one in world.rows(score) if one.ratee == A)
    assert found.total == "112"
    assert "work_result_capped" in found.protected["flags"]
    assert (world.one(work_result).value, world.one(work_result).capped) == ("130", True)


def test_every_fault_is_named_by_row_and_column_and_nothing_is_kept(world: World) -> None:
    survey = two()
    counted(world, survey)
    text = f"Ide Baru,NIP,Nilai SKP\nya,{A},-5\nya,{B},abc\nya,{B},90\nya,199001012020011001,90\n"
    with pytest.raises(Refused) as refusal:
        take(world, survey, text)
    found = {(problem.where, problem.message.split()[0]) for problem in refusal.value.problems}
    assert found == {
        ("row 2, column Nilai SKP", "A"),
        ("row 3, column Nilai SKP", "Write"),
        ("row 3, column NIP", "This"),
        ("row 4, column NIP", "This"),
        ("row 5, column NIP", "Nobody"),
    }
    assert world.rows(work_result) == []
    assert world.one(round_).state == "scored"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "header_faulty"),
        (b"nip,nilai\n1,2\n", "header_faulty"),
        (b"nip,NIP,work_result\n1,1,2\n", "header_faulty"),
        (b"nip,work_result\n", "work_results_empty"),
        (b"nip,work_result\n\n , \n", "work_results_empty"),
        ("nip,work_result\né,1\n".encode("latin-1"), "not_utf8"),
        (b"PK\x03\x04\x00", "not_csv"),
        (b'nip,work_result\n"1"x,2\n', "not_csv"),
        (b"nip,work_result\n1.98501E+17,90\n", "work_results_faulty"),
        (b"nip,work_result\n1,\n", "work_results_faulty"),
        (b"nip,work_result\n,90\n", "work_results_faulty"),
        (b"nip,work_result,new_idea\n1,90,perhaps\n", "work_results_faulty"),
    ],
)
def test_a_file_that_is_none_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        work_result_files.read(content)
    assert refusal.value.code == code


def test_after_the_release_they_are_refused(world: World) -> None:
    survey = two()
    released(world, survey)
    with pytest.raises(Refused, match="objection"):
        take(world, survey, f"nip,work_result\n{A},90\n")


def test_a_policy_without_work_results_says_so(world: World) -> None:
    survey = Survey((A,), policy="pp30-360")
    opened(world, survey)
    with pytest.raises(Refused, match="round_unknown"):
        take(world, Survey((A,)), f"nip,work_result\n{A},90\n")
