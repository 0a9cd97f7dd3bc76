"""Every way in which a policy file can be wrong is said, by place, and all at once."""

import pytest

from scoring_service import policies
from shared.errors import Refused
from tests.unit.scoring.ballots import EXAMPLES

BASE = policies.text_of("pp30-360").decode()
MATRIX = policies.text_of("permen6").decode()
LEVELS = policies.text_of("permen8").decode()
HALVES = (EXAMPLES / "example-60-20-20.toml").read_text()
FULL = "{ supervisor = 60, others = 40 }"


def problems(text: str) -> dict[str, str]:
    with pytest.raises(Refused) as refusal:
        policies.load(text, "mine.toml")
    assert refusal.value.code == "policy_invalid"
    assert "mine.toml" in refusal.value.detail
    return {problem.where: problem.message for problem in refusal.value.problems}


def changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


FAULTS = [
    # form
    (BASE, "shown_step = 5", "shown_step = 5\nspeed = 3", "speed", "Unknown"),
    (BASE, "low = 0\n", "low = 0\nmiddle = 50\n", "scale.middle", "Unknown"),
    (BASE, 'id = "pp30-360"', 'id = "PP 30"', "id", "Lower case"),
    (BASE, "version = 1", "version = 0", "version", "greater"),
    (BASE, "version = 1", "version = 1.5", "version", "Not a valid integer"),
    (BASE, "shown_step = 5", "", "shown_step", "Missing"),
    (BASE, "shown_step = 5", "shown_step = nan", "shown_step", "Not a decimal"),
    (BASE, "shown_step = 5", "shown_step = true", "shown_step", "Not a decimal"),
    (BASE, 'method = "share"', 'method = "magic"', "answers.method", "one of"),
    (BASE, "threshold = 3", "threshold = 2", "raters.threshold", "greater"),
    (BASE, FULL, "", "raters.weights", "at least one"),
    (BASE, FULL, "{ supervisor = 60, friends = 40 }", "raters.weights.0.friends.key", "one of"),
    (BASE, 'peer = { use = "counted" }', 'friend = { use = "counted" }', "raters.groups.friend.key", "one of"),
    (BASE, 'requires = ["new_idea"]', 'requires = ["luck"]', "bands.0.requires.0", "one of"),
    (LEVELS, "[0, 0],", "[0, 0, 0],", "conversions.convert_pp46_to_pp30.value.0", "Not a point"),
    (LEVELS, 'method = "table"', 'method = "table"\ntable = { one = 3 }', "answers.table.one.key", "Not a level"),
    # meaning
    (BASE, "high = 100", "high = 0", "scale", "low must be below"),
    (BASE, "high = 100", "high = 100\nstep = 0", "scale.step", "above 0"),
    (BASE, "shown_step = 5", "shown_step = 0", "shown_step", "above 0"),
    (LEVELS, "version = 1", "version = 2", "answers.table", "level-to-value table is missing"),
    (LEVELS, 'method = "table"', 'method = "table"\ntable = { 1 = 10, 3 = 20 }', "answers.table", "without a gap"),
    (LEVELS, 'method = "table"', 'method = "table"\ntable = { 1 = 101 }', "answers.table.1", "outside the scale"),
    (BASE, 'method = "share"', 'method = "share"\ntable = { 1 = 10 }', "answers.table", "not used"),
    (BASE, 'code = "komitmen"', 'code = "kerja_sama"', "aspects", "twice"),
    (BASE, 'code = "komitmen"', 'code = "komitmen"\nweight = 0', "aspects.komitmen.weight", "above 0"),
    (BASE, 'peer = { use = "counted" }', 'peer = { use = "comparator" }', "raters.groups", "used alike"),
    (
        BASE,
        'peer = { use = "counted" }',
        'peer = { use = "counted", every_aspect = true }',
        "raters.groups.peer.every_aspect",
        "only for the supervisor",
    ),
    (BASE, FULL, "{ supervisor = 60, others = 39.9 }", "raters.weights row 1", "sum to 99.9"),
    (BASE, FULL, "{ supervisor = 110, others = -10 }", "raters.weights row 1", "above 0"),
    (BASE, FULL, "{ supervisor = 60, peer = 40 }", "raters.weights row 1", "peer is not a group"),
    (BASE, FULL, f"{FULL}, {FULL}", "raters.weights row 2", "earlier row"),
    (BASE, FULL, "{ supervisor = 60, self = 40 }", "raters.weights row 1", "self is not a group"),
    (HALVES, "{ supervisor = 60, peer = 40 }", "{ peer = 60, others = 40 }", "raters.weights row 2", "merged"),
    (BASE, "work_result = 60", "work_result = 61", "combination", "sum to 100"),
    (BASE, "cap = 120", "cap = 0", "combination.cap", "above 0"),
    (BASE, "cap = 120", "cap = 120\nmatrix = { a = { a = 'x' } }", "combination.matrix", "not used"),
    (BASE, 'method = "weighted"', 'method = "none"', "combination", "not used"),
    (MATRIX, 'below = { above = "butuh perbaikan", ', "below = { ", "combination.matrix.below.above", "missing"),
    (
        MATRIX,
        'meets = { above = "baik"',
        'meets = { up = "x", above = "baik"',
        "combination.matrix.meets.up",
        "no pair",
    ),
    (MATRIX, 'behaviour_by = "assessor"', "", "behaviour_by", "chosen by the assessor"),
    (
        MATRIX,
        "codes = { above = 1, meets = 2",
        "codes = { above = 1, mets = 2",
        "external_codes.hasilKinerjaNilai.codes",
        "m",
    ),
    (MATRIX, "kurang = 4", "buruk = 4", "predicate_codes.kuadranKinerjaNilai", "predicate of this policy"),
    (MATRIX, 'predicates = ["sangat baik"]', 'predicates = ["super"]', "limits row 1", "no predicate"),
    (MATRIX, "at_most = 70", "at_most = 170", "limits row 1", "percentages"),
    (BASE, "at_least = 70\n", "", "bands", "needs at_least"),
    (BASE, "at_least = 90", "at_least = 190", "bands", "highest to the lowest"),
    (BASE, "at_least = 90", "at_least = 90\nabove = 90", "bands row 2", "not both"),
    (BASE, "at_least = 90", "at_least = 90\nat_most = 95\nbelow = 96", "bands row 2", "not both"),
    (BASE, 'name = "sangat kurang"', 'name = "sangat kurang"\nat_least = 3', "bands", "all that is left"),
    (
        LEVELS,
        "[50, 49],\n    [51, 50],",
        "[51, 50],\n    [50, 49],",
        "conversions.convert_pp46_to_pp30",
        "rising x",
    ),
]


@pytest.mark.parametrize(("text", "old", "new", "where", "message"), FAULTS)
def test_fault(text: str, old: str, new: str, where: str, message: str) -> None:
    found = problems(changed(text, old, new))
    assert where in found, found
    assert message in found[where]


def test_all_faults_at_once() -> None:
    text = changed(changed(BASE, FULL, "{ supervisor = 60, others = 39 }"), "cap = 120", "cap = 0")
    assert set(problems(text)) == {"raters.weights row 1", "combination.cap"}
    text = changed(changed(BASE, "version = 1", 'version = "x"'), "low = 0", "low = 'x'")
    assert set(problems(text)) == {"version", "scale.low"}


@pytest.mark.parametrize("text", ["id = ", b"\xff\xfe", "a = 1\na = 2"])
def test_what_is_no_toml(text: str | bytes) -> None:
    with pytest.raises(Refused) as refusal:
        policies.load(text, "mine.toml")
    assert "not a TOML file" in refusal.value.problems[0].message


def test_numbers_are_exact_and_the_digest_is_of_the_file() -> None:
    text = changed(BASE, FULL, "{ supervisor = 60.1, others = 39.9 }")
    found = policies.load(text, "mine.toml")
    assert sum(found.raters.weights[0].values()) == 1
    assert found.digest != policies.load(BASE, "mine.toml").digest
    assert policies.load(BASE.encode(), "x") == policies.find("pp30-360")


@pytest.mark.parametrize("name", [name for name in policies.shipped() if name != "permen8"])
def test_shipped_policies_load(name: str) -> None:
    found = policies.find(name)
    assert found.id == name
    assert all(aspect.title["id"] and aspect.title["en"] for aspect in found.aspects)


@pytest.mark.parametrize("name", ["nowhere", "../secret", "Nowhere", "", "nowhere.toml", "no/where"])
def test_unknown_policies_are_refused(name: str) -> None:
    with pytest.raises(Refused) as refusal:
        policies.find(name)
    assert refusal.value.kind == "missing"
