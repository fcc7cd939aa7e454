"""Takes pictures of the real window on the made shooting day, by doing what a person would do in it."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QTimer

from app.ui import tasks
from app.ui.library.page import LibraryPage
from app.ui.main import make_application
from app.ui.main_window import MainWindow
from app.ui.player.states import PlayerState
from app.ui.shell.opening import Opening
from app.ui.theme import style, tokens
from app.ui.workbench import Workbench

log = logging.getLogger(__name__)
_SIZE: Final = (1600, 1000)
_PATIENCE: Final = 30
"""Seconds for one step: a picture that does not come is left out, and said."""
_SETTLE_MS: Final = 500


def tour(home: Path, folder: Path, phrase: str, row: int | None) -> list[Path]:
    """Opens the window on a data folder and takes one picture of each page; gives their paths.

    Args:
        home: the data folder.
        folder: where the pictures go.
        phrase: what is searched for.
        row: the clip that is looked at.
    """
    folder.mkdir(exist_ok=True)
    app = make_application()
    style.apply(app, tokens.DARK)
    window = MainWindow()
    window.resize(*_SIZE)
    opening = Opening(window, home, None, watch=False)
    window.show()
    try:
        opening.begin()
        _until(lambda: opening.workbench is not None)
        if opening.workbench is None:
            log.warning("the window did not open on %s", home)
            return []
        return _Tour(window, opening.workbench, folder).walk(phrase, row)
    finally:
        window.close()
        opening.close()


class _Tour:
    """Walks through the pages of an open window."""

    def __init__(self, window: MainWindow, bench: Workbench, folder: Path) -> None:
        self._window = window
        self._bench = bench
        self._folder = folder
        self._taken: list[Path] = []

    def walk(self, phrase: str, row: int | None) -> list[Path]:
        """Everything worth a picture."""
        library = self._bench.library
        if _until(lambda: len(library.clips) > 0):
            if row is not None:
                library.show_clip(row, None)
            self._settled(library)
            self._take("library")
        self._window.header.search.setText(phrase)
        if _until(lambda: library.browser.moments.first() is not None):
            hit = library.browser.moments.first()
            if hit is not None:
                library.browser.show_moment(hit)
            library.stage.inspector.show_tab("transcript")
            self._settled(library)
            self._take("search")
        self._window.header.search.clear()
        library.stage.inspector.show_tab("notes")
        self._settled(library)
        self._take("notes")
        for page in ("plan", "ingest", "review", "deliver"):
            self._bench.show_page(page)
            self._take(page)
        return self._taken

    def _settled(self, library: LibraryPage) -> None:
        """The clip in hand is described, and its picture stands."""
        tasks.wait()
        _until(lambda: library.stage.clip is not None)
        _until(lambda: library.stage.player.engine.state is not PlayerState.LOADING)

    def _take(self, name: str) -> None:
        tasks.wait()
        _pause()
        path = self._folder / f"{name}.png"
        if self._window.grab().save(str(path)):
            self._taken.append(path)
        else:
            log.warning("the picture %s could not be written", path)


def _until(holds: Callable[[], bool]) -> bool:
    """Lets the window work until something holds; false when it does not in time."""
    if holds():
        return True
    loop, timer = QEventLoop(), QTimer()
    deadline = time.monotonic() + _PATIENCE
    timer.timeout.connect(lambda: loop.quit() if holds() or time.monotonic() > deadline else None)
    timer.start(50)
    loop.exec()
    timer.stop()
    return holds()


def _pause() -> None:
    """Lets what was asked for be painted."""
    loop = QEventLoop()
    QTimer.singleShot(_SETTLE_MS, loop.quit)
    loop.exec()
