"""How far scoring has come: forward only, in every order, also before the count has arrived."""

from itertools import permutations
from uuid import UUID

import pytest
import sqlalchemy as sa

from shared.events import ADVANCED
from survey_service.tables import box, round_
from survey_service.usecases import advancing, closing
from tests.integration.survey.conftest import Office

ORDERS = list(permutations(("counted", *ADVANCED)))


def closed(office: Office) -> tuple[UUID, str]:
    round_id = office.open()
    office.do(closing.close, round_id, office.now, "hr")
    while office.do(closing.hand_over, office.now):
        pass
    [(root,)] = office.ask(sa.select(round_.c.merkle_root))
    return round_id, root


def state(office: Office) -> str:
    [(found,)] = office.ask(sa.select(round_.c.state))
    return str(found)


def test_every_order_with_every_message_twice_ends_the_same(office: Office) -> None:
    round_id, root = closed(office)
    fresh = {"state": "closed", "ahead": None, "counted": None}
    for order in ORDERS:
        office.do(lambda session: session.execute(sa.update(round_).values(**fresh)))
        seen = [state(office)]
        for said in order:
            if said == "counted":
                office.do(closing.counted, round_id, root, 7, 0, office.now)
            else:
                for _ in range(2):
                    office.do(advancing.advance, round_id, said)
            seen.append(state(office))
        assert seen[-1] == "final", order
        ranks = [("closed", "counted", *ADVANCED).index(one) for one in seen]
        assert ranks == sorted(ranks), "never backwards"
        before = order.index("counted")
        assert set(seen[: before + 1]) == {"closed"}, "boxes are deleted with the count, so nothing moves before"
    assert office.count(box) == 0


@pytest.mark.parametrize("present", ["open", "cancelled", "archived"])
def test_a_round_that_is_elsewhere_stays_there(office: Office, present: str) -> None:
    round_id = office.launched()
    office.do(lambda session: session.execute(sa.update(round_).values(state=present)))
    assert not office.do(advancing.advance, round_id, "final")
    assert state(office) == present
