"""The trial: one round on one deployment, copied at four times, and every strategy tried on the copies."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from prometheus_client import REGISTRY

from shared import sealing
from shared.config import SERVICES
from shared.demo.api import wait
from tests.attack import canaries
from tests.attack.canaries import Hit
from tests.attack.copies import Servers, Sqlite, Tables, Version
from tests.attack.evidence import Ballots, Order, Raters, in_files, of_ballots, of_places, of_raters
from tests.attack.matching import Truth, truth
from tests.attack.naive import Naive, first, links_of
from tests.attack.simulation import Answer, Round, digest_of_link, draft_key, embedded, separate, staged
from tests.attack.strategies import OUTSIDE, STRATEGIES, Evidence, Finding, apply, by_content

DRAFTS = 20
"""Raters who have begun when the copy in the middle is taken."""
DRAFT = 32 + 12 + 16
"""Bytes of a draft of this questionnaire: padded answers, nonce and tag."""
LOOK = 20
"""Answers between two looks of somebody who watches progress and metrics."""


@dataclass(slots=True)
class Trial:
    """What came of one deployment."""

    deployment: str
    raters: int = 0
    invitations: int = 0
    answers: int = 0
    findings: list[tuple[Finding, Finding]] = field(default_factory=list)
    """Each with the same strategy's finding on the naive schema."""
    outside: list[Finding] = field(default_factory=list)
    canaries: int = 0
    clear: dict[str, list[Hit]] = field(default_factory=dict)
    """Canaries and private keys found in clear, by copy."""
    opened: dict[str, int] = field(default_factory=dict)
    """Ballots that open with every secret at hand, by copy: some while the key is there, none later."""
    drafts: int = 0
    read: dict[str, int] = field(default_factory=dict)
    """Drafts of the copy in the middle that can be read with its letters and the keys that are there at a time."""
    searched: int = 0
    """Bytes that were searched."""
    seconds: float = 0


Copier = Sqlite | Servers


def run(copier: Copier, round_: Round, control: Naive | None = None) -> Trial:
    """Tell the story on a launched round; ``copier`` takes the copies."""
    begun = time.monotonic()
    trial, key = Trial(copier.name), round_.key
    watch = _Watch(round_)
    _search(trial, copier, round_, "before", key)
    most = len(round_.willing) * 2 // 3
    for at, _ in enumerate(round_.answer(most)):
        if at % LOOK == 0:
            watch.look(at)
    watch.look(most)
    round_.draft(DRAFTS)
    round_.stage.job("survey", "sweep files")
    copies = {"middle": _evidence(copier, round_, watch)}
    backup = copier.tables("survey")
    trial.drafts = round_.drafts
    trial.read["middle"] = _drafts_read(round_, backup)
    _search(trial, copier, round_, "middle", key)
    copies["late"] = _late(copier, round_)
    round_.stage.job("survey", "sweep files")
    round_.close()
    wait("all boxes at the broker", lambda: _handed_over(copier), 120)
    copies["closed"] = _evidence(copier, round_, watch)
    _search(trial, copier, round_, "closed", key)
    round_.count()
    round_.stage.job("survey", "sweep files")
    copies["counted"] = _evidence(copier, round_, watch)
    round_.stage.late += timedelta(hours=2)
    round_.stage.job("notifier", "tidying")
    trial.read["counted"] = _drafts_read(round_, backup)
    _search(trial, copier, round_, "counted", key)
    naive = _naive(copier, copies["closed"].riddle, round_)
    mine = [one for one in (*STRATEGIES, *OUTSIDE) if one.only in ("", copier.name)]
    for one in mine:
        found = apply(one, copies[one.copy])
        if one in OUTSIDE:
            trial.outside.append(found)
        else:
            trial.findings.append((found, apply(one, naive)))
    trial.raters, trial.invitations, trial.answers = round_.raters, len(round_.asked), len(round_.answers)
    trial.canaries = sum(one.canary for one in round_.answers)
    trial.seconds = time.monotonic() - begun
    return trial


class _Watch:
    """Somebody who looks at the progress of HR and at the metrics again and again."""

    def __init__(self, round_: Round) -> None:
        self._round = round_
        self._looks: list[tuple[int, dict[tuple[str, str], str], dict[str, float]]] = []

    def look(self, answers: int) -> None:
        """Look, a quarter of an hour after the last time, when ``answers`` have come."""
        self._round.stage.late += timedelta(minutes=16)
        self._round.stage.job("survey", "count progress")
        shown = self._round.api.get(f"/api/v1/rounds/{self._round.round_id}/progress")
        lines = {(line["unit"], line["relation"]): line["answered"] for line in shown["lines"]}
        self._looks.append((answers, lines, _metrics()))

    def progress(self, line_of: Mapping[bytes, tuple[str, str]]) -> Order:
        """When the line of a rater moved after the rater answered."""
        found: Order = {}
        for at, answer in enumerate(self._round.answers):
            line = line_of[answer.digest]
            for (_, before, _), (upto, after, _) in pairwise(self._looks):
                if upto > at and before.get(line) != after.get(line):
                    found[answer.digest] = upto
                    break
        return found

    def metrics(self) -> Order:
        """When any metric but those of the process moved after a rater answered."""
        found: Order = {}
        for at, answer in enumerate(self._round.answers):
            for (_, _, before), (upto, _, after) in pairwise(self._looks):
                if upto > at and before != after:
                    found[answer.digest] = upto
                    break
        return found


def _metrics() -> dict[str, float]:
    samples = [sample for family in REGISTRY.collect() for sample in family.samples]
    told = [one for one in samples if not one.name.startswith(("python_", "process_"))]
    return {f"{one.name}{sorted(one.labels.items())}": one.value for one in told}


def _evidence(copier: Copier, round_: Round, watch: _Watch) -> Evidence:
    """Everything that can be ordered, as of now."""
    answers = round_.answers
    tables = {name: copier.tables(name) for name in ("survey", "scoring")}
    invitations = {row["token_digest"]: row for row in tables["survey"]["invitation"]}
    evidence = Evidence(_riddle(answers, invitations))
    ballots, raters = Ballots(one.ballot for one in answers), Raters(list(invitations.values()))
    unit_of = {row["number"]: row["unit"] for row in tables["survey"]["ratee"]}
    lines = {digest: (unit_of[row["ratee"]], row["relation"]) for digest, row in invitations.items()}
    for name, found in tables.items():
        evidence.raters |= {f"{name}:{column}": order for column, order in of_raters(found, raters).items()}
        evidence.ballots |= {f"{name}:{column}": order for column, order in of_ballots(found, ballots).items()}
    evidence.raters["watched order"] = {one.digest: at for at, one in enumerate(answers)}
    evidence.raters |= {"progress": watch.progress(lines), "metrics": watch.metrics()}
    files = copier.files()
    for kind, paths in files.items():
        places = in_files(paths, ballots)
        evidence.ballots |= {f"{kind} {what}": order for what, order in of_places(places).items() if order}
    log = b"".join(canaries.read(path) for path in files["logs"])
    evidence.raters["logs"] = first(raters.mentioned(log))
    evidence.ballots |= by_content(evidence.riddle)
    evidence.links = {"old rows": _by_commit(copier, ballots, invitations), "journal": _by_journal(copier, ballots)}
    return evidence


def _riddle(answers: Sequence[Answer], invitations: Mapping[bytes, Mapping[str, Any]]) -> Truth:
    boxes: dict[tuple[str, str], list[bytes]] = defaultdict(list)
    for one in answers:
        row = invitations[one.digest]
        boxes[row["ratee"], row["relation"]].append(one.digest)
    return truth(boxes, {one.digest: one.ballot for one in answers})


def _by_commit(
    copier: Copier, ballots: Ballots, invitations: Mapping[bytes, Mapping[str, Any]]
) -> dict[bytes, bytes]:
    """The oldest row that holds a ballot was written by the transaction that spent the rater's link."""
    earliest: dict[bytes, int] = {}
    for content, commit in copier.old_rows().items():
        for ballot, _ in ballots.places(content):
            earliest[ballot] = min(commit, earliest.get(ballot, commit))
    rater_of = {row.get("@xmin"): digest for digest, row in invitations.items()}
    return {ballot: rater_of[commit] for ballot, commit in earliest.items() if commit in rater_of}


def _by_journal(copier: Copier, ballots: Ballots) -> dict[bytes, bytes]:
    return links_of([_seen(one, ballots) for one in copier.journal()])


def _seen(one: Version, ballots: Ballots) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Who has answered and which ballots are there."""
    return one.answered, frozenset(ballot for ballot, _ in ballots.places(one.boxes))


def _late(copier: Copier, round_: Round) -> Evidence:
    """The last third: a copy after every answer, and nothing swept. What is not promised, measured."""
    begin, states = len(round_.answers), [copier.state()]
    for _ in round_.answer(len(round_.willing)):
        states.append(copier.state())
    answers = round_.answers[begin:]
    invitations = {row["token_digest"]: row for row in copier.tables("survey")["invitation"]}
    ballots = Ballots(one.ballot for one in answers)
    evidence = Evidence(_riddle(answers, invitations))
    evidence.raters["watched order"] = {one.digest: at for at, one in enumerate(answers)}
    places = in_files(copier.files()["journal"], ballots)
    evidence.ballots |= {f"journal {what}": order for what, order in of_places(places).items() if order}
    evidence.links = {
        "copies": links_of([_seen(one, ballots) for one in states]),
        "old rows": _by_commit(copier, ballots, invitations),
        "journal": _by_journal(copier, ballots),
    }
    return evidence


def _handed_over(copier: Copier) -> bool:
    tables = copier.tables("survey")
    return all(row["merkle_root"] for row in tables["round"]) and not tables["outbox"]


def _search(trial: Trial, copier: Copier, round_: Round, when: str, key: bytes) -> None:
    """Look for canaries and the private key in every file, and open ballots with every key that is there."""
    files = [path for paths in copier.files().values() for path in paths]
    trial.searched += sum(path.stat().st_size for path in files if path.exists())
    folder = Path(round_.stage.settings.keystore_url.removeprefix("dir:"))
    store = [path for path in folder.rglob("*") if path.is_file()]
    trial.clear[when] = canaries.search(files) + canaries.secrets(files, key)
    if when == "counted":
        trial.clear[when] += canaries.search(store) + canaries.secrets(store, key)
    trial.opened[when] = sum(_opens(path.read_bytes(), round_.answers, copier) for path in store)


def _opens(key: bytes, answers: Sequence[Answer], copier: Copier) -> int:
    """How many ballots this key opens."""
    try:
        opener = sealing.Opener(key)
    except ValueError:
        return 0
    rows = {row["token_digest"]: row for row in copier.tables("survey")["invitation"]}
    count = 0
    for one in answers:
        row = rows[one.digest]
        try:
            opener.open(one.ballot, sealing.ballot_info(_dashed(row["round_id"]), row["ratee"], row["relation"]))
        except sealing.CannotOpen:
            continue
        count += 1
    return count


def _drafts_read(round_: Round, backup: Tables) -> int:
    """Open the letters of a copy with every key of the store, and with the links the drafts of the same copy."""
    store = Path(round_.stage.settings.keystore_url.removeprefix("dir:"))
    links = [link for key in store.iterdir() for link in _links(key.read_bytes(), backup)]
    held = [row["held"] for row in backup["draft"]]
    return sum(any(_readable(link, content) for content in held) for link in links)


def _links(key: bytes, backup: Tables) -> Iterator[str]:
    try:
        opener = sealing.Opener(key)
    except ValueError:
        return
    for row in backup["letter"]:
        with suppress(sealing.CannotOpen):
            letter = opener.open(row["sealed"] or b"", sealing.letter_info(_dashed(row["id"])))
            yield from (one["link"] for one in json.loads(letter)["links"])


def _readable(link: str, held: bytes) -> bool:
    """Whether a row of drafts holds one of this link that opens."""
    at = held.find(digest_of_link(link))
    if at < 0:
        return False
    blob = held[at + 32 : at + 32 + DRAFT]
    try:
        return AESGCM(draft_key(link)).decrypt(blob[:12], blob[12:], b"cermin draft v1")[0] == 1
    except InvalidTag:
        return False


def _dashed(text: str) -> str:
    return str(UUID(text))


def _naive(copier: Copier, riddle: Truth, round_: Round) -> Evidence:
    naive = Naive(riddle, round_.stage.log.parent / "naive")
    return naive.sqlite() if isinstance(copier, Sqlite) else naive.postgresql(copier.spare)


@contextmanager
def on_sqlite(folder: Path, people: int, seed: int) -> Iterator[tuple[Copier, Round]]:
    """A launched round of the embedded product."""
    with staged(embedded(folder), folder) as (stage, url):
        round_ = Round(stage, url, people, seed)
        round_.launch()
        yield Sqlite(folder / "data", stage.log), round_
        round_.end()


@contextmanager
def on_servers(
    folder: Path, people: int, seed: int, databases: Sequence[str], broker: str, rabbit: Path | None
) -> Iterator[tuple[Copier, Round]]:
    """A launched round on PostgreSQL (three databases and one for the control) and RabbitMQ."""
    *three, spare = databases
    urls, since = dict(zip(SERVICES, three, strict=True)), time.time()
    with staged(separate(folder, urls, broker), folder) as (stage, url):
        copier = Servers(urls, spare, rabbit, folder / "data", stage.log, since)
        round_ = Round(stage, url, people, seed)
        round_.launch()
        yield copier, round_
        round_.end()
