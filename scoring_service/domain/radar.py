"""The geometry of a radar chart: an axis per behaviour, clockwise from the top; a missing value is a gap, not 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import cos, pi, sin

Point = tuple[float, float]
LEAST_AXES = 3


@dataclass(frozen=True, slots=True)
class Radar:
    """Points for drawing, in the units of ``centre`` and ``radius``."""

    rings: tuple[tuple[Point, ...], ...]
    """Polygons at a quarter, a half, three quarters and the whole of the scale."""
    ends: tuple[Point, ...]
    labels: tuple[Point, ...]
    lines: Mapping[str, tuple[tuple[Point, ...], ...]]
    """Per series the unbroken pieces of its outline; closed (first point repeated) when nothing is missing."""


def radar(
    series: Mapping[str, Sequence[Fraction | None]], low: Fraction, high: Fraction, centre: Point, radius: float
) -> Radar | None:
    """The chart of series of equal length; None for fewer than three axes, where there is nothing to span."""
    axes = max((len(values) for values in series.values()), default=0)
    if axes < LEAST_AXES:
        return None

    def at(axis: int, share: float) -> Point:
        angle = 2 * pi * axis / axes
        return round(centre[0] + radius * share * sin(angle), 1), round(centre[1] - radius * share * cos(angle), 1)

    def share(value: Fraction) -> float:
        return float((value - low) / (high - low))

    lines = {
        name: _pieces([None if one is None else at(axis, share(one)) for axis, one in enumerate(values)])
        for name, values in series.items()
    }
    return Radar(
        tuple(tuple(at(axis, quarter / 4) for axis in range(axes)) for quarter in (1, 2, 3, 4)),
        tuple(at(axis, 1) for axis in range(axes)),
        tuple(at(axis, 1.12) for axis in range(axes)),
        lines,
    )


def _pieces(points: Sequence[Point | None]) -> tuple[tuple[Point, ...], ...]:
    """Runs of neighbours around the circle, broken where a point is missing."""
    if None not in points:
        whole = [point for point in points if point is not None]
        return ((*whole, whole[0]),)
    start = points.index(None)
    pieces: list[list[Point]] = [[]]
    for point in (*points[start:], *points[:start]):
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(point)
    return tuple(tuple(piece) for piece in pieces if piece)
