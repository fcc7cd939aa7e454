"""Proxy, filmstrip and poster of every kind of clip."""

import dataclasses
import json
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.derived import EVERYTHING, Derived
from app.core.media.framemap import FrameMap
from app.core.model.media import ClipKind, MediaFacts, RenditionKind
from tests.integration.media.deriving import decoded, derived, numbers
from tests.support.media_factory import X264, MediaFactory, ffmpeg
from tests.support.media_kinds import Clip, facts_of, long_gop, phone

PICTURES = frozenset({RenditionKind.PROXY, RenditionKind.POSTER, RenditionKind.FILMSTRIP})


def probed(path: Path) -> list[dict[str, object]]:
    words = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    done = subprocess.run(words, capture_output=True, check=True)
    return json.loads(done.stdout)["streams"]


def test_the_proxy_has_every_frame_and_passes_parity(clip: Clip, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = derived(clip, out)
    assert numbers(out / "proxy.mov") == list(clip.numbers)
    assert result.frames == len(clip.numbers)
    assert result.parity is not None
    assert result.parity.ok, [check for check in result.parity.checks if not check.ok]
    assert result.complete
    assert result.errors == 0
    assert {made.kind for made in result.made} >= PICTURES
    assert sorted(path.name for path in out.iterdir()) == sorted(made.name for made in result.made)
    assert all((out / made.name).stat().st_size == made.size > 0 for made in result.made)
    even_clips_stay_even_and_uneven_ones_keep_their_times(clip, out, result)


def even_clips_stay_even_and_uneven_ones_keep_their_times(
    clip: Clip, out: Path, result: Derived
) -> None:
    times = [float(t) for t in decoded(out / "proxy.mov", lambda f: f.pts * f.time_base)]
    if clip.facts.vfr:
        ticks = [n * 20 + 7 * (n % 3) + (150 if n > 12 else 0) for n in range(len(clip.numbers))]
        assert times == pytest.approx([tick / 600 for tick in ticks], abs=1e-4)
        assert result.frame_map is not None
        kept = FrameMap.from_bytes((out / "frames.map").read_bytes())
        assert kept == result.frame_map
        assert [float(kept.seconds(n)) for n in range(len(kept))] == pytest.approx(times)
    else:
        rate = clip.facts.rate or Fraction(1)
        assert times == pytest.approx([float(n / rate) for n in range(len(times))], abs=1e-4)
        assert result.frame_map is None


def test_timecode_and_reel_are_read_back(media: MediaFactory, tmp_path: Path) -> None:
    from tests.support.media_kinds import prores

    derived(prores(media), tmp_path / "out")
    tags = [s.get("tags", {}) for s in probed(tmp_path / "out" / "proxy.mov")]
    assert next(t["timecode"] for t in tags if "timecode" in t) == "01:00:59;28"
    assert [t["reel_name"] for t in tags if "reel_name" in t] == ["A005R1AB"]


def test_the_proxy_steps_evenly_for_players(media: MediaFactory, tmp_path: Path) -> None:
    """A key frame every twelve, none between, no B-frames, the index in front, limited range; of its original's matrix."""
    out = tmp_path / "out"
    derived(long_gop(media), out, wanted=frozenset({RenditionKind.PROXY}))
    keys = [bool(k) for k in decoded(out / "proxy.mov", lambda f: f.key_frame)]
    assert [n for n, key in enumerate(keys) if key] == list(range(0, 100, 12))
    intra, predicted = 1, 2
    kinds = set(decoded(out / "proxy.mov", lambda f: int(f.pict_type)))
    assert kinds == {intra, predicted}
    data = (out / "proxy.mov").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    picture = probed(out / "proxy.mov")[0]
    assert picture["pix_fmt"] == "yuv420p"
    assert picture["color_space"] == "smpte170m"
    assert {picture[name] for name in ("color_transfer", "color_primaries")} == {"bt709"}


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((1920, 1080), 540, (960, 540)),
        ((1080, 1920), 540, (540, 960)),
        ((320, 180), 720, (320, 180)),
        ((1024, 428), 540, (960, 400)),
        ((853, 481), 540, (852, 480)),
    ],
)
def test_the_proxy_fits_and_is_never_enlarged(
    media: MediaFactory,
    tmp_path: Path,
    size: tuple[int, int],
    wanted: int,
    expected: tuple[int, int],
) -> None:
    path = media.folder / f"size{size[0]}x{size[1]}.mkv"
    source = f"testsrc2=s={size[0]}x{size[1]}:r=25:d=0.12"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "ffv1", "-pix_fmt", "yuv444p", path)
    clip = Clip((path,), facts_of(3, size=size), ())
    result = derived(clip, tmp_path / "out", height=wanted, wanted=PICTURES)
    picture = probed(tmp_path / "out" / "proxy.mov")[0]
    assert (picture["width"], picture["height"]) == expected == result.size
    assert result.parity is not None
    assert result.parity.ok


def test_wide_pixels_become_square(media: MediaFactory, tmp_path: Path) -> None:
    from tests.support.media_kinds import anamorphic

    derived(anamorphic(media), tmp_path / "out", wanted=PICTURES)
    picture = probed(tmp_path / "out" / "proxy.mov")[0]
    assert (picture["width"], picture["height"]) == (160, 90)
    assert picture["sample_aspect_ratio"] == "1:1"


def test_fields_are_made_whole_without_losing_a_frame(media: MediaFactory, tmp_path: Path) -> None:
    from tests.support.media_kinds import interlaced

    result = derived(interlaced(media), tmp_path / "out", wanted=PICTURES)
    assert result.deinterlaced
    assert result.frames == 50
    assert probed(tmp_path / "out" / "proxy.mov")[0]["field_order"] == "progressive"


def test_the_filmstrip_shows_what_it_says(media: MediaFactory, tmp_path: Path) -> None:
    import av

    from tests.support.media_factory import read_number

    path = media.video("strip.mp4", frames=230)
    out = tmp_path / "out"
    result = derived(Clip((path,), facts_of(230), ()), out, wanted=PICTURES)
    strip = result.filmstrip
    assert strip is not None
    assert strip.frames == tuple(range(0, 230, 3))
    with av.open(str(out / "filmstrip.jpg")) as opened:
        sheet = next(opened.decode(video=0)).to_ndarray(format="rgb24")
    assert sheet.shape == (strip.rows * 90, strip.columns * 160, 3)
    for index, frame in enumerate(strip.frames):
        row, column = divmod(index, strip.columns)
        tile = sheet[row * 90 : row * 90 + 90, column * 160 : column * 160 + 160]
        assert read_number(tile) == frame


def test_the_poster_avoids_black(media: MediaFactory, tmp_path: Path) -> None:
    import av

    path = media.folder / "dark.mp4"
    chain = "color=c=black:s=160x90:r=25:d=1[a];testsrc2=s=160x90:r=25:d=3[b];[a][b]concat"
    ffmpeg("-f", "lavfi", "-i", chain, *X264, path)
    out = tmp_path / "out"
    result = derived(Clip((path,), facts_of(100), ()), out, wanted=PICTURES)
    assert result.poster_frame == 25
    with av.open(str(out / "poster.jpg")) as opened:
        assert next(opened.decode(video=0)).to_ndarray(format="gray").mean() > 60


def test_colours_of_proxy_and_frame_agree(media: MediaFactory, tmp_path: Path) -> None:
    """A full-range BT.601 camera picture looks the same in its frame and in its proxy."""
    import io

    import av

    from app.core.media.frame import FrameSource, frame_png
    from tests.support.media_kinds import motion_jpeg

    clip = motion_jpeg(media)
    derived(clip, tmp_path / "out", wanted=PICTURES)
    frame_png(FrameSource(clip.parts, clip.facts), 9, tmp_path / "frame.png")
    with av.open(io.BytesIO((tmp_path / "frame.png").read_bytes())) as opened:
        original = next(opened.decode(video=0)).to_ndarray(format="rgb24")
    shown = decoded(
        tmp_path / "out" / "proxy.mov",
        lambda f: f.reformat(
            format="rgb24", src_colorspace=5, src_color_range=1, dst_color_range=2
        ).to_ndarray(),
    )[9]
    for place in ((60, 20), (70, 80), (80, 140), (50, 100)):
        patch = (slice(place[0], place[0] + 6), slice(place[1], place[1] + 6))
        one, other = original[patch].mean(axis=(0, 1)), shown[patch].mean(axis=(0, 1))
        assert abs(one - other).max() < 8, place


@pytest.mark.parametrize(("size", "matrix"), [("640x360", "smpte170m"), ("1280x720", "bt709")])
def test_a_proxy_is_not_darker_than_its_original(
    media: MediaFactory, tmp_path: Path, size: str, matrix: str
) -> None:
    """Ten bits and another matrix are rounded, not cut: by eye nothing moves when proxy and original change places."""
    import numpy as np

    path = media.folder / "ramp.mov"
    grey = f"gradients=s={size}:c0=black:c1=white:x0=0:x1=639:y0=0:y1=359:d=0.4:r=25,format=yuv422p10le"
    ffmpeg("-f", "lavfi", "-i", grey, "-c:v", "prores_ks", "-profile:v", "2", path)
    derived(Clip((path,), facts_of(10), ()), tmp_path / "out", wanted=PICTURES)
    original = decoded(path, lambda f: np.frombuffer(f.planes[0], np.uint16).mean() / 4)[2]
    proxy = decoded(
        tmp_path / "out" / "proxy.mov", lambda f: np.frombuffer(f.planes[0], np.uint8).mean()
    )[2]
    assert abs(original - proxy) < 0.3
    assert probed(tmp_path / "out" / "proxy.mov")[0]["color_space"] == matrix


def likeness(path: Path, original: Path) -> float:
    """SSIM of the brightness, 1 where nothing differs."""
    graph = "[1]scale=640:360[o];[0][o]ssim"
    words = ["ffmpeg", "-nostdin", "-i", path, "-i", original, "-lavfi", graph, "-f", "null", "-"]
    said = subprocess.run(words, capture_output=True, check=True, text=True).stderr
    return float(said.rpartition("SSIM Y:")[2].split()[0])


def test_a_lean_proxy_is_no_larger_and_as_like_its_original(
    media: MediaFactory, tmp_path: Path
) -> None:
    path, plain = media.folder / "noisy.mkv", tmp_path / "plain.mov"
    chain = "testsrc2=s=1280x720:r=25:d=1.92,noise=alls=12:allf=t"
    ffmpeg("-f", "lavfi", "-i", chain, "-c:v", "ffv1", "-pix_fmt", "yuv420p", path)
    out = tmp_path / "out"
    derived(Clip((path,), facts_of(48), ()), out, wanted=PICTURES, height=360)
    scaled = ("-vf", "scale=640:360:flags=bilinear+accurate_rnd")
    ffmpeg("-i", path, *scaled, *X264, "-crf", "23", "-g", "12", "-bf", "0", plain)
    assert (out / "proxy.mov").stat().st_size < plain.stat().st_size * 1.25
    assert likeness(out / "proxy.mov", path) > likeness(plain, path) - 0.01


def test_only_what_is_wanted_is_made(media: MediaFactory, tmp_path: Path) -> None:
    for kind in EVERYTHING - {RenditionKind.LOUDNESS}:
        result = derived(long_gop(media), tmp_path / kind.value, wanted=frozenset({kind}))
        assert {made.kind for made in result.made} == {kind}
        names = {made.name for made in result.made}
        assert {path.name for path in (tmp_path / kind.value).iterdir()} == names


def test_the_essence_hash_knows_a_new_header_from_a_new_picture(
    media: MediaFactory, tmp_path: Path
) -> None:
    one = media.video("one.mp4", frames=20)
    retagged = media.copy(one, "retagged.mov", "-metadata", "title=other")
    other = media.video("other.mp4", frames=20, first=1)
    hashes = [
        derived(Clip((path,), facts_of(20), ()), tmp_path / path.stem, wanted=PICTURES).essence
        for path in (one, retagged, other)
    ]
    assert hashes[0] is not None
    assert hashes[0] == hashes[1] != hashes[2]


def test_parity_notices_a_wrong_promise(media: MediaFactory, tmp_path: Path) -> None:
    path = media.video("promise.mp4", frames=20)
    facts = dataclasses.replace(facts_of(30, 25, 1, label="01:00:00:00"), reel="A1")
    result = derived(Clip((path,), facts, ()), tmp_path / "out", wanted=PICTURES)
    assert result.parity is not None
    wrong = {check.name for check in result.parity.checks if not check.ok}
    assert wrong == {"frames", "sound", "duration"}
    assert not result.complete


def test_a_still_gets_a_poster_and_a_viewing_copy(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "photo %03d.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=3000x2000", "-frames:v", "1", "-update", "1", path)
    facts = MediaFacts(kind=ClipKind.STILL)
    result = derived(Clip((path,), facts, ()), tmp_path / "out")
    sizes = {}
    for made in result.made:
        stream = probed(tmp_path / "out" / made.name)[0]
        sizes[made.kind] = (stream["width"], stream["height"])
    assert sizes == {RenditionKind.PROXY: (2160, 1440), RenditionKind.POSTER: (640, 426)}
    assert result.size == (3000, 2000)
    assert result.essence


def test_a_phone_clip_has_one_time_for_each_frame(media: MediaFactory, tmp_path: Path) -> None:
    result = derived(phone(media), tmp_path / "out", wanted=PICTURES)
    assert result.frame_map is not None
    assert len(result.frame_map) == result.frames == 40
