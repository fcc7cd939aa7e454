"""The page of settings says of each what it is for."""

from collections import Counter

from PySide6.QtWidgets import QWidget

from app.core.platform.setting_info import describe
from app.ui.shell.settings_page import SettingsPage
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_no_two_settings_are_called_the_same_and_each_has_its_own_help(bench: Bench) -> None:
    page = SettingsPage(bench.desk)
    bench.qtbot.addWidget(page)
    editors = [w for w in page.findChildren(QWidget) if w.accessibleDescription()]
    assert len(editors) == len(describe()) - 1
    names = Counter(w.accessibleName() for w in editors)
    helps = Counter(w.accessibleDescription() for w in editors)
    assert [name for name, count in names.items() if count > 1] == []
    assert [words for words, count in helps.items() if count > 1] == []


def test_the_two_reserves_say_what_they_are_of(bench: Bench) -> None:
    page = SettingsPage(bench.desk)
    bench.qtbot.addWidget(page)
    shown = {w.accessibleName() for w in page.findChildren(QWidget)}
    assert {"Share of the disk kept free", "Room on the disk kept free"} <= shown
