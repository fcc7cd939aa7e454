"""The settings, made from the description of each: what it is for, what it may hold. Kept as soon as it is changed."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.core.model.errors import RushesError
from app.core.platform.preferences import Settings, Value
from app.core.platform.setting_info import SettingInfo, describe, text_of
from app.core.platform.settings import value_of
from app.ui import tasks
from app.ui.theme import tokens
from app.ui.widgets.controls import button
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import box, panel, scrolled
from app.ui.widgets.wording import fill
from app.ui.widgets.words import label, section, tip, title

if TYPE_CHECKING:
    from app.ui.desk import Desk

_HIDDEN: Final = frozenset({"user.actor_id"})
_LARGEST: Final = 2_000_000_000
_WIDTH: Final = 720
_FIELD: Final = 150


class SettingsPage(QWidget):
    """Every setting of this desk."""

    changed = Signal(str)
    """The name of a setting that was written."""
    left = Signal()

    def __init__(self, desk: "Desk") -> None:
        super().__init__()
        self._desk = desk
        self._troubles: dict[str, QLabel] = {}
        column = QVBoxLayout()
        column.setContentsMargins(
            tokens.SPACE_XL, tokens.SPACE_XL, tokens.SPACE_XL, tokens.SPACE_XL
        )
        column.setSpacing(tokens.SPACE_M)
        back = button(self.tr("Back"), self.left.emit, key="Esc")
        head = box(title(self.tr("Settings")), 1, back, across=True)
        column.addLayout(head)
        where = fill(
            self.tr("Kept in {0}; comments you write there stay."),
            desk.services.home / "settings.toml",
        )
        column.addWidget(label(where, "secondary", wrap=True, selectable=True))
        settings = desk.services.settings
        shown = ""
        for info in describe():
            if info.name in _HIDDEN:
                continue
            if info.section != shown:
                shown = info.section
                column.addSpacing(tokens.SPACE_M)
                column.addWidget(section(self._sections().get(shown, shown)))
            column.addWidget(self._row(info, settings))
        column.addStretch(1)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(column)
        self.setLayout(box(scrolled(panel("canvas", box(inner, across=True)))))

    def _sections(self) -> dict[str, str]:
        return {
            "derivatives": self.tr("Proxies and pictures"),
            "ingest": self.tr("Volumes and scanning"),
            "transcripts": self.tr("Transcripts"),
            "sync": self.tr("Sending to the cloud"),
            "player": self.tr("Player"),
            "window": self.tr("Window"),
            "logs": self.tr("Logs"),
            "tools": self.tr("Programs"),
        }

    def _row(self, info: SettingInfo, settings: Settings) -> QWidget:
        name, help_words = core(info.title), core(info.setting.help)
        editor = self._editor(info, value_of(settings, info.name))
        editor.setAccessibleName(name)
        editor.setAccessibleDescription(help_words)
        tip(
            editor,
            fill(self.tr("{0} ({1} unless changed)"), help_words, self._word(info.default) or "–"),
        )
        heading = label(name, font=tokens.sans(weight=QFont.Weight.Medium))
        words = box(heading, label(help_words, "secondary", wrap=True), gap=2)
        trouble = label("", "bad", wrap=True)
        trouble.hide()
        words.addWidget(trouble)
        self._troubles[info.name] = trouble
        row = QHBoxLayout()
        row.setContentsMargins(0, tokens.SPACE_S, 0, tokens.SPACE_S)
        row.addLayout(words, 1)
        row.addWidget(editor)
        return panel("row", row)

    def _editor(self, info: SettingInfo, value: Value) -> QWidget:
        if info.setting.choices:
            return self._choice(info, value)
        if isinstance(value, bool):
            box_ = QCheckBox()
            box_.setChecked(value)
            box_.toggled.connect(lambda: self._write(info, text_of(box_.isChecked())))
            return box_
        if isinstance(value, int):
            return self._number(info, value)
        line = QLineEdit(text_of(value))
        line.setMinimumWidth(260)
        line.editingFinished.connect(lambda: self._write(info, line.text()))
        return line

    def _word(self, value: Value) -> str:
        """A value as it is said; it is written down as `text_of` has it."""
        if isinstance(value, bool):
            return self.tr("on") if value else self.tr("off")
        return core(text_of(value))

    def _choice(self, info: SettingInfo, value: Value) -> QWidget:
        made = QComboBox()
        made.setFixedWidth(_FIELD)
        for choice in info.setting.choices:
            unit = f" {core(info.setting.unit)}" if info.setting.unit else ""
            made.addItem(f"{self._word(choice)}{unit}", text_of(choice))
        made.setCurrentIndex(made.findData(text_of(value)))
        made.activated.connect(lambda: self._write(info, str(made.currentData())))
        return made

    def _number(self, info: SettingInfo, value: int) -> QWidget:
        made = QSpinBox()
        low, high = info.setting.low, info.setting.high
        made.setRange(low if low is not None else -_LARGEST, high if high is not None else _LARGEST)
        made.setValue(value)
        made.setFixedWidth(_FIELD)
        # The style sheet's padding does not reach the line inside.
        made.lineEdit().setTextMargins(tokens.SPACE_S - 2, 0, 0, 0)
        if info.setting.unit:
            made.setSuffix(f" {core(info.setting.unit)}")
        made.editingFinished.connect(lambda: self._write(info, str(made.value())))
        return made

    def _write(self, info: SettingInfo, text: str) -> None:
        services = self._desk.services
        if text == text_of(value_of(services.settings, info.name)):
            return
        trouble = self._troubles[info.name]

        def done(_settings: Settings) -> None:
            trouble.hide()
            self.changed.emit(info.name)

        def failed(error: RushesError) -> None:
            trouble.setText(f"◆  {core(error.message)}")
            trouble.show()

        tasks.run_command(self, lambda: services.change_setting(info.name, text), done, failed)
