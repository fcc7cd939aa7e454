"""The child process that reads files' headers: our own readers and libmediainfo, which may crash.

One JSON object a line: a request on stdin gives one answer on stdout. It ends when its stdin ends. What
is told about a file is bounded: bytes read, time, the size of the report.
"""

import json
import signal
import sys
import time
from typing import Any, BinaryIO, cast

from app.core.media.first_look import look
from app.core.media.look_lines import Look, answer_line, read_request, refusal_line
from app.core.media.mediainfo_report import Report
from app.core.model.errors import RushesError

SECONDS = 6
"""How long it may go on reading one file."""
IDLE_SECONDS = 15
_PIECE = 1 << 14


class BoundedFile:
    """A file as libmediainfo is fed with it: it never learns a name, and the food ends."""

    mode = "rb"

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._left = most
        self._deadline = time.monotonic() + SECONDS

    def seek(self, offset: int, whence: int = 0) -> int:
        """As of any file."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._stream.tell()

    def read(self, size: int) -> bytes:
        """The next piece; nothing more when bytes or time are used up."""
        if self._left <= 0 or time.monotonic() > self._deadline:
            return b""
        self._left -= size
        return self._stream.read(size)


def report(stream: BinaryIO, most: int) -> list[Report]:
    """The tracks that libmediainfo sees in the first `most` bytes it asks for, at its quickest setting.

    Raises:
        OSError: libmediainfo is not there.
    """
    from pymediainfo import MediaInfo

    text = MediaInfo.parse(
        BoundedFile(stream, most), parse_speed=0, full=False, output="JSON", buffer_size=_PIECE
    )
    document: dict[str, Any] = json.loads(text)
    media = cast("dict[str, Any]", document.get("media") or {})
    tracks = cast("list[dict[str, Any]]", media.get("track") or [])
    return [
        {name: value for name, value in one.items() if isinstance(value, str)} for one in tracks
    ]


def main() -> int:
    """Answers until stdin ends, or nobody asks for a while."""
    _rest()
    for line in sys.stdin:
        _wake()
        sys.stdout.write(answer(line) + "\n")
        sys.stdout.flush()
        _rest()
    return 0


def _rest() -> None:
    """Sets the alarm that ends an idle child: as long as it lives it holds its volume."""
    if sys.platform != "win32":
        signal.alarm(IDLE_SECONDS)


def _wake() -> None:
    if sys.platform != "win32":
        signal.alarm(0)


def answer(line: str) -> str:
    """The answer to one request; an error that is ours to explain is an answer too."""
    request = read_request(line)
    try:
        found: Look = look(request.path, request.root, report if request.mediainfo else None)
    except RushesError as problem:
        return refusal_line(problem)
    return answer_line(found)


if __name__ == "__main__":
    sys.exit(main())
