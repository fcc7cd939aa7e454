"""Timelines read back: every pick in its place on every track, frame-exact at each rate, the same as the golden files."""

import dataclasses
import itertools
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import clips, renditions
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.entities import Audio
from app.core.model.events import Entity, Kind
from app.core.model.media import ClipKind, FileRole
from app.core.model.timecode import Timebase
from app.core.platform.preferences import Derivatives
from app.core.post.store import ProxyStore
from app.core.post.timeline_items import otio
from app.core.post.timelines import Choice, Timelines
from tests.support import catalogs

GOLDEN = Path(__file__).parent / "timelines"
FILM, PAL = Fraction(24000, 1001), Fraction(25)
NTSC, HIGH = Fraction(30000, 1001), Fraction(60000, 1001)
RATES = {"23.976": FILM, "25": PAL, "29.97DF": NTSC, "59.94DF": HIGH}
HOUR = "10:00:00"
MONO, STEREO = Audio("pcm", 1, 48000, "Boom"), Audio("pcm", 2, 48000, None)


class Shelf:
    """Clips of a catalog that need no media, and what exports them."""

    def __init__(self, catalog: Catalog, home: Path) -> None:
        self.catalog = catalog
        self.volume = catalogs.add_volume(catalog, mount="/Volumes/Disk")
        self.store = ProxyStore(catalog, home, Derivatives())
        self.timelines = Timelines(catalog, self.store)

    def picture(self, name: str, rate: Fraction, frames: int = 100, audio: Sequence[Audio] = ()) -> str:  # fmt: skip
        """A clip with picture that begins at ten o'clock."""
        drop = rate in (NTSC, HIGH)
        start = Timebase(rate, drop).frame(f"{HOUR}{';' if drop else ':'}00")
        said: dict[str, Any] = {"rate": rate, "label_rate": rate, "drop": drop, "start_frame": start}  # fmt: skip
        said |= {"frames": frames, "audio": tuple(audio), "reel": "A001"}
        return catalogs.add_clip(self.catalog, self.volume, f"{name}.mov", **said)

    def sound(self, name: str, samples: int, label: Fraction = PAL, streams: int = 1, **more: Any) -> str:  # fmt: skip
        """Sound alone that begins at ten o'clock."""
        said: dict[str, Any] = {"kind": ClipKind.AUDIO, "rate": Fraction(48000), "frames": samples}
        said |= {"label_rate": label, "start_frame": 36000 * round(label), "audio": (MONO,) * streams}  # fmt: skip
        return catalogs.add_clip(self.catalog, self.volume, f"{name}.wav", **said | more)

    def read_back(self, out: Path, *choices: Choice, form: str = "otio") -> Any:
        """What a program finds in the file."""
        self.timelines.export(choices, out, form=form, name="Picks", replace=True)
        return otio().adapters.read_from_file(str(out))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        yield Shelf(catalog, tmp_path / "home")


def exact(time: Any) -> Fraction:
    """Seconds, from a whole count at a rate whose double is turned back into what it stands for."""
    assert time.value == int(time.value), "a part of a frame"
    rates = [*RATES.values(), Fraction(24), Fraction(30)]
    known = next((rate for rate in rates if float(rate) == time.rate), Fraction(time.rate))
    return int(time.value) / known


def laid(track: Any) -> list[tuple[str, Fraction, Fraction]]:
    """(name or "", first second, seconds) of each item, exactly."""
    lengths = [exact(item.source_range.duration) for item in track]
    starts = itertools.accumulate(lengths, initial=Fraction(0))
    return [(item.name if isinstance(item, otio().schema.Clip) else "", at, length) for item, at, length in zip(track, starts, lengths, strict=False)]  # fmt: skip


def total(track: Any) -> Fraction:
    """How long a track is."""
    return sum((length for _, _, length in laid(track)), Fraction(0))


@pytest.mark.parametrize("words", RATES)
def test_sound_stands_below_its_picture_frame_by_frame(
    shelf: Shelf, tmp_path: Path, words: str
) -> None:
    rate = RATES[words]
    a = shelf.picture("a", rate, audio=[STEREO, MONO])
    b = shelf.picture("b", rate)
    c = shelf.picture("c", rate, audio=[MONO])
    found = shelf.read_back(tmp_path / "o.otio", Choice(a, 10, 31), Choice(b), Choice(c, 7, 8))
    assert [track.name for track in found.tracks] == ["V1", "A1", "A2"]
    v1, a1, a2 = found.tracks
    frame = 1 / rate
    assert laid(v1) == [("a", 0, 21 * frame), ("b", 21 * frame, 100 * frame), ("c", 121 * frame, frame)]  # fmt: skip
    assert [name for name, _, _ in laid(a1)] == ["a", "", "c"]
    assert [name for name, _, _ in laid(a2)] == ["a", "", ""]
    assert [row[1:] for row in laid(a1)] == [row[1:] for row in laid(v1)]
    assert total(a2) == total(v1) == 122 * frame
    assert found.global_start_time.rate == float(rate)
    drop = rate in (NTSC, HIGH)
    first = Timebase(rate, drop).frame(f"{HOUR}{';' if drop else ':'}00")
    for track in (v1, a1, a2):
        assert track[0].source_range.start_time == otio().opentime.RationalTime(
            first + 10, float(rate)
        )
        assert track[0].media_reference.available_range.start_time.value == first
    label = otio().opentime.to_timecode(v1[0].source_range.start_time, float(rate), drop)
    assert label == Timebase(rate, drop).label(first + 10)


def test_picture_and_sound_of_one_pick_are_linked_and_say_their_channels(
    shelf: Shelf, tmp_path: Path
) -> None:
    a = shelf.picture("a", PAL, audio=[STEREO, MONO])
    found = shelf.read_back(tmp_path / "o.otio", Choice(a), Choice(a, 0, 5))
    links = [[item.metadata["Resolve_OTIO"]["Link Group ID"] for item in track] for track in found.tracks]  # fmt: skip
    assert links == [[1, 2]] * 3
    urls = {item.media_reference.target_url for item in found.find_clips()}
    assert urls == {"file:///Volumes/Disk/a.mov"}

    def channels(item: Any) -> list[tuple[int, int]]:
        told = item.metadata["Resolve_OTIO"]["Channels"]
        return [(one["Source Track ID"], one["Source Channel ID"]) for one in told]

    assert channels(found.tracks[1][0]) == [(0, 0), (0, 1)]
    assert channels(found.tracks[2][0]) == [(1, 0)]
    assert "Channels" not in found.tracks[0][0].metadata["Resolve_OTIO"]


@pytest.mark.parametrize("words", RATES)
@pytest.mark.parametrize("samples", [48000, 96001, 1601, 30030])
def test_a_sound_pick_keeps_its_place_and_every_sample(
    shelf: Shelf, tmp_path: Path, words: str, samples: int
) -> None:
    rate = RATES[words]
    a = shelf.picture("a", rate, audio=[MONO])
    wild = shelf.sound("wild", samples)
    c = shelf.picture("c", rate, audio=[MONO])
    found = shelf.read_back(tmp_path / "o.otio", Choice(a), Choice(wild), Choice(c))
    v1, a1 = found.tracks
    assert [name for name, _, _ in laid(v1)] == ["a", "", "c"]
    assert [name for name, _, _ in laid(a1) if name] == ["a", "wild", "c"]
    at = {name: start for name, start, _ in laid(a1) if name}
    assert at == {name: start for name, start, _ in laid(v1) if name} | {"wild": 100 / rate}
    assert (at["c"] * rate).denominator == 1, "the next picture begins on a frame"
    assert 0 <= at["c"] - at["wild"] - Fraction(samples, 48000) < 1 / rate
    assert total(v1) == total(a1)
    assert a1[1].source_range.duration == otio().opentime.RationalTime(samples, 48000)


def test_rates_may_be_mixed_and_each_keeps_its_own(shelf: Shelf, tmp_path: Path) -> None:
    sounds = shelf.sound("first", 12345)
    picks = [shelf.picture(f"p{n}", rate, 33, [MONO]) for n, rate in enumerate(RATES.values())]
    found = shelf.read_back(tmp_path / "o.otio", Choice(sounds), *map(Choice, picks))
    v1, a1 = found.tracks
    assert found.global_start_time.rate == float(FILM)
    rates = [item.source_range.duration.rate for item in v1][1:]
    assert rates == [float(rate) for rate in RATES.values()]
    first = 7 / FILM
    assert total(v1) == total(a1) == first + sum((33 / r for r in RATES.values()), Fraction(0))
    starts = {name: at for name, at, _ in laid(v1) if name}
    assert starts.items() <= {name: at for name, at, _ in laid(a1) if name}.items()


def test_sound_alone_makes_a_timeline_of_sound_tracks(shelf: Shelf, tmp_path: Path) -> None:
    one, two = shelf.sound("one", 4801, streams=2), shelf.sound("two", 99)
    found = shelf.read_back(tmp_path / "o.otio", Choice(one), Choice(two, 1, 99))
    assert [track.name for track in found.tracks] == ["A1", "A2"]
    assert total(found.tracks[0]) == total(found.tracks[1]) == Fraction(4801 + 98, 48000)
    assert found.tracks[0][1].source_range.start_time.value == 36000 * 48000 + 1


def test_tracks_in_files_of_their_own_are_found_there(shelf: Shelf, tmp_path: Path) -> None:
    names = ("CLIP/0001.mxf", "AUDIO/000100.mxf", "AUDIO/000101.mxf")
    rows = [catalogs.add_file(shelf.catalog, shelf.volume, name) for name in names]
    roles = (FileRole.ESSENCE, FileRole.AUDIO, FileRole.AUDIO)
    parts = tuple(
        clips.Part(n, role, index) for index, (n, role) in enumerate(zip(rows, roles, strict=True))
    )
    said = catalogs.record(shelf.volume, "CLIP/0001.mxf", rows, audio=(MONO, MONO))
    whole = dataclasses.replace(said, parts=parts)
    clip = shelf.catalog.write(lambda tx: clips.put(tx, whole))
    found = shelf.read_back(tmp_path / "o.otio", Choice(clip))
    urls = [item.media_reference.target_url for item in found.find_clips()]
    assert urls == [f"file:///Volumes/Disk/{name}" for name in names]
    tracks = [track[0].metadata["Resolve_OTIO"]["Channels"][0] for track in found.tracks[1:]]
    assert [one["Source Track ID"] for one in tracks] == [0, 0]


def test_a_corrected_start_is_the_source_time_of_its_project_alone(
    shelf: Shelf, tmp_path: Path
) -> None:
    a, wild = shelf.picture("a", NTSC, audio=[MONO]), shelf.sound("wild", 48000, NTSC)
    body = {"offset": 1800, "rate": "30000/1001", "reason": "the camera's clock was a minute slow"}
    for clip in (a, wild):
        catalogs.say(shelf.catalog, Entity.CLIP, clip, Kind.TIMECODE_CORRECTED, body)
        catalogs.say(shelf.catalog, Entity.CLIP, clip, Kind.TIMECODE_CORRECTED, body | {"offset": 7}, project="other")  # fmt: skip
    found = shelf.read_back(tmp_path / "o.otio", Choice(a, 2, 9), Choice(wild, 5, 10))
    first = Timebase(NTSC, drop=True).frame(f"{HOUR};00") + 1800
    for track in found.tracks:
        if isinstance(track[0], otio().schema.Clip):
            assert track[0].source_range.start_time.value == first + 2
            assert track[0].media_reference.available_range.start_time.value == first
    assert found.tracks[0][0].metadata["rushes"]["start"] == Timebase(NTSC, drop=True).label(first)
    sound = found.tracks[1][1]
    begins = round(Fraction(36000 * 30 + 1800) / NTSC * 48000)
    assert sound.media_reference.available_range.start_time.value == begins
    assert sound.source_range.start_time.value == begins + 5


def test_a_recorders_first_sample_is_kept_to_the_sample(shelf: Shelf, tmp_path: Path) -> None:
    reference = 36000 * 48000 + 777
    told: dict[str, Any] = {
        "tags": {"time_reference": str(reference)},
        "origins": {"start": "bext"},
    }
    clip = shelf.sound("wild", 48000, **told)
    found = shelf.read_back(tmp_path / "o.otio", Choice(clip))
    assert found.tracks[0][0].source_range.start_time.value == reference


def test_a_package_holds_each_proxy_once(shelf: Shelf, tmp_path: Path) -> None:
    a, b = shelf.picture("a", PAL, audio=[MONO, MONO]), shelf.picture("b", PAL, audio=[MONO])
    for clip in (a, b):
        path = shelf.store.root / f"{clip}.mov"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clip.encode())
        made = [renditions.Made(renditions.RenditionKind.PROXY, path.name, path.stat().st_size)]

        def act(tx: Tx, clip: str = clip, made: list[renditions.Made] = made) -> None:
            renditions.put(tx, renditions.content_of(tx, clip) or "", "derive", 1, "", made)

        shelf.catalog.write(act)
    out = tmp_path / "o.otioz"
    found = shelf.read_back(out, Choice(a), Choice(b), Choice(a, 0, 5), form="otioz")
    with zipfile.ZipFile(out) as package:
        media = {n: package.read(n) for n in package.namelist() if n.startswith("media/")}
    assert sorted(media.values()) == sorted([a.encode(), b.encode()])
    tracks = [[media[item.media_reference.target_url].decode() for item in track if isinstance(item, otio().schema.Clip)] for track in found.tracks]  # fmt: skip
    assert tracks == [[a, b, a], [a, b, a], [a, a]]


@pytest.mark.parametrize("words", RATES)
def test_the_golden_files(shelf: Shelf, tmp_path: Path, words: str) -> None:
    rate = RATES[words]
    a = shelf.picture("a", rate, audio=[STEREO, MONO])
    wild, b = shelf.sound("wild", 96001), shelf.picture("b", PAL, 50)
    out = tmp_path / "o.otio"
    shelf.read_back(out, Choice(a, 10, 31), Choice(wild), Choice(b), Choice(a))
    ids = {a: "CLIP-A", wild: "CLIP-WILD", b: "CLIP-B"}
    text = re.sub("|".join(ids), lambda found: ids[found[0]], out.read_text())
    golden = GOLDEN / f"{words}.otio"
    assert json.loads(text) == json.loads(golden.read_text())
    assert otio().adapters.read_from_file(str(golden)).duration().rate > 0
