"""The sample office: the committed files are what the generator writes, and the oddities are really in them."""

import csv
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from shared.demo.organisation import REGENT, Person, make, work_results, write_people, write_work_results

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (EXAMPLES / "organisation.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def people(rows: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {row["NIP"]: row for row in rows}


def test_committed_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    write_people(tmp_path / "organisation.csv", make())
    write_work_results(tmp_path / "work_results.csv", make())
    for name in ("organisation.csv", "work_results.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), f"run make_organisation.py: {name}"


def test_another_seed_is_another_office() -> None:
    assert make(seed=2) != make(seed=1)
    assert make(seed=2) == make(seed=2)


@pytest.mark.parametrize("size", [40, 41, 119, 120, 121, 180, 500, 2000])
def test_any_size_is_exact_unique_and_whole(size: int) -> None:
    people = make(size)
    assert len(people) == size
    by_number = {person.number: person for person in people}
    assert len(by_number) == size
    assert all(person.supervisor in by_number for person in people if person.number != REGENT)
    units = {person.unit for person in people}
    assert all(person.parent in units for person in people if person.number != REGENT)
    assert {person.parent for person in people if person.unit == people[1].unit} == {people[1].parent}


def test_an_office_too_small_for_its_posts_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        make(39)


def test_employee_numbers_have_the_structure_of_real_ones(rows: list[dict[str, str]]) -> None:
    for row in rows:
        if row["NIP"] == REGENT:
            continue
        found = re.fullmatch(r"(\d{8})(\d{4})(\d{2})([12])(\d{3})", row["NIP"])
        assert found, row["NIP"]
        born, year, month, _, serial = found.groups()
        birth = datetime.strptime(born, "%Y%m%d").year  # noqa: DTZ007
        assert 18 <= int(year) - birth <= 55
        assert month == "21" if row["Status Kepegawaian"] == "PPPK" else 1 <= int(month) <= 12
        assert int(serial) >= 1


def test_eight_units_under_three_parts_and_all_tiers(rows: list[dict[str, str]]) -> None:
    chief_units = {row["Unit Kerja"]: row["Unit Induk"] for row in rows if row["Jenjang"] == "pelaksana"}
    assert len(chief_units) == 8
    assert len(set(chief_units.values())) == 3
    assert {row["Jenjang"] for row in rows} == {"jpt", "administrator", "pengawas", "pelaksana", "fungsional"}
    assert {row["Status Kepegawaian"] for row in rows} == {"PNS", "PPPK", "lainnya"}


def test_oddities_of_a_real_office(rows: list[dict[str, str]], people: dict[str, dict[str, str]]) -> None:
    acting = {(row["Jenis Atasan"], row["NIP Atasan"]) for row in rows if row["Jenis Atasan"] in {"PLT", "PLH"}}
    assert {kind for kind, _ in acting} == {"PLT", "PLH"} and len(acting) == 2
    outside = [row for row in rows if row["Luar Instansi"] == "ya"]
    assert [row["NIP"] for row in outside] == [REGENT]
    head = next(row for row in rows if row["NIP Atasan"] == REGENT)
    assert [row["NIP"] for row in rows if row["Jenjang"] == "jpt"] == [REGENT, head["NIP"]], "the head has no peers"
    addresses = Counter(row["Email"] for row in rows)
    assert addresses[""] == 1
    assert sorted(count for address, count in addresses.items() if address)[-2:] == [1, 2]
    excluded = [row for row in rows if row["Dikecualikan"]]
    assert [row["Dikecualikan"] for row in excluded] == ["Tugas belajar"]
    assert not any(row["NIP Atasan"] == excluded[0]["NIP"] for row in rows), "somebody acts for who is away"
    assert sum(row["Bahasa"] == "en" for row in rows) == 3
    assert any(row["Memimpin Tim"] == "ya" and row["Jenjang"] == "fungsional" for row in rows)


def test_addresses_can_never_reach_anybody(rows: list[dict[str, str]]) -> None:
    assert all(re.search(r"\.(example|example\.com|test)$", row["Email"]) for row in rows if row["Email"])


def test_work_results_are_for_the_appraised_and_two_are_missing(people: dict[str, dict[str, str]]) -> None:
    with (EXAMPLES / "work_results.csv").open(encoding="utf-8", newline="") as file:
        results = {row["NIP"]: row for row in csv.DictReader(file)}
    appraised = {key for key, row in people.items() if row["Luar Instansi"] == "tidak" and not row["Dikecualikan"]}
    assert set(results) < appraised and len(appraised - set(results)) == 2
    assert all(Decimal(0) < Decimal(row["Nilai SKP"]) <= 120 for row in results.values())
    assert {row["Ide Baru"] for row in results.values()} == {"ya", "tidak"}


def test_a_work_result_depends_on_the_person_and_not_on_the_order() -> None:
    office: list[Person] = make()
    forward = {number: rest for number, *rest in work_results(office)}
    back = {number: rest for number, *rest in work_results(office[::-1])}
    assert all(forward[number] == back[number] for number in forward.keys() & back.keys())
