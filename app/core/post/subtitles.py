"""Transcripts as SRT, VTT, plain text and JSON, in media time or source timecode. Pure functions."""

from app.core.model.entities import Segment, Transcript, Word
from app.core.post.subtitle_clock import Clock, Times
from app.core.post.subtitle_cues import Cue, cues


def srt(transcript: Transcript, clock: Clock, times: Times) -> str:
    """SubRip. The speaker stands before the words where somebody else begins to speak."""
    blocks: list[str] = []
    for number, cue in enumerate(cues(transcript.segments, named=True), 1):
        start, end = _span(cue, clock, times)
        text = "\n".join(_plain(line) for line in cue.lines)
        blocks.append(f"{number}\n{_clock_text(start, ',')} --> {_clock_text(end, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(transcript: Transcript, clock: Clock, times: Times) -> str:
    """WebVTT, each voice marked with `<v>`."""
    blocks = ["WEBVTT\n"]
    for cue in cues(transcript.segments):
        start, end = _span(cue, clock, times)
        if cue.voices:
            each = zip(cue.voices, cue.lines, strict=True)
            text = "\n".join(_voice(speaker) + _escaped(line) for speaker, line in each)
        else:
            text = _voice(cue.speaker) + "\n".join(_escaped(line) for line in cue.lines)
        blocks.append(f"{_clock_text(start, '.')} --> {_clock_text(end, '.')}\n{text}\n")
    return "\n".join(blocks)


def _voice(speaker: str | None) -> str:
    return f"<v {_escaped(speaker)}>" if speaker else ""


def txt(transcript: Transcript, clock: Clock, times: Times) -> str:
    """One line a segment: label, speaker, words."""
    lines: list[str] = []
    for each in transcript.segments:
        speaker = f"{_plain(each.speaker)}: " if each.speaker else ""
        lines.append(f"[{clock.label(each.start, times)}] {speaker}{_plain(each.text)}\n")
    return "".join(lines)


def as_json(transcript: Transcript, clock: Clock, times: Times) -> dict[str, object]:
    """The object of `rushes transcript --json`."""
    return {
        "language": transcript.language,
        "model": transcript.model,
        "segments": [_segment_json(each, clock, times) for each in transcript.segments],
    }


def _span(cue: Cue, clock: Clock, times: Times) -> tuple[int, int]:
    start = clock.milliseconds(cue.start, times)
    return start, max(start + 1, clock.milliseconds(cue.end, times))


def _clock_text(milliseconds: int, mark: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    return (
        f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{thousandths:03d}"
    )


def _plain(text: str) -> str:
    """One line without control characters, and without what would read as a cue's times or a tag."""
    bare = "".join(letter if letter.isprintable() else " " for letter in text)
    bare = bare.replace("-->", "->").replace("<", "‹").replace(">", "›")
    return " ".join(bare.split())


def _escaped(text: str) -> str:
    """One line of WebVTT text."""
    bare = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return bare.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _segment_json(segment: Segment, clock: Clock, times: Times) -> dict[str, object]:
    first, after = clock.frames(segment.start, segment.end)
    return {
        "start": clock.label(segment.start, times),
        "end": clock.label(segment.end, times),
        "start_frame": first,
        "end_frame": after,
        "text": segment.text,
        "speaker": segment.speaker,
        "language": segment.language,
        "corrected": segment.corrected,
        "words": [_word_json(word, clock) for word in segment.words],
    }


def _word_json(word: Word, clock: Clock) -> dict[str, object]:
    first, after = clock.frames(word.start, word.end)
    return {
        "text": word.text,
        "start_frame": first,
        "end_frame": after,
        "confidence_permille": word.permille,
    }
