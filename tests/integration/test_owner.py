"""One process owns the catalog; the others hand it their commands."""

import json
import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from app.core import owner
from app.core.model.errors import Missing, Passing
from app.core.platform import doors
from tests.support.command import Desk, NearDesk, end, processes_with, wait_for
from tests.support.media_factory import MediaFactory, Sound


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with one sound file, listed."""
    media = MediaFactory(tmp_path / "day")
    media.sound("take.wav", Sound(1), seconds=1)
    NearDesk(tmp_path / "home").ask("volume", "add", media.folder, "--derive", "posters")
    return Desk(tmp_path / "home")


def test_a_second_process_gets_the_same_answer(desk: Desk) -> None:
    asked = (
        ("clips", "--json"),
        ("clips",),
        ("show", "take"),
        ("show", "nobody", "--json"),
        ("show", "nobody"),
        ("note", "list", "take", "--json"),
        ("export", "nobody", "-o", "x.otio"),
        ("rate", "take", "9", "--json"),
        ("search", "take", "-not"),
        ("settings", "ingest"),
        ("note", "shout"),
    )
    desk.ask("tag", "take", "+a", "-b")  # what is tagged is derived: all of that is done before
    desk.ask("run", "--until-idle")
    alone = [NearDesk(desk.home).run(*words) for words in asked]
    with desk.owner():
        mode = stat.S_IMODE((desk.home / "owner.sock").stat().st_mode)
        assert oct(mode) == "0o600"
        assert [desk.run(*words) for words in asked] == alone
        note = desk.ask("note", "add", "take", "--at", "@7", "--", "--json -x")
        assert note["text"] == "--json -x"
    assert desk.ask("note", "list", "take")["notes"] == [note]


def test_relative_paths_are_of_the_folder_that_was_called_from(desk: Desk) -> None:
    with desk.owner():
        elsewhere = desk.cwd / "elsewhere"
        elsewhere.mkdir()
        desk.cwd = elsewhere
        assert desk.ask("backup", "-o", "copy.sqlite")["path"] == str(elsewhere / "copy.sqlite")


def test_after_a_killed_owner_the_next_one_takes_over(desk: Desk) -> None:
    with desk.owner() as first:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert (desk.home / "owner.sock").exists(), "a killed process leaves its socket"
        assert len(desk.clips()) == 1
        with desk.owner():
            assert len(desk.clips()) == 1


def test_several_at_once_all_get_their_answer(desk: Desk) -> None:
    started = [desk.start("tag", "take", f"+word{n}", "--json") for n in range(4)]
    ended = [(p.communicate(), p.returncode) for p in started]
    assert [code for _, code in ended] == [0] * 4, ended
    words = desk.ask("show", "take")["log"]["keywords"]
    assert sorted(words) == [f"word{n}" for n in range(4)]


def test_two_that_run_until_idle_both_end_with_0(desk: Desk) -> None:
    started = [desk.start("run", "--until-idle", "--json") for _ in range(2)]
    ended = [(p.communicate(), p.returncode) for p in started]
    assert [code for _, code in ended] == [0, 0], ended


def test_a_data_folder_deeper_than_a_socket_address(desk: Desk) -> None:
    deep = desk.home.parent / "/".join(["a long name of a folder"] * 8) / "home"
    deep.parent.mkdir(parents=True)
    desk.home.rename(deep)
    desk.home = deep
    assert len(os.fsencode(deep)) > 108
    with desk.owner():
        assert len(desk.clips()) == 1


def test_an_asker_that_hangs_up_ends_its_command_and_not_the_owner(desk: Desk) -> None:
    with desk.owner() as first:
        asker = desk.start("run")
        assert asker.stderr is not None
        assert "at work" in asker.stderr.readline()
        end(asker)
        assert len(desk.clips()) == 1
        first.send_signal(signal.SIGTERM)
        assert first.wait() == 0


def test_long_work_goes_over_to_its_asker_when_the_owner_ends(desk: Desk) -> None:
    with desk.owner() as first:
        second = desk.start("run")
        assert second.stderr is not None
        assert "at work" in second.stderr.readline()
        first.send_signal(signal.SIGTERM)
        assert first.wait() == 0
        assert "at work" in second.stderr.readline(), "now it owns the catalog itself"
        wait_for((desk.home / "owner.sock").exists)
        assert len(desk.clips()) == 1
        second.send_signal(signal.SIGTERM)
        assert second.wait() == 0
        end(second)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_ends_on_a_signal_and_leaves_nothing_behind(desk: Desk, number: signal.Signals) -> None:
    media = MediaFactory(desk.home.parent / "day")
    for count in range(3):
        media.video(f"A00{count}.mov", frames=100, first=100 * count)
    desk.ask("volume", "set", "day", "--derive", "all")
    with desk.owner("--json") as process:
        wait_for(lambda: any("ffmpeg" in line for line in processes_with(media.folder)))
        process.send_signal(number)
        out, err = process.communicate()
        assert process.returncode == 0, err
        assert {"clips", "derived", "failed", "seconds"} <= set(json.loads(out))
    wait_for(lambda: not processes_with(media.folder, desk.home), 10)
    assert not (desk.home / "owner.sock").exists()
    assert desk.ask("check")["problems"] == []


def test_nonsense_on_the_socket_harms_nobody(desk: Desk) -> None:
    with desk.owner() as process:
        for nonsense in (
            b"",
            b"\n",
            b"[]\n",
            b'{"argv": 5}\n',
            b"\x00" * 1000,
            b'{"argv":["clips"],"cwd":"/"}',
        ):
            with doors.door_of(desk.home).knock() as line:
                line.sendall(nonsense)
        with doors.door_of(desk.home).knock():
            assert len(desk.clips()) == 1
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0, "one that never asks cannot keep the owner from ending"


class GoneDoor(doors.UnixDoor):
    """An owner that dies between the knock and the first word."""

    def knock(self) -> socket.socket:
        mine, other = socket.socketpair()
        other.close()
        return mine


def test_a_command_that_the_owner_never_took_is_not_called_done(tmp_path: Path) -> None:
    with pytest.raises(Passing, match="starting or ending"):
        owner.forward(tmp_path, ["note", "add"], print, GoneDoor(tmp_path))


class DyingDoor(doors.UnixDoor):
    """An owner that dies after it has begun a command."""

    def knock(self) -> socket.socket:
        mine, other = socket.socketpair()
        with other:
            other.sendall(b'{"begun": true}\n')
            other.shutdown(socket.SHUT_WR)
            self.kept = other.dup()  # what is written to it is taken
        return mine


def test_a_command_whose_owner_died_over_it_may_be_done(tmp_path: Path) -> None:
    """A note that is told to be said again would be there twice."""
    door = DyingDoor(tmp_path)
    with pytest.raises(Missing, match="may be done") as told:
        owner.forward(tmp_path, ["note", "add"], print, door)
    door.kept.close()
    assert "Look" in told.value.todo


def test_an_owner_that_dies_over_a_command_is_told(desk: Desk) -> None:
    with desk.owner() as process:
        asker = desk.start("run", "--until-idle", "--json")
        media = MediaFactory(desk.home.parent / "day")
        assert media.folder.is_dir()
        os.kill(process.pid, signal.SIGSTOP)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        out, err = asker.communicate()
        assert asker.returncode in (0, 4), (out, err)
        if asker.returncode == 4:
            assert "again" in out
    assert len(desk.clips()) == 1
