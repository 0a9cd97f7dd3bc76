"""The columns of the files that leave: one row per score, from its protected table and nothing else."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scoring_service.domain.policy import Aspect, Policy

Cell = str | int | None
Row = Mapping[str, Any]
"""A score as ``results`` reads it: ratee, name, unit, superior, status, reason, …, and its ``table``."""

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

CATEGORIES = {"above": "Di atas ekspektasi", "meets": "Sesuai ekspektasi", "below": "Di bawah ekspektasi"}
REASONS = {
    "too_few_raters": "ditunda: pemberi umpan balik terlalu sedikit",
    "supervisor_missing": "ditunda: penilaian pejabat penilai belum ada",
    "no_weight_rule": "ditunda: kebijakan tidak mengatur bobotnya",
    "awaiting_assessor": "ditunda: menunggu kategori dari pejabat penilai",
    "threshold_too_low": "ditunda: jumlah minimal pemberi umpan balik terlalu kecil",
}
HIDDEN = "tidak ditampilkan: pemberi umpan balik terlalu sedikit"
"""Said in a cell whose value is hidden, whether nobody answered, too few did, or they were merged."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is the same in every row of a round."""

    policy: Policy
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its head, and its cell of a row."""

    head: str
    cell: Callable[[Row, Facts], Cell]


def columns_of(layout: str, facts: Facts) -> Sequence[Column]:
    """The columns of a layout: ``scores``, ``ekinerja`` or ``siasn``; raises ``KeyError`` for another."""
    return LAYOUTS[layout](facts)


def guarded(cell: Cell) -> str:
    """A cell that no spreadsheet takes for a formula; numbers stay as they are."""
    text = _CONTROL.sub(" ", str("" if cell is None else cell))
    return f"'{text}" if text.startswith(_FORMULA) and not _PLAIN.fullmatch(text) else text


def _scores(facts: Facts) -> Sequence[Column]:
    plain = ("ratee", "status", "reason", "behaviour", "total", "predicate", "n_band")
    policy = f"{facts.policy.id} {facts.policy.version}"
    return (*(_field(name, name) for name in plain), Column("policy", lambda row, _: policy))


def _ekinerja(facts: Facts) -> Sequence[Column]:
    """What is keyed in by hand: work result, behaviour and predicate, beside who is meant and which period."""
    matrix = facts.policy.combination.method == "matrix"
    head = ("Rating Hasil Kerja", "Rating Perilaku Kerja") if matrix else ("Nilai SKP", "Nilai Perilaku Kerja")
    return (
        *_person(),
        Column("Periode Mulai", lambda _, facts: facts.start.isoformat()),
        Column("Periode Selesai", lambda _, facts: facts.end.isoformat()),
        _field("NIP Pejabat Penilai", "superior"),
        Column(head[0], _work_result),
        Column(head[1], lambda row, _: _word(row, "category") if matrix else row["behaviour"]),
        *([] if matrix else [_field("Nilai Kinerja", "total")]),
        Column("Predikat Kinerja", lambda row, _: row["predicate"]),
        *(_rating(aspect) for aspect in facts.policy.aspects if facts.policy.behaviour_by == "assessor"),
        *(_aspect(aspect.code, aspect.title["id"], facts) for aspect in facts.policy.aspects),
        *_codes(facts),
        _field("Pemberi Umpan Balik", "n_band"),
        Column("Status", lambda row, _: "ditunda" if row["status"] == "held" else "dinilai"),
        Column("Keterangan", lambda row, _: REASONS.get(row["reason"] or "", row["reason"])),
        Column("Kebijakan", lambda _, facts: f"{facts.policy.id} versi {facts.policy.version}"),
    )


def _siasn(facts: Facts) -> Sequence[Column]:
    """The names that SIASN clients use for the fields we know; codes as the policy gives them."""
    return (
        _field("nip", "ratee"),
        Column("tahun", lambda _, facts: facts.end.year),
        Column("bulanMulaiPenilaian", lambda _, facts: facts.start.month),
        Column("bulanSelesaiPenilaian", lambda _, facts: facts.end.month),
        Column("tahunMulaiPenilaian", lambda _, facts: facts.start.year),
        Column("tahunSelesaiPenilaian", lambda _, facts: facts.end.year),
        *_codes(facts),
        *(_of_predicate(field, codes) for field, codes in facts.policy.predicate_codes.items()),
        *([] if facts.policy.external_codes else _values()),
        _field("penilaiNipNrp", "superior"),
        Column("keterangan", lambda row, _: REASONS.get(row["reason"] or "", row["reason"])),
    )


def _values() -> Sequence[Column]:
    return (
        Column("nilaiSkp", _work_result),
        _field("nilaiPerilakuKerja", "behaviour"),
        _field("nilaiPrestasiKerja", "total"),
    )


def _person() -> Sequence[Column]:
    return _field("NIP", "ratee"), _field("Nama", "name"), _field("Unit Kerja", "unit")


def _field(head: str, name: str) -> Column:
    return Column(head, lambda row, _: row[name])


def _work_result(row: Row, _: Facts) -> Cell:
    value: str | None = (row["table"] or {}).get("inputs", {}).get("work_result")
    return CATEGORIES.get(value or "", value)


def _word(row: Row, name: str) -> Cell:
    value: str | None = (row["table"] or {}).get(name)
    return CATEGORIES.get(value or "", value)


def _aspect(code: str, title: str, facts: Facts) -> Column:
    """One behaviour, coarse as everywhere; a hidden one says why in words."""
    step = facts.policy.shown_step
    shown = step.numerator if step.denominator == 1 else float(step)

    def cell(row: Row, _: Facts) -> Cell:
        found = {one["aspect"]: one for one in (row["table"] or {"aspects": ()})["aspects"]}
        if code not in found:
            return None
        return HIDDEN if found[code]["value"] is None else found[code]["value"]

    return Column(f"{title} (dibulatkan ke {shown:g})", cell)


def _rating(aspect: Aspect) -> Column:
    """The category that the assessor chose for one behaviour."""

    def cell(row: Row, _: Facts) -> Cell:
        chosen: str | None = (row["table"] or {}).get("ratings", {}).get(aspect.code)
        return CATEGORIES.get(chosen or "", chosen)

    return Column(f"Rating {aspect.title['id']}", cell)


def _of_predicate(field: str, codes: Mapping[str, int]) -> Column:
    return Column(field, lambda row, _: codes.get(row["predicate"] or ""))


def _codes(facts: Facts) -> Sequence[Column]:
    def column(name: str) -> Column:
        return Column(name, lambda row, _: (row["table"] or {}).get("external_codes", {}).get(name))

    return tuple(column(code.field) for code in facts.policy.external_codes)


LAYOUTS: Mapping[str, Callable[[Facts], Sequence[Column]]] = {
    "scores": _scores,
    "ekinerja": _ekinerja,
    "siasn": _siasn,
}
