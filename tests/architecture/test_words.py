"""Nothing in the project points at one machine, one registry or one person's account."""

import ast
import re
from pathlib import Path

from tests.support.source import python_files, tracked, tree, where

# Written in pieces, so that this file does not find itself.
PLACES = re.compile(
    r"(?<![\w.$}{*-])/(wo" + r"rk|ro" + r"ot|fa" + r"rm|tmp/set" + r"up)(/|\b(?=['\"\s]))"
    r"|\b(py"
    + r"pi\.org|files\.python"
    + r"hosted\.org|registry\.np"
    + r"mjs\.org|deb\.deb"
    + r"ian\.org|proxy\.gol"
    + r"ang\.org)"
)
INDEX = re.compile(r"--(extra-)?index-url|--find-links|file://", re.IGNORECASE)
SECRET = re.compile(r"\b(AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----)")
KNOWN_TEXT = {
    ".py",
    ".md",
    ".toml",
    ".bash",
    ".sh",
    ".svg",
    ".lock",
    ".json",
    ".txt",
    ".qss",
    ".ts",
    ".desktop",
    "",
}


def _lines(path: Path) -> list[tuple[int, str]]:
    try:
        return list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    except UnicodeDecodeError:
        return []


def _found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{where(path, number)} {line.strip()[:80]}"
        for path in tracked()
        if path.suffix in KNOWN_TEXT
        for number, line in _lines(path)
        if pattern.search(line)
    ]


def test_no_file_knows_a_machine_or_a_registry() -> None:
    assert not _found(PLACES)


def test_the_locks_name_no_index() -> None:
    locks = {path.name: path.read_text("utf-8") for path in tracked() if path.suffix == ".lock"}
    assert {"requirements.lock", "oracle.lock"} <= locks.keys()
    for text in locks.values():
        assert not [line for line in text.splitlines() if INDEX.search(line)]
        packages = re.findall(r"^([A-Za-z0-9._-]+)==", text, re.MULTILINE)
        hashed = re.findall(r"^([A-Za-z0-9._-]+)==[^\n]*\\\n\s+--hash=sha256:", text, re.MULTILINE)
        assert packages
        assert packages == hashed


def test_no_secret_is_in_the_project() -> None:
    assert not _found(SECRET)


def test_the_patterns_see_what_they_look_for() -> None:
    for planted in (
        "open('/wo" + "rk/main/x')",
        "see /ro" + "ot/.cache",
        "https://py" + "pi.org/simple",
        " /wo" + "rk ",
    ):
        assert PLACES.search(planted)
    for innocent in (
        "app/core/work/engine.py",
        "the root/branch",
        "tests/unit/work",
        "${HOME}/work/x",
        "/media/work",
    ):
        assert not PLACES.search(innocent)


def test_every_module_of_the_program_says_what_it_is_for() -> None:
    bare = [
        where(path)
        for path in python_files("app")
        if path.stat().st_size and not ast.get_docstring(tree(path))
    ]
    assert not bare
