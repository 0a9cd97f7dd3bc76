"""What it ran on, and what processes have used: CPU seconds and peak memory from ``/proc``."""

import os
import platform
import sqlite3
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PACKAGES = ("flask", "sqlalchemy", "psycopg", "pika", "cryptography", "gunicorn", "marshmallow")


def describe(servers: Iterable[str]) -> list[str]:
    """Lines about machine and versions; ``servers`` names those that were started."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "?"
    )
    memory = next(int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal"))
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"machine: {os.cpu_count()} cores ({model}), {memory / 1024 / 1024:.0f} GiB, Linux {platform.release()}",
        f"servers: {', '.join(servers)}, SQLite {sqlite3.sqlite_version}",
        f"packages: Python {platform.python_version()}, {packages}",
    ]


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its descendants, the finished ones that were waited for included."""
    return sum(_ticks(one) for one in family(pid)) / TICK


def peak_mib(pid: int | str = "self") -> float:
    """The most memory (resident) that a process ever had, in MiB; 0 when it is gone."""
    lines = _lines(f"/proc/{pid}/status")
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _ticks(pid: int) -> int:
    """User and system time with that of children that ended (proc(5): fields 14 to 17)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15]))


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except FileNotFoundError:
        return []
