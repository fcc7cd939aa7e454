"""The import contracts of pyproject.toml hold, and they notice what they are there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import ROOT

PLANTED = {
    "app/core/review/planted.py": "import app.core.ingest\n",
    "app/core/planning/planted.py": "import sqlite3\n",
    "app/core/delivery/planted.py": "import boto3\n",
    "app/core/media/planted.py": "import PySide6.QtCore\nimport app.core.catalog\n",
    "app/cli/planted.py": "import mpv\nimport app.ui\n",
    "app/core/model/planted.py": "import app.core.platform\n",
    "app/core/post/planted.py": "import watchdog\nimport keyring\n",
    "app/core/work/planted.py": "import av\nimport opentimelineio\n",
    "app/core/placeless/__init__.py": "",
    "app/ui/widgets/planted.py": "import mpv\n",
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "import importlinter.cli as c; c.lint_imports_command()",
        "--no-cache",
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_holds() -> None:
    finished = _lint(ROOT)
    assert finished.returncode == 0, finished.stdout


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a copy in which every rule is broken once."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    shutil.copytree(ROOT / "app", copy / "app", ignore=shutil.ignore_patterns("__pycache__"))
    for name, body in PLANTED.items():
        (copy / name).parent.mkdir(exist_ok=True)
        (copy / name).write_text(body)
    finished = _lint(copy)
    assert finished.returncode == 1, finished.stdout
    return finished.stdout


@pytest.mark.parametrize(
    "complaint",
    [
        "app.core.review.planted -> app.core.ingest",
        "app.core.planning.planted -> sqlite3",
        "app.core.delivery.planted -> boto3",
        "app.core.media.planted -> PySide6",
        "app.core.media.planted -> app.core.catalog",
        "app.cli.planted -> mpv",
        "app.cli.planted -> app.ui",
        "app.core.model.planted -> app.core.platform",
        "app.core.post.planted -> watchdog",
        "app.core.post.planted -> keyring",
        "app.core.work.planted -> av",
        "app.core.work.planted -> opentimelineio",
        "app.ui.widgets.planted -> mpv",
        "placeless",
    ],
)
def test_a_planted_violation_is_named(complaint: str, complaints: str) -> None:
    assert complaint in complaints
