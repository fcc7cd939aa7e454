"""Quick posters, times of frames, and the programs that are really there."""

import io
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media import encoders, tools
from app.core.media.frame_client import FrameWorker
from app.core.media.framemap import frame_times
from app.core.media.poster import LONGEST, poster
from app.core.model.errors import BadData, Cancelled
from app.core.model.media import ClipKind, MediaFacts
from tests.support.media_factory import LONG_GOP, X264, MediaFactory, Sound, ffmpeg, read_number
from tests.support.media_kinds import Clip, facts_of


def opened(path: Path):
    import av

    with av.open(io.BytesIO(path.read_bytes())) as picture:
        return next(picture.decode(video=0)).to_ndarray(format="rgb24")


def test_every_kind_has_a_poster_at_once(clip: Clip, tmp_path: Path) -> None:
    out = tmp_path / "poster.jpg"
    assert poster(clip.parts[0], clip.facts, out)
    assert out.read_bytes()[:2] == b"\xff\xd8"
    picture = opened(out)
    assert max(picture.shape) <= LONGEST
    assert read_number(picture) in clip.numbers


def test_a_poster_is_small_upright_and_not_black(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "dark-start.mp4"
    chain = "color=c=black:s=1280x720:r=25:d=2[a];testsrc2=s=1280x720:r=25:d=2[b];[a][b]concat"
    ffmpeg("-f", "lavfi", "-i", chain, *X264, "-g", "10", path)
    turned = media.copy(path, "dark-turned.mov", "-metadata:s:v:0", "rotate=90")
    out = tmp_path / "poster.jpg"
    with FrameWorker() as worker:
        assert poster(turned, facts_of(100), out, worker=worker)
    picture = opened(out)
    assert picture.shape == (640, 360, 3)
    assert picture.mean() > 60


def test_sound_has_no_quick_poster(media: MediaFactory, tmp_path: Path) -> None:
    path = media.sound("quiet.wav", Sound(1))
    assert not poster(path, MediaFacts(kind=ClipKind.AUDIO), tmp_path / "poster.jpg")
    assert not list(tmp_path.iterdir())


def test_many_posters_come_from_one_worker(media: MediaFactory, tmp_path: Path) -> None:
    paths = []
    for number in range(12):
        folder = media.folder / f"card{number}"
        folder.mkdir()
        path = media.video(f"card{number}/clip.mp4", *LONG_GOP, frames=5, first=number)
        paths.append(path)
    with FrameWorker() as worker:
        for round_trip in range(2):
            for number, path in enumerate(paths):
                out = tmp_path / f"{round_trip}-{number}.jpg"
                poster(path, facts_of(5), out, worker=worker)
                assert number <= read_number(opened(out)) < number + 5


def test_a_worker_that_was_killed_is_replaced(media: MediaFactory, tmp_path: Path) -> None:
    path = media.video("again.mp4", frames=5)
    with FrameWorker() as worker:
        poster(path, facts_of(5), tmp_path / "one.jpg", worker=worker)
        worker._child.kill()
        poster(path, facts_of(5), tmp_path / "two.jpg", worker=worker)
    assert (tmp_path / "two.jpg").exists()


def test_a_worker_can_be_called_off(media: MediaFactory, tmp_path: Path) -> None:
    path = media.video("off.mp4", frames=5)
    with FrameWorker() as worker:
        with pytest.raises(Cancelled):
            poster(path, facts_of(5), tmp_path / "no.jpg", worker=worker, cancel=lambda: True)
        assert poster(path, facts_of(5), tmp_path / "yes.jpg", worker=worker)
    assert [entry.name for entry in tmp_path.iterdir()] == ["yes.jpg"]


def test_times_of_frames_are_those_shown(media: MediaFactory) -> None:
    path = media.variable("times.mov", frames=30)
    times = frame_times(path)
    wanted = [n * 20 + 7 * (n % 3) + (150 if n > 12 else 0) for n in range(30)]
    assert [times.seconds(n) for n in range(30)] == [Fraction(tick, 600) for tick in wanted]
    whole = media.video("uncut.mp4", frames=100)
    cut = media.copy(whole, "cut.mp4", before=("-ss", "2.2"))
    assert len(frame_times(cut)) == 45
    assert frame_times(cut).is_even(Fraction(25))


def test_times_of_what_is_no_media_are_bad_data(tmp_path: Path) -> None:
    (tmp_path / "x.mov").write_bytes(b"nothing")
    with pytest.raises(BadData):
        frame_times(tmp_path / "x.mov")


def test_the_programs_say_what_they_are() -> None:
    found = tools.programs()
    assert tools.version(found.ffmpeg)[0].isdigit() or tools.version(found.ffmpeg)[0] == "n"
    assert {"libx264", "aac", "mjpeg", "pcm_s16le"} <= tools.encoders(found.ffmpeg)


def test_hardware_is_used_only_where_one_picture_could_be_encoded() -> None:
    found = tools.programs()
    encoder = encoders.hardware(found.ffmpeg)
    assert encoder is None or encoder.name in tools.encoders(found.ffmpeg)
    assert encoders.hardware(found.ffmpeg, "h264_none") is None
