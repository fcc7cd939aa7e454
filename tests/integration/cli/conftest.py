"""One small catalog for the tests of the command line."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.command import Desk, NearDesk
from tests.support.media_factory import MediaFactory, Sound

NEWLINE = "new\nline"
ESCAPE = "esc\x1b[31mred"


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with one scanned and probed volume; tests name what they change by clips of their own."""
    folder = tmp_path_factory.mktemp("desk")
    media = MediaFactory(folder / "day")
    label = ("-timecode", "01:00:00:00")
    from tests.support.media_factory import LONG_GOP

    for number, name in enumerate(("A001", "A002", "A003", "A004")):
        media.video(f"{name}.mov", *LONG_GOP, *label, frames=25, first=30 * number)
    drop = ("-timecode", "00:59:59;20")
    media.video("D001.mov", *LONG_GOP, *drop, frames=30, rate=Fraction(30000, 1001), first=200)
    for number, place in enumerate(("one", "two")):
        (media.folder / place).mkdir()
        media.video(f"{place}/twin.mov", *LONG_GOP, frames=10, first=300 + 20 * number)
    media.sound("take.wav", Sound(2), seconds=2)
    shutil.copy(media.sound("n.wav", Sound(1, 300)), media.folder / f"{NEWLINE}.wav")
    (media.folder / "n.wav").rename(media.folder / f"{ESCAPE}.wav")
    with (media.folder / f"{ESCAPE}.wav").open("ab") as stream:
        stream.write(bytes(2))
    desk = Desk(folder / "home")
    desk.ask("volume", "add", media.folder, "--derive", "posters")
    desk.ask("run", "--until-idle")
    return desk


@pytest.fixture
def near(desk: Desk) -> NearDesk:
    """The same desk, its commands in this process."""
    return NearDesk(desk.home)


@pytest.fixture
def empty(tmp_path: Path) -> NearDesk:
    """A desk without anything, its commands in this process."""
    return NearDesk(tmp_path / "home")
