"""The bar at the foot: a light for each volume with how it is watched, and the counts of the whole library."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from app.core.model.errors import Missing
from app.ui import tasks
from app.ui.theme import style, tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, clear
from app.ui.widgets.wording import fill
from app.ui.widgets.words import elided, label, tip

if TYPE_CHECKING:
    from app.core.model.entities import Volume

_ASK_MS: Final = 10_000
_LIGHT_WIDTH: Final = 260


@dataclasses.dataclass(frozen=True, slots=True)
class Totals:
    """What the right end of the bar says."""

    clips: int
    duration_ms: int
    open_notes: int
    synced: int
    wanted: int
    """Uploads there should be."""


class StatusBar(QFrame):
    """The window's lower bar."""

    notes_wanted = Signal()
    sync_wanted = Signal()
    work_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        style.set_look(self, "bar-low")
        self.setFixedHeight(tokens.FOOTER)
        self._volumes: Sequence[Volume] = ()
        self._shown: dict[str, VolumeLight] = {}
        self._latency: dict[str, str] = {}
        self._asked: dict[str, int] = {}
        self._lights = QHBoxLayout()
        self._lights.setSpacing(tokens.SPACE_L)
        self._total = label("", "secondary", font=tokens.sans(tokens.SMALL_PX))
        self.room = button("", self.work_wanted.emit, look="flat")
        """Says what waits for room in the proxy store; hidden where nothing does."""
        self._notes = button("", self.notes_wanted.emit, look="flat")
        self._sync = button("", self.sync_wanted.emit, look="flat")
        for one in (self.room, self._notes, self._sync):
            one.setFont(tokens.sans(tokens.SMALL_PX))
            one.hide()
        row = box(self._lights, 1, self.room, self._total, self._notes, self._sync, across=True)
        row.setContentsMargins(tokens.SPACE_M, 0, tokens.SPACE_M, 0)
        self.setLayout(row)
        self._clock = QTimer(self)
        self._clock.setInterval(_ASK_MS)
        self._clock.timeout.connect(self.ask_latency)
        self._clock.start()

    def show_volumes(self, volumes: Sequence["Volume"]) -> None:
        """One light a volume."""
        if volumes == self._volumes:
            return
        self._volumes = volumes
        self._redraw()
        self.ask_latency()

    def show_totals(self, totals: Totals) -> None:
        """Clips, notes and uploads of everything."""
        clips = wording.clips(totals.clips)
        self._total.setText(f"{clips} · {wording.total(totals.duration_ms)}")
        self._notes.setText(self.tr("notes {0} open").replace("{0}", str(totals.open_notes)))
        self._notes.show()
        tip(self._notes, self.tr("Open notes of this project"))
        done = totals.synced == totals.wanted
        mark = "✓" if done else "○"
        self._sync.setVisible(totals.wanted > 0)
        words = fill(self.tr("synced {0} of {1}"), totals.synced, totals.wanted)
        self._sync.setText(f"{mark} {words}")
        tip(self._sync, self.tr("What was sent, and what waits"))

    def show_room(self, words: str) -> None:
        """What waits for room in the proxy store; "" where nothing does."""
        self.room.setText(f"▲ {words}" if words else "")
        tip(self.room, self.tr("Work in hand, what failed and why"))
        self.room.setVisible(bool(words))

    def ask_latency(self) -> None:
        """Asks each volume that is there how quickly it answers; one that hangs is asked only once."""
        now = time.monotonic_ns()
        for volume in self._volumes:
            if not volume.online or volume.mount is None:
                continue
            asked = self._asked.get(volume.id)
            if asked is not None:
                seconds = (now - asked) // 1_000_000_000
                if seconds >= 2:
                    self._say(volume.id, fill(self.tr("no answer for {0} s"), seconds))
                continue
            self._asked[volume.id] = now
            tasks.run_query(
                self,
                lambda mount=volume.mount: _answer_ms(mount),
                lambda ms, key=volume.id: self._answered(key, ms),
                lambda _, key=volume.id: self._answered(key, None),
                lane=tasks.Lane.PROBE,
            )

    def _answered(self, volume_id: str, milliseconds: int | None) -> None:
        self._asked.pop(volume_id, None)
        if milliseconds is None:
            self._say(volume_id, self.tr("does not answer"))
        elif milliseconds >= 1000:
            seconds = f"{milliseconds // 1000}.{milliseconds // 100 % 10}"
            self._say(volume_id, fill(self.tr("slow, {0} s"), seconds))
        else:
            self._say(volume_id, fill(self.tr("{0} ms"), max(1, milliseconds)))

    def _say(self, volume_id: str, words: str) -> None:
        if self._latency.get(volume_id) != words:
            self._latency[volume_id] = words
            volume = next((one for one in self._volumes if one.id == volume_id), None)
            if volume is not None and volume_id in self._shown:
                self._shown[volume_id].say(self.words_of(volume))

    def _redraw(self) -> None:
        clear(self._lights)
        self._shown.clear()
        for volume in self._volumes:
            light = self._shown[volume.id] = VolumeLight(volume, self.words_of(volume))
            self._lights.addWidget(light)

    def words_of(self, volume: "Volume") -> str:
        """A volume's name, how quick it is, and how it is watched."""
        if not volume.online:
            return f"{volume.name} · {self.tr('offline')}"
        parts = (volume.name, self._latency.get(volume.id, ""), core(volume.watcher))
        return " · ".join(part for part in parts if part)


class VolumeLight(QWidget):
    """A dot (full: there, ring: offline) with words beside it."""

    def __init__(self, volume: "Volume", words: str) -> None:
        super().__init__()
        self._online = volume.online
        self._mount = volume.mount
        self.setFont(tokens.sans(tokens.SMALL_PX))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.say(words)

    def say(self, words: str) -> None:
        """Other words beside the same light."""
        self._words = words
        self.setAccessibleName(words)
        tip(self, " · ".join(part for part in (words, self._mount) if part))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        wish = 16 + self.fontMetrics().horizontalAdvance(self._words) + 2
        return QSize(min(wish, _LIGHT_WIDTH), tokens.FOOTER - 4)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(60, tokens.FOOTER - 4)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_light(painter, QPointF(6, self.height() / 2), online=self._online)
        painter.setPen(tokens.colour(t.text2))
        room = self.rect().adjusted(16, 0, 0, 0)
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignVCenter,
            elided(self._words, self.fontMetrics(), room.width()),
        )


def paint_light(painter: QPainter, centre: QPointF, *, online: bool) -> None:
    """A volume's light: a full green dot while it is there, a grey ring while it is not."""
    t = tokens.current()
    if online:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens.colour(t.ok))
        painter.drawEllipse(centre, 4, 4)
    else:
        painter.setPen(QPen(tokens.colour(t.text2), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, 3.5, 3.5)


def _answer_ms(mount: str) -> int:
    begin = time.monotonic_ns()
    try:
        Path(mount).stat()
    except OSError as error:
        raise Missing("The volume does not answer", error.strerror or "", subject=mount) from error
    return (time.monotonic_ns() - begin) // 1_000_000
