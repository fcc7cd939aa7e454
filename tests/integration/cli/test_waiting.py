"""What a volume's hours keep for later is named, with when it goes on; a run that leaves it does not end as done."""

import datetime
from pathlib import Path

import pytest

from tests.support.command import NearDesk
from tests.support.volumes import put


def _later() -> tuple[str, datetime.datetime]:
    """Hours that begin two hours from now, and when that is."""
    begin = datetime.datetime.now().astimezone().replace(second=0, microsecond=0)
    begin += datetime.timedelta(hours=2)
    return f"{begin:%H:%M}-{begin + datetime.timedelta(hours=1):%H:%M}", begin


@pytest.fixture
def night(tmp_path: Path) -> tuple[NearDesk, datetime.datetime]:
    """A desk with two clips on a volume whose hours are later."""
    for name in ("one.wav", "two.wav"):
        put(tmp_path / "day", name)
    desk = NearDesk(tmp_path / "home")
    desk.ask("settings", "transcripts.enabled", "false")
    desk.ask("volume", "add", tmp_path / "day", "--name", "NAS", "--derive", "all")
    hours, begin = _later()
    desk.ask("volume", "set", "NAS", "--hours", hours)
    return desk, begin


def test_a_run_names_what_waits_for_its_hours_and_is_not_done(
    night: tuple[NearDesk, datetime.datetime],
) -> None:
    desk, begin = night
    kept = {"volume": "NAS", "until": begin.isoformat(), "clips": 2, "recipes": ["hash", "derive"]}
    assert desk.ask("run", "--until-idle", code=1)["waiting"] == [kept]
    assert desk.ask("work")["waiting"] == [kept]
    words = f"2 clips wait for {begin:%H:%M} on NAS: hash, derive"
    assert words in desk.run("run", "--until-idle").out
    assert words in desk.run("work").out
    desk.ask("volume", "set", "NAS", "--hours", "")
    done = desk.ask("run", "--until-idle")
    assert (done["waiting"], done["failed"]) == ([], [])
    assert all(file["hash"] for clip in desk.clips() for file in clip["files"])
    assert desk.ask("work")["waiting"] == []
