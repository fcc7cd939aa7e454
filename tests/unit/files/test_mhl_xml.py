"""The XML of media hash lists under caps: hostile documents are refused in words, every encoding is read, names come back."""

import contextlib
import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files.digests import digest, hash_of
from app.core.files.mhl_xml import (
    carried,
    coded,
    decoded,
    encoding,
    escaped,
    moment,
    nanoseconds,
    read,
    whole,
)
from app.core.model.errors import BadData, Cancelled, Refused

LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><hashlist>&b;</hashlist>'
)
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><hashlist>&a;</hashlist>'
REMOTE = '<!DOCTYPE hashlist SYSTEM "http://127.0.0.1:9/x.dtd"><hashlist/>'


class Seen:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.tags: list[str] = []

    def start(self, tag: str, _attributes: object) -> None:
        self.tags.append(tag)

    def end(self, _tag: str, text: str) -> None:
        self.texts.append(text)


def take(data: bytes) -> Seen:
    seen = Seen()
    read(io.BytesIO(data), seen, "list")
    return seen


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        OUTSIDE,
        REMOTE,
        "<a>" * 100_000,
        "<hash>" * 65 + "</hash>" * 65,
        f"<path>{'x' * 70_000}</path>",
        f"<{'x' * (4 << 20)}/>",
        f'<a b="{"x" * (4 << 20)}"/>',
    ],
    ids=["laughs", "outside", "remote", "levels", "levels closed", "text", "name", "attribute"],
)
def test_hostile_documents_are_refused_in_little_memory(text: str) -> None:
    data = text.encode()
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            take(data)
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"hash",
        b"<a>",
        b"<a></b>",
        b"<a>&b;</a>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b'<?xml version="1.0" encoding="utf-8"?><a>\xe9</a>',
        b'<?xml version="1.0" encoding="zlib"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="unicode_escape"?><a/>',
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"\xff\xfe<\x00a",
        b"\xff\xfe\x00\x00<\x00\x00",
    ],
)
def test_broken_documents_are_told_and_hashed_to_their_end(data: bytes) -> None:
    made = digest("c4")
    with pytest.raises(BadData):
        read(io.BytesIO(data), Seen(), "list", digest=made)
    assert made.text() == hash_of("c4", data)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *((name, "Клип é 日本") for name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be")),
        *((name, "Клип é 日本") for name in ("utf-32", "utf-32-le", "utf-32-be", "utf-8-sig")),
        ("windows-1251", "Клип"),
        ("koi8-r", "Клип"),
        ("iso-8859-15", "CAFÉ €"),
        ("ISO-8859-6", "دليل"),
        ("euc-jp", "日本語"),
        ("Shift_JIS", "日本語"),
        ("euc-kr", "한국어"),
        ("GB18030", "中文"),
        ("Big5", "中文"),
        ("macintosh", "Ünï"),
    ],
)
def test_lists_of_every_encoding_are_read(name: str, word: str) -> None:
    for newline in ("\n", "\r", "\r\n"):
        declared = "utf-8" if name == "utf-8-sig" else name
        text = f'<?xml version="1.0" encoding="{declared}"?>{newline}<a>{newline}<b>{word}</b></a>'
        assert take(text.encode(name)).texts[0] == word


def test_a_document_is_read_in_pieces_wherever_they_end() -> None:
    words = [f"日本{n}é" for n in range(30_000)]
    text = f"<a>{''.join(f'<b>{word}</b>' for word in words)}</a>"
    assert take(text.encode("utf-16")).texts[:-1] == words


def test_a_call_to_stop_is_heard() -> None:
    with pytest.raises(Cancelled):
        read(io.BytesIO(b"<a/>"), Seen(), "list", cancel=lambda: True)


@given(st.text(alphabet=st.characters(codec=None)).map(lambda t: t.replace("\ud800", "")))
def test_every_name_comes_back(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    name = raw.decode("utf-8", "surrogateescape")  # as a system tells names of any bytes
    assert decoded(coded(name)) == name
    assert carried(coded(name))
    plain = coded(name)
    assert take(f"<a>{escaped(plain)}</a>".encode()).texts == [plain]


@given(st.binary())
def test_no_bytes_are_a_traceback(data: bytes) -> None:
    for document in (data, b"<hashlist>" + data, b"\xff\xfe" + data):
        with contextlib.suppress(BadData, Refused):
            take(document)


@given(st.integers(min_value=-(10**19), max_value=10**20))
def test_moments_come_back_in_whole_seconds(ns: int) -> None:
    text = moment(ns)
    assert text is None or nanoseconds(text) == ns // 10**9 * 10**9


def test_dates_and_sizes_of_others() -> None:
    assert nanoseconds("2020-01-15T13:00:00+00:00") == 1_579_093_200 * 10**9
    assert nanoseconds(" 2020-01-15T14:00:00+01:00 ") == 1_579_093_200 * 10**9
    assert nanoseconds("2020-01-15T13:00:00.500Z") == 1_579_093_200_500_000_000
    for text in (
        None,
        "",
        "2012-11-19 18-36-14",
        "2020-01-15T13:00:00",
        "x",
        "0001-01-01T00:00:00+14:00",
    ):
        assert nanoseconds(text) is None or text == "0001-01-01T00:00:00+14:00"
    assert [whole(t) for t in ("12", " 12 ", "", None, "-1", "1.5", "٣", "9" * 30)] == [
        12,
        12,
        *[None] * 6,
    ]


def test_codecs_that_do_more_than_decode_are_unknown() -> None:
    for name in ("rot13", "hex", "bz2", "idna", "punycode", "raw_unicode_escape", "mbcs"):
        with pytest.raises(LookupError):
            encoding(f'<?xml version="1.0" encoding="{name}"?>'.encode())
