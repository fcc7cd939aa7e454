"""Timecode on a sound track, from made files through the whole pipeline to what a person is told."""

import contextlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from app.core.media.survey import survey
from app.core.media.tools import programs
from app.core.platform import settings as settings_file
from app.core.services import Services
from tests.support import speech_factory as make
from tests.support.command import Desk
from tests.support.ltc_factory import ltc
from tests.support.media_factory import X264, MediaFactory, ffmpeg

NTSC = Fraction(30000, 1001)
RATE = 48_000

pytestmark = pytest.mark.timeout(180)


def tone(seconds: float):
    """A line-up tone at the rate of the recorder."""
    import numpy as np

    return 0.1 * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * RATE)) / RATE)


class Day:
    """A folder of clips whose sound is made here."""

    def __init__(self, folder: Path) -> None:
        self.media = MediaFactory(folder)

    def clip(self, name: str, *channels, rate: Fraction | int = 25, words=("-c:a", "pcm_s24le")):
        """Two seconds of picture with these channels."""
        seen = self.media.video(f"{name}.mkv", *X264, frames=50, rate=rate)
        heard = make.write_wav(self.media.folder / f"{name}.wav", *channels, rate=RATE)
        joined = ("-i", seen, "-i", heard, "-map", "0:v", "-map", "1:a", "-c:v", "copy")
        ffmpeg(*joined, *words, self.media.folder / name)
        seen.unlink()
        heard.unlink()

    def take(self, name: str, *channels) -> None:
        """Sound alone."""
        make.write_wav(self.media.folder / name, *channels, rate=RATE)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the command line tells of every clip of a day, by name."""
    folder = tmp_path_factory.mktemp("ltc")
    day = Day(folder / "day")
    pcm = ("-c:a", "pcm_s24le")
    code = ltc("10:00:00:07", 2)
    day.clip("second.mov", tone(2), code)
    day.clip("known.mov", tone(2), code, words=(*pcm, "-timecode", "01:00:00:00"))
    day.clip("phone.mp4", ltc("09:59:59;20", 2, NTSC), rate=NTSC, words=("-c:a", "aac"))
    day.clip("half.mov", ltc("10:00:00:07", 2, begins=-0.03), ltc("20:00:00:00", 2))
    day.clip("doubled.mov", code, rate=50)
    day.clip("plain.mov", tone(2), make.noise(6)[: 2 * RATE])
    day.clip("tagged.mkv", code, words=(*pcm, "-metadata", "timecode=03:00:00:00"))
    day.take("take.wav", tone(2), ltc("11:00:00:10", 2, 24, begins=0.5))
    home = folder / "home"
    home.mkdir()
    settings_file.set_value(home, "transcripts.enabled", "false")
    desk = Desk(home)
    desk.ask("volume", "add", day.media.folder, "--derive", "all")
    desk.ask("run", "--until-idle")
    shown = [desk.ask("show", clip["id"]) for clip in desk.clips()]
    assert {clip["state"] for clip in shown} == {"ready"}
    for clip in shown:
        clip["proxy"] = proxy_label(home, clip)
    return {clip["name"]: clip for clip in shown}


def proxy_label(home: Path, clip: dict[str, Any]) -> str | None:
    """The timecode that the proxy carries."""
    made = next(r for r in clip["renditions"] if r["kind"] == "proxy")
    return survey(home / "renditions" / made["path"], programs().ffprobe).timecode


def start(clip: dict[str, Any]) -> tuple[str | None, str | None]:
    """(start timecode, its origin)."""
    return clip["start"], clip["origins"].get("start")


def test_the_second_channel_tells_the_start(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["second"]) == ("10:00:00:07", "LTC on audio track 2")


def test_a_timecode_track_stays_what_counts(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["known"]) == ("01:00:00:00", "tmcd")


def test_a_tag_counts_less_than_the_sound(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["tagged"]) == ("10:00:00:07", "LTC on audio track 1")


def test_drop_frame_is_read_from_compressed_sound(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["phone"]) == ("09:59:59;20", "LTC on audio track 1")
    assert told["phone"]["drop"] is True


def test_the_first_track_with_labels_counts_and_the_nearest_label(
    told: dict[str, dict[str, Any]],
) -> None:
    """The first word began 30 ms before the picture: its end is nearer than its beginning."""
    assert start(told["half"]) == ("10:00:00:08", "LTC on audio track 1")


def test_a_clip_of_fifty_frames_a_second_counts_its_own(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["doubled"]) == ("10:00:00:14", "LTC on audio track 1")


def test_without_labels_nothing_is_made_up(told: dict[str, dict[str, Any]]) -> None:
    assert start(told["plain"]) == (None, None)


def test_sound_alone_counts_as_its_track_does(told: dict[str, dict[str, Any]]) -> None:
    """Labels of 24 a second that begin half a second into the take."""
    assert start(told["take"]) == ("10:59:59:22", "LTC on audio track 2")


@pytest.mark.parametrize("name", ["second", "known", "tagged", "phone", "half", "doubled", "plain"])
def test_the_proxy_carries_the_same_start(told: dict[str, dict[str, Any]], name: str) -> None:
    """Also where it was only heard in what the pass left, with the proxy already written."""
    assert told[name]["proxy"] == told[name]["start"]


def test_a_start_that_a_person_set_before_is_not_written_over(tmp_path: Path) -> None:
    """No start was known, so what a person said is all there is: the sound does not count."""
    day = Day(tmp_path / "day")
    day.clip("heard.mov", ltc("10:00:00:07", 2), words=("-c:a", "pcm_s24le"))
    home = tmp_path / "home"
    home.mkdir()
    settings_file.set_value(home, "transcripts.enabled", "false")
    desk = Desk(home)
    desk.ask("volume", "add", day.media.folder, "--derive", "posters")
    desk.ask("run", "--until-idle")
    clip = desk.clips()[0]["id"]
    with contextlib.closing(Services(home)) as services:
        services.log.correct_timecode([clip], 250, "25", "the slate says so")
    volume = desk.ask("volume", "list")["volumes"][0]["id"]
    desk.ask("volume", "set", volume, "--derive", "all")
    desk.ask("run", "--until-idle")
    shown = desk.ask("show", clip)
    assert shown["start"] == "00:00:10:00"
    assert proxy_label(home, shown) is None
