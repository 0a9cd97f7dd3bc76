"""Work in a process of its own, so that its peak memory is its own and nothing is warm from before."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from bench.machine import peak_mib
from shared.logs import configure

P = ParamSpec("P")
T = TypeVar("T")
_SPAWN = multiprocessing.get_context("spawn")


def run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[T, float]:
    """What ``work`` returns in a fresh process, and the peak memory of that process in MiB."""
    with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
        return pool.submit(_watched, work, args, kwargs).result()


def together(work: Callable[..., T], several: list[tuple[Any, ...]]) -> list[T]:
    """``work`` with each of several arguments, each in a process of its own, at the same time."""
    with ProcessPoolExecutor(len(several), mp_context=_SPAWN) as pool:
        return [future.result() for future in [pool.submit(work, *args) for args in several]]


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """A list that holds the seconds after the block."""
    found: list[float] = []
    begun = time.perf_counter()
    yield found
    found.append(time.perf_counter() - begun)


def _watched(work: Callable[..., T], args: Any, kwargs: Any) -> tuple[T, float]:
    configure("WARNING")
    return work(*args, **kwargs), peak_mib()
