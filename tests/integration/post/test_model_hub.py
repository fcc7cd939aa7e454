"""Downloads from a real HTTP server on loopback: resumed, checked, given up in words."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.model.errors import BadData, Cancelled, Missing, Passing, Refused
from app.core.post.models.hub import Hub
from app.core.post.models.store import ModelStore
from tests.support import model_factory as factory
from tests.support.hub_server import FakeHub, serving

HALF = len(factory.CONTENTS["model.bin"]) // 2


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with serving(dict(factory.CONTENTS)) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path, hub: FakeHub) -> ModelStore:
    return ModelStore(tmp_path / "store", factory.registry(), Hub(hub.address))


def test_a_download_is_pinned_and_whole(store: ModelStore, hub: FakeHub) -> None:
    seen: list[tuple[int, int]] = []
    found = store.get("toy", lambda done, total: seen.append((done, total)))
    assert (found.folder / "model.bin").read_bytes() == factory.CONTENTS["model.bin"]
    assert seen[-1] == (found.release.size, found.release.size)
    assert hub.requests[0][0] == "/acme/toy/resolve/0123abcd/model.bin"
    before = len(hub.requests)
    store.get("toy")
    assert len(hub.requests) == before


def test_resolve_never_opens_a_connection(store: ModelStore, hub: FakeHub) -> None:
    with pytest.raises(Missing):
        store.resolve("toy")
    assert hub.requests == []


def test_a_dropped_line_goes_on_where_it_was(store: ModelStore, hub: FakeHub) -> None:
    hub.drop_after = HALF + 1000
    found = store.get("toy")
    assert (found.folder / "model.bin").read_bytes() == factory.CONTENTS["model.bin"]
    assert [wanted for path, wanted in hub.requests if path.endswith("model.bin")] == [
        "",
        f"bytes={HALF + 1000}-",
    ]


def test_what_arrived_before_a_stop_is_kept(
    store: ModelStore, hub: FakeHub, tmp_path: Path
) -> None:
    done = 0

    def note(now: int, _total: int) -> None:
        nonlocal done
        done = now

    with pytest.raises(Cancelled):
        store.get("toy", note, lambda: done > 0)
    part = tmp_path / "store" / "toy" / "model.bin.part"
    arrived = part.stat().st_size
    assert arrived > 0
    hub.requests.clear()
    store.get("toy")
    assert hub.requests[0][1] == f"bytes={arrived}-"
    assert not part.exists()


def test_a_hub_that_ignores_ranges_starts_over(
    store: ModelStore, hub: FakeHub, tmp_path: Path
) -> None:
    part = tmp_path / "store" / "toy" / "model.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"leftover")
    hub.ignore_ranges = True
    found = store.get("toy")
    assert (found.folder / "model.bin").read_bytes() == factory.CONTENTS["model.bin"]


@pytest.mark.parametrize("change", [lambda b: b[::-1], lambda b: b + b"more"])
def test_other_bytes_are_refused_and_thrown_away(
    store: ModelStore, hub: FakeHub, tmp_path: Path, change
) -> None:
    hub.files["model.bin"] = change(hub.files["model.bin"])
    with pytest.raises(BadData):
        store.get("toy")
    assert not (tmp_path / "store" / "toy" / "model.bin").exists()


def test_a_short_file_is_given_up_in_the_end(store: ModelStore, hub: FakeHub) -> None:
    hub.files["model.bin"] = hub.files["model.bin"][:HALF]
    hub.ignore_ranges = True
    with pytest.raises(Passing):
        store.get("toy")


@pytest.mark.parametrize(("status", "kind"), [(503, Passing), (429, Passing), (403, Missing)])
def test_what_the_hub_answers_decides_whether_to_try_again(
    store: ModelStore, hub: FakeHub, status: int, kind: type[Exception]
) -> None:
    hub.status = status
    with pytest.raises(kind):
        store.get("toy")


def test_no_hub_says_the_way_without_one(tmp_path: Path) -> None:
    with serving({}) as gone:
        address = gone.address
    store = ModelStore(tmp_path / "store", factory.registry(), Hub(address))
    with pytest.raises(Missing) as caught:
        store.get("toy")
    assert "rushes model add FOLDER" in caught.value.todo


def test_plain_http_is_for_this_machine_only(store: ModelStore, hub: FakeHub) -> None:
    with pytest.raises(Refused):
        Hub("http://hub.example")
    with pytest.raises(Refused):
        Hub("file:///etc")
    hub.redirect_to = "http://hub.example/model.bin"
    with pytest.raises(Refused):
        store.get("toy")
