"""Simulated raters: they read their mails, follow the links through the real pages and seal what they answer.

What somebody does and answers depends on the seed and on who is asked about whom, never on the order or the hour:
any number of threads gives the same answers.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Literal
from urllib.parse import urlsplit

from shared.demo.mails import Asked
from shared.demo.pages import Browser, Page, Surprise
from shared.demo.seal import seal

Way = Literal["answer", "typed", "twice", "regret", "late", "decline", "silent"]
"""``typed`` types the code, ``twice`` comes again with another answer, ``regret`` declines and takes it back,
``late`` waits for the reminder."""
Outcome = Literal["answered", "declined", "silent"]

_OTHERS: tuple[tuple[float, Way], ...] = (
    (0.13, "silent"),
    (0.17, "decline"),
    (0.37, "late"),
    (0.45, "typed"),
    (0.53, "twice"),
    (0.55, "regret"),
)
_SUPERVISORS: tuple[tuple[float, Way], ...] = ((0.03, "silent"), (0.05, "decline"), (0.15, "late"), (0.25, "twice"))
_REASONS = ("tidak_cukup_mengenal", "konflik_kepentingan", "lainnya")


@dataclass(frozen=True, slots=True)
class Rater:
    """One invitation and the person who got it."""

    asked: Asked
    seed: int

    @property
    def way(self) -> Way:
        """What this person does with this invitation."""
        drawn = self._random("way").random()
        ways = _SUPERVISORS if self.asked.supervising else _OTHERS
        return next((way for limit, way in ways if drawn < limit), "answer")

    def answers(self, page: Page) -> list[int]:
        """One number per item in order, 0 for not seen, 255 where the page does not ask."""
        random = self._random("answers")
        about = Random(f"cermin ratee {self.seed}\n{self.asked.ratee}")
        level = about.gauss(4.25, 0.4) + random.gauss(0, 0.35)
        found = []
        for at in range(int(page.data["questions"])):
            value = round(min(max(random.gauss(level, 0.5), 1), 5))
            value = 0 if random.random() < 0.04 else value
            found.append(value if f"q{at}" in page.choices else 255)
        return found

    def act(self, browser: Browser, *, reminded: bool) -> Outcome:
        """Do what this person does now; raises ``Surprise`` when the pages behave otherwise than promised."""
        way = self.way
        if way == "silent" or (way == "late" and not reminded):
            return "silent"
        _expect(browser.get("/s"), "start")
        values = self._credentials()
        page = _expect(browser.send("/s/open", values), "survey")
        if way in {"decline", "regret"}:
            _decline(browser, page, self._random("reason").choice(_REASONS))
            if way == "decline":
                return "declined"
            page = _expect(browser.send("/s/open", values), "dead-end", "declined")
            page = _expect(browser.send("/s/undo", values), "survey")
        ballot = _sealed(page, self.answers(page))
        _send(browser, values, ballot)
        if way == "twice":
            _send(browser, values, ballot)
            other = {**values, "ballot": _b64(_sealed(page, self.answers(page)))}
            _expect(browser.send_json("/s/submit", other), "dead-end", "already_received")
        return "answered"

    def _credentials(self) -> dict[str, str]:
        if self.way == "typed":
            return {"code": self.asked.code.lower().replace("-", " ")}
        secret, signature = urlsplit(self.asked.link).fragment.split(".")
        raw = base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4))
        return {"token": _b64(hashlib.sha256(b"cermin link v1\n" + raw).digest()), "signature": signature}

    def _random(self, purpose: str) -> Random:
        return Random(f"cermin rater {purpose} {self.seed}\n{self.asked.who}")


def act(
    invitations: Iterable[Asked],
    seed: int,
    *,
    reminded: bool = False,
    threads: int = 4,
    tick: Callable[[], object] = lambda: None,
) -> Counter[Outcome]:
    """Let everybody who is asked do what they do; ``tick`` is called after each. Raises ``Surprise``."""
    raters = [Rater(asked, seed) for asked in invitations]
    shares = [raters[at::threads] for at in range(threads)]
    with ThreadPoolExecutor(threads, thread_name_prefix="rater") as pool:
        counts = pool.map(lambda share: _share(share, reminded, tick), shares)
        return sum(counts, Counter())


def _share(raters: Sequence[Rater], reminded: bool, tick: Callable[[], object]) -> Counter[Outcome]:
    outcomes: Counter[Outcome] = Counter()
    windows: dict[str, Browser] = {}
    try:
        for rater in raters:
            site = rater.asked.link.partition("/s#")[0]
            window = windows.setdefault(site, Browser(site))
            outcomes[rater.act(window, reminded=reminded)] += 1
            tick()
    finally:
        for window in windows.values():
            window.close()
    return outcomes


def _decline(browser: Browser, page: Page, reason: str) -> None:
    page = _expect(browser.send("/s/decline", {"ticket": page.ticket}), "aside")
    if reason not in page.choices["reason"]:
        raise Surprise(f"cannot decline because of {reason}")
    values = {"ticket": page.ticket, "asked": "1", "reason": reason, "sure": "ya"}
    _expect(browser.send("/s/decline", values), "dead-end", "declined")


def _send(browser: Browser, values: dict[str, str], ballot: bytes) -> None:
    page = _expect(browser.send_json("/s/submit", {**values, "ballot": _b64(ballot)}), "done")
    if page.data["receipt"] != hashlib.sha256(ballot).hexdigest():
        raise Surprise("the receipt is not the hash of the ballot")


def _sealed(page: Page, answers: Sequence[int]) -> bytes:
    plain = bytes([1, *answers]).ljust(int(page.data["length"]), b"\xff")
    return seal(plain, _unb64(page.data["key"]), _unb64(page.data["bound"]))


def _expect(page: Page, kind: str, code: str = "") -> Page:
    if page.kind != kind or (code and page.data.get("code") != code):
        found = f"{page.kind or 'no page'} {page.data.get('code', '')}".strip()
        raise Surprise(f"expected {kind} {code}".strip() + f", found {found} (status {page.status})")
    return page


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
