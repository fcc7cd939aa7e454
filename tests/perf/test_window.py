"""The window on 100,000 clips: painting, scrolling, searching, and the event loop while footage comes in."""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.services import Services
from app.ui import tasks
from app.ui.desk import Desk
from app.ui.library.finding import Wanted
from app.ui.main_window import MainWindow
from app.ui.player.surfaces import SurfaceKind
from app.ui.theme import style, tokens
from app.ui.workbench import Workbench
from tests.perf import bars
from tests.perf.conftest import Note
from tests.support import big_catalog, volumes
from tests.support.big_catalog import CLIPS, word
from tests.support.measuring import percentile, spread, thread_ms

SMALL = 1_000

pytestmark = pytest.mark.timeout(300)


class Open:
    """A window on a data folder, without background work."""

    def __init__(self, qtbot: Any, home: Path) -> None:
        self.services = Services(home, pictures=True)
        self.window = MainWindow()
        self.window.resize(1400, 900)
        self.desk = Desk(self.services, self.window)
        opened: list[bool] = []
        self.desk.open(lambda: opened.append(True))
        qtbot.waitUntil(lambda: bool(opened))
        self.work = Workbench(self.window, self.desk, SurfaceKind.SOFTWARE)
        self.work.begin(introduced=True)
        self.window.show()
        self.settle()
        self.grid = self.work.library.browser.grid

    def settle(self) -> None:
        for _ in range(3):
            assert tasks.wait(600_000)
            end = time.monotonic() + 0.06
            while time.monotonic() < end:
                QCoreApplication.processEvents()
        assert tasks.wait(600_000)

    def close(self) -> None:
        self.work.close()
        self.window.close()
        tasks.shut()
        self.services.close()
        shiboken6.delete(self.window)


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    style.apply(qapp, tokens.DARK)
    yield
    tasks.shut()


@pytest.fixture
def big(qtbot: QtBot, big_home: Path) -> Iterator[Open]:
    opened = Open(qtbot, big_home)
    yield opened
    opened.close()


@pytest.fixture
def small(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    opened = Open(qtbot, big_catalog.ready(tmp_path / "home", SMALL))
    yield opened
    opened.close()


def painted(window: Open) -> list[float]:
    """Milliseconds of paintings of the whole grid, each card drawn anew."""
    times: list[float] = []
    for _ in range(20):
        window.grid.restyle()
        times.append(thread_ms(window.grid.viewport().repaint))
    return times


def scrolled(window: Open) -> list[float]:
    """Milliseconds of each frame of a long scroll at sixty a second; cards and pictures come in between."""
    grid, bar = window.grid, window.grid.verticalScrollBar()
    bar.setValue(0)
    window.settle()
    frames: list[float] = []
    for step in range(240):

        def frame(step: int = step) -> None:
            bar.setValue(step * 40 % max(1, bar.maximum()))
            grid.viewport().repaint()

        end = time.monotonic() + 1 / 60
        frames.append(thread_ms(frame))
        QCoreApplication.processEvents()
        while time.monotonic() < end:
            time.sleep(0.0005)
            QCoreApplication.processEvents()
    return frames


def pictures_shown(window: Open) -> float:
    """Which share of the clips in view shows its picture, and not a place for it."""
    window.settle()
    cards = [window.grid.clips.card(position) for position in window.grid.visible()]
    shown = [card for card in cards if card is not None and window.grid._poster(card) is not None]
    return len(shown) / len(cards)


def jumped(window: Open) -> list[float]:
    grid, bar = window.grid, window.grid.verticalScrollBar()
    times: list[float] = []
    for step in range(40):

        def jump(step: int = step) -> None:
            bar.setValue(bar.maximum() * (step * 17 % 40) // 40)
            grid.viewport().repaint()

        times.append(thread_ms(jump))
        window.settle() if step % 10 == 0 else QCoreApplication.processEvents()
    return times


def test_the_grid_does_not_grow_with_the_library(big: Open, small: Open, note: Note) -> None:
    assert (len(big.grid.clips), len(small.grid.clips)) == (CLIPS, SMALL)
    first = painted(big)
    middle = statistics.median(first)
    what = "grid of 100,000 clips: whole painting, each card drawn anew"
    note(60, what, f"{middle:.1f} ms CPU", "", "", spread(first), bars.PAINTING, middle)
    for order, what, act, bar in (
        (61, "scrolling, a frame", scrolled, bars.SCROLLING),
        (62, "jump", jumped, bars.JUMP),
    ):
        _, ours, peer = act(small), act(big), act(small)
        p99 = percentile(ours, 99)
        ratio = statistics.median(ours) / statistics.median(peer)
        assert ratio < 3
        assert pictures_shown(big) > 0.9
        note(
            order,
            f"grid of 100,000 clips: {what}",
            f"p50 {statistics.median(ours):.1f}, p99 {p99:.1f} ms CPU",
            f"1,000 clips: p99 {percentile(peer, 99):.1f} ms",
            f"{ratio:.2f} ×",
            spread(ours),
            bar,
            p99,
        )


def test_search_and_filter(big: Open, note: Note) -> None:
    """The main thread's own part, and how much passes until the new clips are painted."""
    browser = big.work.library.browser
    for order, what, wanted in (
        (63, "typing a search", Wanted(text=word(3))),
        (64, "filter by camera", Wanted(terms=("camera:A",))),
        (65, "sort by name", Wanted(sort="name")),
    ):
        walls: list[float] = []
        main: list[float] = []
        for _ in range(3):
            browser.look(Wanted())
            big.settle()
            wall = time.perf_counter()
            main.append(thread_ms(lambda wanted=wanted: _look(big, wanted)))
            walls.append((time.perf_counter() - wall) * 1000)
            assert browser.found is not None
            assert browser.found.wanted == wanted
        wall = statistics.median(walls)
        figures = f"{statistics.median(main):.0f} ms CPU of the main thread, {wall:.0f} ms wall"
        name = f"100,000 clips: {what}, to painted"
        note(order, name, figures, "", "", spread(walls), bars.TO_PAINTED, wall)


def _look(window: Open, wanted: Wanted) -> None:
    browser = window.work.library.browser
    browser.look(wanted)
    while browser.found is None or browser.found.wanted != wanted:
        QCoreApplication.processEvents()
        time.sleep(0.001)
    window.grid.viewport().repaint()


class Gaps:
    """How long the event loop leaves a timer of 4 ms waiting, and what the main thread works in between."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.turns: list[float] = []
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setInterval(4)
        self._timer.timeout.connect(self._tick)

    def _tick(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000)
        self.turns.append((spent - self._spent) * 1000)
        self._last, self._spent = now, spent

    def during(self, seconds: float, more: Callable[[], bool] = lambda: False) -> "Gaps":
        """Counts for so long, and as long as there is more to come."""
        self._last, self._spent = time.perf_counter(), time.thread_time()
        self._timer.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end or more():
            QCoreApplication.processEvents()
            time.sleep(0.0005)
        self._timer.stop()
        return self


def arriving(window: Open, card: Path, count: int, seconds: float) -> Gaps:
    """The event loop while so many sound files come in, until their clips are there."""
    for number in range(count):
        volumes.put(card, f"A{number // 50:03d}/sound{number:05d}.wav", at=number)
    catalog = window.services.catalog

    def clips() -> int:
        with catalog.read() as reader:
            return int(reader.value("SELECT max(n) FROM clip"))

    before = clips()
    window.services.volumes.add(card)
    window.services.engine.start()
    found = Gaps().during(seconds, lambda: clips() < before + count)
    window.services.engine.pause(True)
    return found


def test_the_event_loop_while_footage_comes_in(
    qtbot: QtBot, big_home: Path, tmp_path: Path, note: Note
) -> None:
    opened = Open(qtbot, big_catalog.copied(big_home, tmp_path / "home"))
    idle = Gaps().during(3)
    # One volume of the big catalog lies nowhere: it is offline, and looks so, from the first scan on.
    busy = arriving(opened, tmp_path / "card", 1500, 12)
    opened.close()
    before, during = percentile(idle.gaps, 99), percentile(busy.gaps, 99)
    turns = percentile(busy.turns, 99)
    note(
        66,
        "event loop while 1,500 sound files come into 100,000 clips: gap",
        f"p50 {statistics.median(busy.gaps):.1f}, p99 {during:.0f}, longest {max(busy.gaps):.0f} ms wall",
        f"idle: p99 {before:.0f} ms, longest {max(idle.gaps):.0f} ms",
        f"{during / before:.1f} ×",
        "",
        bars.GAP,
        during,
    )
    note(
        67,
        "the same: what the main thread does between two looks at its events",
        f"p99 {turns:.1f}, longest {max(busy.turns):.0f} ms CPU",
        f"idle: p99 {percentile(idle.turns, 99):.1f} ms",
        "",
        "",
        bars.TURN,
        turns,
    )
