"""Writes ``reference.json`` with the figures of pingouin, which is too large to install for every test run.

    python -m venv /tmp/pingouin && /tmp/pingouin/bin/pip install pingouin==0.7.0
    /tmp/pingouin/bin/python tests/unit/scoring/make_reference.py > tests/unit/scoring/reference.json

The tests compare our exact figures with what stands there, and with scipy while they run.
"""

import json
import random

import pandas as pd
import pingouin as pg

SHAPES = ((6, 3, 5), (12, 4, 5), (25, 8, 7), (9, 2, 5))


def case(ratees: int, raters: int, points: int, dice: random.Random) -> dict[str, object]:
    levels = [dice.uniform(1, points) for _ in range(ratees)]
    rows = [[min(max(round(dice.gauss(level, 1)), 1), points) for _ in range(raters)] for level in levels]
    long = pd.DataFrame(
        [(ratee, rater, value) for ratee, row in enumerate(rows) for rater, value in enumerate(row)],
        columns=["ratee", "rater", "value"],
    )
    icc = pg.intraclass_corr(data=long, targets="ratee", raters="rater", ratings="value")
    values = list(icc["ICC"])
    alpha, _ = pg.cronbach_alpha(data=pd.DataFrame(rows))
    return {"matrix": rows, "icc_1": values[0], "icc_1_k": values[3], "cronbach_alpha": alpha}


if __name__ == "__main__":
    dice = random.Random(2019)
    cases = [case(*shape, dice) for shape in SHAPES]
    print(json.dumps({"pingouin": pg.__version__, "cases": cases}, default=float))
