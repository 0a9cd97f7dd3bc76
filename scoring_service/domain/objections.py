"""The time for objections: calendar days, the day of receipt not counted, in the agency's zone."""

from datetime import UTC, datetime, time, timedelta, tzinfo


def window_ends(received: datetime, days: int, zone: tzinfo) -> datetime:
    """When the time to object is over (exclusive, UTC), for a report received at ``received`` (aware).

    With 14 days, a report received on 1 March at any hour may be objected to until 15 March is over.
    """
    after = received.astimezone(zone).date() + timedelta(days=days + 1)
    return datetime.combine(after, time.min, zone).astimezone(UTC)
