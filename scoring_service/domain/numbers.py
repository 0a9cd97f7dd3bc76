"""Exact numbers: fractions inside, decimal text outside, ``num/den`` text in storage."""

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Literal

PLACES = 12
"""Decimal places written for a fraction whose decimals repeat. They are cut off, not rounded: a value below the
edge of a band is never written as if it had reached it."""

_LONGEST_EXACT = 20
ONE = Fraction(1)

Rounding = Literal["none", "half_up", "half_even"]


def decimal(value: Fraction) -> str:
    """Decimal text: exact when the decimals end within 20 places, else cut after ``PLACES`` places."""
    return _decimal(value.numerator, value.denominator)


@lru_cache(maxsize=10_000)
def _decimal(numerator: int, denominator: int) -> str:
    places = _finite_places(denominator)
    if places is None or places > _LONGEST_EXACT:
        places = PLACES
    scaled = abs(numerator) * 10**places // denominator
    digits = str(scaled).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return f"-{text}" if numerator < 0 and scaled else text


def stored(value: Fraction | int) -> str:
    """``num/den``, the form in which a fraction is stored without loss."""
    return f"{value.numerator}/{value.denominator}"


@lru_cache(maxsize=10_000)
def restored(text: str) -> Fraction:
    """The fraction that ``stored`` wrote; raises ``ValueError`` for anything else."""
    numerator, slash, denominator = text.partition("/")
    if not slash:
        raise ValueError(f"not a stored fraction: {text!r}")
    return Fraction(int(numerator), int(denominator))


@lru_cache(maxsize=10_000)
def ratio(whole: int, below: int) -> Fraction:
    """``whole / below``. Few different ones come in a round, again and again."""
    return Fraction(whole, below)


def weighted(pairs: Iterable[tuple[Fraction, Fraction]]) -> Fraction:
    """The sum of weight times value; reduced once at the end, which is what takes the time."""
    whole, below = 0, 1
    for weight, value in pairs:
        part, under = weight.numerator * value.numerator, weight.denominator * value.denominator
        whole, below = (whole + part, below) if under == below else (whole * under + part * below, below * under)
    return Fraction(whole, below)


def rounded(value: Fraction, method: Rounding, places: int = 0) -> Fraction:
    """``value`` to ``places`` decimals. ``half_up`` moves halves away from zero (90.5 becomes 91)."""
    if method == "none":
        return value
    if method == "half_even":
        return Fraction(round(value * 10**places), 10**places)
    whole = (2 * abs(value.numerator) * 10**places + value.denominator) // (2 * value.denominator)
    return Fraction(-whole if value.numerator < 0 else whole, 10**places)


def in_steps(value: Fraction, step: Fraction) -> str:
    """Decimal text of the multiple of ``step`` (above 0) nearest to ``value``; halves away from zero."""
    part, below = value.numerator * step.denominator, value.denominator * step.numerator
    steps = (2 * abs(part) + below) // (2 * below)
    return _steps(-steps if part < 0 else steps, step)


@lru_cache(maxsize=10_000)
def _steps(count: int, step: Fraction) -> str:
    return decimal(count * step)


def _finite_places(denominator: int) -> int | None:
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
