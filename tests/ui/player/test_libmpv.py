"""Finding libmpv, being without it, and leaving the program with it running."""

import locale
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.model.errors import Missing
from app.ui.player import libmpv

QUITTING = """
import sys
from fractions import Fraction
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from app.ui import tasks
from app.ui.player.core import CoreOptions
from app.ui.player.panel import PlayerPanel
from app.ui.player.source import PlayerSource
from app.ui.player.surfaces import SurfaceKind

app = QApplication(sys.argv)
panel = PlayerPanel(CoreOptions(audio_device=False), SurfaceKind.SOFTWARE)
panel.show()
panel.frame_changed.connect(lambda frame: app.quit() if frame > 5 else None)
panel.show_clip(proxy=None, original=PlayerSource(Path(sys.argv[1]), Fraction(25), 50))
panel.engine.play()
QTimer.singleShot(30_000, app, lambda: app.exit(9))
code = app.exec()
if sys.argv[2] == "closed":
    panel.close_player()
tasks.shut()
sys.exit(code)
"""


def test_the_named_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "libmpv.so.2"
    library.write_bytes(b"")
    monkeypatch.setenv(libmpv.ENVIRONMENT, str(tmp_path))
    assert next(libmpv.candidates()) == str(library)
    monkeypatch.setenv(libmpv.ENVIRONMENT, str(library))
    assert next(libmpv.candidates()) == str(library)


def test_what_cannot_be_loaded_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libmpv.so.2").write_bytes(b"no library")
    monkeypatch.setenv(libmpv.ENVIRONMENT, str(tmp_path))
    assert not libmpv.find().startswith(str(tmp_path))


def test_a_library_in_the_working_folder_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "libmpv.so.2").write_bytes(b"planted")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(libmpv.ENVIRONMENT, raising=False)
    assert not [name for name in libmpv.candidates() if name.startswith((".", str(tmp_path)))]


def test_without_libmpv_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mpv", raising=False)
    monkeypatch.setattr(libmpv, "candidates", lambda: iter(()))
    monkeypatch.setattr(libmpv.ctypes.util, "find_library", lambda _name: None)
    with pytest.raises(Missing) as told:
        libmpv.load()
    assert "libmpv2" in told.value.todo
    assert "mpv" not in sys.modules


def test_numbers_are_read_in_the_c_locale() -> None:
    libmpv.load()
    assert locale.setlocale(locale.LC_NUMERIC) == "C"


@pytest.mark.parametrize("way", ["closed", "left"])
def test_quitting_while_it_plays_is_clean(clip25: Path, way: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", QUITTING, str(clip25), way],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        cwd=Path(__file__).parents[3],
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "QThread" not in done.stderr
