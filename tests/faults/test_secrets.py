"""Canary keys through every way a person has: no file, log, argument, environment of a child or word holds them."""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import _bug as bug_of
from app.cli.main import report
from app.core.platform import logs, redaction
from app.core.platform.preferences import Logs
from tests.support.command import NearDesk
from tests.support.media_factory import ffmpeg
from tests.support.s3_server import S3Server

CANARIES = {
    "AWS_ACCESS_KEY_ID": "CANARYACCESS0001",
    "AWS_SECRET_ACCESS_KEY": "canary-secret/0002+x",
    "AWS_SESSION_TOKEN": "canary-token-0003",
}
SIGNED = "https://bucket.example/clip.mov?X-Amz-Signature=canary-signed-0004&X-Amz-Credential=x"
HIDDEN = (*CANARIES.values(), "canary-signed-0004", "canary-in-address")


def leaks(data: bytes) -> list[str]:
    return [one for one in HIDDEN if one.encode() in data]


def in_files(home: Path) -> list[str]:
    return [
        f"{path.relative_to(home)}: {one}"
        for path in home.rglob("*")
        if path.is_file()
        for one in leaks(path.read_bytes())
    ]


@contextlib.contextmanager
def children_watched(found: set[str]) -> Iterator[None]:
    """Looks on and on at arguments and environments of what the programs started here start."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(0.02):
            for folder in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):
                    arguments = (folder / "cmdline").read_bytes()
                    # The commands themselves were given the keys by this test; what they start is looked at.
                    given = not arguments or b"-m\0app\0" in arguments or b"pytest" in arguments
                    if given:
                        continue
                    told = arguments + (folder / "environ").read_bytes()
                    if b"ffmpeg" in arguments or b"worker" in arguments:
                        seen.add(arguments)
                    found.update(f"{arguments!r}: {one}" for one in leaks(told))

    seen: set[bytes] = set()
    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    assert seen, "children were met"


@pytest.mark.timeout(300)
@pytest.mark.s3
def test_no_key_is_left_anywhere(tmp_path: Path) -> None:
    footage = tmp_path / "Card"
    footage.mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", footage / "A001.mov")
    in_processes: set[str] = set()
    said: list[str] = []
    with S3Server(buckets=("dailies",)) as server, children_watched(in_processes):
        desk = NearDesk(tmp_path / "home", **{**server.environment, **CANARIES})
        for words in (
            ("settings", "set", "logs.level", "DEBUG"),
            ("volume", "add", footage, "--derive", "all"),
            ("run", "--until-idle"),
            ("target", "add", "dailies", "--bucket", "dailies", "--endpoint", server.url),
            ("approve", "A001"),
            ("sync", "--until-done"),
            ("target", "add", "gone", "--bucket", "no-such", "--endpoint", server.url),
            ("target", "add", "odd", "--bucket", "b", "--endpoint", "https://u:canary-in-address@h.example"),
            ("target", "test", "gone"),
            ("target", "list"),
            ("show", "A001"),
            ("doctor",),
            ("backup",),
            ("check", "--read"),
        ):  # fmt: skip
            reply = desk.run("--json", *words)
            said.append(reply.out + reply.err)
    assert '"sent": 1' in said[5], said[5]
    assert leaks("".join(said).encode()) == []
    assert in_files(tmp_path / "home") == []
    assert in_processes == set()
    names = {path.name for path in (tmp_path / "home").rglob("*")}
    assert {"catalog.sqlite", "rushes.jsonl"} <= names
    assert any(name.endswith("_asked.sqlite") for name in names)


def test_a_crash_report_holds_no_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    level = root.level
    handler = logs.setup(tmp_path, Logs(level="DEBUG"))
    redaction.hide(CANARIES["AWS_SECRET_ACCESS_KEY"])
    try:
        int(f"{CANARIES['AWS_SECRET_ACCESS_KEY']} at {SIGNED}")
    except ValueError as error:
        root.info("a part of Rushes broke at %s", SIGNED, exc_info=True)
        told = report(bug_of(error), as_json=True)
        report(bug_of(error), as_json=False)
    finally:
        logs.close(handler)
        root.setLevel(level)
    shown = capsys.readouterr()
    assert leaks((told + shown.out + shown.err).encode()) == []
    assert in_files(tmp_path) == []
    assert "bucket.example/clip.mov" in told, "an address is cut at its question mark and no sooner"


@pytest.mark.parametrize(
    "line", ["\n", "\r\n", "\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u2028", "\u202e", "\b\b"]
)
def test_a_name_moves_no_terminal_and_forges_no_line(
    tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f'A001{line}{{"level": "INFO"}}'
    root = logging.getLogger()
    level = root.level
    handler = logs.setup(tmp_path, Logs(level="DEBUG"))
    try:
        for logger in ("app.core.ingest", "app"):
            logging.getLogger(logger).info("seen %s", name)
        report(bug_of(ValueError(name)), as_json=False)
    finally:
        logs.close(handler)
        root.setLevel(level)
    written = (tmp_path / logs.FOLDER / logs.FILE_NAME).read_bytes()
    assert written.count(b"\n") == 2
    assert all(32 <= byte < 127 for byte in written.replace(b"\n", b""))
    shown = capsys.readouterr().err
    assert shown.count("\n") == 2, "a line of words, a line of what to do"
    assert not [
        one
        for one in shown
        if (ord(one) < 32 and one != "\n") or 127 <= ord(one) < 160 or one in "\u2028\u202e"
    ]


HOSTILE = "A\x1b[2J\nforged: \u202evom.mov"


def test_a_hostile_name_of_a_file_reaches_no_terminal_raw(tmp_path: Path) -> None:
    folder = tmp_path / "Card"
    folder.mkdir()
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", folder / "A001.mov")
    os.rename(folder / "A001.mov", folder / HOSTILE)  # noqa: PTH104 - the name is no path of ours
    desk = NearDesk(tmp_path / "home")
    said = b""
    for words in (
        ("volume", "add", folder, "--derive", "posters"),
        ("run", "--until-idle"),
        ("clips",),
        ("search", "forged"),
        ("note", "add", "no such \x1b[31m\nclip", "--at", "@1", "x"),
        ("check",),
        ("work",),
        ("volume", "list"),
    ):
        reply = desk.run(*words)
        said += (reply.out + reply.err).encode()
    for raw in (b"\x1b", "\u202e".encode(), b"\nforged", b"\nclip"):
        assert raw not in said, said
    assert b"forged" in said
