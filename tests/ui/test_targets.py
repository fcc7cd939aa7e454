"""Targets in the window: added, named, tried, changed, removed; a row is one thing to click."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from app.core.catalog import decisions
from app.ui.deliver.page import DeliverPage, TargetRow
from app.ui.widgets import wording
from tests.support import catalogs
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")


def _press(bench: Bench, words: str) -> None:
    panel = bench.work.panels.target

    def shown() -> list[QPushButton]:
        return [b for b in panel.findChildren(QPushButton) if b.isVisible() and b.text() == words]

    # What was just laid out is shown with the next round of events.
    bench.qtbot.waitUntil(lambda: len(shown()) == 1)
    bench.qtbot.mouseClick(shown()[0], Qt.MouseButton.LeftButton)
    bench.settle()


def _rows(bench: Bench) -> list[TargetRow]:
    page = bench.work._pages["deliver"]
    return [row for row in page.findChildren(TargetRow) if not row.isHidden()]


def _names(bench: Bench) -> list[str]:
    return [row.accessibleName() for row in _rows(bench)]


def _added(bench: Bench) -> None:
    bench.work.show_page("deliver")
    panel = bench.work.panels.target
    bench.work.panels.show_target(None)
    bench.qtbot.keyClicks(panel._name, "Archiv")
    bench.qtbot.keyClicks(panel._bucket, "rushes")
    bench.qtbot.keyClicks(panel._endpoint, "http://127.0.0.1:1")
    bench.qtbot.keyClick(panel._endpoint, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(panel._trouble.isVisible, timeout=30_000)
    bench.settle()


def test_a_target_with_a_typing_error_is_changed_and_removed_and_comes_back(bench: Bench) -> None:
    _added(bench)
    panel, targets = bench.work.panels.target, bench.services.targets
    assert panel.heading.text() == "Archiv"
    _press(bench, "Change …")
    assert panel._endpoint.text() == "http://127.0.0.1:1"
    panel._name.setText("Archive")
    panel._endpoint.setText("http://127.0.0.1:2")
    panel._template.setText("{name}.{ext}")
    _press(bench, "Look what would be sent")
    bench.qtbot.waitUntil(panel._trouble.isVisible, timeout=30_000)
    (kept,) = targets.every()
    assert (kept.name, kept.endpoint, kept.template) == (
        "Archive",
        "http://127.0.0.1:2",
        "{name}.{ext}",
    )
    bench.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    bench.qtbot.waitUntil(lambda: _names(bench) == ["Archive: ▲ not confirmed"])
    row = _rows(bench)[0]
    bench.qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=row.rect().topLeft())
    bench.qtbot.waitUntil(panel._trouble.isVisible, timeout=30_000)
    _press(bench, "Remove")
    assert targets.every() == []
    assert not panel.isVisible()
    bench.work.do("undo")
    bench.settle()
    assert [t.name for t in targets.every()] == ["Archive"]


def test_the_first_names_are_shown_while_a_template_is_typed(bench: Bench) -> None:
    bench.work.panels.show_target(None)
    panel = bench.work.panels.target
    bench.settle()
    assert len(panel._names.text().splitlines()) == 3
    panel._template.setText("{camera}/{scene}-{take}/{name}.{ext}")
    bench.qtbot.wait(300)
    bench.settle()
    assert panel._names.text().splitlines()[0].startswith("B/12A-")
    panel._template.setText("{camera}/{nonsense}")
    bench.qtbot.wait(300)
    bench.settle()
    assert panel._names.text().startswith("◆")
    assert "nonsense" in panel._names.text()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_row_opens_by_key(bench: Bench, key: Qt.Key) -> None:
    made = bench.services.targets.add("Archive", "rushes", endpoint="http://127.0.0.1:1")
    bench.work.show_page("deliver")
    bench.settle()
    (row,) = _rows(bench)
    row.setFocus()
    bench.qtbot.keyClick(row, key)
    assert bench.work.panels.target.isVisible()
    assert bench.work.panels.target.heading.text() == made.name
    bench.qtbot.waitUntil(bench.work.panels.target._trouble.isVisible, timeout=30_000)


def test_approved_clips_in_their_grace_are_told_of(bench: Bench) -> None:
    catalog, targets = bench.services.catalog, bench.services.targets
    for number, clip in enumerate(bench.ids[:2]):
        catalogs.read_whole(catalog, clip, f"xxh3-128:{number:032x}")
        bench.services.decisions.decide([clip], "approved")
    bench.work.show_page("deliver")
    page = bench.work._pages["deliver"]
    assert isinstance(page, DeliverPage)
    bench.settle()
    assert page._empty.heading.text() == "No target yet"
    targets.add("Archive", "rushes", endpoint="http://127.0.0.1:1", confirmed=True)
    with catalog.read() as reader:
        said = decisions.of_clip(reader, bench.ids[1], bench.desk.project_id)[0].at_ms
    until = wording.clock_time(said + bench.services.settings.sync.grace_seconds * 1000)
    words = f"2 clips wait for the time of grace (until {until})"
    bench.qtbot.waitUntil(lambda: page._empty.words.text() == words)
    assert page._summary.text() == words
    assert page._empty.heading.text() == "Nothing is sent yet"
    assert page._grace_over.isActive(), "it looks again when the grace is over"
    bench.work.do("undo")
    bench.work.do("undo")
    bench.settle()
    bench.services.decisions.withdraw(bench.ids[:2])
    targets.add("Archive", "rushes", endpoint="http://127.0.0.1:1", confirmed=True)
    bench.qtbot.waitUntil(lambda: page._empty.heading.text() == "Nothing to send")
