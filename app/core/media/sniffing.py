"""What a file is, by its first bytes; a name decides only where bytes cannot.

Nothing is handed to a media library before this says that it looks like media. Playlists, edit lists,
session descriptions and drawings are refused here whatever they are called: they point elsewhere.
"""

import dataclasses
import enum
import re
from pathlib import PurePath

from app.core.model.media import ClipKind

HEAD_BYTES = 4096


class Sort(enum.Enum):
    """How a file is read."""

    QUICKTIME = "quicktime"
    SOUND = "sound"
    """RIFF/WAVE, RF64, BW64, Wave64, AIFF: read by Rushes itself."""
    MXF = "mxf"
    STREAM = "stream"
    """A container that only ffprobe reads exactly."""
    STILL = "still"
    NOTHING = "nothing"


@dataclasses.dataclass(frozen=True, slots=True)
class Sniffed:
    """The answer for one file."""

    sort: Sort
    demuxers: tuple[str, ...] = ()
    """The only demuxers of ffmpeg that may open it."""
    container: str = ""
    """Its common name: `mov`, `matroska`, `png` …"""
    code: str = ""
    """Where it is no media: `empty`, `refused`, `not-media`."""
    words: str = ""
    """Why, for a person."""


_MAGIC: tuple[tuple[int, bytes, Sort, str, tuple[str, ...]], ...] = (
    (0, b"\x1aE\xdf\xa3", Sort.STREAM, "matroska", ("matroska", "webm")),
    (0, b"fLaC", Sort.STREAM, "flac", ("flac",)),
    (0, b"OggS", Sort.STREAM, "ogg", ("ogg",)),
    (0, b"ID3", Sort.STREAM, "mp3", ("mp3", "aac", "flac", "aiff")),
    (0, b"FLV\x01", Sort.STREAM, "flv", ("flv",)),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sort.STREAM, "asf", ("asf",)),
    (0, b"\x00\x00\x01\xba", Sort.STREAM, "mpeg", ("mpeg",)),
    (0, b"\x00\x00\x01\xb3", Sort.STREAM, "mpegvideo", ("mpegvideo",)),
    (0, b"\x1f\x07\x00", Sort.STREAM, "dv", ("dv",)),
    (0, b"caff", Sort.STREAM, "caf", ("caf",)),
    (0, b".snd", Sort.STREAM, "au", ("au",)),
    (0, b"#!AMR", Sort.STREAM, "amr", ("amr",)),
    (0, b"wvpk", Sort.STREAM, "wavpack", ("wv",)),
    (0, b"DKIF", Sort.STREAM, "ivf", ("ivf",)),
    (0, b"\x0b\x77", Sort.STREAM, "ac3", ("ac3", "eac3")),
    (0, b"\x7f\xfe\x80\x01", Sort.STREAM, "dts", ("dts", "dtshd")),
    (0, b"\x00\x00\x00\x00\x01\xbc", Sort.STREAM, "gxf", ("gxf",)),
    (0, b"\x89PNG\r\n\x1a\n", Sort.STILL, "png", ("png_pipe",)),
    (0, b"\xff\xd8\xff", Sort.STILL, "jpeg", ("jpeg_pipe", "image2")),
    (0, b"SDPX", Sort.STILL, "dpx", ("dpx_pipe",)),
    (0, b"XPDS", Sort.STILL, "dpx", ("dpx_pipe",)),
    (0, b"v/1\x01", Sort.STILL, "exr", ("exr_pipe",)),
    (0, b"8BPS", Sort.STILL, "psd", ("psd_pipe",)),
    (0, b"GIF8", Sort.STILL, "gif", ("gif", "gif_pipe")),
    (0, b"BM", Sort.STILL, "bmp", ("bmp_pipe",)),
    (0, b"II*\x00", Sort.STILL, "tiff", ("tiff_pipe",)),
    (0, b"MM\x00*", Sort.STILL, "tiff", ("tiff_pipe",)),
    (0, b"\x00\x00\x00\x0cjP  \r\n", Sort.STILL, "jpeg2000", ("j2k_pipe", "jp2", "mov")),
    (0, b"\xffO\xffQ", Sort.STILL, "jpeg2000", ("j2k_pipe",)),
    (0, b"\xff\x0a", Sort.STILL, "jxl", ("jpegxl_pipe", "image2")),
    (0, b"\x00\x00\x00\x0cJXL \r\n", Sort.STILL, "jxl", ("jpegxl_pipe", "image2")),
    (0, b"#?RADIANCE", Sort.STILL, "hdr", ("hdr_pipe",)),
)
_BOXES = frozenset((b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"pnot", b"styp", b"uuid"))
_STILL_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"))
_MXF_KEY = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"

_POINTERS = (
    (b"#EXTM3U", "It is a playlist"),
    (b"ffconcat", "It is a list of other files"),
    (b"# mpv EDL", "It is an edit list of other files"),
    (b"[playlist]", "It is a playlist"),
    (b"TITLE:", "It is an edit decision list"),
    (b"v=0", "It describes a network session"),
    (b"<?xml", "It is an XML document"),
    (b"<svg", "It is a drawing"),
    (b"<asx", "It is a playlist"),
    (b"<smil", "It is a playlist"),
    (b"<mpd", "It is a playlist"),
    (b"<!doctype", "It is a document"),
    (b"<html", "It is a document"),
)
_PICTURES = frozenset(
    (
        *("png", "jpg", "jpeg", "jpe", "thm", "dpx", "cin", "exr", "tif", "tiff", "dng", "psd"),
        *("gif", "bmp", "webp", "heic", "heif", "hif", "avif", "jxl", "jp2", "j2k", "hdr"),
    )
)
_SOUNDS = frozenset(
    (
        *("wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "mp3", "mp2", "m4a", "m4b"),
        *("aac", "flac", "ogg", "oga", "opus", "wma", "ac3", "eac3", "dts", "caf", "au", "snd"),
        *("amr", "wv"),
    )
)
_FILMS = frozenset(
    (
        *(
            "mov",
            "qt",
            "mp4",
            "m4v",
            "mxf",
            "mts",
            "m2ts",
            "m2t",
            "ts",
            "mpg",
            "mpeg",
            "m1v",
            "m2v",
        ),
        *(
            "vob",
            "mod",
            "tod",
            "avi",
            "mkv",
            "webm",
            "wmv",
            "asf",
            "flv",
            "f4v",
            "3gp",
            "3g2",
            "ogv",
        ),
        *("dv", "dif", "gxf", "lxf", "mj2", "mjpeg", "h264", "264", "avc", "h265", "265", "hevc"),
        *("y4m", "ivf", "obu", "wtv", "insv", "360", "lrv", "lrf"),
    )
)
_TEXT = re.compile(rb"^[\t\n\v\f\r\x1b\x20-\x7e\x80-\xff]+$")


def sniff(head: bytes, size: int, name: PurePath | str) -> Sniffed:
    """What a file is.

    Args:
        head: its first `HEAD_BYTES` bytes.
        size: its length.
        name: its name, for formats without a mark of their own.
    """
    if size == 0:
        return _nothing("empty", "The file is empty.")
    known = _known(head, size, PurePath(name).suffix.lower())
    if known is not None:
        return known
    return _not_media(head)


def _nothing(code: str, words: str) -> Sniffed:
    return Sniffed(Sort.NOTHING, code=code, words=words)


def _known(head: bytes, size: int, suffix: str) -> Sniffed | None:
    if head[4:8] in _BOXES and _box_fits(head, size):
        return _boxed(head)
    if _MXF_KEY in head:
        return Sniffed(Sort.MXF, ("mxf",), "mxf")
    found = _riff(head)
    if found is not None:
        return found
    for at, mark, sort, container, demuxers in _MAGIC:
        if head.startswith(mark, at):
            return Sniffed(sort, demuxers, container)
    return _unmarked(head, suffix)


def _box_fits(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:4], "big")
    return length in (0, 1) or 8 <= length <= max(size, 1 << 20) or head[4:8] == b"mdat"


def _boxed(head: bytes) -> Sniffed:
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return Sniffed(Sort.STILL, ("mov",), "avif" if head[8:12] == b"avif" else "heif")
    return Sniffed(Sort.QUICKTIME, ("mov", "mp4"), "mov,mp4")


def _riff(head: bytes) -> Sniffed | None:
    form = head[8:12]
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and form == b"WAVE":
        return Sniffed(Sort.SOUND, ("wav",), "wav")
    if head[:4] == b"riff" and head[4:8] == b"\x2e\x91\xcf\x11":
        return Sniffed(Sort.SOUND, ("w64",), "w64")
    if head[:4] == b"FORM" and form in (b"AIFF", b"AIFC"):
        return Sniffed(Sort.SOUND, ("aiff",), "aiff")
    if head[:4] == b"RIFF" and form == b"AVI ":
        return Sniffed(Sort.STREAM, ("avi",), "avi")
    if head[:4] == b"RIFF" and form == b"WEBP":
        return Sniffed(Sort.STILL, ("webp_pipe",), "webp")
    return None


def _unmarked(head: bytes, suffix: str) -> Sniffed | None:
    """Streams without a mark: packets that repeat, and what only the name tells."""
    for length, at in ((188, 0), (192, 4), (204, 0)):
        packets = range(at, min(len(head), at + length * 8), length)
        if len(packets) >= 3 and all(head[place] == 0x47 for place in packets):
            return Sniffed(Sort.STREAM, ("mpegts",), "mpegts")
    if suffix in (".mp3", ".mp2") and _frame_header(head):
        return Sniffed(Sort.STREAM, ("mp3",), "mp3")
    if suffix == ".aac" and head[:1] == b"\xff" and head[1:2] and head[1] & 0xF6 == 0xF0:
        return Sniffed(Sort.STREAM, ("aac",), "aac")
    if head.startswith((b"\x00\x00\x00\x01", b"\x00\x00\x01")):
        raw = {".h264": "h264", ".264": "h264", ".avc": "h264", ".h265": "hevc", ".hevc": "hevc"}
        if suffix in raw:
            return Sniffed(Sort.STREAM, (raw[suffix],), raw[suffix])
    return None


def _frame_header(head: bytes) -> bool:
    return len(head) > 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[2] & 0xF0 != 0xF0


def _not_media(head: bytes) -> Sniffed:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, words in _POINTERS:
        if start[: len(mark)].lower() == mark.lower():
            return _nothing("refused", f"{words}, not media: it is not opened.")
    if not head.strip(b"\0"):
        return _nothing("not-media", "The file holds zeros and no media.")
    if _TEXT.match(head):
        return _nothing("not-media", "The file holds text and no media.")
    return _nothing("not-media", "The file holds no media that is known here.")


def expected_kind(name: PurePath | str) -> ClipKind:
    """What sort of clip a name promises, for files that cannot be read."""
    extension = PurePath(name).suffix[1:].lower()
    if extension in _PICTURES:
        return ClipKind.STILL
    if extension in _SOUNDS:
        return ClipKind.AUDIO
    return ClipKind.VIDEO if extension in _FILMS else ClipKind.DOCUMENT
