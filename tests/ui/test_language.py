"""Every word of the window goes through translation: a made-up language puts marks around each, and none is without."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.ui.ingest.page import IngestPage
from app.ui.widgets import wording
from tests.support.source import ROOT
from tests.ui.bench import Bench

DATA = re.compile(
    r"/tmp\S+|Rushes|Harbour film|NAS Media|Archive 07|Ingrid Nilsen|\bIN\b|B002C\d+|clip\d+\.mov|x{9}|b002|R2EC"
    r"|Day 3|B cam|/|tmcd|prores|pcm|kHz|\bTC\b|OpenTimelineIO|Lav|\.ts|\{\w+\}|original|proxy|media|away|essence|poster|ready|local|ext4"
)
"""What a person or the media said, and names that are the same in every language."""


class Marked(QTranslator):
    """A language in which every text stands between marks."""

    def isEmpty(self) -> bool:  # noqa: N802 - the name Qt calls
        return False

    def translate(
        self, _context: str, source: str, _comment: str | None = None, _n: int = -1
    ) -> str:
        return f"«{source}»"


@pytest.fixture
def language(qapp: QApplication) -> Iterator[None]:
    made = Marked(qapp)
    qapp.installTranslator(made)
    yield
    qapp.removeTranslator(made)


def _texts(root: QWidget) -> Iterator[tuple[str, str]]:
    for widget in root.findChildren(QWidget):
        where = f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        if isinstance(widget, QLabel | QAbstractButton):
            yield where, widget.text()
        elif isinstance(widget, QLineEdit | QPlainTextEdit):
            yield where, widget.placeholderText()
        elif isinstance(widget, QComboBox):
            yield from ((where, widget.itemText(n)) for n in range(widget.count()))
        elif isinstance(widget, QTabBar):
            yield from ((where, widget.tabText(n)) for n in range(widget.count()))
        yield f"tip of {where}", widget.toolTip()


def _untranslated(root: QWidget) -> list[str]:
    found: list[str] = []
    for where, text in _texts(root):
        bare = DATA.sub("", re.sub(r"«.*?»", "", text, flags=re.DOTALL))
        # Keys in brackets behind a tip are named as the keyboard has them.
        bare = re.sub(r"\([^)]*\)", "", bare)
        if re.search(r"[A-Za-zäöü]{3,}", bare):
            found.append(f"{where}: {text!r}")
    return sorted(set(found))


@pytest.mark.usefixtures("language")
def test_every_word_goes_through_translation(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path / "home")
    try:
        bench.choose(0)
        bench.services.notes.add(bench.library.stage.clip.id, 0, None, "B002C001")
        for page in ("plan", "ingest", "review", "deliver", "library"):
            bench.work.show_page(page)
            bench.settle()
        for panel in bench.work.panels.all:
            panel.open()
            bench.settle()
        # What the core says of a failure is in its own words.
        left = [text for text in _untranslated(bench.window) if "Cover" not in text]
        assert "\n".join(left) == ""
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("words", "one", "many"),
    [
        (wording.clips, "1 clip", "{0} clips"),
        (wording.files, "1 file", "{0} files"),
        (lambda n: IngestPage.tr("%Ln entries seen", "", n), "1 entry seen", "{0} entries seen"),
    ],
)
def test_one_is_singular(words: Callable[[int], str], one: str, many: str) -> None:
    assert words(1) == one
    assert words(1200) == many.format(QLocale().toString(1200))


def test_the_translation_files_are_those_of_the_program() -> None:
    """`packaging/translations` brings them up to date; English has a singular for each plural."""
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / "translations", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("", 0)


def test_no_text_counts_without_its_singular() -> None:
    """A number before a plural goes through Qt's counted forms, never through `{0}`."""
    counted = re.compile(
        r"\{\d\} (clips|files|entries|notes|volumes|folders|stars|objects|times|channels)\b"
    )
    found = [
        f"{path.name}: {match[0]}"
        for path in (ROOT / "app" / "ui").rglob("*.py")
        for match in counted.finditer(path.read_text("utf-8"))
    ]
    assert found == []
