from fractions import Fraction

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.model.entities import Audio, Segment, Transcript, Word
from app.core.model.media import ClipKind
from app.ui.inspector import transcript_layout as places
from app.ui.inspector.transcript import TranscriptView
from app.ui.inspector.transcript_page import Making, TranscriptPage
from app.ui.inspector.transcript_paint import found
from app.ui.shell.commands import keeps
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


def test_a_click_beside_a_word_goes_to_the_nearest_one(qtbot: QtBot, view: TranscriptView) -> None:
    wanted: list[int] = []
    view.seek_wanted.connect(wanted.append)
    block = view.blocks[1]
    line = block.layout.lineAt(0)

    def click(x: int, y: int) -> int:
        at = QPoint(places.MARGIN + x, block.top + y)
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        return wanted.pop()

    def edge(letter: int) -> int:
        x = line.cursorToX(letter)
        return int(x[0] if isinstance(x, tuple) else x)

    text, words = block.text, block.head + 14
    gap = text.index(" comes")
    assert click(edge(gap) + 1, words) == 137  # the end of "tide", said at 5.5 s
    assert click(edge(gap + 1) - 1, words) == 6 * 25  # before "comes"
    assert click(edge(len(text)) + 60, words) == 187  # past "six"
    assert click(-8, words) == 5 * 25  # before "The"
    assert click(edge(gap) + 1, block.height - 2) == 137  # under the line
    assert click(edge(gap) + 1, 9) == 5 * 25  # its timecode: the segment


def test_past_the_end_of_a_line_is_its_last_word(view: TranscriptView) -> None:
    words = "We went out before it was light and came back when the tide had turned at noon"
    told = Transcript("en", "base", (segment(0, words),))
    view.show_transcript(clip(frames=25 * 200), told)
    block = view.blocks[0]
    first, second = block.layout.lineAt(0), block.layout.lineAt(1)
    last = max((w for w in block.words if w.first < second.textStart()), key=lambda w: w.first)
    assert block.word_near(QPointF(first.width() + 40, first.y() + 4)) == last
    assert block.word_near(QPointF(-5, second.y() + 4)) == block.words[block.words.index(last) + 1]


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


def test_the_time_stays_to_be_read_while_words_are_corrected(view: TranscriptView) -> None:
    for index, block in enumerate(view.blocks):
        view._edit_block(index)
        assert view._editor is not None
        top = block.top - view.verticalScrollBar().value() + places.GAP
        time = QRect(0, top, view.viewport().width(), block.head - 2)
        assert not view._editor.geometry().intersects(time)
        assert view._editor.geometry().top() <= top + block.head + 2
        view._end_edit()


def parts(*texts: str, reached: int | None = None) -> Transcript:
    """A transcript of sentences ten seconds apart."""
    segments = tuple(segment(10 * n, text) for n, text in enumerate(texts))
    return Transcript("en", "base", segments, None if reached is None else reached * 16_000)


def test_f2_corrects_and_is_no_shortcut_of_the_window(view: TranscriptView) -> None:
    """The window's own F2 is another act: what has the focus goes first."""
    plain = Qt.KeyboardModifier.NoModifier
    key = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_F2, plain)
    assert keeps(view, key)
    assert not keeps(QWidget(), key)
    other = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_J, plain, "j")
    assert not keeps(view, other), "J plays, also here"


def test_the_next_part_leaves_place_and_laid_out_text_alone(view: TranscriptView) -> None:
    made = clip(frames=25 * 400)
    lines = [f"Line {n} of what was said" for n in range(30)]
    view.show_transcript(made, parts(*lines, reached=300))
    view.verticalScrollBar().setValue(400)
    view.show_frame(25 * 121)
    place, said = view.verticalScrollBar().value(), view.said_now()
    assert said[0] == "Line 12 of what was said"
    before = list(view.blocks)
    view.show_transcript(made, parts(*lines, "One more", reached=310))
    assert view.verticalScrollBar().value() == place
    assert view.said_now() == said
    assert len(view.blocks) == 31
    assert all(new is old for new, old in zip(view.blocks, before, strict=False))
    view.resize(300, 260)
    assert view.blocks[0] is not before[0]
    view.show_transcript(made, parts("Another word altogether", reached=5))
    assert view.said_now() == ("", "")


def test_a_part_that_comes_while_somebody_types_waits(qtbot: QtBot, view: TranscriptView) -> None:
    made = clip(frames=25 * 400)
    view.show_transcript(made, parts("The tied comes in", reached=10))
    view._edit_block(0)
    assert view._editor is not None
    view._editor.setPlainText("The tide com")
    view.show_transcript(made, parts("The tide comes", "At six"))
    view.resize(380, 200)
    assert [block.text for block in view.blocks] == ["The tied comes in"]
    assert view._editor.toPlainText() == "The tide com"
    said: list[tuple[int, int, str, object]] = []
    view.corrected.connect(lambda *a: said.append((*a, [b.text for b in view.blocks])))
    qtbot.keyClick(view._editor, Qt.Key.Key_Return)
    assert said[0][2] == "The tide com"
    assert said[0][4] == ["The tied comes in"], "what it corrects is still there to be read"
    assert [block.text for block in view.blocks] == ["The tide comes", "At six"]


def test_the_page_says_how_far_the_words_come(qtbot: QtBot) -> None:
    page = TranscriptPage()
    qtbot.addWidget(page)
    page.resize(420, 260)
    page.show()
    made = clip(frames=25 * 400, audio=(Audio("pcm_s24le", 2, 48_000, None),))
    again: list[bool] = []
    page.retry_wanted.connect(lambda: again.append(True))
    page.show_transcript(made, None, "It is made in the background.", making=Making(waits=""))
    assert page.empty.isVisible()
    assert page.empty.words.text() == "It is made in the background."
    assert page.empty.button.isVisible()
    page.show_making(Making(sound_runs=True, permille=340))
    assert page.empty.words.text().endswith("34 %")
    page.show_making(Making(runs=True))
    assert page.empty.heading.text() == "Listening …"
    assert not page.empty.button.isVisible()
    running = Making(runs=True, permille=250)
    page.show_transcript(made, parts("The tide", reached=130), "", making=running)
    assert page.view.isVisible()
    assert page.strip.words.text() == "Listening … so far up to 01:02:10:00"
    assert page.strip.bar.value() == 250
    page.show_making(Making())
    assert page.strip.words.text() == "So far up to 01:02:10:00; the rest follows"
    assert not page.strip.bar.isVisible()
    page.show_making(Making(failure="The speech worker stopped {1}"))
    assert page.strip.words.text().endswith("did not go on: The speech worker stopped {1}")
    qtbot.mouseClick(page.strip.again, Qt.MouseButton.LeftButton)
    assert again == [True]
    page.show_transcript(made, parts("The tide", "At six"), "")
    assert page.view.isVisible()
    assert not page.strip.isVisible()
    page.show_transcript(made, None, "", making=Making(failure="It broke", called_off=True))
    assert page.empty.heading.text() == "Transcribing was called off"
    qtbot.mouseClick(page.empty.button, Qt.MouseButton.LeftButton)
    assert again == [True, True]
    page.show_transcript(made, parts(), "The speech model heard no words.")
    assert page.empty.heading.text() == "Nobody speaks here"


def test_a_clip_without_sound_offers_no_transcribing(qtbot: QtBot) -> None:
    page = TranscriptPage()
    qtbot.addWidget(page)
    page.show()
    page.show_transcript(clip(frames=250), None, "This clip has no sound.")
    assert page.empty.isVisible()
    assert not page.empty.button.isVisible()


def test_what_was_searched_for_is_found_where_it_stands() -> None:
    assert found("The tide, the TIDE", ("tide",)) == [(4, 8), (14, 18)]
    assert found("straße tide", ("tide",)) == []


def test_sound_clips_are_labelled_by_their_own_start(qtbot: QtBot) -> None:
    made = TranscriptView()
    qtbot.addWidget(made)
    sound = clip(kind=ClipKind.AUDIO, rate=Fraction(48_000), frames=48_000 * 60)
    made.show_transcript(sound, Transcript("en", "base", (segment(2, "hello"),)))
    assert made.blocks[0].label == "01:00:02:00"
