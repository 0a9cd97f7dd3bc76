"""What a mail server's answer means, how fast mails go, and what a letter may say."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.domain.answers import DELAYS, Again, Answer, Finished, answer, decide, pause
from notifier.domain.letter import BrokenLetter, deliverable, read
from notifier.domain.pace import Pace
from tests.post_office import link

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


@pytest.mark.parametrize(
    ("stage", "code", "text", "expected"),
    [
        ("message", 250, b"2.0.0 queued as X", Answer("accepted", "2.0.0")),
        ("recipient", 550, b"5.1.1 <a@b.test> unknown", Answer("refused", "5.1.1")),
        ("recipient", 550, b"no such user a@b.test", Answer("refused", "550")),
        ("message", 554, b"spam", Answer("refused", "554")),
        ("recipient", 451, b"4.7.1 greylisted", Answer("deferred", "4.7.1")),
        ("recipient", 421, b"too many", Answer("lost", "421")),
        ("server", 535, b"5.7.8 bad password", Answer("misconfigured", "5.7.8")),
        ("server", 550, b"sender not yours", Answer("misconfigured", "550")),
        ("server", 451, b"busy", Answer("unreachable", "451")),
        ("recipient", 450, b"5.1.1 contradicts itself", Answer("deferred", "450")),
    ],
)
def test_an_answer_is_judged_by_how_far_the_talk_had_come(stage, code, text, expected) -> None:
    assert answer(stage, code, text) == expected


def test_a_passing_no_is_tried_again_with_growing_pauses_and_then_given_up() -> None:
    tries = [decide(Answer("deferred", "451"), number, NOW, LATER) for number in range(1, len(DELAYS) + 2)]
    assert tries[:-1] == [Again(NOW + delay) for delay in DELAYS]
    assert list(DELAYS) == sorted(DELAYS)
    assert tries[-1] == Finished("temporary", "451")


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ("deferred", "temporary"),
        ("lost", "temporary"),
        ("unreachable", "temporary"),
        ("misconfigured", "technical"),
    ],
)
def test_nothing_is_tried_after_the_window_has_closed(result, outcome) -> None:
    soon = NOW + timedelta(seconds=10)
    assert decide(Answer(result, "x"), 1, NOW, soon) == Finished(outcome, "x")


def test_a_final_no_is_permanent_at_once() -> None:
    assert decide(Answer("refused", "550"), 1, NOW, LATER) == Finished("permanent", "550")


def test_a_silent_server_is_asked_again_within_half_a_minute() -> None:
    assert [pause(number).total_seconds() for number in (1, 2, 3, 7, 100)] == [5, 10, 20, 20, 20]


def test_the_pace_per_minute_holds_over_ten_minutes() -> None:
    pace, sent, now = Pace(60, 1000), 0, NOW
    for _ in range(6000):
        sent += pace.take("a.test", now) is None
        now += timedelta(milliseconds=100)
    assert 600 <= sent <= 603


def test_a_busy_domain_holds_up_no_other() -> None:
    pace = Pace(6000, 30)
    times = [pace.take("busy.test", NOW) for _ in range(4)]
    assert times == [None, *(NOW + timedelta(seconds=2 * number) for number in (1, 2, 3))]
    assert pace.take("other.test", NOW) is None
    assert pace.take("busy.test", NOW + timedelta(seconds=2)) is None


def test_the_allowance_never_exceeds_two_seconds_worth() -> None:
    pace = Pace(600, 600)
    assert pace.allowance(NOW) == pace.allowance(NOW + timedelta(days=1)) == 20
    assert Pace(1, 1).allowance(NOW) == 1


@pytest.mark.parametrize("address", ["a@b.test", "rina.r+360@sub.kantor.go.id", "o'neill@b.test"])
def test_plain_addresses_are_deliverable(address: str) -> None:
    assert deliverable(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "a@b.test\nBcc: c@d.test",
        "a@b.test\r",
        "a b@c.test",
        "a@b.test, c@d.test",
        "<a@b.test>",
        "a@",
        "@b.test",
        "a@b@c.test",
        "a..b@c.test",
        "ä@b.test",
        "a@b.test>\r\nRCPT TO:<c@d.test",
        "x" * 65 + "@b.test",
    ],
)
def test_what_could_be_misread_as_a_header_or_command_is_not(address: str) -> None:
    assert not deliverable(address)


def _letter(**changes: object) -> dict[str, object]:
    return {"to": "a@b.test", "name": "A", "language": "id", "links": [link("i-1"), link("i-2")]} | changes


def test_only_pending_invitations_are_read() -> None:
    assert [one.invitation for one in read(_letter(), {"i-2", "i-9"}).links] == ["i-2"]


def test_sole_counts_for_supervisors_only() -> None:
    links = [link("i-1", sole=True), link("i-2", sole=True, relation="supervisor")]
    assert [one.sole for one in read(_letter(links=links), {"i-1", "i-2"}).links] == [False, True]


@pytest.mark.parametrize(
    "broken",
    [
        [],
        "text",
        _letter(to=None),
        _letter(language="fr"),
        _letter(links={}),
        _letter(links=["x"]),
        _letter(links=[link("i-1", link="javascript:alert(1)")]),
        _letter(links=[link("i-1", link="https://a.test/s#x y")]),
        _letter(links=[link("i-1", link='https://a.test/s#"><script>')]),
        _letter(links=[link("i-1", relation="friend")]),
        _letter(links=[link("other")]),
    ],
)
def test_a_broken_letter_is_refused_without_repeating_it(broken: object) -> None:
    with pytest.raises(BrokenLetter) as refusal:
        read(broken, {"i-1"})
    assert "a@b.test" not in str(refusal.value)
    assert "CANARY" not in str(refusal.value)
