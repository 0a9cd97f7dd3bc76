"""Files of scores: the columns of other systems, no formula, no number of a held score, bounded memory."""

import csv
import io
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import Engine

from scoring_service.domain.layouts import HIDDEN
from scoring_service.tables import ratee, round_, score
from scoring_service.usecases import exports, work_results
from scoring_service.usecases.exports import Wanted
from scoring_service.usecases.shelf import Shelf
from shared import audit
from shared.database import reading, transaction
from tests.contract.test_scoring_api import client
from tests.integration.scoring_world import MIGRATIONS, Survey, World, answers, counted, full, released

A, B, C = "198501012010011001", "198501012010011002", "198501012010011003"
BLIND = [4] * 6 + [0, 0, 255, 255]
SHELF = Shelf(Path())


@pytest.fixture
def world(new_engine: Callable[..., Engine], tmp_path: Path) -> World:
    return World(new_engine(MIGRATIONS), tmp_path / "home")


def three(world: World) -> Survey:
    """Scored in full, held, and scored with a behaviour that too few saw."""
    blind = {"supervisor": [answers(4)], "peer": [BLIND, BLIND, answers(4), answers(4)]}
    survey = Survey((A, B, C), ballots={A: full(4), B: {"supervisor": [answers(4)]}, C: blind})
    counted(world, survey)
    entries = [work_results.Entry(one, "100", False, "", "") for one in (A, B)]
    with transaction(world.engine) as session:
        work_results.take(session, survey.round_id, entries, SHELF, "HR", world.now)
        session.execute(sa.update(ratee).where(ratee.c.number == A).values(superior="196001011990011001"))
    released(world, survey, counting=False)
    return survey


def rows(world: World, wanted: Wanted, kind: str = "csv") -> list[dict[str, str]]:
    with reading(world.engine) as session:
        content = b"".join(exports.pieces(session, wanted, SHELF, kind))
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [dict(zip(sheet[0], line, strict=True)) for line in sheet[1:]]


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_the_columns_that_people_key_in(world: World, kind: str) -> None:
    survey = three(world)
    whole, held, partly = rows(world, Wanted(survey.round_id, "ekinerja", released=True), kind)
    assert whole == {
        "NIP": A,
        "Nama": f"Pegawai {A}",
        "Unit Kerja": "Sekretariat",
        "Periode Mulai": "2026-10-01",
        "Periode Selesai": "2026-12-31",
        "NIP Pejabat Penilai": "196001011990011001",
        "Nilai SKP": "100",
        "Nilai Perilaku Kerja": "80",
        "Nilai Kinerja": "92",
        "Predikat Kinerja": "baik",
        "Orientasi pelayanan (dibulatkan ke 5)": "80",
        "Komitmen (dibulatkan ke 5)": "80",
        "Inisiatif kerja (dibulatkan ke 5)": "80",
        "Kerja sama (dibulatkan ke 5)": "80",
        "Kepemimpinan (dibulatkan ke 5)": "",
        "Pemberi Umpan Balik": "5-9",
        "Status": "dinilai",
        "Keterangan": "",
        "Kebijakan": "pp30-360 versi 1",
    }
    assert held["Keterangan"] == "ditunda: pemberi umpan balik terlalu sedikit"
    said = {"NIP", "Nama", "Unit Kerja", "NIP Pejabat Penilai", "Periode Mulai", "Periode Selesai"}
    said |= {"Status", "Keterangan", "Kebijakan"}
    assert {name for name, cell in held.items() if cell} == said
    assert partly["Kerja sama (dibulatkan ke 5)"] == HIDDEN


def test_the_fields_of_siasn_clients(world: World) -> None:
    survey = three(world)
    whole, held, _ = rows(world, Wanted(survey.round_id, "siasn", released=True))
    assert (whole["nip"], whole["tahun"], whole["bulanMulaiPenilaian"]) == (A, "2026", "10")
    assert (whole["nilaiSkp"], whole["nilaiPerilakuKerja"], whole["nilaiPrestasiKerja"]) == ("100", "80", "92")
    assert (held["nilaiSkp"], held["nilaiPerilakuKerja"], held["nilaiPrestasiKerja"]) == ("", "", "")


def test_codes_go_where_the_policy_has_them(world: World) -> None:
    """A table as it will be once an assessor chose: codes of SIASN clients, the quadrant and the ratings."""
    survey = three(world)
    from scoring_service import policies

    shown = {"external_codes": {"hasilKinerjaNilai": 1, "perilakuKerjaNilai": 3}, "category": "below"}
    shown |= {"ratings": {"harmonis": "meets"}}
    with transaction(world.engine) as session:
        text = policies.text_of("permen6").decode()
        values = {"policy_text": text, "policy_digest": "other", "policy": "permen6"}
        session.execute(sa.update(round_).values(values))
        mine = score.c.ratee == A
        table = session.execute(sa.select(score.c.protected).where(mine)).scalar_one()
        table = table | shown | {"inputs": {"work_result": "above"}}
        session.execute(
            sa.update(score).where(mine).values(protected=table, behaviour=None, total=None, predicate="kurang")
        )
    whole = rows(world, Wanted(survey.round_id, "siasn", released=True))[0]
    assert (whole["hasilKinerjaNilai"], whole["perilakuKerjaNilai"]) == ("1", "3")
    assert "nilaiSkp" not in whole and whole["kuadranKinerjaNilai"] == "4"
    keyed = rows(world, Wanted(survey.round_id, "ekinerja", released=True))[0]
    assert keyed["Rating Hasil Kerja"] == "Di atas ekspektasi"
    assert keyed["Rating Perilaku Kerja"] == "Di bawah ekspektasi"
    assert (keyed["Rating Harmonis"], keyed["Rating Loyal"]) == ("Sesuai ekspektasi", "")


@pytest.mark.parametrize("kind", exports.FORMATS)
@pytest.mark.parametrize("layout", exports.LAYOUTS)
def test_no_cell_is_a_formula(world: World, kind: str, layout: str) -> None:
    survey = Survey(("=1+1", "@SUM(A1)"), ballots={"=1+1": full(4)})
    counted(world, survey)
    with transaction(world.engine) as session:
        session.execute(sa.update(ratee).values(name="=cmd|' /C calc'!A0", unit="+1\x07", superior="-2+3"))
    found = rows(world, Wanted(survey.round_id, layout, released=False), kind)
    cells = [cell for row in found for cell in row.values()]
    assert any(cell == "'=1+1" for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@")) or "\x07" in cell]


def test_only_one_unit(world: World) -> None:
    survey = three(world)
    found = rows(world, Wanted(survey.round_id, "ekinerja", released=True, unit="Bidang Mutasi"))
    assert [row["NIP"] for row in found] == [B]


def test_over_http_with_a_scope_and_a_line_in_the_audit(world: World) -> None:
    survey = three(world)
    address = f"/api/v1/scores/{survey.round_id}/file"
    caller = client(world, "scores:read")
    sent = caller.get(address, query_string={"unit": "Sekretariat"})
    assert sent.status_code == 200 and sent.data.startswith(b"PK")
    assert "ekinerja-" in sent.headers["Content-Disposition"]
    facts = {"layout": "ekinerja", "format": "xlsx", "rows": 2, "unit": "Sekretariat"}
    assert world.rows(audit.entry)[-1].facts == facts
    assert caller.get(address, query_string={"layout": "siasn", "format": "csv"}).text.startswith("nip,tahun,")
    assert caller.get(address, query_string={"format": "pdf"}).status_code == 422
    assert caller.get(f"/api/v1/scores/{Survey().round_id}/file").status_code == 404
    assert client(world, "results:read").get(address).status_code == 403


def test_before_the_release_the_file_is_empty(world: World) -> None:
    survey = Survey((A,), ballots={A: full(4)})
    counted(world, survey)
    assert rows(world, Wanted(survey.round_id, "ekinerja", released=True)) == []


@pytest.mark.parametrize("kind", exports.FORMATS)
def test_memory_does_not_grow_with_the_round(world: World, kind: str) -> None:
    survey = three(world)
    with transaction(world.engine) as session:
        one = dict(session.execute(sa.select(score).where(score.c.ratee == A)).one()._mapping)
        person = dict(session.execute(sa.select(ratee).where(ratee.c.number == A)).one()._mapping)
        numbers = [f"{at:018}" for at in range(6000)]
        session.connection().execute(ratee.insert(), [person | {"number": number} for number in numbers])
        session.connection().execute(score.insert(), [one | {"ratee": number} for number in numbers])
    tracemalloc.start()
    with reading(world.engine) as session:
        wanted = Wanted(survey.round_id, "ekinerja", released=True)
        size = sum(map(len, exports.pieces(session, wanted, SHELF, kind)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stored = len(json.dumps(one["protected"])) * len(numbers)
    assert size > 100_000
    assert peak < stored / 2, (peak, stored)


def six(world: World, sizes: dict[str, int]) -> Any:
    """Released ratees in units of these sizes."""
    units = [unit for unit, size in sizes.items() for _ in range(size)]
    numbers = tuple(f"1985010120100{at:05}" for at in range(len(units)))
    survey = Survey(numbers, ballots={one: full(3 + at % 3) for at, one in enumerate(numbers)})
    counted(world, survey)
    with transaction(world.engine) as session:
        for number, unit in zip(numbers, units, strict=True):
            session.execute(sa.update(ratee).where(ratee.c.number == number).values(unit=unit))
    entries = [work_results.Entry(one, "100", False, "", "") for one in numbers]
    with transaction(world.engine) as session:
        work_results.take(session, survey.round_id, entries, SHELF, "HR", world.now)
    address = f"/api/v1/results/{survey.round_id}/units"
    assert client(world, "results:read").get(address).status_code == 409
    released(world, survey, counting=False)
    return {one["unit"]: one for one in client(world, "results:read").get(address).get_json()["units"]}


def test_figures_of_units_and_what_would_follow_by_subtraction(world: World) -> None:
    found = six(world, {"A": 6, "B": 5, "C": 2})
    assert found["A"]["mean"] == "80" and found["A"]["ratees"] == 6
    assert found["A"]["predicates"] == {"baik": 67, "cukup": 33}
    assert found["A"]["limits"] == ["cukup / kurang / sangat kurang: 33.3 % of 6, must be 0 % to 20 %"]
    assert found[None]["ratees"] == 13
    for hidden in ("B", "C"):
        assert found[hidden] == {
            "unit": hidden,
            "hidden": "too_few_ratees",
            "ratees": None,
            "mean": None,
            "predicates": {},
            "limits": [],
        }
