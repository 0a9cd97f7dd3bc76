"""Whether cost grows in proportion: import, launch and scores for more and more people, time and memory.

``python -m bench.growth [--people 4000 40000 160000] [--picture docs/growth.svg]``. The slope is that of a straight
line through the points on logarithmic scales: 1 means twice the people, twice the cost.
"""

import argparse
import json
import math
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import apart, machine, province, scores
from bench.servers import Servers, servers

Points = list[tuple[int, float]]
STEPS = ("import", "launch", "scores")


def main() -> None:
    """Measure, print a table with the slopes, draw the picture."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__)
    parser.add_argument("--people", nargs="+", type=int, default=[4_000, 40_000, 160_000])
    parser.add_argument("--picture", type=Path)
    given = parser.parse_args()
    seconds: dict[str, Points] = {step: [] for step in STEPS}
    memory: dict[str, Points] = {step: [] for step in STEPS}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers are stopped whatever happens
    with servers() as run:
        print("\n".join(machine.describe(run.names())), flush=True)
        for people in given.people:
            for step, (taken, peak) in measured(run, people).items():
                seconds[step].append((people, taken))
                memory[step].append((people, peak))
                print(
                    json.dumps({"people": people, "step": step, "s": round(taken, 2), "MiB": round(peak)}),
                    flush=True,
                )
    print(table(seconds, "s", 1), table(memory, "MiB", 0), sep="\n\n")
    if given.picture:
        given.picture.write_text(picture(seconds, memory))


def measured(run: Servers, people: int) -> dict[str, tuple[float, float]]:
    """Seconds and peak MiB of each step at one size."""
    product = run.product(f"growth-{people}")
    imported = apart.run(province.imported, product, province.people_file(people))
    (launch_seconds, round_id), peak = apart.run(province.launched, product)
    private, _ = apart.run(scores.told, product)
    apart.run(scores.answered, product, round_id, private, people)
    counted, peaks = scores.scored(product, round_id)
    largest = max(size for _, size in peaks)
    return {"import": imported, "launch": (launch_seconds, peak), "scores": (counted[1], largest)}


def slope(points: Points) -> float:
    """The slope of the least-squares line through the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(part) / len(logs) for part in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def table(series: Mapping[str, Points], unit: str, places: int) -> str:
    """A Markdown table: a row per step, a column per size, the slope at the end."""
    sizes = [people for people, _ in series[STEPS[0]]]
    head = ["step", *(f"{people:,} people ({unit})" for people in sizes), "slope"]
    rows = [
        [step, *(f"{value:,.{places}f}" for _, value in points), f"{slope(points):.2f}" if len(points) > 1 else "-"]
        for step, points in series.items()
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def picture(seconds: Mapping[str, Points], memory: Mapping[str, Points]) -> str:
    """Two plots side by side on logarithmic scales, as SVG."""
    parts = [*_plot(seconds, 60, "seconds"), *_plot(memory, 430, "peak memory, MiB")]
    style = "font-family='sans-serif' font-size='12' fill='#333'"
    return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 780 300' {style}>{''.join(parts)}</svg>\n"


_COLOURS = ("#0b6e4f", "#a63d40", "#3d5a98")


def _plot(series: Mapping[str, Points], left: int, title: str) -> list[str]:
    xs = [math.log10(x) for points in series.values() for x, _ in points]
    ys = [math.log10(y) for points in series.values() for _, y in points]
    low, high = math.floor(min(ys)), math.ceil(max(ys))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - min(xs)) / ((max(xs) - min(xs)) or 1)
        return left + 280 * across, 250 - 200 * (math.log10(y) - low) / ((high - low) or 1)

    found = [f"<text x='{left}' y='24' font-weight='bold'>{title}</text>"]
    for power in range(low, high + 1):
        _, y = place(10 ** min(xs), 10**power)
        found.append(f"<line x1='{left}' x2='{left + 280}' y1='{y}' y2='{y}' stroke='#ddd'/>")
        found.append(f"<text x='{left - 8}' y='{y + 4}' text-anchor='end'>{10**power:g}</text>")
    for people in sorted({x for points in series.values() for x, _ in points}):
        x, _ = place(people, 10**low)
        found.append(f"<text x='{x}' y='272' text-anchor='middle'>{people:,}</text>")
    for (step, points), colour in zip(series.items(), _COLOURS, strict=True):
        found += _line(step, [place(x, y) for x, y in points], colour)
    return found


def _line(name: str, places: Sequence[tuple[float, float]], colour: str) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in places]
    x, y = places[0]
    label = f"<text x='{x + 6:.1f}' y='{y - 8:.1f}' fill='{colour}'>{name}</text>"
    return [f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>", *dots, label]


if __name__ == "__main__":
    main()
