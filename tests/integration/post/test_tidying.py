"""The proxy store is looked through in steps: so much at a time, however large it is."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.catalog import renditions
from app.core.catalog.database import Catalog
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.renditions import Made
from app.core.model.errors import Cancelled
from app.core.model.media import RenditionKind
from app.core.platform.preferences import Derivatives
from app.core.post import tidying
from app.core.post.store import ProxyStore
from tests.support import catalogs

CLIPS = 23
OLD = 7200


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    with catalogs.opened(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def store(catalog: Catalog, tmp_path: Path) -> ProxyStore:
    store = ProxyStore(catalog, tmp_path / "home", Derivatives())
    volume = catalogs.add_volume(catalog)
    for number in range(CLIPS):
        _derive(catalog, store, catalogs.add_clip(catalog, volume, f"A{number:03d}.mov"))
    return store


def _derive(catalog: Catalog, store: ProxyStore, clip: str) -> None:
    with catalog.read() as reader:
        content = renditions.content_of(reader, clip) or ""
    final = _put(store, content)
    made = [Made(RenditionKind.PROXY, store.relative(final / "proxy"), 1)]
    catalog.write(lambda tx: renditions.put(tx, content, "derive", 1, "p", made))


def _put(store: ProxyStore, content: str, age: float = OLD) -> Path:
    with store.workshop() as folder:
        (folder / "proxy").write_bytes(b"x")
        final = store.put(ArtifactKey(content, "derive", 1, "p"), folder)
    then = time.time() - age
    os.utime(final, (then, then))
    return final


def _steps(
    catalog: Catalog, store: ProxyStore, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[str], list[int], list[int]]:
    """What is told, and between each two rests: how many contents were asked for, and how many rows read."""
    asked, read = [0], [0]
    paths_of, paths_after = renditions.paths_of, renditions.paths_after

    def counted(reader: object, contents: list[str]) -> set[str]:
        asked[-1] += len(contents)
        return paths_of(reader, contents)  # pyright: ignore[reportArgumentType]

    def page(reader: object, last: int, most: int) -> tuple[set[str], int | None]:
        read[-1] += most
        return paths_after(reader, last, most)  # pyright: ignore[reportArgumentType]

    def rest() -> None:
        asked.append(0)
        read.append(0)

    monkeypatch.setattr(renditions, "paths_of", counted)
    monkeypatch.setattr(renditions, "paths_after", page)
    monkeypatch.setattr(tidying, "CONTENTS", 4)
    monkeypatch.setattr(tidying, "ROWS", 5)
    return tidying.unnamed(catalog, store.root, rest), asked, read


def test_only_so_much_is_looked_at_between_two_rests(
    catalog: Catalog, store: ProxyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = _put(store, "0190-gone")
    fresh = _put(store, "0190-fresh", age=60)
    left, asked, read = _steps(catalog, store, monkeypatch)
    assert left == [store.relative(gone)]
    assert fresh.is_dir()
    assert sum(asked) == CLIPS + 2
    assert max(asked) <= 4
    assert sum(read) >= CLIPS
    assert max(read) <= 5


def test_where_everything_is_named_the_table_is_not_read_through(
    catalog: Catalog, store: ProxyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, asked, read = _steps(catalog, store, monkeypatch)
    assert (left, sum(asked), sum(read)) == ([], CLIPS, 0)


def test_what_equal_bytes_brought_together_keeps_its_folder(
    catalog: Catalog, store: ProxyStore
) -> None:
    """A content that went into another leaves its renditions under the path they were put under."""
    old = _put(store, "0190-went-into-another")
    path = store.relative(old / "proxy")
    catalog.write(
        lambda tx: tx.run(
            "UPDATE rendition SET path = ? WHERE id = (SELECT max(id) FROM rendition)", path
        )
    )
    left = store.unnamed()
    assert store.relative(old) not in left
    assert len(left) == 1, "the folder whose row names another now"


def test_it_can_be_called_off_between_two_steps(store: ProxyStore) -> None:
    gone = _put(store, "0190-gone")

    def off() -> None:
        raise Cancelled("Called off")

    with pytest.raises(Cancelled):
        store.sweep(off)
    assert gone.is_dir()
