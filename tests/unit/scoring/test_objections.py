"""The time for objections: the day of receipt is not counted, and days are those of the agency's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scoring_service.domain.objections import window_ends

JAYAPURA = ZoneInfo("Asia/Jayapura")


@pytest.mark.parametrize(
    ("received", "days", "ends"),
    [
        ("2027-03-01T00:00+09:00", 14, "2027-03-16T00:00+09:00"),
        ("2027-03-01T23:59+09:00", 14, "2027-03-16T00:00+09:00"),
        ("2027-03-01T14:59+00:00", 14, "2027-03-16T00:00+09:00"),
        ("2027-03-01T15:00+00:00", 14, "2027-03-17T00:00+09:00"),
        ("2027-02-28T12:00+09:00", 1, "2027-03-02T00:00+09:00"),
    ],
)
def test_the_window_ends_with_its_last_day(received: str, days: int, ends: str) -> None:
    found = window_ends(datetime.fromisoformat(received), days, JAYAPURA)
    assert found == datetime.fromisoformat(ends)
    assert found.tzinfo is UTC
