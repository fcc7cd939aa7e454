"""Generations of ASC MHL: written, read back, continued, and every damage of a history by its name."""

from pathlib import Path

import pytest

from app.core.files.digests import HashName, hash_of
from app.core.files.mhl_history import read_history, write_generation
from app.core.files.mhl_values import FOLDER, Creator, MhlHash, State
from app.core.model.errors import Damage

CARD = {
    "Clips/A001C001.mov": b"one",
    "Clips/A001C002.mov": b"two",
    "Clips/deep/er/x": b"",
    "side car.txt": b"three",
}


def make(root: Path, files: dict[str, bytes] = CARD) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def hashes(root: Path, *names: HashName) -> list[MhlHash]:
    found: list[MhlHash] = []
    for path in sorted(root.rglob("*")):
        if path.is_file() and FOLDER not in path.parts:
            data = path.read_bytes()
            taken: dict[HashName, str] = {n: hash_of(n, data) for n in names or ("xxh64",)}
            rel = path.relative_to(root).as_posix()
            found.append(MhlHash(rel, len(data), path.stat().st_mtime_ns, taken))
    return found


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make(tmp_path / "A001")


def seal(root: Path, *names: HashName) -> Path:
    return write_generation(root, hashes=hashes(root, *names), process="in-place")


def test_a_first_generation_is_read_back(card: Path) -> None:
    (card / "empty").mkdir()
    path = seal(card)
    found = read_history(card)
    assert not found.all_problems
    assert [g.name for g in found.generations] == [path.name]
    assert {p for p, k in found.known.items() if k.folder} == {
        "Clips",
        "Clips/deep",
        "Clips/deep/er",
        "empty",
    }
    assert {p: k.values for p, k in found.known.items() if not k.folder} == {
        name: {"xxh64": hash_of("xxh64", data)} for name, data in CARD.items()
    }
    assert found.known["Clips/A001C001.mov"].size == 3


def test_the_next_generation_says_verified_failed_and_original(card: Path) -> None:
    seal(card)
    (card / "Clips/A001C002.mov").write_bytes(b"owt")
    (card / "new.txt").write_bytes(b"new")
    text = seal(card, "xxh64", "md5").read_text("utf-8")

    def actions(path: str) -> list[str]:
        part = text.partition(f">{path}</path>")[2].partition("</hash>")[0]
        return [word.partition('"')[0] for word in part.split('action="')[1:]]

    assert actions("Clips/A001C001.mov") == ["verified", "verified"]
    assert actions("Clips/A001C002.mov") == ["failed"]  # and no md5: nothing says whose it is
    assert actions("new.txt") == ["original", "original"]
    found = read_history(card)
    assert found.known["Clips/A001C002.mov"].values == {"xxh64": hash_of("xxh64", b"two")}
    assert found.known["Clips/A001C002.mov"].failed
    assert [g.failed for g in found.generations] == [0, 1]


def test_a_damaged_history_gets_no_generation(card: Path) -> None:
    first = seal(card)
    first.write_bytes(first.read_bytes().replace(b"in-place", b"transfer"))
    found = read_history(card)
    assert [p.state for p in found.all_problems] == [State.OTHER_MANIFEST]
    before = sorted((card / FOLDER).iterdir())
    with pytest.raises(Damage):
        seal(card)
    assert sorted((card / FOLDER).iterdir()) == before


def test_who_and_where_are_escaped(card: Path) -> None:
    creator = Creator(host='a<b>"&', location="Köln\n", comment="\x00]]>")
    path = write_generation(card, hashes=hashes(card), process="transfer", creator=creator)
    found = read_history(card)
    assert not found.all_problems
    assert found.generations[0].header.host == 'a<b>"&'
    assert found.generations[0].header.comment == "\ufffd]]>"
    assert "Köln&#10;" in path.read_text("utf-8")
