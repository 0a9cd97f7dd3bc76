"""Exact numbers: fractions inside, decimal text outside, ``num/den`` text in storage."""

from fractions import Fraction
from typing import Literal

PLACES = 12
"""Decimal places written for a fraction whose decimals repeat. They are cut off, not rounded: a value below the
edge of a band is never written as if it had reached it."""

_LONGEST_EXACT = 20

Rounding = Literal["none", "half_up", "half_even"]


def decimal(value: Fraction) -> str:
    """Decimal text: exact when the decimals end within 20 places, else cut after ``PLACES`` places."""
    places = _finite_places(value.denominator)
    if places is None or places > _LONGEST_EXACT:
        places = PLACES
    scaled = abs(value.numerator) * 10**places // value.denominator
    digits = str(scaled).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") if places else digits
    return f"-{text}" if value < 0 and scaled else text


def stored(value: Fraction | int) -> str:
    """``num/den``, the form in which a fraction is stored without loss."""
    return f"{value.numerator}/{value.denominator}"


def restored(text: str) -> Fraction:
    """The fraction that ``stored`` wrote; raises ``ValueError`` for anything else."""
    numerator, slash, denominator = text.partition("/")
    if not slash:
        raise ValueError(f"not a stored fraction: {text!r}")
    return Fraction(int(numerator), int(denominator))


def rounded(value: Fraction, method: Rounding, places: int = 0) -> Fraction:
    """``value`` to ``places`` decimals. ``half_up`` moves halves away from zero (90.5 becomes 91)."""
    if method == "none":
        return value
    scaled = value * 10**places
    if method == "half_even":
        return Fraction(round(scaled), 10**places)
    whole = abs(scaled) + Fraction(1, 2)
    sign = -1 if scaled < 0 else 1
    return Fraction(sign * (whole.numerator // whole.denominator), 10**places)


def _finite_places(denominator: int) -> int | None:
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None
