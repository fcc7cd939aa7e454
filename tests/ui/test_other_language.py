"""A language brought along as one file: the window speaks it, plurals and the errors of the core among its words."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.core.model.errors import RushesError
from app.ui import tasks
from app.ui.main import translate
from app.ui.widgets import core_words, wording
from tests.support.source import ROOT
from tests.ui.bench import Bench

GERMAN = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
  <context><name>Wording</name>
    <message numerus="yes"><source>%Ln clips</source><translation>
      <numerusform>%Ln Clip</numerusform><numerusform>%Ln Clips</numerusform></translation></message>
  </context>
  <context><name>SettingsPage</name>
    <message><source>Settings</source><translation>Einstellungen</translation></message>
  </context>
  <context><name>core</name>
    <message><source>Height of rows.</source><translation>Höhe der Zeilen.</translation></message>
    <message><source>Density</source><translation>Dichte</translation></message>
    <message><source>Not a range</source><translation>Kein Bereich</translation></message>
    <message><source>Frames {0} to {1} are no range within its {2}: out must come after in.</source>
      <translation>In seinen {2} Bildern ist {0} bis {1} kein Bereich: Out liegt nach In.</translation></message>
  </context>
</TS>
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with a German file, made as a translator makes it."""
    folder = tmp_path / "home" / "translations"
    folder.mkdir(parents=True)
    source = tmp_path / "rushes_de.ts"
    source.write_text(GERMAN, "utf-8")
    tool = Path(sys.executable).with_name("pyside6-lrelease")
    subprocess.run([tool, "-silent", source, "-qm", folder / "rushes_de.qm"], check=True)
    return tmp_path / "home"


@pytest.fixture
def german(qapp: QApplication, home: Path) -> Iterator[Path]:
    """The program begun by somebody whose system speaks German."""
    before, locale = set(qapp.findChildren(QTranslator)), QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German, QLocale.Country.Germany))
    translate(qapp, home)
    yield home
    for made in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(made)
        made.deleteLater()
    QLocale.setDefault(locale)
    core_words.speak(foreign=False)


def _labels(bench: Bench) -> list[str]:
    return [label.text() for label in bench.window.findChildren(QLabel)]


def test_the_window_speaks_a_language_that_was_brought_along(qtbot: QtBot, german: Path) -> None:
    bench = Bench(qtbot, german)
    try:
        bench.work.show_page("settings")
        bench.settle()
        assert {"Einstellungen", "Dichte", "Höhe der Zeilen."} <= set(_labels(bench))
        assert (wording.clips(1), wording.clips(1200)) == ("1 Clip", "1.200 Clips")
        with pytest.raises(RushesError) as caught:
            bench.services.log.mark_range(bench.ids[0], 200, 100)
        tasks.report(caught.value)
        bench.settle()
        assert "Kein Bereich" in _labels(bench)
        assert "In seinen 250 Bildern ist 200 bis 100 kein Bereich: Out liegt nach In." in _labels(
            bench
        )
        # What is not translated yet is said in English, with its singular.
        assert wording.files(1) == "1 file"
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("speaks", "said"), [("de_DE.UTF-8", "1 Clip Dichte"), ("en_GB.UTF-8", "1 clip Density")]
)
def test_the_language_is_that_of_the_system(home: Path, speaks: str, said: str) -> None:
    program = (
        "import sys; from pathlib import Path; from app.ui.main import make_application;"
        "app = make_application(Path(sys.argv[1])); from app.ui.widgets import core_words, wording;"
        "print(wording.clips(1), core_words.core('Density'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, home],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": speaks, "LANGUAGE": "", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said


def test_a_damaged_file_of_a_language_is_passed_over(qapp: QApplication, tmp_path: Path) -> None:
    folder = tmp_path / "translations"
    folder.mkdir()
    (folder / "rushes_de.qm").write_bytes(b"no words" * 100)
    before, locale = set(qapp.findChildren(QTranslator)), QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    try:
        translate(qapp, tmp_path)
        assert wording.clips(1) == "1 clip"
    finally:
        for made in set(qapp.findChildren(QTranslator)) - before:
            qapp.removeTranslator(made)
        QLocale.setDefault(locale)
        core_words.speak(foreign=False)
