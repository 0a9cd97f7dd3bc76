"""``cermin demo``: a whole round with a made-up office, and what came of it."""

import csv
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from shared.demo import journey, organisation, subscribers
from shared.demo.api import Stuck, wait
from shared.demo.house import open_house
from shared.demo.journey import Place, Story
from shared.demo.pages import Surprise
from shared.demo.subscribers import STAND_IN, Chronicle
from shared.errors import conflict

MARK = "made by cermin demo"


@click.command()
@click.option("--people", default=120, show_default=True, type=click.IntRange(40, 100_000), help="About how many.")
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0, 2**31 - 1), help="Same seed, same scores."
)
@click.option("--out", default="var/demo", show_default=True, type=click.Path(path_type=Path, file_okay=False))
def demo(people: int, seed: int, out: Path) -> None:
    """Run a whole round with a made-up office: import, mails, answers, close, scores, appraisal system.

    Everything a former demo left in OUT is replaced. Exits with 1 when anything does not add up.
    """
    begun = time.monotonic()
    _fresh(out)
    try:
        story, chronicle = _run(people, seed, out, begun)
        problems = list(mismatches(story, chronicle, out / "scores.csv"))
    except (Stuck, Surprise) as error:
        click.echo(f"The demo stopped: {error}", err=True)
        sys.exit(1)
    _print(story, chronicle, out, time.monotonic() - begun)
    for problem in problems:
        click.echo(f"Does not add up: {problem}", err=True)
    sys.exit(1 if problems else 0)


def mismatches(story: Story, chronicle: Chronicle, table: Path) -> Iterator[str]:
    """Every statement about the round that another one contradicts."""
    done, closed = story.outcomes, chronicle.facts["round.closed.v1"]
    silent = done["silent"] + story.on_paper
    released = chronicle.facts["round.released.v1"]
    with table.open(encoding="utf-8", newline="") as file:
        rows = [row["status"] for row in csv.DictReader(file)]
    facts = {
        "answered + declined + silent = invited": (done["answered"] + done["declined"] + silent, story.invited),
        "the round was closed over all invitations": (closed["invited"], story.invited),
        "every answer was received": (closed["answered"], done["answered"]),
        "every decline was received": (closed["declined"], done["declined"]),
        "every answer was counted": (story.counted, done["answered"]),
        "scored + held = ratees": (story.scored + sum(story.held.values()), story.ratees),
        "one completed survey for each ratee": (chronicle.types["survey.completed.v1"], story.ratees),
        "one event for each score": (chronicle.types["behaviour.scored.v1"], story.scored),
        "one event for each score that is held": (chronicle.types["behaviour.held.v1"], sum(story.held.values())),
        "the release names as many": (released["scored"] + released["held"], story.ratees),
        "one row for each ratee": (len(rows), story.ratees),
        "as many rows are held": (rows.count("held"), sum(story.held.values())),
    }
    yield from (f"{name}: {left} and {right}" for name, (left, right) in facts.items() if left != right)


def _run(people: int, seed: int, out: Path, begun: float) -> tuple[Story, Chronicle]:
    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - begun:6.1f} s  {line}", err=True)

    office = organisation.make(people, seed)
    organisation.write_people(out / "organisation.csv", office)
    organisation.write_work_results(out / "work_results.csv", office, seed)
    files = [(out / name).read_bytes() for name in ("organisation.csv", "work_results.csv")]
    with open_house(out / "data", out / "mail") as house:
        say(f"Cermin runs on {house.url}")
        with subscribers.listening(house.host.settings.broker_url, out / "events.jsonl") as chronicle:
            patience = 60 + people / 20
            place = Place(house.survey, house.scoring, out / "mail", patience)
            story = journey.tell(place, files[0], files[1], seed, say)
            subscribers.appraise("feed", house.url, out, house.feed_key)
            say("the appraisal system has every score, and the digest of the release fits")
            expected = 2 * story.ratees + 3
            wait("the last event", lambda: chronicle.types.total() >= expected, patience)
    return story, chronicle


def _fresh(out: Path) -> None:
    """An empty folder; raises ``Refused`` rather than delete what no demo made."""
    if not STAND_IN.exists():
        raise conflict("examples_missing", "The demo needs the folder `examples`: run it from a checkout.")
    mark = out / "README"
    if out.exists() and any(out.iterdir()):
        if not mark.exists() or MARK not in mark.read_text():
            raise conflict("not_a_demo", f"{out} holds something that no demo made; choose another folder.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    mark.write_text(f"Everything here was {MARK}; the next one replaces it.\n")


def _print(story: Story, chronicle: Chronicle, out: Path, seconds: float) -> None:
    done, held = story.outcomes, story.held
    lines = [
        ("Ratees", story.ratees, ""),
        ("Invited", story.invited, ""),
        ("  answered", done["answered"], ""),
        ("  declined", done["declined"], ""),
        (
            "  silent",
            done["silent"] + story.on_paper,
            f"{story.on_paper} of these on paper: no address of their own",
        ),
        ("Scored", story.scored, ""),
        ("Held", sum(held.values()), ", ".join(f"{reason} {count}" for reason, count in held.items())),
        ("Events", chronicle.types.total(), ""),
        *((f"  {kind}", count, "") for kind, count in sorted(chronicle.types.items())),
    ]
    click.echo("")
    for name, count, note in lines:
        click.echo(f"{name:<26}{count:>6}   {note}".rstrip())
    click.echo("\nSome scores")
    for line in _some(out / "scores.csv"):
        click.echo(f"  {line}")
    click.echo(f"\n{seconds:.1f} seconds. Look at")
    for path, what in (
        ("mail", "every mail, as a Maildir"),
        ("events.jsonl", "every public event as it was published"),
        ("scores.csv", "what the appraisal system made of them"),
        ("data", "databases and keys: CERMIN_DATA_DIR for `cermin up`"),
    ):
        click.echo(f"  {out / path!s:<24} {what}")


def _some(table: Path) -> Iterator[str]:
    """A handful of rows: the first of each predicate, and of each reason to hold one."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first: dict[str, dict[str, str]] = {}
    for row in rows:
        first.setdefault(row["predicate"] or row["reason"] or "no work result", row)
    for kind, row in sorted(first.items()):
        numbers = f"behaviour {row['behaviour']:<8} total {row['total']:<9}" if row["behaviour"] else row["status"]
        yield f"{row['ratee']:<20} {kind:<18} {numbers}".rstrip()
