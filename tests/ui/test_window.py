from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.core.model.changes import Aspect
from app.core.model.errors import BadData, Family, as_json
from app.core.platform import settings
from app.ui.theme import style, tokens
from tests.support import ui_library
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_the_library_opens_with_every_clip_and_its_places(bench: Bench) -> None:
    assert len(bench.clips) == 12
    nodes = bench.library.sidebar._shown
    assert [n.title for n in nodes] == ["Volumes", "Folders", "Bins", "Smart bins"]
    assert sorted((n.title, n.count) for n in nodes[0].children) == [
        ("All clips", "12"),
        ("Archive 07", "offline"),
        ("NAS Media", "10"),
    ]
    assert bench.window.status._total.text().startswith("12 clips")
    nas = next(n for n in nodes[0].children if n.title == "NAS Media")
    bench.library.show_place(nas.key)
    bench.settle()
    assert len(bench.clips) == 10


def test_a_search_narrows_the_clips_and_leads_to_the_word(bench: Bench) -> None:
    ui_library.say(bench.services, bench.ids[2])
    bench.settle()
    search = bench.window.header.search
    search.setText("tide comes")
    bench.settle()
    assert len(bench.clips) == 1
    assert bench.library.browser.moments.count() == 1
    bench.qtbot.keyClick(search, Qt.Key.Key_Return)
    bench.qtbot.waitUntil(lambda: bench.library.stage.clip is not None)
    bench.settle()
    assert bench.library.stage.clip.id == bench.ids[2]
    transcript = bench.library.stage.inspector.transcript
    assert transcript.blocks[0].text == ui_library.SPOKEN
    bench.qtbot.keyClick(search, Qt.Key.Key_Escape)
    bench.settle()
    assert len(bench.clips) == 12


def test_narrowing_words_work_as_chips_and_typed(bench: Bench) -> None:
    bench.services.log.rate(bench.ids[:2], 4)
    bench.library.browser.bar.filters.set_terms(("rating>=4",))
    bench.settle()
    assert len(bench.clips) == 2
    bench.library.browser.bar.filters.set_terms(())
    bench.window.header.search.setText("rating>=4 take:1")
    bench.settle()
    assert len(bench.clips) == 1


def test_keys_log_the_chosen_clips_and_undo_takes_it_back(bench: Bench) -> None:
    bench.choose(0)
    bench.library.browser.grid.setFocus()
    bench.qtbot.keyClick(bench.library.browser.grid, Qt.Key.Key_4)
    bench.settle()
    assert bench.services.log.of_clip(bench.clips.current_card().id).rating == 4
    bench.qtbot.keyClick(
        bench.library.browser.grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier
    )
    bench.settle()
    assert bench.services.log.of_clip(bench.clips.current_card().id).rating == 0
    bench.work.do("redo")
    bench.settle()
    assert bench.services.log.of_clip(bench.clips.current_card().id).rating == 4
    assert bench.clips.current_card().rating == 4


def test_typing_in_the_search_field_logs_nothing(bench: Bench) -> None:
    bench.choose(0)
    bench.work.do("search")
    bench.qtbot.keyClicks(bench.window.header.search, "4 c")
    bench.settle()
    assert bench.window.header.search.text() == "4 c"
    assert bench.services.log.of_clip(bench.ids[0]).rating == 0


def test_arrows_move_in_the_grid_while_it_has_the_keyboard(bench: Bench) -> None:
    bench.choose(0)
    grid = bench.library.browser.grid
    grid.setFocus()
    bench.qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert bench.clips.selection.current == 1


def test_a_note_is_written_on_the_frame_and_answered(bench: Bench) -> None:
    bench.choose(0)
    clip_id = bench.library.stage.clip.id
    bench.qtbot.keyClick(bench.library.browser.grid, Qt.Key.Key_Semicolon)
    panel = bench.library.stage.inspector.notes
    assert bench.library.stage.inspector.current_tab() == "notes"
    bench.qtbot.keyClicks(panel.entry.line, "Focus late <b>here</b>")
    bench.qtbot.keyClick(panel.entry.line, Qt.Key.Key_Return)
    bench.settle()
    (note,) = bench.services.notes.of_clip(clip_id)
    assert (note.text, note.start_frame, note.end_frame) == ("Focus late <b>here</b>", 0, 1)
    bench.services.notes.reply(note.id, "Fixed in take 3")
    bench.services.notes.resolve(note.id)
    bench.settle()
    assert bench.library.stage.detail.open_notes == 0
    assert len(bench.library.stage.detail.notes) == 2


def test_a_range_is_stamped_where_the_frame_lies_in_it(bench: Bench) -> None:
    bench.choose(0)
    bench.library.stage.player.set_range(0, 50)
    bench.library.stage.noting.show_stamp()
    stamp = bench.library.stage.inspector.notes.entry.stamp
    assert (stamp.start, stamp.end) == (0, 50)


def test_words_said_elsewhere_arrive_in_the_window(bench: Bench) -> None:
    bench.choose(1)
    bench.services.notes.add(bench.library.stage.clip.id, 10, None, "from the command line")
    bench.qtbot.waitUntil(lambda: bench.library.stage.detail.open_notes == 1)
    bench.qtbot.waitUntil(lambda: bench.clips.current_card().open_notes == 1)


def test_approving_is_one_word_with_grace_and_can_be_taken_back(bench: Bench) -> None:
    bench.choose(0)
    clip_id = bench.library.stage.clip.id
    bench.work.do("approve")
    bench.settle()
    assert bench.services.decisions.of_clip(clip_id)[0].verdict == "approved"
    bar = bench.library.stage.inspector.approval
    assert "Approved by Ingrid Nilsen" in bar._words.text()
    assert not bar._approve.isEnabled()
    bar.withdrawn.emit()
    bench.settle()
    assert bench.services.decisions.of_clip(clip_id) == []
    assert bar._approve.isVisible()


def test_delete_takes_out_of_a_bin_and_rejects_elsewhere_and_never_touches_a_file(
    bench: Bench,
) -> None:
    bin_id = bench.services.bins.create("Selects")
    bench.services.bins.add(bin_id, bench.ids[:2])
    bench.settle()
    bench.qtbot.waitUntil(lambda: any(b.id == bin_id for b in bench.library.shelves.bins))
    bench.library.show_place(f"bin:{bin_id}:")
    bench.settle()
    assert len(bench.clips) == 2
    bench.choose(0)
    bench.work.do("remove")
    bench.settle()
    assert [b.clips for b in bench.services.bins.every()] == [1]
    bench.library.show_everything()
    bench.settle()
    bench.choose(3)
    bench.work.do("remove")
    bench.settle()
    assert bench.clips.current_card().rejected


def test_the_list_shows_the_same_clips_and_the_same_choice(bench: Bench) -> None:
    bench.choose(2)
    bench.work.do("list")
    bench.settle()
    table = bench.library.browser.list
    assert table.table.rowCount() == 12
    assert table.currentIndex().row() == 2
    at = table.visualRect(table.table.index(4, 2)).center()
    bench.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert bench.clips.chosen_rows() == [bench.clips.rows[4]]
    name = table.table.index(4, 2).data()
    assert name == bench.clips.card(4).name or "\\u" in name


def test_failures_are_shown_with_their_reason_and_retried(bench: Bench) -> None:
    from app.core.catalog import attempts

    error = as_json(BadData("Cut off", "The file ends in the middle.", todo="Copy it again."))
    bench.services.catalog.write(
        lambda tx: [
            attempts.failed(tx, "derive", bench.ids[0], error, passing=False) for _ in range(2)
        ]
    )
    bench.work.work.ask()
    bench.settle()
    assert len(bench.work.work.state.failed) == 1
    panel = bench.work.panels.activity
    panel.open()
    words = [w.text() for w in panel.findChildren(QLabel)]
    assert "Cut off" in words
    assert "Copy it again." in words
    panel.retry_wanted.emit(None)
    bench.settle()
    bench.work.work.ask()
    bench.settle()
    assert bench.work.work.state.failed == ()


def test_every_page_and_panel_opens_empty_and_says_what_to_do(bench: Bench) -> None:
    for page in ("plan", "ingest", "review", "deliver", "settings", "library"):
        bench.work.show_page(page)
        bench.settle()
        assert bench.window.stack.currentWidget() is bench.work._pages[page]
        bench.window.grab()
    for panel in bench.work.panels.all:
        panel.open()
        bench.settle()
        assert panel.isVisible()
        assert [p for p in bench.work.panels.all if p.isVisible()] == [panel]
        bench.qtbot.keyClick(panel, Qt.Key.Key_Escape)
        assert not panel.isVisible()


def test_a_setting_is_kept_and_a_refused_one_says_why(bench: Bench) -> None:
    bench.work.show_page("settings")
    page = bench.work._pages["settings"]
    box = next(b for b in page.findChildren(QComboBox) if b.accessibleName() == "Theme")
    box.setCurrentIndex(1)
    box.activated.emit(1)
    bench.settle()
    assert bench.services.settings.window.theme == "light"
    assert tokens.current() is tokens.LIGHT
    bench.window.grab()
    style.dress("dark")


def test_an_offline_clip_says_so_and_keeps_its_notes(bench: Bench) -> None:
    bench.choose([bench.clips.card(n).state.value for n in range(12)].index("offline"))
    viewer = bench.library.stage.player.viewer
    assert viewer.state.value == "offline"
    bench.services.notes.add(bench.library.stage.clip.id, 0, None, "still here")
    bench.qtbot.waitUntil(lambda: bench.library.stage.detail.open_notes == 1)


def _controls(root: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)
    return [
        w
        for kind in kinds
        for w in root.findChildren(kind)
        if not w.objectName().startswith("qt_") and type(w.parent()).__name__ != "QComboBox"
    ]


@pytest.mark.parametrize("page", ["plan", "ingest", "library", "review", "deliver", "settings"])
def test_every_control_has_a_name_and_every_label_is_plain_text(bench: Bench, page: str) -> None:
    bench.work.show_page(page)
    bench.choose(3)
    bench.services.notes.add(bench.library.stage.clip.id, 0, None, "<img src=http://x/y>")
    bench.settle()
    nameless = [
        w
        for w in _controls(bench.window)
        if not w.accessibleName()
        and not (isinstance(w, QAbstractButton) and (w.text() or w.isHidden()))
        and not isinstance(w, QHeaderView)
        and not isinstance(w.parent(), QScrollBar | QLineEdit)
        and not isinstance(w, QAbstractSlider)
        and not _of_qt(w)
    ]
    left = "; ".join(
        f"{type(w).__name__} in {type(w.parent()).__name__}: {w.toolTip()}" for w in nameless
    )
    assert left == ""
    rich = [
        w
        for w in bench.window.findChildren(QLabel)
        if w.textFormat() is not Qt.TextFormat.PlainText and not _of_qt(w)
    ]
    assert [w.text() for w in rich] == []


def _of_qt(widget: QWidget) -> bool:
    """Parts that Qt makes inside its own widgets: the list of a combo box, the arrows of tabs."""
    above = widget.parent()
    while above is not None:
        if type(above).__name__ in (
            "QComboBox",
            "QTabBar",
            "QComboBoxPrivateContainer",
            "QSpinBox",
        ):
            return True
        above = above.parent()
    return isinstance(widget, QToolButton) and type(widget.parent()).__name__ == "QLineEdit"


def test_projects_keep_their_own_words(bench: Bench) -> None:
    bench.services.log.rate([bench.ids[0]], 5)
    bench.services.projects.create("Second film")
    bench.qtbot.waitUntil(lambda: bench.desk.project.name == "Second film")
    bench.settle()
    bench.clips.make_stale()
    bench.settle()
    assert all(bench.clips.card(n).rating == 0 for n in range(12))


def test_the_first_start_asks_once_and_lists_the_folder_first(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path / "home", introduced=False)
    try:
        page = bench.window.stack.currentWidget()
        assert not bench.window.header.isEnabled()
        page._start()
        assert "name is needed" in page._trouble.text()
        qtbot.keyClicks(page._name, "Ingrid Nilsen")
        assert page._initials.text() == "IN"
        page._project.setText("Harbour film")
        folder = tmp_path / "footage"
        folder.mkdir()
        page._folder.setText(str(folder))
        page._start()
        bench.settle()
        assert bench.services.projects.introduced()
        assert bench.desk.actor.initials == "IN"
        assert [v.name for v in bench.services.volumes.every()] == ["footage"]
        assert bench.window.stack.currentWidget() is bench.library
        assert bench.work.panels.add_volume.isVisible()
    finally:
        bench.close()


def test_errors_say_what_happened_and_what_to_do(bench: Bench) -> None:
    bench.window.toasts.fail(
        BadData("The file is cut off", "It ends in the middle.", todo="Copy it again.")
    )
    words = [w.text() for w in bench.window.toasts.findChildren(QLabel)]
    assert any("The file is cut off" in w for w in words)
    assert "Copy it again." in words
    assert Family.BAD_DATA is BadData.family


def test_a_burst_of_changes_reads_the_clips_once(bench: Bench) -> None:
    reads: list[object] = []
    bench.library.browser.found_changed.connect(reads.append)
    for _ in range(40):
        bench.services.catalog.write(lambda tx: tx.touch(Aspect.CLIP, *bench.ids))
    bench.qtbot.waitUntil(lambda: bool(reads), timeout=20_000)
    bench.settle()
    assert len(reads) <= 4


def test_the_volume_is_kept_in_the_settings(bench: Bench, qtbot: QtBot) -> None:
    player = bench.library.stage.player
    player.trigger("quieter")
    player.trigger("mute")
    home = bench.services.home
    qtbot.waitUntil(lambda: settings.load(home).player.volume == 95)
    qtbot.waitUntil(lambda: settings.load(home).player.muted)
    bench.services.change_setting("player.volume", "30")
    bench.work._on_setting("player.volume")
    assert player.engine.sound.volume == 30


def test_a_low_window_shows_all_of_the_player(bench: Bench) -> None:
    """As on a screen of 1080 lines at 200 %."""
    bench.choose(0)
    bench.window.resize(960, 500)
    bench.qtbot.waitUntil(lambda: bench.window.height() == 500)
    player = bench.library.stage.player
    parts = [player.viewer, player.transport, player.strip]
    edges = [(part.y(), part.y() + part.height()) for part in parts]
    assert edges == sorted(edges)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(edges)), edges
    assert edges[-1][1] <= player.height()
