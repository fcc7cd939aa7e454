"""Argument lists for ffmpeg and ffprobe, so built that a name is never anything but a name.

Media is named `file:/absolute/path`: never an option, protocol or pattern. Only the demuxers listed
here may open it: a playlist, a concat script or a session description that calls itself `.mov` is
refused, and none of them could reach a network. Sizes that no camera makes are refused as well.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

PROTOCOLS = "file,pipe"
MAX_PIXELS = 16384 * 16384
MAX_ALLOCATION = 2 << 30
"""Largest single block of memory, in bytes: four bytes for each of `MAX_PIXELS`, and more."""

CONTAINERS = (
    *("mov", "mp4", "matroska", "webm", "avi", "mxf", "mpegts", "mpeg", "asf", "flv", "gxf", "lxf"),
    *("dv", "nut", "ogg", "ivf", "rm", "wtv", "cine", "yuv4mpegpipe", "r3d", "dhav", "mpegvideo"),
    *("h264", "hevc", "m4v", "mjpeg", "vc1", "dirac", "dnxhd", "obu", "av1", "cavsvideo"),
    *("wav", "w64", "aiff", "caf", "au", "flac", "mp3", "aac", "ac3", "eac3", "dts", "dtshd"),
    *("truehd", "mlp", "wv", "ape", "tta", "amr", "dsf", "iff", "sox", "oma", "tak", "mpc", "mpc8"),
)
STILLS = (
    *("image2", "png_pipe", "jpeg_pipe", "jpegls_pipe", "j2k_pipe", "jpegxl_pipe", "tiff_pipe"),
    *("bmp_pipe", "dpx_pipe", "exr_pipe", "webp_pipe", "psd_pipe", "sgi_pipe", "cri_pipe"),
    *("sunrast_pipe", "pam_pipe", "pbm_pipe", "pgm_pipe", "pgmyuv_pipe", "ppm_pipe", "pfm_pipe"),
    *("dds_pipe", "hdr_pipe", "pcx_pipe", "qoi_pipe", "pictor_pipe", "gif_pipe", "gif", "apng"),
)
DEMUXERS = (*CONTAINERS, *STILLS)
"""Real media and nothing that points elsewhere: no hls, concat, dash, sdp, imf, svg, lavfi, devices."""


class Stream(Protocol):
    """A node of a filter graph, as ffmpeg-python has it."""

    def filter(self, name: str, *args: object, **options: object) -> "Stream":
        """Sends it through a filter."""
        ...

    def filter_multi_output(self, name: str, *args: object) -> "Stream":
        """Sends it through a filter of several outputs, taken by index."""
        ...

    def __getitem__(self, label: str | int) -> "Stream":
        """An output of it, by label."""
        ...


def named_input(url: str, **options: object) -> Stream:
    """A file as an input of the graph.

    The builder cannot hold names that are no UTF-8, so their bytes go through it as Latin-1;
    `command_line` turns them back.
    """
    return builder().input(url.encode("utf-8", "surrogateescape").decode("latin-1"), **options)


class _Builder(Protocol):
    def input(self, filename: str, **options: object) -> Stream: ...
    def output(self, *streams_and_name: object, **options: object) -> Stream: ...
    def merge_outputs(self, *outputs: Stream) -> Stream: ...
    def filter(
        self, stream_spec: Sequence[Stream], filter_name: str, *args: object, **options: object
    ) -> Stream: ...
    def get_args(self, stream_spec: Stream) -> list[str]: ...


def builder() -> _Builder:
    """ffmpeg-python, which has no types; only its argument builder is used."""
    import ffmpeg

    return cast("_Builder", cast("object", ffmpeg))


def file_url(path: Path) -> str:
    """A path as ffmpeg takes it literally."""
    return f"file:{path.absolute()}"


def reading(extra_demuxers: Sequence[str] = ()) -> dict[str, str]:
    """The input options that confine what a file may be."""
    return {
        "protocol_whitelist": PROTOCOLS,
        "format_whitelist": ",".join((*DEMUXERS, *extra_demuxers)),
    }


def decoding(threads: int) -> dict[str, str]:
    """The input options of a decoder: bounded threads and bounded pictures."""
    return {"threads": str(threads), "max_pixels": str(MAX_PIXELS)}


def split(stream: Stream, ways: int, *, audio: bool = False) -> list[Stream]:
    """The same stream several times."""
    if ways == 1:
        return [stream]
    parted = stream.filter_multi_output("asplit" if audio else "split", ways)
    return [parted[way] for way in range(ways)]


def join(streams: Sequence[Stream], name: str, **options: object) -> Stream:
    """Several streams through one filter."""
    return builder().filter(streams, name, **options)


def to_output(streams: Sequence[Stream], name: str, options: Mapping[str, object]) -> Stream:
    """An output file of the graph; `name` is ours, never a person's."""
    return builder().output(*streams, name, **options)


def command_line(
    ffmpeg: Path, outputs: Sequence[Stream], *, threads: int, before: Sequence[str] = ()
) -> list[str]:
    """The whole command that makes the outputs in one process; `before` are options of its own.

    Progress comes on stderr among the log lines, which carry their level in brackets; stdout is free
    for data.
    """
    words = builder().get_args(builder().merge_outputs(*outputs))
    for place, word in enumerate(words):
        if place and words[place - 1] == "-i":
            words[place] = word.encode("latin-1").decode("utf-8", "surrogateescape")
    return [
        str(ffmpeg),
        *("-hide_banner", "-nostdin", "-nostats", "-y", "-benchmark"),
        *("-loglevel", "repeat+level+info", "-progress", "pipe:2", "-stats_period", "0.5"),
        *("-max_alloc", str(MAX_ALLOCATION), "-filter_complex_threads", str(threads)),
        *before,
        *words,
    ]
