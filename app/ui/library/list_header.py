"""The heads of the clip list's columns: those the catalog sorts by answer the mouse, the others do not look as if."""

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHeaderView, QWidget
from typing_extensions import override

from app.ui.library.list_model import ClipTable


class ListHeader(QHeaderView):
    """Columns can be moved and made wider; some can be sorted by."""

    def __init__(self, table: ClipTable, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._table = table
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setStretchLastSection(True)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        # Qt lights up, presses and marks any column that can be clicked, sorted by or not.
        if isinstance(event, QMouseEvent):
            moving = (
                event.type() == QEvent.Type.MouseMove and event.buttons() != Qt.MouseButton.NoButton
            )
            if not moving and event.type() != QEvent.Type.MouseButtonRelease:
                self.setSectionsClickable(self.sorts(event.position().toPoint()))
        return super().viewportEvent(event)

    def sorts(self, point: QPoint) -> bool:
        """Whether the column at this point can be sorted by."""
        section = self.logicalIndexAt(point)
        return section >= 0 and bool(self._table.columns[section].sort)
