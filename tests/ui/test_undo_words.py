"""Undo and redo say what they took back or did again; that there is nothing is no failure."""

from PySide6.QtWidgets import QLabel

from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _told(bench: Bench) -> list[str]:
    bench.settle()
    return [w.text() for w in bench.window.toasts.findChildren(QLabel) if w.isVisible()]


def test_undo_and_redo_name_the_act(bench: Bench) -> None:
    first, second = bench.ids[:2]
    acts = (
        (lambda: bench.services.log.rate([first], 4), "B002C001: Rating: ★★★★"),
        (lambda: bench.services.log.circle([first, second], True), "2 clips: Circled"),
        (lambda: bench.services.notes.add(second, 0, None, "soft"), "B002C002: Note at"),
        (lambda: bench.services.bins.create("Selects"), "bin “Selects” made"),
        (lambda: bench.services.targets.add("Archive", "rushes"), "target “Archive” added"),
        (lambda: bench.services.projects.change("glossary", ["Skagen"]), "project “Harbour film”"),
    )
    for act, words in acts:
        act()
        bench.work.do("undo")
        assert _told(bench)[-1].startswith(f"Undone: {words}")
        bench.work.do("redo")
        assert _told(bench)[-1].startswith(f"Done again: {words}")
    assert [t.name for t in bench.services.targets.every()] == ["Archive"]


def test_a_target_that_was_added_is_taken_back_and_nothing_else(bench: Bench) -> None:
    bench.services.log.rate([bench.ids[0]], 4)
    bench.services.targets.add("Archive", "rushes")
    bench.work.do("undo")
    bench.settle()
    assert bench.services.targets.every() == []
    assert bench.services.log.of_clip(bench.ids[0]).rating == 4


def test_that_there_is_nothing_to_undo_passes_as_a_notice(bench: Bench) -> None:
    bench.services.projects.introduce("Ingrid Nilsen", "IN")
    for name, words in (("undo", "Nothing to undo"), ("redo", "Nothing to redo")):
        bench.work.do(name)
        assert _told(bench)[-1] == words
    assert bench.desk.project.name == "Harbour film"
    assert not [w for w in bench.window.toasts._toasts() if w.property("look") == "toast-bad"]
