"""Compute released scores again from their provenance packages, digit by digit.

    python recompute.py PACKAGES.jsonl

PACKAGES comes from `cermin provenance ROUND --out PACKAGES.jsonl` or, one score at a time, from
`GET /api/v1/scores/ROUND/NIP/provenance`. It needs Python 3.11 and nothing of Cermin: the rules are read from the
text of the policy inside the package. Ends with 1 when a digit differs.

What stands beside the official value (values of single behaviours, means of groups) is rounded on purpose and
cannot be computed again: that would take sums that the anonymity of the raters does not allow to leave.
"""

import hashlib
import hmac
import json
import operator
import sys
import tomllib
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path

OTHERS = {"peer", "subordinate", "others"}
LIMITS = {"at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt}


def exact(value):
    """A number of the policy or package as a fraction: 60, "0.6", "260/3", Decimal("4.5")."""
    return Fraction(str(value))


def digits(value, places):
    """Decimal text: exact where the decimals end within 20 places, else cut (not rounded) after `places`."""
    places = next((count for count in range(21) if (value * 10**count).denominator == 1), places)
    scaled = abs(value.numerator) * 10**places // value.denominator
    text = format(Decimal(f"{'-' if value < 0 < scaled else ''}{scaled}E-{places}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value, method):
    """To a whole number: half up (away from zero), half to even, or not at all."""
    if method == "none":
        return value
    whole = round(value) if method == "half_even" else (abs(value) * 2 + 1) // 2
    return Fraction(-whole if value < 0 and method == "half_up" else whole)


def group_value(policy, part):
    """A group's value: its aspects by their weights, leaving out those nobody gave a value for."""
    if not part["aspects"]:
        return exact(part["value"])
    weights = {one["code"]: exact(one.get("weight", 1)) for one in policy["aspects"]}
    whole = sum(weights[code] for code in part["aspects"])
    return sum(weights[code] * exact(value) for code, value in part["aspects"].items()) / whole


def possible_weights(policy):
    """Every row of weights that the policy may give, as {name: share}; one of peers and subordinates is others."""
    raters = policy["raters"]
    rows = [{name: exact(weight) / 100 for name, weight in row.items()} for row in raters["weights"]]
    full, rule = rows[0], raters.get("absent_group", "table")
    apart = {name: share for name, share in full.items() if name not in OTHERS}
    if rule in ("partner", "renormalise") and OTHERS & set(full):
        rows.append(apart | {"others": 1 - sum(apart.values())})
    if rule == "renormalise":
        for names in (some for size in range(1, len(full) + 1) for some in combinations(full, size)):
            rows.append({name: full[name] / sum(full[one] for one in names) for name in names})
    if "assessor_only" in (raters.get("below_threshold"), raters.get("none_eligible")):
        rows.append({"supervisor": Fraction(1)})
    single = [row for row in rows if len(OTHERS & set(row)) == 1]
    return rows + [{"others" if name in OTHERS else name: share for name, share in row.items()} for row in single]


def exact_weights(policy, written):
    """The row that the written weights (cut after twelve places) stand for."""
    given, near = {name: exact(share) for name, share in written.items()}, Fraction(1, 10**11)
    for row in possible_weights(policy):
        if set(row) == set(given) and all(abs(row[name] - given[name]) < near for name in row):
            return row
    raise ValueError(f"the policy never gives these weights: {written}")


def raters_value(policy, package):
    """Every part by its weight; peers and subordinates, however they were weighed, are one part; None without."""
    parts = package["inputs"]["parts"]
    if set(parts) & {"behaviour", "recommendation"}:
        return exact(next(iter(parts.values()))["value"])
    weights = exact_weights(policy, package["weights"]) if package["weights"] else {}
    shown = ((share, parts["others" if name in OTHERS else name]) for name, share in weights.items())
    return sum(share * group_value(policy, part) for share, part in shown) if parts else None


def band(bands, value, new_idea):
    """The name of the first band that holds."""
    for one in bands:
        fits = all(holds(value, exact(one[name])) for name, holds in LIMITS.items() if name in one)
        if fits and (new_idea or "new_idea" not in one.get("requires", [])):
            return one["name"]
    return None


def codes(policy, work, behaviour):
    """Codes of outside systems for the categories that are known."""
    known = {"work_result": work, "behaviour": behaviour}
    fields = policy.get("external_codes", {})
    return {name: one["codes"][known[one["source"]]] for name, one in fields.items() if known[one["source"]]}


def recompute(package):
    """The official values again, as the package's `result` has them; raises ValueError for a false package."""
    text, given, places = package["policy"]["text"], package["inputs"], package["rounding"]["places"]
    if hashlib.sha256(text.encode()).hexdigest() != package["policy"]["digest"]:
        raise ValueError("the text of the policy has another digest")
    if inputs_digest(package) != package["inputs_digest"]:
        raise ValueError("the inputs have another digest")
    policy = tomllib.loads(text, parse_float=Decimal)
    value, work, rules = raters_value(policy, package), given["work_result"], policy["combination"]
    result = dict.fromkeys(("behaviour", "recommendation", "total", "predicate", "category"))
    if policy.get("behaviour_by") == "assessor":
        chosen = package["result"]["category"]
        result |= {"recommendation": None if value is None else digits(value, places), "category": chosen}
        result["predicate"] = rules["matrix"][work][chosen] if work else None
        return result | {"external_codes": codes(policy, work, chosen)}
    banded = value if rules["method"] == "none" else None
    if rules["method"] == "weighted" and work is not None:
        counted = min(exact(work), exact(rules.get("cap", work)))
        banded = (exact(rules["work_result"]) * counted + exact(rules["behaviour"]) * value) / 100
        result["total"] = digits(banded, places)
    if banded is not None:
        banded = rounded(banded, policy.get("banding", "none"))
        result["predicate"] = band(policy.get("bands", []), banded, given["new_idea"])
    category = band(policy.get("categories", []), value, given["new_idea"])
    result |= {"behaviour": digits(value, places), "category": category}
    return result | {"external_codes": codes(policy, None, category)}


def inputs_digest(package):
    """HMAC-SHA256 over the canonical JSON of the inputs."""
    text = json.dumps(package["inputs"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(bytes.fromhex(package["inputs_key"]), text.encode(), hashlib.sha256).hexdigest()


def verdict(package):
    """held, same or other; says what differs."""
    if package["status"] == "held":
        return "held"
    try:
        again = recompute(package)
    except ValueError as error:
        again = str(error)
    if again == package["result"]:
        return "same"
    print(f"{package['ratee']}: {again}, the package says {package['result']}")
    return "other"


def main(path):
    """Check every package of a file, one JSON a line; returns how many differ."""
    with Path(path).open(encoding="utf-8") as file:
        found = Counter(verdict(json.loads(line)) for line in file if line.strip())
    print(f"{found['same']} the same to the last digit, {found['other']} not, {found['held']} held")
    return found["other"]


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)
