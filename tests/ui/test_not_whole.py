"""What is not whole says so in words: on its card, in the inspector, in the viewer, on the Ingest page."""

import dataclasses
import datetime

from PySide6.QtWidgets import QLabel

from app.core.catalog.rows import Tx
from app.core.model import facts_json
from app.core.model.changes import Aspect
from app.core.model.entities import Arriving
from app.core.model.media import ClipKind, MediaFacts
from app.ui.library import cells, list_model, not_whole
from app.ui.shell.workload import WorkState
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.words import NameLabel
from tests.support.fake_cards import card
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _today(hour: int, minute: int) -> int:
    now = datetime.datetime.now().astimezone()
    return int(now.replace(hour=hour, minute=minute, second=0).timestamp()) * 1000


UNCHANGED = _today(10, 32)
WORDS = "Unchanged since 10:32. If it is still incomplete at 11:32 it is called damaged."


def _break(bench: Bench, position: int = 0, *, looked_at: bool = True) -> int:
    clip_id = bench.ids[position]

    def act(tx: Tx) -> int:
        tx.run(
            "UPDATE file SET state = 'growing', settled_at = 9999999999999, mtime_ns = ?, facts = ?, facts_sig = ? WHERE clip_id = ?",
            UNCHANGED * 1_000_000,
            facts_json.dump(MediaFacts(ClipKind.VIDEO, closed=False)) if looked_at else None,
            "1:1" if looked_at else None,
            clip_id,
        )
        tx.run(
            "UPDATE clip SET state = 'growing', own_state = 'growing', problem = 'Its index is missing.' WHERE id = ?",
            clip_id,
        )
        tx.touch(Aspect.CLIP, clip_id)
        tx.touch(Aspect.FILE, clip_id)
        return int(tx.value("SELECT n FROM clip WHERE id = ?", clip_id))

    row = bench.services.catalog.write(act)
    bench.clips.make_stale()
    bench.settle()
    return list(bench.clips.rows).index(row)


def test_the_words_name_both_hours() -> None:
    assert not_whole.words(Arriving("a", 1, UNCHANGED, _today(11, 32), 1)) == WORDS
    arriving = not_whole.words(Arriving("a", 1, UNCHANGED, None, 1))
    assert arriving.startswith("Still arriving, changed at 10:32.")


def test_the_inspector_and_the_viewer_say_until_when_it_waits(bench: Bench) -> None:
    bench.choose(_break(bench))
    stage = bench.library.stage
    said = [w.text() for w in stage.inspector.info.findChildren(QLabel)]
    assert WORDS in said
    assert "▲  not whole yet" in said
    assert "Its index is missing." in said
    assert "growing" not in said
    shown = [w.text() for w in stage.player.viewer.findChildren(QLabel)]
    assert any(WORDS in text for text in shown)


def test_the_card_and_the_list_say_so(bench: Bench) -> None:
    position = _break(bench)
    shown = bench.clips.card(position)
    assert shown is not None
    badge = cells.badges(shown, cells.CellState())[0]
    assert (badge.text, badge.mark) == ("not whole yet", "▲")
    assert shown.arriving is not None
    assert not_whole.since(shown.arriving) == "unchanged since 10:32"
    assert WORDS in cells.spoken(shown)
    column = next(c for c in list_model.columns() if c.key == "state")
    assert column.text(shown) == "▲ not whole yet"


def test_a_file_that_is_being_written_is_only_growing(bench: Bench) -> None:
    shown = bench.clips.card(_break(bench, looked_at=False))
    assert shown is not None
    badge = cells.badges(shown, cells.CellState())[0]
    assert (badge.text, badge.mark) == ("growing", "")
    assert shown.arriving is not None
    assert not_whole.since(shown.arriving) == "changed at 10:32"


def test_the_ingest_page_lists_what_is_not_whole(bench: Bench) -> None:
    bench.work.show_page("ingest")
    bench.settle()
    page = bench.window.stack.currentWidget().volumes
    assert page._not_whole.isHidden()
    assert page._waiting.isHidden()
    position = _break(bench)
    page._list.setCurrentRow(
        next(n for n, v in enumerate(page._known) if v.id == bench.clips.card(position).volume_id)
    )
    page.refresh()
    bench.settle()
    table = page._not_whole
    assert table.isVisible()
    assert page._waiting.text() == "▲  1 file is not whole yet:"
    row = [table.rows.index(0, n).data() for n in range(3)]
    assert row == ["Day 3/B cam/clip0.mov", wording.size(1_000_000), WORDS]
    assert page._skipped.rows.columns[1].wrap


def test_a_whole_clip_says_nothing_of_it() -> None:
    assert "unchanged" not in cells.spoken(card(1))


def test_the_words_on_a_small_card_fit(bench: Bench) -> None:
    shown = bench.clips.card(_break(bench))
    assert shown is not None
    assert shown.arriving is not None
    room = 152 - 2 * tokens.SPACE_S
    look = cells.CellLook()
    assert look.small_metrics.horizontalAdvance(not_whole.since(shown.arriving)) <= room


def test_a_ready_clip_with_a_gap_is_not_headed_ready(bench: Bench) -> None:
    def act(tx: Tx) -> int:
        tx.run(
            "UPDATE clip SET gaps = '[[7, 8]]', problem = 'Frames are missing: 7-8.' WHERE id = ?",
            bench.ids[0],
        )
        tx.touch(Aspect.CLIP, bench.ids[0])
        return int(tx.value("SELECT n FROM clip WHERE id = ?", bench.ids[0]))

    bench.choose(list(bench.clips.rows).index(bench.services.catalog.write(act)))
    bench.settle()
    said = [w.text() for w in bench.library.stage.inspector.info.findChildren(QLabel)]
    assert "▲  not complete" in said
    assert "▲  ready" not in said


def test_work_in_hand_does_not_say_that_all_is_there(bench: Bench) -> None:
    panel = bench.work.panels.activity
    panel.open()
    panel.show_state(WorkState())
    assert panel._words.text().startswith("Nothing to do.")
    _break(bench)
    bench.work.work.ask()
    bench.settle()
    state = bench.work.work.state
    assert [one.path for one in state.not_whole] == ["Day 3/B cam/clip0.mov"]
    panel.show_state(dataclasses.replace(state, running=(), waiting=()))
    assert panel._words.text() == "1 file is not whole yet."
    said = [w.text() for w in panel.findChildren(QLabel)]
    assert WORDS in said
    assert any(name.text() == "clip0.mov" for name in panel.findChildren(NameLabel))
