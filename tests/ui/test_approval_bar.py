"""The bar of the decision: what was decided can be read also in a narrow window, and nothing moves under the pointer."""

from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_open_notes_stand_in_the_words_and_leave_the_buttons_where_they_are(bench: Bench) -> None:
    bench.choose(0)
    bench.settle()
    stage = bench.library.stage
    bench.qtbot.waitUntil(lambda: stage.detail is not None)
    bar = stage.inspector.approval
    before = (bar._approve.geometry(), bar._changes.geometry())
    bench.services.notes.add(stage.clip.id, 1, None, "look")
    bench.qtbot.waitUntil(lambda: bar._words.text() == "No decision yet · 1 note open")
    bench.settle()
    assert (bar._approve.geometry(), bar._changes.geometry()) == before


def test_in_a_narrow_bar_the_words_have_room(bench: Bench) -> None:
    bench.choose(0)
    bench.settle()
    bar = bench.library.stage.inspector.approval
    bench.services.decisions.decide([bench.library.stage.clip.id], "approved")
    bench.qtbot.waitUntil(bar._back.isVisible)
    bar.setFixedWidth(600)
    bench.settle()
    assert bar._back.text() == "Take back"
    bar.setFixedWidth(408)
    bench.settle()
    assert bar._back.text() != "Take back"
    assert bar._back.accessibleName() == "Take back"
    assert bar._words.width() >= bar._words.fontMetrics().horizontalAdvance("Approved by")


def test_several_chosen_clips_are_not_called_undecided(bench: Bench) -> None:
    bench.choose(0)
    bench.services.decisions.decide([bench.library.stage.clip.id], "approved")
    bar = bench.library.stage.inspector.approval
    bench.qtbot.waitUntil(lambda: bar._words.text().startswith("Approved"))
    bench.clips.choose(lambda selection: selection.everything(12))
    bench.qtbot.waitUntil(lambda: bar._words.text() == "12 clips chosen")
