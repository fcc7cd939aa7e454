"""Opens a library behind the window that is already painted, and closes everything in order at the end."""

import dataclasses
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.model.errors import Refused
from app.ui import tasks
from app.ui.main_window import MainWindow
from app.ui.shell.layout import layout_of

if TYPE_CHECKING:
    from app.core.owner import Execute, Ownership, Server
    from app.core.services import Services
    from app.ui.workbench import Workbench

log = logging.getLogger(__name__)
Executor = Callable[["Services"], "Execute"]
"""Makes what answers the commands of other processes."""
Furnish = Callable[["Services", Callable[[str], None], Callable[[], bool]], None]
"""Fills a library before it is shown: the services, a line for people, whether it was called off."""


@dataclasses.dataclass(slots=True)
class Opened:
    """What was opened, to be closed in the opposite order."""

    services: "Services"
    ownership: "Ownership"
    server: "Server | None"
    log_handler: logging.Handler
    introduced: bool

    def close(self) -> None:
        """Ends the work and lets another process take over."""
        from app.core.platform import logs

        if self.server is not None:
            self.server.close()
        self.services.close()
        logs.close(self.log_handler)
        self.ownership.release()


class Opening(QObject):
    """The way from an empty window to a working one, and back."""

    told = Signal(str)
    """What is done to the library before it is shown; comes from a worker."""

    def __init__(
        self,
        window: MainWindow,
        home: Path,
        executor: Executor | None,
        *,
        watch: bool = True,
        furnish: Furnish | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._home = home
        self._executor = executor
        self._furnish = furnish
        self._closing = False
        self._watch = watch
        self._opened: Opened | None = None
        self.workbench: Workbench | None = None
        self.told.connect(window.show_opening)
        window.retry_wanted.connect(self.begin)
        window.closing.connect(self._on_closing)

    def begin(self) -> None:
        """Opens the library on a worker; the window says how it went."""
        self._window.show_opening()
        tasks.run_query(self, self._open, self._take, self._window.show_trouble)

    def _open(self) -> Opened:
        from app.core import owner
        from app.core.platform import logs
        from app.core.services import Services

        ownership = owner.acquire(self._home)
        if ownership is None:
            raise Refused(
                "Rushes is running already",
                f"Another Rushes has the library in {self._home} open.",
                subject=str(self._home),
                todo="Use that window, or close it and try again.",
            )
        handler = logs.setup(self._home)
        try:
            services = Services(self._home, pictures=True)
            self._fill(services)
        except BaseException:
            logs.close(handler)
            ownership.release()
            raise
        server = owner.Server(self._home, self._executor(services)) if self._executor else None
        return Opened(services, ownership, server, handler, services.projects.introduced())

    def _fill(self, services: "Services") -> None:
        if self._furnish is None:
            return
        try:
            self._furnish(services, self.told.emit, lambda: self._closing)
        except BaseException:
            services.close()
            raise

    def _take(self, opened: Opened) -> None:
        # Pages bring the player and the catalog's queries with them: loaded now, after the first paint.
        from app.ui.desk import Desk
        from app.ui.workbench import Workbench

        self._opened = opened
        desk = Desk(opened.services, self)

        def ready() -> None:
            active = self._window.isActiveWindow()
            self.workbench = Workbench(self._window, desk)
            memory = layout_of(self._home)
            self._window.remember(memory, {"stage": self.workbench.library.stage.split})
            self.workbench.library.widths.remember(memory)
            if active:
                # The picture's OpenGL surface made Qt create the native window anew. Making one before the
                # first paint would spare that, and cost the start twice its time.
                self._window.activateWindow()
            self.workbench.begin(introduced=opened.introduced)
            tasks.run_command(self, lambda: opened.services.start(watch=self._watch))

        desk.open(ready)

    def _on_closing(self) -> None:
        self._closing = True
        if self.workbench is not None:
            self.workbench.close()

    def close(self) -> None:
        """After the window: ends background tasks, then the services."""
        tasks.shut()
        if self._opened is not None:
            self._opened.close()
            self._opened = None
