"""Sound of the decode pass: every track and channel kept, apart, in order, and in time."""

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media.peaks import Peaks
from app.core.model.media import AudioStream, ClipKind, MediaFacts, RenditionKind
from tests.integration.media.deriving import derived, hertz, samples
from tests.support.media_factory import FFMPEG, X264, MediaFactory, Sound, ffmpeg
from tests.support.media_kinds import Clip, facts_of, long_gop, picture_and_sound_apart

SOUND = frozenset(
    {
        RenditionKind.PROXY,
        RenditionKind.WAVEFORM,
        RenditionKind.SPEECH,
        RenditionKind.LOUDNESS,
        RenditionKind.POSTER,
    }
)


def sound_facts(
    *channels: int, seconds: Fraction | int = 1, names: tuple[str, ...] = ()
) -> MediaFacts:
    streams = tuple(
        AudioStream(n, "pcm", count, 48000, channel_names=names if not n else ())
        for n, count in enumerate(channels)
    )
    duration = Fraction(seconds)
    return MediaFacts(
        kind=ClipKind.AUDIO,
        rate=Fraction(48000),
        frames=int(duration * 48000),
        duration=duration,
        audio=streams,
    )


def test_every_track_and_channel_is_kept_in_order(media: MediaFactory, tmp_path: Path) -> None:
    tracks = [Sound(1, 200), Sound(2, 300), Sound(6, 250), Sound(8, 220), Sound(1, 900, rate=44100)]
    path = media.video("tracks.mov", *X264, frames=25, sound=tracks)
    counts = tuple(track.channels for track in tracks)
    result = derived(Clip((path,), facts_of(25, 25, *counts), ()), tmp_path / "out", wanted=SOUND)
    assert result.parity is not None
    assert result.parity.ok, result.parity
    for number, track in enumerate(tracks):
        sound = samples(tmp_path / "out" / "proxy.mov", number)
        heard = [hertz(channel, 48000) for channel in sound]
        wanted = [track.hertz * (n + 1) for n in range(track.channels)]
        assert heard == pytest.approx(wanted, rel=0.03)


def test_each_channel_has_its_own_speech_copy(media: MediaFactory, tmp_path: Path) -> None:
    path = media.sound("poly.wav", Sound(4, 300))
    names = ("Boom", "Lav 1", "Lav 2", "Amb")
    result = derived(Clip((path,), sound_facts(4, names=names), ()), tmp_path / "out", wanted=SOUND)
    assert [channel.name for channel in result.channels] == list(names)
    for number, channel in enumerate(result.channels):
        assert channel.speech == f"speech-0{number + 1}.wav"
        sound = samples(tmp_path / "out" / channel.speech)
        assert sound.shape == (1, 16000)
        assert hertz(sound[0], 16000) == pytest.approx(300 * (number + 1), rel=0.03)


def test_sixteen_channels_have_speech_and_the_rest_only_a_waveform(
    media: MediaFactory, tmp_path: Path
) -> None:
    path = media.sound("many.wav", Sound(18, 100))
    result = derived(Clip((path,), sound_facts(18), ()), tmp_path / "out", wanted=SOUND)
    assert [bool(channel.speech) for channel in result.channels] == [True] * 16 + [False] * 2
    assert result.parity is not None
    assert result.parity.ok
    assert samples(tmp_path / "out" / "proxy.mov").shape[0] == 18
    with Peaks(tmp_path / "out" / "waveform.peaks") as peaks:
        assert peaks.channels == 18


def test_mono_files_of_one_take_are_its_tracks(media: MediaFactory, tmp_path: Path) -> None:
    paths = [media.sound(f"T002_{n}.WAV", Sound(1, 200 * n)) for n in (1, 2, 3)]
    clip = Clip((paths[0],), sound_facts(1, 1, 1), (), beside=tuple(paths[1:]))
    result = derived(clip, tmp_path / "out", wanted=SOUND)
    assert result.parity is not None
    assert result.parity.ok
    assert [(channel.stream, channel.channel) for channel in result.channels] == [
        (0, 0),
        (1, 0),
        (2, 0),
    ]
    heard = [hertz(samples(tmp_path / "out" / "proxy.m4a", n)[0], 48000) for n in range(3)]
    assert heard == pytest.approx([200, 400, 600], rel=0.03)
    assert result.frames == 48000
    assert result.path(RenditionKind.POSTER) == "poster.png"


def test_sound_files_beside_the_picture_are_its_tracks(media: MediaFactory, tmp_path: Path) -> None:
    result = derived(picture_and_sound_apart(media), tmp_path / "out", wanted=SOUND)
    assert result.parity is not None
    assert result.parity.ok
    heard = [hertz(samples(tmp_path / "out" / "proxy.mov", n)[0], 48000) for n in range(2)]
    assert heard == pytest.approx([300, 600], rel=0.03)


def test_tracks_of_unequal_length_do_not_cut_one_another(
    media: MediaFactory, tmp_path: Path
) -> None:
    paths = [
        media.sound("short.wav", Sound(1, 300), seconds=0.5),
        media.sound("longer.wav", Sound(1, 500), seconds=2.0),
    ]
    clip = Clip((paths[0],), sound_facts(1, 1, seconds=2), (), beside=(paths[1],))
    result = derived(clip, tmp_path / "out", wanted=SOUND)
    assert result.frames == 96000
    with Peaks(tmp_path / "out" / "waveform.peaks") as peaks:
        ends = [peaks.columns(channel, 72000, 96000, 1)[0] for channel in range(2)]
    assert ends[0].high == 0
    assert ends[1].high > 30


def test_loudness_is_that_of_the_meter(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "noise.wav"
    noise = "anoisesrc=r=48000:a=0.2:d=3:seed=5,volume='if(lt(t,1.5),0.2,1)':eval=frame"
    ffmpeg("-f", "lavfi", "-i", noise, "-c:a", "pcm_s24le", path)
    result = derived(Clip((path,), sound_facts(1, seconds=3), ()), tmp_path / "out", wanted=SOUND)
    meter = ["-i", str(path), "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    said = subprocess.run(
        [FFMPEG, "-hide_banner", *meter], capture_output=True, text=True, check=True
    )
    values = {
        name: float(re.findall(rf"{name}:\s+(-?[\d.]+) ", said.stderr)[-1])
        for name in ("I", "LRA", "Peak")
    }
    (loudness,) = result.loudness
    assert loudness.integrated == pytest.approx(values["I"], abs=0.2)
    assert loudness.span == pytest.approx(values["LRA"], abs=0.2)
    assert loudness.true_peak == pytest.approx(values["Peak"], abs=0.2)


def test_silence_has_no_loudness(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "silence.wav"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:cl=mono:d=1", path)
    result = derived(Clip((path,), sound_facts(1), ()), tmp_path / "out", wanted=SOUND)
    assert result.loudness[0].integrated is None
    assert result.channels[0].level is not None
    assert result.channels[0].level.peak_db < -90


def test_channels_tell_how_loud_and_how_alike_they_are(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "alike.wav"
    tones = "0.5*sin(600*t)|0.25*sin(600*t)|0.5*sin(1700*t)|2*sin(900*t)"
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={tones}:s=48000:d=1", "-c:a", "pcm_s16le", path)
    result = derived(Clip((path,), sound_facts(4), ()), tmp_path / "out", wanted=SOUND)
    peaks = [channel.level.peak_db for channel in result.channels if channel.level]
    assert peaks == pytest.approx([-6.0, -12.0, -6.0, 0.0], abs=0.2)
    assert result.likeness[0][1] > 0.99
    assert abs(result.likeness[0][2]) < 0.1
    clipped = [channel.level.clipped for channel in result.channels if channel.level]
    assert clipped[:3] == [0, 0, 0]
    assert clipped[3] > 1000


@pytest.mark.parametrize("late", ["picture", "sound"])
@pytest.mark.parametrize("container", ["mts", "mov", "mkv"])
def test_sound_stays_in_time_when_streams_start_apart(
    media: MediaFactory, tmp_path: Path, late: str, container: str
) -> None:
    """A beep at the file's second 1.0 is at 1.0 minus the time of the first picture in the proxy."""
    path = media.folder / f"apart-{late}.{container}"
    offset = 0.4
    picture = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2")
    beep = "aevalsrc='if(between(t,1,1.04),0.8*sin(6283*t),0)':s=48000:d=2"
    codec = (
        *X264,
        "-bf",
        "0",
        "-fps_mode",
        "passthrough",
        "-c:a",
        "aac" if container == "mts" else "pcm_s16le",
    )
    delay = ("-itsoffset", offset)
    sound = ("-f", "lavfi", "-i", beep)
    inputs = (*delay, *picture, *sound) if late == "picture" else (*picture, *delay, *sound)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", *codec, path)
    derived(Clip((path,), facts_of(50, 25, 1), ()), tmp_path / "out", wanted=SOUND)
    expected = 1.0 - offset if late == "picture" else 1.0 + offset
    with Peaks(tmp_path / "out" / "waveform.peaks") as peaks:
        columns = peaks.columns(0, 0, peaks.samples, peaks.samples // 480)
    first = next(n for n, column in enumerate(columns) if column.high > 50)
    assert first / 100 == pytest.approx(expected, abs=0.03)
    heard = samples(tmp_path / "out" / "proxy.mov")[0]
    start = next(n for n, value in enumerate(heard) if abs(value) > 0.4) / 48000
    assert start == pytest.approx(expected, abs=0.03)


def test_sound_stays_in_time_over_chapters(media: MediaFactory, tmp_path: Path) -> None:
    """Each chapter beeps at a tenth; its sound is longer than its picture."""
    parts = []
    for number in range(3):
        path = media.folder / f"beeps{number}.mov"
        beep = "aevalsrc='if(between(t,0.1,0.14),0.8*sin(6283*t),0)':s=48000:d=1.03"
        inputs = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1", "-f", "lavfi", "-i", beep)
        ffmpeg(*inputs, *X264, "-c:a", "pcm_s16le", path)
        parts.append(path)
    derived(Clip(tuple(parts), facts_of(75, 25, 1), ()), tmp_path / "out", wanted=SOUND)
    heard = abs(samples(tmp_path / "out" / "proxy.mov")[0])
    for second in (0, 1, 2):
        after = heard[second * 48000 :]
        start = next(n for n, value in enumerate(after) if value > 0.4)
        assert start / 48000 == pytest.approx(0.1, abs=0.04)


def test_a_hole_in_the_sound_becomes_silence(media: MediaFactory, tmp_path: Path) -> None:
    path = media.folder / "hole.mkv"
    source = "sine=500:r=48000:d=3,aselect='not(between(t,1,2))'"
    inputs = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=3", "-f", "lavfi", "-i", source)
    ffmpeg(*inputs, *X264, "-c:a", "pcm_s16le", path)
    derived(Clip((path,), facts_of(75, 25, 1), ()), tmp_path / "out", wanted=SOUND)
    with Peaks(tmp_path / "out" / "waveform.peaks") as peaks:
        loud = [column.high > 5 for column in peaks.columns(0, 0, 144000, 30)]
    assert loud[:9] + loud[21:] == [True] * 18
    assert loud[11:19] == [False] * 8


def test_the_waveform_shows_what_is_there(media: MediaFactory, tmp_path: Path) -> None:
    result = derived(long_gop(media), tmp_path / "out", wanted=SOUND)
    assert len(result.channels) == 3
    with Peaks(tmp_path / "out" / "waveform.peaks") as peaks:
        assert peaks.rate == 48000
        assert peaks.samples == pytest.approx(4 * 48000, abs=2100)
        for channel in range(3):
            (whole,) = peaks.columns(channel, 0, peaks.samples, 1)
            assert 36 <= whole.high <= 75
            assert -75 <= whole.low <= -36
            assert 20 <= whole.rms <= 32
