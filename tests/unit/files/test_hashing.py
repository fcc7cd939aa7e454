"""Quick ids suggest, full hashes decide; both notice a file that changes under them."""

import os
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from app.core.files import hashing
from app.core.files.opening import open_regular
from app.core.model.errors import Cancelled, Passing
from app.core.platform.pacing import SECOND, Limiter, Timer
from tests.support.fake_clock import FakeClock


def _hash(path: Path, **more: object) -> str:
    with path.open("rb") as file:
        return hashing.full_hash(file, **more)  # type: ignore[arg-type]


def _quick(path: Path, size: int | None = None) -> str:
    with open_regular(path.parent, path.name) as file:
        return hashing.quick_id(file, path.stat().st_size if size is None else size)


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3_000_000])
def test_a_full_hash_is_xxh128_of_every_byte(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "a").write_bytes(data)
    assert _hash(tmp_path / "a") == f"xxh3-128:{xxhash.xxh3_128_hexdigest(data)}"


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(2_500_000))
    told: list[tuple[int, int]] = []
    _hash(tmp_path / "a", progress=lambda done, total: told.append((done, total)))
    assert told == [(1 << 20, 2_500_000), (2 << 20, 2_500_000), (2_500_000, 2_500_000)]


def test_a_cancel_is_heard_between_pieces(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(5 << 20))
    asked: list[int] = []

    def cancel() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        _hash(tmp_path / "a", cancel=cancel)
    assert len(asked) == 3


def test_a_cap_holds_reading_to_its_rate(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(4 << 20))
    held = FakeClock()
    cap = Limiter(1 << 20, Timer(held.monotonic_ns, lambda ns: held.advance(ns / SECOND)))
    _hash(tmp_path / "a", cap=cap)
    _hash(tmp_path / "a", cap=cap)
    # The first piece goes at once; each of the seven others waits for its second.
    assert 7 * SECOND <= held.monotonic_ns() <= 8 * SECOND + SECOND // 2


def test_a_cancel_is_heard_while_the_cap_holds_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(4 << 20))
    held = FakeClock()
    cap = Limiter(1, Timer(held.monotonic_ns, lambda ns: held.advance(ns / SECOND)))
    with pytest.raises(Cancelled):
        _hash(tmp_path / "a", cap=cap, cancel=lambda: held.monotonic_ns() > SECOND)
    assert held.monotonic_ns() < 2 * SECOND


@pytest.mark.parametrize("change", [b"", b"longer than before" * 100_000])
def test_a_file_that_changes_while_it_is_read_is_not_hashed(tmp_path: Path, change: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(3 << 20))

    def meddle(done: int, _total: int) -> None:
        if done == 1 << 20:
            path.write_bytes(change)

    with pytest.raises(Passing, match="changed while it was read"):
        _hash(path, progress=meddle)


def test_a_file_rewritten_with_the_same_size_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(3 << 20))

    def meddle(done: int, _total: int) -> None:
        if done == 1 << 20:
            with path.open("r+b") as file:
                file.write(b"x")
            os.utime(path, ns=(0, 1))

    with pytest.raises(Passing, match="changed"):
        _hash(path, progress=meddle)


def test_a_quick_id_sees_head_middle_tail_and_size(tmp_path: Path) -> None:
    size = 10 * hashing.SAMPLE
    data = bytearray(os.urandom(size))
    path = tmp_path / "a"
    path.write_bytes(data)
    first = _quick(path)
    assert first.startswith("q1:")
    assert len(first) == 3 + 32
    for place in (0, size // 2, size - 1):
        changed = bytearray(data)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert _quick(path) != first
    path.write_bytes(data)
    assert _quick(path) == first
    path.write_bytes(data + b"\0")
    assert _quick(path) != first


def test_a_quick_id_only_suggests(tmp_path: Path) -> None:
    size = 10 * hashing.SAMPLE
    data = bytearray(size)
    (tmp_path / "a").write_bytes(data)
    data[2 * hashing.SAMPLE] = 1
    (tmp_path / "b").write_bytes(data)
    assert _quick(tmp_path / "a") == _quick(tmp_path / "b")
    assert _hash(tmp_path / "a") != _hash(tmp_path / "b")


@given(size=st.integers(0, 4 * hashing.SAMPLE))
def test_small_files_are_read_whole(tmp_path_factory: pytest.TempPathFactory, size: int) -> None:
    folder = tmp_path_factory.mktemp("q")
    (folder / "a").write_bytes(bytes(size))
    (folder / "b").write_bytes(bytes(size))
    assert _quick(folder / "a") == _quick(folder / "b")


def test_a_file_shorter_than_it_was_seen_has_no_quick_id(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"short")
    with pytest.raises(Passing):
        _quick(tmp_path / "a", size=6)


def test_several_files_combine_in_their_order() -> None:
    one, two = "xxh3-128:" + "0" * 32, "xxh3-128:" + "1" * 32
    assert hashing.combined([one]) == one
    assert hashing.combined([one, two]) != hashing.combined([two, one])
    assert hashing.combined([one, two]).startswith("xxh3-128:")
