"""The notifier's keys: the one that letters and notices are sealed to now, and retired ones still needed."""

from shared.keystore import KeyStore, open_keystore
from shared.sealing import fingerprint, make_key, public_part

CURRENT = "notifier"
"""The name of the present key pair in the key store; a retired one is ``notifier-FINGERPRINT``."""


class Keys:
    """Private keys by fingerprint of their public part, in the key store that ``url`` names; nothing is opened yet.

    Replicas share the store, and so the keys.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def current(self) -> bytes:
        """The present private key, made by whoever comes first."""
        store = self._store()
        return store.get(CURRENT) or store.put_new(CURRENT, make_key())

    def find(self, wanted: str) -> bytes | None:
        """The private key with this fingerprint, present or retired; None when it is destroyed or another's."""
        found = (self.current(), self._store().get(_retired(wanted)))
        return next((key for key in found if key and fingerprint(public_part(key)) == wanted), None)

    def retire(self, name: str) -> bytes:
        """Put the present key aside if it has this fingerprint; returns the key that is the present one then."""
        private = self.current()
        if fingerprint(public_part(private)) == name:
            self._store().put_new(_retired(name), private)
            self._store().destroy(CURRENT)
        return self.current()

    def destroy(self, name: str) -> bool:
        """Destroy a retired key; whether it was there."""
        return self._store().destroy(_retired(name))

    def names(self) -> tuple[str, ...]:
        """What the store holds. Raises ``OSError`` when it does not work."""
        return self._store().names()

    def _store(self) -> KeyStore:
        return open_keystore(self._url)


def _retired(name: str) -> str:
    return f"{CURRENT}-{name}"
