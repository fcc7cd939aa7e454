"""The process that decodes single frames: a decoder that crashes takes only this along.

One JSON object a line on stdin, one on stdout; it ends when stdin ends. It needs no place to write:
pictures go back in the answer.
"""

import base64
import hashlib
import json
import sys
from array import array
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.core.media.frame_picture import jpeg, png
from app.core.media.frame_poster import key_frames, telling_frame
from app.core.media.frame_seek import Near, nth_frame
from app.core.media.picture_file import PictureFile
from app.core.model.errors import BadData, RushesError

if TYPE_CHECKING:
    from av import VideoFrame

Request = dict[str, object]


def answer(request: Request) -> dict[str, object]:
    """The reply to one request.

    Raises:
        RushesError: the file cannot give it.
    """
    url = str(request["url"])
    still = bool(request.get("still"))
    file = PictureFile(url, still=still, threads=cast("int", request.get("threads", 2)))
    try:
        match request["op"]:
            case "frame":
                return {"picture": _packed(png(_frame(file, request)))}
            case "poster":
                frame = nth_frame(file, 0, rate=None) if still else telling_frame(file)
                return {"picture": _packed(_small(file, frame, request))}
            case "strip":
                places = [Fraction(str(one)) for one in cast("list[str]", request["places"])]
                frames = [nth_frame(file, 0, rate=None)] if still else key_frames(file, places)
                return {"pictures": [_packed(_small(file, one, request)) for one in frames]}
            case "still":
                return _still(file, request)
            case "times":
                base = file.stream.time_base or Fraction(1, 90000)
                ticks = array("q", file.packet_times())
                return {"base": str(base), "ticks": _packed(ticks.tobytes())}
            case operation:
                raise BadData("Unknown request", f"The worker knows no {operation!r}.")
    finally:
        file.close()


def _frame(file: PictureFile, request: Request) -> "VideoFrame":
    rate = request.get("rate")
    near = cast("list[str | None] | None", request.get("near"))
    return nth_frame(
        file,
        cast("int", request["number"]),
        rate=Fraction(str(rate)) if rate else None,
        near=_near(near) if near else None,
    )


def _still(file: PictureFile, request: Request) -> dict[str, object]:
    """A picture in several sizes, its size as coded, and a hash of its packets."""
    packets = b"".join(bytes(packet) for packet in file.packets())
    file.rewind()
    frame = nth_frame(file, 0, rate=None)
    sizes = cast("list[int]", request["longest"])
    return {
        "pictures": [_packed(_small(file, frame, {"longest": longest})) for longest in sizes],
        "size": [frame.width, frame.height],
        "essence": f"e1:{hashlib.blake2b(packets, digest_size=16).hexdigest()}",
    }


def _near(texts: list[str | None]) -> Near:
    before, this, after = (None if text is None else Fraction(text) for text in texts)
    return before, this or Fraction(0), after


def _small(file: PictureFile, frame: "VideoFrame", request: Request) -> bytes:
    aspect = file.stream.codec_context.sample_aspect_ratio
    return jpeg(
        frame,
        longest=cast("int", request.get("longest", 640)),
        sample_aspect=Fraction(aspect) if aspect else Fraction(1),
    )


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes_read() -> int:
    """Bytes this process has read so far; 0 where the system does not tell."""
    try:
        told = Path("/proc/self/io").read_text()
    except OSError:
        return 0
    return int(told.partition("rchar:")[2].split()[0])


def main() -> None:
    """Answers until stdin ends."""
    for line in sys.stdin:
        before = _bytes_read()
        try:
            reply = answer(cast("Request", json.loads(line)))
            reply["read"] = _bytes_read() - before
        except RushesError as error:
            kind = type(error).__name__
            reply = {"error": kind, "title": error.title, "message": error.message}
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
