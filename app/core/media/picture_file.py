"""One opened file with a picture stream: its packets, its frames, its clock. Used in the worker only."""

import bisect
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from app.core.media.command import DEMUXERS, MAX_PIXELS
from app.core.model.errors import BadData

if TYPE_CHECKING:
    from av import VideoFrame
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream


class CodedPacket(Protocol):
    """What PyAV's stubs leave half typed: a packet."""

    pts: int | None
    dts: int | None
    size: int
    is_keyframe: bool
    is_discard: bool

    def __bytes__(self) -> bytes: ...


class _Decoder(Protocol):
    """What PyAV's stubs leave half typed."""

    def decode(self, packet: object) -> "list[VideoFrame]": ...


class PictureFile:
    """One opened file with a picture stream."""

    def __init__(self, url: str, *, still: bool = False, threads: int = 2) -> None:
        """Opens it.

        Args:
            url: `file:` and an absolute path.
            still: it is one picture, whatever numbers are in its name.
            threads: of the decoder.

        Raises:
            BadData: it is no media, or has no picture.
        """
        self._url = url
        self._still = still
        self._threads = threads
        self._first_pts: int | None = None
        self._open()

    def _open(self) -> None:
        import av
        import av.error

        options = {
            "protocol_whitelist": "file",
            "format_whitelist": ",".join(DEMUXERS),
        }
        try:
            plain = self._still and not _is_boxed(self._url)
            if plain:
                options["pattern_type"] = "none"
            self.container: InputContainer = av.open(
                self._url, format="image2" if plain else None, container_options=options
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise BadData("Not readable", f"The file cannot be opened: {why}.") from error
        self.stream: VideoStream = self._picture_stream()
        context = cast("VideoCodecContext | None", self.stream.codec_context)
        if context is None:
            raise BadData("No decoder", "There is no decoder for this picture here.")
        context.options = {"max_pixels": str(MAX_PIXELS)}
        context.thread_type = "AUTO"
        context.thread_count = self._threads
        self._untouched = True

    def _picture_stream(self) -> "VideoStream":
        from av.stream import Disposition

        streams = self.container.streams.video
        if any(stream.disposition & Disposition.dependent for stream in streams):
            raise BadData(
                "Tiled picture", "The picture is stored in tiles, which are not joined yet."
            )
        for stream in streams:
            if not stream.disposition & Disposition.attached_pic:
                return stream
        raise BadData("No picture", "The file has no picture stream.")

    def close(self) -> None:
        """Closes it."""
        self.container.close()

    @property
    def ticks_a_second(self) -> Fraction:
        """The inverse of the stream's time base."""
        return 1 / (self.stream.time_base or Fraction(1, 90000))

    def packets(self) -> Iterator[CodedPacket]:
        """The coded packets from where the file stands; a file that is cut off ends there."""
        import av.error

        packets = cast("Iterator[CodedPacket]", self.container.demux(self.stream))
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.error.FFmpegError, OSError):
                return
            yield packet

    def decoded(self) -> "Iterator[VideoFrame]":
        """All presented frames from where the file stands."""
        for packet in self.packets():
            yield from self.decode(packet)
        yield from self.decode(None)

    def decode(self, packet: object) -> "list[VideoFrame]":
        """The frames that become ready with a packet; none where it is damaged."""
        import av.error

        try:
            return cast("_Decoder", self.stream.codec_context).decode(packet)
        except av.error.FFmpegError:
            return []

    def first_pts(self) -> int | None:
        """The time of the first presented frame, in ticks."""
        if self._first_pts is None:
            self.rewind()
            self._first_pts = next((frame.pts for frame in self.decoded()), None)
        return self._first_pts

    def rewind(self) -> None:
        """Back to the very first packet: by opening again, for a seek may skip what has no key frame."""
        if not self._untouched:
            self.close()
            self._open()
        self._untouched = False

    def seek(self, ticks: int) -> bool:
        """To a key frame at or before a time; False where the file cannot seek."""
        import av.error

        self._untouched = False
        try:
            self.container.seek(ticks, stream=self.stream, backward=True)
        except (av.error.FFmpegError, OSError):
            return False
        return True

    def packet_times(self) -> list[int]:
        """The times of all frames to be presented, in order, from a pass over the packets."""
        first = self.first_pts()
        self.rewind()
        times = sorted(
            packet.pts
            for packet in self.packets()
            if packet.pts is not None and not packet.is_discard
        )
        # What comes before the first decoded frame has lost the frames it refers to.
        return times[bisect.bisect_left(times, first) :] if first is not None else times


def _is_boxed(url: str) -> bool:
    """True for HEIF and AVIF, which are MP4 inside; a picture file of its own kind is not."""
    with Path(url.removeprefix("file:")).open("rb") as file:
        return file.read(8)[4:] == b"ftyp"
