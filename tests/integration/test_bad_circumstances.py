"""What a person meets sooner or later: a tool, bucket, key or volume that is not there, a full disk.

Each time there is a message with what to do, the rest goes on, and nothing is lost.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.delivery import sync
from app.core.platform.pacing import SECOND
from tests.support.command import NearDesk
from tests.support.guards import ExpectLog
from tests.support.media_factory import MediaFactory
from tests.support.s3_server import S3Server

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def media(tmp_path: Path) -> MediaFactory:
    """A volume with one clip."""
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", frames=25)
    return media


def a_desk(
    home: Path, media: MediaFactory, derive: str = "posters", **environment: str
) -> NearDesk:
    desk = NearDesk(home, **environment)
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("settings", "sync.grace_seconds", 0)
    desk.ask("volume", "add", media.folder, "--derive", derive)
    return desk


def failures(desk: NearDesk, recipe: str) -> list[dict[str, Any]]:
    """Errors of what failed under this recipe."""
    return [f["error"] for f in desk.ask("work", "--failed")["failed"] if f["recipe"] == recipe]


def test_a_missing_tool(tmp_path: Path, media: MediaFactory) -> None:
    desk = a_desk(tmp_path / "home", media, "all")
    desk.ask("settings", "tools.ffmpeg", tmp_path / "nowhere" / "ffmpeg")
    desk.ask("run", "--until-idle", code=1)
    clip = desk.clips()[0]
    assert (clip["frames"], bool(clip["hash"])) == (25, True), "the rest goes on"
    errors = failures(desk, "derive")
    assert errors
    assert all("nowhere" in error["subject"] and error["todo"] for error in errors), errors
    told = desk.run("doctor", "--json")
    assert told.code == 4
    lacking = [c for c in told.value["checks"] if c["required"] and not c["ok"]]
    assert any("ffmpeg" in check["name"] and check["todo"] for check in lacking)
    desk.ask("note", "add", "A001", "--at", "@3", "people work on")
    desk.ask("settings", "tools.ffmpeg", "")
    desk.ask("work", "retry", "all")
    desk.ask("run", "--until-idle")
    assert desk.clips()[0]["state"] == "ready"
    assert failures(desk, "derive") == []
    assert desk.ask("check")["problems"] == []


def test_a_bucket_out_of_reach(
    tmp_path: Path, media: MediaFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_PATIENCE", 2 * SECOND)
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}
    desk = a_desk(tmp_path / "home", media, **keys)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    desk.ask(
        "target",
        "add",
        "cloud",
        "--bucket",
        "rushes",
        "--endpoint",
        address,
        "--region",
        "us-east-1",
    )
    error = desk.refuse("target", "test", "cloud", code=4)
    assert error["todo"]
    desk.ask("run", "--until-idle")
    desk.ask("approve", "A001")
    done = desk.ask("sync", "--until-done", code=1)
    assert done["sent"] == 0
    upload = desk.ask("show", "A001")["uploads"][0]
    assert upload["state"] == "sending", "what is approved waits, and goes on by itself"
    assert upload["error"]
    assert done["waiting"] == [{"target": "cloud", "key": upload["key"], "error": upload["error"]}]
    assert desk.ask("check")["problems"] == []


def test_keys_that_are_missing(tmp_path: Path, media: MediaFactory) -> None:
    desk = a_desk(tmp_path / "home", media)
    with S3Server(buckets=("rushes",)) as server:
        words = ("--bucket", "rushes", "--endpoint", server.url, "--region", "us-east-1")
        desk.ask("target", "add", "cloud", *words)
        error = desk.refuse("target", "test", "cloud", code=4)
        assert "AWS_ACCESS_KEY_ID" in error["todo"]
        desk.ask("run", "--until-idle")
        desk.ask("approve", "A001")
        done = desk.ask("sync", "--until-done", code=1)
        assert done["sent"] == 0
        assert desk.ask("show", "A001")["uploads"][0]["state"] in ("queued", "failed")
        desk.environment = dict(server.environment)
        assert desk.ask("target", "test", "cloud")["ok"]
        done = desk.ask("sync", "--until-done")
        assert (done["sent"], done["failed"]) == (1, [])
    assert desk.ask("show", "A001")["uploads"][0]["state"] == "verified"


def test_a_volume_that_is_gone(tmp_path: Path, media: MediaFactory) -> None:
    desk = a_desk(tmp_path / "home", media)
    desk.ask("run", "--until-idle")
    note = desk.ask("note", "add", "A001", "--at", "@3", "kept")
    gone = media.folder.rename(tmp_path / "unplugged")
    reply = desk.run("scan", "--json")
    assert reply.code == 1
    assert reply.value["missing"] == 0, "a volume that is gone has no missing files"
    assert reply.value["offline"][0]["reason"]
    assert "day" in reply.err
    desk.ask("run", "--until-idle")
    clip = desk.clips()[0]
    assert (clip["state"], clip["files"][0]["state"]) == ("offline", "offline")
    assert desk.ask("note", "list", "A001")["notes"] == [note]
    error = desk.refuse("frame", "A001", "--at", "@3", "-o", "x.png", code=4)
    assert error["todo"]
    media.folder.mkdir()
    assert desk.run("scan", "--json").code == 1, "an empty mount point is not the volume"
    assert desk.clips()[0]["state"] == "offline"
    media.folder.rmdir()
    gone.rename(media.folder)
    desk.ask("scan")
    desk.ask("run", "--until-idle")
    assert desk.clips()[0]["state"] == "ready"
    assert desk.ask("check", "--read")["problems"] == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    if os.geteuid() != 0 or _mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", place):
        pytest.skip("NOT RUN: full disks need the right to mount (root)")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def _mount(*words: object) -> int:
    return subprocess.run(["mount", *map(str, words)], capture_output=True, check=False).returncode


def fill(place: Path, leave: int) -> Path:
    """Fills a disk but for so many bytes."""
    filler = place / "filler"
    info = os.statvfs(place)
    filler.write_bytes(bytes(max(0, info.f_bavail * info.f_frsize - leave)))
    return filler


def test_a_full_disk_for_proxies(tmp_path: Path, media: MediaFactory, small_disk: Path) -> None:
    desk = a_desk(tmp_path / "home", media, "all")
    desk.ask("settings", "derivatives.store", small_disk)
    filler = fill(small_disk, 8192)
    done = desk.ask("run", "--until-idle", code=1)
    assert done["failed"]
    for error in (failure["error"] for failure in done["failed"]):
        assert "full" in error["title"], error
        assert error["todo"], error
    assert desk.clips()[0]["hash"], "the rest goes on"
    assert desk.ask("check")["problems"] == []
    left = [path for path in small_disk.rglob("*") if path.name.endswith(".tmp")]
    assert left == [], "no half files"
    filler.unlink()
    assert _mount("-o", "remount,size=256m", small_disk) == 0
    desk.ask("work", "retry", "all")
    desk.ask("run", "--until-idle")
    assert desk.clips()[0]["state"] == "ready"
    assert {"proxy", "poster"} <= {r["kind"] for r in desk.clips()[0]["renditions"]}
    assert desk.ask("check", "--read")["problems"] == []


def test_a_full_disk_for_the_catalog(
    small_disk: Path, media: MediaFactory, expect_log: ExpectLog
) -> None:
    expect_log("the catalog is read-only: The disk is full")
    desk = a_desk(small_disk / "home", media)
    desk.ask("run", "--until-idle")
    first = desk.ask("note", "add", "A001", "--at", "@1", "before")
    filler = fill(small_disk, 48 * 1024)  # enough to open it, not for these words
    error = desk.refuse("note", "add", "A001", "--at", "@2", "x" * 20_000, code=4)
    assert "full" in error["title"] + error["message"]
    assert error["todo"]
    filler.unlink()
    assert desk.ask("note", "list", "A001")["notes"] == [first]
    assert desk.ask("check")["problems"] == []
    second = desk.ask("note", "add", "A001", "--at", "@2", "after")
    assert desk.ask("note", "list", "A001")["notes"] == [first, second]


def test_a_data_folder_that_only_reads(small_disk: Path, media: MediaFactory) -> None:
    desk = a_desk(small_disk / "home", media)
    assert _mount("-o", "remount,ro", small_disk) == 0
    try:
        for words in (("clips",), ("put-back",)):
            error = desk.refuse(*words, code=4)
            assert "owner.lock" in error["message"], error
            assert "writable" in error["todo"], error
    finally:
        assert _mount("-o", "remount,rw", small_disk) == 0
