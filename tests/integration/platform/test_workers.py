"""Workers do their work wherever Rushes lies: behind links, under odd names, and packaged without an interpreter."""

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.platform.processes import confined
from tests.support.command import Desk
from tests.support.media_factory import MediaFactory
from tests.support.source import ROOT
from tests.support.speech_factory import say, write_wav

pytestmark = pytest.mark.skipif(not confined(), reason="no bubblewrap that works here")

PACKAGED = """
import sys
bundle, program, *words = sys.argv[1:]
sys.path.insert(0, bundle)
sys.frozen, sys._MEIPASS, sys.executable, sys.argv = True, bundle, program, [program, *words]
from app.__main__ import main
sys.exit(main())
"""
"""What a packer's starter does before the program runs; PYTHONPATH is nothing to it."""


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A folder with a picture and somebody who speaks."""
    media = MediaFactory(tmp_path / "day")
    media.video("A001.mov", frames=25)
    write_wav(media.folder / "take.wav", say("The tide comes in at six."))
    return media.folder


def copied(place: Path) -> Path:
    place.mkdir(parents=True)
    for name in ("app", "resources"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    return place


class Copy(Desk):
    """The command line of a copy of Rushes that lies elsewhere."""

    def __init__(self, home: Path, *words: object, **environment: str) -> None:
        super().__init__(home, **environment)
        self.words = [*map(str, words)]

    def command(self, *words: object) -> list[str]:
        return [*self.words, *map(str, words)]


def works(desk: Desk, day: Path) -> None:
    """Every kind of worker did what it is there for, and none was started twice for it."""
    desk.ask("settings", "ingest.quiet_seconds", 1)
    desk.ask("volume", "add", day, "--derive", "all")
    done = desk.ask("run", "--until-idle")
    assert done["failed"] == []
    picture, sound = desk.clips()
    assert (picture["state"], sound["state"]) == ("ready", "ready")
    assert {"poster", "proxy"} <= {made["kind"] for made in picture["renditions"]}
    said = desk.ask("transcript", "take")["segments"]
    assert "tide" in " ".join(segment["text"] for segment in said)
    desk.ask("frame", "A001", "--at", "@3", "-o", desk.home.parent / "frame.png")
    logs = "".join(log.read_text() for log in desk.home.rglob("*.log*"))
    assert '"WARNING"' not in logs
    assert '"ERROR"' not in logs


@pytest.mark.speech
@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
def test_in_a_checkout_behind_links_under_an_odd_name(tmp_path: Path, day: Path) -> None:
    real = copied(tmp_path / "disk 2" / "Bär & Söhne's films")
    checkout = tmp_path / "chéckout"
    checkout.symlink_to(real)
    environment = tmp_path / "disk 3" / "environment"
    environment.parent.mkdir()
    environment.symlink_to(sys.prefix)
    (real / ".venv").symlink_to("../../disk 3/environment")
    python = checkout / ".venv" / "bin" / "python"
    works(Copy(tmp_path / "home", python, "-m", "app", PYTHONPATH=str(checkout)), day)


@pytest.mark.speech
def test_in_a_packaged_program_that_is_its_own_interpreter(tmp_path: Path, day: Path) -> None:
    bundle = copied(tmp_path / "pack ed" / "inside")
    (bundle / "starter.py").write_text(PACKAGED)
    program = bundle.parent / "rushes"
    words = [sys.executable, "-P", "-s", bundle / "starter.py", bundle, program]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(map(str, words))} "$@"\n')
    program.chmod(0o755)
    works(Copy(tmp_path / "home", program, PYTHONPATH=""), day)


@pytest.mark.parametrize("words", [(), ("os",), ("application.thing",)])
def test_only_modules_of_our_own_are_workers(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "--worker", *words],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
