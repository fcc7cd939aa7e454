"""The volumes on the Ingest page: how each is watched, what the last scan found, and what was left alone and why."""

import dataclasses
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from app.core.catalog import arriving, volumes
from app.core.catalog.rows import Reader
from app.core.model.changes import Aspect, ChangeSet
from app.core.model.entities import Arriving, Skipped, Volume
from app.core.model.media import Derive
from app.core.model.names import display
from app.ui.library import not_whole
from app.ui.library.place_menu import derive_titles
from app.ui.shell.workload import WorkState
from app.ui.theme import icons, style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import bare, button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import EmptyState, box, panel
from app.ui.widgets.tables import Column, RowsTable
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, section, title

if TYPE_CHECKING:
    from app.core.ingest.scanning import ScanReport
    from app.ui.desk import Desk

_ID: Final = int(Qt.ItemDataRole.UserRole)
_SETTLE_MS: Final = 400
_MOST_WAITING: Final = 220
"""Pixels of the list of what is not whole, above what was left alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """What one reading gives."""

    volumes: list[Volume]
    skipped: list[Skipped]
    """What was left alone on the chosen one."""
    waiting: list[Arriving]
    """The first of its files that are not whole yet."""
    all_waiting: int


class VolumesView(QWidget):
    """The chosen volume; the list of volumes is `places`, for the page's left column."""

    chosen = Signal()
    """A volume was chosen in the list."""
    add_volume_wanted = Signal()
    library_wanted = Signal(str)
    """Show this volume's clips."""

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._known: list[Volume] = []
        self._work = WorkState()
        self._held = True
        self._list = QListWidget()
        self._list.setAccessibleName(self.tr("Volumes"))
        self._list.currentItemChanged.connect(bare(self._show_volume))
        for sign in (
            self._list.currentItemChanged,
            self._list.itemClicked,
            self._list.itemActivated,
        ):
            sign.connect(bare(self.chosen.emit))
        self._title = title("")
        self._facts = label("", "secondary", wrap=True, selectable=True)
        self._health = label("", wrap=True)
        self._last = label("", "secondary", wrap=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Scan"))
        self._derive = QComboBox()
        self._derive.setAccessibleName(self.tr("How much is made"))
        for derive, words in derive_titles():
            self._derive.addItem(words, derive)
        self._derive.activated.connect(self._choose_derive)
        self._scan = button(self.tr("Scan now"), self._scan_now, key="F5")
        self._clips = button(self.tr("Show its clips"), self._show_clips)
        self._not_whole = self._not_whole_table()
        self._waiting = label("", "warn", wrap=True)
        self._skipped = self._skipped_table()
        self._none = label("", "secondary")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._detail())
        self._stack.addWidget(self._nothing())
        self.setLayout(box(self._stack, gap=0))
        style.set_look(self, "canvas")
        self.places = self._places()
        self._later = single_shot(self, _SETTLE_MS, self.refresh)
        desk.changed.connect(self._on_changed)
        self.refresh()

    def _places(self) -> QWidget:
        made = QWidget()
        head = section(self.tr("Volumes"))
        head.setContentsMargins(tokens.SPACE_L, tokens.SPACE_M, 0, tokens.SPACE_XS)
        made.setLayout(box(head, self._list, gap=0))
        made.setFocusProxy(self._list)
        return made

    def let_go(self) -> None:
        """Something else is on show: no line of the list is marked. Which volume was last stays known."""
        self._held = False
        self._list.clearSelection()

    def take_up(self) -> None:
        """The volume that was last, or the first, is on show."""
        self._held = True
        if self._list.currentRow() >= 0:
            self._list.currentItem().setSelected(True)

    def _skipped_table(self) -> RowsTable[Skipped]:
        return RowsTable[Skipped](
            self.tr("Left alone"),
            [
                Column(self.tr("Left alone"), 480, lambda s: display(s.path), mono=True),
                Column(self.tr("Why"), 360, lambda s: core(s.reason), wrap=True),
            ],
            stretch=0,
        )

    def _not_whole_table(self) -> RowsTable[Arriving]:
        return RowsTable[Arriving](
            self.tr("Not whole yet"),
            [
                Column(self.tr("Not whole yet"), 320, lambda a: display(a.path), mono=True),
                Column(self.tr("Size"), 80, lambda a: wording.size(a.size)),
                Column(self.tr("What becomes of it"), 380, not_whole.words, wrap=True),
            ],
            stretch=0,
        )

    def _nothing(self) -> QWidget:
        return EmptyState(
            "drive",
            self.tr("No volumes yet"),
            self.tr(
                "Add the folder your footage is in: a disk, a camera card, a share on the NAS. It is listed first; then you"
                " choose how much is made of it."
            ),
            self.tr("Add a folder"),
            self.add_volume_wanted.emit,
            key="Ctrl+O",
        )

    def _detail(self) -> QWidget:
        inner = QWidget()
        buttons = box(self._clips, self._scan, across=True)
        words = box(self._title, self._facts, gap=tokens.SPACE_XS)
        head = box(across=True)
        head.addLayout(words, 1)
        head.addLayout(buttons)
        amount = box(label(self.tr("How much is made"), "secondary"), self._derive, 1, across=True)
        health = panel("card", box(self._health, self._bar, self._last, margin=tokens.SPACE_L))
        health.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        column = box(head, health, amount, margin=tokens.SPACE_XL, gap=tokens.SPACE_L)
        column.addWidget(self._waiting)
        column.addWidget(self._not_whole, 60)
        column.addWidget(self._none)
        column.addWidget(self._skipped, 100)
        column.addStretch(1)
        inner.setLayout(column)
        return inner

    def refresh(self) -> None:
        """Reads the volumes and what was left alone on the chosen one."""
        chosen = self._chosen_id()

        minutes = self._desk.open_minutes

        def read(reader: Reader) -> _Found:
            known = volumes.every(reader)
            wanted = chosen if any(v.id == chosen for v in known) else known[0].id if known else ""
            if not wanted:
                return _Found(known, [], [], 0)
            left_alone = volumes.skipped(reader, wanted)
            return _Found(known, left_alone, *arriving.on_volume(reader, wanted, minutes))

        self._desk.query(self, read, self._take, key="ingest")

    def show_work(self, state: WorkState) -> None:
        """Which scans run now."""
        self._work = state
        if self.isVisible():
            self._show_scan()

    def _take(self, found: "_Found") -> None:
        self._known, skipped = found.volumes, found.skipped
        self._stack.setCurrentIndex(0 if self._known else 1)
        chosen = self._chosen_id() or (self._known[0].id if self._known else "")
        blocked = self._list.blockSignals(True)
        self._list.clear()
        for volume in self._known:
            light = icons.icon("dot", tokens.current().ok) if volume.online else icons.icon("ring")
            item = QListWidgetItem(light, display(volume.name))
            item.setToolTip(display(volume.mount or ""))
            item.setData(_ID, volume.id)
            self._list.addItem(item)
            if volume.id == chosen:
                self._list.setCurrentItem(item)
        if not self._held:
            self._list.clearSelection()
        self._list.blockSignals(blocked)
        self._show_not_whole(found)
        self._skipped.show_items(skipped)
        self._skipped.setVisible(bool(skipped))
        self._none.setText(
            self._count_words(len(skipped))
            if skipped
            else self.tr("Nothing was left alone: every entry of this folder is in the library.")
        )
        self._show_facts()

    def _show_not_whole(self, found: "_Found") -> None:
        words = self.tr("%Ln files are not whole yet:", "", found.all_waiting)
        self._waiting.setText(f"▲  {words}")
        self._not_whole.show_items(found.waiting)
        # As high as its rows, as long as they leave room for what was left alone.
        self._not_whole.keep_as_high_as_rows(_MOST_WAITING if found.skipped else 0)
        for part in (self._waiting, self._not_whole):
            part.setVisible(bool(found.waiting))

    def _count_words(self, count: int) -> str:
        return self.tr("%Ln entries were left alone:", "", count)

    def _chosen_id(self) -> str:
        item = self._list.currentItem()
        return str(item.data(_ID)) if item else ""

    def _volume(self) -> Volume | None:
        chosen = self._chosen_id()
        return next((v for v in self._known if v.id == chosen), None)

    def _show_volume(self) -> None:
        self._show_facts()
        self.refresh()

    def _show_facts(self) -> None:
        volume = self._volume()
        if volume is None:
            return
        self._title.setText(display(volume.name))
        facts = (
            wording.clips_there(volume.held, volume.copies),
            wording.files(volume.files),
            wording.size(volume.size),
            core(volume.kind),
            volume.fs_type,
            display(volume.mount or self.tr("not mounted here")),
        )
        self._facts.setText(" · ".join(part for part in facts if part))
        self._health.setText(self._health_words(volume))
        self._derive.setCurrentIndex(self._derive.findData(volume.derive))
        self._scan.setEnabled(volume.online)
        self._last.setText(self._last_words(volume))
        self._show_scan()

    def _health_words(self, volume: Volume) -> str:
        if volume.online:
            return (
                f"●  {self.tr('there')} · {core(volume.watcher) or self.tr('scanned now and then')}"
            )
        words = self.tr("Its clips stay in the library with everything that was said of them.")
        why = f" · {core(volume.watcher)}" if volume.watcher else ""
        return f"○  {self.tr('offline')}{why}. {words}"

    def _last_words(self, volume: Volume) -> str:
        if volume.scanned_at is None:
            return self.tr("Not scanned to the end yet.")
        when = fill(self.tr("Last scan {0}"), wording.time_of_day(volume.scanned_at))
        report: ScanReport | None = self._desk.services.scans.last.get(volume.id)
        if report is None:
            return when
        counts = [
            (report.new, self.tr("{0} new")),
            (report.changed, self.tr("{0} changed")),
            (report.moved, self.tr("{0} moved")),
            (report.missing, self.tr("{0} missing")),
            (report.back, self.tr("{0} back")),
        ]
        parts = [fill(words, wording.number(count)) for count, words in counts if count]
        seen = self.tr("%Ln entries seen", "", report.seen)
        return " · ".join([when, seen, *(parts or [self.tr("nothing new")])])

    def _show_scan(self) -> None:
        chosen = self._chosen_id()
        scan = next(
            (r for r in self._work.running if r.recipe == "scan" and r.subject_id == chosen), None
        )
        self._bar.setVisible(scan is not None)
        if scan is not None:
            self._bar.setRange(0, 1000 if scan.permille is not None else 0)
            self._bar.setValue(scan.permille or 0)

    def _choose_derive(self) -> None:
        volume = self._volume()
        if volume is not None:
            self._desk.set_derive(volume.id, Derive(self._derive.currentData()))

    def _scan_now(self) -> None:
        self._desk.scan([self._chosen_id()])

    def _show_clips(self) -> None:
        self.library_wanted.emit(self._chosen_id())

    def _on_changed(self, changes: ChangeSet) -> None:
        wanted = changes.touches(Aspect.VOLUME, Aspect.FILE, Aspect.CLIP)
        if wanted and self.isVisible() and not self._later.isActive():
            self._later.start()
