"""What a file is, by its bytes; what is refused; what needs its maker's software."""

import pytest

from app.core.media import raw_formats
from app.core.media.sniffing import Sort, expected_kind, sniff
from app.core.model.media import ClipKind

POINTERS = [
    b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n",
    b"\xef\xbb\xbf#EXTM3U\n",
    b"ffconcat version 1.0\nfile Clip.wav\n",
    b"# mpv EDL v0\n%11%/etc/passwd,0,1\n",
    b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    b"<asx version='3.0'/>",
    b"<?xml version='1.0'?><MPD/>",
    b"[playlist]\nFile1=x",
]


@pytest.mark.parametrize("data", POINTERS)
@pytest.mark.parametrize("name", ["clip.mov", "clip.mp4", "clip.png", "clip.wav"])
def test_what_points_elsewhere_is_refused_under_every_name(data: bytes, name: str) -> None:
    found = sniff(data, len(data), name)
    assert (found.sort, found.code, found.demuxers) == (Sort.NOTHING, "refused", ())


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"not a movie\n", "not-media"),
        (bytes(4096), "not-media"),
        (b"\x93\x01\xfe" * 900, "not-media"),
    ],
)
def test_what_holds_no_media_says_so(data: bytes, code: str) -> None:
    found = sniff(data, len(data), "clip.mov")
    assert (found.sort, found.code) == (Sort.NOTHING, code)
    assert found.words


@pytest.mark.parametrize(
    ("data", "name", "sort", "container"),
    [
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "x.mxf", Sort.QUICKTIME, "mov,mp4"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "x.mov", Sort.QUICKTIME, "mov,mp4"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "x.mov", Sort.STILL, "heif"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "x.mov", Sort.SOUND, "wav"),
        (b"RIFF\x24\0\0\0AVI LIST", "x.wav", Sort.STREAM, "avi"),
        (b"\x89PNG\r\n\x1a\n", "x.mov", Sort.STILL, "png"),
        (b"\x1aE\xdf\xa3" + bytes(30), "x.mp4", Sort.STREAM, "matroska"),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47", "x.mts", Sort.STREAM, "mpegts"),
        (b"\xff\xfb\x90\x64" + bytes(50), "x.mp3", Sort.STREAM, "mp3"),
    ],
)
def test_content_decides_not_the_name(data: bytes, name: str, sort: Sort, container: str) -> None:
    found = sniff(data, 1 << 20, name)
    assert (found.sort, found.container) == (sort, container)


def test_no_demuxer_is_named_that_points_elsewhere() -> None:
    heads = (b"\x1aE\xdf\xa3", b"OggS", b"ID3", b"\xff\xd8\xff", b"\0\0\0\x14ftypqt  ")
    named = {demuxer for head in heads for demuxer in sniff(head + bytes(99), 999, "x").demuxers}
    assert not named & {"hls", "concat", "dash", "sdp", "imf", "lavfi", "svg_pipe", "tty"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("A.MOV", ClipKind.VIDEO),
        ("a.wav", ClipKind.AUDIO),
        ("a.dpx", ClipKind.STILL),
        ("notes.txt", ClipKind.DOCUMENT),
    ],
)
def test_a_name_promises_a_kind(name: str, kind: ClipKind) -> None:
    assert expected_kind(name) is kind


def test_raw_formats_are_known_by_name_head_and_codec() -> None:
    assert raw_formats.by_name("A001.R3D") == "RED R3D"
    assert raw_formats.by_name("clip.mov") is None
    assert raw_formats.by_head(b"\0\0\0\x88RED2") == "RED R3D"
    assert raw_formats.by_head(b"ARRI\x12\x34\x56\x78") == "ARRIRAW"
    assert raw_formats.by_codec("brxq") == "Blackmagic RAW"
    assert raw_formats.by_codec("aprh") == "ProRes RAW HQ"
    assert raw_formats.by_codec("apch") is None
    assert "Blackmagic RAW" in raw_formats.explanation("Blackmagic RAW")
