"""An approved file that was away when its upload was tried: it is sent as soon as a look finds it, not at its next try."""

from pathlib import Path

import pytest

from tests.support import speech_factory as speech
from tests.support.command import NearDesk
from tests.support.s3_server import S3Server

pytestmark = pytest.mark.s3


def test_what_came_back_is_sent_in_the_run_that_finds_it(tmp_path: Path) -> None:
    day = tmp_path / "day"
    day.mkdir()
    clip = speech.write_wav(day / "take.wav", speech.noise(1))
    with S3Server(buckets=("rushes",)) as server:
        desk = NearDesk(tmp_path / "home", **server.environment)
        desk.ask("settings", "ingest.quiet_seconds", 1)
        desk.ask("settings", "sync.grace_seconds", 0)
        desk.ask("volume", "add", day, "--derive", "posters")
        desk.ask("run", "--until-idle")
        words = ("--bucket", "rushes", "--endpoint", server.url, "--template", "{name}.{ext}")
        desk.ask("target", "add", "cloud", *words)
        desk.ask("approve", "take")
        away = tmp_path / "away.wav"
        clip.rename(away)
        # Tried in vain, and put off: what comes back is sent at once all the same.
        assert desk.ask("run", "--until-idle", code=1)["failed"]
        (day / "sorted").mkdir()
        away.rename(day / "sorted" / "take.wav")
        assert desk.ask("run", "--until-idle")["failed"] == []
        assert [one["state"] for one in desk.ask("show", "take")["uploads"]] == ["verified"]
