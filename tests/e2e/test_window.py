"""The first paragraph of the story, in the window: footage in, words found, a note, the word, the bucket, the timeline."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.platform import settings
from app.ui import tasks
from app.ui.main import translate
from app.ui.main_window import MainWindow
from app.ui.player.states import PlayerState
from app.ui.shell.opening import Opening
from app.ui.theme import style, tokens
from tests.e2e.conftest import SPEAKS
from tests.support.s3_server import S3Server

pytestmark = [pytest.mark.timeout(300), pytest.mark.s3, pytest.mark.speech]
PATIENCE_MS = 120_000
WORDS = "wakes before the town"
"""Of what is said: the part that the model spells as it was written."""


class Story:
    """One window on an empty data folder, with everything real behind it."""

    def __init__(self, qtbot: QtBot, home: Path) -> None:
        self.qtbot = qtbot
        self.window = MainWindow()
        self.window.resize(1400, 900)
        self.opening = Opening(self.window, home, None, watch=False)
        self.window.show()
        # Shortcuts belong to the active window, and without a window manager nobody activates one.
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)
        self.opening.begin()
        self.until(lambda: self.opening.workbench is not None)
        self.bench = self.opening.workbench
        self.library = self.bench.library
        self.player = self.library.stage.player
        self.until(lambda: self.window.stack.count() > 1)
        self.until(self.window.isActiveWindow)

    def until(self, holds: Callable[[], object], what: str = "") -> None:
        self.qtbot.waitUntil(lambda: bool(holds()), timeout=PATIENCE_MS)
        assert holds(), what

    def rest(self) -> None:
        assert tasks.wait()

    def key(self, *what: object) -> None:
        focus = QApplication.focusWidget() or self.window
        self.qtbot.keyClick(focus, *what)

    def close(self) -> None:
        self.window.close()
        self.opening.close()
        shiboken6.delete(self.window)


@pytest.fixture
def server() -> Iterator[S3Server]:
    with S3Server(buckets=("dailies",)) as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture
def story(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Story]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    settings.set_value(home, "sync.grace_seconds", "0")
    settings.set_value(home, "ingest.quiet_seconds", "1")
    style.apply(qapp, tokens.DARK)
    translate(qapp)
    made = Story(qtbot, home)
    yield made
    made.close()


def test_from_a_folder_of_footage_to_the_bucket_and_the_timeline(
    story: Story, footage: Path, server: S3Server, tmp_path: Path
) -> None:
    _introduce(story, footage)
    _find_what_was_said(story)
    _write_a_note(story)
    _approve_and_send(story, server)
    _export(story, tmp_path / "picks.otio")


def _introduce(story: Story, footage: Path) -> None:
    page = story.window.stack.currentWidget()
    story.qtbot.keyClicks(page._name, "Ingrid Nilsen")
    page._project.setText("Harbour film")
    page._folder.setText(str(footage))
    page._go.click()
    story.until(lambda: len(story.library.clips) == 4, "four clips in the grid")
    story.bench.panels.add_volume.shut()
    story.until(lambda: ("09:41:07:12", "A001R1AB") in _starts(story), "timecode and reel")
    engine = story.opening._opened.services.engine
    story.until(lambda: engine.finished() > 8 and engine.idle(), "all work done")
    story.rest()


def _starts(story: Story) -> set[tuple[str, str | None]]:
    cards = [story.library.clips.card(position) for position in range(4)]
    return {(card.start, card.reel) for card in cards if card is not None}


def _find_what_was_said(story: Story) -> None:
    story.bench.do("search")
    field = story.window.header.search
    story.qtbot.keyClicks(field, WORDS)
    story.until(lambda: story.library.browser.moments.first() is not None, "a moment")
    hit = story.library.browser.moments.first()
    assert hit.field == "transcript"
    story.qtbot.keyClick(field, Qt.Key.Key_Return)
    story.until(lambda: story.library.stage.clip is not None)
    engine = story.player.engine
    story.until(lambda: engine.state is PlayerState.READY, "the clip is open")
    story.until(lambda: engine.frame == hit.start_frame, "the frame it was said on")
    transcript = story.library.stage.inspector.transcript
    story.until(lambda: transcript.said_now()[1].strip(".,").casefold() == "wakes")


def _write_a_note(story: Story) -> None:
    frame = story.player.engine.frame
    story.player.viewer.setFocus()
    story.key(Qt.Key.Key_Period)
    story.until(lambda: story.player.engine.frame == frame + 1, "one frame on")
    story.key(Qt.Key.Key_Semicolon)
    line = story.library.stage.inspector.notes.entry.line
    story.until(line.hasFocus)
    story.qtbot.keyClicks(line, "Hold this look")
    story.qtbot.keyClick(line, Qt.Key.Key_Return)
    story.until(lambda: story.library.stage.detail.open_notes == 1)
    note = story.library.stage.detail.notes[0]
    assert (note.start_frame, note.end_frame, note.author_name) == (
        frame + 1,
        frame + 2,
        "Ingrid Nilsen",
    )


def _approve_and_send(story: Story, server: S3Server) -> None:
    story.bench.do("approve")
    story.until(lambda: story.library.stage.detail.decision is not None)
    story.bench.show_page("deliver")
    panel = story.bench.panels.target
    story.bench._pages["deliver"].target_wanted.emit(None)
    panel._name.setText("dailies")
    panel._bucket.setText("dailies")
    panel._endpoint.setText(server.url)
    panel._look.click()
    story.until(lambda: _button(panel, "Confirm") is not None, "what would be sent")
    words = [w.text() for w in panel.findChildren(QLabel)]
    assert any(w.startswith("1 clip approved, the originals: 1 object,") for w in words), words
    _button(panel, "Confirm").click()
    status = story.window.status
    story.until(lambda: "synced 1 of 1" in status._sync.text(), "verified in the bucket")


def _button(panel, text: str) -> QPushButton | None:
    found = [b for b in panel.findChildren(QPushButton) if b.text().startswith(text)]
    return found[0] if found else None


def _export(story: Story, out: Path) -> None:
    story.bench.show_page("library")
    story.bench.do("export")
    panel = story.bench.panels.export
    panel._path.setText(str(out))
    panel._go.click()
    story.until(panel._said.isVisible)
    assert panel._said.text().startswith("✓")
    timeline = json.dumps(json.loads(out.read_text()))
    assert Path(SPEAKS).stem in timeline
    assert "Hold this look" in timeline
