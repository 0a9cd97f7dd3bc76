"""Writes the sample files beside this program: `python examples/make_organisation.py [--people N] [--seed S]`.

The same numbers give the same files; `--out DIR` writes elsewhere.
"""

import argparse
from pathlib import Path

from shared.demo.organisation import make, write_people, write_work_results


def main() -> None:
    """Read the arguments, write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=120, help="about how many people (at least 40)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    chosen = parser.parse_args()
    people = make(chosen.people, chosen.seed)
    write_people(chosen.out / "organisation.csv", people)
    write_work_results(chosen.out / "work_results.csv", people, chosen.seed)
    print(f"{len(people)} people in {chosen.out / 'organisation.csv'}")


if __name__ == "__main__":
    main()
