"""What people say of a clip: notes, marks, the log, decisions. What is refused, and that words stay words."""

import pytest

from app.core.catalog.database import Catalog
from app.core.model.errors import Refused
from app.core.model.media import ClipState
from app.core.planning.projects import Projects
from app.core.review.decisions import Decisions
from app.core.review.logging import LONGEST_WORD, Log
from app.core.review.marks import Marks
from app.core.review.notes import LONGEST, Notes
from tests.support import catalogs

HOSTILE = ["<img src='http://x'><b>bold</b>", "=HYPERLINK(\"http://x\")", "'; DROP TABLE note; --", "rtl\u202etxt", "bad\udcff", "emoji\U0001f3ac", "a\nb\tc", "%s {0} $(id) `id`"]  # fmt: skip


class TestNotes:
    def test_a_frame_a_range_and_their_thread(self, catalog: Catalog, clip: str) -> None:
        notes = Notes(catalog)
        later = notes.add(clip, 100, 120, "reframe")
        first = notes.add(clip, 0, None, "  too loud\0 ")
        answer = notes.reply(first.id, "yes")
        deeper = notes.reply(answer.id, "indeed")
        assert (first.start_frame, first.end_frame, first.text, first.state) == (
            0,
            1,
            "too loud",
            "open",
        )
        assert (first.author_name, answer.parent, deeper.parent) == ("Ann", first.id, first.id)
        assert [n.id for n in notes.of_clip(clip)] == [first.id, answer.id, deeper.id, later.id]
        assert notes.resolve(first.id).state == "resolved"
        assert notes.resolve(first.id, resolved=False).state == "open"
        assert notes.edit(first.id, "very loud").text == "very loud"
        notes.delete(first.id)
        assert first.id not in [n.id for n in notes.of_clip(clip)]
        assert answer.id in [n.id for n in notes.of_clip(clip)], (
            "an answer outlives what it answers"
        )
        with pytest.raises(Refused, match="Unknown note"):
            notes.edit(first.id, "gone")

    @pytest.mark.parametrize(
        ("start", "end"),
        [(-1, None), (250, None), (0, 251), (5, 5), (9, 3), (1 << 70, None), (0, 1 << 70)],
    )
    def test_outside_the_clip_is_refused(
        self, catalog: Catalog, clip: str, start: int, end: int | None
    ) -> None:
        with pytest.raises(Refused):
            Notes(catalog).add(clip, start, end, "hm")
        assert Notes(catalog).of_clip(clip) == []

    @pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * (LONGEST + 1)])
    def test_no_words_and_too_many_are_refused(
        self, catalog: Catalog, clip: str, text: str
    ) -> None:
        with pytest.raises(Refused):
            Notes(catalog).add(clip, 0, None, text)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_words_are_kept_as_they_are(self, catalog: Catalog, clip: str, text: str) -> None:
        note = Notes(catalog).add(clip, 0, None, text)
        assert note.text == text.replace("\udcff", "\\xff")
        assert Notes(catalog).get(note.id).text == note.text

    def test_it_is_named_by_the_start_or_end_of_its_id(self, catalog: Catalog, clip: str) -> None:
        notes = Notes(catalog)
        first, second = notes.add(clip, 0, None, "a"), notes.add(clip, 1, None, "b")
        assert notes.get(first.id[-6:]).id == first.id
        for words in (first.id[:6], "", "*", "abc\udcff"):
            with pytest.raises(Refused):
                notes.get(words)
        assert second.id != first.id

    def test_another_project_has_notes_of_its_own_and_edits_reach_the_first(
        self, catalog: Catalog, clip: str
    ) -> None:
        notes = Notes(catalog)
        note = notes.add(clip, 0, None, "for the first film")
        Projects(catalog).create("Second film")
        assert notes.of_clip(clip) == []
        assert notes.edit(note.id, "edited from the second").text == "edited from the second"
        Projects(catalog).switch(project_id=catalogs.PROJECT)
        assert [n.text for n in notes.of_clip(clip)] == ["edited from the second"]


class TestMarks:
    def test_markers_ranges_and_subclips(self, catalog: Catalog, clip: str) -> None:
        marks = Marks(catalog)
        marker, span = marks.add(clip, 9), marks.add(clip, 3, 7, name="door", colour="red")
        subclip = marks.add(clip, 20, 30, sort="subclip")
        assert [(m.sort, m.start_frame, m.end_frame) for m in marks.of_clip(clip)] == [
            ("range", 3, 7),
            ("marker", 9, 10),
            ("subclip", 20, 30),
        ]
        assert marks.edit(span.id, {"name": "gate", "end": 8}).end_frame == 8
        marks.delete(marker.id)
        assert [m.id for m in marks.of_clip(clip)] == [span.id, subclip.id]
        for wrong in ({"end": 2}, {"start": 300}, {"smell": "fish"}):
            with pytest.raises(Refused):
                marks.edit(span.id, wrong)
        with pytest.raises(Refused):
            marks.delete(marker.id)

    @pytest.mark.parametrize("wrong", [{"end": 251}, {"colour": "beige"}, {"sort": "smell"}])
    def test_what_cannot_be_is_refused(
        self, catalog: Catalog, clip: str, wrong: dict[str, object]
    ) -> None:
        with pytest.raises(Refused):
            Marks(catalog).add(clip, 0, **wrong)  # type: ignore[arg-type]


class TestLog:
    def test_what_is_logged_is_of_this_project_and_person(
        self, catalog: Catalog, clip: str
    ) -> None:
        log = Log(catalog)
        log.rate([clip], 5)
        log.circle([clip])
        log.tag([clip], ["Sea", " low   tide ", "Sea"], ["never there"])
        log.mark_range(clip, 10, 20)
        found = log.of_clip(clip)
        assert (found.rating, found.circled, found.tags, found.mark_in, found.mark_out) == (
            5,
            True,
            ("Sea", "low tide"),
            10,
            20,
        )
        Projects(catalog).add_actor("Bob Stone")
        assert log.of_clip(clip).mark_in is None
        Projects(catalog).create("Second film")
        assert log.of_clip(clip).rating == 0
        assert len(log.history(clip)) == 6

    @pytest.mark.parametrize("rating", [-1, 6, 1 << 70])
    def test_no_rating_beyond_five_stars(self, catalog: Catalog, clip: str, rating: int) -> None:
        with pytest.raises(Refused):
            Log(catalog).rate([clip], rating)

    @pytest.mark.parametrize(
        ("first", "last"), [(20, 10), (10, 10), (-1, 5), (0, 251), (250, None), (1 << 70, None)]
    )
    def test_in_and_out_lie_in_the_clip(
        self, catalog: Catalog, clip: str, first: int, last: int | None
    ) -> None:
        with pytest.raises(Refused):
            Log(catalog).mark_range(clip, first, last)

    @pytest.mark.parametrize("word", ["", " \0 ", "x" * (LONGEST_WORD + 1)])
    def test_what_is_no_keyword_is_refused(self, catalog: Catalog, clip: str, word: str) -> None:
        with pytest.raises(Refused):
            Log(catalog).tag([clip], [word])

    @pytest.mark.parametrize("word", HOSTILE)
    def test_any_word_can_be_a_keyword_and_taken_away(
        self, catalog: Catalog, clip: str, word: str
    ) -> None:
        log = Log(catalog)
        log.tag([clip], [word])
        (kept,) = log.of_clip(clip).tags
        log.tag([clip], [], [kept])
        assert log.of_clip(clip).tags == ()

    def test_a_persons_word_over_a_fact_and_back(self, catalog: Catalog, clip: str) -> None:
        log = Log(catalog)
        log.set_field([clip], "reel", " B 002 ")
        log.set_field([clip], "reel", "  ")
        assert catalogs.snapshot(catalog)["clip_field"] == []
        with pytest.raises(Refused):
            log.set_field([clip], "smell", "fish")


class TestDecisions:
    def test_bound_to_the_bytes_by_whoever_says_it(self, catalog: Catalog, clip: str) -> None:
        decisions = Decisions(catalog)
        catalogs.read_whole(catalog, clip, "xxh3-128:11")
        decisions.decide([clip], "approved", " fine ")
        Projects(catalog).add_actor("Bob Stone")
        decisions.decide([clip], "rejected", "soft")
        assert [(d.verdict, d.by_name, d.comment, d.hash) for d in decisions.of_clip(clip)] == [
            ("rejected", "Bob Stone", "soft", "xxh3-128:11"),
            ("approved", "Ann", "fine", "xxh3-128:11"),
        ]
        decisions.withdraw([clip])
        assert [d.verdict for d in decisions.of_clip(clip)] == ["approved"]

    @pytest.mark.parametrize(
        ("state", "verdict"),
        [
            (ClipState.BAD, "approved"),
            (ClipState.MISSING, "approved"),
            (ClipState.GROWING, "approved"),
            (ClipState.GROWING, "rejected"),
            (ClipState.READY, "adored"),
        ],
    )
    def test_what_is_not_there_or_not_whole_is_not_decided_on(
        self, catalog: Catalog, clip: str, state: ClipState, verdict: str
    ) -> None:
        catalog.write(lambda tx: tx.run("UPDATE clip SET state = ?", state.value))
        with pytest.raises(Refused):
            Decisions(catalog).decide([clip], verdict)
        assert Decisions(catalog).of_clip(clip) == []

    def test_many_at_once_are_one_act_or_none(self, catalog: Catalog, clip: str) -> None:
        with pytest.raises(Refused, match="Unknown clip"):
            Decisions(catalog).decide([clip, "no such clip"], "approved")
        assert Decisions(catalog).of_clip(clip) == []
