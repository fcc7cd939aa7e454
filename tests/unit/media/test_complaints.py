"""What ffmpeg complains about, in the words of the trade: lines as it writes them, and what they mean."""

from pathlib import Path

import pytest

from app.core.media import complaints, second_look
from app.core.media.survey import _unreadable
from app.core.model.errors import BadData, Passing
from app.core.platform.processes import Finished


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("moov atom not found", "its index (moov) is missing"),
        ("file:/a/b.mov: Invalid data found when processing input", "not what its name"),
        ("error while decoding MB 12 7, bytestream -5", "Parts of the picture"),
        ("concealing 1620 DC, 1620 AC, 1620 MV errors in P frame", "Parts of the picture"),
        ("stream 0, offset 0x3c: partial file", "It ends in the middle"),
        ("Packet corrupt (stream = 0, dts = 51200).", "It ends in the middle"),
        ("channel element 3.14 is not allocated", "Parts of the sound"),
        ("Decoder (codec none) not found for input stream #0:0", "no decoder for it"),
        ("non-existing PPS 0 referenced", "Its header is damaged"),
        ("Could not find codec parameters for stream 0", "Its header is damaged"),
        ("Invalid NAL unit size (12 > 4).", "Parts of the picture"),
    ],
)
def test_a_line_has_a_meaning(line: str, words: str) -> None:
    assert words in complaints.meaning([line])
    assert not any(mark in complaints.meaning([line]) for mark in ("MB ", "0x", "NAL", "atom"))
    assert complaints.technical([line]) == line.removeprefix("file:/a/b.mov: ")


@pytest.mark.parametrize(
    "name", ["audio: no decoder", "header sps", "no space left on device", "input/output error: x"]
)
def test_what_a_file_is_called_says_nothing_about_it(name: str) -> None:
    lines = [f"file:/vol/{name}/a.mov: Invalid data found when processing input"]
    assert complaints.meaning(lines).startswith("What it holds is not")
    assert complaints.technical(lines) == "Invalid data found when processing input"
    assert not complaints.is_full(lines)
    assert not complaints.is_silent(lines)
    assert complaints.meaning(["Error opening input file file:/vol/audio/a.mov."]) == ""


def test_each_meaning_is_told_once_and_two_at_most() -> None:
    lines = ["error while decoding MB 1 2", "error while decoding MB 3 4", "partial file"]
    told = complaints.meaning(lines)
    assert told.count("Parts of the picture are damaged.") == 1
    assert "It ends in the middle" in told
    assert complaints.meaning(["about to crash"]) == ""
    assert complaints.technical([*lines[:1] * 9, " "]) == lines[0]


def test_disks_are_told_from_media() -> None:
    assert complaints.is_full(["av_interleaved_write_frame(): No space left on device"])
    assert complaints.is_silent(["file:/nas/a.mov: Input/output error"])
    assert not complaints.is_full(["moov atom not found"])
    assert not complaints.is_silent(["moov atom not found"])


def test_a_file_that_does_not_open() -> None:
    def told(line: str) -> object:
        return _unreadable(Path("/nas/a.mov"), Finished(1, b"", line))

    bad = told("file:/nas/a.mov: moov atom not found")
    assert isinstance(bad, BadData)
    assert "recording stops in the middle" in bad.message
    assert "moov atom" in bad.detail
    assert isinstance(told("file:/nas/a.mov: Input/output error"), Passing)


def test_a_memory_that_no_file_needs_is_the_header_s_fault() -> None:
    words = second_look._unreadable("Cannot allocate memory")
    assert words.startswith("Its header promises more than any file holds.")
