"""How quickly an offload goes on, and when it will be ready: from what the last minute showed, over all that is still to be read."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from app.ui.ingest.standing import Amounts, Stage

_WINDOW_NS: Final = 60_000_000_000
_LEAST_NS: Final = 2_000_000_000
"""Before so much time a speed is no more than a guess."""
_SECOND: Final = 1_000_000_000


class _Stream:
    """What was left to be read at one place, by time."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, int]] = deque()

    def see(self, now_ns: int, left: int) -> None:
        """Takes a look; before the first byte went, nothing is kept but the newest look."""
        if len(self._seen) == 1 and self._seen[0][1] <= left:
            self._seen.clear()
        if len(self._seen) > 1 and self._seen[-1][1] < left:
            self._seen.clear()  # there is more to do than there was: it began anew
        if self._seen and not self._seen[-1][1] and not left:
            return  # done: its last speed stays
        self._seen.append((now_ns, left))
        while now_ns - self._seen[0][0] > _WINDOW_NS:
            self._seen.popleft()

    def rate(self) -> int | None:
        """Bytes a second; None while that is not known."""
        if not self._seen:
            return None
        (begun, most), (ended, least) = self._seen[0], self._seen[-1]
        if ended - begun < _LEAST_NS or most <= least:
            return None
        return (most - least) * _SECOND // (ended - begun)


class Pace:
    """The speeds of one offload. `see` it once a second or so."""

    def __init__(self) -> None:
        self._copying = _Stream()
        self._places: dict[str, _Stream] = {}
        self._left = Amounts()
        self._last: int | None = None
        """How quick copying was last."""
        self.known: Mapping[str, int] = {}
        """Bytes a second that places gave when they were read earlier."""

    def see(self, now_ns: int, left: Amounts) -> None:
        """Takes what is left now."""
        self._left = left
        self._copying.see(now_ns, left.now.copy)
        self._last = self._copying.rate() or self._last
        for place, count in left.now.places.items():
            self._places.setdefault(place, _Stream()).see(now_ns, count)

    def rate(self, place: str) -> int | None:
        """Bytes a second at one place where it is read by itself now; while something is copied, of the copying."""
        if self._left.now.copy:
            return self._copying.rate()
        stream = self._places.get(place)
        return stream.rate() if stream else None

    def learned(self) -> dict[str, int]:
        """Bytes a second by place that is read by itself now: what the next offload there may count on."""
        if self._left.now.copy:
            return {}
        found = {place: self.rate(place) for place in self._left.now.places}
        return {place: rate for place, rate in found.items() if rate}

    def seconds(self, place: str | None = None) -> int | None:
        """Until everything is done, or one place; None while that cannot be said.

        Places are read side by side. One that was not read yet is taken to be as quick as it was the last time; where that is
        not known, as the copying is: the slowest of them sets the pace of both.
        """
        total = 0
        for stage in self._left.stages:
            if not stage.left:
                continue
            found = self._of(stage, place if place in stage.places else None)
            if found is None:
                return None
            total += found
            if place in stage.places:
                break
        return total

    def _of(self, stage: Stage, place: str | None) -> int | None:
        here = stage is self._left.now
        copying = (self._copying.rate() if here else None) or self._last
        if (stage.copy and not copying) or (here and stage.copy and not self._copying.rate()):
            return None
        longest = 0
        for name, count in stage.places.items():
            if not count or (place is not None and name != place):
                continue
            stream = self._places.get(name)
            rate = stream.rate() if stream and here and not stage.copy else None
            rate = rate or self.known.get(name) or copying
            if not rate:
                return None
            longest = max(longest, -(-count // rate))
        return longest + (-(-stage.copy // copying) if stage.copy and copying else 0)
