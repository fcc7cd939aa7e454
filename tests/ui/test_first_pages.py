"""What is seen before there is a library: the questions of the first start, and why it cannot be opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.model.errors import Refused
from app.core.model.media import Derive
from app.ui.main_window import MainWindow
from app.ui.shell.first_start import FirstStart
from tests.ui.bench import Bench


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(qtbot, tmp_path / "home", introduced=False)
    yield made
    made.close()


def _first(bench: Bench) -> FirstStart:
    page = bench.window.stack.currentWidget()
    assert isinstance(page, FirstStart)
    return page


def _nameless(window: QWidget) -> list[QAbstractButton]:
    shown = (b for b in window.findChildren(QAbstractButton) if b.isVisible())
    return [b for b in shown if not b.text() and not b.accessibleName()]


def test_a_folder_that_is_not_there_is_called_so_and_marked(bench: Bench, tmp_path: Path) -> None:
    page = _first(bench)
    page._folder.setText(str(tmp_path / "gone"))
    page._folder.editingFinished.emit()
    bench.settle()
    assert "no such folder" in page._kind.text()
    assert page._kind.property("look") == "bad"
    assert page._folder.property("look") == "wrong"
    assert page._folder.accessibleDescription() in page._kind.text()
    file = tmp_path / "clip.mov"
    file.write_bytes(b"x")
    page._folder.setText(str(file))
    page._folder.editingFinished.emit()
    bench.settle()
    assert "That is a file" in page._kind.text()
    assert page._folder.property("look") == "wrong"


def test_the_mark_goes_when_another_folder_is_typed(bench: Bench, tmp_path: Path) -> None:
    page = _first(bench)
    page._folder.setText(str(tmp_path / "gone"))
    page._folder.editingFinished.emit()
    bench.settle()
    bench.qtbot.keyClicks(page._folder, "x")
    assert page._folder.property("look") != "wrong"
    assert page._kind.text() == ""
    page._folder.setText(str(tmp_path))
    page._folder.editingFinished.emit()
    bench.settle()
    assert page._kind.text() == "A disk of this machine."
    assert page._kind.property("look") == "secondary"
    assert page._derive.currentData() == Derive.ALL


def test_starting_with_a_folder_that_is_not_there_marks_it_and_keeps_nothing(
    bench: Bench, tmp_path: Path
) -> None:
    page = _first(bench)
    page._name.setText("Ingrid Nilsen")
    page._folder.setText(str(tmp_path / "gone"))
    page._start()
    bench.settle()
    assert page._folder.property("look") == "wrong"
    assert not page._trouble.isHidden()
    assert page._go.isEnabled()
    assert not bench.services.projects.introduced()


def test_the_first_start_shows_no_button_without_words(bench: Bench) -> None:
    assert _nameless(bench.window) == []
    assert bench.window.focusWidget() is _first(bench)._name


def test_the_page_of_an_error_has_one_button_and_the_keyboard_is_on_it(qtbot: QtBot) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    window.show_trouble(Refused("Rushes is running already", "Another has it.", todo="Use that."))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert _nameless(window) == []
    focused = window.focusWidget()
    assert isinstance(focused, QAbstractButton)
    assert focused.text() == "Try again"
    with qtbot.waitSignal(window.retry_wanted):
        focused.click()


def test_the_project_is_named_as_soon_as_there_is_one(bench: Bench) -> None:
    page = _first(bench)
    page._name.setText("Ingrid Nilsen")
    page._project.setText("Harbour film")
    page._start()
    bench.settle()
    header = bench.window.header
    assert header._project.text() == "Harbour film"
    assert header._project.isVisible()
    assert header.work.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_Comma, Qt.Key.Key_O])
def test_no_key_leads_away_from_the_questions(bench: Bench, key: Qt.Key) -> None:
    page = _first(bench)
    bench.qtbot.keyClick(bench.window, key, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_Escape)
    bench.settle()
    assert bench.window.stack.currentWidget() is page
    assert not any(drawer.isVisible() for drawer in bench.work.panels.all)
    assert not bench.window.status.isEnabled()
    bench.qtbot.keyClick(bench.window, Qt.Key.Key_F1)
    assert bench.work.panels.keys.isVisible()
    bench.qtbot.keyClick(bench.work.panels.keys, Qt.Key.Key_Escape)
    assert not bench.work.panels.keys.isVisible()


@pytest.mark.parametrize("part", ["_name", "_project", "_folder", "_store"])
def test_what_was_wrong_is_no_longer_said_once_it_is_mended(bench: Bench, part: str) -> None:
    page = _first(bench)
    page._start()
    assert "A name is needed" in page._trouble.text()
    assert not page._trouble.isHidden()
    bench.qtbot.keyClicks(getattr(page, part), "I")
    assert page._trouble.isHidden()
