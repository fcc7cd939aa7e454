"""Dragging: clips out to another window and onto bins, folders of a file manager onto the window; with real drags."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from typing_extensions import override

from app.core.catalog import clips, files
from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.files import Seen
from app.core.model.ids import ClipRow
from app.core.model.media import ClipKind, ClipState, FileRole, FileState
from app.ui import tasks
from app.ui.library import dragging
from app.ui.widgets.mime import CLIPS_MIME
from tests.ui.bench import Bench, bench

__all__ = ["bench"]

COPY, MOVE, LINK = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.DropAction.LinkAction


class Dragged:
    """What was given to the platform to drag: it never runs, so nobody has to let go of a button."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.rows: list[int] = []
        self.actions = Qt.DropAction.IgnoreAction


@pytest.fixture
def dragged(monkeypatch: pytest.MonkeyPatch) -> Dragged:
    seen = Dragged()

    class Recorded(QDrag):
        @override
        def exec(self, actions: Qt.DropAction) -> Qt.DropAction:
            mime = self.mimeData()
            seen.paths = [url.toLocalFile() for url in mime.urls()]
            seen.rows = [int(row) for row in mime.data(CLIPS_MIME).data().split()]
            seen.actions = actions
            return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(dragging, "QDrag", Recorded)
    return seen


def _pull(bench: Bench, source: QWidget, start: QPoint) -> None:
    """Presses and pulls with the left button, as the platform tells of it; lets go when the paths are known."""
    window = bench.window.windowHandle()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at = source.mapTo(bench.window, start)
    QTest.mousePress(window, left, none, at)
    for n in (4, 8, 16, 24):
        QTest.mouseMove(window, at + QPoint(n, n))
    assert tasks.wait()
    QApplication.processEvents()
    QTest.mouseRelease(window, left, none, at + QPoint(24, 24))
    bench.settle()


def _on_disk(bench: Bench, position: int) -> str:
    return f"{bench.services.home.parent}/media/Day 3/B cam/clip{_number(bench, position)}.mov"


def _number(bench: Bench, position: int) -> int:
    card = bench.clips.card(position)
    assert card is not None
    return bench.ids.index(card.id)


def test_clips_go_out_of_the_grid_as_files_to_copy(bench: Bench, dragged: Dragged) -> None:
    grid = bench.library.browser.grid
    bench.clips.choose(lambda s: s.replace([(0, 3)]))
    bench.settle()
    _pull(bench, grid.viewport(), grid.rect_of(1).center())
    assert dragged.actions == COPY
    assert sorted(dragged.paths) == sorted(_on_disk(bench, n) for n in range(3))
    assert dragged.rows == bench.clips.chosen_rows()
    assert len(bench.clips.selection) == 3


def test_clips_go_out_of_the_list_as_files_to_copy(bench: Bench, dragged: Dragged) -> None:
    bench.library.browser.show_view("list")
    bench.settle()
    table = bench.library.browser.list

    def line(row: int) -> QPoint:
        return table.visualRect(table.table.index(row, 2)).center()

    _pull(bench, table.viewport(), line(1))
    assert dragged.paths == [_on_disk(bench, 1)]
    bench.clips.choose(lambda s: s.replace([(1, 4)]))
    _pull(bench, table.viewport(), line(2))
    assert sorted(dragged.paths) == sorted(_on_disk(bench, n) for n in (1, 2, 3))
    assert dragged.actions == COPY


def test_clips_fall_into_a_bin(bench: Bench) -> None:
    bin_id = bench.services.bins.create("Selects")
    sidebar = bench.library.sidebar
    lines: dict[str, QModelIndex] = {}

    def listed() -> bool:
        lines.update((index.data(), index) for index in sidebar._indexes())
        return "Selects" in lines

    bench.qtbot.waitUntil(listed)
    bench.settle()
    listed()
    bench.clips.choose(lambda s: s.replace([(0, 2)]))
    mime = dragging.mime_of(bench.clips.chosen_rows(), ["/somewhere/a.mov"])
    for name, taken in (("Approved", False), ("Selects", True)):
        place = sidebar.visualRect(lines[name]).center()
        assert (_bring(sidebar.viewport(), place, mime, COPY) == COPY) is taken
    bench.settle()
    with bench.services.catalog.read() as reader:
        held = reader.column("SELECT clip_id FROM bin_clip WHERE bin_id = ?", bin_id)
    assert len(held) == 2


def test_of_numbered_frames_the_first_goes_out_and_of_two_copies_one(bench: Bench) -> None:
    services = bench.services

    def act(tx) -> tuple[ClipRow, ClipRow]:
        volumes = tx.column("SELECT id FROM volume WHERE online = 1")
        names = [f"plate/sh.{n:04d}.dpx".encode() for n in range(5, 9)]
        copies = [b"a/twin.mov", b"b/twin.mov"]
        for number, name in enumerate([*names, *copies]):
            files.insert(
                tx, volumes[0], [Seen(name, 10, 1, 500 + number, "media", FileState.PRESENT)]
            )
        rows = [tx.value("SELECT n FROM file WHERE path = ?", n) for n in (*names, *copies)]
        parts = tuple(Part(row, FileRole.ESSENCE, n) for n, row in enumerate(rows[:4]))
        made = ClipRecord(
            volumes[0],
            "plate",
            "sh",
            ClipKind.SEQUENCE,
            ClipState.READY,
            parts,
            sequence="plate/sh.%04d.dpx",
        )
        sequence = clips.put(tx, made)
        twins = ClipRecord(
            volumes[0],
            "a",
            "twin",
            ClipKind.VIDEO,
            ClipState.READY,
            (Part(rows[4], FileRole.ESSENCE, 0),),
        )
        twin = clips.put(tx, twins)
        tx.run(
            "UPDATE file SET clip_id = ?, role = 'essence', part = 0, place = 1 WHERE n = ?",
            twin,
            rows[5],
        )
        return tuple(tx.value("SELECT n FROM clip WHERE id = ?", one) for one in (sequence, twin))

    wanted = services.catalog.write(act)
    found = bench.clips.provider.paths([ClipRow(row) for row in wanted])
    media = services.home.parent / "media"
    assert found == [f"{media}/plate/sh.0005.dpx", found[1]]
    assert found[1] in {f"{media}/a/twin.mov", f"{media}/b/twin.mov"}


def _bring(
    widget: QWidget, place: QPoint, mime: QMimeData, possible: Qt.DropAction
) -> Qt.DropAction:
    """Enters, moves and drops over a widget, up to its parents as Qt does; the action that was taken."""
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    taken = Qt.DropAction.IgnoreAction
    for kind in (QDragEnterEvent, QDragMoveEvent, QDropEvent):
        given = QPointF(place) if kind is QDropEvent else place
        event = kind(given, possible, mime, buttons, keys)
        event.setDropAction(MOVE if possible & MOVE else COPY)
        event.ignore()
        QApplication.sendEvent(widget, event)
        if not event.isAccepted():
            return Qt.DropAction.IgnoreAction
        taken = event.dropAction()
    return taken


def _drop(bench: Bench, paths: list[Path], possible: Qt.DropAction) -> Qt.DropAction:
    """Drops files of another program on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    taken = _bring(bench.window, bench.window.rect().center(), mime, possible)
    bench.settle()
    return taken


ALL = COPY | MOVE | LINK


@pytest.mark.parametrize("possible", [ALL, COPY, COPY | MOVE], ids=["all", "copy", "copy or move"])
def test_a_folder_dropped_is_offered_and_never_moved(
    bench: Bench, tmp_path: Path, possible: Qt.DropAction
) -> None:
    taken = _drop(bench, [tmp_path], possible)
    assert taken in (COPY, LINK)
    panel = bench.work.panels.add_volume
    assert panel.isVisible()
    assert panel._path.text() == str(tmp_path)


def test_what_can_only_be_moved_is_refused(bench: Bench, tmp_path: Path) -> None:
    assert _drop(bench, [tmp_path], MOVE) == Qt.DropAction.IgnoreAction
    assert not bench.work.panels.add_volume.isVisible()


def test_of_a_file_its_folder_is_offered(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "a.mov"
    file.write_bytes(b"x")
    _drop(bench, [file], ALL)
    assert bench.work.panels.add_volume._path.text() == str(tmp_path)


def test_several_folders_are_not_swallowed(bench: Bench, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    said: list[str] = []
    bench.desk.notice.connect(said.append)
    _drop(bench, [tmp_path / "a", tmp_path / "b"], ALL)
    assert bench.work.panels.add_volume._path.text() == str(tmp_path / "a")
    assert "2" in said[0]


def test_a_dropped_folder_becomes_a_volume_through_the_estimate(
    bench: Bench, tmp_path: Path
) -> None:
    folder = tmp_path / "Day 4"
    folder.mkdir()
    _drop(bench, [folder], ALL)
    panel = bench.work.panels.add_volume
    QTest.keyClick(panel._begin, Qt.Key.Key_Space)
    bench.settle()
    assert "Day 4" in {volume.name for volume in bench.services.volumes.every()}
    assert panel.isVisible()
