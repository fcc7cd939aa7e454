from fractions import Fraction

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from app.core.model.entities import Segment, Transcript, Word
from app.core.model.media import ClipKind
from app.ui.inspector import transcript_layout as places
from app.ui.inspector.transcript import TranscriptView
from app.ui.inspector.transcript_paint import found
from tests.ui.made import clip


def segment(start: int, text: str, speaker: str = "Marit", *, doubtful: str = "") -> Segment:
    """A segment whose words take half a second each, from a second on."""
    words = tuple(
        Word(
            start * 16_000 + n * 8_000,
            start * 16_000 + (n + 1) * 8_000,
            300 if word == doubtful else 900,
            f" {word}",
        )
        for n, word in enumerate(text.split())
    )
    return Segment(start * 16_000, words[-1].end, text, speaker, "en", words)


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    made = TranscriptView()
    qtbot.addWidget(made)
    made.resize(420, 260)
    made.show()
    segments = (
        segment(0, "We went out before it was light"),
        segment(5, "The tide comes in at six", doubtful="six"),
        *(segment(10 + 4 * n, f"Line {n} of what was said") for n in range(30)),
    )
    made.show_transcript(clip(frames=25 * 200), Transcript("en", "base", segments))
    return made


def test_words_are_found_in_the_text_that_is_shown_also_after_a_correction() -> None:
    heard = segment(0, "the tied comes in")
    assert [w.first for w in places.place(heard, "the tied comes in")] == [0, 4, 9, 15]
    corrected = places.place(heard, "the tide comes in")
    assert [w.word.text.strip() for w in corrected] == ["the", "comes", "in"]


def test_it_follows_playback_word_by_word(view: TranscriptView) -> None:
    view.show_frame(5 * 25 + 13)
    assert view.said_now() == ("The tide comes in at six", "tide")
    view.show_frame(5 * 25 + 26)
    assert view.said_now()[1] == "comes"
    view.show_frame(4 * 25 + 13)
    assert view.said_now() == ("", "")


def test_the_segment_being_said_stays_in_sight(view: TranscriptView) -> None:
    assert view.verticalScrollBar().value() == 0
    view.show_frame((10 + 4 * 28) * 25 + 5)
    assert view.verticalScrollBar().value() > 0
    view.grab()


def test_a_click_on_a_word_goes_to_its_frame(qtbot: QtBot, view: TranscriptView) -> None:
    wanted: list[int] = []
    view.seek_wanted.connect(wanted.append)
    block = view.blocks[1]
    x = block.layout.lineAt(0).cursorToX(block.text.index("comes") + 2)
    at = QPoint(
        places.MARGIN + int(x[0] if isinstance(x, tuple) else x), block.top + block.head + 14
    )
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert wanted == [6 * 25]


def test_keys_walk_the_segments_and_enter_goes_there(qtbot: QtBot, view: TranscriptView) -> None:
    wanted: list[int] = []
    view.seek_wanted.connect(wanted.append)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert wanted == [5 * 25]
    assert view.accessibleDescription() == "The tide comes in at six"


def test_a_correction_is_typed_in_place(qtbot: QtBot, view: TranscriptView) -> None:
    said: list[tuple[int, int, str, object]] = []
    view.corrected.connect(lambda *a: said.append(a))
    block = view.blocks[1]
    at = QPoint(places.MARGIN + 5, block.top + block.head + 14)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert view._editor is not None
    view._editor.setPlainText("The tide comes in at seven")
    qtbot.keyClick(view._editor, Qt.Key.Key_Return)
    assert said == [(block.segment.start, block.segment.end, "The tide comes in at seven", None)]
    assert view._editor is None


def test_what_was_searched_for_is_found_where_it_stands() -> None:
    assert found("The tide, the TIDE", ("tide",)) == [(4, 8), (14, 18)]
    assert found("straße tide", ("tide",)) == []


def test_sound_clips_are_labelled_by_their_own_start(qtbot: QtBot) -> None:
    made = TranscriptView()
    qtbot.addWidget(made)
    sound = clip(kind=ClipKind.AUDIO, rate=Fraction(48_000), frames=48_000 * 60)
    made.show_transcript(sound, Transcript("en", "base", (segment(2, "hello"),)))
    assert made.blocks[0].label == "01:00:02:00"
