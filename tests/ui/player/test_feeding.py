"""From footage on a disk to the picture in the player: stills, a raw picture with its JPEG, numbered frames."""

import dataclasses
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.catalog import library, projects
from app.core.model.entities import Clip
from app.core.model.media import ClipKind, Derive, FileRole, FileState
from app.core.services import Services
from app.ui.inspector import detail
from app.ui.library import feeding
from app.ui.player.source import PlayerSource
from app.ui.player.states import MediaInfo
from tests.ui.player import clips
from tests.ui.player.conftest import PATIENCE_MS, Player

RATE = Fraction(24)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = Services(tmp_path / "home")
    yield made
    made.close()


def _catalogued(services: Services, media: Path, *, derive: bool) -> dict[str, Clip]:
    """The clips of a folder by name, with or without what is made of them."""
    wanted = Derive.ALL if derive else Derive.POSTERS
    volume = services.volumes.add(media, name="Day 1", derive=wanted)
    services.scanner.scan(volume.id)
    services.assembling.all_now(volume.id)
    if derive:
        services.start(watch=False)
        services.engine.wait_idle()
    with services.catalog.read() as reader:
        rows = library.after(reader, 0, 100)
        found = library.page(reader, rows, projects.current(reader))
    return {clip.name: clip for clip in found}


def _shown(player: Player, source: PlayerSource | None) -> MediaInfo:
    assert source is not None
    opened: list[MediaInfo] = []
    player.engine.opened.connect(opened.append)
    with player.qtbot.waitSignal(player.engine.frame_shown, timeout=PATIENCE_MS):
        player.engine.load(source)
    assert player.engine.frame == 0
    return opened[0]


@pytest.mark.parametrize("derive", [True, False], ids=["with a proxy", "the original alone"])
def test_a_still_is_shown(player: Player, services: Services, tmp_path: Path, derive: bool) -> None:
    media = tmp_path / "media"
    media.mkdir()
    clips.run("-f", "lavfi", "-i", "testsrc2=s=640x480", "-frames:v", "1", str(media / "DSC_1.JPG"))
    clip = _catalogued(services, media, derive=derive)["DSC_1"]
    assert clip.kind is ClipKind.STILL
    feed = feeding.make_feed(clip, services.store)
    assert (feed.proxy is not None) is derive
    for source in filter(None, (feed.proxy, feed.original)):
        assert _shown(player, source).size == (640, 480)
        assert source.frames == 1


def test_of_a_raw_picture_its_jpeg_is_shown(
    player: Player, services: Services, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    clips.run("-f", "lavfi", "-i", "testsrc2=s=640x480", "-frames:v", "1", str(media / "DSC_1.JPG"))
    (media / "DSC_1.NEF").write_bytes(b"MM\0*\0\0\0\x08" + bytes(5_000))
    found = _catalogued(services, media, derive=False)
    clip = found["DSC_1"]
    assert len(found) == 1
    assert {Path(place.path).suffix for place in clip.files} == {".NEF", ".JPG"}
    feed = feeding.make_feed(clip, services.store)
    assert feed.proxy is not None
    assert feed.proxy.path.name == "DSC_1.JPG"
    assert _shown(player, feed.proxy).size == (640, 480)


def test_an_interlaced_original_is_known_as_such(services: Services, tmp_path: Path) -> None:
    media = tmp_path / "media"
    media.mkdir()
    coded = ("-c:v", "prores_ks", "-profile:v", "0")
    fields = (*coded, "-flags", "+ilme+ildct")
    clips.numbered(media / "A.mov", sound=0, video=fields, filters=",setfield=tff", frames=8)
    clips.numbered(media / "B.mov", sound=0, video=coded, frames=8)
    for name, clip in _catalogued(services, media, derive=True).items():
        with services.catalog.read() as reader:
            found = detail.read(reader, clip.row, "", "")
        assert found is not None
        feed = feeding.make_feed(found.clip, services.store, interlaced=found.interlaced)
        assert feed.original is not None, (clip.state, clip.problem)
        assert feed.original.interlaced is (name == "A")


def _again(services: Services, clip: Clip) -> Clip:
    """The clip as the catalog has it after another look at its volume."""
    volume = clip.files[0].volume_id
    services.scanner.scan(volume)
    services.assembling.all_now(volume)
    services.engine.wait_idle()
    with services.catalog.read() as reader:
        return library.page(reader, [clip.row], projects.current(reader))[0]


def test_any_copy_on_a_volume_is_an_original(services: Services, tmp_path: Path) -> None:
    """Equal bytes three times on one volume: the clip's own file is played, then whichever is left."""
    media = tmp_path / "media"
    paths = [media / "A.mov", media / "second" / "B.mov", media / "third" / "C.mov"]
    for path in paths[1:]:
        path.parent.mkdir(parents=True)
    clips.numbered(paths[0], sound=1, frames=8)
    for path in paths[1:]:
        shutil.copyfile(paths[0], path)
    (clip,) = _catalogued(services, media, derive=True).values()
    assert len(clip.files) == len({place.place for place in clip.files}) == 3
    left = set(paths)
    while left:
        own = next(place for place in clip.files if not place.copy)
        feed = feeding.make_feed(clip, services.store)
        assert feed.original is not None, clip.files
        assert feed.original.path in left
        assert feed.proxy is not None
        assert own.absolute == str(feed.original.path)
        feed.original.path.unlink()
        left.remove(feed.original.path)
        clip = _again(services, clip)
    assert feeding.make_feed(clip, services.store).original is None


def test_a_copy_that_is_there_stands_in_for_the_clips_own_file(
    services: Services, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    (media / "second").mkdir(parents=True)
    clips.numbered(media / "A.mov", sound=1, frames=8)
    shutil.copyfile(media / "A.mov", media / "second" / "B.mov")
    (clip,) = _catalogued(services, media, derive=True).values()
    for gone in clip.files:
        places = tuple(
            dataclasses.replace(place, state=FileState.MISSING) if place == gone else place
            for place in clip.files
        )
        feed = feeding.make_feed(dataclasses.replace(clip, files=places), services.store)
        assert feed.original is not None
        assert str(feed.original.path) != gone.absolute


def test_the_parts_of_two_copies_are_never_mixed(services: Services, tmp_path: Path) -> None:
    """A clip of several files has no single original, however many of them each copy has left."""
    media = tmp_path / "media"
    media.mkdir()
    clips.numbered(media / "A.mov", sound=1, frames=8)
    (clip,) = _catalogued(services, media, derive=True).values()
    (one,) = clip.files
    more = (
        dataclasses.replace(one, part=64, role=FileRole.SPAN, state=FileState.MISSING),
        dataclasses.replace(one, place=99, copy=True),
    )
    spanned = dataclasses.replace(clip, files=(one, *more))
    assert feeding.make_feed(spanned, services.store).original is None


@pytest.mark.parametrize("coded", ["dpx", "exr"])
def test_numbered_frames_play_at_their_rate(
    player: Player, services: Services, tmp_path: Path, coded: str
) -> None:
    media = tmp_path / "media" / "plate"
    media.mkdir(parents=True)
    moving = clips.numbered(tmp_path / "moving.mp4", frames=12, size=(320, 180), sound=0)
    layout = ("-pix_fmt", "gbrpf32le") if coded == "exr" else ("-pix_fmt", "rgb24")
    clips.run("-i", str(moving), *layout, str(media / f"plate.%04d.{coded}"))
    services.projects.introduce("Ingrid Nilsen", "IN")
    clip = next(iter(_catalogued(services, media.parent, derive=True).values()))
    assert clip.kind is ClipKind.SEQUENCE
    feed = feeding.make_feed(clip, services.store)
    assert feed.proxy is not None
    assert feed.proxy.rate == clip.rate
    assert feed.proxy.frames == 12
    assert not feed.proxy.still
    _shown(player, feed.proxy)
    for frame in (0, 7, 11, 4):
        if frame != player.engine.frame:
            player.shown(lambda n=frame: player.engine.seek_frame(n))
        assert player.engine.frame == frame == player.picture()
