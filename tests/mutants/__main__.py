"""``make mutants``: change arithmetic and thresholds one place at a time; some test must notice each change.

Every module is mutated (by mutmut) against the quick tests of that module alone, in a folder of its own under
``var/mutants``. A mutant that survives is accepted when ``docs/mutants.md`` quotes its line and says why no test
can notice it. Constants, properties and cached functions, which mutmut leaves alone, are in ``by_hand``.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants import by_hand

ROOT = Path(__file__).parents[2]
WORK = ROOT / "var" / "mutants"
EXPLAINED = ROOT / "docs" / "mutants.md"
NEEDED = ("shared", "scoring_service", "survey_service", "notifier", "examples", "tests")
UNIT, GOLDEN = "tests/unit/scoring/test_", "tests/golden/test_scoring.py"
TESTS: Mapping[str, Sequence[str]] = {
    "numbers": (f"{UNIT}numbers.py",),
    "sums": (f"{UNIT}sums.py",),
    "tally": (f"{UNIT}counting.py", f"{UNIT}sums.py"),
    "weighing": (f"{UNIT}weighing.py", f"{UNIT}appraising.py"),
    "rules": (f"{UNIT}rules.py", GOLDEN),
    "engine": (f"{UNIT}engine.py", f"{UNIT}appraising.py"),
    "statistics": (f"{UNIT}statistics.py",),
    "moments": (f"{UNIT}statistics.py",),
    "gathering": (f"{UNIT}statistics.py",),
    "given": (f"{UNIT}given.py",),
    "policy": (f"{UNIT}scale.py",),
    "units": (f"{UNIT}units.py",),
    "reading": (f"{UNIT}reading.py",),
    "objections": (f"{UNIT}objections.py",),
    "disclosure": (f"{UNIT}disclosure.py",),
}
"""By module of ``scoring_service.domain``: the tests that have to notice."""

SETTINGS = """
[tool.mutmut]
source_paths = ["scoring_service/domain/{module}.py"]
also_copy = {needed}
pytest_add_cli_args_test_selection = {tests}
# an endless loop ends soon; not the same cases again through other doors
pytest_add_cli_args = ["-p", "tests.mutants.quick", "--timeout=15", "-k", "not over_http and not command"]
timeout_multiplier = 5.0
timeout_constant = 5.0
"""

NOTICED = ("killed", "timeout", "caught by type check")


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test noticed."""

    name: str
    state: str
    old: str
    new: str


def run(module: str) -> tuple[int, Sequence[Survivor]]:
    """Mutate one module: how many mutants there were, and which survived."""
    home = prepared(module)
    log = home / "mutmut.log"
    with log.open("w") as out:
        subprocess.run(mutmut("run", "--max-children", "1"), cwd=home, stdout=out, stderr=out, check=False)
    states = dict(listed(home))
    if not states or "not checked" in states.values():
        raise SystemExit(f"{module}: mutmut did not finish, see {log}")
    survivors = [shown(home, name, state) for name, state in states.items() if state not in NOTICED]
    found = by_hand.survivors(module, home, NEEDED, TESTS[module])
    survivors += [Survivor(module, "survived, by hand", old, new) for old, new in found]
    return len(states) + len(by_hand.CHANGES.get(module, ())), survivors


def prepared(module: str) -> Path:
    """The folder of a module: the project's own files, and settings for this module alone."""
    home = WORK / module
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in NEEDED:
        (home / name).symlink_to(ROOT / name)
    settings = SETTINGS.format(module=module, needed=json.dumps(NEEDED), tests=json.dumps(TESTS[module]))
    (home / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text() + settings)
    return home


def mutmut(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mutmut", *arguments]


def output(home: Path, *arguments: str) -> str:
    return subprocess.run(mutmut(*arguments), cwd=home, capture_output=True, text=True, check=True).stdout


def listed(home: Path) -> Iterator[tuple[str, str]]:
    for line in output(home, "results", "--all", "true").splitlines():
        name, _, state = line.strip().partition(": ")
        if state:
            yield name, state


def shown(home: Path, name: str, state: str) -> Survivor:
    changed = [line for line in output(home, "show", name).splitlines() if re.match(r"[+-](?![+-])", line)]
    old, new = (" ".join(line[1:].strip() for line in changed if line[0] == sign) for sign in "-+")
    return Survivor(name, state, old, new)


def main(modules: Sequence[str]) -> int:
    unknown = set(modules) - set(TESTS)
    if unknown:
        raise SystemExit(f"no such module: {', '.join(sorted(unknown))}; there are {', '.join(TESTS)}")
    explained, open_ones = EXPLAINED.read_text(), []
    print("| module | mutants | killed | survived | unexplained |\n|---|---|---|---|---|")
    for module in modules or TESTS:
        mutants, survivors = run(module)
        unexplained = [one for one in survivors if f"`{one.new or one.old}`" not in explained]
        row = (f"`{module}`", mutants, mutants - len(survivors), len(survivors), len(unexplained))
        print("|", " | ".join(map(str, row)), "|", flush=True)
        open_ones += unexplained
    for one in open_ones:
        print(f"\n{one.name}: {one.state}\n- {one.old}\n+ {one.new}")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
