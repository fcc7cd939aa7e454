"""What foreign programs say, read with care: libmediainfo's report and ffprobe's JSON."""

import dataclasses
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.media import facts_building, ffprobe, look_lines, mediainfo_report, second_look
from app.core.media.ffprobe import Probed
from app.core.media.look_lines import Look, Request
from app.core.media.start_labels import Written
from app.core.model.errors import Missing, Passing, Refused
from app.core.model.media import ClipKind, MediaFacts, StartTimecode, VideoStream
from app.core.platform.processes import Finished

AVC = {
    "@type": "Video",
    "ID": "1",
    "StreamOrder": "0",
    "Format": "AVC",
    "Format_Profile": "High",
    "Width": "1920",
    "Height": "1080",
    "PixelAspectRatio": "1.000",
    "ColorSpace": "YUV",
    "ChromaSubsampling": "4:2:0",
    "BitDepth": "8",
    "ScanType": "Progressive",
}


@pytest.mark.parametrize(
    ("frames", "seconds", "size", "believed"),
    [
        (24, 1, 24, True),
        (25, 1, 24, False),
        (24, 99 * 86400, 5000, True),
        (24, 101 * 86400, 5000, False),
    ],
)
def test_a_length_that_no_file_of_its_size_has_is_not_believed(
    frames: int, seconds: int, size: int, believed: bool
) -> None:
    told = MediaFacts(ClipKind.VIDEO, frames=frames, duration=Fraction(seconds))
    found = facts_building.believable(told, size)
    if believed:
        assert found == told
        return
    assert (found.frames, found.duration) == (None, None)
    assert [(p.code, p.fatal) for p in found.problems] == [("too-large", True)]
    sound = MediaFacts(ClipKind.AUDIO, frames=10**9, duration=Fraction(20000))
    assert facts_building.believable(sound, 5000) == sound, "silence is packed into nothing"


def answered(document: object, *, code: int = 0, stderr: str = "") -> Probed:
    return ffprobe.read(Finished(code, json.dumps(document).encode(), stderr))


def test_a_known_picture_is_sure() -> None:
    found = mediainfo_report.read([AVC], "mov,mp4")
    assert found.doubts == ()
    assert found.video is not None
    assert (found.video.codec, found.video.pix_fmt) == ("h264", "yuv420p")


@pytest.mark.parametrize(
    ("changes", "pix_fmt"),
    [
        ({"BitDepth": "10", "ChromaSubsampling": "4:2:2"}, "yuv422p10le"),
        ({"colour_range": "Full", "colour_range_Source": "Stream"}, "yuvj420p"),
        (
            {
                "colour_range": "Limited",
                "colour_range_Original": "Full",
                "colour_range_Original_Source": "Stream",
            },
            "yuvj420p",
        ),
        ({"Format": "HEVC", "BitDepth": "10"}, "yuv420p10le"),
        ({"Format": "ProRes", "Format_Profile": "422 LT", "BitDepth": ""}, "yuv422p10le"),
        ({"Format": "VC-3", "ChromaSubsampling": "4:2:2"}, "yuv422p"),
    ],
)
def test_pixel_formats_have_ffmpeg_s_names(changes: dict[str, str], pix_fmt: str) -> None:
    found = mediainfo_report.read([AVC | changes], "mov,mp4")
    assert found.doubts == ()
    assert found.video is not None
    assert found.video.pix_fmt == pix_fmt


@pytest.mark.parametrize(
    "changes",
    [
        {"ScanType": "Interlaced"},
        {"ScanType": ""},
        {"PixelAspectRatio": "1.333"},
        {"Format": "ProRes", "Format_Profile": "4444"},
        {"Format": "CineForm"},
        {"ColorSpace": "RGB"},
        {"Width": ""},
    ],
)
def test_anything_else_is_asked_again(changes: dict[str, str]) -> None:
    assert mediainfo_report.read([AVC | changes], "mov,mp4").doubts


def test_a_low_aac_rate_may_hide_more_band() -> None:
    aac = {"@type": "Audio", "Format": "AAC", "Format_AdditionalFeatures": "LC", "Channels": "2"}
    assert mediainfo_report.read([aac | {"SamplingRate": "24000"}], "mov,mp4").doubts
    assert not mediainfo_report.read([aac | {"SamplingRate": "48000"}], "mov,mp4").doubts


def test_ffprobe_streams_are_read() -> None:
    document: dict[str, Any] = {
        "format": {"format_name": "mxf", "duration": "3.003000", "tags": {"TIMECODE": "01:00:00;00"}},
        "streams": [
            {"index": 0, "codec_type": "video", "codec_name": "mpeg2video", "width": 1920, "height": 1080,
             "r_frame_rate": "30000/1001", "avg_frame_rate": "0/0", "field_order": "tt",
             "sample_aspect_ratio": "4:3", "nb_read_packets": "90",
             "side_data_list": [{"rotation": -90}]},
            {"index": 1, "codec_type": "audio", "codec_name": "pcm_s24le", "channels": 2,
             "sample_rate": "48000", "time_base": "1/48000", "duration_ts": 144144,
             "tags": {"reel_name": "A1"}},
        ],
    }  # fmt: skip
    found = answered(document)
    assert found.video is not None
    assert (found.video.rotation, found.video.sample_aspect) == (90, Fraction(4, 3))
    assert (found.video.field_order, found.packets) == ("tt", 90)
    assert (found.duration, found.timecode, found.reel) == (Fraction("3.003"), "01:00:00;00", "A1")
    assert found.samples == 144144


def test_a_cover_is_no_picture() -> None:
    cover = {"codec_type": "video", "codec_name": "mjpeg", "disposition": {"attached_pic": 1}}
    sound = {"codec_type": "audio", "codec_name": "mp3", "channels": 2, "sample_rate": "44100"}
    found = answered({"streams": [cover, sound]})
    assert found.picture_only_attached
    assert found.video is None


def test_failures_are_told_without_paths() -> None:
    found = answered(
        {}, code=1, stderr="file:/secret/name: x.mov: Invalid data found when processing input"
    )
    assert found.error == "Invalid data found when processing input"
    assert "signal 11" in answered({}, code=-11).error
    assert ffprobe.read(Finished(-9, b"", "", timed_out=True)).timed_out


odd = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=12) | some.floats(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner),
    max_leaves=12,
)
keys = some.sampled_from(
    (
        *(
            "codec_type",
            "codec_name",
            "width",
            "height",
            "r_frame_rate",
            "avg_frame_rate",
            "duration",
        ),
        *(
            "sample_rate",
            "channels",
            "tags",
            "side_data_list",
            "disposition",
            "nb_frames",
            "time_base",
        ),
    )
)
stream = some.dictionaries(keys, odd | some.sampled_from(["video", "audio", "1/0", "-1/1", "9e9"]))


@given(some.fixed_dictionaries({"format": odd | stream, "streams": odd | some.lists(stream)}))
def test_any_json_is_read_without_falling(document: dict[str, Any]) -> None:
    found = answered(document)
    assert found.duration is None or 0 < found.duration <= ffprobe.LONGEST_DURATION
    second_look.joined(Look(MediaFacts(ClipKind.VIDEO)), found)


@given(some.binary(max_size=60))
def test_any_answer_is_read_without_falling(data: bytes) -> None:
    assert ffprobe.read(Finished(0, data, "")).error or data.strip()


def probed(real: str, mean: str, order: str = "progressive", packets: int | None = None) -> Probed:
    video = VideoStream(0, "h264", 320, 180, "yuv420p", field_order=order)
    return Probed(
        video=video,
        real_rate=Fraction(real),
        mean_rate=Fraction(mean),
        packets=packets,
        duration=Fraction(2),
    )


@pytest.mark.parametrize(
    ("answer", "rate", "vfr"),
    [
        (probed("25", "25"), Fraction(25), False),
        (probed("50", "25", "tt"), Fraction(25), False),
        (probed("30000/1001", "72000/2401"), Fraction(30000, 1001), True),
        (probed("90000", "750000/71393"), Fraction(750000, 71393), True),
        (probed("30", "1530/59"), Fraction(30), True),
        (probed("30000/1001", "359640/12001"), Fraction(30000, 1001), False),
    ],
)
def test_the_nominal_rate_is_the_one_a_person_would_name(
    answer: Probed, rate: Fraction, vfr: bool
) -> None:
    assert second_look.nominal_rate(answer) == (rate, vfr)


def test_fields_packed_apart_are_two_packets_a_frame() -> None:
    facts = second_look.joined(Look(MediaFacts(ClipKind.VIDEO)), probed("50", "25", "tt", 26))
    assert (facts.frames, facts.frames_exact) == (13, True)


def test_an_uncounted_length_is_an_estimate() -> None:
    facts = second_look.joined(Look(MediaFacts(ClipKind.VIDEO)), probed("25", "25"))
    assert (facts.frames, facts.frames_exact) == (50, False)


def test_what_our_own_readers_know_stays() -> None:
    own = MediaFacts(
        ClipKind.VIDEO,
        rate=Fraction(24),
        frames=7,
        start=StartTimecode(5, False, "tmcd"),
        origins={"rate": "quicktime", "frames": "quicktime", "start": "tmcd"},
    )
    facts = second_look.joined(Look(own), probed("25", "25", packets=50))
    assert (facts.rate, facts.frames, facts.vfr) == (Fraction(24), 7, False)
    assert facts.origins["video"] == "ffprobe"


def test_lines_carry_any_name_and_any_error() -> None:
    request = Request(Path("/vol/bad\udcff\nname.mov"), Path("/vol"), mediainfo=False)
    line = look_lines.request_line(request)
    assert "\n" not in line
    assert look_lines.read_request(line) == request
    look = Look(MediaFacts(ClipKind.VIDEO, rate=Fraction(30000, 1001)), 5, ("mov",), ("why",))
    assert look_lines.read_answer(look_lines.answer_line(look)) == look
    labelled = dataclasses.replace(look, label=Written("10:00:00:05", True, "avchd", later=2))
    assert look_lines.read_answer(look_lines.answer_line(labelled)) == labelled
    for sort in (Refused, Missing, Passing):
        with pytest.raises(sort, match="words"):
            look_lines.read_answer(look_lines.refusal_line(sort("title", "words")))
