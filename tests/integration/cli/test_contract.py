"""What holds for every command: one JSON object, exit codes, options before `--`, help."""

import json
import os
import subprocess
import sys

import pytest

from app.cli.main import build_parser
from tests.support.command import ROOT, Desk, NearDesk

WRONG = (
    ("bogus",),
    ("clips", "--bogus"),
    ("note",),
    ("note", "add"),
    ("note", "shout", "A001"),
    ("note", "add", "A001", "--at", "@0", "-dash"),
    ("rate", "A001", "many"),
    ("search",),
    ("search", "-word"),
    ("search", "word", "--limit", "x"),
    ("tag", "A001", "word"),
    ("tag", "A001", "+"),
    ("volume", "add", ".", "--kind", "cloud"),
    ("clips", "--lim", "5"),
    ("clips", "\x1b[31m", "--new\nline"),
    (),
)


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("bogus", "--json"),
        ("note", "shout"),
        ("tc", "@25"),
        ("clips", "A00"),
        ("clips", "--json"),
        ("show", "nobody\x1b", "--json"),
        ("show", "twin"),
    ],
    ids=" ".join,
)
def test_a_process_says_the_same_as_a_call(
    desk: Desk, near: NearDesk, words: tuple[str, ...]
) -> None:
    """Most tests of words call the command line in their own process: that must be the same thing."""
    told = desk.run(*words)
    assert near.run(*words) == told
    assert told.out or told.err


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_is_one_object_and_exit_2(empty: NearDesk, words: tuple[str, ...]) -> None:
    error = empty.refuse(*words, code=2)
    assert "--help" in error["todo"] or error["subject"]
    if "\x1b[31m" in words:
        told = empty.run(*words)
        assert (told.code, told.out) == (2, "")
        assert "\x1b" not in told.err
    assert not empty.home.exists(), "a wrong word makes no data folder"


@pytest.mark.parametrize("words", [("--home",), ("--home", "--json"), ("--home=",), ("--home", "")])
def test_home_needs_a_folder(empty: NearDesk, words: tuple[str, ...]) -> None:
    assert empty.run("clips", *words).code == 2
    assert empty.run("clips", "--json", *words).error["subject"] == "--home"


def test_home_and_json_may_stand_anywhere_before_the_dashes(empty: NearDesk) -> None:
    other = empty.home.parent / "other"
    for words in (
        ("--json", "--home", other, "clips"),
        ("clips", "--home", other, "--json"),
        ("clips", f"--home={other}", "word", "--json"),
        ("clips", "word", "-word", "--json", "--home", other),
        ("clips", "--home", "other", "--json", "--", "--json", "--home"),
    ):
        reply = empty.run(*words)
        assert (reply.code, reply.value) == (0, {"clips": [], "next": None}), words
    assert other.is_dir()
    assert not empty.home.exists()
    assert oct(other.stat().st_mode & 0o777) == "0o700"


def test_help_and_version(empty: NearDesk) -> None:
    assert empty.run("--version").out.startswith("rushes ")
    assert set(empty.run("--version", "--json").value) == {"version"}
    for words in (("--help",), ("note", "add", "-h"), ("search", "word", "-h"), ("tag", "--help")):
        plain = empty.run(*words)
        assert plain.code == 0
        assert plain.out.startswith("usage: rushes")
        assert empty.run("--json", *words).value == {"help": plain.out}
    assert not empty.home.exists()


def test_a_data_folder_that_cannot_be_is_named(empty: NearDesk) -> None:
    file = empty.home.parent / "file"
    file.write_bytes(b"")
    assert empty.refuse("--home", file, "clips", code=4)["subject"] == str(file)
    assert empty.refuse("--home", "/proc/none", "clips", code=4)["todo"]


def test_a_reader_that_has_read_enough_is_no_error(desk: Desk) -> None:
    command = " ".join(f"'{word}'" for word in desk.command("settings"))
    for script in (
        f"{command} | head -c 1",
        f"yes @1 | {desk.command()[0]} -m app tc - | head -n 2",
    ):
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {script}; exit ${{PIPESTATUS[-2]}}"],
            cwd=desk.cwd,
            env=desk.variables(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_of_few_letters_gets_all_the_words(desk: Desk) -> None:
    poor = Desk(desk.home, PYTHONIOENCODING="ascii", LC_ALL="C")
    reply = poor.run("rate", "A004", "5")
    assert (reply.code, "\\u2605" in reply.out) == (0, True)


def test_every_command_and_every_word_of_it_has_help() -> None:
    script = ROOT / "packaging" / "command-line-docs"
    done = subprocess.run(
        [sys.executable, script, "--check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert build_parser().description


def test_the_calculator(empty: NearDesk) -> None:
    assert empty.ask("tc", "01:00:00:00") == {"label": "01:00:00:00", "frames": 90000}
    assert empty.ask("tc", "@1800", "--rate", "29.97", "--drop")["label"] == "00:01:00;02"
    assert empty.ask("tc", "+1.5s", "--rate", "30000/1001")["frames"] == 44
    assert empty.ask("tc", "@2160000")["label"] == "00:00:00:00", "labels wrap at 24 h"
    assert empty.run("tc", "@25").out == "00:00:01:00  25\n"
    for value in (
        "00:00:00:25",
        "-5",
        "",
        "@",
        "@-1",
        "@²",
        "@" + "9" * 5000,
        "+1e999999999s",
        "+1/0s",
    ):
        assert empty.refuse("tc", value)["title"] == "Illegal timecode", value
    assert empty.refuse("tc", "00:01:00;00", "--rate", "29.97", "--drop")["message"].endswith(
        "00:01:00;02."
    )
    for rate in ("0", "-25", "1e999999999", "1/0", "x", "1000001"):
        assert empty.refuse("tc", "@1", "--rate", rate)["title"] == "Not a frame rate", rate
    assert empty.refuse("tc", "@1", "--rate", "25", "--drop")["subject"] == "25/1"


def test_the_calculator_reads_one_value_a_line(empty: NearDesk) -> None:
    reply = empty.run("tc", "-", "--json", stdin=b"@1\n\n00:00:00:25\n\xff\n+1s\n@3")
    lines = [json.loads(line) for line in reply.out.splitlines()]
    assert [line.get("frames") for line in lines] == [1, None, None, None, 25, 3]
    assert all(set(line) in ({"label", "frames"}, {"error"}) for line in lines)
    assert reply.code == 3
    assert empty.run("tc", "-", stdin=b"").code == 0
