"""The XML of media hash lists: read in a stream under caps in whatever encoding it is, written so that each name comes back.

Nothing here trusts a document: types, entities and references to elsewhere are refused, and depth, size and the
length of a value are bounded. A name that XML cannot carry (bytes that are no UTF-8, control characters) is written
percent-coded, and marked; only what is marked is decoded again.
"""

import codecs
import datetime
import re
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import unquote_to_bytes

from app.core.files.digests import Digest
from app.core.files.hashing import Stream
from app.core.files.opening import read_error
from app.core.model.errors import BadData, Refused
from app.core.platform.pacing import IsCancelled, called_off, never

LARGEST: Final = 2 << 30
"""Bytes of one document: five million files."""
DEEPEST: Final = 64
LONGEST: Final = 1 << 16
"""Characters of one value."""
_PIECE: Final = 1 << 16
_SILENT: Final = 32
"""Pieces without a single mark in them: one endless name or value."""

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STARTS: Final = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED: Final = re.compile(
    rb"""\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._:-]{0,40})["']"""
)
_ENCODINGS: Final = re.compile(
    r"ascii|utf-8|iso8859-\d+|cp\d+|euc_\w+|shift_jis\w*|iso2022_\w+|big5\w*|gb\w+|hz|koi8-\w|mac-\w+|johab|tis-620"
)
"""Codecs by their Python names. No others: some of Python's unpack or run what they are given."""


class Events(Protocol):
    """Told what a document holds, in its order."""

    def start(self, tag: str, attributes: Mapping[str, str], /) -> None:
        """An element begins; its name is without namespace."""
        ...

    def end(self, tag: str, text: str, /) -> None:
        """It ends; `text` is what stood right before."""
        ...


def read(
    stream: Stream,
    events: Events,
    subject: str,
    *,
    digest: Digest | None = None,
    cancel: IsCancelled = never,
) -> None:
    """Reads a document from where the stream stands to its end.

    Args:
        stream: the file.
        events: told of each element.
        subject: what it is, for the message.
        digest: fed with every byte as well, also with those behind a fault.
        cancel: asked for each 64 KiB.

    Raises:
        Refused: it is beyond the caps, or declares types or entities.
        BadData: it is no well-formed XML in an encoding known here.
        Cancelled, Passing: as `files.hashing.full_hash`.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    pieces = _Pieces(stream, digest, cancel)
    try:
        _feed(pieces, events, subject)
    except DefusedXmlException as problem:
        raise _refused("it declares types or entities", subject) from problem
    except (ParseError, ValueError, LookupError, AssertionError) as problem:
        raise BadData("Not well-formed XML", f"{subject}: {problem}.", subject=subject) from problem
    except OSError as problem:
        raise read_error(subject, problem) from problem
    finally:
        pieces.rest()


class _Pieces:
    """The bytes of a file, each hashed on the way."""

    def __init__(self, stream: Stream, digest: Digest | None, cancel: IsCancelled) -> None:
        self._stream, self._digest, self._cancel = stream, digest, cancel

    def next(self) -> bytes:
        """The next bytes; empty at the end."""
        if self._cancel():
            raise called_off()
        found = self._stream.read(_PIECE) or b""
        if self._digest:
            self._digest.update(found)
        return found

    def rest(self) -> None:
        """Goes to the end where the hash is wanted."""
        while self._digest and self.next():
            continue


def _feed(pieces: _Pieces, events: Events, subject: str) -> None:
    from defusedxml.ElementTree import DefusedXMLParser

    head = pieces.next()
    if not head.strip():
        raise ValueError("it is empty")
    name, skip = encoding(head)
    decoder = codecs.getincrementaldecoder(name)()
    target = _Target(events, subject)
    parser = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
    piece, silent, seen, size = head[skip:], 0, 0, 0
    while piece:
        size += len(piece)
        if size > LARGEST:
            raise _refused(f"it is larger than {LARGEST >> 30} GiB", subject)
        parser.feed(decoder.decode(piece))
        silent = 0 if target.marks != seen else silent + 1
        seen = target.marks
        if silent > _SILENT:
            raise _refused("a name or value in it does not end", subject)
        piece = pieces.next()
    parser.feed(decoder.decode(b"", final=True))
    parser.close()


def encoding(head: bytes) -> tuple[str, int]:
    """(the codec of a document that begins so, how many bytes its mark takes).

    Raises:
        LookupError: it declares one that is not known here.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    for start, name in _STARTS:
        if head.startswith(start):
            return name, 0
    found = _DECLARED.match(head)
    if not found:
        return "utf-8", 0
    name = codecs.lookup(found[1].decode("ascii")).name
    if not _ENCODINGS.fullmatch(name):
        raise LookupError(f"no encoding “{found[1].decode('ascii')}” is known for lists of hashes")
    return name, 0


class _Target:
    """Keeps the caps, and the text of the element that is open."""

    def __init__(self, events: Events, subject: str) -> None:
        self._events, self._subject = events, subject
        self._text: list[str] = []
        self._length = self._depth = 0
        self.marks = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.marks += 1
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refused("it is nested beyond any real list of hashes", self._subject)
        self._text.clear()
        self._length = 0
        self._events.start(tag.rpartition("}")[2], attributes)

    def end(self, tag: str) -> None:
        """It ends."""
        self.marks += 1
        self._depth -= 1
        self._events.end(tag.rpartition("}")[2], "".join(self._text))
        self._text.clear()
        self._length = 0

    def data(self, text: str) -> None:
        """Text inside."""
        self._length += len(text)
        if self._length > LONGEST:
            raise _refused(f"a value in it is longer than {LONGEST} characters", self._subject)
        self._text.append(text)

    def close(self) -> None:
        """The document ended."""


def _refused(why: str, subject: str) -> Refused:
    return Refused(
        "The list of hashes is not accepted", f"{subject} is not read: {why}.", subject=subject
    )


_ESCAPES: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def escaped(text: str) -> str:
    """A text for an element or attribute; what XML cannot carry becomes U+FFFD (names are coded first)."""
    return _ILLEGAL.sub("\ufffd", text).translate(_ESCAPES)


def carried(path: str) -> bool:
    """Whether XML can carry a path as it is."""
    return not _ILLEGAL.search(path)


def coded(path: str) -> str:
    """A path that XML cannot carry, percent-coded: bad bytes and control characters as `%XX`, `%` as `%25`."""
    return _ILLEGAL.sub(_percent, path.replace("%", "%25"))


def decoded(text: str) -> str:
    """The path that `coded` wrote."""
    return unquote_to_bytes(text).decode("utf-8", "surrogateescape")


def _percent(found: re.Match[str]) -> str:
    code = ord(found[0])
    data = (
        bytes([code - 0xDC00])
        if 0xDC80 <= code <= 0xDCFF
        else found[0].encode("utf-8", "surrogatepass")
    )
    return "".join(f"%{byte:02X}" for byte in data)


_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_SECOND: Final = 1_000_000_000


def moment(ns: int | None) -> str | None:
    """Nanoseconds since 1970 as `2026-05-14T09:30:00+00:00`; None beyond the years 1 to 9999."""
    if ns is None:
        return None
    try:
        return (_EPOCH + datetime.timedelta(seconds=ns // _SECOND)).isoformat(timespec="seconds")
    except OverflowError:
        return None


def nanoseconds(text: str | None) -> int | None:
    """The inverse; None where a date is no date, or does not say of which zone it is."""
    try:
        found = datetime.datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        return None
    try:
        past = found - _EPOCH
    except OverflowError:
        return None
    return (past.days * 86_400 + past.seconds) * _SECOND + past.microseconds * 1000


def whole(text: str | None) -> int | None:
    """A count of bytes; None where it is none."""
    found = (text or "").strip()
    return int(found) if found.isascii() and found.isdigit() and len(found) < 20 else None
