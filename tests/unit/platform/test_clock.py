"""Instants as text, and clocks that a test can hold."""

from app.core.platform import clock
from tests.support.fake_clock import FakeClock


def test_an_instant_is_iso_8601_in_utc() -> None:
    assert clock.utc_text(0) == "1970-01-01T00:00:00.000Z"
    assert clock.utc_text(1_778_751_000_250) == "2026-05-14T09:30:00.250Z"
    assert clock.utc_text(-1) == "1969-12-31T23:59:59.999Z"
    assert clock.utc_text(4_102_444_800_000) == "2100-01-01T00:00:00.000Z"


def test_the_system_clock_runs() -> None:
    first = clock.monotonic_ns()
    assert clock.monotonic_ns() >= first
    assert clock.now_ms() > 1_700_000_000_000


def test_a_fake_clock_moves_only_when_told() -> None:
    held = FakeClock(now_ms=1_000)
    assert (held.now_ms(), held.monotonic_ns()) == (1_000, 0)
    held.advance(1.5)
    assert (held.now_ms(), held.monotonic_ns()) == (2_500, 1_500_000_000)
    held.set_wall(0)
    assert (held.now_ms(), held.monotonic_ns()) == (0, 1_500_000_000)
