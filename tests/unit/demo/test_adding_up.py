"""The demo must notice when any two statements about its round contradict each other."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from shared.demo.command import demo, mismatches
from shared.demo.journey import Story
from shared.demo.subscribers import Chronicle
from shared.messaging.broker import Delivery, Done

STORY = Story(
    round_id="r",
    ratees=3,
    invited=20,
    on_paper=2,
    outcomes=Counter(answered=12, declined=1, silent=5),
    counted=12,
    scored=2,
    held={"too_few_raters": 1},
)


@pytest.fixture
def chronicle(tmp_path: Path) -> Chronicle:
    made = Chronicle(tmp_path / "events.jsonl")
    made.types = Counter({"survey.completed.v1": 3, "behaviour.scored.v1": 2, "behaviour.held.v1": 1})
    made.facts = {
        "round.closed.v1": {"invited": 20, "answered": 12, "declined": 1},
        "round.released.v1": {"scored": 2, "held": 1},
    }
    return made


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    path.write_text("ratee,status\nA,released\nB,released\nC,held\n")
    return path


def test_a_round_that_adds_up(chronicle: Chronicle, table: Path) -> None:
    assert list(mismatches(STORY, chronicle, table)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(STORY, invited=21),
        replace(STORY, on_paper=1),
        replace(STORY, ratees=4),
        replace(STORY, counted=11),
        replace(STORY, scored=3),
        replace(STORY, held={}),
        replace(STORY, outcomes=Counter(answered=11, declined=2, silent=5)),
    ],
)
def test_a_wrong_count_is_noticed(wrong: Story, chronicle: Chronicle, table: Path) -> None:
    assert list(mismatches(wrong, chronicle, table))


@pytest.mark.parametrize("kind", ["survey.completed.v1", "behaviour.scored.v1", "behaviour.held.v1"])
def test_a_missing_event_is_noticed(kind: str, chronicle: Chronicle, table: Path) -> None:
    chronicle.types[kind] -= 1
    assert len(list(mismatches(STORY, chronicle, table))) == 1


def test_a_missing_row_is_noticed(chronicle: Chronicle, table: Path) -> None:
    table.write_text("ratee,status\nA,released\nB,released\n")
    assert list(mismatches(STORY, chronicle, table))


def test_the_chronicle_keeps_each_event_once_as_it_came(tmp_path: Path) -> None:
    made = Chronicle(tmp_path / "events.jsonl")
    body = b'{"type": "round.opened.v1", "data": {"ratees": 3}}'
    twice = [Delivery("round.opened.v1", "1", body), Delivery("round.opened.v1", "1", body)]
    assert made.take(twice) == [Done(), Done()]
    assert made.take(twice[:1]) == [Done()]
    assert (tmp_path / "events.jsonl").read_bytes() == body + b"\n"
    assert made.types == {"round.opened.v1": 1} and made.facts["round.opened.v1"] == {"ratees": 3}


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    result = CliRunner().invoke(demo, ["--out", str(tmp_path)])
    assert result.exit_code != 0 and (tmp_path / "thesis.txt").read_text() == "years of work"
    assert "no demo made" in str(result.exception)
