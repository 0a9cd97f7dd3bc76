"""Receipts on both databases: every ballot of a closed round is in the list, and the list gives the root."""

import hashlib
import json
from uuid import uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from shared.cli import main
from shared.database import reading, transaction
from shared.errors import Refused
from shared.messaging.tables import outbox
from shared.sealing import merkle_root
from survey_service.tables import round_
from survey_service.usecases import accepting, closing, receipts
from tests.asked import NOW, Asked


@pytest.fixture
def asked(new_engine, tmp_path) -> Asked:
    return Asked(new_engine("survey_service.migrations"), tmp_path)


def answered(asked: Asked, *relations: str) -> list[str]:
    """The receipts of raters who answered, in the order in which they did."""
    found = []
    for relation in relations:
        link, ballot = asked.invite(relation), asked.ballot(relation)
        with transaction(asked.engine) as session:
            accepting.submit(session, link.token, ballot, NOW)
        found.append(hashlib.sha256(ballot).hexdigest())
    return found


def close(asked: Asked) -> str:
    with transaction(asked.engine) as session:
        closing.close(session, asked.round_id, NOW, "test")
    with pytest.raises(Refused, match="no_receipts"), reading(asked.engine) as session:
        receipts.published(session, asked.round_id)
    for _ in range(2):
        with transaction(asked.engine) as session:
            closing.hand_over(session, NOW)
    with asked.engine.connect() as connection:
        return str(connection.scalar(sa.select(round_.c.merkle_root)))


def test_the_list_has_every_receipt_and_stays_when_the_ballots_go(asked):
    given = answered(asked, "peer", "peer", "supervisor", "subordinate", "peer", "self")
    root = close(asked)
    with transaction(asked.engine) as session:
        closing.counted(session, asked.round_id, root, 6, 0, NOW)
    with reading(asked.engine) as session:
        found = receipts.published(session, asked.round_id)
        closed = session.scalar(sa.select(outbox.c.data).where(outbox.c.type == "round.closed.v1"))
    assert list(found.hashes) == sorted(given)
    assert found.root == root == merkle_root(bytes.fromhex(one) for one in given)
    assert json.loads(closed)["merkle_root"] == root


def test_page_and_list_are_there_after_close_for_everybody_and_need_nothing(asked):
    client = asked.app().test_client()
    place = f"/s/receipts/{asked.round_id}"
    [receipt] = answered(asked, "peer")
    for path in (place, f"{place}.txt", f"/s/receipts/{uuid4()}", f"/s/receipts/{uuid4()}.txt"):
        page = client.get(path)
        assert page.status_code == 404
        assert "belum ada" in page.text
    root = close(asked)
    page, listed = client.get(place), client.get(f"{place}.txt")
    assert root in page.text
    assert receipt not in page.text
    assert listed.text == f"{receipt}\n"
    assert listed.headers["Cache-Control"] == "public, max-age=86400"
    assert client.get(f"{place}.txt", headers={"If-None-Match": listed.headers["ETag"]}).status_code == 304
    assert not {"Set-Cookie"} & {*page.headers.keys(), *listed.headers.keys()}


def test_a_round_without_answers_has_an_empty_list(asked):
    root = close(asked)
    with reading(asked.engine) as session:
        assert receipts.published(session, asked.round_id).hashes == ()
    assert root == merkle_root([])


def test_the_command_tells_offline_what_is_wrong(asked, tmp_path):
    given = answered(asked, "peer", "peer", "self")
    root = close(asked)
    listed, kept = tmp_path / "list.txt", tmp_path / "receipt.txt"
    listed.write_text(asked.app().test_client().get(f"/s/receipts/{asked.round_id}.txt").text)
    kept.write_text(f"{given[1]}\nhttps://survei.kota.go.id/s/receipts/x\n")

    def run(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["verify-receipt", *map(str, arguments)])
        return done.exit_code, done.output

    for receipt in (given[0], given[1].upper(), kept):
        code, said = run(receipt, listed, "--root", root)
        assert code == 0, said
        assert "adds up to the announced root" in said
    assert run(given[2], listed)[1].count(root) == 1
    absent, said = run("0" * 64, listed, "--root", root)
    assert absent == 1
    assert "not in the list" in said
    for spoiled in ("\n".join(sorted(given)[1:]), "\n".join(sorted([*given, "f" * 64]))):
        listed.write_text(spoiled)
        code, said = run(sorted(given)[1], listed, "--root", root)
        assert code == 1
        assert "it was changed" in said
    for text, word in (("no receipt", "line 1"), ("\n".join(sorted(given)[::-1]), "line 2"), ("€", "ascii")):
        listed.write_text(text)
        code, said = run(given[0], listed)
        assert code == 1
        assert word in said
    assert run("12345", listed)[0] == 1
