"""The frame asked for is the frame given, for every kind of clip."""

import dataclasses
import io
import subprocess
from array import array
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.frame import FrameSource, frame_png
from app.core.media.frame_client import FrameWorker
from app.core.media.framemap import FrameMap
from app.core.model.errors import BadData, Refused
from app.core.model.media import ClipKind, MediaFacts
from tests.support.media_factory import FFMPEG, LONG_GOP, MediaFactory, read_number
from tests.support.media_kinds import Clip, facts_of


def pixels(data: bytes):
    import av

    with av.open(io.BytesIO(data)) as picture:
        return next(picture.decode(video=0)).to_ndarray(format="rgb24")


def source_of(clip: Clip) -> FrameSource:
    return FrameSource(clip.parts, clip.facts, clip.counts)


def reference(path: Path, number: int) -> bytes:
    """What ffmpeg gives for a frame by counting from the start, in the colours of the rule."""
    chosen = rf"select=eq(n\,{number}),scale=in_color_matrix=bt601"
    words = ["-i", str(path), "-vf", chosen, "-frames:v", "1", "-c:v", "png", "-pix_fmt", "rgb24"]
    command = [FFMPEG, "-v", "error", *words, "-f", "image2pipe", "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def psnr(one, other) -> float:
    import numpy as np

    assert one.shape == other.shape
    wrong = np.square(one.astype(float) - other).mean()
    return 99.0 if wrong == 0 else float(10 * np.log10(255**2 / wrong))


def test_every_frame_is_exact(clip: Clip, tmp_path: Path) -> None:
    frames = len(clip.numbers)
    asked = {0, 1, 2, *range(3, frames, 7), frames // 2, frames - 2, frames - 1}
    out = tmp_path / "frame.png"
    with FrameWorker() as worker:
        for number in sorted(asked):
            frame_png(source_of(clip), number, out, worker=worker)
            assert read_number(pixels(out.read_bytes())) == clip.numbers[number], number


def test_pictures_are_those_of_ffmpeg(clip: Clip, tmp_path: Path) -> None:
    if len(clip.parts) > 1:
        pytest.skip("one file is compared")
    out = tmp_path / "frame.png"
    with FrameWorker() as worker:
        for number in (0, 1, 2, len(clip.numbers) - 1):
            frame_png(source_of(clip), number, out, worker=worker)
            given = pixels(out.read_bytes())
            wanted = pixels(reference(clip.parts[0], number))
            assert psnr(given, wanted) >= 45


def test_a_frame_past_the_end_is_refused(clip: Clip, tmp_path: Path) -> None:
    with FrameWorker() as worker:
        for number in (len(clip.numbers), -1):
            with pytest.raises(Refused):
                frame_png(source_of(clip), number, tmp_path / "frame.png", worker=worker)
    assert not list(tmp_path.iterdir())


def test_a_rate_that_the_index_contradicts_is_not_believed(
    media: MediaFactory, tmp_path: Path
) -> None:
    path = media.variable("misjudged.mov", frames=40)
    numbers = media.variable_numbers(40)
    out = tmp_path / "frame.png"
    for number in (12, 25, 39):
        frame_png(FrameSource((path,), facts_of(40, 25)), number, out)
        assert read_number(pixels(out.read_bytes())) == numbers[number]


def test_a_map_of_times_is_used(media: MediaFactory, tmp_path: Path) -> None:
    path = media.video("mapped.mp4", frames=60)
    even = FrameMap(Fraction(1, 25), array("q", range(60)))
    out = tmp_path / "frame.png"
    facts = dataclasses.replace(facts_of(60, vfr=True))
    frame_png(FrameSource((path,), facts, times=even), 41, out)
    assert read_number(pixels(out.read_bytes())) == 41


def test_untagged_colours_go_by_size(media: MediaFactory, tmp_path: Path) -> None:
    """Below 1280 × 577 BT.601, above BT.709: the same code values give other colours."""
    seen = {}
    for width, height in ((320, 180), (1280, 720)):
        path = media.folder / f"colour{width}.mp4"
        source = f"color=c=0xC81E28:s={width}x{height}:d=0.2:r=25"
        words = ["-f", "lavfi", "-i", source, "-vf", "format=rgb24,scale=out_color_matrix=bt709"]
        tags = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "1"]
        subprocess.run([FFMPEG, "-v", "error", "-y", *words, *tags, path], check=True)
        out = tmp_path / f"{width}.png"
        frame_png(FrameSource((path,), facts_of(5, size=(width, height))), 2, out)
        seen[width] = pixels(out.read_bytes())[50, 50].tolist()
    assert all(abs(a - b) <= 3 for a, b in zip(seen[1280], (200, 30, 40), strict=True))
    assert any(abs(a - b) > 6 for a, b in zip(seen[320], (200, 30, 40), strict=True))


def test_names_are_only_names(media: MediaFactory, tmp_path: Path) -> None:
    plain = media.video("plain.mp4", "-c:v", "mjpeg", frames=12)
    names = ["-y.mp4", "shot%03d.mp4", "http:x.mp4", "a\nb.mp4", "concat:x|y.mp4", "'q' [0];.mp4"]
    for name in (*names, "caf\udce9.mp4"):
        path = tmp_path / name
        path.write_bytes(plain.read_bytes())
        out = tmp_path / "frame.png"
        frame_png(FrameSource((path,), facts_of(12)), 10, out)
        assert read_number(pixels(out.read_bytes())) == 10


def test_a_still_with_a_number_in_its_name_is_one_picture(
    media: MediaFactory, tmp_path: Path
) -> None:
    made = media.sequence("stills", (1, 2, 3), "png")
    path = tmp_path / "IMG_%07d.png"
    path.write_bytes(made[1].read_bytes())
    out = tmp_path / "frame.png"
    frame_png(FrameSource((path,), MediaFacts(kind=ClipKind.STILL)), 0, out)
    assert read_number(pixels(out.read_bytes())) == 2


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_a_photo_is_upright_as_its_exif_says(
    media: MediaFactory, tmp_path: Path, orientation: int, turns: int
) -> None:
    import numpy as np

    path = media.photo(f"IMG_{orientation}.JPG", 300 + orientation, orientation)
    out = tmp_path / "frame.png"
    frame_png(FrameSource((path,), MediaFacts(kind=ClipKind.STILL)), 0, out)
    shown = pixels(out.read_bytes())
    assert read_number(np.rot90(shown, turns)) == 300 + orientation


def test_what_is_no_media_is_bad_data_and_the_worker_goes_on(
    media: MediaFactory, tmp_path: Path
) -> None:
    (tmp_path / "fake.mov").write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n")
    good = media.video("good.mp4", frames=12)
    with FrameWorker() as worker:
        with pytest.raises(BadData):
            frame_png(
                FrameSource((tmp_path / "fake.mov",), facts_of(10)),
                0,
                tmp_path / "o",
                worker=worker,
            )
        frame_png(FrameSource((good,), facts_of(12)), 5, tmp_path / "frame.png", worker=worker)


def test_sound_has_no_frame(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        frame_png(FrameSource((), MediaFacts(kind=ClipKind.AUDIO)), 0, tmp_path / "o.png")


def test_a_cut_off_file_gives_the_frames_it_has(media: MediaFactory, tmp_path: Path) -> None:
    whole = media.video("cut.mkv", *LONG_GOP, frames=100)
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    out = tmp_path / "frame.png"
    frame_png(FrameSource((path,), facts_of(100)), 30, out)
    assert read_number(pixels(out.read_bytes())) == 30
    with pytest.raises(Refused):
        frame_png(FrameSource((path,), facts_of(100)), 99, out)
