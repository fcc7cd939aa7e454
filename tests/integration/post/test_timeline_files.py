"""What timelines name: each file of a clip over its own frames, each picture of a sequence by its number."""

import dataclasses
import os
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from app.core.catalog import clips
from app.core.catalog.rows import Tx
from app.core.model import facts_json
from app.core.model.entities import Audio
from app.core.model.errors import Refused
from app.core.model.media import ClipKind, FileRole, MediaFacts
from app.core.platform import settings as settings_file
from app.core.platform.preferences import Derivatives
from app.core.post.store import ProxyStore
from app.core.post.timeline_items import otio, url_of
from app.core.post.timelines import Choice, Timelines
from tests.integration.media.deriving import numbers
from tests.support import catalogs
from tests.support.command import NearDesk
from tests.support.media_factory import LONG_GOP, MediaFactory, Sound, ffmpeg
from tests.support.volumes import age

CHAPTERS = {"GX010042.MP4": 25, "GX020042.MP4": 15, "GX030042.MP4": 20}
"""Frames of each; pictures are numbered through."""
ALL = sum(CHAPTERS.values())
FIRST = 36_000 * 25
PLATES, HOLES = "50% wide #1", "holes"
MONO = Audio("pcm", 1, 48000, "Boom")


class Day:
    """A recording in chapters and two sequences, catalogued, with their proxies."""

    def __init__(self, folder: Path) -> None:
        media = MediaFactory(folder / "a card")
        for (name, frames), first in zip(CHAPTERS.items(), self.starts, strict=True):
            label = ("-timecode", f"10:00:{first // 25:02}:{first % 25:02}")
            media.video(
                name, *LONG_GOP, *label, frames=frames, first=first, sound=[Sound(codec="aac")]
            )
        media.sequence(PLATES, range(98, 110), "png")
        media.sequence(HOLES, [n for n in range(1001, 1013) if n not in (1004, 1005)], "png")
        for path in media.folder.rglob("*.*"):
            age(path)
            os.utime(path, (1_700_000_000, 1_700_000_000))
        self.home, self.media = folder / "home", media.folder
        self.home.mkdir()
        settings_file.set_value(self.home, "transcripts.enabled", "false")
        self.desk = NearDesk(self.home)
        self.desk.ask("volume", "add", self.media, "--derive", "all")
        self.desk.ask("run", "--until-idle")
        self.ids = {clip["name"]: clip["id"] for clip in self.desk.clips()}

    @property
    def starts(self) -> list[int]:
        """The frame of the clip that each chapter begins at."""
        return list(accumulate(CHAPTERS.values(), initial=0))[:-1]

    def clip(self, part: str) -> str:
        """The clip whose name begins so."""
        return next(found for name, found in self.ids.items() if name.startswith(part))

    def timeline(self, out: Path, *choices: Choice, form: str = "otio") -> Any:
        """What a program finds in the file."""
        with catalogs.opened(self.home) as catalog:
            store = ProxyStore(catalog, self.home, Derivatives())
            Timelines(catalog, store).export(choices, out, form=form)
        return otio().adapters.read_from_file(str(out))


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """One day of them."""
    return Day(tmp_path_factory.mktemp("day"))


def path_of(url: str) -> Path:
    """The file that an address names."""
    return Path(unquote(url.removeprefix("file://")))


def values(span: Any) -> tuple[int, int]:
    """(first frame, frames) of a range."""
    return int(span.start_time.value), int(span.duration.value)


@pytest.mark.parametrize(("start", "end"), [(0, ALL), (10, 50), (30, 35), (24, 26), (25, 40)])
def test_each_chapter_stands_for_its_own_frames(
    day: Day, tmp_path: Path, start: int, end: int
) -> None:
    found = day.timeline(tmp_path / "o.otio", Choice(day.clip("GX"), start, end))
    touched = [
        (name, first, frames)
        for (name, frames), first in zip(CHAPTERS.items(), day.starts, strict=True)
        if first < end and first + frames > start
    ]
    assert [track.name for track in found.tracks] == ["V1", "A1"]
    for track in found.tracks:
        at = start
        for item, (name, first, frames) in zip(track, touched, strict=True):
            reference = item.media_reference
            assert path_of(reference.target_url) == day.media / name
            assert path_of(reference.target_url).is_file()
            assert values(reference.available_range) == (FIRST + first, frames)
            begins, length = values(item.source_range)
            assert begins == FIRST + at, "each goes on where the one before it ends"
            assert FIRST + first <= begins
            assert begins + length <= FIRST + first + frames
            proxy = item.media_references()["proxy"]
            assert values(proxy.available_range) == (FIRST, ALL)
            assert path_of(proxy.target_url).is_file()
            told = item.metadata["rushes"]
            assert (told["part"], told["parts"]) == (list(CHAPTERS).index(name) + 1, 3)
            at += length
        assert at == end
        assert len({item.name for item in track}) == 1
    links = [[item.metadata["Resolve_OTIO"]["Link Group ID"] for item in t] for t in found.tracks]
    assert links == [[*range(1, len(touched) + 1)]] * 2


def test_the_file_shows_there_the_picture_of_the_clip(day: Day, tmp_path: Path) -> None:
    found = day.timeline(tmp_path / "o.otio", Choice(day.clip("GX"), 7, 47))
    for item in found.tracks[0]:
        begins, _ = values(item.source_range)
        index = begins - values(item.media_reference.available_range)[0]
        out = tmp_path / "frame.png"
        chosen = ("-vf", f"select=eq(n\\,{index})", "-frames:v", "1", "-update", "1", out)
        ffmpeg("-i", path_of(item.media_reference.target_url), *chosen)
        assert numbers(out) == [begins - FIRST]


def test_a_note_is_cut_where_its_part_ends(day: Day, tmp_path: Path) -> None:
    clip = day.clip("GX")
    day.desk.ask("note", "add", clip, "--at", "@20", "--to", "@43", "long")
    day.desk.ask("note", "add", clip, "--at", "@39", "short")
    found = day.timeline(tmp_path / "o.otio", Choice(clip, 0, ALL))
    said = [[(m.comment, *values(m.marked_range)) for m in item.markers] for item in found.tracks[0]]  # fmt: skip
    assert said == [
        [("long", FIRST + 20, 5)],
        [("long", FIRST + 25, 15), ("short", FIRST + 39, 1)],
        [("long", FIRST + 40, 3)],
    ]
    assert not any(item.markers for item in found.tracks[1])
    cut = day.timeline(tmp_path / "cut.otio", Choice(clip, 26, 38))
    assert [m.comment for item in cut.find_clips() for m in item.markers] == ["long"]


def test_a_package_has_the_one_proxy_over_the_whole(day: Day, tmp_path: Path) -> None:
    found = day.timeline(tmp_path / "o.otioz", Choice(day.clip("GX"), 10, 50), form="otioz")
    for track in found.tracks:
        (item,) = track
        assert values(item.source_range) == (FIRST + 10, 40)
        assert values(item.media_reference.available_range) == (FIRST, ALL)
    assert len({item.media_reference.target_url for item in found.find_clips()}) == 1


@pytest.mark.parametrize(("name", "first"), [(PLATES, 98), (HOLES, 1001)])
def test_a_sequence_names_each_of_its_pictures(
    day: Day, tmp_path: Path, name: str, first: int
) -> None:
    found = day.timeline(tmp_path / "o.otio", Choice(day.clip(name), 2, 9))
    (item,) = found.tracks[0]
    reference = item.media_reference
    assert isinstance(reference, otio().schema.ImageSequenceReference)
    assert reference.number_of_images_in_sequence() == 12
    named = [path_of(reference.target_url_for_image_number(n)) for n in range(12)]
    there = sorted((day.media / name).iterdir())
    assert [path for path in named if path.is_file()] == there
    assert reference.target_url_for_image_number(0) == url_of(there[0])
    assert named[-1] == there[-1]
    policies = otio().schema.ImageSequenceReference.MissingFramePolicy
    held = policies.hold if name == HOLES else policies.error
    assert reference.missing_frame_policy == held
    cut = item.source_range
    assert reference.frame_for_time(cut.start_time) == first + 2
    assert values(item.media_references()["proxy"].available_range) == values(
        reference.available_range
    )


class Shelf:
    """A clip of two spans, each with a picture and two tracks in files of their own (P2), without media."""

    def __init__(self, home: Path, frames: tuple[int | None, int | None]) -> None:
        with catalogs.opened(home) as catalog:
            catalogs.settle_in(catalog)
            volume = catalogs.add_volume(catalog, mount="/Volumes/Disk")
            names = [f"{kind}/000{n}{track}.mxf" for n in (1, 2) for kind, track in (("VIDEO", ""), ("AUDIO", "00"), ("AUDIO", "01"))]  # fmt: skip
            rows = [catalogs.add_file(catalog, volume, name) for name in names]
            roles = (FileRole.ESSENCE, FileRole.AUDIO, FileRole.AUDIO, FileRole.SPAN, FileRole.AUDIO, FileRole.AUDIO)  # fmt: skip
            parts = tuple(clips.Part(n, role, k // 3 * 64 + k % 3) for k, (n, role) in enumerate(zip(rows, roles, strict=True)))  # fmt: skip

            def act(tx: Tx) -> str:
                for k, n in enumerate(rows):
                    facts = MediaFacts(kind=ClipKind.VIDEO, frames=frames[k // 3], rate=Fraction(25))  # fmt: skip
                    tx.run("UPDATE file SET facts = ?, facts_sig = 'x' WHERE n = ?", facts_json.dump(facts), n)  # fmt: skip
                said = catalogs.record(volume, "VIDEO/0001.mxf", rows, audio=(MONO, MONO), frames=250)  # fmt: skip
                return clips.put(tx, dataclasses.replace(said, parts=parts))

            self.clip = catalog.write(act)
            other = catalogs.add_clip(catalog, volume, "plain.mov")
            self.choices = (Choice(self.clip), Choice(other))
        self.home = home

    def export(self, out: Path, *choices: Choice) -> tuple[Any, tuple[str, ...]]:
        """(what a program finds in the file, what was left out)."""
        with catalogs.opened(self.home) as catalog:
            store = ProxyStore(catalog, self.home, Derivatives())
            done = Timelines(catalog, store).export(choices, out)
        return otio().adapters.read_from_file(str(out)), done.left_out


def test_spans_with_tracks_in_files_of_their_own(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "home", (100, 150))
    found, left_out = shelf.export(tmp_path / "o.otio", *shelf.choices)
    assert left_out == ()
    urls = [[item.media_reference.target_url.rpartition("Disk/")[2] for item in track if isinstance(item, otio().schema.Clip)] for track in found.tracks]  # fmt: skip
    assert urls == [
        ["VIDEO/0001.mxf", "VIDEO/0002.mxf", "plain.mov"],
        ["AUDIO/000100.mxf", "AUDIO/000200.mxf"],
        ["AUDIO/000101.mxf", "AUDIO/000201.mxf"],
    ]
    assert [values(item.source_range) for item in found.tracks[1]][:2] == [(0, 100), (100, 150)]
    links = [item.metadata["Resolve_OTIO"]["Link Group ID"] for item in found.tracks[0]]
    assert links == [1, 2, 3]


@pytest.mark.parametrize("frames", [(100, None), (100, 149)])
def test_a_clip_whose_files_have_no_known_length_is_left_out(
    tmp_path: Path, frames: tuple[int | None, int | None]
) -> None:
    shelf = Shelf(tmp_path / "home", frames)
    found, left_out = shelf.export(tmp_path / "o.otio", *shelf.choices)
    assert left_out == ("0001",)
    assert [item.name for item in found.find_clips()] == ["plain"]
    with pytest.raises(Refused, match="known length"):
        shelf.export(tmp_path / "two.otio", Choice(shelf.clip))
