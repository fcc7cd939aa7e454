"""The disk of the data folder is full: the window says so, takes no words it would lose, and goes on by itself."""

import contextlib

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.core.catalog import health as healths
from app.core.catalog.rows import Tx
from app.core.model.errors import NoRoom, RushesError
from app.ui import tasks
from tests.support.guards import ExpectLog
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


@pytest.fixture
def full(bench: Bench, monkeypatch: pytest.MonkeyPatch, expect_log: ExpectLog) -> Bench:
    """SQLite has no page left to take, as on a full disk; and the disk says that it has no room."""
    expect_log("the catalog is read-only")
    bench.choose(0)
    monkeypatch.setattr(healths, "_ENOUGH_PERCENT", 101)
    monkeypatch.setattr(healths, "_ENOUGH", 1 << 62)

    def act(tx: Tx) -> None:
        tx.value("PRAGMA max_page_count = 1")  # what the file has now is all it gets
        tx.run("INSERT INTO setting_of_test VALUES (zeroblob(4000000))")

    bench.services.catalog.write(lambda tx: tx.run("CREATE TABLE setting_of_test (words BLOB)"))
    told: list[RushesError] = []
    tasks.run_command(bench.desk, lambda: bench.services.catalog.write(act), None, told.append)
    bench.qtbot.waitUntil(lambda: bool(told))
    bench.settle()
    return bench


def _parts(bench: Bench):
    inspector = bench.library.stage.inspector
    return (inspector.notes.entry, inspector.log, inspector.approval)


def test_the_banner_says_what_to_do_and_what_writes_does_not_answer(full: Bench) -> None:
    banner = full.window.banner
    assert isinstance(banner, QLabel)
    assert banner.isVisible()
    assert "The disk is full" in banner.text()
    assert "Free some space" in banner.text()
    assert not any(part.isEnabled() for part in _parts(full))
    full.choose(1)  # reading goes on, and another clip brings no way to write
    assert not any(part.isEnabled() for part in _parts(full))


def test_it_comes_back_by_itself(full: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with contextlib.suppress(NoRoom):
        full.services.catalog.write(lambda tx: tx.value("PRAGMA max_page_count = 1000000000"))
    assert full.services.catalog.recover()
    full.qtbot.waitUntil(lambda: not full.window.banner.isVisible())
    full.settle()
    assert all(part.isEnabled() for part in _parts(full))
    panel = full.library.stage.inspector
    panel.show_tab("notes")
    QTest.keyClicks(panel.notes.entry.line, "After")
    QTest.keyClick(panel.notes.entry.line, Qt.Key.Key_Return)
    full.settle()
    (note,) = full.services.notes.of_clip(full.library.stage.clip.id)
    assert note.text == "After"
