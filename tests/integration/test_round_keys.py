"""One key per round: two replicas, a crash at the worst moment, a key store that is gone, a copy in the safe."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from scoring_service.tables import round_
from scoring_service.usecases import counting, keys
from shared import audit, sealing
from shared.database import reading, transaction
from shared.errors import Refused
from shared.events import RoundCounted, RoundKey
from shared.messaging.broker import Retry
from tests.integration.scoring_world import MIGRATIONS, Survey, World, assert_done, full, opened

A = "198501012010011001"
PASSPHRASE = "dua belas huruf"


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run at the same moment, each in a thread; returns what they returned, raises what they raised."""
    gate, found = threading.Barrier(len(works)), [None] * len(works)

    def run(at: int) -> None:
        gate.wait()
        try:
            found[at] = works[at]()
        except Exception as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in found:
        if isinstance(one, Exception):
            raise one
    return found


def test_two_replicas_agree_on_one_key(world: World) -> None:
    survey, other = Survey((A,)), world.replica()
    together(lambda: world.hear(survey.launched()), lambda: other.hear(survey.launched()))
    announced = {key["public_key"] for key in world.said(RoundKey)}
    assert announced == {sealing.b64(world.one(round_).public_key)}
    private = world.keystore.get(keys.name_of(survey.round_id))
    assert private is not None and sealing.public_part(private) == world.one(round_).public_key
    other.engine.dispose()


def test_a_key_whose_round_was_not_committed_is_used_again(world: World) -> None:
    survey = Survey((A,))
    public = keys.make(world.keystore, survey.round_id)
    assert_done(world.hear(survey.launched()))
    assert world.one(round_).public_key == public


def test_two_replicas_count_a_round_once(world: World) -> None:
    survey, other = Survey((A,), ballots={A: full()}), world.replica()
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    together(lambda: world.work("count"), lambda: other.work("count"))
    assert world.one(round_).state == "counted"
    assert len(world.said(RoundCounted)) == 1
    assert [entry.action for entry in world.rows(audit.entry)] == ["round_key.destroyed"]
    other.engine.dispose()


def test_a_crash_between_destroying_the_key_and_saying_so_is_made_good(world: World) -> None:
    survey = Survey((A,), ballots={A: full()})
    opened(world, survey)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    with reading(world.engine) as session:
        root = counting.root_of(session, survey.round_id)
    with transaction(world.engine) as session:
        assert counting.reconcile(session, survey.round_id, root) == "reconciled"
    world.keystore.destroy(keys.name_of(survey.round_id))

    assert world.service.checks["round keys"]() is None
    world.work()
    assert world.one(round_).state == "scored"
    assert world.one(round_).key_destroyed_at == world.now
    assert len(world.said(RoundCounted)) == 1


def test_a_lost_key_names_the_round_and_loses_no_message(world: World) -> None:
    survey = Survey((A,), ballots={A: full()})
    opened(world, survey)
    with transaction(world.engine) as session:
        pem = keys.export(session, world.keystore, survey.round_id, PASSPHRASE, "HR", world.now)
    world.keystore.destroy(keys.name_of(survey.round_id))

    assert world.hear(survey.sealed(A)) == [Retry("KeyLost")]
    world.work("watch keys")
    assert world.one(round_).problem == "key_lost"
    said = world.service.checks["round keys"]()
    assert said is not None and "Triwulan IV 2026" in said

    with transaction(world.engine) as session:
        keys.restore(session, world.keystore, survey.round_id, pem, PASSPHRASE, "HR", world.now)
    world.work("watch keys")
    assert world.one(round_).problem is None
    assert_done(world.hear(survey.sealed(A), survey.manifest()))
    world.work("count")
    assert world.one(round_).state == "counted"


@pytest.mark.parametrize("content", [b"", b"not a key", sealing.make_key()])
def test_a_damaged_or_foreign_key_is_a_lost_one(world: World, content: bytes) -> None:
    survey = Survey((A,))
    opened(world, survey)
    world.keystore.destroy(keys.name_of(survey.round_id))
    world.keystore.put_new(keys.name_of(survey.round_id), content)
    said = world.service.checks["round keys"]()
    assert said is not None and "Triwulan IV 2026" in said
    with reading(world.engine) as session:
        assert [key.state for key in keys.states(session, world.keystore)] == ["lost"]


def test_a_key_store_that_does_not_answer_is_said_and_brings_nothing_down(world: World) -> None:
    opened(world, Survey((A,)))
    folder = world.settings.data_dir / "keys"
    folder.rename(world.settings.data_dir / "elsewhere")
    assert world.service.checks["round keys"]() == "the key store does not answer: FileNotFoundError"
    (world.settings.data_dir / "elsewhere").rename(folder)
    assert world.service.checks["round keys"]() is None


def test_an_export_is_encrypted_and_recorded(world: World) -> None:
    survey = Survey((A,))
    opened(world, survey)
    private = world.keystore.get(keys.name_of(survey.round_id))
    with transaction(world.engine) as session:
        pem = keys.export(session, world.keystore, survey.round_id, PASSPHRASE, "HR", world.now)
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    entry = world.one(audit.entry)
    assert (entry.action, entry.actor, entry.about) == ("round_key.exported", "HR", str(survey.round_id))
    assert private is not None and private not in pem


@pytest.mark.parametrize("passphrase", ["", "elevenchars"])
def test_a_short_passphrase_is_refused(world: World, passphrase: str) -> None:
    survey = Survey((A,))
    opened(world, survey)
    with pytest.raises(Refused, match="passphrase_short"), transaction(world.engine) as session:
        keys.export(session, world.keystore, survey.round_id, passphrase, "HR", world.now)
    assert world.rows(audit.entry) == []


def test_only_the_key_of_the_round_itself_can_be_restored(world: World) -> None:
    survey, other = Survey((A,)), Survey((A,))
    opened(world, survey)
    opened(world, other)
    with transaction(world.engine) as session:
        pem = keys.export(session, world.keystore, other.round_id, PASSPHRASE, "HR", world.now)
    world.keystore.destroy(keys.name_of(survey.round_id))
    for passphrase, word in ((PASSPHRASE, "other_key"), ("another passphrase", "key_unreadable")):
        with pytest.raises(Refused, match=word), transaction(world.engine) as session:
            keys.restore(session, world.keystore, survey.round_id, pem, passphrase, "HR", world.now)


def test_a_destroyed_key_can_be_neither_exported_nor_restored(world: World) -> None:
    survey = Survey((A,), ballots={A: full()})
    opened(world, survey)
    with transaction(world.engine) as session:
        pem = keys.export(session, world.keystore, survey.round_id, PASSPHRASE, "HR", world.now)
    assert_done(world.hear(*survey.all_sealed(), survey.manifest()))
    world.work("count")
    with pytest.raises(Refused, match="key_destroyed"), transaction(world.engine) as session:
        keys.export(session, world.keystore, survey.round_id, PASSPHRASE, "HR", world.now)
    with pytest.raises(Refused, match="key_not_needed"), transaction(world.engine) as session:
        keys.restore(session, world.keystore, survey.round_id, pem, PASSPHRASE, "HR", world.now)
