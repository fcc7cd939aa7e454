"""An approved file that was moved while Rushes was off: the upload waits for the look at the disk, not for its next try."""

from pathlib import Path

import pytest

from tests.support import speech_factory as speech
from tests.support.command import NearDesk
from tests.support.s3_server import S3Server

pytestmark = pytest.mark.s3


@pytest.mark.parametrize("back", [False, True])
def test_what_moved_is_sent_in_the_same_run(tmp_path: Path, back: bool) -> None:
    day = tmp_path / "day"
    (day / "sorted").mkdir(parents=True)
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
        clip.rename(away if back else day / "sorted" / "take.wav")
        if back:
            # Tried in vain, and put off: what comes back is sent at once all the same.
            assert desk.ask("run", "--until-idle", code=1)["failed"]
            away.rename(clip)
        assert desk.ask("run", "--until-idle")["failed"] == []
        assert [one["state"] for one in desk.ask("show", "take")["uploads"]] == ["verified"]
