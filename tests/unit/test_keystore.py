"""The key store in a folder: written once, private to its owner, gone when destroyed."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from shared.keystore import DirectoryStore, open_keystore


def test_a_key_is_kept_and_found_again(tmp_path: Path) -> None:
    open_keystore(f"dir:{tmp_path / 'keys'}").put_new("round-1", b"first")
    assert open_keystore(f"dir:{tmp_path / 'keys'}").get("round-1") == b"first"
    assert DirectoryStore(tmp_path / "keys").names() == ("round-1",)


def test_the_first_key_of_a_name_stays(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    assert store.put_new("notifier", b"first") == b"first"
    assert store.put_new("notifier", b"second") == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["notifier"]


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    folder.mkdir(mode=0o755)
    DirectoryStore(folder).put_new("a", b"secret")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a").stat().st_mode) == 0o600


def test_a_destroyed_key_is_gone_and_its_bytes_are_overwritten(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "keys")
    store.put_new("round-1", b"canary" * 20)
    os.link(tmp_path / "keys" / "round-1", tmp_path / "second-name")  # shows what is left in the blocks
    assert store.destroy("round-1")
    assert store.get("round-1") is None
    assert b"canary" not in (tmp_path / "second-name").read_bytes()
    assert not store.destroy("round-1")


def test_what_a_death_left_of_a_key_goes_with_the_next(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.put_new("kept", b"kept")
    (tmp_path / ".draft-unnamed").write_bytes(b"canary")
    os.link(tmp_path / "kept", tmp_path / ".draft-named")
    (tmp_path / ".draft-fresh").write_bytes(b"another process is at it")
    for name in ("unnamed", "named"):
        os.utime(tmp_path / f".draft-{name}", (0, 0))
    store.put_new("next", b"next")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".draft-fresh", "kept", "next"]
    assert store.get("kept") == b"kept", "it has the same bytes as a draft that was removed"


def test_what_a_death_left_to_destroy_is_destroyed_by_whoever_tries_again(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "keys")
    store.put_new("round-1", b"canary" * 20)
    os.link(tmp_path / "keys" / "round-1", tmp_path / "second-name")
    (tmp_path / "keys" / "round-1").rename(tmp_path / "keys" / ".gone-0")
    assert not store.destroy("round-1")
    assert b"canary" not in (tmp_path / "second-name").read_bytes()
    assert list((tmp_path / "keys").iterdir()) == []


@pytest.mark.parametrize("name", ["", "../a", "a/b", ".hidden", "UPPER", "a\n", "x" * 121])
def test_a_name_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    store = DirectoryStore(tmp_path)
    for use in (store.get, store.destroy, lambda it: store.put_new(it, b"x")):
        with pytest.raises(ValueError, match="name"):
            use(name)


def test_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"not ours")
    store = DirectoryStore(tmp_path / "keys")
    (tmp_path / "keys" / "a").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic links"):
        store.destroy("a")
    assert (tmp_path / "victim").read_bytes() == b"not ours"


def _put(folder: Path, value: bytes) -> bytes:
    return DirectoryStore(folder).put_new("shared", value)


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        kept = pool.starmap(_put, [(tmp_path, bytes([number]) * 64) for number in range(24)])
    assert len(set(kept)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["shared"]
