"""Printed slips for people without an address of their own: one sheet each, opened only while they are printed.

The document is HTML that any browser prints; nothing of it is kept here.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import resources
from typing import Any
from uuid import UUID

import segno
import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined

from notifier.domain.letter import BrokenLetter, Letter, entrance, read
from notifier.writing import flat, moment, texts
from shared.config import contact_in
from shared.sealing import CannotOpen, Opener, letter_info


class SlipPrinter:
    """Makes the sheets of a round. ``private_key`` finds a key by the fingerprint of its public part."""

    def __init__(self, agency: str, private_key: Callable[[str], bytes | None]) -> None:
        self._agency = flat(agency)
        self._private_key = private_key
        self._texts = texts(resources.files("notifier") / "templates" / "slips.json")
        environment = Environment(loader=PackageLoader("notifier"), autoescape=True, undefined=StrictUndefined)
        self._page = environment.get_template("slips.html")

    def document(self, rows: Sequence[sa.Row[Any]]) -> tuple[str, int]:
        """One sheet per letter, by unit and name, and how many letters could not be opened."""
        opened = [(row, self._open(row)) for row in rows]
        sheets = [self._sheet(row, letter) for row, letter in opened if letter]
        sheets.sort(key=lambda sheet: (sheet["unit"], sheet["name"]))
        return self._page.render(sheets=sheets, agency=self._agency), len(rows) - len(sheets)

    def _open(self, row: sa.Row[Any]) -> Letter | None:
        key = self._private_key(row.fingerprint)
        try:
            plain = Opener(key).open(row.sealed, letter_info(row.letter_id)) if key else b""
            return read(json.loads(plain), frozenset(row.pending))
        except (CannotOpen, BrokenLetter, ValueError, RecursionError):
            return None

    def _sheet(self, row: sa.Row[Any], letter: Letter) -> dict[str, Any]:
        text = self._texts[letter.language]
        date, hour, zone = moment(row.closes_at, row.timezone, letter.language)
        facts = {"date": date, "hour": hour, "zone": zone}
        facts |= {"contact": contact_in(letter.language, flat(row.contact))}
        facts |= {"entrance": entrance(letter.links), "n": str(len(letter.links))}
        whole = letter.whole or letter.links[0]
        return {
            "language": letter.language,
            "name": flat(letter.name),
            "unit": flat(letter.unit),
            "round": flat(row.round_name),
            "authority": flat(row.authority),
            "qr": segno.make(whole.link, error="m").svg_inline(scale=4, border=4),
            "code": flat(whole.code),
            "people": [(flat(one.ratee), flat(one.post), text[f"role.{one.relation}"]) for one in letter.links],
            "sole": any(one.sole for one in letter.links),
            "text": {name: words.format(**facts) for name, words in text.items()},
        }


def of_round(printer: SlipPrinter, rows: Sequence[sa.Row[Any]], round_id: UUID, at: datetime) -> str:
    """The document; raises ``LookupError`` when there is nothing to print for the round at this moment."""
    if not rows:
        raise LookupError(f"There are no slips for round {round_id} at {at:%Y-%m-%d %H:%M} UTC.")
    page, unread = printer.document(rows)
    if unread:
        raise LookupError(f"{unread} letter(s) cannot be opened: is the key store of the notifier here?")
    return page
