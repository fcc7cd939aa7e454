"""The bar on top: project, the five pages, the search field that is always there, work in hand."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from app.core.model.names import display
from app.ui.theme import icons, style, tokens
from app.ui.widgets.controls import button, icon_button, menu_item, safe
from app.ui.widgets.panels import box
from app.ui.widgets.timers import single_shot
from app.ui.widgets.words import label, tip

if TYPE_CHECKING:
    from app.core.model.entities import Project

PAGES: Final = ("plan", "ingest", "library", "review", "deliver")
_TYPING_MS: Final = 120
_LONGEST_NAME: Final = 24
_SHORT_NAME: Final = 10
_ROOMY: Final = 1000
"""Below so many pixels the name of the program goes, and the project and the work in hand are said shortly."""
_LEAST: Final = 760
"""Pixels in which everything has room then."""


class Header(QFrame):
    """The window's upper bar."""

    page_chosen = Signal(str)
    project_chosen = Signal(str)
    new_project_wanted = Signal()
    person_wanted = Signal()
    activity_wanted = Signal()

    def __init__(self, menu: QMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        style.set_look(self, "bar")
        self.setFixedHeight(tokens.HEADER)
        self.setMinimumWidth(_LEAST)
        self.search = SearchField()
        self.work = WorkIndicator()
        self.work.clicked.connect(self.activity_wanted)
        self._projects: Sequence[Project] = ()
        self._current = ""
        self._name = ""
        self._project = button("", self._open_projects, icon="chevron-down")
        self._project.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self._project.hide()
        self._menu = menu
        self._more = icon_button("more", self.tr("Menu"), self.open_menu, key="F10")
        self._pages: Mapping[str, QPushButton] = self._page_buttons()
        self.setLayout(self._row())

    def _row(self) -> QBoxLayout:
        mark = label("▮", "accent", font=tokens.sans(weight=QFont.Weight.Bold))
        brand = self._brand = label("Rushes", font=tokens.sans(weight=QFont.Weight.DemiBold))
        pages = box(*self._pages.values(), across=True, gap=2)
        row = box(mark, brand, self._project, pages, across=True, gap=tokens.SPACE_S)
        row.setContentsMargins(tokens.SPACE_L, 0, tokens.SPACE_S, 0)
        row.insertSpacing(3, tokens.SPACE_L)
        row.addStretch(1)
        row.addWidget(self.search, 6)
        row.addWidget(self.work)
        row.addWidget(self._more)
        return row

    def _page_buttons(self) -> dict[str, QPushButton]:
        titles = {
            "plan": self.tr("Plan"),
            "ingest": self.tr("Ingest"),
            "library": self.tr("Library"),
            "review": self.tr("Review"),
            "deliver": self.tr("Deliver"),
        }
        made: dict[str, QPushButton] = {}
        for number, name in enumerate(PAGES, 1):
            one = button(
                titles[name],
                lambda name=name: self.page_chosen.emit(name),
                look="nav",
                hint=titles[name],
                key=f"Ctrl+{number}",
            )
            one.setCheckable(True)
            made[name] = one
        return made

    def show_page(self, name: str) -> None:
        """Marks the page that is shown."""
        for page, one in self._pages.items():
            one.setChecked(page == name)

    def show_projects(self, projects: Sequence["Project"], current: str) -> None:
        """The projects there are, and the one in hand."""
        self._projects, self._current = projects, current
        name = next((p.name for p in projects if p.id == current), "")
        shown = display(name)
        self._name = shown
        self._fit()
        self._project.setVisible(bool(name))
        self._project.setAccessibleName(f"{self.tr('Project')}: {shown}")
        tip(self._project, f"{self.tr('Project')}: {shown}")

    def _fit(self) -> None:
        roomy = self.width() >= _ROOMY
        most = _LONGEST_NAME if roomy else _SHORT_NAME
        short = self._name if len(self._name) <= most else f"{self._name[: most - 1]}…"
        self._project.setText(safe(short))
        self._brand.setVisible(roomy)
        self.work.set_short(short=not roomy)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def open_menu(self) -> None:
        """Opens the program's menu under its button."""
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _open_projects(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for project in self._projects:
            entry = menu_item(
                menu, project.name, lambda chosen=project.id: self.project_chosen.emit(chosen)
            )
            entry.setCheckable(True)
            entry.setChecked(project.id == self._current)
        menu.addSeparator()
        menu_item(menu, self.tr("New project …"), self.new_project_wanted.emit)
        menu_item(menu, self.tr("Who is at this desk …"), self.person_wanted.emit)
        menu.popup(self._project.mapToGlobal(self._project.rect().bottomLeft()))


class SearchField(QLineEdit):
    """Search as it is typed; Escape empties it, Enter or Down goes on to what was found."""

    searched = Signal(str)
    left_downwards = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(self.tr("Search dialogue, notes, tags, cam:A rating>=3 …"))
        self.setAccessibleName(self.tr("Search"))
        self.setMaxLength(2_000)
        empty = QAction(icons.icon("close"), self.tr("Clear the search"), self)
        empty.triggered.connect(self.clear)
        self.textChanged.connect(lambda: empty.setVisible(bool(self.text())))
        self.addAction(empty, QLineEdit.ActionPosition.TrailingPosition)
        empty.setVisible(False)
        self.setMinimumWidth(120)
        self.setMaximumWidth(560)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        tip(
            self,
            self.tr(
                "Words, “phrases”, prefix*, -not, cam:A rating>=3 fps:25 state:offline scene:12"
            ),
            "Ctrl+F, /",
        )
        self._said = ""
        self._typing = single_shot(self, _TYPING_MS, self._say)
        self.textChanged.connect(self._typing.start)

    def take_over(self, text: str) -> None:
        """Shows a search that was asked for elsewhere, and runs it at once."""
        self.setText(text)
        self._say()

    def _say(self) -> None:
        self._typing.stop()
        if self.text() != self._said:
            self._said = self.text()
            self.searched.emit(self._said)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
                self._say()
            else:
                self.left_downwards.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self._say()
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)


class WorkIndicator(QAbstractButton):
    """How much is in work and when it will be ready: a ring, a count, a time of day."""

    def __init__(self) -> None:
        super().__init__()
        self._words: str = ""
        self._ready: str = ""
        self._permille: int | None = None
        self._alarm: bool = False
        self._short: bool = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.show_work(0, "", None, paused=False, failed=0)

    def show_work(
        self, count: int, ready: str, permille: int | None, *, paused: bool, failed: int
    ) -> None:
        """Shows so many things in work, the time they will be ready by ("" unknown), and how far they are."""
        if paused:
            words = self.tr("paused")
        elif count:
            words = self.tr("%Ln in work", "", count)
        else:
            words = self.tr("nothing to do") if not failed else ""
        if failed:
            words = ", ".join(part for part in (words, self.tr("%Ln failed", "", failed)) if part)
        until = self.tr("ready {0}").replace("{0}", ready) if ready and not paused else ""
        shown = (words, until, permille if count else None, failed > 0)
        if shown == (self._words, self._ready, self._permille, self._alarm):
            return
        self._words, self._ready, self._permille, self._alarm = shown
        self.setAccessibleName(" ".join(part for part in (words, until) if part))
        told = ", ".join(part for part in (words, until) if part)
        what = self.tr("Work in hand, what failed and why")
        tip(self, f"{what}: {told}" if told else what, "Ctrl+J")
        self.updateGeometry()
        self.update()

    def set_short(self, *, short: bool) -> None:
        """Whether it is only the ring; its words are in its tip then."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    @override
    def sizeHint(self) -> QSize:
        if self._short:
            return QSize(28, 28)
        metrics = self.fontMetrics()
        width = 16 + 2 * tokens.SPACE_S + metrics.horizontalAdvance(self._words)
        if self._ready:
            width += metrics.horizontalAdvance(self._ready) + tokens.SPACE_S
        return QSize(width + 4, 28)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        t = tokens.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ring(painter)
        if not self._short:
            self._paint_told(painter)
        if self.hasFocus():
            painter.setPen(QPen(tokens.colour(t.accent), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _paint_told(self, painter: QPainter) -> None:
        t = tokens.current()
        left = 16 + tokens.SPACE_S + 2
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(tokens.colour(t.warn if self._alarm else t.text))
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), middle, self._words)
        left += self.fontMetrics().horizontalAdvance(self._words) + tokens.SPACE_S
        painter.setPen(tokens.colour(t.text2))
        painter.drawText(self.rect().adjusted(left, 0, 0, 0), middle, self._ready)

    def _paint_ring(self, painter: QPainter) -> None:
        t = tokens.current()
        ring = QRectF(2, self.height() / 2 - 7, 14, 14)
        if self._alarm:
            ratio = self.devicePixelRatioF()
            mark = icons.pixmap("warn", int(14 * ratio), t.warn)
            painter.drawPixmap(ring.toRect(), mark)
            return
        painter.setPen(QPen(tokens.colour(t.line), 2.5))
        painter.drawEllipse(ring.adjusted(1, 1, -1, -1))
        if self._permille is not None:
            painter.setPen(QPen(tokens.colour(t.text), 2.5))
            span = -16 * 360 * max(40, self._permille) // 1000
            painter.drawArc(ring.adjusted(1, 1, -1, -1), 90 * 16, span)
