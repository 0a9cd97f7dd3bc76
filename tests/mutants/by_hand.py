"""What mutmut leaves alone: constants of a module, properties and cached functions. Changed here by text."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

CHANGES: dict[str, Sequence[tuple[str, str]]] = {
    "numbers": [
        ("PLACES = 12", "PLACES = 11"),
        ("PLACES = 12", "PLACES = 13"),
        ("_LONGEST_EXACT = 20", "_LONGEST_EXACT = 19"),
        ("_LONGEST_EXACT = 20", "_LONGEST_EXACT = 21"),
    ],
    "sums": [
        ("return self.total / self.n\n", "return self.total / (self.n + 1)\n"),
        ("return self.total / self.n\n", "return self.total * self.n\n"),
        ("weigh_as: str = OTHERS", 'weigh_as: str = "peer"'),
    ],
    "tally": [
        ("NO_ANSWER = (0, 255)", "NO_ANSWER = (0, 254)"),
        ("NO_ANSWER = (0, 255)", "NO_ANSWER = (255,)"),
        ("return sum(len(section.items) for section", "return 1 + sum(len(section.items) for section"),
        ("leadership_only: bool = False", "leadership_only: bool = True"),
    ],
    "weighing": [
        ('"peer": "subordinate", "sub', '"peer": "peer", "sub'),
        ('"subordinate": "peer"}', '"subordinate": "subordinate"}'),
    ],
    "statistics": [
        ("enumerate(histogram, start=1)", "enumerate(histogram, start=2)"),
        ("sum(point * count for", "sum(point + count for"),
        ("sum(point * point * count for", "sum(point * count for"),
        ("return _rwg(sum(histogram), ", "return _rwg(len(histogram), "),
        ("Fraction(squares), len(histogram))", "Fraction(squares), sum(histogram))"),
    ],
    "moments": [
        ("LEAST = 20", "LEAST = 19"),
        ("LEAST = 20", "LEAST = 21"),
        ("STEP = Fraction(1, 10)", "STEP = Fraction(1, 20)"),
        ("TOP = Fraction(9, 10)", "TOP = Fraction(10, 10)"),
        ("TOP = Fraction(9, 10)", "TOP = Fraction(8, 10)"),
        ("GENEROUS = 1\n", "GENEROUS = 2\n"),
        ("GENEROUS = 1\n", "GENEROUS = 0\n"),
    ],
    "units": [("_PLACES = 1", "_PLACES = 2"), ("_PLACES = 1", "_PLACES = 0"), ('"too_few_ratees"', '"few"')],
    "reading": [("Fraction(1, 10)", "Fraction(1, 9)"), ("Fraction(1, 10)", "Fraction(1, 11)")],
    "disclosure": [
        ("UNIT_LEAST = 5", "UNIT_LEAST = 4"),
        ("UNIT_LEAST = 5", "UNIT_LEAST = 6"),
        ('(0, "0"), (2,', '(1, "0"), (2,'),
        ('(2, "1-2")', '(3, "1-2")'),
        ('(4, "3-4")', '(5, "3-4")'),
        ('(9, "5-9")', '(10, "5-9")'),
        ('TOO_FEW = "too_few_raters"', 'TOO_FEW = "no_answer"'),
        ('NO_ANSWER = "no_answer"', 'NO_ANSWER = "too_few_raters"'),
        ('NOT_RELEASABLE = "threshold_too_low"', 'NOT_RELEASABLE = "too_few_raters"'),
    ],
}
"""By module: the text, which stands there once, and what takes its place."""


def survivors(module: str, home: Path, needed: Sequence[str], tests: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The changes of a module that no test notices, tried in a copy of the project."""
    if module not in CHANGES:
        return
    copy = home / "by_hand"
    for name in needed:
        shutil.copytree(home / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(home / "pyproject.toml", copy)
    path = copy / "scoring_service" / "domain" / f"{module}.py"
    text = path.read_text()
    for old, new in CHANGES[module]:
        if text.count(old) != 1:
            raise SystemExit(f"{module}: {old!r} stands there {text.count(old)} times")
        path.write_text(text.replace(old, new))
        if not noticed(copy, tests):
            yield old.strip(), new.strip()


def noticed(copy: Path, tests: Sequence[str]) -> bool:
    """Whether a test fails in the copy; anything but passed and failed is an accident and ends the run."""
    options = (
        "-x",
        "-q",
        "-p",
        "tests.mutants.quick",
        "-p",
        "no:cacheprovider",
        "-k",
        "not over_http and not command",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=copy,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in (0, 1):
        raise SystemExit(ran.stdout + ran.stderr)
    return ran.returncode == 1
