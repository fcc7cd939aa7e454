"""A quick half of the bars, for every run of `./test`: small sizes, ratios taken in the same run.

What grows with a library shows between 2,000 clips and 20,000; what is slow by itself shows against a peer.
"""

import functools
import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from typing_extensions import override

from app.core.catalog import library
from app.core.catalog.rows import Reader
from app.core.platform import processes
from app.core.services import Services
from app.ui import tasks
from app.ui.theme import style, tokens
from tests.perf import bars, copying, putting, trees
from tests.perf.conftest import Compare, Note
from tests.perf.test_catalog import queries
from tests.perf.test_media import Deriving, looked_at, made_footage
from tests.perf.test_scanning import first_scanned, looked_again, walked
from tests.perf.test_starting import _start
from tests.perf.test_upload import against_boto3
from tests.perf.test_window import Open, arriving, painted, scrolled
from tests.support import big_catalog, volumes
from tests.support.measuring import percentile, spread, thread_ms, versus
from tests.support.uploading import MIB

FEW, MANY, FILES = 2_000, 20_000, 10_000

pytestmark = [pytest.mark.quick, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trees.ready(tmp_path_factory.mktemp("tree") / "media", FILES)


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Data folders with few clips and with many."""
    folder = tmp_path_factory.mktemp("homes")
    return {count: big_catalog.ready(folder / f"{count}", count) for count in (FEW, MANY)}


@pytest.fixture
def libraries(homes: dict[int, Path]) -> Iterator[dict[int, Services]]:
    with ExitStack() as stack:
        opened = {count: Services(home) for count, home in homes.items()}
        for services in opened.values():
            stack.callback(services.close)
        yield opened


def _by_turns(ask: Callable[[int], object], rounds: int) -> dict[int, list[float]]:
    """Processor milliseconds of a question to few and to many, by turns."""
    times: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(rounds):
        for count in times:
            times[count].append(thread_ms(functools.partial(ask, count)))
    return times


def _grown(times: dict[int, list[float]]) -> float:
    return statistics.median(times[MANY]) / statistics.median(times[FEW])


def test_a_walk_against_find(tree: Path, compare: Compare) -> None:
    compare(1, "walk, 10,000 files", "walk", "`find -printf`", walked(tree, FILES), bars.WALK)


def test_rows_committed_against_a_bare_walk(tree: Path, tmp_path: Path, compare: Compare) -> None:
    with ExitStack() as stack:
        numbers = iter(range(100))
        desks = (stack.enter_context(volumes.desk(tmp_path / f"{n}")) for n in numbers)
        found = first_scanned(tree, FILES, desks, 3)
    compare(2, "first scan, 10,000 files", "scan", "bare walk with stat", found, bars.ROWS)


def test_a_quick_pass_against_git_status(tree: Path, tmp_path: Path, compare: Compare) -> None:
    status = trees.known_to_git(tree, tmp_path / "kept")
    quick, _ = looked_again(tree, FILES, tmp_path / "home", status, 3)
    compare(3, "quick pass, 10,000 files", "quick pass", "`git status`", quick, bars.QUICK)


@pytest.mark.parametrize("kind", ["20 most common words", "two letters, being typed"])
def test_a_search_does_not_grow(libraries: dict[int, Services], note: Note, kind: str) -> None:
    words = iter(queries()[kind] * 2)
    typing = "typed" in kind
    pairs: dict[int, list[float]] = {FEW: [], MANY: []}
    for word in words:
        for count, services in libraries.items():
            ask = functools.partial(services.search.hits, word, typing=typing)
            pairs[count].append(thread_ms(ask))
    ratio = _grown(pairs)
    note(
        4,
        f"search, {kind}, 20,000 clips",
        f"{statistics.median(pairs[MANY]):.1f} ms CPU",
        f"2,000 clips: {statistics.median(pairs[FEW]):.1f} ms CPU",
        f"{ratio:.2f} ×",
        spread(pairs[MANY]),
        bars.SEARCH_GROWS,
        ratio,
    )


def test_a_search_against_the_index_alone(libraries: dict[int, Services], note: Note) -> None:
    services, words = libraries[MANY], queries()["20 most common words"]
    ask = functools.partial(services.search.hits, limit=1)

    def alone(reader: Reader, word: str) -> None:
        reader.column(
            "SELECT rowid FROM doc_fts WHERE doc_fts MATCH ? ORDER BY rowid DESC LIMIT 1001", word
        )

    ratios: list[float] = []
    with services.catalog.read() as reader:
        for word in words:
            ours = min(thread_ms(functools.partial(ask, word)) for _ in range(3))
            peer = min(thread_ms(functools.partial(alone, reader, word)) for _ in range(3))
            ratios.append(ours / peer)
    ratio = statistics.median(ratios)
    what, peer = (
        "search of a common word: the first moment",
        "the newest 1,001 texts of the index alone",
    )
    bar = bars.SEARCH_AGAINST_FTS
    note(5, what, "", peer, f"{ratio:.1f} ×", spread(ratios), bar, ratio)


def test_a_page_by_keyset_does_not_grow(libraries: dict[int, Services], note: Note) -> None:
    def page(count: int) -> None:
        with libraries[count].catalog.read() as reader:
            for _ in range(20):
                library.after(reader, count - 500, 100)

    times = _by_turns(page, 10)
    ratio = _grown(times)
    what, peer = "page of 100 by keyset, at the end of 20,000", "of 2,000"
    note(6, what, "", peer, f"{ratio:.2f} ×", spread(times[MANY]), bars.PAGE_GROWS, ratio)


def test_putting_clips_together_does_not_grow(libraries: dict[int, Services], note: Note) -> None:
    times = {count: putting.each(services.catalog) for count, services in libraries.items()}
    ratio = _grown(times)
    what, peer = "putting a new clip together, 20,000 clips", "2,000 clips"
    note(7, what, "", peer, f"{ratio:.2f} ×", spread(times[MANY]), bars.PUTTING_GROWS, ratio)


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, homes: dict[int, Path]) -> Iterator[Open]:
    style.apply(qapp, tokens.DARK)
    opened = Open(qtbot, homes[MANY])
    yield opened
    opened.close()


class _Plain(QWidget):
    """Pictures, each with three lines of words, and nothing else: the least that a grid of cards takes."""

    def __init__(self, window: Open) -> None:
        super().__init__()
        grid = window.grid
        self.resize(grid.viewport().size())
        self._places = [grid.rect_of(position) for position in grid.visible()]
        cards = [grid.clips.card(position) for position in grid.visible()]
        self._pictures = [(card and grid._poster(card)) or QPixmap(200, 112) for card in cards]
        self._lines = [(card.name, card.start, card.reel or "") for card in cards if card]

    @override
    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        painter.setPen(Qt.GlobalColor.white)
        for place, picture, lines in zip(self._places, self._pictures, self._lines, strict=True):
            painter.drawPixmap(place.topLeft(), picture)
            for number, line in enumerate(lines):
                below = place.bottom() - 60 + number * 20
                room = QRect(place.left(), below, place.width(), 20)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, line)


def test_the_grid_against_plain_pictures_and_words(window: Open, qtbot: QtBot, note: Note) -> None:
    scrolled(window)
    window.grid.verticalScrollBar().setValue(0)
    window.settle()
    bare = _Plain(window)
    qtbot.addWidget(bare)
    with qtbot.waitExposed(bare):
        bare.show()
    whole, plain = painted(window), [thread_ms(bare.repaint) for _ in range(20)]
    frames = scrolled(window)
    drawn, least = statistics.median(whole), statistics.median(plain)
    for order, what, value, bar in (
        (8, "grid: whole painting, each card drawn anew", drawn, bars.PAINTING_AGAINST_PLAIN),
        (9, "grid: frames of scrolling", statistics.median(frames), bars.SCROLLING_AGAINST_PLAIN),
    ):
        ratio, peer = value / least, f"plain pictures and words: {least:.1f} ms CPU"
        note(order, what, f"{value:.1f} ms CPU", peer, f"{ratio:.2f} ×", "", bar, ratio)


def test_the_event_loop_while_footage_comes_in(
    qapp: QApplication, qtbot: QtBot, homes: dict[int, Path], tmp_path: Path, note: Note
) -> None:
    style.apply(qapp, tokens.DARK)
    opened = Open(qtbot, big_catalog.copied(homes[MANY], tmp_path / "home"))
    busy = arriving(opened, tmp_path / "card", 300, 4)
    opened.close()
    p99, longest = percentile(busy.turns, 99), max(busy.turns)
    what = "main thread between two looks at its events, while 300 files come in"
    words = f"p99 {p99:.1f}, longest {longest:.0f} ms CPU"
    note(10, what, words, bar=bars.TURN, value=p99)


def test_a_painted_window_against_a_bare_one(
    tmp_path: Path, note: Note, tmp_path_factory: pytest.TempPathFactory
) -> None:
    compiled = tmp_path_factory.mktemp("compiled")
    start = functools.partial(_start, compiled)
    pairs = [(start("rushes", os.fspath(tmp_path))[0], start("bare")[0]) for _ in range(5)][1:]
    ratios = [ours / bare for ours, bare in pairs]
    ratio = statistics.median(ratios)
    what, peer = "start to painted window", "bare PySide6 window"
    note(11, what, "", peer, f"{ratio:.2f} ×", spread(ratios), bars.START, ratio)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return made_footage(tmp_path_factory.mktemp("footage"), 1, "H.264")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sandbox: the kernel tells its parent nothing of what ran inside."""
    monkeypatch.setattr(processes, "confined", lambda: False)


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize("kind", ["H.264", "WAV"])
def test_first_metadata_against_ffprobe(footage: dict[str, Path], note: Note, kind: str) -> None:
    ours, peers = looked_at(footage[kind], 40, 3)
    ratio = statistics.median(ours) / statistics.median(peers)
    what, bar = f"first metadata of a clip, {kind}", bars.AGAINST_FFPROBE[kind]
    note(12, what, "", "ffprobe", f"{ratio:.3f} ×", "", bar, ratio)


@pytest.mark.usefixtures("counted")
def test_everything_in_one_pass(
    footage: dict[str, Path], tmp_path: Path, compare: Compare, note: Note
) -> None:
    of = Deriving(footage["H.264"], 1, 720, "veryfast", tmp_path)
    apart = versus(of.separate, of.one_pass, 1)
    what, peer = "everything of a clip in one pass", "separate commands"
    words = f"{apart.ratio:.2f} × saved"
    note(13, what, "", peer, words, apart.spread, bars.SEPARATE_SHORT, apart.ratio)
    found = versus(of.one_pass, of.decode, 3)
    compare(14, what, "one pass", "decoding alone", found, bars.ONE_PASS["H.264", 720])


@pytest.mark.s3
def test_an_upload_against_boto3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compare: Compare
) -> None:
    found = against_boto3(tmp_path, monkeypatch, 16 * MIB, 3)
    compare(15, "upload of 16 MiB", "ours", "boto3", found, bars.UPLOAD_AGAINST_BOTO3)


def test_a_copy_against_cp(tmp_path: Path, waited: Compare) -> None:
    place = copying.Place(tmp_path, 64 * MIB)
    found = copying.by_turns(place, lambda: place.ours(1, "xxh64"), lambda: place.cp(1), 3)
    waited(16, "copy of 64 MiB, durable", "xxh64 on the way", "`cp` + fsync", found, bars.COPY)


@pytest.fixture(autouse=True)
def _shut() -> Iterator[None]:
    yield
    tasks.shut()
