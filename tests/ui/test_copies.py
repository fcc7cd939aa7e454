"""Copies in the window: each folder shows the clip by the name it has there; words that did not know of one another are shown as disputed."""

import pytest
from PySide6.QtWidgets import QLabel

from app.core.catalog import clips, projects
from app.core.model.entities import ClipCard
from app.ui.library.sidebar import node_of
from app.ui.widgets.words import NameLabel
from tests.support import catalogs
from tests.ui.bench import Bench, bench

__all__ = ["bench"]
HASH = "xxh3-128:ee"


def _cards(bench: Bench) -> list[ClipCard]:
    """What the grid shows, once its cards have come."""
    bench.clips.want(range(len(bench.clips)))
    bench.settle()
    found = [bench.clips.card(position) for position in range(len(bench.clips))]
    assert None not in found
    return [card for card in found if card is not None]


def _lines(bench: Bench) -> dict[str, str]:
    """Every line of the sidebar with its count."""
    sidebar = bench.library.sidebar
    return {node_of(i).key: node_of(i).count for i in sidebar._indexes()}


@pytest.fixture
def twin(bench: Bench) -> str:
    """The clip that lies in a second folder as well, under another name."""
    catalog = bench.services.catalog
    clip = bench.ids[0]
    with catalog.read() as reader:
        volume = str(reader.value("SELECT volume_id FROM clip WHERE id = ?", clip))
    copies: list[str] = []
    for path in ("DESK/in/another name.mov", "DESK/out/third name.mov"):
        row = catalogs.add_file(catalog, volume, path)
        record = catalogs.record(volume, path, [row], frames=100)
        copies.append(catalog.write(lambda tx, record=record: clips.put(tx, record)))
    for one in (clip, *copies):
        catalogs.read_whole(catalog, one, HASH)
    bench.settle()
    bench.library.read_shelves()
    bench.settle()
    return volume


def test_a_folder_shows_the_clip_by_its_name_there(bench: Bench, twin: str) -> None:
    whole = {card.id: card.name for card in _cards(bench)}
    own = whole[bench.ids[0]]
    assert own != "another name"
    bench.library.show_place(f"folder:{twin}:DESK")
    bench.settle()
    (card,) = _cards(bench)
    assert (card.id, card.name, card.folder) == (bench.ids[0], "another name", "DESK/in")
    bench.library.show_everything()
    bench.settle()
    assert {card.id: card.name for card in _cards(bench)} == whole, "elsewhere it has its own name"


def test_the_sidebar_counts_what_a_click_shows(bench: Bench, twin: str) -> None:
    for key, count in _lines(bench).items():
        if not key.startswith(("folder:", "volume:")):
            continue
        bench.library.show_place(key)
        bench.settle()
        assert str(len(bench.clips)) == count, key
    assert "folder:" + twin + ":DESK/in" in _lines(bench)
    hints = [node_of(i).hint for i in bench.library.sidebar._indexes()]
    assert any("2 of them copies" in hint for hint in hints)


def test_info_says_that_it_is_a_copy_and_of_what(bench: Bench, twin: str) -> None:
    bench.library.show_place(f"folder:{twin}:DESK")
    bench.settle()
    bench.choose(0)
    bench.library.stage.inspector.show_tab("info")
    bench.settle()
    info = bench.library.stage.inspector.info
    words = [one.text() for one in info.findChildren(QLabel)]
    assert [text for text in words if " copy " in f" {text} "], words
    assert any("It is named by" in text for text in words)


def test_a_dispute_is_said_with_both_words(bench: Bench) -> None:
    catalog, decisions = bench.services.catalog, bench.services.decisions
    one = bench.ids[0]
    with catalog.read() as reader:
        volume = str(reader.value("SELECT volume_id FROM clip WHERE id = ?", one))
        ann = projects.current_actor(reader)
    two = catalogs.add_clip(catalog, volume, "DESK/twin.mov")
    decisions.decide([one], "approved")
    bob = bench.services.projects.add_actor("Bob Hill", "BH").id
    bench.services.projects.switch(actor=bob)
    decisions.decide([two], "rejected")
    for clip in (one, two):
        catalogs.read_whole(catalog, clip, HASH)
    assert ann != bob
    bench.settle()
    bench.library.show_everything()
    bench.settle()
    position = [card.id for card in _cards(bench)].index(one)
    bench.choose(position)
    bar = bench.library.stage.inspector.approval
    said = [label.text() for label in bar.findChildren(NameLabel)]
    assert any("Disputed" in text and "Bob Hill" in text for text in said), said
    assert bar._approve.isEnabled()
    assert bar._changes.isEnabled()
    assert _cards(bench)[position].disputed
