"""Held means held everywhere, and what is hidden looks like what is empty: every exit of one ratee is looked at."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from scoring_service import policies
from scoring_service.usecases import assessments, work_results
from scoring_service.usecases.rules import Choice
from scoring_service.usecases.shelf import Shelf
from shared.database import transaction
from tests.integration.exits import NUMBER, Exits
from tests.integration.scoring_world import CHIEF, MIGRATIONS, Survey, World, answers, counted, full, released
from tests.integration.test_report_pdf import pango  # noqa: F401

VALUES = tuple(aspect.code for aspect in policies.load(policies.text_of("permen6"), "permen6").aspects)
WORDS = {
    "too_few_raters": ("Pemberi umpan balik terlalu sedikit", "ditunda: pemberi umpan balik terlalu sedikit"),
    "supervisor_missing": ("Penilaian atasan belum ada", "ditunda: penilaian pejabat penilai belum ada"),
    "awaiting_assessor": (
        "Menunggu kategori dari pejabat penilai",
        "ditunda: menunggu kategori dari pejabat penilai",
    ),
}
"""How pages and how files say why."""
FRAME = {
    "round_id", "ratee", "name", "unit", "version", "state", "supersedes", "status", "reason", "policy", "period",
    "format", "questionnaire", "threshold", "merkle_root", "id", "type", "subject", "time", "NIP", "nip", "Nama",
    "Unit Kerja", "Periode Mulai", "Periode Selesai", "NIP Pejabat Penilai", "Status", "Keterangan", "Kebijakan",
    "tahun", "bulanMulaiPenilaian", "bulanSelesaiPenilaian", "tahunMulaiPenilaian", "tahunSelesaiPenilaian",
    "penilaiNipNrp", "keterangan",
}  # fmt: skip
"""Who, when, by which rules and why: all that an exit may say of a held score."""
EXITS, OWN = 19, 2
"""How many exits there are, and those behind the link that a ratee gets."""
AROUND = ("Triwulan IV 2026", "1 Oktober 2026 31 Desember 2026", "Versi 1", CHIEF)
"""Numbers that stand on a page of a held score: round, period, version, assessor."""


def number(at: int) -> str:
    """Even ones are of one unit, so that they differ in nothing but their number."""
    return f"1985010120100110{at:02}"


SCORED, FEW, NONE, MISSING = number(0), number(2), number(4), number(6)
MERGED, ALONE = number(8), number(10)
WAITING, SMALL, EMPTY, REST = number(20), number(22), number(24), number(26)


def many(*values: int, items: int = 0) -> list[list[int]]:
    return [[value] * items if items else list(answers(value)) for value in values]


def first() -> Survey:
    """Held for two reasons; and a group that was merged beside one where nobody was there to merge."""
    ballots = {
        SCORED: full(4),
        FEW: {"supervisor": many(3), "peer": many(5, 2)},
        NONE: {"supervisor": many(4)},
        MISSING: {"peer": many(5, 4, 3), "subordinate": many(1, 2, 3)},
        MERGED: {"supervisor": many(4), "peer": many(3, 5, 4, 5), "subordinate": many(2, 3)},
        ALONE: {"supervisor": many(4), "peer": many(3, 5, 4, 5, 2, 3)},
    }
    return _spaced("pp30-360", ballots)


def second() -> Survey:
    """The assessor of one is awaited; of two others chose, with too few other raters and with none."""
    ballots = {
        WAITING: {"supervisor": many(3, items=14), "peer": many(4, 5, 5, items=14), "self": many(2, items=14)},
        SMALL: {"supervisor": many(3, items=14), "peer": many(5, 2, items=14)},
        EMPTY: {"supervisor": many(3, items=14)},
        REST: {},
    }
    return _spaced("permen6", ballots, aspects=VALUES)


def _spaced(policy: str, ballots: Mapping[str, Any], **more: Any) -> Survey:
    """Somebody of another unit between each two, so that these are all of the same one."""
    numbers = [each for ratee in ballots for each in (ratee, str(int(ratee) + 1))]
    return Survey(tuple(numbers), policy=policy, ballots=dict(ballots), **more)


@pytest.fixture
def database_kind() -> str:
    return "sqlite"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def let_go(world: World, survey: Survey, work_result: str, chosen: Sequence[str] = ()) -> Exits:
    """A released round in which everybody has a work result, and some a category."""
    counted(world, survey)
    entries = [work_results.Entry(ratee, work_result, False, "", "") for ratee in survey.ratees]
    choice, shelf = Choice("meets", dict.fromkeys(VALUES, "meets")), Shelf(Path())
    with transaction(world.engine) as session:
        work_results.take(session, survey.round_id, entries, shelf, "HR", world.now)
        for ratee in chosen:
            assessments.take(session, survey.round_id, ratee, choice, shelf, CHIEF, world.now)
    released(world, survey, counting=False)
    return Exits(world)


def said(value: Any) -> list[str]:
    """All that an exit says beside the frame, empty cells left out."""
    if isinstance(value, Mapping):
        inside = [said(part) for name, part in value.items() if name not in FRAME]
        return [text for part in inside for text in part]
    if isinstance(value, list):
        return [text for part in value for text in said(part)]
    return [] if value in (None, "") else [str(value)]


def check(found: Mapping[str, Any], ratee: str, reason: str) -> None:
    """Every exit says the reason in its words; none has a number beside the frame."""
    around = set(NUMBER.findall(" ".join((ratee, *AROUND))))
    for name, content in found.items():
        if isinstance(content, str):
            assert WORDS[reason][0] in content, name
            assert set(NUMBER.findall(content)) <= around, (name, content)
        else:
            assert said(content) == [], name
            assert reason in str(content) or WORDS[reason][1] in str(content), name


def test_a_held_score_is_held_at_every_exit(world: World) -> None:
    survey = first()
    ways = let_go(world, survey, "87.65")
    reasons = {FEW: "too_few_raters", NONE: "too_few_raters", MISSING: "supervisor_missing"}
    found = {ratee: ways.of(survey.round_id, ratee) for ratee in (*reasons, MERGED, ALONE)}
    assert {len(each) for each in found.values()} == {EXITS + OWN}
    for ratee, reason in reasons.items():
        check(found[ratee], ratee, reason)
    assert plain(found[FEW], FEW) == plain(found[NONE], NONE), "two answers, and none at all"
    assert plain(found[MERGED], MERGED) == plain(found[ALONE], ALONE), "a merged group, and an absent one"
    with pytest.raises(AssertionError):
        check(found[MERGED], MERGED, "too_few_raters")


def test_while_the_assessor_is_awaited_nobody_else_sees_a_number(world: World) -> None:
    survey = second()
    ways = let_go(world, survey, "above", (SMALL, EMPTY))
    found = ways.of(survey.round_id, WAITING)
    assert len(found) == EXITS, "no link to an own report is sent yet"
    check(found, WAITING, "awaiting_assessor")
    small, empty = (plain(ways.of(survey.round_id, ratee), ratee) for ratee in (SMALL, EMPTY))
    assert small == empty, "beside the assessor two answers, and none at all"


def plain(found: Mapping[str, Any], ratee: str) -> dict[str, str]:
    """The exits of a ratee without the number of the ratee, and the digests and ids that are made of it."""
    known = r"'(id|inputs_key|inputs_digest)': '[0-9a-f-]+'"
    return {name: re.sub(known, "", str(content)).replace(ratee, "…") for name, content in found.items()}
