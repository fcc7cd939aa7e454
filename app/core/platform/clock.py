"""Time from outside. What waits or limits takes these functions as arguments, so that a test gives its own.

Instants are milliseconds since 1970, UTC. Time limits are measured on the monotonic clock, because
the wall clock jumps.
"""

import datetime
import time


def now_ms() -> int:
    """The wall clock: milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def monotonic_ns() -> int:
    """Nanoseconds from an arbitrary start; never runs backwards."""
    return time.monotonic_ns()


def utc_text(ms: int) -> str:
    """An instant as ISO 8601 in UTC with milliseconds: `2026-05-14T09:30:00.250Z`."""
    moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
        milliseconds=ms
    )
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
