"""Moments that a search found: opened at their frame, in the clip they belong to, wherever it lies."""

from typing import Any

import pytest
from PySide6.QtCore import Qt

from tests.support import ui_library
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _search_in_a_bin(bench: Bench) -> None:
    """A bin without the clip in which the words are said."""
    ui_library.say(bench.services, bench.ids[2])
    kept = bench.services.bins.create("Selects")
    bench.services.bins.add(kept, [bench.ids[5], bench.ids[6]])
    bench.settle()
    bench.qtbot.waitUntil(lambda: any(one.id == kept for one in bench.library.shelves.bins))
    bench.library.show_place(f"bin:{kept}:")
    bench.settle()
    bench.choose(0)
    bench.window.header.search.setText("tide comes")
    bench.settle()
    assert len(bench.clips) == 0


def test_a_moment_elsewhere_opens_among_all_clips(bench: Bench) -> None:
    _search_in_a_bin(bench)
    assert bench.library.browser.moments.count() == 1
    bench.qtbot.keyClick(bench.window.header.search, Qt.Key.Key_Return)
    bench.settle()
    stage = bench.library.stage
    bench.qtbot.waitUntil(lambda: stage.clip is not None and stage.clip.id == bench.ids[2])
    assert bench.window.header.search.text() == "tide comes"
    assert bench.library.browser.wanted.place.kind == "all"


def test_the_frame_of_a_moment_is_never_shown_of_another_clip(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.choose(3)
    bench.settle()
    stage = bench.library.stage
    fed: list[int] = []
    show = stage.player.show_clip

    def watched(**given: Any) -> None:
        fed.append(given.get("frame", 0))
        show(**given)

    monkeypatch.setattr(stage.player, "show_clip", watched)
    stage._clips.choose_row(stage._clips.rows[7])
    stage.open_row(40)
    stage._clips.choose_row(stage._clips.rows[8])
    bench.settle()
    bench.qtbot.waitUntil(lambda: stage.clip is not None and stage.clip.row == stage._clips.rows[8])
    bench.settle()
    assert fed
    assert 40 not in fed
