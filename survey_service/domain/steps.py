"""Counts as HR may see them while a round is open."""

STEP = 5


def stepped(count: int) -> str:
    """A count rounded down to a multiple of 5; ``<5`` below, so that the first answer does not show."""
    if count < STEP:
        return "<5"
    return str(count // STEP * STEP)
