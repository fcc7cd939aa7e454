"""The context menus of clips and places: each entry does what it says, and no file is touched."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.core.model.media import Derive
from app.ui.library import place_menu
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


@pytest.fixture(autouse=True)
def shut() -> Iterator[None]:
    """No menu stays open over the next test."""
    yield
    while (popup := QApplication.activePopupWidget()) is not None:
        popup.close()


def _menu(bench: Bench) -> QMenu:
    popup: list[QMenu] = []

    def there() -> bool:
        found = QApplication.activePopupWidget()
        if isinstance(found, QMenu):
            popup.append(found)
        return bool(popup)

    bench.qtbot.waitUntil(there)
    return popup[-1]


def _title(action: QAction) -> str:
    return action.text().split("\t")[0].replace("&&", "&")


def _entry(menu: QMenu, *path: str) -> QAction:
    """An entry by its words, through submenus."""
    for action in menu.actions():
        if _title(action) == path[0]:
            below = action.menu()
            return (
                _entry(below, *path[1:]) if len(path) > 1 and isinstance(below, QMenu) else action
            )
    raise AssertionError(f"{path[0]} is not in {[_title(a) for a in menu.actions()]}")


def _choose(bench: Bench, menu: QMenu, *path: str) -> None:
    entry = _entry(menu, *path)
    assert entry.isEnabled()
    entry.trigger()
    menu.close()
    bench.settle()


def _on_clip(bench: Bench, position: int) -> QMenu:
    grid = bench.library.browser.grid
    QTest.mouseClick(
        grid.viewport(), Qt.MouseButton.RightButton, pos=grid.rect_of(position).center()
    )
    return _menu(bench)


def _on_place(bench: Bench, title: str) -> QMenu:
    sidebar = bench.library.sidebar
    spots: list[QPoint] = []

    def listed() -> bool:
        spots.extend(
            sidebar.visualRect(i).center() for i in sidebar._indexes() if i.data() == title
        )
        return bool(spots)

    bench.qtbot.waitUntil(listed)
    sidebar._ask_menu(spots[-1])
    return _menu(bench)


def _log(bench: Bench, position: int):
    """What was logged of a clip."""
    return bench.services.log.of_clip(bench.clips.card(position).id)


def test_a_right_click_chooses_the_clip_under_it_and_keeps_a_choice_around_it(bench: Bench) -> None:
    _on_clip(bench, 2).close()
    assert bench.clips.selection.runs == ((2, 3),)
    bench.clips.choose(lambda s: s.replace([(0, 3)]))
    _on_clip(bench, 1).close()
    assert bench.clips.selection.runs == ((0, 3),)


def test_every_entry_of_a_clip_does_what_it_says(bench: Bench) -> None:
    _choose(bench, _on_clip(bench, 0), "Rating", "★★★★")
    assert _log(bench, 0).rating == 4
    _choose(bench, _on_clip(bench, 0), "Circle, or take the circle away")
    assert _log(bench, 0).circled
    _choose(bench, _on_clip(bench, 0), "Reject, or want it again")
    assert _log(bench, 0).rejected
    clip_id = bench.clips.card(0).id

    def verdicts() -> list[str]:
        return [one.verdict for one in bench.services.decisions.of_clip(clip_id)]

    _choose(bench, _on_clip(bench, 0), "Request changes")
    assert "rejected" in verdicts()
    _choose(bench, _on_clip(bench, 0), "Approve")
    assert "approved" in verdicts()
    _choose(bench, _on_clip(bench, 0), "Take the decision back")
    with bench.services.catalog.read() as reader:
        assert reader.value("SELECT count(*) FROM file WHERE state = 'missing'") == 0


def test_clips_go_into_a_bin_and_out_of_it(bench: Bench) -> None:
    bin_id = bench.services.bins.create("Selects")
    bench.qtbot.waitUntil(lambda: bool(bench.library.shelves and bench.library.shelves.bins))

    def held() -> int:
        with bench.services.catalog.read() as reader:
            return reader.value("SELECT count(*) FROM bin_clip WHERE bin_id = ?", bin_id)

    _choose(bench, _on_clip(bench, 1), "Put into a bin", "Selects")
    assert held() == 1
    bench.library.show_place(f"bin:{bin_id}:")
    bench.qtbot.waitUntil(lambda: len(bench.clips) == 1)
    bench.settle()
    _choose(bench, _on_clip(bench, 0), "Take out of Selects")
    assert held() == 0


def test_export_gets_the_chosen_clips(bench: Bench) -> None:
    asked: list[list[int]] = []
    bench.library.export_wanted.connect(asked.append)
    bench.clips.choose(lambda s: s.replace([(0, 2)]))
    _choose(bench, _on_clip(bench, 1), "Export as a timeline …")
    assert asked == [bench.clips.chosen_rows()]


def test_every_entry_of_a_volume_does_what_it_says(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nas = next(v for v in bench.services.volumes.every() if v.name == "NAS Media")

    def now():
        return next(v for v in bench.services.volumes.every() if v.id == nas.id)

    _choose(bench, _on_place(bench, "NAS Media"), "How much is made", "Names, facts and posters")
    assert now().derive is Derive.POSTERS
    scanned: list[list[str]] = []
    monkeypatch.setattr(bench.desk, "scan", lambda ids: scanned.append(list(ids)))
    _choose(bench, _on_place(bench, "NAS Media"), "Scan now")
    assert scanned == [[nas.id]]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    asked: list[str] = []

    def chosen(_window: object, title: str, take: Callable[[str], object]) -> None:
        asked.append(title)
        take(str(elsewhere))

    monkeypatch.setattr(place_menu, "choose_folder", chosen)
    _choose(bench, _on_place(bench, "NAS Media"), "It is mounted here …")
    assert asked == ["Where is NAS Media now?"]
    monkeypatch.setattr(place_menu, "confirm", lambda *given: given[-1]())
    _choose(bench, _on_place(bench, "NAS Media"), "Forget this volume …")
    assert nas.id not in {v.id for v in bench.services.volumes.every()}


def test_a_volume_that_is_away_is_not_scanned(bench: Bench) -> None:
    menu = _on_place(bench, "Archive 07")
    assert not _entry(menu, "Scan now").isEnabled()


def test_every_entry_of_a_bin_does_what_it_says(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.services.bins.create("Selects")

    def names() -> list[str]:
        with bench.services.catalog.read() as reader:
            return reader.column("SELECT name FROM bin WHERE deleted = 0")

    monkeypatch.setattr(place_menu, "ask_line", lambda *given: given[4]("Best of"))
    _choose(bench, _on_place(bench, "Selects"), "Rename …")
    assert names() == ["Best of"]
    _choose(bench, _on_place(bench, "Best of"), "Delete the bin (its clips stay)")
    assert names() == []


def test_a_search_is_kept_as_a_smart_bin(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.library.search("rating>=3")
    bench.settle()
    monkeypatch.setattr(place_menu, "ask_line", lambda *given: given[4]("Good"))
    _choose(bench, _on_place(bench, "NAS Media"), "Keep this search as a smart bin …")
    with bench.services.catalog.read() as reader:
        assert reader.one("SELECT query FROM bin WHERE name = 'Good'")["query"] == "rating>=3"
