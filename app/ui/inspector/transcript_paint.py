"""How a segment of the transcript is drawn: timecode, speaker, words with their marks."""

import dataclasses
from typing import Final

from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout

from app.core.model.names import display
from app.ui.inspector import transcript_layout as places
from app.ui.inspector.transcript_layout import Block, PlacedWord
from app.ui.theme import tokens
from app.ui.widgets.wording import translate

DOUBTFUL: Final = 600
"""Words heard with less confidence (of 1000) are underlined."""
_MOST_MARKS: Final = 40


@dataclasses.dataclass(frozen=True, slots=True)
class BlockLook:
    """How one segment stands in the view."""

    said: bool
    chosen: bool
    word: PlacedWord | None
    """The word being said."""
    matches: tuple[str, ...]
    """What was searched for, case-folded."""


def paint_block(painter: QPainter, block: Block, top: int, width: int, look: BlockLook) -> None:
    """Draws one segment at a height of the view."""
    t = tokens.current()
    if look.said:
        painter.fillRect(QRect(0, top, width, block.height), tokens.colour(t.bg2))
        painter.fillRect(QRect(0, top, 2, block.height), tokens.colour(t.accent))
    elif look.chosen:
        painter.setPen(tokens.colour(t.accent))
        painter.drawRect(QRect(0, top, width - 1, block.height - 1))
    painter.setPen(tokens.colour(t.text2))
    painter.setFont(tokens.mono(tokens.CAPS_PX))
    metrics = painter.fontMetrics()
    base = top + 7 + metrics.ascent()
    painter.drawText(places.MARGIN, base, block.label)
    left = places.MARGIN + metrics.horizontalAdvance(block.label) + tokens.SPACE_S
    painter.setFont(tokens.sans(tokens.CAPS_PX))
    corrected = translate("Transcript", "corrected") if block.segment.corrected else ""
    marks = [part for part in (display(block.segment.speaker or ""), corrected) if part]
    painter.drawText(left, base, " · ".join(marks))
    painter.setPen(tokens.colour(t.text))
    place = QPointF(places.MARGIN, top + 7 + block.head)
    block.layout.draw(painter, place, formats(block, look))


def formats(block: Block, look: BlockLook) -> list[QTextLayout.FormatRange]:
    """The marks of a segment: what was searched for, what is doubtful, what is being said."""
    t = tokens.current()
    ranges = [
        _range(first, end, background=t.accent_dim)
        for first, end in found(block.text, look.matches)
    ]
    ranges.extend(
        _range(placed.first, placed.end, underline=t.warn)
        for placed in block.words
        if placed.word.permille < DOUBTFUL
    )
    if look.word is not None:
        ranges.append(_range(look.word.first, look.word.end, background=t.accent_mark))
    return ranges


def found(text: str, matches: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where case-folded words stand in a text, as letters."""
    folded = text.casefold()
    if len(folded) != len(text):
        # Some letters fold into two: places would be wrong, and no mark is better than a wrong one.
        return []
    places_found: list[tuple[int, int]] = []
    for word in matches:
        here = folded.find(word)
        while here >= 0 and len(places_found) < _MOST_MARKS:
            places_found.append((here, here + len(word)))
            here = folded.find(word, here + len(word))
    return places_found


def _range(
    first: int, end: int, *, background: str = "", underline: str = ""
) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length = first, end - first
    style = QTextCharFormat()
    if background:
        style.setBackground(tokens.colour(background))
    if underline:
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        style.setUnderlineColor(tokens.colour(underline))
    made.format = style
    return made
