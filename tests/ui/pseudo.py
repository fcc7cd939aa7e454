"""A made-up language for the window's tests: every translated text is longer and has no plain letter left.

What still has plain letters on the screen was not translated, or is data. Texts are taken where people and screen readers
meet them: on widgets, in menus and tables, in tool tips and accessible names, and where they are painted.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, QTranslator
from PySide6.QtGui import QAction, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
    QTabBar,
    QTextEdit,
    QWidget,
)

from app.ui.widgets import core_words

PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
OTHER = "áбçďéƒģĥíĵķļмñóþqŕśťúνŵхýžÁБÇĎÉƑĢĤÍĴĶĻМÑÓÞQŔŚŤÚΝŴХÝŽ"
_LETTERS = str.maketrans(PLAIN, OTHER)
_PIECES = re.compile(r"\{\w+\}|%L?n|%\d|<[^>]*>|&\w+;")
"""What in a text is no word: places for values, and markup."""
_ROWS = 40
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)


def pseudo(source: str) -> str:
    """A text in the made-up language: other letters, and three tenths longer."""
    rest, at = "", 0
    for piece in _PIECES.finditer(source):
        rest += source[at : piece.start()].translate(_LETTERS) + piece[0]
        at = piece.end()
    rest += source[at:].translate(_LETTERS)
    return f"⟦{rest}{'·' * (len(source) * 3 // 10)}⟧"


class Pseudo(QTranslator):
    """The made-up language."""

    def isEmpty(self) -> bool:  # noqa: N802 - the name Qt calls
        return False

    def translate(
        self, _context: str, source: str, _comment: str | None = None, _n: int = -1
    ) -> str:
        return pseudo(source)


@contextmanager
def spoken(app: QApplication) -> Iterator[None]:
    """The whole program in the made-up language."""
    made = Pseudo(app)
    app.installTranslator(made)
    core_words.speak(foreign=True)
    try:
        yield
    finally:
        core_words.speak(foreign=False)
        app.removeTranslator(made)


@contextmanager
def painted() -> Iterator[set[tuple[str, str]]]:
    """What is painted by ourselves, not by a widget of Qt; whole, also where it was cut to fit."""
    found: set[tuple[str, str]] = set()
    cut: set[str] = set()
    draw: Callable[..., Any] = QPainter.drawText
    fit: Callable[..., str] = QFontMetrics.elidedText

    def fitted(metrics: QFontMetrics, text: str, *args: Any) -> str:
        made = fit(metrics, text, *args)
        if made != text:
            found.add(("painted", text))
            cut.add(made)
        return made

    def drawn(painter: QPainter, *args: Any) -> Any:
        texts = [arg for arg in args if isinstance(arg, str)]
        found.update(
            ("painted", text) for text in texts if not any(c in text for c in cut if len(c) > 2)
        )
        return draw(painter, *args)

    QPainter.drawText = drawn  # type: ignore[method-assign]
    QFontMetrics.elidedText = fitted  # type: ignore[method-assign]
    try:
        yield found
    finally:
        QPainter.drawText = draw  # type: ignore[method-assign]
        QFontMetrics.elidedText = fit  # type: ignore[method-assign]


def texts(root: QWidget) -> Iterator[tuple[str, str]]:
    """Every text of a window and all it holds, shown or not, with where it stands."""
    for widget in (root, *root.findChildren(QWidget)):
        where = f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for what, text in _own(widget):
            if text:
                yield (f"{what} of {where}".removeprefix(" of "), text)


def _own(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tip", widget.toolTip()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    yield "status tip", widget.statusTip()
    yield "title", widget.windowTitle()
    for action in widget.actions():
        yield from _of_action(action)
    yield from _by_kind(widget)
    if isinstance(widget, QAbstractItemView):
        yield from _of_model(widget)


def _by_kind(widget: QWidget) -> Iterator[tuple[str, str]]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield "", widget.text()
    elif isinstance(widget, QLineEdit):
        # What a field holds is somebody's own words; what it asks for is ours.
        yield "placeholder", widget.placeholderText()
    elif isinstance(widget, QPlainTextEdit | QTextEdit):
        yield "placeholder", widget.placeholderText()
        yield "", widget.toPlainText() if widget.isReadOnly() else ""
    elif isinstance(widget, QComboBox):
        yield from (("entry", widget.itemText(n)) for n in range(widget.count()))
    elif isinstance(widget, QTabBar):
        yield from (("tab", widget.tabText(n)) for n in range(widget.count()))
    elif isinstance(widget, QGroupBox | QMenu):
        yield "title", widget.title()
    elif isinstance(widget, QSpinBox):
        yield "suffix", widget.prefix() + widget.suffix() + widget.specialValueText()
    elif isinstance(widget, QProgressBar):
        yield "", widget.text() if widget.isTextVisible() else ""


def _of_action(action: QAction) -> Iterator[tuple[str, str]]:
    # Behind the tabulator stands the key.
    yield "action", action.text().split("\t")[0]
    yield "tip of action", "" if action.toolTip() == action.text() else action.toolTip()


def _of_model(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model = view.model()
    if model is None:
        return
    flat = isinstance(model, QAbstractListModel)
    columns = range(1 if flat else model.columnCount(QModelIndex()))
    for role in _ROLES:
        for n in columns:
            yield "head", str(model.headerData(n, Qt.Orientation.Horizontal, role) or "")
    indexes = [
        model.index(r, c, QModelIndex())
        for r in range(min(_ROWS, model.rowCount(QModelIndex())))
        for c in columns
    ]
    while indexes:
        index = indexes.pop()
        for role in _ROLES:
            yield "cell", str(model.data(index, role) or "")
        below: QModelIndex = index
        indexes += [model.index(r, 0, below) for r in range(min(_ROWS, model.rowCount(below)))]


def cut_off(root: QWidget) -> Iterator[tuple[str, str]]:
    """Words of buttons and of labels on one line that do not fit where they stand."""
    for widget in (*root.findChildren(QLabel), *root.findChildren(QAbstractButton)):
        plain = not isinstance(widget, QLabel) or not widget.wordWrap()
        if widget.isVisible() and widget.text() and plain:
            room, wish = widget.width(), widget.sizeHint().width()
            if wish > room + 1:
                yield f"{type(widget).__name__} in {type(widget.parent()).__name__}", widget.text()


def controls_without_name(root: QWidget) -> list[str]:
    """What a person can use, and a screen reader can say nothing of."""
    found: set[str] = set()
    kinds = QAbstractButton | QLineEdit | QComboBox | QAbstractSpinBox | QAbstractItemView
    for widget in root.findChildren(QWidget):
        if not isinstance(widget, kinds) or not widget.isVisible():
            continue
        inside = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
        if inside or isinstance(widget, QHeaderView):  # a head says its columns
            continue
        said = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or said).strip():
            found.add(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return sorted(found)
