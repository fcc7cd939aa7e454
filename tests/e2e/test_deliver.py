"""Delivery: an approved clip reaches a real S3 server, verified; taking the word back stops it there."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import SILENT, SPEAKS, clip_at
from tests.support.command import Desk
from tests.support.media_factory import ffmpeg
from tests.support.s3_server import DIRECT, S3Server

pytestmark = [pytest.mark.timeout(300), pytest.mark.s3]


@pytest.fixture
def server(desk: Desk) -> Iterator[S3Server]:
    """A server on loopback; its credentials are in the environment of the desk's commands."""
    with S3Server(buckets=("dailies",)) as server:
        desk.environment.update(server.environment)
        yield server


def test_an_approved_clip_arrives_verified_and_only_once(
    desk: Desk, server: S3Server, footage: Path
) -> None:
    clip, other = clip_at(desk, SPEAKS), clip_at(desk, SILENT)
    added = desk.ask("target", "add", "dailies", "--bucket", "dailies", "--endpoint", server.url)
    assert (added["target"]["confirmed"], added["clips"]) == (True, 0)
    assert desk.ask("target", "test", "dailies")["ok"]
    assert desk.ask("sync", "--until-done")["sent"] == 0, "nothing is approved yet"

    desk.ask("approve", clip["id"])
    sent = desk.ask("sync", "--until-done")
    original = footage / SPEAKS
    assert (sent["sent"], sent["sent_bytes"]) == (1, original.stat().st_size)
    upload = desk.ask("show", clip["id"])["uploads"][0]
    assert (upload["state"], upload["hash"]) == ("verified", clip["hash"])
    with DIRECT.open(f"{server.url}/dailies/{urllib.request.quote(upload['key'])}") as answer:
        assert answer.read() == original.read_bytes()
    assert desk.ask("show", other["id"])["uploads"] == []

    again = desk.ask("sync", "--until-done")
    assert (again["sent"], again["sent_bytes"], again["failed"]) == (0, 0, [])
    taken = desk.ask("approve", clip["id"], "--withdraw")
    assert taken["sent"], "what is there already is said"
    assert desk.ask("check")["problems"] == []


def test_every_frame_of_a_sequence_arrives(empty: Desk, tmp_path: Path) -> None:
    plates = tmp_path / "NAS" / "SCANS"
    plates.mkdir(parents=True)
    picture = "testsrc2=s=320x180:r=25"
    ffmpeg("-f", "lavfi", "-i", picture, "-frames:v", "6", plates / "plate_%04d.png")
    # A held picture: equal bytes, and still a frame of its own.
    (plates / "plate_0004.png").write_bytes((plates / "plate_0003.png").read_bytes())
    empty.ask("volume", "add", plates.parent, "--derive", "posters")
    empty.ask("run", "--until-idle")
    (clip,) = empty.clips()
    with S3Server(buckets=("dailies",)) as server:
        empty.environment.update(server.environment)
        words = ("--bucket", "dailies", "--endpoint", server.url, "--template", "{name}.{ext}")
        empty.ask("target", "add", "dailies", *words)
        empty.ask("approve", clip["id"])
        assert empty.ask("sync", "--until-done")["sent"] == 6
        for frame in plates.iterdir():
            with DIRECT.open(f"{server.url}/dailies/{clip['name']}/{frame.name}") as answer:
                assert answer.read() == frame.read_bytes()


def test_a_sequence_that_lost_an_approved_frame_is_not_sent_until_it_is_back(
    empty: Desk, tmp_path: Path
) -> None:
    plates = tmp_path / "NAS" / "SCANS"
    plates.mkdir(parents=True)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25", "-frames:v", "6", plates / "p_%04d.png")
    empty.ask("volume", "add", plates.parent, "--derive", "posters")
    empty.ask("run", "--until-idle")
    (clip,) = empty.clips()
    empty.ask("approve", clip["id"])
    empty.ask("run", "--until-idle")
    approved = empty.ask("show", clip["id"])["hash"]
    assert approved
    lost, kept = plates / "p_0003.png", tmp_path / "kept.png"
    lost.rename(kept)
    empty.ask("scan")
    empty.ask("run", "--until-idle")
    with S3Server(buckets=("dailies",)) as server:
        empty.environment.update(server.environment)
        empty.ask("target", "add", "dailies", "--bucket", "dailies", "--endpoint", server.url)
        assert empty.ask("sync", "--until-done")["sent"] == 0
        report = empty.ask("check")
        assert report["problems"] == []
        assert [known["problem"] for known in report["known"]] == [
            "a frame that was approved is missing: it is not sent until the frame is back"
        ]
        told = empty.ask("show", clip["id"])
        assert (told["hash"], told["gaps"]) == (approved, [[3, 3]])
        kept.rename(lost)
        empty.ask("scan")
        empty.ask("run", "--until-idle")
        assert empty.ask("check")["known"] == []
        assert empty.ask("sync", "--until-done")["sent"] == 6


def test_a_bucket_out_of_reach_is_told_and_nothing_is_lost(desk: Desk, server: S3Server) -> None:
    clip = clip_at(desk, SILENT)
    desk.ask("target", "add", "dailies", "--bucket", "dailies", "--endpoint", server.url)
    desk.ask("approve", clip["id"])
    server.stop()
    left = desk.ask("sync", "--until-done", code=1)
    assert left["sent"] == 0
    assert left["failed"] or left["queued"]
    server.start()
    desk.environment.update(server.environment)
    assert desk.ask("volume", "list")["volumes"]
