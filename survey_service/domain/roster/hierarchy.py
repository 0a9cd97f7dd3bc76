"""Chains that go round."""

from collections.abc import Mapping


def cycles(above: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """Every cycle in "who is above whom", each beginning with its smallest name, in order of that name."""
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in above:
        path: dict[str, int] = {}
        name: str | None = start
        while name is not None and name not in done and name not in path:
            path[name] = len(path)
            name = above.get(name)
        if name is not None and name in path:
            chain = list(path)[path[name] :]
            first = chain.index(min(chain))
            found.append(tuple(chain[first:] + chain[:first]))
        done.update(path)  # not |=, which copies the whole set when the other is a view of keys
    return sorted(found)
