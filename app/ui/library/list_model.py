"""The rows of the clip list: a thin table over the `ClipSet`. Cells answer from memory or stay empty."""

import dataclasses
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from typing_extensions import override

from app.core.model.entities import ClipCard
from app.core.model.names import display
from app.ui.library import cells
from app.ui.library.clips import ClipSet
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
_DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
_FONT: Final = int(Qt.ItemDataRole.FontRole)
_COLOUR: Final = int(Qt.ItemDataRole.ForegroundRole)


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column of the list."""

    key: str
    title: str
    width: int
    text: Callable[[ClipCard], str]
    sort: str = ""
    """What the catalog sorts by; "" where it cannot."""
    mono: bool = False


def columns() -> list[Column]:
    """All columns, in their first order."""
    return [
        Column("start", translate("List", "Start"), 110, lambda c: c.start, "timecode", mono=True),
        Column("duration", translate("List", "Duration"), 80, _duration, "duration", mono=True),
        Column("name", translate("List", "Clip"), 230, lambda c: display(c.name), "name"),
        Column("reel", translate("List", "Reel"), 104, lambda c: display(c.reel or "")),
        Column("rate", translate("List", "Rate"), 84, lambda c: wording.rate(c.rate)),
        Column("scene", translate("List", "Scene"), 72, lambda c: display(c.scene or "")),
        Column("take", translate("List", "Take"), 72, lambda c: display(c.take or "")),
        Column("circled", translate("List", "Circled"), 72, lambda c: "○" if c.circled else ""),
        Column("rating", translate("List", "Rating"), 100, lambda c: wording.stars(c.rating)),
        Column("decision", translate("List", "Decision"), 116, _decision),
        Column("notes", translate("List", "Notes"), 56, lambda c: str(c.open_notes or "")),
        Column("state", translate("List", "State"), 140, _state, "state"),
        Column("codec", translate("List", "Codec"), 90, lambda c: c.codec or ""),
        Column("size", translate("List", "Picture"), 116, _picture),
        Column(
            "camera", translate("List", "Camera"), 70, lambda c: display(c.camera or ""), "camera"
        ),
        Column("recorded", translate("List", "Recorded"), 140, _recorded, "recorded"),
        Column("folder", translate("List", "Folder"), 200, lambda c: display(c.folder)),
    ]


def _duration(card: ClipCard) -> str:
    return wording.duration(card.duration_ms) if card.duration_ms else ""


def _decision(card: ClipCard) -> str:
    if card.approved:
        return "✓ " + translate("List", "approved")
    if card.disputed:
        return "▲ " + translate("List", "disputed")
    if card.changes_asked:
        return "◆ " + translate("List", "changes")
    return "✕ " + translate("List", "rejected") if card.rejected else ""


def _state(card: ClipCard) -> str:
    if card.state in cells.STATE_MARKS:
        mark, _, word = cells.state_words(card.state, card.arriving)
    else:
        mark, word = "", cells.state_word(card.state)
    flaws = [f"{mark} {word}" for mark, _, word in cells.flaws(card)]
    return " · ".join((f"{mark} {word}".strip(), *flaws))


def _picture(card: ClipCard) -> str:
    return f"{card.width} × {card.height}" if card.width and card.height else ""


def _recorded(card: ClipCard) -> str:
    return (card.recorded_at or "")[:16].replace("T", " ")


class ClipTable(QAbstractTableModel):
    """The `ClipSet` as a table."""

    def __init__(self, clips: ClipSet, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clips = clips
        self.columns = columns()
        self._rows = len(clips)
        self._mono = tokens.mono()
        self._faint = tokens.colour(tokens.current().text2)
        clips.reset.connect(self._reset)

    def restyle(self) -> None:
        """After a change of theme."""
        self._faint = tokens.colour(tokens.current().text2)

    def _reset(self) -> None:
        self.beginResetModel()
        self._rows = len(self.clips)
        self.endResetModel()

    @override
    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._rows

    @override
    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    @override
    def data(self, index: AnyIndex, role: int = _DISPLAY) -> Any:
        # Each cell is asked for about eight roles a paint: the three we answer are told apart first.
        if role == _DISPLAY:
            card = self.clips.card(index.row())
            return "" if card is None else self.columns[index.column()].text(card)
        if role == _FONT:
            return self._mono if self.columns[index.column()].mono else None
        if role == _COLOUR:
            card = self.clips.card(index.row())
            offline = card is not None and card.state in cells.STATE_MARKS
            return self._faint if offline or self.columns[index.column()].key != "name" else None
        if role == int(Qt.ItemDataRole.AccessibleTextRole) and index.column() == 2:
            card = self.clips.card(index.row())
            return cells.spoken(card) if card else ""
        return None

    @override
    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == int(Qt.ItemDataRole.ToolTipRole) and column.sort:
            return plain_tip(fill(translate("List", "Sort by {0}"), column.title))
        if role == int(Qt.ItemDataRole.TextAlignmentRole):
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None
