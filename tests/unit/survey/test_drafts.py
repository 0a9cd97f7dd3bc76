import os

import pytest

from survey_service.domain import drafts

DIGESTS = [os.urandom(32) for _ in range(150)]


def test_rows_hold_every_draft_once_and_any_digest_finds_its_row():
    noise = os.urandom(10 * len(DIGESTS))
    given = (noise[at * 640 :] for at in range(3))
    rows = list(drafts.rows(DIGESTS, 10, lambda size: next(given)[:size]))
    assert [len(held) // 42 for _, held in rows] == [64, 64, 22]
    assert rows[-1][0] == drafts.LAST
    found = [
        drafts.find(next(held for upto, held in rows if upto >= digest), digest, 10) for digest in sorted(DIGESTS)
    ]
    assert b"".join(one or b"" for one in found) == noise


def test_a_row_is_sorted_by_digest_whatever_the_order_of_launch():
    [(_, one)], [(_, other)] = (list(drafts.rows(order, 1, bytes)) for order in (DIGESTS[:9], DIGESTS[8::-1]))
    assert one == other


def test_putting_a_draft_changes_only_its_place_and_not_the_length():
    [(_, held)] = drafts.rows(DIGESTS[:64], 20, bytes)
    changed = drafts.put(held, DIGESTS[7], b"d" * 20)
    assert len(changed) == len(held)
    assert drafts.find(changed, DIGESTS[7], 20) == b"d" * 20
    assert drafts.put(changed, DIGESTS[7], bytes(20)) == held
    assert drafts.find(held, os.urandom(32), 20) is None
    assert len(drafts.put(held, os.urandom(32), bytes(20))) == len(held) + 52


def test_a_row_that_does_not_hold_whole_drafts_is_refused():
    with pytest.raises(ValueError, match="do not hold drafts"):
        drafts.find(bytes(100), DIGESTS[0], 20)


def test_no_links_make_no_rows():
    assert list(drafts.rows([], 20, bytes)) == []
