"""Limits that a script can count: sizes, silent excepts, open ends, places where work may start."""

import ast
import re
from pathlib import Path

from tests.support.source import functions, names_used, python_files, tracked, tree, where

MOST_LINES = 500
MOST_FUNCTION_LINES = 60

MAY_START_THREADS = (
    "app/core/work/",
    "app/core/catalog/",
    "app/core/platform/",
    "app/core/owner.py",
    "app/ui/tasks.py",
)
MAY_START_PROCESSES = ("app/core/platform/",)
THREADS = re.compile(
    r"^(threading\.(Thread|Timer)|_thread|concurrent\.futures\.(Thread|Process)PoolExecutor|concurrent\.futures$"
    r"|concurrent\.futures\.thread|PySide6\.QtCore\.Q(Thread|ThreadPool|Runnable)|PySide6\.QtConcurrent)"
)
PROCESSES = re.compile(
    r"^(subprocess|multiprocessing|pty|PySide6\.QtCore\.QProcess|asyncio\.create_subprocess"
    r"|os\.(system|popen|fork|forkpty|exec[lv]|spawn|posix_spawn))"
)
# XML is read through defusedxml; the tree classes it makes may be named.
NEVER = re.compile(
    r"^((pickle|marshal|shelve|dill|xml\.(dom|sax)|os\.(system|popen))\b"
    r"|xml\.etree\.(c?ElementTree)\.(parse|iterparse|fromstring|fromstringlist|XML|XMLID|XMLParser|XMLPullParser)$)"
)


def test_no_file_is_longer_than_500_lines() -> None:
    long = {
        where(path): n
        for path in python_files("")
        if (n := path.read_bytes().count(b"\n")) > MOST_LINES
    }
    assert not long


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        where(path, line): f"{name}: {size}"
        for path in python_files("app", "packaging")
        for name, line, size in functions(path)
        if size > MOST_FUNCTION_LINES
    }
    assert not long


def test_no_except_is_silent() -> None:
    silent = [
        where(path, node.lineno)
        for path in python_files("app", "tests", "packaging")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and all(_says_nothing(line) for line in node.body)
    ]
    assert not silent


def _says_nothing(line: ast.stmt) -> bool:
    if isinstance(line, ast.Pass):
        return True
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


def _uses(pattern: re.Pattern[str], allowed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{where(path, line)} {name}"
        for path in python_files("app")
        if not where(path).startswith(allowed or ("\0",))
        for name, line in names_used(path)
        if pattern.match(name)
    ]


def test_threads_start_only_where_work_is_done() -> None:
    assert not _uses(THREADS, MAY_START_THREADS)


def test_processes_start_in_one_place() -> None:
    assert not _uses(PROCESSES, MAY_START_PROCESSES)


def test_what_runs_foreign_data_is_never_imported() -> None:
    assert not _uses(NEVER)


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "import subprocess\nimport threading\nfrom threading import Thread as T\nimport pickle\n"
        "from PySide6.QtCore import QThread\nimport xml.etree.ElementTree as E\nE.parse(1)\n"
        "lock = threading.Lock()\nt = threading.Thread()\nfrom concurrent.futures import Future\n"
    )
    used = [name for name, _ in names_used(planted)]
    assert [n for n in used if THREADS.match(n)] == [
        "threading.Thread",
        "PySide6.QtCore.QThread",
        "threading.Thread",
    ]
    assert [n for n in used if PROCESSES.match(n)] == ["subprocess"]
    assert [n for n in used if NEVER.match(n)] == ["pickle", "xml.etree.ElementTree.parse"]


def test_nothing_is_left_open_or_commented_off() -> None:
    word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
    found = [
        where(path, number)
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".bash", ""} and path.name != "requirements.lock"
        for number, line in enumerate(_text(path).splitlines(), 1)
        if word.search(line)
    ]
    assert not found


def test_an_ignored_rule_is_named_with_its_reason() -> None:
    bare = re.compile(r"#\s*(type:\s*ignore(?!\[)|pyright:\s*ignore(?!\[)|noqa(?!: [A-Z]+\d))")
    reasonless = re.compile(
        r"#\s*(type:\s*ignore\[[\w-]+\]|pyright:\s*ignore\[\w+\]|noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*)\s*$"
    )
    found = [
        where(path, number)
        for path in python_files("app")
        for number, line in enumerate(_text(path).splitlines(), 1)
        if bare.search(line) or reasonless.search(line)
    ]
    assert not found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
