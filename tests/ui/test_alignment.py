"""What stands under one another lines up, nothing is cut that could be read, nothing is painted anew without a reason."""

import dataclasses

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QLabel,
    QLineEdit,
    QSpinBox,
    QStyle,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect
from app.core.model.media import ClipState
from app.ui.library import cells
from app.ui.shell.statusbar import VolumeLight
from app.ui.theme import tokens
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _left(part: QWidget, above: QWidget) -> int:
    return part.mapTo(above, QPoint(0, 0)).x()


@pytest.mark.parametrize(("width", "height"), [(1100, 700), (1600, 1000)])
def test_the_keys_of_every_group_stand_under_one_another(
    bench: Bench, width: int, height: int
) -> None:
    bench.window.resize(width, height)
    sheet = bench.work.panels.keys
    sheet.open()
    bench.settle()
    keys = [w for w in sheet.findChildren(QLabel) if w.font().family() == tokens.mono().family()]
    assert len(keys) > 60
    assert len({_left(one, sheet) for one in keys}) == 1
    for one in keys:
        assert _left(one, sheet) + one.width() <= sheet.width()
        assert one.heightForWidth(one.width()) <= one.height()
        longest = max(one.text().split(", "), key=len)
        assert one.fontMetrics().horizontalAdvance(f"{longest},") <= one.width()


def test_a_long_fact_makes_the_inspector_no_wider(bench: Bench) -> None:
    digest = "xxh3-128:" + "0123456789abcdef" * 4

    def act(tx: Tx) -> None:
        tx.run(
            "UPDATE content SET full_hash = ? WHERE id = (SELECT content_id FROM clip WHERE id = ?)",
            digest,
            bench.ids[0],
        )
        tx.touch(Aspect.CLIP, bench.ids[0])

    bench.services.catalog.write(act)
    bench.window.resize(1100, 700)
    row = bench.services.catalog.write(
        lambda tx: int(tx.value("SELECT n FROM clip WHERE id = ?", bench.ids[0]))
    )
    bench.choose(list(bench.clips.rows).index(row))
    info = bench.library.stage.inspector.info
    inner = info._scroll.widget()
    assert inner.width() <= info._scroll.viewport().width()
    line = next(w for w in info.findChildren(QLineEdit) if w.text() == digest)
    assert line.isReadOnly()
    assert digest in line.toolTip()


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_the_count_is_not_painted_anew_while_the_same_is_read(bench: Bench) -> None:
    bar = bench.library.browser.bar
    paints = Paints(bar._count), Paints(bar._sort)
    found: list[object] = []
    bench.library.browser.found_changed.connect(found.append)
    for _ in range(4):
        bench.library.browser.refresh()
        bench.settle()
    assert len(found) == 4
    assert [one.count for one in paints] == [0, 0]
    bench.window.header.search.setText("rating>=4")
    bench.settle()
    assert paints[0].count > 0


def test_a_light_changes_its_words_in_place(bench: Bench) -> None:
    status = bench.window.status
    lights = status.findChildren(VolumeLight)
    assert len(lights) == 2
    online = next(v for v in status._volumes if v.online)
    status._say(online.id, "12 ms")
    assert status.findChildren(VolumeLight) == lights
    assert any("12 ms" in light.accessibleName() for light in lights)


def test_numbers_keep_off_the_border_of_their_field(bench: Bench) -> None:
    bench.work.show_page("settings")
    bench.settle()
    page = bench.window.stack.currentWidget()
    spin = page.findChildren(QSpinBox)[0]
    line = spin.findChild(QLineEdit)
    line.setCursorPosition(0)
    assert _left(line, spin) + line.cursorRect().center().x() >= 6


def test_the_cross_of_the_search_stands_in_the_middle(bench: Bench) -> None:
    search = bench.window.header.search
    search.setText("tide")
    bench.settle()
    cross = next(b for b in search.findChildren(QToolButton) if b.isVisible())
    middle = cross.mapTo(search, cross.rect().center()).y()
    assert abs(middle - search.rect().center().y()) <= 1
    assert cross.height() <= search.height()
    assert search.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize) > 0


@pytest.mark.parametrize("page", ["plan", "ingest", "deliver", "library"])
def test_what_adds_stands_at_the_left_of_every_foot(bench: Bench, page: str) -> None:
    bench.work.show_page(page)
    bench.settle()
    shown = bench.window.stack.currentWidget()
    adds = [
        b
        for b in shown.findChildren(QAbstractButton)
        if b.isVisible() and b.text() in ("Project", "Folder", "Target")
    ]
    assert [_left(b, shown) for b in adds] == [tokens.SPACE_S]
    assert adds[0].width() < tokens.SIDEBAR // 2


@pytest.mark.parametrize("page", ["plan", "ingest", "deliver"])
def test_the_line_beside_the_left_column_is_seen_from_top_to_foot(bench: Bench, page: str) -> None:
    bench.work.show_page(page)
    bench.settle()
    shown = bench.window.stack.currentWidget()
    left = next(w for w in shown.findChildren(QFrame) if w.property("look") == "panel-left")
    picture = left.grab().toImage()
    ratio = picture.devicePixelRatio()
    column = int((left.width() - 1) * ratio)
    line = QColor(tokens.current().line)
    seen = [picture.pixelColor(column, y) for y in range(0, picture.height(), 7)]
    assert {one.name() for one in seen} == {line.name()}


def test_marks_on_pictures_are_bright_in_the_light_theme(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = bench.clips.card(0)
    assert shown is not None
    bad = dataclasses.replace(shown, state=ClipState.BAD, approved=True, open_notes=3)
    monkeypatch.setattr(tokens, "current", lambda: tokens.LIGHT)
    marks = {badge.mark: badge.colour for badge in cells.badges(bad, cells.CellState())}
    for mark in ("◆", "●", "✓"):
        assert QColor(marks[mark]).lightness() > 110
