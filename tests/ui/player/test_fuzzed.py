"""Files that are damaged by seed, in the player and in the whole window: a picture or words each time, and no note is lost."""

import json
import os
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from app.ui.player.source import PlayerSource
from app.ui.player.states import PlayerState
from tests.support import fuzz, fuzz_media
from tests.support.fuzz_pass import Damage
from tests.support.source import ROOT
from tests.ui.player.conftest import Player

AT_REST = (PlayerState.READY, PlayerState.FAILED)
FEW = 12
MANY = 80
SAYS = ("error", "undecodable", "nothing", "offline")
"""What stands in the place of the picture, with its words."""
HANG_MS = 60_000
"""The player itself gives up on a file after 30 s."""


def test_damaged_files_show_or_say_what_is_wrong(
    player: Player, tmp_path: Path, clip25: Path
) -> None:
    whole = clip25.read_bytes()
    ends: Counter[PlayerState] = Counter()
    told: list[str] = []
    player.engine.failed.connect(lambda title, message: told.append(f"{title}: {message}"))
    for seed in range(FEW):
        path = tmp_path / f"damaged {seed}.mp4"
        path.write_bytes(fuzz.damage(whole, seed, list(fuzz.WAYS)[seed % len(fuzz.WAYS)]))
        told.clear()
        player.engine.load(PlayerSource(path, Fraction(25), 50))
        player.qtbot.waitUntil(lambda: player.engine.state in AT_REST, timeout=HANG_MS)
        ends[player.engine.state] += 1
        assert player.engine.state is PlayerState.READY or path.name in told[0]
        assert "disk does not answer" not in "".join(told)
        player.engine.seek_frame(49)
        player.engine.play()
        player.qtbot.wait(20)
        player.load(clip25)
        assert player.shown(lambda: player.engine.seek_frame(12)) == 12 == player.picture()
    assert ends[PlayerState.READY]
    assert ends[PlayerState.FAILED]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_window_survives_damaged_files_and_keeps_every_note(tmp_path: Path) -> None:
    damage = Damage(tmp_path)
    made = fuzz_media.originals(tmp_path / "originals")
    fuzz_media.fill(damage.volume, made, range(1000, 1000 + MANY))
    damage.desk.ask("volume", "add", damage.volume, "--derive", "posters")
    damage.run()
    shown = open_everything(damage)
    clips = damage.desk.clips()
    assert len(shown) == len(clips) + 1
    for clip in shown[:-1]:
        assert clip["player"] in ("ready", "failed") or clip["viewer"] in SAYS
        assert clip["player"] != "failed" or clip["said"], clip
        assert clip.get("file") != "failed" or clip["words"], clip
    for clip in clips:
        notes = damage.desk.ask("note", "list", clip["id"])["notes"]
        assert [note["text"] for note in notes] == [f"note on {clip['id']}"]
    assert damage.desk.ask("check")["problems"] == []
    ends = Counter(f"{clip['viewer']}, its file {clip.get('file')}" for clip in shown[:-1])
    sys.stdout.write(f"\n{len(clips)} clips opened: {dict(ends)}; {shown[-1]}\n")


def open_everything(damage: Damage) -> list[dict[str, object]]:
    """What the window says of each clip, and what it took at last; it ends by itself, with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.fuzz_window", damage.desk.home],
        cwd=tmp_of(damage),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(damage.temporary)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.returncode, done.stdout[-500:], done.stderr[-3000:])
    assert "Traceback" not in done.stderr, done.stderr
    damage.see_nothing_left()
    return [json.loads(line) for line in done.stdout.splitlines()]


def tmp_of(damage: Damage) -> Path:
    """The folder of a test."""
    return damage.volume.parent
