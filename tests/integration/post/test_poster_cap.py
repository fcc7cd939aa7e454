"""Posters keep to the read cap of their volume, over time: each waits for what the one before it read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.media.frame_client import FrameWorker
from app.core.media.poster import poster
from app.core.model.errors import Cancelled
from app.core.model.media import ClipKind, MediaFacts
from app.core.platform.pacing import SECOND, Limiter, Timer
from tests.support.media_factory import X264, MediaFactory

RATE = 100_000


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 0, 0

    def sleep(self, nanoseconds: int) -> None:
        self.now += nanoseconds
        self.slept += nanoseconds


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., bool]:
    """Makes a poster of the same large clip again."""
    path = MediaFactory(tmp_path).video("A001.mov", *X264, "-g", "5", frames=100)
    facts = MediaFacts(kind=ClipKind.VIDEO)

    def make(**choices: object) -> bool:
        with FrameWorker() as worker:
            return poster(path, facts, tmp_path / "poster.jpg", worker=worker, **choices)  # type: ignore[arg-type] - settings

    return make


def test_what_a_poster_read_is_waited_for_by_the_next(made: Callable[..., bool]) -> None:
    clock = Clock()
    cap = Limiter(RATE, Timer(lambda: clock.now, clock.sleep))
    assert made(cap=cap)
    assert clock.slept == 0, "the first waits for nothing"
    assert made(cap=cap)
    first = clock.slept
    assert first > SECOND // 50, "it read some kilobytes at the least"
    assert made(cap=cap)
    assert clock.slept == pytest.approx(2 * first, rel=0.2)
    cap.rate = 0
    assert made(cap=cap)
    assert clock.slept < 3 * first, "without a cap nothing is waited for"


def test_waiting_for_the_cap_can_be_called_off(made: Callable[..., bool]) -> None:
    clock = Clock()
    cap = Limiter(RATE, Timer(lambda: clock.now, clock.sleep))
    cap.owe(RATE * 3600)
    with pytest.raises(Cancelled):
        made(cap=cap, cancel=lambda: clock.now > SECOND)
    assert clock.slept < 2 * SECOND
