"""A round from import to release, told through the public doors only: the APIs, the mails and the rater's pages.

It does not know how the services run: embedded in this process or on servers elsewhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.demo import mails, raters
from shared.demo.api import Api, Declined, Stuck, wait
from shared.demo.mails import Asked
from shared.demo.raters import Outcome
from shared.events import ADVANCED

GROUPS = {
    "supervisor": {"minimum": 1, "target": 1, "maximum": 1},
    "peer": {"minimum": 3, "target": 5, "maximum": 8, "cap": 12},
    "subordinate": {"minimum": 3, "target": 5, "maximum": 8},
    "self": {"minimum": 1, "target": 1, "maximum": 1},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where Cermin runs, and the Maildir that holds what it mails."""

    survey: Api
    scoring: Api
    mail: Path
    patience: float = 60
    """Seconds to wait for any one thing."""


@dataclass(frozen=True, slots=True)
class Story:
    """What happened. ``outcomes`` is what the raters did, the others are what the services say of it."""

    round_id: str
    ratees: int
    invited: int
    on_paper: int
    """Invitations in letters without an address: printed, and in the demonstration never answered."""
    outcomes: Counter[Outcome]
    counted: int
    scored: int
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rules:
    """By which questionnaire people answer, and by which policy they are scored."""

    questionnaire: str
    policy: str


PP30 = Rules("pp30", "pp30-360")


def tell(
    place: Place,
    people: bytes,
    work_results: bytes,
    seed: int,
    say: Callable[[str], object] = lambda _: None,
    rules: Rules = PP30,
    before_release: Callable[[str], object] = lambda _: None,
) -> Story:
    """Run one round; raises ``Stuck`` or ``Surprise`` when anything is not as promised.

    ``people`` and ``work_results`` are the files as HR would upload them; ``before_release`` gets the id of the
    round when its scores are provisional.
    """
    imported = place.survey.post_csv("/api/v1/people/import", people)
    say(f"{len(imported['new'])} people imported")
    round_id, launched = launch(place, seed, rules)
    say(f"round launched: {launched['ratees']} ratees, {launched['invitations']} invitations")
    asked = mailed(place, launched["letters"] - launched["without_address"])
    say(
        f"{launched['letters'] - launched['without_address']} mails, {launched['without_address']} letters on paper"
    )
    outcomes = _answer(place, round_id, asked, seed, say)
    counted = _count(place, round_id)
    say(f"closed and counted: {counted['counted']} ballots, {counted['refused']} refused, the key is destroyed")
    place.scoring.post_csv(f"/api/v1/work-results/{round_id}/csv", work_results)
    before_release(round_id)
    released = _release(place, round_id)
    say("work results imported, scores released")
    return Story(
        round_id=round_id,
        ratees=launched["ratees"],
        invited=launched["invitations"],
        on_paper=launched["invitations"] - len(asked),
        outcomes=outcomes,
        counted=counted["counted"],
        scored=released["verdict"]["scored"],
        held=released["verdict"]["held"],
    )


def launch(place: Place, seed: int, rules: Rules = PP30) -> tuple[str, Any]:
    """Make a round over everybody and launch it; its id and what the launch says it made."""
    now = datetime.now(UTC).replace(microsecond=0)
    questionnaires = wait("questionnaires", lambda: place.survey.get("/api/v1/questionnaires")["items"], 20)
    draft = {
        "name": "Survei perilaku kerja 2026",
        "period_start": "2026-01-01",
        "period_end": "2026-12-31",
        "opens_at": (now - timedelta(days=1)).isoformat(),  # a reminder goes out on another day than the mail
        "closes_at": (now + timedelta(days=14)).isoformat(),
        "timezone": "Asia/Jakarta",
        "questionnaire_id": next(one["id"] for one in questionnaires if one["code"] == rules.questionnaire),
        "policy": rules.policy,
        "threshold": 3,
        "groups": GROUPS,
        "authority": "Surat Sekretaris Daerah nomor 800/123/2026",
        "contact": "Subbagian Umum dan Kepegawaian, telepon 100",
        "seed": seed,
    }
    round_id = str(place.survey.post("/api/v1/rounds", draft)["id"])
    return round_id, wait("the notifier's key", lambda: _launched(place, round_id), place.patience)


def _launched(place: Place, round_id: str) -> Any:
    """What the launch made; None while the notifier has not said yet to which key letters are sealed."""
    try:
        return place.survey.post(f"/api/v1/rounds/{round_id}/launch")
    except Declined as refused:
        if refused.code != "notifier_key_missing":
            raise
        return None


def mailed(place: Place, more: int, known: Iterable[Path] = ()) -> list[Asked]:
    """What ``more`` new mails ask for, once all of them are there."""
    before = set(known)

    def arrived() -> set[Path] | None:
        found = _mails(place) - before
        return found if len(found) >= more else None

    found = wait(f"{more} mails", arrived, place.patience + more / 20)
    return [one for path in sorted(found) for one in mails.asked(path.read_bytes())]


def _mails(place: Place) -> set[Path]:
    return set((place.mail / "new").glob("*"))


def _answer(
    place: Place, round_id: str, asked: list[Asked], seed: int, say: Callable[[str], object]
) -> Counter[Outcome]:
    """The first answers, a reminder to those who are silent, what comes after it."""
    first = raters.act(asked, seed)
    say(f"{first['answered']} answered, {first['declined']} declined")
    known = _mails(place)
    place.survey.post(f"/api/v1/rounds/{round_id}/remind")  # it tells in steps how many letters that makes
    silent = [one for one in asked if not _done_at_once(one, seed)]
    letters = len({one.rater for one in silent})
    pending = mailed(place, letters, known)
    if {one.link for one in pending} != {one.link for one in silent}:
        raise Stuck("the reminders name other links than those without an answer")
    second = raters.act(pending, seed, reminded=True)
    say(f"{letters} reminders, after which {second['answered']} more answered")
    return Counter(
        {
            "answered": first["answered"] + second["answered"],
            "declined": first["declined"] + second["declined"],
            "silent": second["silent"],
        }
    )


def _done_at_once(asked: Asked, seed: int) -> bool:
    return raters.Rater(asked, seed).way not in {"silent", "late"}


def _count(place: Place, round_id: str) -> Any:
    place.survey.post(f"/api/v1/rounds/{round_id}/close")

    def counted() -> Any:
        return place.survey.get(f"/api/v1/rounds/{round_id}")["state"] in ("counted", *ADVANCED)

    wait("the count of the ballots", counted, place.patience)
    return wait("the scores", lambda: _at(place, round_id, "scored"), place.patience)


def _release(place: Place, round_id: str) -> Any:
    """Release when every score has been computed anew with its work result."""

    def released() -> Any:
        try:
            return place.scoring.post(f"/api/v1/results/{round_id}/release")
        except Declined as refused:
            if refused.status != 409:
                raise
            return None

    wait("scores with work results", released, place.patience)
    return wait("the release", lambda: _at(place, round_id, "released"), place.patience)


def _at(place: Place, round_id: str, state: str) -> Any:
    found = place.scoring.get(f"/api/v1/results/{round_id}")
    return found if found["state"] == state else None
