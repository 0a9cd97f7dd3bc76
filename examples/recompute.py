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
import sys
import tomllib
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path

OTHERS = {"peer", "subordinate", "others"}


def exact(value):
    """A number of the policy or package as a fraction: 60, "0.6", "260/3", Decimal("4.5")."""
    return Fraction(str(value))


def digits(value, places):
    """Decimal text: exact where the decimals end within 20 places, else cut (not rounded) after `places`."""
    for count in range(21):
        if (value * 10**count).denominator == 1:
            places = count
            break
    whole = abs(value.numerator) * 10**places // value.denominator
    text = str(whole).rjust(places + 1, "0")
    text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".") if places else text
    return "-" + text if value < 0 and whole else text


def half(value, method):
    """To a whole number: half up (away from zero), half to even, or not at all."""
    if method == "none":
        return value
    if method == "half_even":
        return Fraction(round(value))
    whole = (abs(value) + Fraction(1, 2)).__floor__()
    return Fraction(-whole if value < 0 else whole)


def value_of(policy, part):
    """A group's value: its aspects by their weights, leaving out those nobody gave a value for."""
    if not part["aspects"]:
        return exact(part["value"])
    weights = {aspect["code"]: exact(aspect.get("weight", 1)) for aspect in policy["aspects"]}
    known = {code: exact(value) for code, value in part["aspects"].items()}
    return sum(weights[code] * value for code, value in known.items()) / sum(weights[code] for code in known)


def possible_weights(policy):
    """Every row of weights that the policy may give, as {name: share}; one of peers and subordinates is others."""
    raters = policy["raters"]
    rows = [{name: exact(weight) / 100 for name, weight in row.items()} for row in raters["weights"]]
    full, found = rows[0], list(rows)
    rule = raters.get("absent_group", "table")
    merged = {name: share for name, share in full.items() if name not in OTHERS}
    if rule in ("partner", "renormalise") and OTHERS & set(full):
        found.append(merged | {"others": 1 - sum(merged.values())})
    if rule == "renormalise":
        for names in (set(some) for size in range(1, len(full) + 1) for some in combinations(full, size)):
            whole = sum(full[name] for name in names)
            found.append({name: full[name] / whole for name in names})
    if "assessor_only" in (raters.get("below_threshold"), raters.get("none_eligible")):
        found.append({"supervisor": Fraction(1)})
    alike = [
        {"others" if name in OTHERS else name: w for name, w in row.items()} for row in found if one_small(row)
    ]
    return found + alike


def one_small(row):
    """Whether only one of peers, subordinates and others is in the row."""
    return len(OTHERS & set(row)) == 1


def band(bands, value, new_idea):
    """The name of the first band that holds."""
    tests = {
        "at_least": lambda limit: value >= limit,
        "above": lambda limit: value > limit,
        "at_most": lambda limit: value <= limit,
        "below": lambda limit: value < limit,
    }
    for one in bands:
        fits = all(test(exact(one[name])) for name, test in tests.items() if name in one)
        if fits and (new_idea or "new_idea" not in one.get("requires", [])):
            return one["name"]
    return None


def recompute(package):
    """The official values again, as the package's `result` has them; raises ValueError for a false package."""
    text = package["policy"]["text"]
    if hashlib.sha256(text.encode()).hexdigest() != package["policy"]["digest"]:
        raise ValueError("the text of the policy has another digest")
    if inputs_digest(package) != package["inputs_digest"]:
        raise ValueError("the inputs have another digest")
    policy = tomllib.loads(text, parse_float=Decimal)
    parts, given = package["inputs"]["parts"], package["inputs"]
    weights = {name: exact(weight) for name, weight in package["weights"].items()}
    if weights and not any(close(weights, row) for row in possible_weights(policy)):
        raise ValueError(f"the policy never gives these weights: {package['weights']}")
    value = weighted(policy, parts, weights)
    result = dict.fromkeys(("behaviour", "recommendation", "total", "predicate", "category"))
    result["external_codes"] = {}
    if policy.get("behaviour_by") == "assessor":
        return result | chosen(policy, package, value)
    places, combination = package["rounding"]["places"], policy["combination"]
    banded = value if combination["method"] == "none" else None
    if combination["method"] == "weighted" and given["work_result"] is not None:
        work = min(exact(given["work_result"]), exact(combination.get("cap", given["work_result"])))
        banded = (exact(combination["work_result"]) * work + exact(combination["behaviour"]) * value) / 100
        result["total"] = digits(banded, places)
    if banded is not None:
        result["predicate"] = band(
            policy.get("bands", []), half(banded, policy.get("banding", "none")), given["new_idea"]
        )
    result["behaviour"] = digits(value, places)
    result["category"] = band(policy.get("categories", []), value, given["new_idea"])
    return result | {"external_codes": codes(policy, None, result["category"])}


def weighted(policy, parts, weights):
    """Every part by its weight; peers and subordinates, however they were weighed, are one part."""
    settled = next((parts[name] for name in ("behaviour", "recommendation") if name in parts), None)
    if settled or not parts:
        return exact(settled["value"]) if settled else None
    shares = {}
    for name, weight in row_of(policy, weights).items():
        key = "others" if name in OTHERS else name
        shares[key] = shares.get(key, 0) + weight
    return sum(share * value_of(policy, parts[name]) for name, share in shares.items())


def row_of(policy, weights):
    """The weights without the cut that a repeating decimal has."""
    return next(row for row in possible_weights(policy) if close(weights, row))


def close(weights, row):
    """The same names, and shares that agree to the twelve places written."""
    return set(weights) == set(row) and all(abs(weights[name] - row[name]) < Fraction(1, 10**11) for name in row)


def chosen(policy, package, value):
    """Under a matrix: the raters' mean, the assessor's category, the predicate of the pair and outside codes."""
    work, category = package["inputs"]["work_result"], package["result"]["category"]
    return {
        "recommendation": None if value is None else digits(value, package["rounding"]["places"]),
        "category": category,
        "predicate": policy["combination"]["matrix"][work][category] if work else None,
        "external_codes": codes(policy, work, category),
    }


def codes(policy, work, behaviour):
    """Codes of outside systems for the categories that are known."""
    sources = {"work_result": work, "behaviour": behaviour}
    fields = policy.get("external_codes", {})
    return {name: one["codes"][sources[one["source"]]] for name, one in fields.items() if sources[one["source"]]}


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
        found = Counter(verdict(json.loads(line)) for line in file)
    print(f"{found['same']} the same to the last digit, {found['other']} not, {found['held']} held")
    return found["other"]


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1]) else 0)
