"""Subtitles: exact times, lines that fit, order, escaping; drone telemetry told from captions."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.entities import Segment, Transcript, Word
from app.core.model.timecode import Timebase
from app.core.post.subtitle_clock import Clock, Times
from app.core.post.subtitle_cues import LINE_LENGTH, LINES, cues
from app.core.post.subtitles import as_json, srt, txt, vtt
from app.core.post.telemetry import is_telemetry_srt

PAL = Clock(Fraction(25), Timebase(Fraction(25)), 90_000)
DROP = Clock(Fraction(30000, 1001), Timebase(Fraction(30000, 1001), drop=True), 107_892)
FILM = Clock(Fraction(24000, 1001), Timebase(Fraction(24000, 1001)), None)
SOUND = Clock(Fraction(48_000), Timebase(Fraction(25)), 90_000)


def seg(
    start: int, end: int, text: str, speaker: str | None = None, language: str = "en"
) -> Segment:
    parts = text.split() if language == "en" else list(text)
    step = max(1, (end - start) // max(1, len(parts)))
    words = tuple(
        Word(start + n * step, start + (n + 1) * step, 900, part) for n, part in enumerate(parts)
    )
    return Segment(start, end, text, speaker, language, words)


def transcript(*segments: Segment) -> Transcript:
    return Transcript("en", "base@0", segments)


HELLO = transcript(
    seg(8_000, 40_000, "The tide comes in at six.", "Anna"), seg(48_000, 64_000, "Yes.", "Ben")
)


def test_srt_in_media_time() -> None:
    assert srt(HELLO, PAL, Times.MEDIA) == (
        "1\n00:00:00,500 --> 00:00:02,500\nAnna: The tide comes in at six.\n\n"
        "2\n00:00:03,000 --> 00:00:04,000\nBen: Yes.\n"
    )


def test_srt_in_source_timecode_reads_like_the_label() -> None:
    assert "01:00:00,480 --> 01:00:02,480" in srt(HELLO, PAL, Times.SOURCE)
    assert PAL.label(8_000) == "01:00:00:12"


def test_drop_frame_labels_and_clips_without_timecode() -> None:
    assert DROP.label(0) == "01:00:00;00"
    assert DROP.label(16_000 * 60) == "01:00:59;28"
    assert DROP.milliseconds(16_000 * 60, Times.SOURCE) == 3_659_933
    assert FILM.milliseconds(16_000, Times.SOURCE) == 1000
    assert FILM.label(16_000) == "00:00:00:23"


def test_sound_counts_labels_at_its_label_rate() -> None:
    assert SOUND.frames(16_000, 32_000) == (48_000, 96_000)
    assert SOUND.label(24_000) == "01:00:01:12"


def test_cues_run_on_past_midnight() -> None:
    late = Clock(Fraction(25), Timebase(Fraction(25)), 24 * 90_000 - 25)
    text = srt(
        transcript(seg(0, 8_000, "before"), seg(32_000, 40_000, "after")), late, Times.SOURCE
    )
    assert "23:59:59,000" in text
    assert "24:00:01,000" in text


def test_a_frame_map_decides_where_frames_are_not_equally_spaced() -> None:
    clock = Clock(
        Fraction(30), Timebase(Fraction(30)), None, frame_at=lambda seconds: int(seconds * 10)
    )
    assert clock.frames(16_000, 32_000) == (10, 20)


def test_vtt_marks_voices_and_escapes() -> None:
    text = vtt(transcript(seg(0, 16_000, "a <b> & c --> d", "A<nn>a")), PAL, Times.MEDIA)
    assert text.startswith("WEBVTT\n\n")
    assert "<v A&lt;nn&gt;a>a &lt;b&gt; &amp; c --&gt; d" in text


def test_two_who_speak_at_once_share_a_cue() -> None:
    both = transcript(
        seg(384, 48_000, "The silver lantern hangs there.", "Anna"),
        seg(1_920, 40_000, "I never saw it.", "Ben"),
    )
    assert srt(both, PAL, Times.MEDIA).splitlines()[1:4] == [
        "00:00:00,024 --> 00:00:03,000",
        "- Anna: The silver lantern hangs there.",
        "- Ben: I never saw it.",
    ]
    assert "<v Anna>- The silver lantern hangs there.\n<v Ben>- I never" in vtt(
        both, PAL, Times.MEDIA
    )


def test_where_two_do_not_fit_the_later_waits_until_the_earlier_could_be_read() -> None:
    words = "The silver lantern hangs at the very end of the long pier, as ever."
    first, *rest = cues([seg(0, 64_000, words, "Anna"), seg(1_600, 80_000, words, "Ben")])
    assert first.end - first.start >= len(words) * 16_000 // 20 - 16_000 // 20
    assert rest[0].start == first.end


def test_srt_cannot_be_broken_by_its_text() -> None:
    text = srt(
        transcript(seg(0, 16_000, "x\n\n2\n00:00:00,000 --> 00:00:01,000\n<i>y")), PAL, Times.MEDIA
    )
    assert text.count("-->") == 1
    assert "<" not in text
    assert text.count("\n\n") == 0


def test_txt_and_json() -> None:
    assert (
        txt(HELLO, PAL, Times.SOURCE).splitlines()[0]
        == "[01:00:00:12] Anna: The tide comes in at six."
    )
    value = as_json(HELLO, PAL, Times.SOURCE)
    assert value["language"] == "en"
    first = value["segments"][0]
    assert (first["start"], first["start_frame"], first["end_frame"]) == ("01:00:00:12", 12, 63)


def test_two_lines_are_about_equally_long_and_clauses_end_cues() -> None:
    words = "When the tide comes in at six, nobody can leave the harbour any more, so we wait for morning."
    cut = cues([seg(0, 96_000, words)])
    assert [" ".join(cue.lines) for cue in cut] == [
        "When the tide comes in at six, nobody can leave the harbour any more,",
        "so we wait for morning.",
    ]
    lengths = [len(line) for line in cut[0].lines]
    assert max(lengths) - min(lengths) < 12


def test_text_without_word_times_and_without_spaces_is_cut_too() -> None:
    plain = Segment(0, 160_000, "word " * 60, None, "en", ())
    wide = seg(0, 160_000, "潮" * 90, language="ja")
    for cue in cues([plain]) + cues([wide]):
        assert len(cue.lines) <= LINES
    assert all(len(line) <= LINE_LENGTH // 2 for cue in cues([wide]) for line in cue.lines)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2_000_000),
            st.integers(0, 200_000),
            st.text(max_size=120),
            st.sampled_from([None, "Anna", "B<e>n\n"]),
        ),
        max_size=8,
    ),
    st.sampled_from([PAL, DROP, FILM, SOUND]),
    st.sampled_from(list(Times)),
)
def test_cues_are_ordered_fit_and_stay_apart(
    raw: list[tuple[int, int, str, str | None]], clock: Clock, times: Times
) -> None:
    segments = [seg(start, start + length, text, speaker) for start, length, text, speaker in raw]
    cut = cues(segments, named=True)
    for cue in cut:
        assert len(cue.lines) <= LINES
        assert all(len(line) <= LINE_LENGTH for line in cue.lines)
    starts = [cue.start for cue in cut]
    assert starts == sorted(starts)
    written = srt(transcript(*segments), clock, times)
    spans = re.findall(r"(\d+):(\d\d):(\d\d),(\d{3}) --> (\d+):(\d\d):(\d\d),(\d{3})", written)
    assert len(spans) == len(cut)
    previous = -1
    for span in spans:
        numbers = [int(part) for part in span]
        start, end = (
            ((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (numbers[:4], numbers[4:])
        )
        assert previous <= start < end
        previous = start


TELEMETRY = (
    "1\n00:00:00,000 --> 00:00:00,033\n<font>SrtCnt : 1, DiffTime : 33ms\n[iso : 100] [latitude: 41.4]</font>\n",
    "1\n00:00:01,000 --> 00:00:02,000\nHOME(-58.4,-34.7) 2017.07.03 10:15:03\nISO:100 Shutter:400 EV:0\n",
    "1\n00:00:00,000 --> 00:00:01,000\nF/2.8, SS 30.15, ISO 260, EV -1.7, GPS (-121.7, 48.0, 17), D 221.21m\n",
)


@pytest.mark.parametrize("text", TELEMETRY)
def test_telemetry_is_no_caption(text: str) -> None:
    assert is_telemetry_srt("\ufeff" + text.replace("\n", "\r\n"))


def test_captions_are_no_telemetry() -> None:
    assert not is_telemetry_srt("")
    assert not is_telemetry_srt("not a subtitle at all")
    assert not is_telemetry_srt(srt(HELLO, PAL, Times.MEDIA))
    mostly = (
        srt(HELLO, PAL, Times.MEDIA) + "\n3\n00:01:00,000 --> 00:01:01,000\nthe ISO: 100 joke\n"
    )
    assert not is_telemetry_srt(mostly)
