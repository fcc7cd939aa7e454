"""Lays a sheet out on pages and paints them into a PDF. Lengths are in tenths of a point.

First everything is measured and given its page, then painted: each page says how many there are. Pictures are decoded
when they are painted, so a long report needs little memory.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import QMarginsF, QPointF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
)

from app.core.ingest.report_sheet import Block, Column, Line, Sheet
from app.ui.reports.letters import Letters
from app.ui.reports.pieces import GAP, INK, POINT, Pictures, Piece, Row, Spaced, ToSign, Words
from app.ui.widgets.wording import fill

_MARGIN: Final = 36 * POINT
_BAND: Final = 22 * POINT
"""At the top of each page, and at its foot."""
_ROOM_TO_SIGN: Final = 40 * POINT
_LABEL: Final = 25
"""Hundredths of the width, for the labels of facts."""
_FAMILIES: Final = ("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans")
_SIZES: Final = {"title": 17, "heading": 11, "text": 9, "cell": 8, "code": 7, "foot": 7}
_SIZE_IDS: Final = {"A4": QPageSize.PageSizeId.A4, "Letter": QPageSize.PageSizeId.Letter}


def paint(sheet: Sheet, out: str) -> tuple[int, int]:
    """Writes the PDF to `out`; returns (pages, how many different letters were replaced by their numbers)."""
    writer = QPdfWriter(out)
    writer.setTitle(sheet.title)
    writer.setCreator("Rushes")
    writer.setResolution(72 * POINT)
    size = QPageSize(_SIZE_IDS[sheet.paper])
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    press = _Press(writer, sheet)
    pages = press.run()
    return pages, press.letters.replaced


class _Press:
    """One report on its way to paper."""

    def __init__(self, writer: QPdfWriter, sheet: Sheet) -> None:
        self._writer, self._sheet = writer, sheet
        whole = writer.pageLayout().fullRectPoints().size()
        self._page = QSizeF(whole.width() * POINT, whole.height() * POINT)
        self._wide = self._page.width() - 2 * _MARGIN
        self._fonts = {name: _font(name) for name in _SIZES}
        self.letters = Letters(self._fonts["text"])

    def run(self) -> int:
        """Measures, deals out to pages, paints; returns how many pages."""
        pieces = list(self._pieces())
        if self.letters.replaced:
            told = fill(self._sheet.unknown, self.letters.replaced)
            pieces.append(Spaced(self._words(told, "text", self._wide, "quiet"), 2 * GAP, 0))
        pages = list(self._dealt(pieces))
        painter = QPainter(self._writer)
        try:
            for number, mine in enumerate(pages, 1):
                if number > 1:
                    self._writer.newPage()
                self._paint_page(painter, mine, number, len(pages))
        finally:
            painter.end()
        return len(pages)

    def _pieces(self) -> Iterator[Piece]:
        yield self._words(self._sheet.title, "title", self._wide)
        if self._sheet.under:
            yield Spaced(self._words(self._sheet.under, "text", self._wide, "quiet"), 0, GAP)
        for block in self._sheet.blocks:
            yield from self._of_block(block)

    def _of_block(self, block: Block) -> Iterator[Piece]:
        match block.kind:
            case "heading":
                words = self._words(block.text, "heading", self._wide)
                yield Spaced(words, 4 * GAP, GAP, keep=True)
            case "text":
                yield Spaced(self._words(block.text, "text", self._wide, block.tone), 0, GAP)
            case "facts":
                widths = (self._wide * _LABEL / 100, self._wide * (100 - _LABEL) / 100)
                for line in block.lines:
                    yield Row([
                        self._words(line.cells[0], "cell", widths[0] - 2 * GAP, "quiet"),
                        self._words(line.cells[1], "cell", widths[1] - 2 * GAP, line.tone),
                    ], widths)  # fmt: skip
            case "table":
                yield from self._table(block)
            case "signatures":
                for line in block.lines:
                    who = self._words(line.cells[0], "text", self._wide)
                    what = self._words(block.text, "foot", self._wide, "quiet")
                    yield ToSign(who, what, self._wide, _ROOM_TO_SIGN)

    def _table(self, block: Block) -> Iterator[Piece]:
        shares = sum(column.share for column in block.columns)
        widths = [self._wide * column.share / shares for column in block.columns]
        titles = [
            self._words(one.title, "cell", wide - 2 * GAP, "quiet", right=one.style == "number")
            for one, wide in zip(block.columns, widths, strict=True)
        ]
        head = _Head(titles, widths)
        across = max((len(line.pictures) for line in block.lines), default=0) or 1
        yield head
        for line in block.lines:
            cells = [
                self._cell(column, text, line, wide - 2 * GAP, across)
                for column, text, wide in zip(block.columns, line.cells, widths, strict=True)
            ]
            yield Row(cells, widths, tone=line.tone, head=head)

    def _cell(self, column: Column, text: str, line: Line, wide: float, across: int) -> Piece:
        if column.style == "pictures":
            said = self._words(text, "foot", wide, "quiet") if text else None
            return Pictures(line.pictures, said, wide, across)
        name = "code" if column.style == "code" else "cell"
        return self._words(text, name, wide, line.tone, right=column.style == "number")

    def _words(
        self, text: str, name: str, wide: float, tone: str = "", *, right: bool = False
    ) -> Words:
        shown = self.letters.shown(text)
        return Words(shown, self._fonts[name], wide, self._writer, tone=tone, right=right)

    def _dealt(self, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
        """The pieces of each page, the head of a table again where it goes on."""
        room = self._page.height() - 2 * _MARGIN - 2 * _BAND
        page: list[Piece] = []
        used = 0.0
        for place, one in enumerate(pieces):
            need = one.high
            follow = place
            while pieces[follow].keep and follow + 1 < len(pieces):
                follow += 1
                need += pieces[follow].high
            if page and used + need > room:
                yield page
                page, used = ([one.repeated], one.repeated.high) if one.repeated else ([], 0.0)
            page.append(one)
            used += one.high
        yield page

    def _paint_page(self, painter: QPainter, pieces: Sequence[Piece], number: int, of: int) -> None:
        top = self._page.height() - _MARGIN
        self._words(self._sheet.footer, "foot", self._wide, "quiet").paint(painter, _MARGIN, top)
        page = fill(self._sheet.page, number, of)
        self._words(page, "foot", self._wide, "quiet", right=True).paint(painter, _MARGIN, top)
        running = self._words(self._sheet.running, "foot", self._wide, "quiet")
        running.paint(painter, _MARGIN, _MARGIN)
        painter.setPen(QPen(QColor(INK), POINT / 2))
        line = _MARGIN + _BAND - GAP * 2
        painter.drawLine(QPointF(_MARGIN, line), QPointF(_MARGIN + self._wide, line))
        at: float = _MARGIN + _BAND
        for one in pieces:
            one.paint(painter, _MARGIN, at)
            at += one.high


class _Head(Row):
    """The titles of a table's columns: never alone at the end of a page."""

    keep = True


def _font(name: str) -> QFont:
    if name == "code":
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    else:
        font = QFont()
        font.setFamilies(list(_FAMILIES))
    font.setPixelSize(_SIZES[name] * POINT)
    # Forms that depend on their neighbours have no letter of their own: dates could not be found or copied in the PDF.
    font.setFeature(QFont.Tag("calt"), 0)
    font.setBold(name in ("title", "heading"))
    return font
