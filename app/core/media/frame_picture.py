"""Turns a decoded frame into the bytes of a PNG or JPEG, upright and in the right colours. Worker only."""

import enum
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, SupportsBytes, cast

from app.core.media import colour
from app.core.model.errors import BadData

if TYPE_CHECKING:
    from av import VideoFrame


class _SideData(Protocol):
    """What PyAV's stubs leave untyped or wrong: the items of `VideoFrame.side_data`."""

    type: enum.Enum

    def __bytes__(self) -> bytes: ...


class _Encoder(Protocol):
    def encode(self, frame: "VideoFrame | None") -> "Iterable[SupportsBytes]": ...


_QUARTERS = {
    90: [("transpose", "cclock")],
    180: [("hflip", ""), ("vflip", "")],
    270: [("transpose", "clock")],
}
"""Filters for what PyAV calls the rotation: degrees counter-clockwise."""
_JPEG_QUALITY = 4
"""Of 2 (best) to 31."""


def png(frame: "VideoFrame") -> bytes:
    """The frame at full size, upright, as full-range RGB."""
    scale = _scale(frame, "flags=bicubic", "out_range=pc")
    return _encoded(_filtered(frame, [scale, ("format", "rgb24"), *_turns(frame)]), "png", "rgb24")


def jpeg(frame: "VideoFrame", *, longest: int, sample_aspect: Fraction) -> bytes:
    """The frame made small, upright and square-pixelled; JPEG is BT.601 full range by definition.

    Args:
        frame: what was decoded.
        longest: pixels of the longer side, at most; nothing is enlarged.
        sample_aspect: width of a pixel by its height.
    """
    width, height = fitted(frame.width, frame.height, sample_aspect, longest)
    target = ("out_color_matrix=bt601", "out_range=pc")
    scale = _scale(frame, f"w={width}:h={height}:flags=area", *target)
    small = _filtered(frame, [scale, ("format", "yuvj420p"), *_turns(frame)])
    return _encoded(small, "mjpeg", "yuvj420p")


def brightness(frame: "VideoFrame") -> float:
    """Mean of a tiny grey version, from 0 to 255."""
    tiny = frame.reformat(width=16, height=16, format="gray", interpolation="AREA")
    plane = tiny.planes[0]
    data = bytes(plane)
    rows = [data[row * plane.line_size :][:16] for row in range(16)]
    return sum(map(sum, rows)) / 256


def fitted(width: int, height: int, sample_aspect: Fraction, longest: int) -> tuple[int, int]:
    """Even size of a picture with square pixels, its longer side at most `longest`."""
    wide, high = width * (sample_aspect or Fraction(1)), Fraction(height)
    factor = min(Fraction(1), longest / max(wide, high))
    return max(2, int(wide * factor / 2) * 2), max(2, int(high * factor / 2) * 2)


def _scale(frame: "VideoFrame", *options: str) -> tuple[str, str]:
    """The filter that converts a frame from its own colours.

    Both fields of a frame are woven as they are stored, `interl=0`: as players and ffmpeg show it.
    """
    name = frame.format.name
    words = ["interl=0", *options]
    if not colour.is_rgb(name):
        number = colour.matrix(frame.colorspace, frame.width, frame.height)
        full = colour.is_full_range(frame.color_range or None, name)
        words += [
            f"in_color_matrix={colour.filter_name(number)}",
            f"in_range={'pc' if full else 'tv'}",
        ]
    return "scale", ":".join(words)


def _turns(frame: "VideoFrame") -> list[tuple[str, str]]:
    """The filters that make a frame upright, from the display matrix it carries."""
    try:
        found = list(cast("Iterable[_SideData]", frame.side_data))
    except ValueError:  # PyAV does not know every kind that libav gives, such as EXIF
        return _QUARTERS.get(frame.rotation % 360, [])
    for data in found:
        if data.type.name == "DISPLAYMATRIX":
            return turns(struct.unpack("<9i", bytes(data)[:36]))
    return []


def turns(matrix: Sequence[int]) -> list[tuple[str, str]]:
    """Filters (name, argument) for a display matrix of nine 16.16 numbers; quarter turns and mirrors."""
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    if abs(b) > abs(a):
        if b > 0:
            return [("transpose", "cclock_flip" if c > 0 else "clock")]
        return [("transpose", "clock_flip" if c < 0 else "cclock")]
    flips = [("hflip", "")] if a < 0 else []
    return flips + ([("vflip", "")] if d < 0 else [])


def _filtered(frame: "VideoFrame", filters: list[tuple[str, str]]) -> "VideoFrame":
    """A frame through filters; PyAV's own conversion places chroma of 10-bit pictures elsewhere."""
    from av.filter import Graph

    graph = Graph()
    last = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=Fraction(1, 25),
    )
    for name, argument in filters:
        step = graph.add(name, argument or None)
        last.link_to(step)
        last = step
    last.link_to(graph.add("buffersink"))
    graph.configure()
    graph.push(frame)
    turned = graph.pull()
    if not hasattr(turned, "planes"):
        raise BadData("Not a picture", "A filter gave no picture.")
    return turned  # pyright: ignore[reportReturnType] - a graph of picture filters gives pictures


def _encoded(frame: "VideoFrame", codec: str, pix_fmt: str) -> bytes:
    from av.codec.context import CodecContext
    from av.video.codeccontext import VideoCodecContext

    context = CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)  # noqa: S101 - both are picture codecs
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = pix_fmt
    context.time_base = Fraction(1, 25)
    if codec == "mjpeg":
        context.qmin = context.qmax = _JPEG_QUALITY
    frame.pts = 0
    encoder = cast("_Encoder", context)
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
