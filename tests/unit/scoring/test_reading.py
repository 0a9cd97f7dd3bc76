"""What a report is drawn and read from: gaps by the printed rule, and a chart in which missing is not zero."""

from dataclasses import replace
from fractions import Fraction

import pytest

from scoring_service import policies
from scoring_service.domain.disclosure import Protected, ShownAspect, ShownGroup
from scoring_service.domain.policy import Scale
from scoring_service.domain.radar import radar
from scoring_service.domain.reading import Compared, compare, notable

PP30 = policies.load(policies.text_of("pp30-360"), "pp30-360")


def table(own: str | None, **groups: str | None) -> Protected:
    shown = [ShownGroup(name, "3-4", "0", {"komitmen": value}) for name, value in groups.items()]
    shown += [ShownGroup("self", "1-2", "0", {"komitmen": own})] if own is not None else []
    return Protected("scored", None, aspects=(ShownAspect("komitmen", "1", None),), groups=tuple(shown))


@pytest.mark.parametrize(
    ("own", "groups", "gap", "reading"),
    [
        ("90", {"others": "80"}, Fraction(10), "blind_spot"),
        ("89.9", {"others": "80"}, Fraction("9.9"), "agreement"),
        ("70", {"others": "80"}, Fraction(-10), "hidden_strength"),
        ("90", {"peer": "70", "subordinate": "90"}, Fraction(10), "blind_spot"),
        ("90", {"peer": "70", "subordinate": None}, Fraction(20), "blind_spot"),
        ("90", {"supervisor": "60"}, None, None),
        (None, {"others": "80"}, None, None),
        ("90", {"others": None}, None, None),
    ],
)
def test_self_beside_others(
    own: str | None, groups: dict[str, str | None], gap: Fraction | None, reading: str | None
) -> None:
    (one,) = compare(PP30, table(own, **groups))
    assert (one.gap, one.reading) == (gap, reading)


def test_a_notable_gap_is_never_below_what_is_shown() -> None:
    assert notable(PP30) == 10
    assert notable(replace(PP30, shown_step=Fraction(25))) == 25


def test_the_scale_decides_what_is_notable() -> None:
    narrow = replace(PP30, scale=Scale(Fraction(1), Fraction(5)), shown_step=Fraction(1, 10))
    assert notable(narrow) == Fraction(2, 5)
    (one,) = compare(narrow, table("3.4", others="3"))
    assert one.reading == "blind_spot"


def test_one_behaviour_as_it_is_read() -> None:
    assert compare(PP30, table("90", supervisor="60", peer="70", subordinate="80")) == (
        Compared(
            "komitmen",
            own=Fraction(90),
            supervisor=Fraction(60),
            others=Fraction(75),
            seen={"peer": Fraction(70), "subordinate": Fraction(80)},
            gap=Fraction(15),
            reading="blind_spot",
        ),
    )
    nothing = replace(table(None), groups=(ShownGroup("others", "3-4", "80", {}),))
    assert compare(PP30, nothing) == (Compared("komitmen", None, None, None, {}, None, None),)


@pytest.mark.parametrize(
    ("own", "reading"),
    [
        ("-9.99", "agreement"),
        ("-10", "hidden_strength"),
        ("0", "agreement"),
        ("9.99", "agreement"),
        ("10", "blind_spot"),
    ],
)
def test_a_gap_counts_from_the_notable_one_on(own: str, reading: str) -> None:
    (one,) = compare(PP30, table(str(80 + Fraction(own)), others="80"))
    assert one.reading == reading


def test_a_chart_spans_the_scale() -> None:
    found = radar(
        {"own": [Fraction(100), Fraction(0), Fraction(50), Fraction(100)]},
        Fraction(0),
        Fraction(100),
        (0.0, 0.0),
        10.0,
    )
    assert found is not None
    assert found.ends == ((0.0, -10.0), (10.0, 0.0), (0.0, 10.0), (-10.0, 0.0))
    (line,) = found.lines["own"]
    assert line == ((0.0, -10.0), (0.0, 0.0), (0.0, 5.0), (-10.0, 0.0), (0.0, -10.0))


@pytest.mark.parametrize(
    ("values", "pieces"),
    [
        ([1, None, 1, 1], [3]),
        ([None, 1, None, 1], [1, 1]),
        ([None] * 4, []),
        ([1, 1, 1, 1], [5]),
        ([1, 1, 1, None], [3]),
    ],
)
def test_a_missing_value_is_a_gap_and_not_zero(values: list[int | None], pieces: list[int]) -> None:
    found = radar(
        {"own": [None if one is None else Fraction(one) for one in values]},
        Fraction(0),
        Fraction(1),
        (0.0, 0.0),
        1.0,
    )
    assert found is not None and [len(piece) for piece in found.lines["own"]] == pieces


def test_two_axes_are_no_chart() -> None:
    one = Fraction(1)
    assert radar({"own": [one, one]}, Fraction(0), one, (0.0, 0.0), 1.0) is None
    assert radar({}, Fraction(0), one, (0.0, 0.0), 1.0) is None
