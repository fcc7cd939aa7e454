"""Hybrid logical clock: 48 bits of milliseconds, 16 bits of counter, in one integer.

Order of events is `(hlc, node, id)`. The high-water mark is kept by the catalog, so that the clock
never runs backwards, whatever the machine's own clock does.
"""

COUNTER_BITS = 16


def tick(last: int, now_ms: int) -> int:
    """The next stamp after `last` at wall time `now_ms` (milliseconds since 1970, UTC)."""
    return max(last + 1, now_ms << COUNTER_BITS)


def milliseconds(stamp: int) -> int:
    """The wall-clock part of a stamp, in milliseconds since 1970, UTC."""
    return stamp >> COUNTER_BITS
