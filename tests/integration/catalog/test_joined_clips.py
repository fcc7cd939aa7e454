"""Chapters that arrive one by one: what was said of one stays at its picture, wherever that lies in the joined clip."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import clips, events, files, integrity, library, logs, notes, shifts
from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.entities import Clip
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.model.media import ClipState, FileRole
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs
from tests.support.catalogs import PROJECT, add_file, add_volume, record, say

FRAMES = {"GX010001": 100, "GX020001": 60, "GX030001": 250}
ONE, TWO, THREE = FRAMES


class Card:
    """A camera's card of chapters; each says how long it is."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.volume = add_volume(catalog)
        self.rows = {name: add_file(catalog, self.volume, f"DCIM/{name}.MP4") for name in FRAMES}

    def record(self, *names: str, known: bool = True) -> ClipRecord:
        """What assembly says of these chapters, in order."""
        starts = itertools.accumulate((FRAMES[name] for name in names), initial=0)
        parts = tuple(
            Part(self.rows[name], FileRole.ESSENCE, index * 64, start if known else None)
            for index, (name, start) in enumerate(zip(names, starts, strict=False))
        )
        whole = record(self.volume, f"DCIM/{names[0]}.MP4", [self.rows[names[0]]])
        values: dict[str, Any] = {name: getattr(whole, name) for name in whole.__slots__}
        values |= {"parts": parts, "frames": sum(FRAMES[name] for name in names)}
        return ClipRecord(**values)

    def put(self, *names: str, known: bool = True) -> str:
        """Assembly found these chapters."""
        return self.catalog.write(lambda tx: clips.put(tx, self.record(*names, known=known)))


@pytest.fixture
def card(catalog: Catalog) -> Card:
    return Card(catalog)


def _get(catalog: Catalog, clip: str) -> Clip:
    with catalog.read() as reader:
        found = library.get(reader, clip, PROJECT)
    assert found is not None
    return found


def _at(catalog: Catalog, clip: str) -> dict[str, tuple[int, int]]:
    return {n.text: (n.start_frame, n.end_frame) for n in Notes(catalog).of_clip(clip)}


def _whole(catalog: Catalog) -> None:
    """The catalog holds together, and told anew the log says the same."""
    before = catalogs.snapshot(catalog)
    with catalog.read() as reader:
        assert [found for check in integrity.CHECKS for found in check(reader)] == []
    catalog.write(events.replay)
    assert catalogs.snapshot(catalog) == before


def test_notes_of_a_later_chapter_lie_at_their_frame_of_the_joined_clip(
    catalog: Catalog, card: Card
) -> None:
    first, second = card.put(ONE), card.put(TWO)
    Notes(catalog).add(first, 7, None, "first")
    Notes(catalog).add(second, 5, 9, "second")
    Marks(catalog).add(second, 59, name="last")
    Log(catalog).mark_range(second, 10, 20)
    joined = card.put(ONE, TWO)
    assert joined == first
    assert _get(catalog, second).id == first
    assert _at(catalog, first) == {"first": (7, 8), "second": (105, 109)}
    (mark,) = Marks(catalog).of_clip(first)
    assert (mark.start_frame, mark.end_frame) == (159, 160)
    log = Log(catalog).of_clip(first)
    assert (log.mark_in, log.mark_out) == (110, 120)
    _whole(catalog)


@pytest.mark.parametrize("order", list(itertools.permutations(FRAMES)), ids="-".join)
def test_chapters_in_any_order_keep_every_note_at_its_picture(
    catalog: Catalog, card: Card, order: Sequence[str]
) -> None:
    """One by one, each seen with those before it; a note on each before and after the others came."""
    here: list[str] = []
    said: dict[str, tuple[str, int]] = {}
    for name in order:
        here.append(name)
        clip = card.put(*sorted(here))
        start = sum(FRAMES[n] for n in sorted(here) if n < name)
        for at in (0, FRAMES[name] - 1):
            Notes(catalog).add(clip, start + at, None, f"{name} {at}")
            said[f"{name} {at}"] = (name, at)
    starts = {name: sum(FRAMES[n] for n in FRAMES if n < name) for name in FRAMES}
    wanted = {text: (starts[n] + at, starts[n] + at + 1) for text, (n, at) in said.items()}
    assert _at(catalog, clip) == wanted
    assert _get(catalog, clip).frames == 410
    _whole(catalog)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_words_that_arrive_after_the_join_lie_right_in_any_order(
    catalog: Catalog, card: Card, order: Sequence[int], tmp_path: Path
) -> None:
    """Said elsewhere of the chapter alone, heard here once it is part of the joined clip."""
    first, second = card.put(ONE), card.put(TWO)
    note = say(
        catalog,
        Entity.NOTE,
        "n1",
        Kind.NOTE_ADDED,
        {"clip": second, "start": 5, "end": 9, "text": "hm", "parent": None},
    )
    ranged = say(catalog, Entity.CLIP, second, Kind.CLIP_MARKED, {"in": 1, "out": 2})
    later = say(catalog, Entity.CLIP, first, Kind.CLIP_MARKED, {"in": 3, "out": None})
    with catalogs.opened(tmp_path / "other") as other:
        catalogs.settle_in(other)
        there = Card(other)
        mine = [there.put(ONE), there.put(TWO)]

        def same_ids(tx: Tx) -> None:
            for own, known in zip(mine, (first, second), strict=True):
                tx.run("UPDATE file SET clip_id = ? WHERE clip_id = ?", known, own)
                tx.run("UPDATE clip SET id = ? WHERE id = ?", known, own)

        other.write(same_ids)
        there.put(ONE, TWO)
        for index in order:
            other.write(lambda tx, i=index: events.append(tx, (note, ranged, later)[i], new_id()))
        assert _at(other, first) == {"hm": (105, 109)}
        log = Log(other).of_clip(first)
        assert (log.mark_in, log.mark_out) == (3, None)
        _whole(other)


def test_undo_of_a_range_brings_back_the_one_before_at_its_frames(
    catalog: Catalog, card: Card
) -> None:
    first, second = card.put(ONE), card.put(TWO)
    log = Log(catalog)
    log.mark_range(second, 10, 20)
    log.mark_range(first, 1, 2)
    card.put(ONE, TWO)
    assert (log.of_clip(first).mark_in, log.of_clip(first).mark_out) == (1, 2)
    log.undo()
    assert (log.of_clip(first).mark_in, log.of_clip(first).mark_out) == (110, 120)
    log.redo()
    assert (log.of_clip(first).mark_in, log.of_clip(first).mark_out) == (1, 2)
    _whole(catalog)


def test_a_mark_moved_in_the_joined_clip_lies_where_it_was_put(
    catalog: Catalog, card: Card
) -> None:
    card.put(ONE)
    second = card.put(TWO)
    marks = Marks(catalog)
    mark = marks.add(second, 5, name="gull")
    card.put(ONE, TWO)
    moved = marks.edit(mark.id, {"start": 120, "end": 121, "name": "tern"})
    assert (moved.start_frame, moved.end_frame, moved.name) == (120, 121, "tern")
    marks.undo()
    (back,) = marks.of_clip(second) or marks.of_clip(_get(catalog, second).id)
    assert (back.start_frame, back.name) == (105, "gull")
    _whole(catalog)


def test_a_chapter_that_is_away_moves_nothing_and_comes_back(catalog: Catalog, card: Card) -> None:
    clip = card.put(ONE, TWO)
    Notes(catalog).add(clip, 130, None, "in the second")
    catalog.write(lambda tx: files.missing(tx, [card.rows[ONE]]))
    assert card.put(TWO) == clip
    assert _at(catalog, clip) == {"in the second": (130, 131)}
    catalog.write(lambda tx: files.back(tx, [(card.rows[ONE], 7)]))
    assert card.put(ONE, TWO) == clip
    assert _at(catalog, clip) == {"in the second": (130, 131)}
    _whole(catalog)


def test_equal_bytes_of_a_joined_clip_keep_the_steps_of_its_chapters(
    catalog: Catalog, card: Card
) -> None:
    """On a second disk the later chapter came first; then both copies prove equal."""
    whole = card.put(ONE, TWO)
    backup = Card(catalog)
    late = backup.put(TWO)
    Notes(catalog).add(late, 5, None, "of the copy")
    other = backup.put(ONE, TWO)
    assert _at(catalog, other) == {"of the copy": (105, 106)}
    for clip in (whole, other):
        catalogs.read_whole(catalog, clip, "xxh3-128:11")
    assert _get(catalog, late).id == whole
    assert _at(catalog, whole) == {"of the copy": (105, 106)}
    assert _get(catalog, whole).frames == 160
    _whole(catalog)


def test_corrected_words_and_search_follow(catalog: Catalog, card: Card) -> None:
    first, second = card.put(ONE), card.put(TWO)
    body = {"clip": second, "start": 16_000, "end": 32_000, "was": "see", "text": "sea"}
    say(catalog, Entity.SEGMENT, "s1", Kind.SEGMENT_CORRECTED, {**body, "speaker": None})
    Notes(catalog).add(second, 5, None, "seagull")
    card.put(ONE, TWO)
    with catalog.read() as reader:
        rows = reader.all("SELECT clip_id, start, stop FROM correction")
        found = reader.all("SELECT clip_id, start_frame FROM doc WHERE text = 'seagull'")
        told = [h.body for h in logs.history(reader, library.aliases(reader, first))]
    assert [tuple(row) for row in rows] == [(first, 80_000, 96_000)], "four seconds later, at 25"
    assert [tuple(row) for row in found] == [(first, 105)]
    assert [(b["start"], b["end"]) for b in told if b.get("text") == "seagull"] == [(105, 106)]


def test_what_was_measured_of_a_chapter_is_not_said_of_the_whole(
    catalog: Catalog, card: Card
) -> None:
    clip, second = card.put(ONE), card.put(TWO)
    found = clips.Measured(frames=59, state=ClipState.DAMAGED, problem="cut", essence="packets")
    catalog.write(lambda tx: clips.set_measured(tx, second, found))
    for _ in range(2):
        assert card.put(ONE, TWO) == clip
    joined = _get(catalog, clip)
    assert (joined.frames, joined.state, joined.problem) == (160, ClipState.READY, None)


def test_files_of_unknown_length_are_joined_as_they_are(catalog: Catalog, card: Card) -> None:
    """Nothing tells where the second begins: no frame is made up."""
    first, second = card.put(ONE, known=False), card.put(TWO, known=False)
    Notes(catalog).add(second, 5, None, "hm")
    assert card.put(ONE, TWO, known=False) == first
    assert _at(catalog, first) == {"hm": (5, 6)}
    _whole(catalog)


class TestSteps:
    """The arithmetic alone."""

    STEPS = (
        {"rate": [25, 1], "pieces": [[0, 0], [100, 60]]},
        {"rate": [25, 1], "pieces": [[0, 40]]},
    )

    def test_each_piece_moves_on_its_own_and_steps_follow_one_another(self) -> None:
        moved = {frame: shifts.frame(self.STEPS, frame) for frame in (0, 99, 100, 101)}
        assert moved == {0: 40, 99: 139, 100: 200, 101: 201}
        assert shifts.span(self.STEPS, 90, 100) == (130, 140), "an end is no frame of its own"
        assert shifts.span((), 5, 6) == (5, 6)

    def test_back_is_the_way_back(self) -> None:
        for frame in (0, 50, 99, 100, 150, 400):
            assert shifts.back(self.STEPS, shifts.frame(self.STEPS, frame)) == frame

    def test_samples_move_by_the_time_of_the_frames(self) -> None:
        ntsc = ({"rate": [30000, 1001], "pieces": [[0, 0], [30, 30]]},)
        assert shifts.samples(ntsc, 0) == 0
        assert shifts.samples(ntsc, 16_016) == 32_032
        assert shifts.samples(ntsc, 16_015) == 16_015


def test_a_clip_has_its_notes_once(catalog: Catalog, card: Card) -> None:
    second = card.put(TWO)
    Notes(catalog).add(second, 5, None, "hm")
    clip = card.put(ONE, TWO)
    for _ in range(2):
        assert card.put(ONE, TWO) == clip, "put together once more, it is the same clip"
    with catalog.read() as reader:
        assert [n.text for n in notes.of_clip(reader, clip, PROJECT)] == ["hm"]
        assert [str(i) for i in reader.column("SELECT id FROM clip WHERE retired = 0")] == [clip]
