"""A watched folder full of trouble: nothing runs, nothing is fetched, every entry has its answer."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Desk
from tests.support.footage import FAULTS

pytestmark = [
    pytest.mark.footage,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FAULTS.is_dir(), reason="no fault tools beside the checkout"),
]
UNWELL = {"bad", "undecodable", "damaged", "growing"}
"""Growing counts with its reason: what is structurally open is looked at for an hour before it is called damaged."""


@pytest.fixture
def beacon() -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback, and what was asked of it: every request is a leak."""
    asked: list[str] = []

    class Beacon(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            asked.append(repr(self.rfile.readline(1000)))
            self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Beacon) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()
        thread.join()


def test_a_hostile_tree_is_taken_refused_or_skipped_as_it_should(
    tmp_path: Path, beacon: tuple[str, list[str]]
) -> None:
    address, asked = beacon
    entries = make(tmp_path / "tree", address)
    watch = tmp_path / "tree" / "watch"
    before = seen(watch)
    desk = Desk(tmp_path / "home")
    added = desk.ask("volume", "add", watch, "--derive", "all")
    done = desk.ask("run", "--until-idle")
    skipped = {visible(s["path"]): s["reason"] for s in desk.ask("scan")["skipped"]}
    skipped |= {visible(s["path"]): s["reason"] for s in added["skipped"]}
    places = {visible(file["path"]): clip for clip in desk.clips() for file in clip["files"]}
    complaints = [
        f"{path!r} ({entry['why']}): {wrong}"
        for entry in entries
        if (path := entry["path"].removeprefix("watch/")) != entry["path"]
        if (wrong := answer(entry["expect"], places.get(path), skipped.get(path)))
    ]
    assert not complaints, "\n".join(complaints)
    assert asked == [], "something reached out"
    assert not [p for p in tmp_path.rglob("*PWNED*") if "touch" not in p.name]
    assert seen(watch) == before, "nothing is written to a volume"
    assert desk.ask("check")["problems"] == []
    assert not any("our bug" in str(failure) for failure in done["failed"]), done["failed"]


def test_the_beacon_hears_what_reaches_out(beacon: tuple[str, list[str]]) -> None:
    address, asked = beacon
    subprocess.run(["curl", "-s", "--noproxy", "*", address + "/leak"], check=False)
    assert len(asked) == 1


def make(folder: Path, address: str) -> list[dict[str, str]]:
    """Writes the tree; what is expected of each entry."""
    script = FAULTS / "hostile_tree.py"
    made = subprocess.run(
        [sys.executable, script, folder, "--beacon", address, "--bomb-mib", "1"],
        capture_output=True,
        cwd=folder.parent,
        check=True,
    )
    entries = [json.loads(line) for line in made.stdout.decode().splitlines()]
    assert len(entries) > 70
    return [entry for entry in entries if not entry["expect"].startswith("not creatable")]


def answer(expect: str, clip: dict[str, Any] | None, reason: str | None) -> str:
    """What is wrong with how an entry was taken; empty where nothing is."""
    if expect == "ingest":
        fine = clip is not None and clip["state"] == "ready"
    elif expect == "refuse":
        fine = bool(reason) or (clip is not None and clip["state"] in UNWELL and clip["problem"])
    else:
        fine = bool(reason) and clip is None
    state = f"a clip that is {clip['state']} ({clip['problem']})" if clip else "no clip"
    return "" if fine else f"{expect} is expected, and it is {state}, skipped: {reason}"


def visible(path: str) -> str:
    """A path as the manifest writes it: bytes that are no UTF-8 with a backslash."""
    return path.encode("utf-8", "backslashreplace").decode()


def seen(folder: Path) -> list[tuple[str, int, int]]:
    """Everything in a folder with size and time."""
    found = [(path, path.lstat()) for path in folder.rglob("*")]
    return sorted((str(path), info.st_size, info.st_mtime_ns) for path, info in found)
