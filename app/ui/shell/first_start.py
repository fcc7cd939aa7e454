"""The first start: who is here, where the footage is, how much is made of it, and where that is kept. One page, once."""

import enum
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLineEdit, QWidget

from app.core.model.entities import Volume
from app.core.model.errors import RushesError
from app.core.model.media import Derive
from app.core.platform import filesystems
from app.ui import tasks
from app.ui.library.place_menu import derive_titles
from app.ui.shell.estimate import PROXY_BYTES_A_SECOND
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.choosing import choose_folder
from app.ui.widgets.controls import button, field
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, section, title

if TYPE_CHECKING:
    from app.ui.desk import Desk

_WIDTH: Final = 560


class _Ground(enum.Enum):
    """What a typed path leads to."""

    NOWHERE = enum.auto()
    FILE = enum.auto()
    DISK = enum.auto()
    NETWORK = enum.auto()


class FirstStart(QWidget):
    """Asked once, changed any time."""

    finished = Signal(str)
    """Id of the volume that was added, or ""."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._name = field(self.tr("such as Ingrid Nilsen"), self.tr("Your name"))
        self._initials = field(self.tr("IN"), self.tr("Initials"))
        self._initials.setMaxLength(4)
        self._initials.setFixedWidth(72)
        self._name.textEdited.connect(
            lambda: self._initials.setText(wording.initials(self._name.text()))
        )
        self._project = field(self.tr("such as Harbour film"), self.tr("Project"))
        self._folder = field(
            self.tr("a disk, a card, a share – or leave it for later"), self.tr("Folder of footage")
        )
        self._folder.editingFinished.connect(self._look_at_folder)
        self._folder.textEdited.connect(lambda: self._mark_folder(""))
        self._kind = label("", "secondary", wrap=True)
        # It keeps its line: a button must not move from under the pointer that presses it.
        keeping = self._kind.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self._kind.setSizePolicy(keeping)
        self._kind.hide()
        self._derive = QComboBox()
        self._derive.setAccessibleName(self.tr("How much is made"))
        for derive, words in derive_titles():
            self._derive.addItem(words, derive)
        self._derive.setCurrentIndex(self._derive.findData(Derive.ALL))
        self._store = field("", self.tr("Where proxies are kept"))
        self._store.setText(str(desk.services.store.root))
        self._store.editingFinished.connect(self._look_at_store)
        self._room = label("", "secondary", wrap=True)
        self._trouble = label("", "bad", wrap=True)
        self._trouble.hide()
        for line in (self._name, self._project, self._folder, self._store):
            # What was said of it may hold no longer.
            line.textEdited.connect(self._trouble.hide)
        self._go = button(self.tr("Start"), self._start, look="primary")
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(self._column())
        outer = QWidget()
        centred = box(1, inner, 1, across=True)
        centred.setStretch(1, 8)
        outer.setLayout(centred)
        self.setLayout(box(scrolled(outer)))
        style.set_look(self, "canvas")
        self._look_at_store()

    def _column(self) -> QBoxLayout:
        folder = box(self._folder, across=True)
        folder.setStretch(0, 1)
        folder.addWidget(
            button(self.tr("Choose …"), lambda: self._browse(self._folder, self._look_at_folder))
        )
        store = box(self._store, across=True)
        store.setStretch(0, 1)
        store.addWidget(
            button(self.tr("Choose …"), lambda: self._browse(self._store, self._look_at_store))
        )
        return box(
            title(self.tr("Welcome to Rushes")),
            label(
                self.tr(
                    "Rushes watches your footage, makes proxies and transcripts of it, and keeps every note. It reads your media and"
                    " never writes to it."
                ),
                "secondary",
                wrap=True,
            ),
            section(self.tr("Who is here")),
            box(self._name, self._initials, across=True),
            label(
                self.tr("Notes and approvals carry your name and initials."), "secondary", wrap=True
            ),
            section(self.tr("What you work on")),
            self._project,
            section(self.tr("Where the footage is")),
            folder,
            self._kind,
            section(self.tr("How much is made of it")),
            self._derive,
            label(
                self.tr(
                    "The folder is listed first; then you see how long it would take and how much room, and can change your mind."
                ),
                "secondary",
                wrap=True,
            ),
            section(self.tr("Where proxies are kept")),
            store,
            self._room,
            self._trouble,
            box(1, self._go, across=True),
            1,
            margin=tokens.SPACE_XL,
            gap=tokens.SPACE_M,
        )

    def begin(self) -> None:
        """Gives the keyboard to the first field."""
        self._name.setFocus()

    def _browse(self, edit: QLineEdit, then: Callable[[], None]) -> None:
        def take(folder: str) -> None:
            edit.setText(folder)
            then()

        choose_folder(self.window(), edit.accessibleName(), take, edit.text())

    def _look_at_folder(self) -> None:
        text = self._folder.text().strip()
        self._kind.setVisible(bool(text))
        if not text:
            return

        def say(ground: _Ground) -> None:
            if text != self._folder.text().strip():
                return
            wrong = self._wrong_words(ground)
            self._mark_folder(wrong)
            if wrong:
                return
            network = ground is _Ground.NETWORK
            chosen = Derive.POSTERS if network else Derive.ALL
            self._derive.setCurrentIndex(self._derive.findData(chosen))
            self._kind.setText(
                self.tr(
                    "A network volume: Rushes begins with names, facts and posters, so that the others keep their bandwidth."
                )
                if network
                else self.tr("A disk of this machine.")
            )

        tasks.run_query(
            self,
            lambda: _ground(text),
            say,
            lambda error: self._mark_folder(core(error.message)),
            key="folder",
        )

    def _wrong_words(self, ground: _Ground) -> str:
        if ground is _Ground.NOWHERE:
            return self.tr("There is no such folder. Choose one that is there, or leave it empty.")
        if ground is _Ground.FILE:
            return self.tr("That is a file. Choose the folder it is in.")
        return ""

    def _mark_folder(self, wrong: str) -> None:
        """Marks the field and says what is wrong with it; "" takes the mark away."""
        style.set_look(self._folder, "wrong" if wrong else "")
        style.set_look(self._kind, "bad" if wrong else "secondary")
        self._folder.setAccessibleDescription(wrong)
        self._kind.setText(f"◆  {wrong}" if wrong else "")

    def _look_at_store(self) -> None:
        path = Path(self._store.text().strip() or str(self._desk.services.home))

        def say(free: int) -> None:
            per_hour = wording.size(3600 * PROXY_BYTES_A_SECOND)
            self._room.setText(
                fill(
                    self.tr(
                        "{0} free there. An hour of footage takes about {1} as proxies; a reserve is never touched."
                    ),
                    wording.size(free),
                    per_hour,
                )
            )

        tasks.run_query(
            self,
            lambda: filesystems.free_bytes(path),
            say,
            lambda error: self._room.setText(core(error.message)),
            key="store",
        )

    def _start(self) -> None:
        name = " ".join(self._name.text().split())
        if not name:
            self._say_trouble(self.tr("A name is needed: notes and approvals carry it."))
            self._name.setFocus()
            return
        services = self._desk.services
        initials, project = self._initials.text().strip(), " ".join(self._project.text().split())
        folder, derive = self._folder.text().strip(), Derive(self._derive.currentData())
        store, kept = self._store.text().strip(), str(services.store.root)
        self._go.setEnabled(False)

        def work() -> Volume | None:
            added = services.volumes.add(Path(folder), derive=derive) if folder else None
            if store and store != kept:
                services.change_setting("derivatives.store", store)
            if project:
                services.projects.change("name", project)
            services.projects.introduce(name, initials)
            return added

        tasks.run_command(self, work, self._done, self._failed)

    def _done(self, volume: Volume | None) -> None:
        if volume is not None:
            self._desk.tend()
            self._desk.scan([volume.id])
        self.finished.emit(volume.id if volume else "")

    def _failed(self, error: RushesError) -> None:
        self._go.setEnabled(True)
        self._look_at_folder()
        self._say_trouble(f"{core(error.title)}. {core(error.message)} {core(error.todo)}")

    def _say_trouble(self, words: str) -> None:
        self._trouble.setText(f"◆  {words}")
        self._trouble.show()


def _ground(text: str) -> _Ground:
    """Asks the disk; may wait for a share."""
    if not Path(text).is_dir():
        return _Ground.FILE if os.path.lexists(text) else _Ground.NOWHERE
    return _Ground.NETWORK if filesystems.mount_of(Path(text)).network else _Ground.DISK
