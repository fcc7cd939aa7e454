"""A clock that a test holds in its hand."""


class FakeClock:
    """Stands still until told; the wall clock can also be set, as a person does."""

    def __init__(self, now_ms: int = 1_750_000_000_000) -> None:
        self._wall_ns = now_ms * 1_000_000
        self._monotonic_ns = 0

    def now_ms(self) -> int:
        """The wall clock: milliseconds since 1970, UTC."""
        return self._wall_ns // 1_000_000

    def monotonic_ns(self) -> int:
        """Nanoseconds since this clock was made."""
        return self._monotonic_ns

    def advance(self, seconds: float) -> None:
        """Lets time pass on both clocks."""
        self._wall_ns += round(seconds * 1_000_000_000)
        self._monotonic_ns += round(seconds * 1_000_000_000)

    def sleep(self, seconds: float) -> None:
        """What code that waits is given in place of `time.sleep`."""
        self.advance(seconds)

    def set_wall(self, now_ms: int) -> None:
        """Sets the wall clock, also backwards; the monotonic clock goes on."""
        self._wall_ns = now_ms * 1_000_000
