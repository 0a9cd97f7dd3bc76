import os

import pytest

from survey_service.domain import drafts

DIGESTS = [os.urandom(32) for _ in range(150)]


def test_rows_hold_every_draft_once_and_any_digest_finds_its_row():
    rows = list(drafts.rows((digest, digest[:10]) for digest in DIGESTS))
    assert [len(held) // 42 for _, held in rows] == [64, 64, 22]
    assert rows[-1][0] == drafts.LAST
    for digest in DIGESTS:
        held = next(held for upto, held in rows if upto >= digest)
        assert drafts.find(held, digest, 10) == digest[:10]


def test_a_row_is_sorted_by_digest_whatever_the_order_of_launch():
    [(_, one)], [(_, other)] = (
        list(drafts.rows((d, b"x") for d in order)) for order in (DIGESTS[:9], DIGESTS[8::-1])
    )
    assert one == other


def test_putting_a_draft_changes_only_its_place_and_not_the_length():
    [(_, held)] = drafts.rows((digest, bytes(20)) for digest in DIGESTS[:64])
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
    assert list(drafts.rows([])) == []
