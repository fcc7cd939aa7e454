"""The probe on real media, made here: it agrees with ffprobe, and says what is wrong with the rest."""

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media import ffprobe as asking
from app.core.media.mediainfo_pool import WorkerPool
from app.core.media.probe import Prober
from app.core.model.errors import Missing, Passing
from app.core.model.media import ClipKind, MediaFacts, StartTimecode
from app.core.platform.interpreter import worker_environment
from app.core.platform.processes import Child, Limits, spawn
from tests.support.media_factory import ffmpeg
from tests.support.probe_media import chunk, ffprobe, pcm_format, wave

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
B_FRAMES = (*X264, "-bf", "2", "-g", "12", "-x264-params", "b-adapt=0")
AAC = ("-f", "lavfi", "-i", "sine=r=48000", "-shortest", "-c:a", "aac")
PCM = ("-f", "lavfi", "-i", "sine=r=48000", "-shortest", "-c:a", "pcm_s24le")


@pytest.fixture
def prober() -> Iterator[Prober]:
    with Prober() as made:
        yield made


def made(
    path: Path, *words: object, rate: str = "25", size: str = "160x96", seconds: str = "1"
) -> Path:
    """A second of moving picture."""
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}", *words, path)
    return path


CHEAP = {
    "long-gop.mp4": (*AAC, *B_FRAMES),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv422p10le", "-x265-params", "log-level=error"),
    "prores.mov": (*PCM, "-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le"),
    "full-range.mp4": (*AAC, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuvj420p"),
    "mpeg2.mxf": (*PCM, "-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-g", "12"),
    "discrete.mov": (*PCM, *X264),
    "dnxhr.mov": ("-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-pix_fmt", "yuv422p", "-s", "256x120"),
    "tagged.mp4": (*X264, "-color_primaries", "bt470bg", "-color_trc", "smpte170m", "-colorspace", "bt470bg"),
    "oblong.mp4": (*X264, "-vf", "setsar=4/3"),
}  # fmt: skip
ASKED = {
    "interlaced.mp4": (*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-q:v", "5"),
    "alpha.mov": ("-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"),
    "matroska.mkv": (*AAC, *B_FRAMES),
    "transport.mts": (*AAC, *X264, "-f", "mpegts"),
    "fragments.mp4": (*X264, "-movflags", "frag_keyframe+empty_moov"),
    "half-fragments.mp4": (*X264, "-movflags", "frag_keyframe", "-g", "10"),
    "old.mov": ("-c:v", "qtrle"),
}


COLOURS = {
    "colour_range": "color_range",
    "colour_matrix": "color_space",
    "colour_primaries": "color_primaries",
    "colour_transfer": "color_transfer",
}


def compare(facts: MediaFacts, path: Path) -> None:
    """Every fact that ffprobe has too is the same."""
    answer = ffprobe(path, "-count_frames")
    video = next(one for one in answer["streams"] if one["codec_type"] == "video")
    sounds = [one for one in answer["streams"] if one["codec_type"] == "audio"]
    assert facts.video is not None
    assert facts.problems == ()
    assert (facts.video.codec, facts.video.pix_fmt) == (video["codec_name"], video["pix_fmt"])
    assert (facts.video.width, facts.video.height) == (video["width"], video["height"])
    assert facts.rate == Fraction(video["avg_frame_rate"])
    assert facts.frames == int(video["nb_read_frames"])
    assert facts.frames_exact
    assert not facts.vfr
    assert facts.duration is not None
    assert abs(facts.duration - Fraction(answer["format"]["duration"])) < 1 / facts.rate
    for fact, word in COLOURS.items():
        assert getattr(facts.video, fact) == video.get(word)
    aspect = Fraction(video.get("sample_aspect_ratio", "1:1").replace(":", "/"))
    assert facts.video.sample_aspect == aspect
    assert [(one.codec, one.channels, one.sample_rate) for one in facts.audio] == [
        (one["codec_name"], one["channels"], int(one["sample_rate"])) for one in sounds
    ]


@pytest.mark.parametrize("name", CHEAP)
@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_usual_files_agree_with_ffprobe_without_asking_it(
    prober: Prober, tmp_path: Path, name: str, rate: str
) -> None:
    path = made(tmp_path / name, *CHEAP[name], rate=rate)
    facts = prober.probe(path, root=tmp_path)
    compare(facts, path)
    assert "ffprobe" not in facts.origins.values()


@pytest.mark.parametrize("name", ASKED)
def test_unusual_files_agree_with_ffprobe(prober: Prober, tmp_path: Path, name: str) -> None:
    path = made(tmp_path / name, *ASKED[name])
    facts = prober.probe(path, root=tmp_path)
    compare(facts, path)
    assert facts.origins["video"] == "ffprobe"


def test_fields_keep_their_order(prober: Prober, tmp_path: Path) -> None:
    facts = prober.probe(made(tmp_path / "i.mp4", *ASKED["interlaced.mp4"]), root=tmp_path)
    assert facts.video is not None
    assert facts.video.field_order == "tt"


@pytest.mark.parametrize(
    ("codec", "name", "words"),
    [
        ("pcm_s24le", "take.wav", ("-c:a", "pcm_s24le")),
        ("pcm_s16be", "take.aiff", ()),
        ("flac", "take.flac", ()),
        ("mp3", "take.mp3", ("-c:a", "libmp3lame")),
        ("aac", "take.m4a", ("-c:a", "aac")),
        ("pcm_s16le", "sound.mov", ("-c:a", "pcm_s16le")),
    ],
)
def test_sound_alone(
    prober: Prober, tmp_path: Path, codec: str, name: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", "sine=r=48000:d=1", "-ac", "2", *words, path)
    facts = prober.probe(path, root=tmp_path)
    (stream,) = facts.audio
    assert (facts.kind, facts.video, facts.rate) == (ClipKind.AUDIO, None, 48000)
    assert (stream.codec, stream.channels, stream.sample_rate) == (codec, 2, 48000)
    assert facts.frames_exact is (codec not in ("mp3", "aac"))
    assert facts.frames is not None
    assert facts.frames == 48000 if facts.frames_exact else abs(facts.frames - 48000) < 4000


@pytest.mark.parametrize(
    ("rate", "label", "frame", "drop"),
    [
        ("24000/1001", "09:59:59:12", 863_988, False),
        ("30000/1001", "01:00:59;28", 109_690, True),
        ("60000/1001", "00:00:59;56", 3_596, True),
        ("25", "23:59:59:00", 2_159_975, False),
    ],
)
@pytest.mark.parametrize("suffix", ["mov", "mp4", "mxf"])
def test_the_start_and_its_drop_flag(
    prober: Prober, tmp_path: Path, rate: str, label: str, frame: int, drop: bool, suffix: str
) -> None:
    codec = ("-c:v", "mpeg2video", "-pix_fmt", "yuv422p") if suffix == "mxf" else X264
    path = made(tmp_path / f"clip.{suffix}", *codec, "-timecode", label, rate=rate)
    source = "mxf" if suffix == "mxf" else "tmcd"
    assert prober.probe(path, root=tmp_path).start == StartTimecode(frame, drop, source)


def test_the_reel_in_the_timecode_track(prober: Prober, tmp_path: Path) -> None:
    words = ("-timecode", "01:00:00:00", "-metadata:s:v:0", "reel_name=A005R1AB")
    facts = prober.probe(made(tmp_path / "clip.mov", *X264, *words), root=tmp_path)
    assert (facts.reel, facts.origins["reel"]) == ("A005R1AB", "tmcd")


def test_an_edit_list_hides_frames(prober: Prober, tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.mp4", *B_FRAMES, seconds="2")
    cut = tmp_path / "cut.mp4"
    ffmpeg("-ss", "0.72", "-i", whole, "-c", "copy", cut)
    facts = prober.probe(cut, root=tmp_path)
    assert facts.frames == int(ffprobe(cut, "-count_frames")["streams"][0]["nb_read_frames"])
    assert facts.frames < int(ffprobe(cut)["streams"][0]["nb_frames"])


def test_a_phone_s_clip(prober: Prober, tmp_path: Path) -> None:
    uneven = "select='not(eq(mod(n,7),3))',setpts='PTS+if(gt(N,20),0.011/TB,0)'"
    plain = made(
        tmp_path / "plain.mov", "-vf", uneven, "-vsync", "vfr", *X264, rate="30", seconds="2"
    )
    path = tmp_path / "IMG_0001.MOV"
    tags = (
        "com.apple.quicktime.make=Apple",
        "com.apple.quicktime.location.ISO6709=+54.3200+010.1400/",
    )
    extra = [word for tag in tags for word in ("-metadata", tag)]
    ffmpeg(
        "-i",
        plain,
        "-c",
        "copy",
        "-metadata:s:v:0",
        "rotate=90",
        "-movflags",
        "use_metadata_tags",
        *extra,
        path,
    )
    facts = prober.probe(path, root=tmp_path)
    assert (facts.vfr, facts.rate, facts.frames, facts.frames_exact) == (True, 30, 51, True)
    assert facts.video is not None
    assert (
        facts.video.rotation
        == -int(ffprobe(path)["streams"][0]["side_data_list"][0]["rotation"]) % 360
    )
    assert facts.tags["location"] == "+54.3200+010.1400/"
    assert facts.camera == "Apple"


def test_high_rates_keep_their_rate_and_label_below_sixty(prober: Prober, tmp_path: Path) -> None:
    path = made(tmp_path / "fast.mp4", *X264, "-timecode", "01:00:00:00", rate="100")
    facts = prober.probe(path, root=tmp_path)
    assert (facts.rate, facts.frames) == (100, 100)
    assert facts.start is not None
    assert facts.start.frame == 3600 * 100


def test_a_cut_movie_without_its_index(prober: Prober, tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mov", *X264)
    os.truncate(path, path.stat().st_size // 2)
    facts = prober.probe(path, root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("no-moov", True)]
    assert (facts.kind, facts.closed) == (ClipKind.VIDEO, False)


def test_a_cut_movie_with_its_index_in_front(prober: Prober, tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", *X264, "-movflags", "+faststart")
    os.truncate(path, path.stat().st_size * 2 // 3)
    facts = prober.probe(path, root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("truncated", False)]
    assert (facts.frames, facts.closed) == (25, False)
    os.truncate(path, ffprobe_index_end(path))
    assert prober.probe(path, root=tmp_path).problems[0].code == "header-only"


def ffprobe_index_end(path: Path) -> int:
    """Where the media data of a fast-start file begins."""
    return path.read_bytes().index(b"mdat") + 4


def test_a_cut_mxf(prober: Prober, tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mxf", "-c:v", "mpeg2video", "-pix_fmt", "yuv422p")
    os.truncate(path, path.stat().st_size * 2 // 3)
    facts = prober.probe(path, root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("truncated", False)]
    assert (facts.frames, facts.rate, facts.closed) == (25, 25, False)


def test_a_recording_in_progress_is_open_and_whole(prober: Prober, tmp_path: Path) -> None:
    path = tmp_path / "T001.WAV"
    path.write_bytes(wave(pcm_format(1, 48000, 16), chunk(b"data", bytes(96000), 0)))
    facts = prober.probe(path, root=tmp_path)
    assert (facts.frames, facts.closed, facts.problems) == (48000, False, ())


def test_vendor_raw_is_kept_and_explained(prober: Prober, tmp_path: Path) -> None:
    (tmp_path / "A001_C001_0514AB_001.R3D").write_bytes(b"1" * 40000)
    facts = prober.probe(tmp_path / "A001_C001_0514AB_001.R3D", root=tmp_path)
    assert (facts.kind, facts.decodable) == (ClipKind.VIDEO, False)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("no-decoder", False)]
    raw = made(tmp_path / "raw.mov", *X264)
    raw.write_bytes(raw.read_bytes().replace(b"avc1", b"aprh"))
    assert not prober.probe(raw, root=tmp_path).decodable


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("text.mov", b"not a movie\n", "not-media"),
        ("empty.mov", b"", "empty"),
        ("noise.mov", bytes(range(1, 256)) * 40, "not-media"),
        ("list.mov", b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n", "refused"),
        ("script.mov", b"ffconcat version 1.0\nfile a.wav\n", "refused"),
    ],
)
def test_what_is_no_media_says_so(
    prober: Prober, tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(data)
    facts = prober.probe(tmp_path / name, root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [(code, True)]
    assert facts.kind is ClipKind.VIDEO


def test_five_gigabytes_of_nothing_are_not_read(prober: Prober, tmp_path: Path) -> None:
    with (tmp_path / "sparse.mov").open("wb") as file:
        file.truncate(5 << 30)
    assert prober.probe(tmp_path / "sparse.mov", root=tmp_path).problems[0].code == "not-media"


def test_a_program_that_dies_once_is_asked_again_before_the_file_is_blamed(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mkv", *X264)
    stub, told = tmp_path / "ffprobe", tmp_path / "told"
    for times, fatal in ((1, False), (2, True)):
        told.write_bytes(b"")
        stub.write_text(
            f"#!/bin/sh\nif [ $(wc -c < {told}) -lt {times} ]; then printf x >> {told}; kill -SEGV $$; fi\n"
            'exec ffprobe "$@"\n'
        )
        stub.chmod(0o755)
        with pytest.MonkeyPatch.context() as patch, Prober(str(stub)) as prober:
            # Without a sandbox: inside one the stub could write nothing down.
            patch.setattr(asking, "Sandbox", lambda **_: None)
            facts = prober.probe(path, root=tmp_path)
        assert [problem.fatal for problem in facts.problems] == [True] * fatal
        assert (facts.frames == 25) is not fatal
        assert len(told.read_bytes()) == times


def test_a_picture_larger_than_any_is_refused(prober: Prober, tmp_path: Path) -> None:
    path = made(tmp_path / "bomb.png", "-frames:v", "1")
    data = path.read_bytes()
    path.write_bytes(data[:16] + (60000).to_bytes(4, "big") * 2 + data[24:])
    assert "too-large" in {problem.code for problem in prober.probe(path, root=tmp_path).problems}


def test_links_and_pipes_are_refused_at_once(prober: Prober, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.mov")
    (tmp_path / "link.mov").symlink_to(tmp_path / "fifo.mov")
    for name in ("fifo.mov", "link.mov"):
        facts = prober.probe(tmp_path / name, root=tmp_path)
        assert [(problem.code, problem.fatal) for problem in facts.problems] == [("refused", True)]


@pytest.mark.parametrize(
    "name", ["-y.wav", "http:x.wav", "a|b.wav", "new\nline.wav", "bad\udcff.wav", "shot%03d.wav"]
)
def test_a_name_is_only_a_name(prober: Prober, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(wave(pcm_format(1, 48000, 16), chunk(b"data", bytes(9600))))
    assert prober.probe(tmp_path / name, root=tmp_path).frames == 4800
    strange = tmp_path / name.replace(".wav", ".avi")
    made(tmp_path / "plain.avi", "-c:v", "mjpeg").rename(strange)
    assert prober.probe(strange, root=tmp_path).frames == 25


def test_a_file_that_went_away_is_missing(prober: Prober, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        prober.probe(tmp_path / "gone.mov", root=tmp_path)
    with pytest.raises(Missing):
        prober.probe(tmp_path / "unmounted" / "gone.mov", root=tmp_path / "unmounted")


def test_several_lanes_share_a_prober(prober: Prober, tmp_path: Path) -> None:
    paths = [made(tmp_path / f"{number}.mp4", *X264) for number in range(4)]
    with ThreadPoolExecutor(3) as lanes:
        found = list(lanes.map(lambda path: prober.probe(path, root=tmp_path), paths * 3))
    assert {facts.frames for facts in found} == {25}


def test_after_the_end_nothing_is_started(tmp_path: Path) -> None:
    prober = Prober()
    prober.close()
    with pytest.raises(Passing):
        prober.probe(tmp_path / "clip.mov")


def worker(code: str, seconds: float = 30) -> Callable[[Path], Child]:
    """Starts a reader that has been tampered with."""
    start = "import os, time; import app.core.media.mediainfo_worker as w; real = w.look\n"
    words = [sys.executable, "-c", f"{start}{code}\nw.main()"]
    return lambda _folder: spawn(words, limits=Limits(seconds=seconds), env=worker_environment())


def test_a_crash_of_libmediainfo_costs_only_its_facts(tmp_path: Path) -> None:
    path = made(tmp_path / "clip.mp4", *AAC, *X264, "-timecode", "01:00:00:00")
    with Prober(pool=WorkerPool(worker("w.report = lambda stream, most: os.abort()"))) as prober:
        facts = prober.probe(path, root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("crashed", False)]
    assert (facts.frames, facts.rate) == (25, 25)
    assert facts.start == StartTimecode(90_000, False, "tmcd")
    assert facts.video is not None
    assert facts.video.codec == "h264"


def test_a_file_that_kills_its_reader_is_blamed_and_the_next_one_is_read(tmp_path: Path) -> None:
    for name in ("bad.wav", "good.wav"):
        (tmp_path / name).write_bytes(wave(pcm_format(1, 48000, 16), chunk(b"data", bytes(96))))
    code = (
        "w.look = lambda path, *more: os.abort() if path.name == 'bad.wav' else real(path, *more)"
    )
    with Prober(pool=WorkerPool(worker(code))) as prober:
        facts = prober.probe(tmp_path / "bad.wav", root=tmp_path)
        assert [(problem.code, problem.fatal) for problem in facts.problems] == [("crashed", True)]
        assert prober.probe(tmp_path / "good.wav", root=tmp_path).frames == 48


def test_a_file_without_end_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "slow.wav").write_bytes(wave(pcm_format(), chunk(b"data", bytes(96))))
    code = "w.look = lambda path, *more: time.sleep(60) if path.name == 'slow.wav' else real(path, *more)"
    with Prober(pool=WorkerPool(worker(code, seconds=2))) as prober:
        facts = prober.probe(tmp_path / "slow.wav", root=tmp_path)
    assert [(problem.code, problem.fatal) for problem in facts.problems] == [("time-limit", True)]


def test_readers_that_never_work_are_not_the_file_s_fault(tmp_path: Path) -> None:
    (tmp_path / "good.wav").write_bytes(wave(pcm_format(), chunk(b"data", bytes(96))))
    with Prober(pool=WorkerPool(worker("os.abort()"))) as prober, pytest.raises(Missing):
        prober.probe(tmp_path / "good.wav", root=tmp_path)
