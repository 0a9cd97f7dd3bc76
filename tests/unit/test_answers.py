"""Rules of answering, as on paper."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from survey_service.domain.answers import asked, deadline, minutes, read, standing

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_leadership_sections_are_asked_about_leaders_only():
    body = {"sections": [{"leadership_only": False, "items": [1, 2]}, {"leadership_only": True, "items": [3]}]}
    assert asked(body, leadership=False) == [True, True, False]
    assert asked(body, leadership=True) == [True, True, True]


def test_answers_are_numbers_of_the_scale_or_not_seen():
    assert read(["1", "5", "0"], [True] * 3, 5) == ([1, 5, 0], [])
    assert read(["6", "-1", "", None, "05", "1.0"], [True] * 6, 5) == ([255] * 6, [0, 1, 2, 3, 4, 5])


def test_what_is_not_asked_is_never_kept():
    assert read(["3", "3"], [True, False], 5) == ([3, 255], [])


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=3)), st.booleans()), max_size=40), st.integers(2, 10)
)
def test_whatever_is_typed_either_fits_the_scale_or_is_reported(pairs, points):
    given_, questions = [value for value, _ in pairs], [ask for _, ask in pairs]
    answers, faults = read(given_, questions, points)
    for at, (value, ask) in enumerate(zip(answers, questions, strict=True)):
        assert (value == 255) == (not ask or at in faults)
        assert value == 255 or 0 <= value <= points


def test_the_window_includes_its_first_moment_and_not_its_last():
    opens, until = NOW, NOW + timedelta(hours=1)
    found = [standing("open", "pending", opens, until, NOW + timedelta(minutes=m)) for m in (-1, 0, 59, 60)]
    assert found == ["not_open", "open", "open", "closed"]


def test_an_extension_only_ever_lengthens():
    later = NOW + timedelta(days=1)
    assert deadline(NOW, later) == later
    assert deadline(later, NOW) == later
    assert deadline(NOW, None) == NOW


def test_time_needed_grows_with_the_questions():
    assert [minutes([True] * n) for n in (4, 21, 22)] == [3, 8, 8]
    assert minutes([False] * 40) == 2
