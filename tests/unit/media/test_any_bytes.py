"""Any bytes under any name: facts or a declared error, never anything else, and bounded."""

import contextlib
import errno
import struct
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.files.naming_grammar import name_facts, reel_from_folders
from app.core.media import ale, camera_xml, first_look
from app.core.media.bytesource import ByteSource, open_media, translated
from app.core.media.start_labels import from_label
from app.core.model.errors import Away, BadData, Missing, Passing, Refused
from app.core.model.media import ClipKind
from tests.support.probe_media import (
    MDAT,
    bext,
    chunk,
    movie,
    mxf_file,
    mxf_metadata,
    pcm_format,
    timecode_track,
    video_track,
    wave,
)

TIFF = (
    b"II*\0\x08\0\0\0\x02\0" + struct.pack("<HHIIHHII", 0x100, 4, 1, 10, 0x14A, 4, 1, 8) + bytes(4)
)
SEEDS = [
    movie(
        video_track(offsets=[(3, 512), (7, 0)], edits=[(300, 512)], codes=[9]),
        timecode_track(MDAT, reel="A001"),
    ),
    mxf_file(mxf_metadata(tape=("A005", 5, 5))),
    wave(bext("sSCENE=1"), pcm_format(2), chunk(b"data", bytes(96)), chunk(b"iXML", b"<BWFXML/>")),
    TIFF,
    b"\xff\xd8\xff\xe1\0\x40Exif\0\0" + TIFF + b"\xff\xd9",
    b"v/1\x01\x02\0\0\0displayWindow\0box2i\0" + struct.pack("<I4i", 16, 0, 0, 9, 9) + bytes(9),
    b"SDPX" + bytes(2060),
    b"\x1aE\xdf\xa3\x80\x18\x53\x80\x67\x08" + bytes(20),
]


def look(folder: Path, data: bytes, name: str) -> None:
    path = folder / name
    path.write_bytes(data)
    found = first_look.look(path, folder, None)
    facts = found.facts
    assert found.size == len(data)
    assert facts.kind in tuple(ClipKind)
    assert facts.frames is None or facts.frames >= 0
    assert facts.duration is None or facts.duration >= 0
    assert facts.rate is None or facts.rate > 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytes")


@given(data=some.binary(max_size=400), name=some.sampled_from(["a.mov", "a.r3d", "a.cr2", "a.mp3"]))
def test_any_bytes_are_looked_at(folder: Path, data: bytes, name: str) -> None:
    look(folder, data, name)


@given(
    seed=some.sampled_from(SEEDS),
    changes=some.lists(
        some.tuples(some.integers(0, 5000), some.binary(min_size=1, max_size=8)), max_size=6
    ),
    end=some.integers(0, 9000),
)
def test_damaged_headers_are_looked_at(
    folder: Path, seed: bytes, changes: list[tuple[int, bytes]], end: int
) -> None:
    data = bytearray(seed)
    for place, piece in changes:
        at = place % len(data)
        data[at : at + len(piece)] = piece
    look(folder, bytes(data[:end]), "clip.bin")


@given(some.binary(max_size=300) | some.text(max_size=300).map(str.encode))
def test_any_sidecar_is_read_or_refused(data: bytes) -> None:
    for reader in (camera_xml.read, camera_xml.read_list, ale.read):
        with contextlib.suppress(Refused, BadData):
            reader(data)


@given(some.text(max_size=40))
def test_any_name_is_read(name: str) -> None:
    name_facts(name)
    reel_from_folders(name.split("/"))
    from_label(name, 25, Fraction(25), None, "tag")


def test_a_reader_has_a_budget(folder: Path) -> None:
    path = folder / "large"
    path.write_bytes(bytes(1000))
    with path.open("rb") as stream:
        source = ByteSource(stream, budget=1500)
        assert len(source.at(0, 900)) == 900
        assert source.at(995, 100) == bytes(5)
        assert source.at(2000, 5) == b""
        with pytest.raises(BadData):
            source.at(0, 900)


def test_errors_of_the_system_are_told_apart() -> None:
    sorts = {
        errno.EACCES: BadData,
        errno.EIO: BadData,
        errno.ELOOP: Refused,
        errno.ENOENT: Away,
        errno.ESTALE: Passing,
    }
    for number, sort in sorts.items():
        assert type(translated(OSError(number, "why"), "/vol/clip.mov")) is sort


def test_only_regular_files_below_the_volume_are_opened(tmp_path: Path) -> None:
    inside = tmp_path / "volume" / "card"
    inside.mkdir(parents=True)
    (inside / "clip.mov").write_bytes(b"x")
    (tmp_path / "outside.mov").write_bytes(b"y")
    root = tmp_path / "volume"
    with open_media(inside / "clip.mov", root) as stream:
        assert stream.read() == b"x"
    (inside / "link.mov").symlink_to(tmp_path / "outside.mov")
    (root / "way").symlink_to(tmp_path)
    for path in (
        inside / "link.mov",
        root / "way" / "outside.mov",
        tmp_path / "outside.mov",
        inside,
    ):
        with pytest.raises(Refused):
            open_media(path, root)
    with pytest.raises(Missing):
        open_media(inside / "gone.mov", root)
