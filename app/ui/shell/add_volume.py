"""Adding a folder of footage: it is listed first, and then asked how much is to be made of it, with an estimate."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QLabel,
    QProgressBar,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.core.catalog import files, library, places, volumes
from app.core.catalog.places import Place
from app.core.catalog.rows import Reader
from app.core.model.entities import Volume
from app.core.model.errors import RushesError
from app.core.model.media import Derive
from app.core.model.names import display
from app.ui import tasks
from app.ui.library.place_menu import derive_titles
from app.ui.shell.estimate import Estimate
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.choosing import choose_folder
from app.ui.widgets.controls import bare, button, field
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import Drawer, box, clear
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import label

if TYPE_CHECKING:
    from app.ui.desk import Desk

_LOOK_MS: Final = 700


class AddVolumePanel(Drawer):
    """Choose a folder, see it listed, choose how much is made."""

    def __init__(self, desk: "Desk", host: QWidget) -> None:
        super().__init__(host, translate("AddVolumePanel", "Add a folder of footage"))
        self._desk = desk
        self._volume: Volume | None = None
        self._listed: bool | None = None
        self._facts = label("", wrap=True)
        self._details: dict[Derive, QLabel] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self._look)
        self._path = field(self.tr("Folder"), self.tr("Folder"), self._add)
        browse = button(self.tr("Choose …"), self._browse)
        self._begin = button(self.tr("Add this folder"), self._add, look="primary")
        self._words = label(
            self.tr(
                "Rushes reads the folder and everything below it. It never writes to it, and keeps what it makes in its own store."
            ),
            "secondary",
            wrap=True,
        )
        self._trouble = label("", "bad", wrap=True)
        self._trouble.hide()
        row = box(self._path, across=True)
        row.setStretch(0, 1)
        row.addWidget(browse)
        self.body.addWidget(self._words)
        self.body.addLayout(row)
        self.body.addWidget(self._trouble)
        self.body.addWidget(self._begin)
        self._listing = QVBoxLayout()
        self._listing.setSpacing(tokens.SPACE_M)
        self.body.addLayout(self._listing)
        self.body.addStretch(1)
        self.closed.connect(self._clock.stop)

    def open(self) -> None:
        """Shows the panel for another folder."""
        self._volume, self._listed = None, None
        self._clock.stop()
        clear(self._listing)
        self._trouble.hide()
        self._begin.setEnabled(True)
        self._begin.show()
        self._path.clear()
        super().open()
        self._path.setFocus()

    def offer(self, dropped: str) -> None:
        """Opens with what was dropped onto the window filled in: a folder, or the folder a file is in."""
        self.open()
        self._path.setText(dropped)
        self._begin.setFocus()

        def take(folder: str) -> None:
            if self._path.text() == dropped:
                self._path.setText(folder)

        tasks.run_query(self, lambda: _folder_of(dropped), take, key="dropped")

    def follow(self, volume_id: str) -> None:
        """Opens for a volume that was just added elsewhere."""
        self.open()
        service = self._desk.services.volumes
        tasks.run_query(self, lambda: service.get(volume_id), self._added, key="follow")

    def _browse(self) -> None:
        choose_folder(self.window(), self.tr("A folder of footage"), self._chosen)

    def _chosen(self, folder: str) -> None:
        self._path.setText(folder)
        self._add()

    def _add(self) -> None:
        text = self._path.text().strip()
        if not text:
            self._browse()
            return
        self._trouble.hide()
        self._begin.setEnabled(False)
        service = self._desk.services.volumes
        tasks.run_command(self, lambda: service.add(Path(text)), self._added, self._refused)

    def _refused(self, error: RushesError) -> None:
        self._begin.setEnabled(True)
        self._trouble.setText(f"◆  {core(error.message)} {core(error.todo)}")
        self._trouble.show()

    def _added(self, volume: Volume) -> None:
        self._volume = volume
        self._desk.tend()
        self._desk.scan([volume.id])
        self._clock.start()
        self._look()

    def _look(self) -> None:
        volume = self._volume
        if volume is None:
            return

        def read(reader: Reader) -> tuple[Volume | None, int, int, int]:
            where, bound = places.condition(Place("volume", volume.id), "")
            found = volumes.get(reader, volume.id), *library.counts(reader, where, bound)
            return *found, files.unprobed(reader, volume.id)

        self._desk.query(self, read, self._show, key="listing")

    def _show(self, found: tuple[Volume | None, int, int, int]) -> None:
        volume, clips, duration_ms, unknown = found
        if volume is None:
            return
        estimate = Estimate(clips, duration_ms, volume.size, unknown)
        listed = volume.scanned_at is not None
        self._begin.hide()
        if self._listed is not listed:
            self._listed = listed
            clear(self._listing)
            self._details.clear()
            self._listing.addWidget(self._fresh_label())
            if listed:
                self._ask(volume)
            else:
                self._wait()
        self._facts.setText(self._summary(volume, estimate))
        for derive, words in self._words_of(estimate).items():
            if derive in self._details:
                self._details[derive].setText(words)

    def _fresh_label(self) -> QLabel:
        self._facts = label("", wrap=True)
        return self._facts

    def _summary(self, volume: Volume, estimate: Estimate) -> str:
        return fill(
            self.tr("{0}: {1}, {2}, {3}, {4}"),
            display(volume.name),
            wording.files(volume.files),
            wording.size(volume.size),
            wording.clips(estimate.clips),
            self.tr("length not known yet")
            if estimate.unknown
            else fill(self.tr("{0} long"), wording.total(estimate.duration_ms)),
        )

    def _wait(self) -> None:
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setAccessibleName(self.tr("The folder is being listed"))
        self._listing.addWidget(bar)
        self._listing.addWidget(label(self.tr("Listing the folder …"), "secondary"))

    def _ask(self, volume: Volume) -> None:
        self._listing.addWidget(label(self.tr("How much is to be made of it?"), wrap=True))
        group = QButtonGroup(self)
        for derive, title in derive_titles():
            one = QRadioButton(title)
            one.setChecked(volume.derive is derive)
            one.clicked.connect(bare(partial(self._desk.set_derive, volume.id, derive)))
            group.addButton(one)
            self._listing.addWidget(one)
            detail = label("", "secondary", wrap=True)
            detail.setContentsMargins(tokens.SPACE_XL, 0, 0, 0)
            self._details[derive] = detail
            self._listing.addWidget(detail)
        more = self.tr("You can change this at any time: right-click the volume in the sidebar.")
        self._listing.addWidget(label(more, "secondary", wrap=True))
        done = button(self.tr("Done"), self.shut, look="primary")
        self._listing.addLayout(box(1, done, across=True))

    def _words_of(self, estimate: Estimate) -> dict[Derive, str]:
        return {
            Derive.POSTERS: estimate.poster_words(),
            Derive.TOUCHED: self.tr("grows with what you work on"),
            Derive.ALL: estimate.words(),
        }


def _folder_of(path: str) -> str:
    """A folder itself; of a file its folder."""
    return str(Path(path).parent) if Path(path).is_file() else path
