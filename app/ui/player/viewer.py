"""The viewer: the picture in a neutral surround, what it is said on it, and words where there is none."""

import enum
from fractions import Fraction
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from app.ui import tasks
from app.ui.player.badge import Badge, FocusRing
from app.ui.player.cover import Cover
from app.ui.player.engine import PlayerEngine
from app.ui.player.soft_surface import SoftSurface
from app.ui.player.source import PlayerSource
from app.ui.player.states import MediaInfo
from app.ui.player.surfaces import SurfaceKind, make_surface
from app.ui.theme import tokens
from app.ui.widgets import pictures
from app.ui.widgets.core_words import core
from app.ui.widgets.timers import single_shot

_BUSY_AFTER_MS: Final = 100
_TOLD_MS: Final = 1_500
_LETTER_MS: Final = 30
"""What was done is said for so long, and so much longer for each letter."""
_POSTER_SIZE: Final = QSize(1920, 1080)


class ViewerState(enum.Enum):
    """What the viewer shows."""

    EMPTY = "empty"
    LOADING = "loading"
    PICTURE = "picture"
    SOUND = "sound"
    OFFLINE = "offline"
    NOTHING = "nothing"
    """There is nothing to play of it, and that is no fault."""
    UNDECODABLE = "undecodable"
    ERROR = "error"


class Surround(enum.Enum):
    """The colour around the picture; the values are those of the setting."""

    BLACK = "black"
    GREY = "grey"

    @property
    def colour(self) -> str:
        """`#rrggbb`; grey is 18 % reflectance."""
        return "#000000" if self is Surround.BLACK else "#767676"


class Viewer(QWidget):
    """Shows what a `PlayerEngine` plays."""

    state_changed = Signal(object)
    """A `ViewerState`."""
    picture_only_changed = Signal(bool)
    """The picture alone is wished for, or no longer."""

    def __init__(
        self,
        engine: PlayerEngine,
        kind: SurfaceKind = SurfaceKind.AUTO,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Picture"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 90)
        self._surround = Surround.BLACK if tokens.current().name == "dark" else Surround.GREY
        self._state = ViewerState.EMPTY
        self._aspect = Fraction(16, 9)
        self._picture_only = False
        self._source: PlayerSource | None = None
        self._info: MediaInfo | None = None
        self._look = ""
        self._engine = engine
        self.surface = make_surface(engine, kind, self)
        self.cover = Cover(self)
        self.cover.set_surround(self._surround.colour)
        self.badge = Badge(self.tr("Shown"), self)
        self.caption = Badge(self.tr("Clip"), self)
        self.told = Badge(self.tr("Done"), self, large=True)
        self._told_timer = single_shot(self, _TOLD_MS, lambda: self.told.say(""))
        self._ring = FocusRing(self)
        self._busy = False
        self._busy_timer = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy_timer.timeout.connect(lambda: self._set_busy(busy=True))
        engine.source_changed.connect(self._on_source)
        engine.opened.connect(self._on_opened)
        engine.held.connect(self._on_held)
        engine.failed.connect(self.show_error)
        engine.fields.changed.connect(self._say_what)
        self.surface.refused.connect(self._on_refused)
        self._enter(ViewerState.EMPTY)

    @property
    def state(self) -> ViewerState:
        """What it shows."""
        return self._state

    @property
    def busy(self) -> bool:
        """Whether the badge says that the picture is on its way."""
        return self._busy

    @property
    def picture_only(self) -> bool:
        """Whether badges are away and the picture stands alone."""
        return self._picture_only

    @override
    def sizeHint(self) -> QSize:
        return QSize(624, 351)

    def expect(self, poster: str = "", caption: str = "") -> None:
        """Another clip is coming: its poster stands in until the first picture is there.

        Args:
            poster: path of a picture, decoded off the main thread; "" where there is none yet.
            caption: the words at the top right, such as `B002C011 · 4 of 18`.
        """
        self.caption.say(caption)
        self._place()
        self.set_poster(poster)
        self._info = None
        self._enter(ViewerState.LOADING)

    def set_poster(self, path: str) -> None:
        """The picture that stands in while there is none to play."""
        self.cover.set_poster(QImage())
        if path:
            tasks.run_query(
                self,
                lambda: pictures.decode(path, _POSTER_SIZE),
                self.cover.set_poster,
                lambda _error: None,
                key="poster",
                lane=tasks.Lane.PICTURE,
            )

    def show_offline(self, words: str = "", title: str = "") -> None:
        """The media is not here; notes and marks go on."""
        self._say(
            ViewerState.OFFLINE,
            "offline",
            title or self.tr("Offline"),
            words
            or self.tr("The media is not connected. Notes, marks and transcript are at hand."),
        )

    def show_nothing(self, icon: str, title: str, words: str) -> None:
        """There is nothing to play of it (a document, a file still being written), and it is no fault."""
        self._say(ViewerState.NOTHING, icon, title, words)

    def show_undecodable(self, reason: str) -> None:
        """The file is whole, and this computer has no decoder for it."""
        self._say(ViewerState.UNDECODABLE, "film", self.tr("No picture"), reason)

    def show_error(self, title: str, message: str) -> None:
        """Something failed."""
        self._say(ViewerState.ERROR, "warn", title, message)

    def set_look(self, text: str) -> None:
        """The name of the LUT that is applied, or "" for none."""
        self._look = text
        self._say_what()

    def set_surround(self, surround: Surround) -> None:
        """Black or 18 % grey around the picture."""
        self._surround = surround
        self.cover.set_surround(surround.colour)
        self.update()

    def height_for(self, width: int) -> int:
        """How high the picture is where it is as wide as this, in pixels."""
        return int(width / self._aspect + Fraction(1, 2))

    def tell(self, words: str) -> None:
        """Says for a moment, low on the picture, what was just done."""
        self.told.say(words)
        self._place()
        self._told_timer.start(_TOLD_MS + len(words) * _LETTER_MS)

    def set_picture_only(self, alone: bool) -> None:
        """The picture alone, or with its badges."""
        if alone != self._picture_only:
            self._picture_only = alone
            self._ring.hide()
            self._say_what()
            self.picture_only_changed.emit(alone)

    def _on_refused(self, title: str, message: str) -> None:
        """Libmpv does not like this OpenGL: draw in memory. Nothing is left after that."""
        if isinstance(self.surface, SoftSurface):
            self.show_error(title, message)
            return
        refused = self.surface
        refused.refused.disconnect(self._on_refused)
        refused.hide()
        self._engine.core_started.disconnect(refused.attach)
        self.surface = make_surface(self._engine, SurfaceKind.SOFTWARE, self)
        self.surface.refused.connect(self._on_refused)
        self.surface.lower()
        self.surface.show()
        self._place()

    def _on_source(self, source: PlayerSource | None) -> None:
        self._source = source
        if source is None:
            self.caption.say("")
            self._enter(ViewerState.EMPTY)
        elif self._state is not ViewerState.PICTURE:
            # Between two files of one clip the last picture stays; anything else is covered.
            self._enter(ViewerState.LOADING)
        else:
            self._busy_timer.start()

    def _on_opened(self, info: MediaInfo) -> None:
        self._info = info
        if info.size and min(info.size) > 0:
            self._aspect = Fraction(*info.size)
            self._place()
        self._say_what()

    def _on_held(self, held: bool) -> None:
        info = self._info
        if held or info is None:
            return
        if info.has_picture:
            self._enter(ViewerState.PICTURE)
        elif info.video_tracks and self._source is not None and self._source.has_video:
            self.show_undecodable(
                self.tr(
                    "The picture is damaged, or needs a decoder that is not installed. Sound plays."
                )
            )
        else:
            self._enter(ViewerState.SOUND)

    def _say(self, state: ViewerState, icon: str, title: str, words: str) -> None:
        self._enter(state)
        self.cover.say(icon, core(title), core(words))

    def _enter(self, state: ViewerState) -> None:
        self._set_busy(busy=False)
        if state is ViewerState.EMPTY:
            self.cover.set_poster(QImage())
            self.cover.say("film", self.tr("No clip"), self.tr("Choose a clip to see it here."))
        elif state is ViewerState.SOUND:
            self.cover.say("sound", "", "")
        else:
            self.cover.say("", "", "")
        self.cover.setVisible(state is not ViewerState.PICTURE)
        if state is ViewerState.LOADING:
            self._busy_timer.start()
        changed = state is not self._state
        self._state = state
        self._say_what()
        if changed:
            self.setAccessibleDescription(self.badge.text() or self.cover.accessibleName())
            self.state_changed.emit(state)

    def _set_busy(self, *, busy: bool) -> None:
        self._busy_timer.stop()
        if busy != self._busy:
            self._busy = busy
            self._say_what()

    def _say_what(self) -> None:
        self.badge.say("" if self._picture_only else " · ".join(self._words()))
        if self._picture_only or not self.caption.text():
            self.caption.hide()
        else:
            self.caption.show()
        self._place()

    def _words(self) -> list[str]:
        if self._state is ViewerState.OFFLINE:
            return [self.tr("offline")]
        if self._busy:
            return [self.tr("loading …")]
        source, info = self._source, self._info
        if source is None or self._state not in (ViewerState.PICTURE, ViewerState.SOUND):
            return []
        kind = self.tr("proxy") if source.is_proxy else self.tr("original")
        words = [source.label or kind, self._field_words()]
        if info is not None and info.has_picture:
            words += [_matrix(info.matrix), self._range_words(info.levels)]
            words.append(self._look or self.tr("no LUT"))
        return [word for word in words if word]

    def _field_words(self) -> str:
        fields = self._engine.fields
        if not fields.interlaced:
            return ""
        return self.tr("deinterlaced") if fields.whole else self.tr("interlaced")

    def _range_words(self, levels: str) -> str:
        if levels == "full":
            return self.tr("full range")
        return self.tr("video range") if levels == "limited" else ""

    def _place(self) -> None:
        self.surface.setGeometry(_fitted(self._aspect, self.rect()))
        self.cover.setGeometry(self.rect())
        edge = tokens.SPACE_M
        room = max(40, (self.width() - 3 * edge) // 2)
        self.badge.resize(min(self.badge.sizeHint().width(), room), self.badge.sizeHint().height())
        self.badge.move(edge, edge)
        wide = min(self.caption.sizeHint().width(), room)
        self.caption.resize(wide, self.caption.sizeHint().height())
        self.caption.move(self.width() - edge - wide, edge)
        self.told.resize(self.told.sizeHint().boundedTo(self.size()))
        below = self.height() - self.told.height() - edge
        self.told.move((self.width() - self.told.width()) // 2, below)
        self._ring.setGeometry(self.rect())
        for above in (self.badge, self.caption, self.told, self._ring):
            above.raise_()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        self._ring.setVisible(by_key and not self._picture_only)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._ring.hide()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_picture_only(not self._picture_only)
        event.accept()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.colour(self._surround.colour))
        painter.end()


def _fitted(aspect: Fraction, room: QRect) -> QRect:
    """The largest rectangle of this shape in the room, centred, on whole pixels."""
    width = min(room.width(), int(room.height() * aspect))
    height = min(room.height(), int(width / aspect + Fraction(1, 2)))
    fitted = QRect(0, 0, max(1, width), max(1, height))
    fitted.moveCenter(room.center())
    return fitted


def _matrix(name: str) -> str:
    """`bt.709` as people say it: `709`."""
    return name.removeprefix("bt.").split("-")[0]
