"""Proxies that wait for room are named with figures and what to do, and go on once the reserve is smaller."""

import shutil
from pathlib import Path

from app.core.post.room import FULL
from tests.support.command import NearDesk
from tests.support.volumes import put

_PERCENT = "derivatives.reserve_percent"


def test_what_waits_for_room_is_said_and_goes_on_when_the_reserve_is_smaller(
    tmp_path: Path,
) -> None:
    day = tmp_path / "day"
    put(day, "one.wav")
    desk = NearDesk(tmp_path / "home")
    desk.ask("settings", "transcripts.enabled", "false")
    desk.ask("settings", "derivatives.reserve_gb", "0")
    desk.ask("settings", _PERCENT, "0")
    desk.ask("volume", "add", day, "--name", "Day", "--derive", "all")
    desk.ask("run", "--until-idle")
    kept = _made(tmp_path)
    assert kept
    used = shutil.disk_usage(tmp_path)
    percent = min(90, (used.free * 100 // used.total) + 2)
    assert percent * used.total > used.free * 100, "the machine's disk is emptier than any reserve"
    desk.ask("settings", _PERCENT, str(percent))
    put(day, "two.wav")
    told = desk.ask("run", "--until-idle", code=1)
    assert told["room"]["clips"] == 1
    assert told["room"]["free"] < told["room"]["reserve"]
    assert [f["error"]["title"] for f in told["failed"]] == [FULL]
    assert _made(tmp_path) == kept, "what was there stays"
    for words in (("work",), ("work", "--failed"), ("run", "--until-idle")):
        out = desk.run(*words).out
        assert "1 proxy waits for room: " in out, words
        assert "make the reserve smaller" in out
    desk.ask("settings", _PERCENT, "0")
    done = desk.ask("run", "--until-idle")
    assert (done["failed"], done["room"]) == ([], None)
    assert len(_made(tmp_path)) > len(kept)


def _made(folder: Path) -> set[Path]:
    store = folder / "home" / "renditions"
    return {path for path in store.rglob("*") if path.is_file()}
