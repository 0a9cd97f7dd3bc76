"""Key stores: where private keys live, outside every database and every backup of one.

A key is written once under its name, read whole, and destroyed for good. A store is named by a URL; ``dir:path``
is a folder of the operating system (mode 0700) with one file (mode 0600) per key.
"""

import contextlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import Protocol

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,119}")
_DRAFT, _GONE = ".draft-", ".gone-"
_STALE = 60
"""Seconds after which a draft has no writer any more: who made it died."""


class KeyStore(Protocol):
    """Keeps private keys. Safe to use from several threads and processes at once."""

    def put_new(self, name: str, value: bytes) -> bytes:
        """Keep ``value`` unless the name is taken; returns what is kept, so that two replicas agree.

        The value is safe on the disk when this returns.
        """

    def get(self, name: str) -> bytes | None:
        """The key, or None when there is none (never made, or destroyed)."""

    def destroy(self, name: str) -> bool:
        """Overwrite and remove the key; returns whether there was one. After that it cannot be read again."""

    def names(self) -> tuple[str, ...]:
        """The names of all keys, sorted."""


def open_keystore(url: str) -> KeyStore:
    """The key store that ``url`` names (``dir:path``); a missing folder is made."""
    scheme, _, path = url.partition(":")
    if scheme != "dir" or not path:
        raise ValueError("a key store is named dir:PATH")
    return DirectoryStore(Path(path).expanduser())


class DirectoryStore:
    """One file per key. Names are lower-case letters, digits, ``-`` and ``_``, at most 120 characters.

    Raises ``ValueError`` for another name and ``OSError`` when the folder does not work. Overwriting reaches the
    blocks of a plain file system; on copy-on-write or flash storage the disk itself should be encrypted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)

    def put_new(self, name: str, value: bytes) -> bytes:
        """See ``KeyStore``: a complete file is linked to its name, never replaced."""
        path = self._path(name)
        if (kept := self.get(name)) is not None:
            self._settle()  # whoever wrote it may not have come that far
            return kept
        self._forget_drafts()
        draft = self._folder / f"{_DRAFT}{secrets.token_hex(8)}"
        _write(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), value)
        try:
            os.link(draft, path)
            return value
        except FileExistsError:
            _blot_out(draft)
            return self.put_new(name, value)
        finally:
            draft.unlink()
            self._settle()

    def get(self, name: str) -> bytes | None:
        """See ``KeyStore``."""
        try:
            descriptor = os.open(self._path(name), os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return file.read()

    def destroy(self, name: str) -> bool:
        """See ``KeyStore``: the name goes first, then the bytes, so that nobody finds half a key."""
        path = self._path(name)
        self._forget_drafts()
        self._forget_gone()
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NOFOLLOW))
            path.rename(self._folder / f"{_GONE}{secrets.token_hex(8)}")
        except FileNotFoundError:
            return False
        self._settle()
        self._forget_gone()
        return True

    def names(self) -> tuple[str, ...]:
        """See ``KeyStore``."""
        return tuple(sorted(path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)))

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("a key's name has lower-case letters, digits, - and _ only, at most 120")
        return self._folder / name

    def _forget_drafts(self) -> None:
        """Remove what a death left of a key. One that has its name already shares its bytes with the kept key."""
        for draft in self._folder.glob(f"{_DRAFT}*"):
            with contextlib.suppress(FileNotFoundError):
                found = draft.lstat()
                if found.st_mtime > time.time() - _STALE:
                    continue
                if found.st_nlink == 1:
                    _blot_out(draft)
                draft.unlink()

    def _forget_gone(self) -> None:
        """Overwrite and remove what was to be destroyed, also by somebody who died over it or is at it now."""
        for gone in self._folder.glob(f"{_GONE}*"):
            with contextlib.suppress(FileNotFoundError):
                _blot_out(gone)
                gone.unlink()
        self._settle()

    def _settle(self) -> None:
        """Make created and removed names durable."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _blot_out(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    _write(descriptor, secrets.token_bytes(os.fstat(descriptor).st_size))


def _write(descriptor: int, value: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
