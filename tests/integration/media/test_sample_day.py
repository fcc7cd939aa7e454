"""The made shooting day, with the real ffmpeg: a few frames of each kind, as the probe sees them."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media import sample_cards, sample_day, sample_takes, tools
from app.core.media.probe import Prober
from app.core.media.sample_studio import Studio
from app.core.media.sample_takes import Take
from app.core.model.errors import Cancelled, Missing
from app.core.model.media import ClipKind
from app.core.model.timecode import Timebase
from tests.support.probe_media import ffprobe


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tools.find("ffmpeg"), tmp_path, "day")


def _short(codec: str) -> Take:
    take = next(t for t in sample_takes.TAKES if t.codec == codec)
    return dataclasses.replace(take, frames=6)


@pytest.mark.parametrize("codec", ["prores", "xdcam", "h264", "phone", "mute"])
def test_a_take_has_the_facts_it_was_made_with(studio: Studio, codec: str) -> None:
    take = _short(codec)
    path = studio.shoot(take)
    if codec == "phone":
        path.write_bytes(sample_cards.turn(path.read_bytes()))
    with Prober() as prober:
        facts = prober.probe(path)
    assert (facts.kind, facts.rate, facts.frames) == (ClipKind.VIDEO, take.rate, 6)
    assert not facts.problems
    assert facts.video is not None
    assert (facts.video.width, facts.video.height) == (960, 540)
    assert facts.video.rotation == (90 if codec == "phone" else 0)
    if take.start:
        assert facts.start is not None
        base = Timebase(take.rate, facts.start.drop)
        assert base.label(facts.start.frame) == take.start
    assert facts.reel == (take.reel if codec == "prores" else None)
    tracks = {"prores": 2, "xdcam": 2, "h264": 1, "phone": 1, "mute": 0}
    assert len(facts.audio) == tracks[codec]


def test_a_proxy_beside_its_original_keeps_frames_label_and_tracks(
    studio: Studio, tmp_path: Path
) -> None:
    take = _short("prores")
    studio.shoot(take)
    studio.small("small.mov", take)
    streams = ffprobe(tmp_path / "day" / "small.mov")["streams"]
    picture = next(s for s in streams if s["codec_type"] == "video")
    assert (picture["nb_frames"], picture["tags"]["timecode"]) == ("6", take.start)
    assert sum(s["codec_type"] == "audio" for s in streams) == 2
    assert Fraction(picture["r_frame_rate"]) == take.rate


def test_a_recorder_hears_speech_on_both_microphones(studio: Studio) -> None:
    recording = dataclasses.replace(sample_takes.RECORDINGS[0], seconds=2, lead=100)
    samples = studio.listen(recording)
    assert len(samples) == 2 * 48000 * 2 * 3
    for channel in range(2):
        high = samples[channel * 3 + 2 :: 6]
        assert len(set(high)) > 10


def test_a_day_that_is_called_off_leaves_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    with pytest.raises(Cancelled):
        sample_day.prepare(tmp_path, told.append, cancel=lambda: True)
    assert told
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="not where the settings say"):
        sample_day.prepare(tmp_path, lambda _: None, override=str(tmp_path / "nowhere"))
    assert list(tmp_path.iterdir()) == []


def test_an_ffmpeg_without_the_sources_is_named(tmp_path: Path) -> None:
    poor = tmp_path / "bin" / "ffmpeg"
    poor.parent.mkdir()
    poor.write_text("#!/bin/sh\necho 'no such filter' >&2\nexit 1\n")
    poor.chmod(0o755)
    with pytest.raises(Missing, match="cannot make the sample day") as told:
        sample_day.prepare(tmp_path / "home", lambda _: None, override=str(poor))
    assert told.value.todo
    assert list((tmp_path / "home").iterdir()) == []
