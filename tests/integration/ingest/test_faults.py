"""A volume on a filesystem that misbehaves: it is a network, and nothing on it is ever falsely gone.

The filesystem is the fault tool beside the checkout; it needs FUSE and root.
"""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.ingest.watching import POLLING, Watcher
from app.core.model.errors import Cancelled, Missing, Refused
from app.core.work.patience import Patience
from tests.support.source import ROOT
from tests.support.volumes import Desk, put

TOOL = ROOT.parent / "shared" / "faults" / "faultfs.py"
pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(
        not TOOL.exists() or os.geteuid() != 0 or not Path("/dev/fuse").exists(),
        reason="needs the fault tool, FUSE and root",
    ),
]


@dataclasses.dataclass(slots=True)
class Share:
    """A mounted share, and its weather."""

    root: Path
    behind: Path
    rules: Path

    def weather(self, **rules: object) -> None:
        """How the share behaves from now on."""
        fresh = self.rules.with_suffix(".new")
        fresh.write_text(json.dumps(rules))
        fresh.replace(self.rules)


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """A share with a few files."""
    found = Share(tmp_path / "share", tmp_path / "behind", tmp_path / "rules.json")
    found.root.mkdir()
    for n, path in enumerate(("A/one.wav", "A/in/two.wav", "B/three.wav", "four.wav")):
        put(found.behind, path, at=n)
    found.weather()
    words = [sys.executable, "-W", "ignore", TOOL, found.behind, found.root, "--rules", found.rules]
    with subprocess.Popen([*map(str, words)], stderr=subprocess.PIPE) as server:
        try:
            while not os.path.ismount(found.root):
                if server.poll() is not None:
                    assert server.stderr
                    pytest.fail(server.stderr.read().decode())
                time.sleep(0.01)
            yield found
        finally:
            found.weather()
            subprocess.run(["fusermount", "-u", "-z", str(found.root)], check=True)
            server.terminate()
            server.wait()


def _states(desk: Desk) -> Mapping[str, str]:
    return {path: state for path, (_, state) in desk.places().items()}


def test_a_share_is_a_network_and_is_looked_at_in_steps(desk: Desk, share: Share) -> None:
    volume = desk.add(share.root)
    assert volume.kind == "network"
    watcher = Watcher(desk.catalog)
    watcher.keep(desk.volumes.every())
    assert desk.volumes.get(volume.id).watcher == POLLING
    watcher.close()
    assert set(_states(desk).values()) == {"present"}


@pytest.mark.parametrize("fault", ["ESTALE", "EIO", "EACCES", "ETIMEDOUT", "ENOTCONN"])
@pytest.mark.parametrize("op", ["readdir", "getattr"])
def test_a_folder_that_fails_is_not_gone(desk: Desk, share: Share, fault: str, op: str) -> None:
    volume = desk.add(share.root)
    before = desk.places()
    share.weather(rules=[{"op": op, "path": "/A*", "err": fault}])
    report = desk.look(volume)
    assert report.missing == 0
    assert any(s.path.startswith("A") for s in report.skipped)
    assert desk.places() == before
    share.weather()
    put(share.behind, "A/new.wav", at=9)
    report = desk.look(volume)
    assert (report.new, report.missing, report.skipped) == (1, 0, ())


def test_stale_in_the_middle_of_a_scan(desk: Desk, share: Share) -> None:
    volume = desk.add(share.root)
    before = desk.places()
    for after in range(1, 16):
        share.weather(rules=[{"op": "*", "path": "*", "err": "ESTALE", "after": after}])
        try:
            report = desk.scanner.scan(volume.id)
        except Missing:
            report = None
        assert report is None or report.missing == 0
        assert desk.places() == before, after
        share.weather()
        assert desk.scanner.scan(volume.id).online
    assert desk.places() == before


def test_a_share_that_is_gone_is_offline_with_a_reason(desk: Desk, share: Share) -> None:
    volume = desk.add(share.root)
    before = desk.places()
    share.weather(gone="ESTALE")
    report = desk.look(volume)
    assert not report.online
    assert "does not answer" in report.reason
    assert desk.places() == before
    assert {clip.state for clip in desk.clips().values()} == {"offline"}
    share.weather()
    assert desk.look(volume).missing == 0
    assert {clip.state for clip in desk.clips().values()} == {"ready"}


def test_a_slow_share_is_scanned_to_its_end(desk: Desk, share: Share) -> None:
    volume = desk.volumes.add(share.root)
    share.weather(rules=[{"op": "readdir", "action": "delay", "secs": 0.3}])
    assert desk.look(volume).new == 4


def test_a_share_that_hangs_holds_neither_the_scan_nor_the_person(desk: Desk, share: Share) -> None:
    volume = desk.add(share.root)
    before = desk.places()
    desk.scanner._patience = Patience(1)
    share.weather(
        rules=[{"op": "readdir", "path": "/A/in", "action": "hang", "secs": 3, "count": 1}]
    )
    with pytest.raises(Missing, match="does not answer"):
        desk.scanner.scan(volume.id)
    assert desk.places() == before
    desk.scanner._patience = Patience(600)
    share.weather(rules=[{"op": "readdir", "path": "/B", "action": "hang", "secs": 3, "count": 1}])
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        return asked > 12

    with pytest.raises(Cancelled):
        desk.scanner.scan(volume.id, stopped=stopped)
    assert desk.places() == before
    share.weather()
    while any(thread.name == "patience" for thread in _threads()):
        time.sleep(0.05)
    assert desk.look(volume).missing == 0
    assert desk.places() == before


def test_presence_is_told_though_the_share_hangs(desk: Desk, share: Share) -> None:
    volume = desk.add(share.root)
    desk.volumes._patience = Patience(1)
    share.weather(rules=[{"op": "*", "path": "*", "action": "hang", "secs": 3, "count": 1}])
    presence = desk.volumes.look(volume)
    assert (presence.online, presence.reason) == (False, "it does not answer")
    share.weather()
    while any(thread.name == "patience" for thread in _threads()):
        time.sleep(0.05)
    assert desk.volumes.look(volume).online


def test_the_catalog_is_not_kept_on_a_share(share: Share) -> None:
    with pytest.raises(Refused, match="network"):
        Catalog.open(share.root)


def _threads() -> list[threading.Thread]:
    return threading.enumerate()
