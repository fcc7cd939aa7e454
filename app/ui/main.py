"""Starts the window in three turns of the event loop: its surfaces, what lies on them, the library.

Nothing is imported before its turn: a person sees the window about 70 ms sooner for it.
"""

import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app import __version__
from app.core.platform import paths
from app.ui.main_window import MainWindow
from app.ui.shell.layout import layout_of
from app.ui.theme import tokens

if TYPE_CHECKING:
    from types import TracebackType

    from app.ui.shell.opening import Executor, Furnish, Opening

log = logging.getLogger(__name__)

_ENGLISH: Final = "rushes_en"


def main(home: Path | None, sample: bool = False, executor: "Executor | None" = None) -> int:
    """Opens the window on a data folder and runs until it is closed.

    Args:
        home: the data folder; None is the usual one.
        sample: open on a made shooting day, in a data folder of its own.
        executor: answers the commands of other processes while this one owns the catalog.

    Returns the exit code: 4 where there is no display; the sample needs none.
    """
    where = paths.home(home)
    furnish: Furnish | None = None
    if sample:
        from app.core import sample as day

        where, furnish = day.place(where), day.furnish
        if not has_display():
            from app.ui.sample import headless

            return headless(where)
    if not has_display():
        sys.stderr.write(
            "There is no display to open a window on. Every command works without one: see “rushes --help”.\n"
        )
        return 4
    app = _application()
    tokens.choose(_theme(where))
    window = MainWindow(bare=True)
    window.place(layout_of(where))
    window.show()
    with contextlib.ExitStack() as ending:
        window.painted.connect(lambda: _furnish(app, window, where, executor, furnish, ending))
        return app.exec()


def _furnish(
    app: QApplication,
    window: MainWindow,
    home: Path,
    executor: "Executor | None",
    furnish: "Furnish | None",
    ending: contextlib.ExitStack,
) -> None:
    """Behind the first paint: language, look, and what lies in the window."""
    from app.ui.shell.opening import Opening
    from app.ui.theme import style

    _speak(app, home)
    style.apply(app, tokens.current())
    window.furnish()
    opening = Opening(window, home, executor, furnish=furnish)
    ending.callback(opening.close)
    _report_surprises(window)
    QTimer.singleShot(0, lambda: _begin(window, opening, ending))


def _begin(window: MainWindow, opening: "Opening", ending: contextlib.ExitStack) -> None:
    """Behind the second: signals are listened to, the library is opened."""
    from app.ui.shell.interrupts import Interrupts

    ending.callback(Interrupts(window.close, window).close)
    opening.begin()


def make_application(home: Path | None = None) -> QApplication:
    """The one `QApplication`, with its name, its language and a decimal point for libmpv."""
    app = _application()
    _speak(app, home)
    return app


def _application() -> QApplication:
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Rushes")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("rushes")
    return app


def _speak(app: QApplication, home: Path | None) -> None:
    import locale

    # libmpv refuses to work where numbers have a decimal comma; Qt keeps its own locale.
    locale.setlocale(locale.LC_NUMERIC, "C")
    translate(app, home)


def translate(app: QApplication, home: Path | None = None) -> None:
    """The user's language, where there is a translation of it; Qt's own words as well.

    Args:
        app: what is translated.
        home: the data folder: a `rushes_xx.qm` in its folder `translations` goes before those that Rushes brings.
    """
    from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

    from app.ui.widgets import core_words

    shipped = paths.resources_dir() / "translations"
    counting = QTranslator(app)
    if counting.load(_ENGLISH, str(shipped)):
        # What is written in the program is English in the plural; this knows the singulars.
        app.installTranslator(counting)
    own = QTranslator(app)
    folders = [home / "translations", shipped] if home else [shipped]
    if not any(own.load(QLocale(), "rushes", "_", str(folder)) for folder in folders):
        core_words.speak(foreign=False)
        return
    app.installTranslator(own)
    core_words.speak(foreign=Path(own.filePath()).stem != _ENGLISH)
    qt = QTranslator(app)
    where = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if qt.load(QLocale(), "qtbase", "_", where):
        app.installTranslator(qt)


def _theme(home: Path) -> tokens.Tokens:
    """The colours that were chosen; a file that says nothing of light is not read for it.

    The settings are a large tree: what reads them is loaded behind the first paint, where it can be.
    """
    try:
        chosen = "light" in (home / "settings.toml").read_text("utf-8")
    except (OSError, ValueError):
        chosen = False  # `Opening` reads them again, and says what is wrong with them
    if not chosen:
        return tokens.DARK
    from app.core.platform import settings

    theme = settings.read(home).settings.window.theme
    return tokens.LIGHT if theme == "light" else tokens.DARK


def _report_surprises(window: MainWindow) -> None:
    """An exception nobody caught is our bug: written down, and said in the window."""
    from app.core.model.errors import Bug
    from app.ui import tasks

    def hook(
        kind: type[BaseException], error: BaseException, trace: "TracebackType | None"
    ) -> None:
        log.error("unexpected", exc_info=(kind, error, trace))
        if isinstance(error, Exception):
            tasks.report(
                Bug(
                    "Something went wrong inside Rushes",
                    f"{kind.__name__}: {error}",
                    todo="Your media and notes are untouched. The log in the data folder says more.",
                )
            )

    sys.excepthook = hook
    tasks.set_reporter(window.toasts.fail)


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    return (
        sys.platform in ("darwin", "win32")
        or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        or bool(os.environ.get("QT_QPA_PLATFORM"))
    )
