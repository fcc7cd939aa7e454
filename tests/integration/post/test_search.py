"""The search box on a real catalog: what is found, where it lands, what is kept; and nothing that is typed fails."""

import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.catalog import clips, library, query_language, transcripts, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.renditions import Made, put
from app.core.catalog.rows import Tx
from app.core.model.entities import Audio, Hit, Segment, Word
from app.core.model.media import ClipKind, ClipState, RenditionKind
from app.core.planning.bins import Bins
from app.core.platform.preferences import Derivatives
from app.core.post.search import Search
from app.core.post.store import ProxyStore
from app.core.post.timing import Timing
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.review.marks import Marks
from app.core.review.notes import Notes
from tests.support import catalogs


def _spoken(start: int, text: str) -> Segment:
    """A sentence of half a second a word, at 16 kHz samples from `start` seconds on."""
    first = start * 16_000
    words = tuple(
        Word(first + n * 8000, first + (n + 1) * 8000, 900, w) for n, w in enumerate(text.split())
    )
    return Segment(first, words[-1].end, text, None, "en", words)


class Library:
    """Four clips, each with something of its own."""

    def __init__(self, catalog: Catalog, home: Path) -> None:
        self.catalog = catalog
        self.search = Search(catalog, Timing(ProxyStore(catalog, home, Derivatives())))
        disk = catalogs.add_volume(catalog, "Disk")
        nas = catalogs.add_volume(catalog, "NAS Media")
        fast = Fraction(60000, 1001)
        self.tide = catalogs.add_clip(
            catalog, disk, "Day 1/A001C002_260514.mov", camera="A", reel="A001", scene="12", take="3", recorded_at="2026-05-14T09:00:00Z",
            width=3840, height=2160, start_frame=90_000, audio=(Audio("pcm_s24le", 2, 48_000, "Boom"),), tags={"lens": "35 mm Cooke"},
        )  # fmt: skip
        self.boat = catalogs.add_clip(
            catalog, disk, "Day 1/B002C010.mov", camera="B", rate=fast, codec="hevc", width=1920, height=1080, duration_ms=90_000, recorded_at="2026-05-15T10:00:00Z"
        )  # fmt: skip
        self.still = catalogs.add_clip(
            catalog, nas, "Photos/IMG_100%_été.jpg", kind=ClipKind.STILL, rate=None, frames=1, state=ClipState.DAMAGED, problem="cut short", codec="mjpeg"
        )  # fmt: skip
        self.sound = catalogs.add_clip(
            catalog,
            nas,
            "Sound/T012.wav",
            kind=ClipKind.AUDIO,
            rate=Fraction(48_000),
            gaps=((3, 4),),
        )
        self.names = {
            self.tide: "tide",
            self.boat: "boat",
            self.still: "still",
            self.sound: "sound",
        }
        self._speak()
        Notes(catalog).add(self.boat, 10, 20, "the horizon is crooked")
        Marks(catalog).add(self.boat, 30, name="Gull", text="flies in")
        log = Log(catalog)
        log.tag([self.tide], ["Harbour", "golden hour"])
        log.rate([self.tide], 4)
        log.circle([self.boat])
        log.reject([self.still])
        Decisions(catalog).decide([self.tide], "approved")
        Decisions(catalog).decide([self.boat], "rejected")
        bins = Bins(catalog)
        bins.add(bins.create("Picks"), [self.tide, self.sound])
        catalog.write(self._derive)

    def _speak(self) -> None:
        said = [
            _spoken(2, "the tide comes in"),
            _spoken(6, "at six o'clock in the morning"),
            _spoken(20, "Café déjà vu"),
        ]

        def act(tx: Tx) -> None:
            content = tx.value("SELECT content_id FROM clip WHERE id = ?", self.tide)
            transcripts.put(tx, content, "base", 1, "en", said)
            transcripts.index(
                tx, self.tide, said, lambda start, end: (start * 25 // 16_000, end * 25 // 16_000)
            )

        self.catalog.write(act)

    def _derive(self, tx: Tx) -> None:
        content = tx.value("SELECT content_id FROM clip WHERE id = ?", self.boat)
        put(
            tx,
            content,
            "derive",
            1,
            "",
            [Made(RenditionKind.PROXY, "x/p.mp4"), Made(RenditionKind.POSTER, "x/p.jpg")],
        )
        tx.run("UPDATE volume SET online = 0 WHERE name = 'NAS Media'")
        clips.refresh_volume(tx, tx.value("SELECT id FROM volume WHERE name = 'NAS Media'"))
        uploads.want(
            tx,
            target_id="t",
            clip_id=self.tide,
            key="k",
            source="original:x",
            size=1,
            content_hash="h",
            wanted_for="h",
        )
        tx.run("UPDATE upload SET state = 'verified'")

    def kept(self, text: str) -> str:
        """Which clips the grid keeps, by their short names."""
        with self.catalog.read() as reader:
            ids = library.ids_of(reader, self.search.rows(text))
        found = sorted(self.names[i] for i in ids.values())
        assert self.search.count(text)[0] == len(found)
        return " ".join(found)

    def hits(self, text: str, **how: bool) -> list[tuple[str, str]]:
        """(clip, field) of the hits, best first."""
        return [(self.names[h.clip_id], h.field) for h in self.search.hits(text, **how)]

    def first(self, text: str) -> Hit:
        return self.search.hits(text)[0]


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    home = tmp_path_factory.mktemp("search") / "home"
    with catalogs.opened(home) as catalog:
        catalogs.settle_in(catalog)
        yield Library(catalog, home)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tide", [("tide", "transcript")]),
        ("TIDE", [("tide", "transcript")]),
        ("tide comes", [("tide", "transcript")]),
        ("comes tide", [("tide", "transcript")]),
        ('"tide comes"', [("tide", "transcript")]),
        ('"comes tide"', []),
        ("tid", []),
        ("tid*", [("tide", "transcript")]),
        ("cafe deja", [("tide", "transcript")]),
        ("horizon", [("boat", "note")]),
        ("gull", [("boat", "marker")]),
        ("harbour", [("tide", "tag")]),
        ("golden", [("tide", "tag")]),
        ("cooke", [("tide", "fact")]),
        ("A001C002_260514", [("tide", "name")]),
        ("01C00", [("tide", "name")]),
        ("photos", [("still", "name")]),
        ("100%", [("still", "name")]),
        ("IMG_1", [("still", "name")]),
        ("IMGX1", []),
        ("tide -comes", []),
        ("tide -boat", [("tide", "transcript")]),
        ("in morning tide", [("tide", "transcript")]),
        ("nothing", []),
    ],
)
def test_words_find_moments(lib: Library, text: str, expected: list[tuple[str, str]]) -> None:
    assert lib.hits(text) == expected


def test_words_in_different_places_of_a_clip_find_it(lib: Library) -> None:
    assert lib.hits("tide golden")[0][0] == "tide"
    assert lib.hits("horizon B002C010") == [("boat", "note")]
    assert lib.hits("horizon tide") == []
    assert lib.hits("horizon B002C010 -gull") == []


def test_a_hit_lands_on_the_very_words(lib: Library) -> None:
    hit = lib.first("comes")
    assert (hit.start_frame, hit.end_frame) == (75, 88)
    assert hit.why == "said: the tide comes in"
    for several in ("tide comes in", "in comes tide", '"tide comes in"'):
        hit = lib.first(several)
        # From the first of the words to the end of the last, of half a second each.
        assert (hit.start_frame, hit.end_frame) == (62, 100), several
    hit = lib.first("horizon")
    assert (hit.start_frame, hit.end_frame, hit.text) == (10, 20, "the horizon is crooked")


@pytest.mark.parametrize(
    "text", ["in o'clock comes", '"comes in at six"', "tide o'clock", "comes at"]
)
def test_words_are_found_across_the_border_of_two_segments(lib: Library, text: str) -> None:
    (hit,) = lib.search.hits(text)
    assert (lib.names[hit.clip_id], hit.field) == ("tide", "transcript")
    assert hit.text == "the tide comes in at six o'clock in the morning"


def test_segments_that_are_no_neighbours_are_not_joined(lib: Library) -> None:
    assert lib.hits('"in the morning cafe"')[:1] == [("tide", "transcript")]
    assert lib.hits('"comes in cafe"') == []


def test_while_typing_every_letter_gives_an_answer(lib: Library) -> None:
    text = 'tide "comes in" cam:A'
    for end in range(1, len(text) + 1):
        lib.search.hits(text[:end], typing=True)
    assert lib.hits("tid", typing=True) == [("tide", "transcript")]
    assert lib.hits("horiz", typing=True) == [("boat", "note")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cam:A", "tide"),
        ("cam:a", "tide"),
        ("-cam:A", "boat sound still"),
        ("reel:A001", "tide"),
        ("scene:12", "tide"),
        ("scene>=11", "tide"),
        ("take<3", ""),
        ("shot:2", ""),
        ("codec:hevc", "boat"),
        ("kind:video", "boat tide"),
        ("kind:audio", "sound"),
        ("fps:25", "tide"),
        ("fps:60", "boat"),
        ("fps:59.94", "boat"),
        ("fps>30", "boat sound"),
        ("fps:60000/1001", "boat"),
        ("rating>=3", "tide"),
        ("rating:4", "tide"),
        ("rating:★★★★", "tide"),
        ("rating:0", "boat sound still"),
        ("rating<3", "boat sound still"),
        ("rating>=banana", ""),
        ("duration<long", ""),
        ("day<today", ""),
        ("tag:harbour", "tide"),
        ('tag:"golden hour"', "tide"),
        ("state:offline", "sound still"),
        ("is:offline", "sound still"),
        ("state:ready", "boat tide"),
        ("is:circled", "boat"),
        ("is:reject", "still"),
        ("is:approved", "tide"),
        ("is:rejected", "boat"),
        ("is:unlogged", "sound"),
        ("is:duplicate", ""),
        ("is:problem", "sound still"),
        ("-is:problem", "boat tide"),
        ("has:notes", "boat"),
        ("no:notes", "sound still tide"),
        ("has:transcript", "tide"),
        ("has:proxy", "boat"),
        ("has:poster", "boat"),
        ("has:timecode", "tide"),
        ("has:sound", "tide"),
        ("has:keywords", "tide"),
        ("has:markers", "boat"),
        ("has:gaps", "sound"),
        ("has:problem", "still"),
        ("has:upload", "tide"),
        ("has:nonsense", ""),
        ('volume:"nas media"', "sound still"),
        ("volume:Disk", "boat tide"),
        ("folder:Sound", "sound"),
        ('folder:"Day 1"', "boat tide"),
        ("name:B002*", "boat"),
        ("name:02C0", "boat"),
        ("name:T0", "sound"),
        ("day:2026-05-14", "tide"),
        ("day:2026-05", "boat tide"),
        ("day>2026-05-14", "boat"),
        ("duration>30", "boat"),
        ("duration>=1:30", "boat"),
        ("duration<0:30", "sound still tide"),
        ("width>=3840", "tide"),
        ("height:1080p", "boat"),
        ("bin:picks", "sound tide"),
        ("said:tide", "tide"),
        ('said:"comes in"', "tide"),
        ("note:crook*", "boat"),
        ("by:Ann", "boat"),
        ("by:AN", "boat"),
        ("by:bob", ""),
        ("card:xdroot", ""),
        ("tide cam:A", "tide"),
        ("tide cam:B", ""),
        ("harbour tide rating>3 -is:rejected", "tide"),
        ("-tide", "boat sound still"),
        ("", "boat sound still tide"),
    ],
)  # fmt: skip
def test_narrowing_keeps_the_right_clips(lib: Library, text: str, expected: str) -> None:
    assert lib.kept(text) == expected


def test_every_field_is_tried_above() -> None:
    (mark,) = [
        m for m in test_narrowing_keeps_the_right_clips.pytestmark if m.name == "parametrize"
    ]  # type: ignore[attr-defined]
    tried = {n.field for text, _ in mark.args[1] for n in query_language.parse(text).narrowings}
    assert {query_language._ALIASES[field] for field in query_language.FIELDS} == tried


def test_narrowings_alone_list_clips_and_with_words_moments(lib: Library) -> None:
    assert lib.hits("cam:A") == [("tide", "fact")]
    assert lib.hits("horizon cam:B") == [("boat", "note")]
    assert lib.hits("horizon cam:A") == []


def test_a_persons_word_over_a_fact_is_what_is_searched(lib: Library) -> None:
    log = Log(lib.catalog)
    log.set_field([lib.boat], "scene", "47")
    log.set_field([lib.boat], "title", "Ferry leaves")
    try:
        assert lib.kept("scene:47") == "boat"
        assert lib.hits("ferry") == [("boat", "name")]
        assert lib.kept("ferry scene:47") == "boat"
    finally:
        log.undo()
        log.undo()
    assert lib.kept("scene:47") == ""
    assert lib.hits("ferry") == []


def test_what_another_project_said_is_not_found(lib: Library) -> None:
    from app.core.planning.projects import Projects

    Projects(lib.catalog).create("Another film")
    try:
        assert lib.hits("horizon") == []
        assert lib.kept("tag:harbour") == ""
        assert lib.hits("tide") == [("tide", "transcript")]
    finally:
        Projects(lib.catalog).switch(project_id=catalogs.PROJECT)


HOSTILE = [
    '"', '""', '"""', "'", "*", "-", "--", "-*", "(", ")", "AND", "OR NOT", "NEAR(a b)", "a AND", "^tide", "text:tide", "{text}:tide", "tide + comes",
    "a*b*c", "%", "_", "\\", "\0", "\x1b[31m", "'; DROP TABLE clip; --", "cam:'", 'cam:"', "cam:%", "rating>=", "rating:²", "rating:-1", "rating:9" * 40,
    "width:1.2.3", "width>=99999999999999999999999", "width:٣", "duration:99:99:99:99", "duration>" + "9" * 400, "fps:0", "fps:1/0", "fps:1e400",
    "fps:0." + "0" * 300 + "1", "fps:NaN", "fps:99999999999/7", "day>=x", "name:*", "folder:/", "bin:" + "x" * 5000, "bad\udcff\ud800", "said:***",
    "\u202eevil", "é" * 3000, "a" * 10_000, "word " * 2000, "cam:A " * 2000, "-no " * 2000, '"' * 10_000, "((" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:24])
def test_nothing_that_is_typed_fails(lib: Library, text: str) -> None:
    lib.search.hits(text)
    lib.search.hits(text, typing=True)
    lib.search.rows(text)
    lib.search.count(text)


def test_fifteen_hundred_made_up_searches_all_answer(lib: Library) -> None:
    choose = random.Random(20)
    pieces = ["tide", "comes", '"', "*", "-", ":", ">=", "<", "cam", "fps", "rating", "é", "\u0301", "☃", "12", "(", ")", "'", "%", "_", "\\", " ", "  ", "\t", "NEAR", "has:", "\udcff"]  # fmt: skip
    for _ in range(1500):
        text = "".join(choose.choices(pieces, k=choose.randint(1, 12)))
        hits = lib.search.hits(text, typing=choose.random() < 0.5)
        assert len(hits) <= 50
        lib.search.count(text)


def test_what_a_word_finds_in_the_list_is_kept_in_the_grid(lib: Library) -> None:
    """The two never contradict each other."""
    for text in (
        "tide",
        "horizon",
        "harbour",
        "photos",
        "tid*",
        "tide golden",
        "100%",
        '"comes in at six"',
    ):
        found = {h.clip_id for h in lib.search.hits(text)}
        with lib.catalog.read() as reader:
            kept = set(library.ids_of(reader, lib.search.rows(text)).values())
        assert found <= kept or text == '"comes in at six"', text
