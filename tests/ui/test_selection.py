from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from app.ui.library.layout import grid_layout
from app.ui.library.selection import Selection, runs_of

positions = st.integers(0, 40)


@given(st.lists(st.tuples(st.sampled_from(["toggle", "only", "extend", "add"]), positions)))
def test_runs_hold_what_a_plain_set_would(steps: list[tuple[str, int]]) -> None:
    selection, plain = Selection(), set[int]()
    anchor: int | None = None
    for step, position in steps:
        match step:
            case "toggle":
                selection.toggle(position)
                plain ^= {position}
                anchor = position
            case "only":
                selection.only(position)
                plain = {position}
                anchor = position
            case "add":
                selection.add(((position, position + 3),))
                plain |= set(range(position, position + 3))
            case _:
                selection.extend(position)
                anchor = position if anchor is None else anchor
                plain = set(range(min(anchor, position), max(anchor, position) + 1))
        assert list(selection) == sorted(plain)
        assert len(selection) == len(plain)
        assert all((p in selection) == (p in plain) for p in range(44))
        assert all(a[1] < b[0] for a, b in zip(selection.runs, selection.runs[1:], strict=False))


@given(st.sets(positions))
def test_positions_and_runs_say_the_same(chosen: set[int]) -> None:
    selection = Selection()
    selection.replace(runs_of(sorted(chosen)))
    assert set(selection) == chosen


@given(st.integers(1, 5000), st.integers(150, 3000), st.integers(100, 500))
def test_every_cell_is_found_where_it_is(count: int, width: int, wanted: int) -> None:
    place = grid_layout(count, width, wanted)
    for position in {0, count // 2, count - 1}:
        rect = place.rect(position)
        assert place.at(rect.center()) == position
        assert position in place.visible(rect.top(), rect.height())
        assert rect.bottom() < place.height
        assert any(position in span for span in place.touched(QRect(rect.center(), rect.center())))
    assert place.rect(min(count, place.columns) - 1).right() < width or place.columns == 1


def test_a_gap_is_no_cell_and_an_empty_grid_has_none() -> None:
    assert grid_layout(10, 1000, 200).at(QPoint(1, 1)) is None
    assert grid_layout(0, 1000, 200).nearest(QPoint(50, 50)) is None
    assert list(grid_layout(0, 1000, 200).visible(0, 900)) == []
