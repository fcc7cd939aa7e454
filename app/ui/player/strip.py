"""The strip under the picture: filmstrip over waveform, marks above, the playhead across.

Painting touches no file: the sprite is decoded and the waveform read on workers, and what is there
is drawn. Scrub by dragging, Shift+drag makes a range, the wheel zooms where the pointer is.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from app.core.model.errors import RushesError
from app.core.model.names import display
from app.ui import tasks
from app.ui.player import strip_painting as draw
from app.ui.player.strip_data import FilmstripData, MarkKind, PeaksView, StripMark, StripView
from app.ui.player.strip_painting import Range
from app.ui.theme import tokens
from app.ui.widgets import pictures
from app.ui.widgets.words import plain_tip

_REACH: Final = 6
"""Pixels around a mark that count as on it."""
_ZOOM_STEP: Final = Fraction(5, 4)
_SLOP: Final = 3
"""Pixels a Shift+press must move before it makes a range."""

Bars = Sequence[tuple[int, int]]


class Strip(QWidget):
    """One clip from end to end. Frames in, frames out; it moves nothing by itself."""

    scrubbed = Signal(object)
    """A frame under the pressed pointer, or reached by key."""
    range_dragged = Signal(object, object)
    """A new in and out, half-open."""
    FULL_PX: Final = draw.HEIGHT
    THIN_PX: Final = draw.THIN

    mark_activated = Signal(str)
    """A mark was clicked: its id."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(draw.HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Filmstrip and waveform"))
        self._view = StripView.whole(1, 1)
        self._frames = 0
        self._second = 25
        self._frame = 0
        self._range = Range()
        self._marks: tuple[StripMark, ...] = ()
        self._film: FilmstripData | None = None
        self._sprite = QImage()
        self._peaks: PeaksView | None = None
        self._bars: Bars = ()
        self._backdrop: QPixmap | None = None
        self._grey = False
        self._thin = False
        self._range_from: int | None = None
        self._pressed_at = QPoint()

    # -- what it shows --

    @property
    def view(self) -> StripView:
        """The stretch on screen."""
        return self._view

    @property
    def frames(self) -> int:
        """The clip's length; 0 while it is not known."""
        return self._frames

    @property
    def frame(self) -> int:
        """Where the playhead is."""
        return self._frame

    def set_clip(self, frames: int, frames_a_second: Fraction = Fraction(25)) -> None:
        """Another clip: its length, nothing else yet."""
        self._frames = max(0, frames)
        self._second = max(1, int(frames_a_second + Fraction(1, 2)))
        self._frame = 0
        self._range = Range()
        self._marks = ()
        self._film, self._sprite = None, QImage()
        self._peaks, self._bars = None, ()
        self._view = StripView.whole(self._frames, self.width())
        self._refresh()

    def set_film(self, film: FilmstripData | None) -> None:
        """The filmstrip; decoded on a worker."""
        self._film, self._sprite = film, QImage()
        self._refresh()
        if film is not None:
            tasks.run_query(
                self,
                lambda: pictures.decode(film.path, QSize(), grey=self._grey),
                self._take_sprite,
                lambda _error: None,
                key="film",
                lane=tasks.Lane.PICTURE,
            )

    def set_peaks(self, peaks: PeaksView | None) -> None:
        """The waveform; read on a worker, for the stretch on screen."""
        self._peaks = peaks
        self._bars = ()
        self._refresh()
        self._read_bars()

    def set_marks(self, marks: Sequence[StripMark]) -> None:
        """All marks of the clip."""
        self._marks = tuple(marks)
        self.update()

    def set_range(self, first: int | None, end: int | None) -> None:
        """In and out, half-open."""
        self._range = Range(first, end)
        self.update()

    def set_frame(self, frame: int) -> None:
        """The playhead."""
        if frame == self._frame:
            return
        before = self._view.middle_of(self._frame)
        self._frame = frame
        view = self._view.following(frame)
        if view is not self._view:
            self._look_at(view)
            return
        for x in (before, view.middle_of(frame)):
            self.update(x - 3, 0, 6, self.height())

    def set_grey(self, grey: bool) -> None:
        """Takes the colour out of the filmstrip, while the picture's own is judged."""
        if grey != self._grey:
            self._grey = grey
            self.set_film(self._film)

    @property
    def thin(self) -> bool:
        """Whether it is folded to a line."""
        return self._thin

    def set_thin(self, thin: bool) -> None:
        """Folds it to a line with its marks; scrubbing and ranges stay."""
        if thin != self._thin:
            self._thin = thin
            self.setFixedHeight(draw.THIN if thin else draw.HEIGHT)
            self._refresh()

    # -- moving the view --

    def zoom(self, factor: Fraction, x: int | None = None) -> None:
        """Closer (or further) around a pixel, or around the playhead."""
        at = self._view.middle_of(self._frame) if x is None else x
        self._look_at(self._view.zoomed(factor, max(0, min(at, self.width()))))

    def show_all(self) -> None:
        """The whole clip."""
        self._look_at(StripView.whole(self._frames, self.width()))

    def _look_at(self, view: StripView) -> None:
        if view != self._view:
            self._view = view
            self._refresh()
            self._read_bars()

    # -- data from workers --

    def _take_sprite(self, sprite: QImage) -> None:
        self._sprite = sprite
        self._refresh()

    def _read_bars(self) -> None:
        peaks, view = self._peaks, self._view
        if peaks is None or not self._frames:
            return
        count = max(1, view.width // draw.PITCH)
        start, end = view.first / self._frames, (view.first + view.span) / self._frames
        tasks.run_query(
            self,
            lambda: _mixed(peaks, start, min(end, Fraction(1)), count),
            self._take_bars,
            self._miss_bars,
            key="bars",
        )

    def _take_bars(self, bars: Bars) -> None:
        self._bars = bars
        self._refresh()

    def _miss_bars(self, _error: RushesError) -> None:
        # The waveform is derived: whoever gave it learns of its loss by reading it, and remakes it.
        self._peaks = None
        self._take_bars(())

    # -- painting --

    def _refresh(self) -> None:
        self._backdrop = None
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(600, self.minimumHeight())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._view = self._view.resized(self.width())
        self._refresh()
        self._read_bars()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._refresh()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._backdrop is None:
            self._backdrop = self._made_backdrop()
        painter.drawPixmap(0, 0, self._backdrop)
        if self._frames:
            draw.veil(painter, self._range, self._view, self.height())
            for one in self._marks:
                draw.mark(painter, one, self._view)
            draw.playhead(painter, self._frame, self._view, self.height())
        if self.hasFocus():
            draw.focus(painter, self.rect())
        painter.end()

    def _made_backdrop(self) -> QPixmap:
        """Everything that stays while the playhead moves."""
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(tokens.colour(tokens.current().bg1))
        painter = QPainter(made)
        if self._thin:
            draw.line(painter, self.width())
        else:
            self._draw_sound_and_film(painter)
        painter.end()
        return made

    def _draw_sound_and_film(self, painter: QPainter) -> None:
        if self._film is not None and not self._sprite.isNull():
            draw.film(painter, self._film, self._sprite, self._view)
        else:
            draw.empty_film(painter, self.width())
        draw.wave(painter, self._bars, self.width(), sound=bool(self._bars))

    # -- hands --

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._frames:
            return
        self._pressed_at = event.position().toPoint()
        hit = self._mark_at(self._pressed_at)
        if hit is not None:
            self.scrubbed.emit(hit.frame)
            self.mark_activated.emit(hit.id)
            return
        frame = self._view.frame_at(self._pressed_at.x())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._range_from = frame
        self.scrubbed.emit(frame)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or not self._frames:
            return
        at = event.position().toPoint()
        frame = self._view.frame_at(at.x())
        if self._range_from is not None and abs(at.x() - self._pressed_at.x()) > _SLOP:
            first, last = sorted((self._range_from, frame))
            self.range_dragged.emit(first, last + 1)
        self.scrubbed.emit(frame)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._range_from = None

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or turn.x():
            self._look_at(self._view.panned(-(turn.x() or turn.y())))
        elif turn.y():
            factor = _ZOOM_STEP if turn.y() > 0 else 1 / _ZOOM_STEP
            self.zoom(factor, event.position().toPoint().x())
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = self._second if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        page = max(1, int(self._view.span / 10))
        moves = {
            Qt.Key.Key_Left: self._frame - step,
            Qt.Key.Key_Right: self._frame + step,
            Qt.Key.Key_PageUp: self._frame - page,
            Qt.Key.Key_PageDown: self._frame + page,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: self._frames - 1,
        }
        if key in moves and self._frames:
            self.scrubbed.emit(max(0, min(moves[key], self._frames - 1)))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(_ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / _ZOOM_STEP)
        else:
            super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            hit = self._mark_at(event.pos())
            words = f"{self._word(hit.kind)}: {display(hit.text[:300])}" if hit else ""
            QToolTip.showText(event.globalPos(), plain_tip(words), self)
            return True
        return super().event(event)

    def _mark_at(self, at: QPoint) -> StripMark | None:
        if at.y() > draw.MARKS:
            return None
        near = [m for m in self._marks if abs(self._view.middle_of(m.frame) - at.x()) <= _REACH]
        return min(near, key=lambda m: abs(self._view.middle_of(m.frame) - at.x()), default=None)

    def _word(self, kind: MarkKind) -> str:
        return {
            MarkKind.NOTE: self.tr("Note"),
            MarkKind.CHANGES: self.tr("Changes asked"),
            MarkKind.MARKER: self.tr("Marker"),
        }[kind]


def _mixed(peaks: PeaksView, start: Fraction, end: Fraction, count: int) -> Bars:
    """The widest of all channels in each part. Runs on a worker."""
    mixed: list[tuple[int, int]] = []
    for channel in range(peaks.channels):
        bars = peaks.bins(channel, start, end, count)
        if not mixed:
            mixed = list(bars)
            continue
        mixed = [(min(a, c), max(b, d)) for (a, b), (c, d) in zip(mixed, bars, strict=False)]
    return mixed
