"""Where the words of a transcript stand: text laid out once a width, words found by place and by time."""

import dataclasses
import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetrics, QTextLayout, QTextLine, QTextOption

from app.core.model.entities import Clip, Segment, Word
from app.core.model.names import display
from app.core.post.subtitle_clock import Clock
from app.ui.theme.tokens import SPACE_L

SAMPLES: Final = 16_000
"""Times of a transcript are samples of this rate."""
MARGIN: Final = SPACE_L
GAP: Final = 7


@dataclasses.dataclass(frozen=True, slots=True)
class PlacedWord:
    """A spoken word as letters of its segment's text."""

    first: int
    end: int
    word: Word


@dataclasses.dataclass(slots=True)
class Block:
    """One segment on the page."""

    segment: Segment
    label: str
    text: str
    layout: QTextLayout
    words: tuple[PlacedWord, ...]
    top: int
    height: int
    head: int
    """Height of the line with timecode and speaker."""

    def word_near(self, point: QPointF) -> PlacedWord | None:
        """The word that a point of the text lies on, else the nearest of its line; None without words."""
        lines = [self.layout.lineAt(number) for number in range(self.layout.lineCount())]
        line = next((line for line in reversed(lines) if line.y() <= point.y()), None)
        if line is None:
            return None
        first, end = line.textStart(), line.textStart() + line.textLength()
        here = [w for w in self.words if w.first < end and w.end > first] or self.words
        letter = line.xToCursor(point.x(), QTextLine.CursorPosition.CursorOnCharacter)
        edge = line.xToCursor(point.x())
        on = next((w for w in here if w.first <= letter < w.end), None)
        return on or min(here, key=lambda w: max(w.first - edge, edge - w.end, 0), default=None)

    def word_said(self, sample: int) -> PlacedWord | None:
        """The word being said at this time: the last one that has begun."""
        begun = [w for w in self.words if w.word.start <= sample]
        return begun[-1] if begun and sample < max(begun[-1].word.end, self.segment.end) else None


def place(segment: Segment, text: str) -> tuple[PlacedWord, ...]:
    """Finds each spoken word in the text that is shown; a corrected text keeps the words it still holds."""
    placed: list[PlacedWord] = []
    here = 0
    for word in segment.words:
        letters = display(word.text.strip())
        found = text.find(letters, here) if letters else -1
        # A word that jumps far ahead is another one of the same letters.
        if found >= 0 and found - here <= 40:
            placed.append(PlacedWord(found, found + len(letters), word))
            here = found + len(letters)
    return tuple(placed)


def lay_out(
    clip: Clip,
    clock: Clock,
    segments: Sequence[Segment],
    width: int,
    font: QFont,
    head_font: QFont,
    known: Sequence[Block] = (),
) -> list[Block]:
    """The blocks of a transcript in a column of this width; `known` are those of an earlier part of it."""
    head = QFontMetrics(head_font).height() + 2
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    pairs = zip(known, segments, strict=False)
    blocks = [block for block, _ in itertools.takewhile(lambda p: p[0].segment == p[1], pairs)]
    top = blocks[-1].top + blocks[-1].height if blocks else GAP
    for segment in segments[len(blocks) :]:
        text = display(segment.text.strip())
        layout = QTextLayout(text, font)
        layout.setTextOption(option)
        height = _break_lines(layout, max(60, width - 2 * MARGIN))
        block = Block(
            segment,
            clip.label(clock.frame(segment.start)),
            text,
            layout,
            place(segment, text),
            top,
            GAP + head + height + GAP,
            head,
        )
        blocks.append(block)
        top += block.height
    return blocks


def _break_lines(layout: QTextLayout, width: int) -> int:
    layout.beginLayout()
    height = 0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += int(line.height()) + 2
    layout.endLayout()
    return height


def block_said(blocks: Sequence[Block], sample: int) -> int | None:
    """The block being said at this time; None before the first and in long pauses."""
    found = bisect_right(blocks, sample, key=lambda block: block.segment.start) - 1
    if found < 0 or sample >= blocks[found].segment.end + SAMPLES // 2:
        return None
    return found


def block_at(blocks: Sequence[Block], y: int) -> int | None:
    """The block at a height of the page."""
    found = bisect_right(blocks, y, key=lambda block: block.top) - 1
    return found if found >= 0 and y < blocks[found].top + blocks[found].height else None
