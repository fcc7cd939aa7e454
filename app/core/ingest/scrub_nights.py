"""How much is read in a night, and when a night is."""

import datetime
from typing import Final

from app.core.work.courtesy import Courtesy

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MS: Final = datetime.timedelta(milliseconds=1)


def share(total: int, nights: int) -> int:
    """What is to be read in one night so that in so many all of it was read, rounded up."""
    return -(-total // nights)


def is_open(now: datetime.datetime, hours: str) -> bool:
    """Whether a time of day is within hours such as `22:00-06:00`; empty: always."""
    courtesy = Courtesy(now=lambda: now)
    courtesy.set_hours({"": hours})
    return courtesy.in_hours("")


def began_ms(now: datetime.datetime, hours: str) -> int:
    """When this night began, or the last one: the hours' own beginning, midnight where there are none.

    Args:
        now: local time with its offset.
        hours: such as `22:00-06:00`.

    Returns:
        Milliseconds since 1970.
    """
    begin = datetime.time.fromisoformat(hours.partition("-")[0]) if hours else datetime.time()
    day = now.date() if now.time() >= begin else now.date() - datetime.timedelta(days=1)
    # Clocks may have been put forward or back since: the offset is that of the hour itself.
    return (datetime.datetime.combine(day, begin).astimezone() - _EPOCH) // _MS
