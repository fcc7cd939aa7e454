"""What libmediainfo says, in the words of Rushes (which are ffprobe's), and how far to believe it.

Its report is JSON with text values. A stream is *sure* where every fact maps onto ffprobe's without a
doubt; anything else is looked at again by ffprobe. Its timecodes are not used: it miscounts some.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from app.core.media.quicktime import Track
from app.core.model.media import AudioStream, VideoStream

Report = Mapping[str, str]
"""One track of the report: name to text."""

_PICTURES: Final = {
    "AVC": "h264",
    "HEVC": "hevc",
    "ProRes": "prores",
    "MPEG Video": "mpeg2video",
    "VC-3": "dnxhd",
}
"""Formats whose pixel format follows from chroma, depth and range."""
_PROFILES: Final = {"422": "Standard", "422 HQ": "HQ", "422 LT": "LT", "422 Proxy": "Proxy"}
_LIMITED: Final = ("prores", "mpeg2video", "dnxhd")
"""Codecs that ffprobe reports as limited range where nothing is said."""
_MATRIX: Final = {"dnxhd": "bt709"}
"""Codecs that have a matrix of their own where nothing is said."""

_PRIMARIES: Final = {
    "BT.709": "bt709",
    "BT.601 NTSC": "smpte170m",
    "BT.601 PAL": "bt470bg",
    "BT.2020": "bt2020",
    "DCI P3": "smpte431",
    "Display P3": "smpte432",
}
_TRANSFERS: Final = {
    "BT.709": "bt709",
    "BT.601": "smpte170m",
    "HLG": "arib-std-b67",
    "PQ": "smpte2084",
    "Linear": "linear",
    "sRGB/sYCC": "iec61966-2-1",
    "BT.2020 (10-bit)": "bt2020-10",
    "BT.2020 (12-bit)": "bt2020-12",
}
_MATRICES: Final = {
    "BT.709": "bt709",
    "BT.601": "smpte170m",
    "BT.2020 non-constant": "bt2020nc",
    "BT.2020 constant": "bt2020c",
    "Identity": "gbr",
    "FCC 73.682": "fcc",
    "BT.470 System B/G": "bt470bg",
}
_RANGES: Final = {"Limited": "tv", "Full": "pc"}

_QUICKTIME_SOUND: Final = {
    "sowt": ("pcm_s8", "pcm_s16le"),
    "twos": ("pcm_s8", "pcm_s16be"),
    "alaw": ("pcm_alaw", "pcm_alaw"),
    "ulaw": ("pcm_mulaw", "pcm_mulaw"),
}
_MXF_SOUND: Final = {16: "pcm_s16le", 24: "pcm_s24le", 32: "pcm_s32le"}
_LOWEST_SURE_AAC = 32_000
"""Below this rate an AAC track may hide a second half of its band (implicit SBR)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one file."""

    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    doubts: tuple[str, ...]
    """What ffprobe must be asked, in words for the log; empty where all is sure."""


def read(
    tracks: Sequence[Report], container: str, structure: Sequence[Track] | None = None
) -> Streams:
    """The streams in a report.

    Args:
        tracks: the report's tracks in order.
        container: `mov,mp4` or `mxf`: it decides how sound is named.
        structure: the tracks of a QuickTime file, which know more about some facts.
    """
    boxes = {str(track.track_id): track for track in structure or ()}
    pictures = [one for one in tracks if one.get("@type") == "Video"]
    sounds = [one for one in tracks if one.get("@type") == "Audio"]
    doubts: list[str] = []
    video = _video(pictures[0], boxes, doubts) if pictures else None
    audio = tuple(_audio(one, container, boxes, doubts) for one in sounds)
    if structure is not None:
        shown = sum(track.handler in ("vide", "soun") for track in structure)
        if shown != len(pictures) + len(sounds):
            doubts.append("libmediainfo sees other streams than the file has")
    elif not pictures and not sounds:
        doubts.append("libmediainfo sees no streams")
    return Streams(video, audio, tuple(doubts))


def _video(report: Report, boxes: Mapping[str, Track], doubts: list[str]) -> VideoStream:
    box = boxes.get(report.get("ID", ""))
    form = report.get("Format", "")
    codec = _PICTURES.get(form, "")
    if form == "MPEG Video" and report.get("Format_Version") == "1":
        codec = "mpeg1video"
    colour_range = _RANGES.get(_of_stream(report, "colour_range"))
    pix_fmt = _pix_fmt(report, codec, colour_range)
    width, height = (
        _whole(report.get(f"Sampled_{side}") or report.get(side, "")) for side in _SIDES
    )
    if not codec or pix_fmt is None or not width or not height:
        doubts.append(f"the picture is {form or 'unknown'}")
    if report.get("ScanType") != "Progressive":
        doubts.append("fields, or nothing said about them")
    return VideoStream(
        index=box.index if box else _whole(report.get("StreamOrder", "")),
        codec=codec or form.lower(),
        width=width,
        height=height,
        pix_fmt=pix_fmt,
        profile=_PROFILES.get(report.get("Format_Profile", ""), report.get("Format_Profile")),
        rotation=box.rotation if box else 0,
        sample_aspect=_sample_aspect(report, box, doubts),
        field_order="progressive",
        colour_range=colour_range or ("tv" if codec in _LIMITED else None),
        colour_matrix=_MATRICES.get(_of_stream(report, "matrix_coefficients"), _MATRIX.get(codec)),
        colour_primaries=_PRIMARIES.get(_of_stream(report, "colour_primaries")),
        colour_transfer=_TRANSFERS.get(_of_stream(report, "transfer_characteristics")),
        bit_rate=_whole(report.get("BitRate", "")) or None,
    )


_SIDES = ("Width", "Height")


def _of_stream(report: Report, name: str) -> str:
    """A colour fact as the stream has it: where the container differs, decoders follow the stream."""
    if "Stream" in report.get(f"{name}_Original_Source", ""):
        return report.get(f"{name}_Original", "").partition(" / ")[0]
    return report.get(name, "")


def _pix_fmt(report: Report, codec: str, colour_range: str | None) -> str | None:
    chroma = report.get("ChromaSubsampling", "").partition(" ")[0].replace(":", "")
    if codec == "prores":
        # 4444 may carry alpha, which only its frames tell.
        return "yuv422p10le" if report.get("Format_Profile") in _PROFILES else None
    depth = _whole(report.get("BitDepth", ""))
    if chroma not in ("420", "422", "444") or report.get("ColorSpace") not in ("YUV", None):
        return None
    if codec == "dnxhd" and (chroma != "422" or depth not in (8, 10)):
        return None
    if depth == 8:
        full = colour_range == "pc" and codec in ("h264", "hevc")
        return f"yuv{'j' if full else ''}{chroma}p"
    return f"yuv{chroma}p{depth}le" if depth in (9, 10, 12) else None


def _sample_aspect(report: Report, box: Track | None, doubts: list[str]) -> Fraction:
    if box is not None and box.sample_aspect is not None:
        return box.sample_aspect
    if report.get("PixelAspectRatio", "1.000") != "1.000":
        doubts.append("pixels that are not square")
    return Fraction(1)


def _audio(
    report: Report, container: str, boxes: Mapping[str, Track], doubts: list[str]
) -> AudioStream:
    box = boxes.get(report.get("ID", ""))
    rate = _whole(report.get("SamplingRate", ""))
    channels = _whole(report.get("Channels", ""))
    depth = _whole(report.get("BitDepth", "")) or None
    codec = _sound_codec(report, container, box, rate, depth or 0)
    if not codec or not rate or not channels:
        doubts.append(f"the sound is {report.get('Format', 'unknown')}")
    return AudioStream(
        index=box.index if box else _whole(report.get("StreamOrder", "")),
        codec=codec or report.get("Format", "").lower(),
        channels=channels,
        sample_rate=rate,
        name=box.name if box else None,
        bit_depth=depth,
    )


def _sound_codec(report: Report, container: str, box: Track | None, rate: int, depth: int) -> str:
    form = report.get("Format", "")
    if form == "PCM":
        return _pcm(report, container, box, depth)
    if form == "AAC":
        plain = report.get("Format_AdditionalFeatures") == "LC" and rate >= _LOWEST_SURE_AAC
        return "aac" if plain else ""
    return {"AC-3": "ac3", "ALAC": "alac"}.get(form, "")


def _pcm(report: Report, container: str, box: Track | None, depth: int) -> str:
    if container == "mxf":
        return (
            _MXF_SOUND.get(depth, "") if report.get("Format_Settings_Endianness") != "Big" else ""
        )
    code = box.codec if box else ""
    if code in _QUICKTIME_SOUND:
        return _QUICKTIME_SOUND[code][depth > 8] if depth in (8, 16) else ""
    order = {"Little": "le", "Big": "be"}.get(report.get("Format_Settings_Endianness", ""), "")
    sign = {"Signed": "s", "Float": "f"}.get(report.get("Format_Settings_Sign", ""), "")
    kinds = {"in24": ("s", 24), "in32": ("s", 32), "lpcm": (sign, depth), "ipcm": (sign, depth)}
    kind = kinds.get(code)
    known = kind is not None and kind in (("s", 16), ("s", 24), ("s", 32))
    return f"pcm_{kind[0]}{kind[1]}{order}" if kind and known and order else ""


def _whole(text: str) -> int:
    """The first whole number of a value such as `48000` or `48000 / 24000`; 0 where there is none."""
    word = text.partition(" ")[0].partition(".")[0]
    return int(word) if word.isascii() and word.isdigit() and len(word) < 12 else 0
