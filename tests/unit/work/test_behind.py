"""In a program with a window, what works in the background goes behind what a person waits for."""

import threading
import time
from collections.abc import Sequence

import pytest

from app.core.platform import priority
from app.core.work.lanes import Lane
from app.core.work.recipes import QUICK, Context, Job, Recipe, Subject


def _due(_reader: object, _limit: int, _focus: Sequence[str]) -> list[Subject]:
    return []


def _run(_context: Context, _subject: Subject) -> None:
    return


@pytest.mark.parametrize("behind", [True, False])
def test_the_threads_of_a_lane_go_behind_where_they_are_told_to(
    monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    gone: list[str] = []
    monkeypatch.setattr(priority, "give_way", lambda: gone.append(threading.current_thread().name))
    done = threading.Event()
    lane = Lane("quick", 1, lambda _job: done.set(), behind=behind)
    lane.put(Job(Recipe("r", "R", _due, _run), Subject("s", QUICK, "s"), threading.Event()), 1)
    assert done.wait(30)
    lane.stop()
    lane.wait(time.monotonic() + 30)
    assert gone == (["lane-quick-0"] if behind else [])
