"""The laptop is closed in the middle of an upload and opened again: it goes on, and nothing is sent twice."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support import speech_factory as speech
from tests.support.command import NearDesk, wait_for
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import DIRECT, S3Server

pytestmark = pytest.mark.s3
PART = 5 << 20
WORKERS = 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [2, pytest.param(65, marks=pytest.mark.long)])
def test_asleep_in_the_middle_of_an_upload(tmp_path: Path, seconds: int) -> None:
    day = tmp_path / "day"
    day.mkdir()
    clip = speech.write_wav(day / "take.wav", speech.noise(340))
    with S3Server(buckets=("rushes",)) as server, FaultProxy(server.url) as proxy:
        desk = NearDesk(tmp_path / "home", **server.environment)
        for setting in (
            ("ingest.quiet_seconds", 1),
            ("sync.grace_seconds", 0),
            ("sync.part_size_mb", PART >> 20),
            ("sync.workers", WORKERS),
        ):
            desk.ask("settings", *setting)
        desk.ask("volume", "add", day, "--derive", "posters")
        desk.ask("run", "--until-idle")
        words = ("--bucket", "rushes", "--endpoint", proxy.url, "--template", "{name}.{ext}")
        desk.ask("target", "add", "cloud", *words)
        desk.ask("approve", "take")
        proxy.plan(Fault("slow", target="partNumber=", value=4_000_000))
        with desk.owner() as process:
            assert proxy.busy.wait(120)
            os.kill(process.pid, signal.SIGSTOP)
            time.sleep(seconds)  # asleep
            os.kill(process.pid, signal.SIGCONT)
            proxy.plan()
            wait_for(lambda: desk.ask("show", "take")["uploads"][0]["state"] == "verified")
            desk.ask("note", "add", "take", "--at", "@1", "awake")
            process.terminate()
            assert "Traceback" not in process.communicate()[1]
        again = proxy.received("PUT", "partNumber=") - clip.stat().st_size
        assert again <= WORKERS * PART, "only what was under way goes out again"
        assert proxy.count("POST", r"take\.wav\?uploads") == 1, "one upload"
        assert proxy.count("POST", r"take\.wav\?uploadId=") == 1, "completed once"
        with DIRECT.open(f"{server.url}/rushes/take.wav") as answer:
            assert answer.read() == clip.read_bytes()
    assert desk.ask("check")["problems"] == []
