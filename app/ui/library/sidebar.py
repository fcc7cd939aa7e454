"""The sidebar: where to look. Volumes with their lights, folders, bins, smart bins, each with its count."""

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)
from typing_extensions import override

from app.core.catalog.places import Place
from app.ui.library.sidebar_rows import Node
from app.ui.shell.statusbar import paint_light
from app.ui.theme import icons, tokens
from app.ui.widgets.mime import CLIPS_MIME
from app.ui.widgets.words import elided, plain_tip

_NODE: Final = int(Qt.ItemDataRole.UserRole) + 1
_ALL: Final = "all::"
_ROW: Final = 28
_HEAD: Final = 34
AnyIndex = QModelIndex | QPersistentModelIndex


class Sidebar(QTreeView):
    """The places of the library."""

    place_chosen = Signal(object)
    """A `Node`."""
    menu_asked = Signal(object, QPoint)
    """A `Node` (or None) and where on the screen."""
    clips_dropped = Signal(str, object)
    """Bin id, list of rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_SidebarDelegate(self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(14)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAcceptDrops(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.setAccessibleName(self.tr("Places"))
        self.setMinimumWidth(140)
        self._open: set[str] = set()
        self._closed: set[str] = set()
        self._shown: list[Node] = []
        self.selectionModel().currentChanged.connect(self._chosen)
        self.clicked.connect(self._clicked)
        self.expanded.connect(self._opened)
        self.collapsed.connect(self._shut)

    def show_nodes(self, sections: Sequence[Node]) -> None:
        """Lists these; what was open and chosen stays so. Where the chosen line is gone, all clips are."""
        if list(sections) == self._shown:
            return
        self._shown = list(sections)
        chosen = self.current_node()
        blocked = self.selectionModel().blockSignals(True)
        self._model.clear()
        for section in sections:
            self._model.appendRow(self._item(section))
        for index in self._indexes():
            node = node_of(index)
            self.setExpanded(index, self._is_open(node))
        self.selectionModel().blockSignals(blocked)
        if chosen is None:
            self.choose(_ALL)
        elif not self.choose(chosen.key):
            self.choose(_ALL)
            self._chosen(self.currentIndex())

    def choose(self, key: str) -> bool:
        """Makes the line of this key the chosen one, and announces nothing; False where there is none."""
        for index in self._indexes():
            if node_of(index).key == key:
                blocked = self.selectionModel().blockSignals(True)
                self.setCurrentIndex(index)
                self.selectionModel().blockSignals(blocked)
                self.viewport().update()
                return True
        return False

    def current_node(self) -> Node | None:
        """The chosen line."""
        index = self.currentIndex()
        return node_of(index) if index.isValid() else None

    def _item(self, node: Node) -> QStandardItem:
        item = QStandardItem(node.title)
        item.setData(node, _NODE)
        words = f"{node.title}, {node.count}" if node.count else node.title
        item.setData(words, Qt.ItemDataRole.AccessibleTextRole)
        item.setToolTip(plain_tip(node.query or node.hint or node.title))
        if node.place is None:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for child in node.children:
            item.appendRow(self._item(child))
        return item

    def _indexes(self) -> Iterable[QModelIndex]:
        waiting = [self._model.index(row, 0) for row in range(self._model.rowCount())]
        while waiting:
            index = waiting.pop(0)
            yield index
            waiting[:0] = [
                self._model.index(row, 0, index) for row in range(self._model.rowCount(index))
            ]

    def _is_open(self, node: Node) -> bool:
        if node.key in self._closed:
            return False
        return node.place is None or node.key in self._open

    def _opened(self, index: QModelIndex) -> None:
        self._open.add(node_of(index).key)
        self._closed.discard(node_of(index).key)

    def _shut(self, index: QModelIndex) -> None:
        self._closed.add(node_of(index).key)
        self._open.discard(node_of(index).key)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid() and node_of(index).place is not None:
            self.place_chosen.emit(node_of(index))

    def _clicked(self, index: QModelIndex) -> None:
        if self._model.rowCount(index):
            left = self.visualRect(index).left()
            pointer = self.viewport().mapFromGlobal(self.cursor().pos()).x()
            if node_of(index).place is None or pointer < left + 16:
                self.setExpanded(index, not self.isExpanded(index))

    def _ask_menu(self, point: QPoint) -> None:
        index = self.indexAt(point)
        node = node_of(index) if index.isValid() else None
        self.menu_asked.emit(node, self.viewport().mapToGlobal(point))

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(CLIPS_MIME):
            event.acceptProposedAction()

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._bin_at(event.position().toPoint(), event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        bin_id = self._bin_at(event.position().toPoint(), event.mimeData())
        if bin_id:
            text = bytes(event.mimeData().data(CLIPS_MIME).data()).decode()
            event.acceptProposedAction()
            self.clips_dropped.emit(bin_id, [int(row) for row in text.split()])

    def _bin_at(self, point: QPoint, mime: QMimeData) -> str:
        index = self.indexAt(point)
        if not index.isValid() or not mime.hasFormat(CLIPS_MIME):
            return ""
        node = node_of(index)
        is_bin = node.place is not None and node.place.kind == "bin" and node.query is None
        return node.place.id if is_bin and node.place else ""


def node_of(index: AnyIndex) -> Node:
    """The line behind an index."""
    node = index.data(_NODE)
    return node if isinstance(node, Node) else Node("", Place())


class _SidebarDelegate(QStyledItemDelegate):
    """Draws a line: head of a section, or light, title and count."""

    @override
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(80, _HEAD if node_of(index).place is None else _ROW)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        node = node_of(index)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if node.place is None:
            _paint_head(painter, rect, node.title)
        else:
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            opened = bool(state & QStyle.StateFlag.State_Open)
            hovered = bool(state & QStyle.StateFlag.State_MouseOver)
            _paint_ground(painter, rect, chosen=chosen, hovered=hovered)
            _paint_line(painter, rect, node, opened=opened)
        painter.restore()


def _paint_head(painter: QPainter, rect: QRect, title: str) -> None:
    painter.setFont(tokens.caps())
    painter.setPen(tokens.colour(tokens.current().text2))
    room = QRect(tokens.SPACE_L, rect.top() + 8, rect.right() - tokens.SPACE_L, rect.height() - 8)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, title)


def _paint_ground(painter: QPainter, rect: QRect, *, chosen: bool, hovered: bool) -> None:
    t = tokens.current()
    whole = QRect(0, rect.top(), rect.right() + 1, rect.height())
    if chosen:
        painter.fillRect(whole, tokens.colour(t.accent_dim))
        painter.fillRect(QRect(0, rect.top(), 2, rect.height()), tokens.colour(t.accent))
    elif hovered:
        painter.fillRect(whole, tokens.colour(t.bg2))


def _paint_line(painter: QPainter, rect: QRect, node: Node, *, opened: bool) -> None:
    t = tokens.current()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    left, right = rect.left() + 2, rect.right() - tokens.SPACE_M
    faded = node.light is False
    if node.light is not None:
        paint_light(painter, QPointF(left + 6, rect.center().y() + 0.5), online=node.light)
        left += 18
    elif node.children:
        ratio = painter.device().devicePixelRatio()
        mark = icons.pixmap("chevron-down" if opened else "chevron-right", int(12 * ratio), t.text2)
        painter.drawPixmap(QRect(left - 2, rect.center().y() - 6, 12, 12), mark)
        left += 14
    middle = Qt.AlignmentFlag.AlignVCenter
    painter.setFont(tokens.sans(tokens.SMALL_PX))
    metrics = painter.fontMetrics()
    painter.setPen(tokens.colour(t.text2))
    painter.drawText(
        QRect(left, rect.top(), right - left, rect.height()),
        middle | Qt.AlignmentFlag.AlignRight,
        node.count,
    )
    right -= metrics.horizontalAdvance(node.count) + tokens.SPACE_S
    painter.setFont(tokens.sans())
    painter.setPen(tokens.colour(t.text2 if faded else t.text))
    words = elided(node.title, painter.fontMetrics(), right - left)
    painter.drawText(QRect(left, rect.top(), right - left, rect.height()), middle, words)
