"""The guards of `tests/support/guards.py` really fail a test, and let a clean one pass."""

import subprocess
import sys

import pytest

from tests.support.source import ROOT

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
NO_TEXT = r"def test_it(): print('caf\udce9'); assert 'caf\udce9.mov' == ''"


CASES = {
    "clean": CLEAN,
    "announced": ANNOUNCED,
    "warns": WARNS,
    "silent": SILENT,
    "thread": THREAD,
    "child": CHILD,
    "python_warning": PYTHON_WARNING,
    "no_text": NO_TEXT,
}


@pytest.fixture(scope="module", params=[("-p", "no:xdist"), ("-n", "2")], ids=["one", "two"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of one run over all cases, in one process or in two at once."""
    folder = tmp_path_factory.mktemp("made")
    for name, body in CASES.items():
        (folder / f"test_{name}.py").write_text(body)
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    plugins = [
        "-p",
        "tests.support.guards",
        "-p",
        "tests.support.reports",
        "-p",
        "no:pytest-qt",
        "-p",
        "no:cacheprovider",
        *request.param,
    ]
    command = [sys.executable, "-m", "pytest", "-rA", *plugins, str(folder)]
    finished = subprocess.run(
        command, capture_output=True, errors="backslashreplace", check=False, cwd=ROOT
    )
    assert finished.returncode == 1, finished.stdout
    return finished.stdout


@pytest.mark.parametrize("name", ["clean", "announced"])
def test_clean_tests_pass(name: str, report: str) -> None:
    lines = [line for line in report.splitlines() if f"test_{name}.py::" in line]
    assert lines
    assert all(line.startswith("PASSED") for line in lines)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("warns", "unexpected log line: WARNING app.x: disk is slow"),
        ("silent", "expected log line did not come: never said"),
        ("thread", "left behind: thread forgotten"),
        ("child", "(sleep 30)"),
        ("python_warning", "UserWarning: old way"),
        ("no_text", ".mov' == ''"),
    ],
)
def test_unclean_tests_fail(name: str, complaint: str, report: str) -> None:
    assert complaint in report
    assert any(
        line.startswith(("FAILED", "ERROR")) and f"test_{name}.py::" in line
        for line in report.splitlines()
    )
