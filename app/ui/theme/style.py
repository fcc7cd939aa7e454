"""Palette and style sheet, both built from the tokens, over Qt's Fusion style.

Widgets say what they are with the dynamic property `look` (`primary`, `nav`, `chip`, `flat`, …);
no widget carries a style sheet of its own.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.core.platform.paths import resource
from app.ui.theme import icons, tokens
from app.ui.theme.tokens import Tokens

ROW_HEIGHTS = {"dense": 24, "normal": 28, "comfortable": 32}
"""Row height by the density setting, in logical pixels."""


def apply(app: QApplication, look: Tokens) -> None:
    """Dresses the whole program in a palette of tokens."""
    tokens.choose(look)
    icons.forget()
    app.setStyle("Fusion")
    app.setPalette(palette(look))
    app.setFont(tokens.sans())
    app.setStyleSheet(sheet(look))


def dress(theme: str) -> None:
    """Dresses the running program in a theme: `dark` or `light`."""
    app = QApplication.instance()
    if isinstance(app, QApplication):
        apply(app, tokens.LIGHT if theme == "light" else tokens.DARK)


def set_look(widget: QWidget, look: str) -> None:
    """Says what a widget is, for the style sheet."""
    if widget.property("look") == look:
        return
    widget.setProperty("look", look)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # the style sheet is yet to see it
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def palette(look: Tokens) -> QPalette:
    """The Qt palette of these tokens."""
    role = QPalette.ColorRole
    made = QPalette()
    for part, value in (
        (role.Window, look.bg1),
        (role.WindowText, look.text),
        (role.Base, look.bg0),
        (role.AlternateBase, look.bg1),
        (role.Text, look.text),
        (role.Button, look.bg3),
        (role.ButtonText, look.text),
        (role.BrightText, look.text),
        (role.ToolTipBase, look.bg3),
        (role.ToolTipText, look.text),
        (role.PlaceholderText, look.text3),
        (role.Highlight, look.accent_dim),
        (role.HighlightedText, look.text),
        (role.Accent, look.accent),
        (role.Link, look.text),
        (role.LinkVisited, look.text),
        (role.Light, look.bg3),
        (role.Midlight, look.bg3),
        (role.Mid, look.line),
        (role.Dark, look.line),
        (role.Shadow, look.bg0),
    ):
        made.setColor(part, QColor(value))
    for part in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, part, QColor(look.text3))
    return made


def sheet(t: Tokens) -> str:
    """The style sheet of these tokens."""
    return "\n".join((_surfaces(t), _words(t), _controls(t), _lists(t), _fields(t), _bars(t)))


def _surfaces(t: Tokens) -> str:
    return f"""
QWidget[look="canvas"] {{ background: {t.bg0}; }}
QWidget[look="panel"] {{ background: {t.bg1}; }}
QWidget[look="panel-left"] {{ background: {t.bg1}; border-right: 1px solid {t.line}; }}
QWidget[look="panel-right"] {{ background: {t.bg1}; border-left: 1px solid {t.line}; }}
QWidget[look="bar"] {{ background: {t.bg1}; border-bottom: 1px solid {t.line}; }}
QWidget[look="bar-low"] {{ background: {t.bg1}; border-top: 1px solid {t.line}; }}
QWidget[look="card"] {{ background: {t.bg2}; border-radius: {tokens.RADIUS_CARD}px; }}
QWidget[look="row"] {{ background: transparent; border-bottom: 1px solid {t.row_line}; }}
QWidget[look="toast"] {{ background: {t.bg3}; border: 1px solid {t.line}; border-radius: {tokens.RADIUS_CARD}px; }}
QWidget[look="toast-bad"] {{ background: {t.bg3}; border: 1px solid {t.bad}; border-radius: {tokens.RADIUS_CARD}px; }}
QWidget[look="banner"] {{ background: {t.bg2}; border: 1px solid {t.warn}; border-radius: {tokens.RADIUS}px; }}
QSplitter::handle {{ background: {t.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QFrame[look="line"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QToolTip {{ background: {t.bg3}; color: {t.text}; border: 1px solid {t.line}; padding: 4px 8px; }}
"""


def _words(t: Tokens) -> str:
    return f"""
QLabel {{ background: transparent; }}
QLabel[look="secondary"] {{ color: {t.text2}; }}
QLabel[look="faint"] {{ color: {t.text3}; }}
QLabel[look="accent"] {{ color: {t.accent}; }}
QLabel[look="ok"] {{ color: {t.ok}; }}
QLabel[look="warn"] {{ color: {t.warn}; }}
QLabel[look="bad"] {{ color: {t.bad}; }}
QLabel[look="info"] {{ color: {t.info}; }}
"""


def _controls(t: Tokens) -> str:
    return f"""
QPushButton, QToolButton {{ background: {t.bg3}; color: {t.text}; border: 1px solid {t.line};
  border-radius: {tokens.RADIUS}px; padding: 4px 12px; min-height: 20px; }}
QToolButton {{ padding: 3px 6px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {t.text3}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {t.bg2}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {t.text3}; background: {t.bg2}; }}
QPushButton:focus, QToolButton:focus {{ border: 1px solid {t.accent}; }}
QPushButton[look="primary"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
QPushButton[look="primary"]:disabled {{ background: {t.bg3}; color: {t.text3}; border-color: {t.line}; }}
QPushButton[look="primary"]:focus {{ border: 2px solid {t.text}; padding: 3px 11px; }}
QPushButton[look="nav"] {{ background: transparent; border: 1px solid transparent; color: {t.text2}; padding: 4px 12px; }}
QPushButton[look="nav"]:hover {{ color: {t.text}; }}
QPushButton[look="nav"]:checked {{ background: {t.bg3}; color: {t.text}; font-weight: 500; }}
QPushButton[look="nav"]:disabled {{ color: {t.text3}; }}
QPushButton[look="nav"]:focus {{ border-color: {t.accent}; }}
QPushButton[look="chip"] {{ background: transparent; border: 1px solid {t.line}; border-radius: 12px; padding: 2px 10px; min-height: 18px; color: {t.text2}; }}
QPushButton[look="chip-on"] {{ background: {t.bg2}; border: 1px solid {t.text2}; border-radius: 12px; padding: 2px 10px; min-height: 18px; color: {t.text}; }}
QPushButton[look="chip"]:focus, QPushButton[look="chip-on"]:focus {{ border-color: {t.accent}; }}
QPushButton[look="flat"], QToolButton[look="flat"] {{ background: transparent; border: 1px solid transparent; color: {t.text2}; padding: 3px 6px; }}
QPushButton[look="flat"]:hover, QToolButton[look="flat"]:hover {{ color: {t.text}; background: {t.bg2}; }}
QToolButton[look="flat"]:checked {{ color: {t.text}; background: {t.bg3}; }}
QPushButton[look="flat"]:focus, QToolButton[look="flat"]:focus {{ border-color: {t.accent}; }}
QPushButton[look="link"] {{ background: transparent; border: none; color: {t.text2}; text-decoration: underline; padding: 0 2px; }}
QPushButton[look="link"]:focus {{ color: {t.accent}; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}
QProgressBar {{ background: {t.bg0}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }}
QProgressBar::chunk {{ background: {t.text2}; border-radius: 2px; }}
QSlider::groove:horizontal {{ height: 2px; background: {t.line}; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -4px 0; border-radius: 5px; background: {t.text2}; }}
QSlider::handle:horizontal:focus {{ background: {t.accent}; }}
QCheckBox, QRadioButton {{ spacing: 8px; background: transparent; }}
"""


def _fields(t: Tokens) -> str:
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ background: {t.bg0}; color: {t.text};
  border: 1px solid {t.line}; border-radius: {tokens.RADIUS}px; padding: 4px 8px; min-height: 20px;
  selection-background-color: {t.accent_dim}; selection-color: {t.text}; }}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QComboBox:focus {{ border-color: {t.accent}; }}
QLineEdit[look="wrong"], QLineEdit[look="wrong"]:focus {{ border-color: {t.bad}; }}
QLineEdit QToolButton {{ border: none; background: transparent; padding: 0; min-height: 0; }}
QLineEdit[look="fact"] {{ background: transparent; border: none; border-radius: 0; padding: 0; min-height: 0; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.text3}; }}
QLineEdit[look="timecode"] {{ background: transparent; border: 1px solid transparent; padding: 0 2px; min-height: 26px; }}
QLineEdit[look="timecode"]:hover {{ border-color: {t.line}; }}
QLineEdit[look="timecode"]:focus {{ background: {t.bg0}; border-color: {t.accent}; }}
QPlainTextEdit[look="bare"], QTextEdit[look="bare"] {{ border: none; background: transparent; border-radius: 0; padding: 0; }}
QComboBox {{ background: {t.bg3}; padding-right: 24px; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url({_icon("arrow", t)}); width: 12px; height: 12px; }}
QSpinBox, QDoubleSpinBox {{ padding-right: 22px; }}
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{ border: none; background: transparent; width: 18px; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({_icon("arrow-up", t)}); width: 10px; height: 10px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url({_icon("arrow", t)}); width: 10px; height: 10px; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {t.text3}; background: {t.bg0}; }}
QCheckBox::indicator {{ border-radius: {tokens.RADIUS_TAG}px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; image: url({_icon("tick", t)}); }}
QRadioButton::indicator:checked {{ border: 5px solid {t.accent}; width: 6px; height: 6px; background: {t.bg0}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {t.text}; }}
QComboBox QAbstractItemView {{ background: {t.bg2}; border: 1px solid {t.line}; selection-background-color: {t.accent_dim}; }}
"""


def _icon(name: str, t: Tokens) -> str:
    return resource(f"icons/{name}-{t.name}.svg").as_posix()


def _lists(t: Tokens) -> str:
    return f"""
QAbstractScrollArea {{ border: none; background: {t.bg0}; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; }}
QTreeView, QListView {{ background: {t.bg1}; border: none; outline: none; }}
QTreeView[look="rows"], QListView[look="rows"], QTableView {{ background: {t.bg0}; border: none; outline: none; gridline-color: {t.row_line}; }}
QTableView::item {{ padding: 0 6px; border: none; }}
QTreeView::item, QListView::item {{ border: none; padding: 2px 4px; }}
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected {{ background: {t.accent_dim}; color: {t.text}; }}
QTreeView::item:hover:!selected, QListView::item:hover:!selected {{ background: {t.bg2}; }}
QWidget[look="panel-left"] QListView::item {{ padding: 5px 12px; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:selected {{ background: {t.accent_dim}; }}
QHeaderView {{ background: {t.bg1}; border: none; }}
QHeaderView::section {{ background: {t.bg1}; color: {t.text2}; border: none; border-bottom: 1px solid {t.line}; padding: 4px 8px; }}
QHeaderView::section:hover {{ color: {t.text}; background: {t.bg2}; }}
QTableCornerButton::section {{ background: {t.bg1}; border: none; }}
"""


def _bars(t: Tokens) -> str:
    return f"""
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.line}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::handle:hover {{ background: {t.text3}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {t.bg2}; border: 1px solid {t.line}; padding: 4px 0; }}
QMenu::item {{ padding: 5px 24px 5px 12px; background: transparent; }}
QMenu::item:selected {{ background: {t.bg3}; }}
QMenu::item:disabled {{ color: {t.text3}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 4px 0; }}
QTabBar {{ background: {t.bg1}; }}
QTabBar::tab {{ background: transparent; color: {t.text2}; padding: 6px 14px; border: 1px solid transparent; border-radius: {tokens.RADIUS}px; margin: 3px 1px; }}
QTabBar::tab:selected {{ background: {t.bg3}; color: {t.text}; }}
QTabBar::tab:focus {{ border-color: {t.accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {t.line}; }}
"""
