"""The page of the audit trail, the same for both services: each keeps its own."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request

from shared import trail
from shared.database import reading
from shared.service import Context
from shared.web.sentences import say
from shared.web.texts import Texts

TRAILS = (("survey", "/console/audit"), ("scoring", "/console/results/audit"))
"""Where each trail is read."""
FILTERS = ("actor", "action", "since", "until")

TEXTS: Texts = {
    "audit.title": ("Jejak audit", "Audit trail"),
    "audit.lead": (
        "Siapa melakukan apa dan kapan. Jejak ini tidak pernah memuat pasangan pemberi umpan balik dan pegawai "
        "yang dinilai.",
        "Who did what and when. It never holds a pair of rater and ratee.",
    ),
    "audit.whole": (
        "Rantai utuh: {count} catatan, tidak ada yang diubah atau dihapus di tengah.",
        "The chain is whole: {count} entries, none changed or removed in between.",
    ),
    "audit.broken": (
        "Rantai terputus pada catatan {position}. Simpan salinan basis data dan hubungi pengelola sistem.",
        "The chain breaks at entry {position}. Keep a copy of the database and call the operator.",
    ),
    "audit.when": ("Waktu", "When"),
    "audit.who": ("Pelaku", "Who"),
    "audit.what": ("Tindakan", "What"),
    "audit.about": ("Tentang", "About"),
    "audit.facts": ("Rincian", "Details"),
    "audit.anybody": ("Siapa saja", "Anybody"),
    "audit.anything": ("Tindakan apa saja", "Anything"),
    "audit.since": ("Dari tanggal", "From"),
    "audit.until": ("Sampai tanggal", "Until"),
    "audit.find": ("Saring", "Filter"),
    "audit.none": ("Tidak ada catatan yang cocok.", "No entry fits."),
    "audit.all": ("Tampilkan semua", "Show everything"),
    "audit.empty": ("Belum ada catatan", "No entry yet"),
    "audit.empty.next": (
        "Setiap tindakan petugas akan tercatat di sini.",
        "Every act of staff will be recorded here.",
    ),
    "audit.older": ("Lebih lama", "Older"),
    "audit.newest": ("Terbaru", "Newest"),
    "audit.operator": ("Pengelola sistem", "Operator"),
    "audit.schedule": ("Jadwal", "Schedule"),
    "audit.scoring": ("Layanan penilaian", "Scoring service"),
    "audit.survey": ("Layanan survei", "Survey service"),
    "audit.services": ("Jejak tiap layanan", "Trail of each service"),
    "action.client.added": ("Kunci API dibuat", "API key made"),
    "action.client.revoked": ("Kunci API dicabut", "API key revoked"),
    "fact.sheets": ("lembar", "sheets"),
    "fact.scopes": ("izin", "scopes"),
    "fact.fingerprint": ("sidik kunci", "fingerprint of the key"),
    "fact.yes": ("ya", "yes"),
    "fact.no": ("tidak", "no"),
    "audit.account": ("Akun {id}", "Account {id}"),
    "action.audit.read": ("Jejak audit dilihat", "Audit trail looked at"),
    "audit.about.audit": ("Jejak audit", "Audit trail"),
    "fact.of": ("dari versi", "of version"),
    "fact.new": ("baru", "new"),
    "fact.changed": ("berubah", "changed"),
    "fact.units": ("unit", "units"),
    "fact.ratees": ("dinilai", "ratees"),
    "fact.invitations": ("undangan", "invitations"),
    "fact.letters": ("surat", "letters"),
    "fact.counted": ("dihitung", "counted"),
    "fact.refused": ("ditolak", "refused"),
    "fact.role": ("peran", "role"),
    "fact.ratee": ("yang dinilai", "ratee"),
    "fact.rater": ("pemberi umpan balik", "rater"),
    "fact.relation": ("hubungan", "relation"),
    "fact.until": ("sampai", "until"),
    "fact.fields": ("bagian", "fields"),
}


LAST = 2**63 - 1
"""The largest position that both databases understand."""


def page(context: Context, names: trail.Names, untold: Collection[str] = ()) -> str:
    """Entries, newest first, all or those that are asked for, and whether the chain is whole.

    Facts that are ``untold`` are not for this reader.
    """
    before = request.args.get("before", type=_position)
    given = {name: request.args.get(name, "")[:200].replace("\x00", "") for name in FILTERS}
    wanted, faults = _wanted(given, context)
    with reading(context.engine) as session:
        acts = trail.acts(session, names, before, wanted)
        count, broken = trail.chain(session)
        actors, actions = trail.actors(session, names), trail.actions(session)
    older = acts[-1].position if len(acts) == trail.PAGE else None
    filtered = {name: value for name, value in given.items() if value}
    return render_template(
        "trail.html",
        trails=TRAILS,
        acts=acts,
        count=count,
        broken=broken,
        older=urlencode(filtered | {"before": older}) if older else None,
        newest=None if before is None else urlencode(filtered),
        actors=actors,
        actions=actions,
        values=given,
        errors=faults,
        filtered=bool(filtered),
        untold=untold,
        is_account=_is_account,
    )


def _wanted(given: Mapping[str, str], context: Context) -> tuple[trail.Wanted, dict[str, str]]:
    """What was asked for; days are those of the agency, both included. A day that is none asks for nothing."""
    days, faults = dict[str, date](), dict[str, str]()
    for name in ("since", "until"):
        try:
            days |= {name: _day(given[name])} if given[name] else {}
        except ValueError:
            faults[name] = say("Give a date.")

    def midnight(name: str, later: int) -> datetime | None:
        day = days.get(name)
        zone = context.settings.timezone
        return datetime.combine(day + timedelta(days=later), time(), zone) if day else None

    return trail.Wanted(given["actor"], given["action"], midnight("since", 0), midnight("until", 1)), faults


def _position(text: str) -> int:
    return min(int(text), LAST)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not 2000 <= day.year <= 2100:
        raise ValueError(text)
    return day


def _is_account(actor: str) -> bool:
    """Whether an actor without a name is an account: only the survey service knows what they are called."""
    try:
        return bool(UUID(actor))
    except ValueError:
        return False
