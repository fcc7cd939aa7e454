"""What ffmpeg says, the labels of proxies, and commands: without running anything."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest

from app.core.media import command, tools
from app.core.media.derive_log import PassLog
from app.core.media.parity import timecode_label
from app.core.model.errors import Missing
from app.core.model.media import ClipKind, MediaFacts, StartTimecode, VideoStream

SAID = """\
[info] Input #0, mov, from 'file:/a/[error].mov':
frame=12
out_time_us=480000
progress=continue
[h264 @ 0x55d0] [error] error while decoding MB 3 4, bytestream -7
[Parsed_blackframe_7 @ 0x55d1] [info] frame:0 pblack:100 pts:0 t:0.0 type:I last_keyframe:0
frame= 25
out_time_us=1000000
progress=end
[info] bench: utime=1.250s stime=0.500s rtime=2.0s
[ebur128@loud1 @ 0x55d2] [info] Summary:

  Integrated loudness:
    I:         -23.1 LUFS
    Threshold: -33.3 LUFS

  Loudness range:
    LRA:         4.2 LU
    Threshold: -43.2 LUFS

  True peak:
    Peak:       -1.5 dBFS
[ebur128@loud0 @ 0x55d3] [info] Summary:

  Integrated loudness:
    I:         -70.0 LUFS

  True peak:
    Peak:       -inf dBFS
[fatal] Conversion failed!
"""


def test_the_log_is_read() -> None:
    told: list[tuple[int, int]] = []
    log = PassLog(lambda frames, microseconds: told.append((frames, microseconds)))
    for line in SAID.splitlines():
        log.take(line)
    assert told == [(12, 480000), (25, 1000000)]
    assert log.black == {0}
    assert log.cpu_seconds == Fraction(7, 4)
    assert log.errors >= 2
    assert "error while decoding MB 3 4, bytestream -7" in log.first_errors
    quiet, loud = log.loudness()
    assert (quiet.stream, quiet.integrated, quiet.true_peak) == (0, None, None)
    assert (loud.stream, loud.integrated, loud.span, loud.true_peak) == (1, -23.1, 4.2, -1.5)


def test_only_the_first_complaints_are_kept() -> None:
    log = PassLog(None)
    for number in range(5000):
        log.take(f"[h264 @ 0x1] [error] broken {number}")
    assert log.errors == 5000
    assert len(log.first_errors) == 20


@pytest.mark.parametrize(
    ("rate", "frame", "drop", "label"),
    [
        (Fraction(25), 90000, False, "01:00:00:00"),
        (Fraction(30000, 1001), 107892, True, "01:00:00;00"),
        (Fraction(30000, 1001), 1800, True, "00:01:00;02"),
        (Fraction(30000, 1001), 1800, False, "00:01:00:00"),
        (Fraction(60000, 1001), 3600, True, "00:01:00;04"),
        (Fraction(24000, 1001), 24 * 86400 + 5, False, "00:00:00:05"),
        (Fraction(100), 150, False, "00:00:01:50"),
    ],
)
def test_the_label_of_a_timecode_track(rate: Fraction, frame: int, drop: bool, label: str) -> None:
    facts = MediaFacts(
        kind=ClipKind.VIDEO,
        rate=rate,
        start=StartTimecode(frame, drop, "tmcd"),
        video=VideoStream(0, "h264", 16, 16),
    )
    assert timecode_label(facts) == label
    assert timecode_label(dataclasses.replace(facts, start=None)) is None


def test_a_name_stays_one_word_of_the_command() -> None:
    for name in ("-y.mov", "a:b", "%03d.mov", "x\ny.mov", "caf\udce9.mov", "[0:v];'.mov"):
        url = command.file_url(Path("/m") / name)
        source = command.named_input(url, **command.reading())
        out = command.to_output([source["0"].filter("scale", 16, 16)], "file:o.mov", {"c:v": "x"})
        words = command.command_line(Path("/usr/bin/ffmpeg"), [out], threads=1)
        assert words[words.index("-i") + 1] == f"file:/m/{name}"
        assert "-nostdin" in words
        assert words[words.index("-protocol_whitelist") + 1] == "file,pipe"


def test_no_demuxer_that_points_elsewhere_may_open_media() -> None:
    forbidden = {"hls", "concat", "concatf", "dash", "sdp", "rtsp", "rtp", "imf", "svg_pipe"}
    forbidden |= {
        "applehttp",
        "lavfi",
        "tedcaptions",
        "ffmetadata",
        "live_flv",
        "webm_dash_manifest",
    }
    assert not forbidden & set(command.DEMUXERS)
    assert "concat" in command.reading(("concat",))["format_whitelist"].split(",")


def test_programs_are_found_where_the_setting_says(tmp_path: Path) -> None:
    for name in ("ffmpeg", "ffprobe"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    assert tools.find("ffmpeg", str(tmp_path)) == tmp_path / "ffmpeg"
    assert tools.find("ffprobe", str(tmp_path / "ffmpeg")) == tmp_path / "ffprobe"
    with pytest.raises(Missing) as caught:
        tools.find("ffmpeg", str(tmp_path / "elsewhere"))
    assert caught.value.todo


def test_a_missing_program_comes_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}::.:relative")
    monkeypatch.setattr(tools, "_KNOWN_FOLDERS", ())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relative").mkdir()
    planted = tmp_path / "relative" / "ffmpeg"
    planted.write_text("#!/bin/sh\n")
    planted.chmod(0o755)
    with pytest.raises(Missing) as caught:
        tools.find("ffmpeg")
    assert "ffmpeg" in caught.value.todo
