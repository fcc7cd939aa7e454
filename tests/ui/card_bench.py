"""A window with its background work on, for tests of the Ingest page: an empty library, and places to copy cards to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.catalog.database import Catalog
from app.core.ingest import card_reading
from app.core.model.offloads import Offload
from app.core.platform import removable
from app.ui.ingest import seats
from app.ui.ingest.page import IngestPage
from tests.support.offloading import own_devices
from tests.ui.bench import Bench

PATIENCE = 60_000


class CardBench:
    """What a test of the page has in hand."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench, self.folder = bench, folder
        self.one, self.two = folder / "Shuttle 2", folder / "NAS Media"
        for root in (self.one, self.two):
            root.mkdir()
        bench.services.projects.introduce("Ingrid Nilsen", "IN")
        bench.services.projects.change("name", "Harbour film")
        bench.work._after_first_start("")
        bench.settle()
        bench.work.show_page("ingest")
        bench.settle()

    @property
    def page(self) -> IngestPage:
        shown = self.bench.window.stack.currentWidget()
        assert isinstance(shown, IngestPage)
        return shown

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits for something on the page."""
        self.bench.qtbot.waitUntil(holds, timeout=PATIENCE)

    def drop(self, folder: Path) -> None:
        """A folder is dropped on the list of cards, as a person would."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(folder))])
        event = QDropEvent(
            QPointF(QPoint(40, 40)),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        self.page.dropEvent(event)
        self.until(lambda: bool((seat := self.page.model.seats.get(str(folder))) and seat.contents))

    def to(self, *roots: Path) -> None:
        """Destinations as the dialog gives them; the plan is waited for."""
        for root in roots or (self.one, self.two):
            self.page.order.add_destination(str(root))
        self.until(lambda: self.page.planner.answer is not None)

    def start(self) -> Offload:
        """The one button, by the keyboard."""
        model = self.page.model
        before = len(model.known.offloads)
        button = self.page.order._start
        self.until(button.isEnabled)
        button.setFocus()
        self.bench.qtbot.keyClick(button, Qt.Key.Key_Space)
        self.until(lambda: len(model.known.offloads) > before)
        return model.known.offloads[0]

    def work(self) -> None:
        """The engine begins."""
        self.bench.services.engine.start()
        self.bench.services.engine.poke()

    def shows(self, state: str) -> Callable[[], bool]:
        """Whether every file is in this state in the last column."""

        def holds() -> bool:
            rows = self.page.card.table.rows
            last = rows.columnCount() - 1
            words = {rows.index(n, last).data() for n in range(rows.rowCount())}
            return words == {state}

        return holds

    def cells(self, column: int) -> set[str]:
        """What one column says."""
        rows = self.page.card.table.rows
        return {rows.index(n, column).data() for n in range(rows.rowCount())}

    def lines(self) -> list[tuple[str, str]]:
        """The left column: titles and what stands below them."""
        cards = self.page.cards
        return [(cards._at(n).title, cards._at(n).below) for n in range(cards.count())]

    def look(self) -> None:
        """What is in is looked for now, not in some seconds."""
        self.until(lambda: not self.page.model.seats._looking)
        self.page.model.seats.look(self.page._destinations())
        self.until(lambda: not self.page.model.seats._looking)
        self.bench.settle()


def words(widget: QWidget) -> str:
    """Everything that labels of a widget say."""
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not one.isHidden())


@contextmanager
def only_beside(bench: Bench) -> Iterator[set[str]]:
    """What reads cards or the catalog says so where it does it on the main thread; that is complained of at the end."""
    found: set[str] = set()
    main = threading.get_ident()
    service = bench.services.offloads

    def told(name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            if threading.get_ident() == main:
                found.add(name)
            return act(*args, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, names in (
            (service, ("plan", "begin", "verdict", "run", "pause", "stop", "go_on", "own_device")),
            (Catalog, ("read", "write")),
            (card_reading, ("read_tree",)),
            (removable, ("removable_mounts",)),
            (seats, ("_places", "_free")),
        ):
            for name in names:
                patch.setattr(owner, name, told(name, getattr(owner, name)))
        yield found
    assert sorted(found) == [], "done on the main thread: the window stood still meanwhile"


@pytest.fixture
def cards(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CardBench]:
    """The page in a window; each destination is a disk of its own."""
    bench = Bench(qtbot, tmp_path / "home", introduced=False)
    made = CardBench(bench, tmp_path)
    own_devices(monkeypatch, made.one, made.two)
    yield made
    bench.close()
