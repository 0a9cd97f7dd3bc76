"""The table that ``make attack`` prints, and what the tests assert of it."""

from collections.abc import Iterator

from tests.attack.trial import Trial

CONTROL = 0.95
"""What every strategy must reach on the naive schema, or the harness is broken."""
_HEAD = f"{'strategy':<46}{'copy':<9}{'hit rate':>9}{'chance':>8}{'bound':>8}{'control':>9}  pass"


def failures(trial: Trial) -> Iterator[str]:
    """Everything about a trial that breaks a promise, or shows that the harness does not work."""
    for found, control in trial.findings:
        if not found.passed:
            yield f"{found.name} ({found.copy}): {found.hit:.1%} hit, {found.bound:.1%} is the bound"
        if control.hit < CONTROL:
            yield f"the harness is broken: {found.name} hits only {control.hit:.1%} on the naive schema"
    for when, hits in trial.clear.items():
        yield from (f"in clear {when}: {hit.form} in {hit.file} at {hit.at}" for hit in hits)
    if trial.opened["middle"] == 0:
        yield "the harness is broken: the round key opens nothing while it is there"
    if trial.opened["counted"]:
        yield f"{trial.opened['counted']} ballots open after the count"
    if trial.read["middle"] < trial.drafts:
        yield "the harness is broken: with letters and keys not every draft is read"
    if trial.read["counted"]:
        yield f"{trial.read['counted']} drafts of an old copy are read with the keys that are left"
    if trial.canaries < 10:
        yield "the harness is broken: hardly anybody answered with a canary"


def lines(trial: Trial) -> Iterator[str]:
    """The table of one deployment."""
    yield (
        f"{trial.deployment}: {trial.raters} raters, {trial.invitations} invitations, {trial.answers} answers, "
        f"{trial.seconds:.0f} s"
    )
    yield _HEAD
    for found, control in trial.findings:
        good = "yes" if found.passed and control.hit >= CONTROL else "NO"
        note = "" if found.tried else "  (nothing of the kind is there)"
        yield (
            f"{found.name:<46}{found.copy:<9}{found.hit:>9.1%}{found.chance:>8.1%}{found.bound:>8.1%}"
            f"{control.hit:>9.1%}  {good}{note}"
        )
    yield from _canaries(trial)
    yield "outside the promise, while the round is open and with its key:"
    for found in trial.outside:
        yield f"{found.name:<46}{found.copy:<9}{found.hit:>9.1%}{found.chance:>8.1%}"


def _canaries(trial: Trial) -> Iterator[str]:
    for when, hits in trial.clear.items():
        opened = f"{trial.opened[when]} of {trial.answers} ballots open with the keys that are there"
        clear = f"{len(hits)} in clear"
        yield f"{'canaries and private keys in every file':<46}{when:<9}{clear:>9}; {opened}"
    for when, read in trial.read.items():
        yield (
            f"{'drafts in the middle copy, with its letters':<46}{when:<9}"
            f"{read:>9} of {trial.drafts} read with the keys that are there"
        )
    yield f"searched for {trial.canaries} canary answers in {trial.searched / 1e6:.0f} MB"
