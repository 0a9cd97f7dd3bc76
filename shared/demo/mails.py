"""Mails as a person reads them: the plain text, its list of people, a link and a code for each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

_ENTRY = re.compile(
    r"^\d+\. (?P<ratee>.+)\n(?P<about>(?: +.+\n)+)\n +.+:\n +(?P<link>\S+/s#\S+)\n +.+: (?P<code>[A-Z2-7-]+)$", re.M
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a mail: ``rater`` (an address) is asked about ``ratee``; ``about`` is post and role as read."""

    rater: str
    ratee: str
    about: tuple[str, ...]
    link: str
    code: str

    @property
    def who(self) -> str:
        """The same for the same pair in every run: links differ, people do not."""
        return "\n".join((self.rater, self.ratee, *self.about))

    @property
    def supervising(self) -> bool:
        """Whether the mail says that this rater is the supervisor."""
        return self.about[-1].endswith(("pejabat penilai", "supervisor"))


def read(folder: Path) -> Iterator[Asked]:
    """Everything that the mails in the Maildir ``folder`` ask for; a reminder asks for what is pending again."""
    for path in sorted((folder / "new").glob("*")):
        yield from asked(path.read_bytes())


def asked(mail: bytes) -> Iterator[Asked]:
    """What one mail asks for."""
    message = message_from_bytes(mail, policy=policy.default)
    plain = message.get_body(("plain",))
    if plain is None:
        return
    text = plain.get_content().replace("\r\n", "\n")
    for entry in _ENTRY.finditer(text):
        about = tuple(line.strip() for line in entry["about"].splitlines())
        yield Asked(str(message["To"]), entry["ratee"], about, entry["link"], entry["code"])
