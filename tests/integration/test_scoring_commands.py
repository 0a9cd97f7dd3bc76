"""What an operator types: scores to a file, a replay, keys in the safe."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import Engine

from shared import audit
from shared.errors import Refused
from shared.events import BehaviourScored
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, full, opened, released

A, B = "198501012010011001", "198501012010011002"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def cermin(world: World, *words: object, typed: str | None = None) -> Result:
    command = next(command for command in world.service.commands if command.name == words[0])
    result = CliRunner().invoke(command, [str(word) for word in words[1:]], input=typed)
    if isinstance(result.exception, Refused):
        raise result.exception
    return result


def test_scores_go_to_a_file_and_the_audit_says_so(world: World, tmp_path: Path) -> None:
    survey = Survey((A,), ballots={A: full(4)})
    released(world, survey)
    file = tmp_path / "scores.csv"
    assert cermin(world, "scores", survey.round_id, "--csv", file).exit_code == 0
    assert file.read_bytes().splitlines()[1] == f"{A},scored,,80,,,5-9,pp30-360 1".encode()
    entry = world.rows(audit.entry)[-1]
    assert (entry.action, entry.facts) == ("scores.exported", {"layout": "scores", "format": "csv", "rows": 1})
    assert entry.actor.startswith("operator")


def test_provenance_goes_to_a_file_that_anybody_can_compute_again(world: World, tmp_path: Path) -> None:
    survey = Survey((A, B), ballots={A: full(4), B: {"supervisor": [answers(4)]}})
    released(world, survey)
    file = tmp_path / "packages.jsonl"
    assert cermin(world, "provenance", survey.round_id, "--out", file).exit_code == 0
    script = Path(__file__).parents[2] / "examples" / "recompute.py"
    ran = subprocess.run([sys.executable, "-I", script, file], capture_output=True, text=True, check=True)
    assert ran.stdout == "1 the same to the last digit, 0 not, 1 held\n"
    entry = world.rows(audit.entry)[-1]
    assert (entry.action, entry.facts) == ("provenance.exported", {"packages": 2})
    made, held = (json.loads(line) for line in file.read_text().splitlines())
    (scored,) = world.said(BehaviourScored)
    assert scored["provenance"]["inputs_digest"] == made["inputs_digest"]
    assert held["reason"] == "too_few_raters" and "inputs" not in held
    alone = cermin(world, "provenance", survey.round_id, "--ratee", A, "--out", "-").stdout
    assert json.loads(alone.splitlines()[0]) == made


def test_nothing_leaves_before_the_release(world: World) -> None:
    survey = Survey((A,), ballots={A: full(4)})
    counted(world, survey)
    assert cermin(world, "provenance", survey.round_id, "--out", "-").stdout == ""
    with pytest.raises(Refused, match="score_unknown"):
        cermin(world, "provenance", survey.round_id, "--ratee", A, "--out", "-")


def test_a_replay_says_how_many(world: World) -> None:
    survey = Survey((A,), ballots={A: full(4)})
    released(world, survey)
    assert "2 events" in cermin(world, "replay", "--round", survey.round_id).output
    with pytest.raises(Refused, match="round_unknown"):
        cermin(world, "replay", "--round", Survey().round_id)


def test_keys_are_listed_exported_and_restored(world: World, tmp_path: Path) -> None:
    survey = Survey((A,), ballots={A: full(4)})
    opened(world, survey)
    copy, phrase = tmp_path / "key.pem", "dua belas huruf"
    assert "present" in cermin(world, "keys", "list").output
    result = cermin(
        world, "keys", "export", "--round", survey.round_id, "--out", copy, typed=f"{phrase}\n{phrase}\n"
    )
    assert result.exit_code == 0 and phrase not in result.output
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    world.keystore.destroy(f"round-{survey.round_id}")
    lost = cermin(world, "keys", "list")
    assert lost.exit_code == 1 and "Lost: Triwulan IV 2026." in lost.output
    restored = ["keys", "restore", "--round", survey.round_id, copy]
    assert cermin(world, *restored, typed=f"{phrase}\n").exit_code == 0
    assert "present" in cermin(world, "keys", "list").output
    assert [entry.action for entry in world.rows(audit.entry)] == ["round_key.exported", "round_key.restored"]


def test_an_export_never_writes_over_a_file(world: World, tmp_path: Path) -> None:
    survey = Survey((A,))
    opened(world, survey)
    copy = tmp_path / "key.pem"
    copy.write_text("mine")
    words = ["keys", "export", "--round", survey.round_id, "--out", copy, "--passphrase", "dua belas huruf"]
    assert cermin(world, *words).exit_code == 1
    assert copy.read_text() == "mine"
    assert world.rows(audit.entry) == []
