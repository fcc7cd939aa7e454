"""How the strip is drawn: filmstrip, waveform, veil, marks, playhead. Pure painting, no files."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from app.ui.player.strip_data import FilmstripData, MarkKind, StripMark, StripView
from app.ui.theme import tokens

MARKS: Final = 14
FILM: Final = 38
GAP: Final = 2
WAVE: Final = 44
FOOT: Final = 4
HEIGHT: Final = MARKS + FILM + GAP + WAVE + FOOT
LINE: Final = 10
THIN: Final = MARKS + LINE + FOOT
"""Its height where there is no room for pictures and waveform: marks above a line."""

BAR: Final = 2
PITCH: Final = 3
"""Waveform bars: this wide, this far apart, in pixels."""

_VEIL: Final = 90
_MARK: Final = 4.5
"""Half the size of a mark."""
_FULL: Final = 127


@dataclasses.dataclass(frozen=True, slots=True)
class Range:
    """In and out, half-open; None is open."""

    first: int | None = None
    end: int | None = None


def film_rect(width: int) -> QRect:
    """Where the filmstrip lies."""
    return QRect(0, MARKS, width, FILM)


def wave_rect(width: int) -> QRect:
    """Where the waveform lies."""
    return QRect(0, MARKS + FILM + GAP, width, WAVE)


def film(painter: QPainter, data: FilmstripData, sprite: QImage, view: StripView) -> None:
    """The tiles side by side, each the one nearest to the frame in its middle."""
    rect = film_rect(view.width)
    width, height = data.tile_size
    if not width or not height or not data.tile_frames:
        return
    wide = max(8, rect.height() * width // height)
    # Sprites may have been made smaller while decoding.
    scale = sprite.width() / max(1, data.columns * width)
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for left in range(0, rect.width(), wide):
        tile = data.tile_at(view.frame_at(left + wide // 2))
        x, y, tile_wide, tile_high = data.place(tile)
        source = QRectF(x * scale, y * scale, tile_wide * scale, tile_high * scale)
        painter.drawImage(QRectF(left, rect.top(), wide, rect.height()), sprite, source)
    painter.restore()


def line(painter: QPainter, width: int) -> None:
    """The clip as a line, in place of filmstrip and waveform."""
    painter.fillRect(QRect(0, MARKS, width, LINE), tokens.colour(tokens.current().bg3))


def empty_film(painter: QPainter, width: int) -> None:
    """The place of a filmstrip that is not made yet."""
    painter.fillRect(film_rect(width), tokens.colour(tokens.current().bg2))


def wave(painter: QPainter, bars: Sequence[tuple[int, int]], width: int, *, sound: bool) -> None:
    """Bars from the lowest to the highest level; a hairline where there is no sound."""
    rect = wave_rect(width)
    middle = rect.center().y()
    colour = tokens.colour(tokens.current().text2)
    painter.fillRect(
        QRect(rect.left(), middle, rect.width(), 1), tokens.colour(tokens.current().line)
    )
    if not sound:
        return
    half = rect.height() // 2
    for index, (low, high) in enumerate(bars):
        top = middle - high * half // _FULL
        bottom = middle - low * half // _FULL
        painter.fillRect(QRect(index * PITCH, top, BAR, max(1, bottom - top)), colour)


def veil(painter: QPainter, chosen: Range, view: StripView, height: int = HEIGHT) -> None:
    """From in to out, in accent, with its edges, on a strip of this height."""
    if chosen.first is None and chosen.end is None:
        return
    left = view.x_of(chosen.first or 0)
    right = view.x_of(chosen.end if chosen.end is not None else view.frames)
    accent = tokens.current().accent
    area = QRect(left, MARKS, max(1, right - left), height - MARKS - FOOT)
    painter.fillRect(area, tokens.colour(accent, _VEIL))
    if chosen.first is not None:
        painter.fillRect(QRect(left, MARKS, 2, area.height()), tokens.colour(accent))
    if chosen.end is not None:
        painter.fillRect(QRect(right - 2, MARKS, 2, area.height()), tokens.colour(accent))


def mark(painter: QPainter, one: StripMark, view: StripView) -> None:
    """● a note, ◆ changes, ■ a marker; a range draws its length under the sign."""
    colour = mark_colour(one.kind)
    x, y = view.middle_of(one.frame), MARKS // 2
    if one.end is not None:
        end = view.x_of(one.end)
        painter.fillRect(QRect(x, MARKS - 2, max(2, end - x), 2), colour)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(tokens.colour(tokens.current().bg1), 1))
    painter.setBrush(colour)
    place = QRectF(x - _MARK, y - _MARK, 2 * _MARK, 2 * _MARK)
    if one.kind is MarkKind.NOTE:
        painter.drawEllipse(place)
    elif one.kind is MarkKind.MARKER:
        painter.drawRect(place)
    else:
        reach = _MARK + 1
        corners = ((x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y))
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    painter.restore()


def mark_colour(kind: MarkKind) -> QColor:
    """The colour that goes with a mark's shape."""
    look = tokens.current()
    names = {MarkKind.NOTE: look.info, MarkKind.CHANGES: look.bad, MarkKind.MARKER: look.ok}
    return tokens.colour(names[kind])


def playhead(painter: QPainter, frame: int, view: StripView, height: int = HEIGHT) -> None:
    """Where the picture is: one and a half pixels, over everything."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = Qt.GlobalColor.white if tokens.current().name == "dark" else Qt.GlobalColor.black
    painter.fillRect(QRectF(view.middle_of(frame) - 0.75, 2, 1.5, height - 4), colour)
    painter.restore()


def focus(painter: QPainter, rect: QRect) -> None:
    """The keyboard is here."""
    painter.setPen(QPen(tokens.colour(tokens.current().accent), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
