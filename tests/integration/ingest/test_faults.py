"""A volume on a filesystem that misbehaves: it is a network, and nothing on it is ever falsely gone."""

import errno
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.core.catalog.database import Catalog
from app.core.ingest.watching import POLLING, Watcher
from app.core.model.errors import Cancelled, Missing, Refused
from app.core.work.patience import Patience
from tests.support.fuse_share import HANG, Rule, Share
from tests.support.volumes import Desk, put


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """A share with a few files."""
    for n, path in enumerate(("A/one.wav", "A/in/two.wav", "B/three.wav", "four.wav")):
        put(tmp_path / "behind", path, at=n)
    with Share(tmp_path / "behind", tmp_path / "share") as found:
        yield found


def _states(desk: Desk) -> Mapping[str, str]:
    return {path: state for path, (_, state) in desk.places().items()}


def test_a_share_is_a_network_and_is_looked_at_in_steps(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    assert volume.kind == "network"
    watcher = Watcher(desk.catalog)
    watcher.keep(desk.volumes.every())
    assert desk.volumes.get(volume.id).watcher == POLLING
    watcher.close()
    assert set(_states(desk).values()) == {"present"}


def test_a_folder_that_fails_is_not_gone(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    before = desk.places()
    for code in (errno.ESTALE, errno.EIO, errno.EACCES, errno.ETIMEDOUT, errno.ENOTCONN):
        for op in ("readdir", "getattr"):
            share.weather(Rule(op, "/A*", code))
            report = desk.look(volume)
            assert report.missing == 0
            assert any(s.path.startswith("A") for s in report.skipped)
            assert desk.places() == before
    share.weather()
    put(share.behind, "A/new.wav", at=9)
    report = desk.look(volume)
    assert (report.new, report.missing, report.skipped) == (1, 0, ())


def test_stale_in_the_middle_of_a_scan(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    before = desk.places()
    whole, after = False, 0
    # From each call on in turn, until the scan is over before it is met.
    while not whole:
        after += 1
        share.weather(Rule(code=errno.ESTALE, after=after))
        try:
            report = desk.scanner.scan(volume.id)
        except Missing:
            report = None
        assert report is None or report.missing == 0
        assert desk.places() == before, after
        whole = report is not None and report.online and not report.skipped
        share.weather()
        again = desk.scanner.scan(volume.id)
        assert (again.online, again.seen, again.skipped) == (True, 4, ()), "it ends complete"
    assert after > 20
    assert desk.places() == before


def test_a_share_that_is_gone_is_offline_with_a_reason(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    before = desk.places()
    share.weather(Rule(code=errno.ESTALE))
    report = desk.look(volume)
    assert not report.online
    assert "does not answer" in report.reason
    assert desk.places() == before
    assert {clip.state for clip in desk.clips().values()} == {"offline"}
    share.weather()
    assert desk.look(volume).missing == 0
    assert {clip.state for clip in desk.clips().values()} == {"ready"}


def test_a_slow_share_is_scanned_to_its_end_or_called_off(desk: Desk, share: Share) -> None:
    volume = desk.volumes.add(share.mount)
    share.weather(Rule("readdir", seconds=0.05), Rule("getattr", seconds=0.005))
    with pytest.raises(Cancelled):
        desk.scanner.scan(volume.id, stopped=_After(2))
    told: list[int] = []
    assert desk.scanner.scan(volume.id, progress=told.append).new == 4
    desk.catch_up()
    assert told == sorted(told), "progress goes on"
    assert len(set(told)) > 2
    with pytest.raises(Cancelled):
        desk.scanner.scan(volume.id, stopped=_After(2))
    assert set(_states(desk).values()) == {"present"}, "nothing is concluded from half a walk"


class _After:
    """Calls work off when it was asked so often."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_share_that_hangs_holds_neither_the_scan_nor_the_person(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    before = desk.places()
    desk.scanner._patience = Patience(1)
    share.weather(Rule("readdir", "/A/in", seconds=HANG, count=1))
    with pytest.raises(Missing, match="does not answer"):
        desk.scanner.scan(volume.id)
    assert desk.places() == before
    desk.scanner._patience = Patience(600)
    share.weather(Rule("readdir", "/B", seconds=HANG, count=1))
    with pytest.raises(Cancelled):
        desk.scanner.scan(volume.id, stopped=_After(12))
    assert desk.places() == before
    share.weather()
    _let_go()
    assert desk.look(volume).missing == 0
    assert desk.places() == before


def test_presence_is_told_though_the_share_hangs(desk: Desk, share: Share) -> None:
    volume = desk.add(share.mount)
    desk.volumes._patience = Patience(1)
    share.weather(Rule(seconds=HANG, count=1))
    presence = desk.volumes.look(volume)
    assert (presence.online, presence.reason) == (False, "it does not answer")
    share.weather()
    _let_go()
    assert desk.volumes.look(volume).online


def test_the_catalog_is_not_kept_on_a_share(share: Share) -> None:
    with pytest.raises(Refused, match="network"):
        Catalog.open(share.mount)


def _let_go() -> None:
    while any(thread.name == "patience" for thread in threading.enumerate()):
        time.sleep(0.02)
