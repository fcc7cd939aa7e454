"""Media beyond what a day usually brings: a clip of 24 hours, 64 sound tracks, 100 GB that hold nothing."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support import probe_media
from tests.support.fuzz_pass import Damage
from tests.support.hostile_media import sparse
from tests.support.media_factory import LONG_GOP, MediaFactory, Sound, ffmpeg
from tests.support.source import ROOT

pytestmark = pytest.mark.timeout(600)
HOURS = 24
RATE = 25
DAY = HOURS * 3600 * RATE
TRACKS = 64
GB = 10**9


@pytest.mark.long
def test_sixty_four_sound_tracks(tmp_path: Path) -> None:
    damage = Damage(tmp_path)
    tracks = [Sound(1, 100 + 40 * n) for n in range(TRACKS)]
    MediaFactory(damage.volume).video("tracks.mov", *LONG_GOP, frames=25, sound=tracks)
    samples = probe_media.chunk(b"data", bytes(range(256)) * (TRACKS * 2 * 48000 // 256))
    form = probe_media.pcm_format(TRACKS, bits=16)
    (damage.volume / "channels.wav").write_bytes(probe_media.wave(form, samples))
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    watched = damage.run()
    clips = {clip["name"]: clip for clip in damage.desk.clips()}
    for name, channels in (("tracks", [1] * TRACKS), ("channels", [TRACKS])):
        assert clips[name]["state"] == "ready", clips[name]
        assert [one["channels"] for one in clips[name]["audio"]] == channels
    shown = window(damage)
    played = {one["name"]: one for one in shown[:-1]}
    assert played["tracks"]["player"] == "ready"
    # libmpv takes no single track of so many channels: then the player says so.
    channels = played["channels"]
    assert channels["player"] == "ready" or "Nothing here can be decoded" in channels["said"]
    sys.stdout.write(f"\n64 tracks: {watched}; {shown}\n")


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_clip_of_a_whole_day(tmp_path: Path) -> None:
    damage = Damage(tmp_path)
    whole_day(damage.volume / "day.mov", tmp_path)
    # What it may take is estimated by its length, for pictures as large as a proxy's: 35 GB.
    damage.desk.ask("settings", "derivatives.reserve_percent", 0)
    damage.desk.ask("settings", "derivatives.reserve_gb", 1)
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    watched = damage.run(seconds=7000)
    clip = damage.desk.clips()[0]
    assert (clip["state"], clip["frames"], clip["start"]) == ("ready", DAY, "00:00:00:00"), clip
    out = tmp_path / "last.png"
    frame = damage.desk.ask("frame", "day", "--at", "23:59:59:24", "-o", out)
    assert frame["frame"] == DAY - 1
    damage.desk.ask("note", "add", "day", "--at", "23:59:59:24", "the last frame of the day")
    shown = window(damage)
    assert (shown[0]["frames"], shown[0]["player"]) == (DAY, "ready")
    assert damage.desk.ask("check")["problems"] == []
    hour = watched.seconds / HOURS
    sys.stdout.write(f"\n24 h: {watched}; {hour:.1f} s an hour of footage; {shown}\n")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_gigabytes_that_hold_nothing(tmp_path: Path) -> None:
    damage = Damage(tmp_path)
    sparse(damage.volume / "nothing.mov", 100 * GB)
    MediaFactory(damage.volume).video("zz good.mov", frames=10)
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    watched = damage.run()
    clips = {clip["name"]: clip for clip in damage.desk.clips()}
    assert clips["nothing"]["state"] == "bad"
    assert "zeros" in clips["nothing"]["problem"]
    assert clips["zz good"]["state"] == "ready"
    sys.stdout.write(f"\n100 GB of nothing: {watched}\n")


def test_a_small_file_that_claims_days_is_no_work(tmp_path: Path) -> None:
    """A header of RF64 that promises 4 days of sound, over a few samples: its end is missing, and nothing waits for room."""
    damage = Damage(tmp_path)
    size = 100 * GB
    sizes = struct.pack("<IQQQI", 28, size - 8, size - 80, (size - 80) // 6, 0)
    layout = struct.pack("<HHIIHH", 1, 2, 48000, 288000, 6, 24)
    head = b"RF64\xff\xff\xff\xffWAVEds64" + sizes + b"fmt \x10\0\0\0" + layout
    path = damage.volume / "promise.wav"
    path.write_bytes(head + b"data\xff\xff\xff\xff" + bytes(range(240)) * 100)
    os.utime(path, (10**9, 10**9))
    damage.desk.ask("volume", "add", damage.volume, "--derive", "all")
    answer = damage.run().answer
    clip = damage.desk.clips()[0]
    assert clip["state"] == "damaged", clip
    assert "The end is missing" in clip["problem"]
    assert answer["room"]["clips"] == 0 if answer["room"] else True


def whole_day(path: Path, folder: Path) -> None:
    """A clip of 24 h at 25 frames a second, labelled 00:00:00:00 to 23:59:59:24: a minute, 1440 times."""
    minute = folder / "minute.mp4"
    source = f"testsrc2=s=128x72:r={RATE}:d=60"
    ffmpeg(
        *("-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast"),
        *("-crf", "38", "-g", "50", minute),
    )
    ffmpeg(
        *("-stream_loop", HOURS * 60 - 1, "-i", minute),
        *("-f", "lavfi", "-i", f"sine=440:d={HOURS * 3600}:r=48000", "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", "-c:a", "pcm_alaw", "-timecode", "00:00:00:00", path),
    )


def window(damage: Damage) -> list[dict[str, Any]]:
    """What the window says of each clip, and what it took."""
    words: Sequence[object] = (sys.executable, "-m", "tests.support.fuzz_window", damage.desk.home)
    done = subprocess.run(
        list(map(str, words)),
        cwd=damage.volume.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(damage.temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-3000:])
    return [json.loads(line) for line in done.stdout.splitlines()]
