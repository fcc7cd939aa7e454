"""The guards of `tests/support/guards.py` really fail a test, and let a clean one pass."""

import subprocess
import sys
from pathlib import Path

import pytest

CLEAN = "def test_it(): pass"
WARNS = "import logging\ndef test_it(): logging.getLogger('app.x').warning('disk is slow')"
ANNOUNCED = """
import logging
def test_it(expect_log):
    expect_log("disk is slow")
    logging.getLogger("app.x").warning("disk is slow")
"""
SILENT = "def test_it(expect_log): expect_log('never said')"
THREAD = """
import threading
def test_it(): threading.Thread(target=threading.Event().wait, name="forgotten", daemon=True).start()
"""
CHILD = """
import subprocess
kept = []
def test_it(): kept.append(subprocess.Popen(["sleep", "30"]))
def teardown_module(): kept[0].kill(); kept[0].wait()
"""
PYTHON_WARNING = "import warnings\ndef test_it(): warnings.warn('old way')"


def _run(body: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "test_made.py").write_text(body)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    plugins = [
        "-p",
        "tests.support.guards",
        "-p",
        "no:pytest-qt",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, str(folder)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
    )


@pytest.mark.parametrize("body", [CLEAN, ANNOUNCED])
def test_clean_tests_pass(body: str, tmp_path: Path) -> None:
    finished = _run(body, tmp_path)
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (WARNS, "unexpected log line: WARNING app.x: disk is slow"),
        (SILENT, "expected log line did not come: never said"),
        (THREAD, "left behind: thread forgotten"),
        (CHILD, "(sleep 30)"),
        (PYTHON_WARNING, "UserWarning: old way"),
    ],
)
def test_unclean_tests_fail(body: str, complaint: str, tmp_path: Path) -> None:
    finished = _run(body, tmp_path)
    assert finished.returncode == 1, finished.stdout
    assert complaint in finished.stdout
