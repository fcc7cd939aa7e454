"""How a clip card is drawn: picture, badges, duration, name, start, scene and take, rating.

Pure painting: everything it needs is handed in, nothing is looked up, nothing waits.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from app.core.model.entities import Arriving, ClipCard
from app.core.model.media import ClipKind, ClipState
from app.ui.library import not_whole
from app.ui.theme import icons, tokens
from app.ui.theme.tokens import Tokens, colour
from app.ui.widgets import wording
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import elided

_DARKENED = {ClipState.OFFLINE, ClipState.MISSING}
_FLAWED = {ClipState.DAMAGED, ClipState.UNDECODABLE, ClipState.BAD}
_SAMPLES = 1000
"""From here on a rate counts samples of sound, not pictures."""
KIND_ICONS = {
    ClipKind.VIDEO: "film",
    ClipKind.AUDIO: "sound",
    ClipKind.STILL: "image",
    ClipKind.SEQUENCE: "film",
    ClipKind.DOCUMENT: "document",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Badge:
    """A word on a picture, with its shape and colour."""

    text: str
    mark: str = ""
    colour: str = ""


@dataclasses.dataclass(slots=True)
class CellState:
    """How one cell stands in the view."""

    selected: bool = False
    current: bool = False
    focused: bool = False
    scrub: int | None = None
    """Where the pointer is over the picture, 0..1000 from left to right."""
    work: str = ""
    """What is being made of it, in words."""
    permille: int = 0


class CellLook:
    """Fonts and measures of cards; made once a theme."""

    def __init__(self) -> None:
        self.tokens: Tokens = tokens.current()
        self.name = tokens.sans(tokens.BODY_PX, QFont.Weight.Medium)
        self.name_metrics = QFontMetrics(self.name)
        self.small = tokens.sans(tokens.SMALL_PX)
        self.small_metrics = QFontMetrics(self.small)
        self.mono = tokens.mono(tokens.SMALL_PX)
        self.mono_metrics = QFontMetrics(self.mono)
        self.badge = tokens.sans(tokens.CAPS_PX)
        self.badge_metrics = QFontMetrics(self.badge)
        self.grey_all = False


def badges(card: ClipCard, state: CellState) -> list[Badge]:
    """The words on a picture, the most pressing first."""
    # They stand on dark plates in every theme.
    t = tokens.DARK
    made: list[Badge] = []
    if card.state in STATE_MARKS:
        mark, tint, word = state_words(card.state, card.arriving)
        made.append(Badge(word, mark, getattr(t, tint) if tint else ""))
    made += [Badge(word, mark, getattr(t, tint)) for mark, tint, word in flaws(card)]
    if card.open_notes:
        made.append(Badge(str(card.open_notes), "●", t.info))
    if card.approved:
        made.append(Badge(translate("Cells", "approved"), "✓", t.ok))
    elif card.disputed:
        made.append(Badge(translate("Cells", "disputed"), "▲", t.warn))
    elif card.changes_asked:
        made.append(Badge(translate("Cells", "changes"), "◆", t.bad))
    if card.rejected:
        made.append(Badge(translate("Cells", "rejected"), "✕", t.bad))
    if card.circled:
        made.append(Badge(translate("Cells", "circled"), "○"))
    if state.work:
        made.append(Badge(state.work))
    return made


STATE_MARKS = {
    ClipState.OFFLINE: ("", ""),
    ClipState.GROWING: ("", ""),
    ClipState.MISSING: ("▲", "warn"),
    ClipState.DAMAGED: ("▲", "warn"),
    ClipState.UNDECODABLE: ("▲", "warn"),
    ClipState.BAD: ("◆", "bad"),
}
"""The states worth a word on the card, with shape and colour."""


def state_word(state: ClipState) -> str:
    """A clip's state in the user's language."""
    return {
        ClipState.READY: translate("Cells", "ready"),
        ClipState.WORKING: translate("Cells", "in work"),
        ClipState.OFFLINE: translate("Cells", "offline"),
        ClipState.MISSING: translate("Cells", "missing"),
        ClipState.GROWING: translate("Cells", "growing"),
        ClipState.DAMAGED: translate("Cells", "damaged"),
        ClipState.UNDECODABLE: translate("Cells", "no decoder here"),
        ClipState.BAD: translate("Cells", "unreadable"),
    }[state]


def state_words(state: ClipState, arriving: Arriving | None) -> tuple[str, str, str]:
    """(mark, tint, word) of a clip's state; what grows no more and is not whole is no quiet matter."""
    if state is ClipState.GROWING and arriving is not None and arriving.verdict_ms is not None:
        return "▲", "warn", translate("Cells", "not whole yet")
    return (*STATE_MARKS.get(state, ("▲", "warn")), state_word(state))


def flaws(card: ClipCard) -> list[tuple[str, str, str]]:
    """(mark, tint, word) of what is wrong with a clip besides what its state says."""
    found: list[tuple[str, str, str]] = []
    if card.state in _DARKENED and card.own_state in _FLAWED:
        found.append(state_words(card.own_state, None))
    if card.gaps:
        found.append(("▲", "warn", translate("Cells", "gap")))
    return found


def spoken(card: ClipCard) -> str:
    """A card in words, for screen readers."""
    scene = f"{card.scene}/{card.take}" if card.scene and card.take else card.scene or ""
    parts = [
        card.name,
        wording.duration(card.duration_ms),
        card.start,
        fill(translate("Cells", "scene {0}"), scene) if scene else "",
        translate("Cells", "%Ln stars", "", card.rating) if card.rating else "",
        translate("Cells", "%Ln open notes", "", card.open_notes) if card.open_notes else "",
        translate("Cells", "approved") if card.approved else "",
        translate("Cells", "disputed") if card.disputed else "",
        state_words(card.state, card.arriving)[2] if card.state in STATE_MARKS else "",
        *(word for _, _, word in flaws(card)),
        not_whole.words(card.arriving) if card.arriving else "",
    ]
    return ", ".join(part for part in parts if part)


def paint_card(
    painter: QPainter,
    rect: QRect,
    picture_height: int,
    card: ClipCard,
    picture: QPixmap | None,
    state: CellState,
    look: CellLook,
) -> None:
    """Draws one card into `rect`, but for what `paint_state` draws."""
    t = look.tokens
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(t.bg2))
    painter.drawRoundedRect(rect, tokens.RADIUS_CARD, tokens.RADIUS_CARD)
    frame = QRect(rect.left(), rect.top(), rect.width(), picture_height)
    _paint_picture(painter, frame, card, picture, look)
    _paint_badges(painter, frame, badges(card, state), look)
    if card.duration_ms:
        _paint_duration(painter, frame, wording.duration(card.duration_ms), look)
    _paint_words(painter, rect, picture_height, card, look)


def paint_state(
    painter: QPainter, rect: QRect, picture_height: int, state: CellState, t: Tokens
) -> None:
    """Draws over a card what changes while it is looked at: work in hand, scrubbing, selection."""
    _paint_lines(painter, QRect(rect.left(), rect.top(), rect.width(), picture_height), state, t)
    _paint_border(painter, rect, state, t)


def paint_skeleton(painter: QPainter, rect: QRect, picture_height: int, look: CellLook) -> None:
    """Draws the place of a card that has not come yet."""
    t = look.tokens
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(t.bg1))
    painter.drawRoundedRect(rect, tokens.RADIUS_CARD, tokens.RADIUS_CARD)
    painter.setBrush(colour(t.bg2))
    left, top = rect.left() + tokens.SPACE_S, rect.top() + picture_height + tokens.SPACE_S
    painter.drawRoundedRect(QRect(left, top, rect.width() // 2, 10), 3, 3)
    painter.drawRoundedRect(QRect(left, top + 20, rect.width() // 3, 8), 3, 3)


def _paint_picture(
    painter: QPainter, frame: QRect, card: ClipCard, picture: QPixmap | None, look: CellLook
) -> None:
    t = look.tokens
    shape = _top_rounded(frame)
    painter.fillPath(shape, colour(t.surround if picture else t.bg1))
    if picture is None:
        kind = KIND_ICONS.get(card.kind, "document")
        ratio = painter.device().devicePixelRatio()
        size = min(28, frame.height() - 8)
        mark = icons.pixmap(kind, int(size * ratio), t.text3)
        place = QRect(0, 0, size, size)
        place.moveCenter(frame.center())
        painter.drawPixmap(place, mark)
        return
    painter.save()
    painter.setClipPath(shape)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    fitted = QSize(picture.width(), picture.height()).scaled(
        frame.size(), Qt.AspectRatioMode.KeepAspectRatio
    )
    # A picture that misses the frame by a rounded pixel or two fills it.
    near = frame.width() - fitted.width() <= 2 and frame.height() - fitted.height() <= 2
    place = QRect(frame) if near else QRect(QPoint(0, 0), fitted)
    place.moveCenter(frame.center())
    if card.state in _DARKENED:
        painter.setOpacity(0.55)
    painter.drawPixmap(place, picture)
    painter.restore()


def _top_rounded(frame: QRect) -> QPainterPath:
    radius = tokens.RADIUS_CARD
    path = QPainterPath()
    box = QRectF(frame)
    path.moveTo(box.bottomLeft())
    path.lineTo(box.left(), box.top() + radius)
    path.quadTo(box.topLeft(), box.topLeft() + QPoint(radius, 0))
    path.lineTo(box.right() - radius, box.top())
    path.quadTo(box.topRight(), box.topRight() + QPoint(0, radius))
    path.lineTo(box.bottomRight())
    path.closeSubpath()
    return path


def _paint_badges(painter: QPainter, frame: QRect, words: list[Badge], look: CellLook) -> None:
    left, top = frame.left() + 6, frame.top() + 6
    for badge in words:
        mark = f"{badge.mark} " if badge.mark else ""
        width = look.badge_metrics.horizontalAdvance(mark + badge.text) + 10
        if left + width > frame.right() - 4:
            return
        box = QRect(left, top, width, 17)
        _paint_plate(painter, box, look.tokens)
        painter.setFont(look.badge)
        inner = box.adjusted(5, 0, -5, 0)
        if mark:
            painter.setPen(colour(badge.colour or look.tokens.on_badge))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, mark)
            inner.setLeft(inner.left() + look.badge_metrics.horizontalAdvance(mark))
        painter.setPen(colour(look.tokens.on_badge))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, badge.text)
        left += width + 4


def _paint_duration(painter: QPainter, frame: QRect, text: str, look: CellLook) -> None:
    width = look.mono_metrics.horizontalAdvance(text) + 10
    box = QRect(frame.right() - width - 4, frame.bottom() - 22, width, 18)
    _paint_plate(painter, box, look.tokens)
    painter.setFont(look.mono)
    painter.setPen(colour(look.tokens.on_badge))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _paint_plate(painter: QPainter, box: QRect, t: Tokens) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(t.badge, 205))
    painter.drawRoundedRect(box, tokens.RADIUS_TAG, tokens.RADIUS_TAG)


def _paint_words(
    painter: QPainter, rect: QRect, picture_height: int, card: ClipCard, look: CellLook
) -> None:
    t = look.tokens
    room = rect.height() - picture_height
    inner = QRect(
        rect.left() + tokens.SPACE_S,
        rect.top() + picture_height,
        rect.width() - 2 * tokens.SPACE_S,
        room,
    )
    line = (room - 4) // 3
    upper = QRect(inner.left(), inner.top() + 3, inner.width(), line)
    lower = upper.translated(0, line)
    middle = Qt.AlignmentFlag.AlignVCenter
    dark = card.state in _DARKENED
    painter.setFont(look.name)
    painter.setPen(colour(t.text2 if dark else t.text))
    painter.drawText(upper, middle, elided(card.name, look.name_metrics, upper.width()))
    painter.setPen(colour(t.text2))
    right = lower.right()
    if card.rating:
        painter.setFont(look.small)
        stars = wording.stars(card.rating)
        painter.drawText(lower, middle | Qt.AlignmentFlag.AlignRight, stars)
        right -= look.small_metrics.horizontalAdvance(stars) + tokens.SPACE_S
    start = QRect(lower.left(), lower.top(), right - lower.left(), lower.height())
    if card.arriving is not None:
        painter.setFont(look.small)
        since = elided(not_whole.since(card.arriving), look.small_metrics, start.width())
        painter.drawText(start, middle, since)
        return
    painter.setFont(look.mono)
    painter.drawText(start, middle, card.start or _instead(card))
    _paint_scene(painter, start, card, look)
    third = lower.translated(0, line)
    painter.setFont(look.small)
    painter.drawText(third, middle, source_line(card, look.small_metrics, third.width()))


def source_line(card: ClipCard, metrics: QFontMetrics, width: int) -> str:
    """Reel and rate in so many pixels: the reel gives way, the rate stays whole."""
    rate = wording.rate(card.rate)
    if card.rate is not None and card.rate < _SAMPLES:
        rate = fill(translate("Cells", "{0} fps"), rate)
    if not card.reel:
        return rate
    rest = f" · {rate}" if rate else ""
    return elided(card.reel, metrics, width - metrics.horizontalAdvance(rest)) + rest


def _instead(card: ClipCard) -> str:
    """What stands where a clip has no timecode: its picture size."""
    return f"{card.width} × {card.height}" if card.width and card.height else ""


def _paint_scene(painter: QPainter, room: QRect, card: ClipCard, look: CellLook) -> None:
    if not card.scene:
        return
    text = f"{card.scene}/{card.take}" if card.take else card.scene
    left = room.left()
    before = card.start or _instead(card)
    if before:
        left += look.mono_metrics.horizontalAdvance(before) + tokens.SPACE_M
    width = room.right() - left
    if width < 24:
        return
    painter.setFont(look.small)
    words = elided(text, look.small_metrics, width)
    painter.drawText(
        QRect(left, room.top(), width, room.height()), Qt.AlignmentFlag.AlignVCenter, words
    )


def _paint_lines(painter: QPainter, frame: QRect, state: CellState, t: Tokens) -> None:
    """The thin line of work in hand, and the scrub position in accent over it."""
    if not state.work and state.scrub is None:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    low = QRect(frame.left(), frame.bottom() - 1, frame.width(), 2)
    if state.work:
        painter.fillRect(low, colour(t.bg0))
        painter.fillRect(
            QRect(low.left(), low.top(), low.width() * state.permille // 1000, 2), colour(t.text2)
        )
    if state.scrub is not None:
        painter.fillRect(
            QRect(low.left(), low.top(), low.width() * state.scrub // 1000, 2), colour(t.accent)
        )


def _paint_border(painter: QPainter, rect: QRect, state: CellState, t: Tokens) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state.selected:
        painter.setPen(QPen(colour(t.accent), 1.5))
    elif state.current and state.focused:
        painter.setPen(QPen(colour(t.accent), 1, Qt.PenStyle.DotLine))
    else:
        return
    inset = QRectF(rect).adjusted(0.75, 0.75, -0.75, -0.75)
    painter.drawRoundedRect(inset, tokens.RADIUS_CARD, tokens.RADIUS_CARD)


def tile_rect(facts: Mapping[str, Any], permille: int) -> QRect | None:
    """The tile of a filmstrip at a position, in the sprite's pixels; None where the facts do not say."""
    tiles, columns = len(facts.get("frames", ())), int(facts.get("columns", 0))
    width, height = int(facts.get("tile_width", 0)), int(facts.get("tile_height", 0))
    if not tiles or not columns or not width or not height:
        return None
    row, column = divmod(min(tiles - 1, permille * tiles // 1000), columns)
    return QRect(column * width, row * height, width, height)
