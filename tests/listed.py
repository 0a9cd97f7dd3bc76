"""A rater with several ratees and one letter, as a launch leaves them: links derived from the letter's secret."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from shared import sealing
from shared.database import transaction
from survey_service import tokens
from survey_service.domain import boxes
from survey_service.tables import box, invitation, letter, ratee
from survey_service.usecases import drafts
from tests.asked import Asked, Link

BOSS = "197001011995011001"
RELATIONS = ("supervisor", "peer", "subordinate", "self")


@dataclass
class Boss:
    """Somebody who is asked about ``count`` people; ``links`` in the order of their names."""

    asked: Asked
    count: int = 12
    language: str = "id"
    secret: bytes = field(default_factory=tokens.mint)
    letter_id: UUID = field(default_factory=uuid4)
    links: list[Link] = field(default_factory=list)

    def __post_init__(self) -> None:
        rows = [self._row(at) for at in range(self.count)]
        with transaction(self.asked.engine) as session:
            self.asked._person(session, BOSS, "Ratna Kepala", "ratna.kepala@dinas.example", self.language)
            session.execute(ratee.insert(), [self._ratee(at) for at in range(self.count)])
            places = [
                {"round_id": self.asked.round_id, "ratee": row["ratee"], "relation": relation, "ballots": b""}
                for row in rows
                for relation in RELATIONS
            ]
            session.execute(box.insert(), places)
            session.execute(letter.insert().values(**self._letter()))
            session.execute(invitation.insert(), rows)
            for row in rows:
                plain = sealing.ballot_length(self.asked.items)
                drafts.forget(session, self.asked.round_id, row["token_digest"], plain)

    @property
    def fragment(self) -> str:
        url = tokens.list_link(self.asked.settings.public_url, self.secret, self.asked.settings.service_secrets)
        return url.partition("#")[2]

    @property
    def code(self) -> str:
        return tokens.list_code(self.secret)

    @property
    def form(self) -> dict[str, str]:
        """What a browser sends to see the list."""
        _, _, signature = self.fragment.split(".")
        return {"token": sealing.b64(tokens.list_token_of(self.secret)), "signature": signature}

    def opens(self, at: int) -> dict[str, str]:
        """What a browser sends to open the form at a place of the list."""
        return {**self.form, "list": self.form["token"], "token": sealing.b64(self.links[at].token)}

    def states(self) -> list[str]:
        query = sa.select(invitation.c.state).where(invitation.c.letter_id == self.letter_id)
        with self.asked.engine.connect() as connection:
            return list(connection.scalars(query.order_by(invitation.c.ratee)))

    def set_state(self, at: int, state: str) -> None:
        with transaction(self.asked.engine) as session:
            session.execute(sa.update(invitation).where(invitation.c.id == self.links[at].id).values(state=state))

    def answers(self, at: int) -> list[list[int]]:
        """What scoring would read about the ratee at a place."""
        number = self._number(at)
        with self.asked.engine.connect() as connection:
            kept = connection.scalar(
                sa.select(box.c.ballots).where(box.c.ratee == number, box.c.relation == "supervisor")
            )
        length = sealing.sealed_length(sealing.ballot_length(self.asked.items))
        info = sealing.ballot_info(self.asked.round_id, number, "supervisor")
        opened = [sealing.Opener(self.asked.private).open(one, info) for one in boxes.split(kept, length)]
        return [list(plain[1 : self.asked.items + 1]) for plain in opened]

    @staticmethod
    def _number(at: int) -> str:
        return f"19800101200501{at:04}"

    def _ratee(self, at: int) -> dict[str, Any]:
        return {
            "round_id": self.asked.round_id,
            "number": self._number(at),
            "name": f"Bawahan {at + 1:02}",
            "post": "Pengelola Data",
            "unit": "Dinas Contoh",
            "tier": "pelaksana",
            "leadership": False,
        }

    def _row(self, at: int) -> dict[str, Any]:
        identity = uuid4()
        self.links.append(Link(tokens.secret_of(self.secret, identity), self.asked.settings, identity))
        return {
            "id": identity,
            "round_id": self.asked.round_id,
            "ratee": self._number(at),
            "rater": BOSS,
            "relation": "supervisor",
            "letter_id": self.letter_id,
            "token_digest": tokens.digest_of(self.links[at].token),
            "state": "pending",
        }

    def _letter(self) -> dict[str, Any]:
        return {
            "id": self.letter_id,
            "round_id": self.asked.round_id,
            "rater": BOSS,
            "unit": "Dinas Contoh",
            "state": "accepted",
            "sealed": b"sealed letter",
            "fingerprint": "f" * 64,
            "requests": 1,
            "token_digest": tokens.digest_of(tokens.list_token_of(self.secret)),
        }
