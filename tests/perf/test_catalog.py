"""Questions to a catalog of 100,000 clips: what the window and the planner ask all the time.

What bounds a question is asserted by counting: the same question at 100,000 clips against 1,000, and
rows that are looked at; figures are processor time of the asking thread.
"""

import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import files, library, places, unhashed, volumes
from app.core.catalog.rows import Reader
from app.core.services import Services
from app.core.work.recipes import Recipe
from app.ui.library import finding, sidebar_rows
from app.ui.library.finding import Wanted
from tests.perf import bars, putting
from tests.perf.conftest import Note
from tests.support import big_catalog
from tests.support.big_catalog import CLIPS, word
from tests.support.catalogs import PROJECT
from tests.support.measuring import percentile, spread, thread_ms

SMALL = 1_000

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def big(big_home: Path) -> Iterator[Services]:
    services = Services(big_home)
    yield services
    services.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = Services(big_catalog.ready(tmp_path_factory.mktemp("small") / "home", SMALL))
    yield services
    services.close()


def queries() -> dict[str, list[str]]:
    """Searches by kind. Words are by rank: 0 is in every third sentence."""
    return {
        "20 most common words": [word(n) for n in range(20)],
        "rare words": [word(n) for n in range(15_000, 15_020)],
        "two letters, being typed": [word(n)[:2] for n in range(20)],
        "two words": [f"{word(n)} {word(n + 1)}" for n in range(20)],
        "a common and a rare word": [f"{word(n)} {word(15_000 + n)}" for n in range(20)],
        "a common word, one camera": [f"{word(n)} cam:A" for n in range(20)],
        "phrases": [f'"{word(n)} {word(n + 1)}"' for n in range(20)],
        "parts of names": ["C012", "A0004", "R2EC", "C1", "B0001C"],
    }


@pytest.mark.parametrize("kind", list(queries()))
def test_moments_of_a_search(big: Services, note: Note, kind: str) -> None:
    typing = "typed" in kind
    words = queries()[kind]
    times = [thread_ms(lambda w=w: big.search.hits(w, typing=typing)) for w in words * 3]
    p95 = percentile(times, 95)
    assert sum(len(big.search.hits(w, typing=typing)) for w in words) > 0
    figures = f"p50 {statistics.median(times):.1f}, p95 {p95:.1f} ms CPU"
    note(20, f"search, moments: {kind}", figures, "", "", spread(times), bars.SEARCH, p95)


def test_clips_of_a_search(big: Services, note: Note) -> None:
    for kind, words in queries().items():
        times = [thread_ms(lambda w=w: _find(big, Wanted(text=w))) for w in words[:8]]
        figures = f"p50 {statistics.median(times):.0f}, p95 {percentile(times, 95):.0f} ms CPU"
        note(
            21,
            f"search, all clips in order with their length: {kind}",
            figures,
            "",
            "",
            spread(times),
        )
    whole = _find(big, Wanted(text=word(0)))
    assert 0 < whole < CLIPS


def _find(services: Services, wanted: Wanted) -> int:
    with services.catalog.read() as reader:
        return len(finding.find(reader, wanted, PROJECT).rows)


def test_a_page_by_keyset_does_not_grow(big: Services, small: Services, note: Note) -> None:
    deep = _read(big, lambda r: library.after(r, CLIPS - 500, 100), 50)
    first = _read(small, lambda r: library.after(r, 0, 100), 50)
    p95, ratio = percentile(deep, 95), statistics.median(deep) / statistics.median(first)
    bars.PAGE_GROWS.check(ratio)
    note(
        22,
        "page of 100 by keyset, at the end of 100,000",
        f"p95 {p95:.2f} ms CPU",
        "first page of 1,000",
        f"{ratio:.2f} ×",
        spread(deep),
        bars.PAGE,
        p95,
    )


def test_putting_clips_together_does_not_grow(big: Services, small: Services, note: Note) -> None:
    far, near = putting.each(big.catalog), putting.each(small.catalog)
    ratio = statistics.median(far) / statistics.median(near)
    bars.PUTTING_GROWS.check(ratio)
    note(
        23,
        "putting a new clip together, 100,000 clips being there",
        f"{statistics.median(far):.2f} ms CPU",
        "1,000 being there",
        f"{ratio:.2f} ×",
        spread(far),
        bars.PUTTING_TOGETHER,
        statistics.median(far),
    )


def test_cards_do_not_grow(big: Services, small: Services, note: Note) -> None:
    with big.catalog.read() as reader:
        rows = library.order(reader, "timecode")
    far = _read(big, lambda r: library.cards(r, rows[60_000:60_200], PROJECT, "store"), 15)
    near = _read(small, lambda r: library.cards(r, range(1, 201), PROJECT, "store"), 15)
    ratio = statistics.median(far) / statistics.median(near)
    note(
        23,
        "cards of 200 clips",
        f"{statistics.median(far):.1f} ms CPU",
        "the same of 1,000 clips",
        f"{ratio:.2f} ×",
        spread(far),
    )
    assert ratio < 4


def test_every_order_comes_from_an_index(big: Services, note: Note) -> None:
    with big.catalog.read() as reader:
        for column in library.SORTS.values():
            for way in ("ASC", "DESC"):
                plan = _plan(
                    reader,
                    f"SELECT c.n FROM clip c WHERE c.retired = 0 ORDER BY {column} {way}, c.n {way}",
                )
                assert "COVERING INDEX" in plan, plan
                assert "TEMP B-TREE" not in plan, plan
        times = [thread_ms(lambda s=s: library.order(reader, s)) for s in library.SORTS]
    note(
        24,
        "all rows of the library in order",
        f"{statistics.median(times):.0f} ms CPU",
        "",
        "",
        spread(times),
    )


def test_the_planner_asks_little(big: Services, note: Note) -> None:
    with big.catalog.read() as reader:
        times = {
            recipe.name: min(thread_ms(lambda r=recipe: r.due(reader, 64, ())) for _ in range(3))
            for recipe in big.engine._recipes
        }
    dear = {name: ms for name, ms in times.items() if ms > 3}
    note(
        25,
        "what is due, nothing being due: all recipes",
        f"{sum(times.values()):.0f} ms CPU",
        "",
        "",
        ", ".join(f"{name} {ms:.0f}" for name, ms in dear.items()),
    )
    # Only what looks for missing outputs may depend on how many clips there are; the engine asks it less.
    assert set(dear) <= {"poster", "derive", "transcribe"}


def test_the_planner_stays_quiet_beside_many_finished_jobs(
    big: Services, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = big.engine
    asked: list[str] = []
    ask = engine._ask

    def counted(reader: Reader, recipe: Recipe, *more: Any) -> None:
        asked.append(recipe.name)
        ask(reader, recipe, *more)

    monkeypatch.setattr(engine, "_ask", counted)
    # What happens to be due is looked at and not begun.
    monkeypatch.setattr(engine, "_offer", lambda _recipe, _subject: False)
    engine._fill(1)
    begun = len(asked)
    spent = thread_ms(lambda: [engine._fill(n) for n in range(2, 202)])
    often = [name for name in asked[begun:] if name in ("poster", "derive")]
    note(
        26,
        "planner, for each finished job",
        f"{spent / 200:.2f} ms CPU",
        "",
        f"{len(often)} dear questions in 200 jobs",
    )
    assert len(often) < 50


def test_nothing_searches_all_files_for_a_few(big: Services) -> None:
    seen: list[str] = []
    with big.catalog.read() as reader:
        spy = _Spy(reader, seen)
        files.due_settle(spy, 1, 10)
        files.settling(spy, 1)
        unhashed.due(spy, 10)
        list(unhashed._few(spy, 10, ("clip",)))
        list(unhashed._many(spy, 10, ("clip",)))
        for volume in volumes.plain(spy):
            files.due_probe(spy, volume.id, 0, 2, 24)
    assert len(seen) > 4
    for plan in seen:
        assert "SCAN f\n" not in plan, plan


def test_the_sidebar_reads_in_bounded_time(big: Services, note: Note) -> None:
    times = _read(big, lambda r: sidebar_rows.read(r, PROJECT), 3)
    note(
        27,
        "sidebar with all its counts",
        f"{statistics.median(times):.0f} ms CPU, on a worker thread",
        "",
        "",
        spread(times),
    )
    with big.catalog.read() as reader:
        assert places.counts(reader, PROJECT)["circled"] > 0
        plan = _plan(reader, volumes._SELECT)
    assert "COVERING INDEX file_counts" in plan, plan


def _read(services: Services, ask: Callable[[Reader], object], times: int) -> list[float]:
    with services.catalog.read() as reader:
        return [thread_ms(lambda: ask(reader)) for _ in range(times)]


def _plan(reader: Reader, sql: str, *bound: Any) -> str:
    return "".join(f"{row['detail']}\n" for row in reader.all(f"EXPLAIN QUERY PLAN {sql}", *bound))


class _Spy(Reader):
    """Keeps the plan of every question."""

    def __init__(self, reader: Reader, seen: list[str]) -> None:
        super().__init__(reader._connection)
        self._seen = seen

    def all(self, sql: str, *parameters: Any) -> Sequence[Any]:
        self._seen.append(_plan_of(self._connection, sql, parameters))
        return super().all(sql, *parameters)

    def value(self, sql: str, *parameters: Any) -> Any:
        self._seen.append(_plan_of(self._connection, sql, parameters))
        return super().value(sql, *parameters)


def _plan_of(connection: Any, sql: str, parameters: Sequence[Any]) -> str:
    rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
    return "".join(f"{row['detail']}\n" for row in rows)
