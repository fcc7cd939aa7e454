"""Lists of hashes of the format before: read as others write them, written so that they come back."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files.digests import HashName
from app.core.files.mhl_legacy import LegacyFile, read_legacy, write_legacy
from app.core.files.mhl_values import Creator, MhlHash
from app.core.model.errors import BadData, Refused
from tests.support.mhl_cases import CARD, hashes, make

LIST = """<?xml version="1.0" encoding="{}"?>
<hashlist version="1.1">
  <creatorinfo><name>A</name><tool>Some Tool 1.0</tool><finishdate>2020-01-02T03:04:05Z</finishdate></creatorinfo>
  {}
</hashlist>
"""


def listed(folder: Path, text: str, name: str = "utf-8") -> list[LegacyFile]:
    path = folder / "list.mhl"
    path.write_bytes(LIST.format(name, text).encode(name))
    return list(read_legacy(path).files)


def test_a_list_of_ours_comes_back(tmp_path: Path) -> None:
    root = make(tmp_path / "A001")
    name = os.fsdecode(b"\xe9%41\x01")
    (root / name).write_bytes(b"odd")
    given_ = hashes(root, "md5", "sha1", "xxh64", "c4")
    path = write_legacy(root, given_, creator=Creator(host="<h>"))
    found = read_legacy(path)
    assert (found.version, found.tool.split()[0]) == ("1.1", "Rushes")
    kept: tuple[HashName, ...] = ("md5", "sha1", "xxh64")
    assert {f.path: f.hashes for f in found.files} == {
        one.path: {n: one.hashes[n] for n in kept} for one in given_
    }
    assert name in {f.path for f in found.files}
    assert {f.size for f in found.files} == {1, 3, 5}
    assert path.name.startswith("A001_20")
    assert write_legacy(root, given_) != path, "no list is written over"
    assert b"<xxhash64be>" in path.read_bytes()


def test_a_list_without_a_hash_it_can_hold_is_refused(tmp_path: Path) -> None:
    root = make(tmp_path / "A001")
    with pytest.raises(Refused):
        write_legacy(root, hashes(root, "xxh128"))
    assert sorted(p.name for p in root.iterdir()) == sorted({n.split("/")[0] for n in CARD})


def test_hashes_of_others_are_read_as_ours(tmp_path: Path) -> None:
    found = listed(
        tmp_path,
        "<hash><file>a</file><size>1</size><xxhash64be>0123456789ABCDEF</xxhash64be></hash>"
        "<hash><file>b</file><size>2</size><xxhash64>efcdab8967452301</xxhash64></hash>"
        "<hash><file>c</file><size>3</size><xxhash>4294967295</xxhash></hash>"
        "<hash><file>d</file><size>4</size><null></null></hash>"
        '<hash><file>e</file><md5 bit="128" encoding="hex"> D29593E2CF81C621FB3C4089F9BBDE4A </md5></hash>'
        "<hash><file>f</file><md5>short</md5><xxhash>99999999999</xxhash></hash>",
    )
    assert [(f.path, f.size, dict(f.hashes), f.xxh32) for f in found] == [
        ("a", 1, {"xxh64": "0123456789abcdef"}, None),
        ("b", 2, {"xxh64": "0123456789abcdef"}, None),
        ("c", 3, {}, 4294967295),
        ("d", 4, {}, None),
        ("e", None, {"md5": "d29593e2cf81c621fb3c4089f9bbde4a"}, None),
        ("f", None, {}, None),
    ]


def test_paths_of_others(tmp_path: Path) -> None:
    paths = [
        "Clips\\sub\\a.mov",
        "./b.mov",
        "c/d\\e",
        "..\\x",
        "\\\\server\\x",
        "/x",
        "C/../../x",
        "",
    ]
    text = "".join(f"<hash><file>{path}</file></hash>" for path in paths)
    (tmp_path / "list.mhl").write_text(LIST.format("utf-8", text))
    found = read_legacy(tmp_path / "list.mhl")
    assert [f.path for f in found.files] == ["Clips/sub/a.mov", "b.mov", "c/d\\e"]
    assert len(found.led_out) == 5


@pytest.mark.parametrize(
    ("name", "word"),
    [("EUC-JP", "日本人"), ("euc-kr", "한국의"), ("WINDOWS-1251", "русский"), ("UTF-32", "é한")],
)
def test_encodings_of_others(tmp_path: Path, name: str, word: str) -> None:
    text = f"<hash><file>{word}_dir/{word}.txt</file><size>277</size></hash>"
    assert listed(tmp_path, text, name)[0].path == f"{word}_dir/{word}.txt"


@pytest.mark.parametrize(
    "text",
    ["", "<a/>", '<hashlist version="2.0"/>', "<hashlist>", '<hashlist version="1.1"><hash>'],
)
def test_what_is_no_list_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.mhl").write_text(text)
    with pytest.raises(BadData):
        read_legacy(tmp_path / "list.mhl")


NAMES = (
    st.binary(min_size=1, max_size=40)
    .map(os.fsdecode)
    .filter(lambda n: not {"\0", "/"} & set(n) and n not in (".", ".."))
)


@given(
    st.dictionaries(
        NAMES, st.tuples(st.integers(0, 2**63), st.binary(min_size=16, max_size=16)), min_size=1
    )
)
def test_every_list_comes_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, tuple[int, bytes]]
) -> None:
    root = tmp_path_factory.mktemp("list")
    given_ = [MhlHash(f"d/{n}", size, None, {"md5": md5.hex()}) for n, (size, md5) in files.items()]
    found = read_legacy(write_legacy(root, given_))
    assert [(f.path, f.size, dict(f.hashes)) for f in found.files] == [
        (one.path, one.size, one.hashes) for one in given_
    ]
