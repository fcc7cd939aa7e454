"""A small day of shooting, and a desk that has been through it: what each story begins with."""

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support import speech_factory as speech
from tests.support.command import Desk
from tests.support.media_factory import LONG_GOP, MediaFactory, ffmpeg
from tests.support.probe_media import bext, chunk, pcm_format, wave

SPOKEN = "The harbour wakes before the town, and the boats go out."
PHRASE = "wakes before the"
REEL = "A001R1AB"
SPEAKS = f"A_CAM/{REEL}/A001C001_260514_{REEL[4:]}.mov"
SILENT = f"A_CAM/{REEL}/A001C002_260514_{REEL[4:]}.mov"
DROPS = "B_CAM/B001C001_260514.MP4"
SOUND = "SOUND/12-T001.WAV"


def shoot(folder: Path) -> Path:
    """Three clips of two cameras, one in which somebody speaks, and a recorder's file."""
    media = MediaFactory(folder)
    for path in (SPEAKS, DROPS, SOUND):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    spoken = speech.say(SPOKEN)
    voice = speech.write_wav(folder / "voice.wav", speech.in_a_row(spoken, speech.silence(1)))
    frames = int(Fraction(len(spoken), speech.RATE) * 25) + 10
    picture = media.video("picture.mov", *LONG_GOP, frames=frames)
    tags = ("-timecode", "09:41:07:12", "-metadata:s:v:0", f"reel_name={REEL}")
    joined = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "pcm_s16le", "-ar", "48000")
    ffmpeg("-i", picture, "-i", voice, *joined, *tags, "-shortest", folder / SPEAKS)
    more = ("-timecode", "10:00:00:00", "-metadata:s:v:0", f"reel_name={REEL}")
    media.video(SILENT, *LONG_GOP, *more, frames=30, first=300)
    ntsc = Fraction(30000, 1001)
    drop = ("-timecode", "10:00:00;00")
    media.video(DROPS, *LONG_GOP, *drop, frames=30, rate=ntsc, first=600)
    # 10:00:00 at 48 kHz; without iXML only the project knows its frames.
    samples = chunk(b"data", bytes(48000 * 3))
    (folder / SOUND).write_bytes(wave(bext(reference=36000 * 48000), pcm_format(), samples))
    for rest in (voice, picture):
        rest.unlink()
    return folder


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The day, on a volume of its own. Stories only read it."""
    return shoot(tmp_path_factory.mktemp("NAS") / "Harbour film")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, footage: Path) -> Desk:
    """A desk whose work is done. Stories get a copy of it."""
    desk = Desk(tmp_path_factory.mktemp("finished") / "home")
    desk.ask("volume", "add", footage, "--name", "NAS", "--derive", "all")
    assert desk.ask("run", "--until-idle")["failed"] == []
    return desk


@pytest.fixture
def desk(finished: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the story's own, after ingest."""
    shutil.copytree(finished.home, tmp_path / "home", ignore=shutil.ignore_patterns("owner.*"))
    return Desk(tmp_path / "home")


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    """A desk on its first day."""
    return Desk(tmp_path / "home")


def clip_at(desk: Desk, path: str) -> dict:
    """The clip that a file belongs to."""
    return next(c for c in desk.clips() if any(f["path"].endswith(path) for f in c["files"]))
