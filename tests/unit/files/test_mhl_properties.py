"""Whatever a manifest holds comes back, and whatever bytes stand in one are a named state, never a traceback."""

import os
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files.digests import HashName, hash_of
from app.core.files.mhl_history import read_history, write_generation
from app.core.files.mhl_values import CHAIN, DEFAULT_IGNORE, FOLDER, Creator, MhlHash
from app.core.files.mhl_verify import verify
from app.core.model.errors import RushesError

NAMES = (
    st.binary(min_size=1, max_size=20)
    .map(os.fsdecode)
    .filter(lambda n: not {"\0", "/"} & set(n) and n not in (".", "..", *DEFAULT_IGNORE))
)
HASHES: dict[HashName, int] = {"md5": 16, "sha1": 20, "xxh64": 8, "xxh3": 8, "xxh128": 16}


@st.composite
def files(draw: st.DrawFn) -> list[MhlHash]:
    paths = draw(st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=6))
    found: dict[str, MhlHash] = {}
    for names in paths:
        path = "/".join(names)
        wanted = draw(st.sets(st.sampled_from(sorted(HASHES)), min_size=1))
        hashes: dict[HashName, str] = {
            n: draw(st.binary(min_size=HASHES[n], max_size=HASHES[n])).hex() for n in wanted
        }
        if draw(st.booleans()):
            hashes["c4"] = hash_of("c4", path.encode("utf-8", "surrogateescape"))
        size, second = draw(st.integers(0, 2**63)), draw(st.integers(-(10**10), 10**11))
        found[path] = MhlHash(path, size, second * 10**9, hashes)
    return list(found.values())


@given(files(), st.text(max_size=20))
def test_every_manifest_comes_back(
    tmp_path_factory: pytest.TempPathFactory, given_: list[MhlHash], comment: str
) -> None:
    root = tmp_path_factory.mktemp("card")
    path = write_generation(
        root, hashes=given_, process="transfer", creator=Creator(comment=comment)
    )
    found = read_history(root)
    assert not found.all_problems
    assert {
        path: (k.size, k.mtime_ns, k.values) for path, k in found.known.items() if not k.folder
    } == {one.path: (one.size, one.mtime_ns, one.hashes) for one in given_}
    assert found.generations[0].c4 == hash_of("c4", path.read_bytes())
    again = write_generation(root, hashes=given_, process="in-place")
    text = again.read_text("utf-8")
    assert 'action="original"' not in text
    assert 'action="failed"' not in text
    shutil.rmtree(root)


@given(st.binary(max_size=300))
def test_no_bytes_in_a_history_are_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    root = tmp_path_factory.mktemp("any")
    (root / FOLDER).mkdir()
    (root / FOLDER / "0001_any.mhl").write_bytes(data)
    (root / FOLDER / CHAIN).write_bytes(data)
    (root / "list.mhl").write_bytes(data)
    assert read_history(root).damaged
    shutil.rmtree(root / FOLDER)
    try:
        assert verify(root).damage
    except RushesError as error:
        pytest.fail(f"{error}")
    shutil.rmtree(root)
