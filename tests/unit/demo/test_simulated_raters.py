"""What a simulated rater does depends on the seed and the pair, on nothing else."""

from collections import Counter

import pytest

from shared.demo.mails import Asked
from shared.demo.pages import Browser, Page, Surprise
from shared.demo.raters import Rater


def asked(number: int, role: str = "Peran Anda: rekan kerja setingkat", link: str = "http://x/s#a.b") -> Asked:
    return Asked(f"rater{number}@example.com", f"Ratee {number % 7}", ("Pengolah Surat", role), link, "ABCD")


def survey(questions: int, skipped: int = 0) -> Page:
    choices = {f"q{at}": ["1", "2", "3", "4", "5", "0"] for at in range(questions - skipped)}
    return Page(200, "survey", {"questions": str(questions)}, choices=choices)


def test_links_and_codes_change_between_runs_and_nothing_else_does() -> None:
    one, again = asked(1), asked(1, link="http://y/s#c.d")
    assert Rater(one, 5).way == Rater(again, 5).way
    assert Rater(one, 5).answers(survey(20)) == Rater(again, 5).answers(survey(20))


def test_another_seed_and_another_pair_answer_otherwise() -> None:
    answers = [Rater(asked(number), seed).answers(survey(20)) for seed in (1, 2) for number in range(5)]
    assert len({tuple(one) for one in answers}) == len(answers)


def test_answers_are_points_or_not_seen_and_only_what_is_asked() -> None:
    for number in range(50):
        answers = Rater(asked(number), 1).answers(survey(20, skipped=4))
        assert set(answers[:16]) <= {0, 1, 2, 3, 4, 5}
        assert answers[16:] == [255] * 4


def test_every_way_of_behaving_occurs_and_supervisors_are_diligent() -> None:
    others = Counter(Rater(asked(number), 1).way for number in range(2000))
    assert set(others) == {"answer", "typed", "twice", "regret", "late", "decline", "silent"}
    supervisors = Counter(Rater(asked(number, "Your role: supervisor"), 1).way for number in range(2000))
    assert supervisors["silent"] < others["silent"] / 2


class _Broken(Browser):
    """A site that answers everything with the same page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def get(self, path: str) -> Page:
        return self.page

    send = send_json = get  # type: ignore[assignment]


@pytest.mark.parametrize("page", [Page(200), Page(500), Page(200, "dead-end", {"code": "unknown_link"})])
def test_a_page_that_is_not_as_promised_stops_the_demo(page: Page) -> None:
    eager = next(rater for rater in (Rater(asked(n), 1) for n in range(100)) if rater.way == "answer")
    with pytest.raises(Surprise, match="expected start"):
        eager.act(_Broken(page), reminded=False)
