"""The lane without PySide6 and mpv proves something: they cannot be imported, and the core can."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys
from tests.support.without_qt import Hider
sys.meta_path.insert(0, Hider())
import app.core, app.cli
for package in (app.core, app.cli):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
print(len([name for name in sys.modules if name.startswith("app.")]))
"""


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_every_core_and_cli_module_imports_without_qt() -> None:
    finished = _python("-c", IMPORT_ALL)
    assert finished.returncode == 0, finished.stderr
    assert int(finished.stdout) > 20


def test_the_plugin_hides_qt_from_a_test(tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text("def test_it():\n    import PySide6.QtCore\n")
    plugins = ["-p", "tests.support.without_qt", "-p", "no:pytest-qt", "-p", "no:cacheprovider"]
    finished = _python("-m", "pytest", "-q", *plugins, str(tmp_path))
    assert finished.returncode == 1
    assert "PySide6 is hidden in this run" in finished.stdout


def test_the_run_stops_where_qt_was_there_first(tmp_path: Path) -> None:
    (tmp_path / "test_made.py").write_text("def test_it(): pass\n")
    finished = _python(
        "-m",
        "pytest",
        "-q",
        "-p",
        "PySide6.QtCore",
        "-p",
        "tests.support.without_qt",
        str(tmp_path),
    )
    assert finished.returncode == 1
    assert "not hidden" in finished.stdout + finished.stderr
