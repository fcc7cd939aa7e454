"""Searches with words that are in very many texts: nothing of what holds a rare word is lost, and little is read."""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import library, moments
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.platform.preferences import Derivatives
from app.core.post.search import Search
from app.core.post.store import ProxyStore
from app.core.post.timing import Timing
from app.core.review.notes import Notes
from tests.support import catalogs

COMMON = ("harbour", "tide", "rain")
RARE = ("heron", "gannet", "puffin")
CLIPS = 30
ENOUGH = 6
"""Texts that are looked at here; every common word is in more, every rare word in fewer."""


class Library:
    """Thirty clips with notes of common words; some hold a rare one as well, in the same note or another."""

    def __init__(self, catalog: Catalog, home: Path) -> None:
        self.catalog = catalog
        self.search = Search(catalog, Timing(ProxyStore(catalog, home, Derivatives())))
        disk = catalogs.add_volume(catalog, "Disk")
        choose = random.Random(7)
        notes = Notes(catalog)
        rare = {choose.randrange(CLIPS): RARE[n % 3] for n in range(12)}
        for number in range(CLIPS):
            clip = catalogs.add_clip(catalog, disk, f"Reel/A{number:03d}.mov")
            words = COMMON if number % 4 else ("harbour", "rain")
            for frame in range(3):
                notes.add(clip, frame, None, " ".join(choose.choices(words, k=3)))
            if number in rare:
                alone = number % 2
                notes.add(clip, 5, None, rare[number] + ("" if alone else " in the rain"))

    def found(self, text: str) -> set[str]:
        return {hit.name for hit in self.search.hits(text)}

    def kept(self, text: str) -> set[str]:
        with self.catalog.read() as reader:
            rows = self.search.rows(text)
            return {clip.name for clip in library.page(reader, rows, catalogs.PROJECT)}


@pytest.fixture
def lib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(moments, "CANDIDATES", ENOUGH)
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        yield Library(catalog, tmp_path / "home")


@pytest.mark.parametrize("rare", RARE)
@pytest.mark.parametrize("common", [*COMMON, "harbour tide", "A0", "rain -tide"])
def test_a_rare_word_with_common_ones_finds_every_clip(
    lib: Library, common: str, rare: str
) -> None:
    for text in (f"{common} {rare}", f"{rare} {common}"):
        assert lib.found(text) == lib.kept(text), text
    assert lib.found(rare)


def test_of_common_words_alone_the_newest_come_first(lib: Library) -> None:
    hits = lib.search.hits("rain", limit=5)
    assert len(hits) == 5
    assert [hit.row for hit in hits] == sorted((hit.row for hit in hits), reverse=True)
    assert hits[0].row == max(lib.search.rows("rain"))
    assert lib.found("harbour tide rain") <= lib.kept("harbour tide rain")


def test_no_more_texts_are_read_than_are_looked_at(
    lib: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the words: each list of texts that goes into a question has its bound."""
    read: list[int] = []

    def watched(ask: Callable[..., Sequence[Any]]) -> Callable[..., Sequence[Any]]:
        def asked(self: Reader, sql: str, *parameters: Any) -> Sequence[Any]:
            rows = ask(self, sql, *parameters)
            read.append(len(rows))
            return rows

        return asked

    for ask in (Reader.all, Reader.tuples, Reader.column):
        monkeypatch.setattr(Reader, ask.__name__, watched(ask))
    for text in ("rain", "rain tide", '"rain tide"', "heron rain", "rain tide harbour heron"):
        lib.search.hits(text, limit=ENOUGH)
    assert 1 < max(read) <= 4 * ENOUGH
