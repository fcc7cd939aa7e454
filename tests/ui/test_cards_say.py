"""What a card and a line of the list say of a clip: reel and rate, gaps, and what is wrong while its volume is away."""

from app.core.catalog import library, places
from app.core.catalog.rows import Tx
from app.core.model.entities import ClipCard
from app.ui.library import cells
from app.ui.library.list_model import columns
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def _cards(bench: Bench) -> dict[str, ClipCard]:
    with bench.services.catalog.read() as reader:
        found = library.cards(reader, bench.clips.rows, bench.desk.project_id, "")
    return {card.id: card for card in found}


def _problems(bench: Bench) -> int:
    with bench.services.catalog.read() as reader:
        return places.counts(reader, bench.desk.project_id)["problems"]


def _text(card: ClipCard, key: str) -> str:
    return next(column.text(card) for column in columns() if column.key == key)


def test_a_clip_with_a_gap_is_badged_as_it_is_counted(bench: Bench) -> None:
    gapped, away = bench.ids[0], bench.ids[5]

    def act(tx: Tx) -> None:
        tx.run("UPDATE clip SET gaps = '[[7, 8]]' WHERE id = ?", gapped)
        tx.run("UPDATE clip SET own_state = 'damaged' WHERE id = ?", away)

    assert _problems(bench) == 0
    bench.services.catalog.write(act)
    cards = _cards(bench)
    assert [badge.text for badge in cells.badges(cards[gapped], cells.CellState())] == ["gap"]
    assert cells.spoken(cards[gapped]).endswith("gap")
    assert _text(cards[gapped], "state") == "ready · ▲ gap"
    assert _problems(bench) == 2, "a clip does not get well when its volume goes"
    words = [badge.text for badge in cells.badges(cards[away], cells.CellState())]
    assert words == ["offline", "damaged"]
    assert _text(cards[away], "state") == "offline · ▲ damaged"


def test_reel_and_rate_stand_on_every_card_and_in_the_first_columns(bench: Bench) -> None:
    look, card = cells.CellLook(), _cards(bench)[bench.ids[0]]
    assert cells.source_line(card, look.small_metrics, 200) == "B002R2EC · 25 fps"
    narrow = cells.source_line(card, look.small_metrics, 80)
    assert narrow.endswith(" · 25 fps")
    assert "…" in narrow
    assert look.small_metrics.horizontalAdvance(narrow) <= 80
    bench.window.resize(1600, 900)
    bench.work.do("list")
    bench.settle()
    lines = bench.library.browser.list
    for number, column in enumerate(lines.table.columns):
        if column.key in ("start", "name", "reel", "rate"):
            right = lines.columnViewportPosition(number) + lines.columnWidth(number)
            assert right <= lines.viewport().width(), column.key


def test_short_columns_show_what_is_in_them_whole(bench: Bench) -> None:
    bench.work.do("list")
    bench.settle()
    lines = bench.library.browser.list
    longest = {"rate": "44.1 kHz", "take": "T012", "scene": "112A", "reel": "A001R2EC"}
    for number, column in enumerate(lines.table.columns):
        if column.key in longest:
            room = lines.columnWidth(number) - 2 * 8
            assert lines.fontMetrics().horizontalAdvance(longest[column.key]) <= room, column.key
