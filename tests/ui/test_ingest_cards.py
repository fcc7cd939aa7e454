"""The Ingest page with real cards: from the folder that is dropped to the verdict, and what goes wrong on the way."""

import subprocess
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)

from app.core.catalog import offloads as stored
from app.core.ingest.verdict import Light
from app.core.model.offloads import LegState, OffloadState, Verify
from app.ui import tasks
from app.ui.ingest import seats
from tests.support.offloading import files_of, make_card, make_playable
from tests.ui.card_bench import CardBench, cards, only_beside, words

__all__ = ["cards"]
NAME = "CARD001"


def test_a_card_goes_from_the_reader_to_its_verdict(cards: CardBench, tmp_path: Path) -> None:
    card = make_playable(tmp_path / "A003", seed=1, clips=2)
    before, page = files_of(card), cards.page
    notices: list[str] = []
    cards.bench.desk.notice.connect(notices.append)
    with only_beside(cards.bench):
        cards.drop(card)
        assert page.card.light.light is Light.UNKNOWN
        assert "2 clips · 7 files · nothing missing" in words(page.card)
        assert cards.shows("not copied")()
        cards.to()
        assert page.order._preview.text() == f"Harbour film/2025-06-15/{NAME}"
        cards.start()
        cards.until(lambda: page.card.light.light is Light.NOT_SAFE)
        assert "0 of 7 files are on every destination" in page.card.light.reasons.text()
        cards.work()
        cards.until(cards.shows("✓ verified"))
        assert cards.cells(2) == {"✓ read twice"}
        assert cards.cells(3) == cards.cells(4) == {"✓ read back"}
        cards.until(lambda: page.card.light.light is Light.UNKNOWN)
        assert "not read since it was put in" in page.card.light.reasons.text()
        cards.bench.qtbot.mouseClick(page.card.light.read, Qt.MouseButton.LeftButton)
        cards.until(lambda: page.card.light.light is Light.SAFE)
    assert page.card.light.word.text() == "Safe to format"
    assert "all 7 files were read on the card now" in page.card.light.proofs.text()
    assert ("✓ safe to format") in [below for _, below in cards.lines()]
    assert f"{NAME} is offloaded: source read twice, copies read back." in notices
    assert files_of(card) == before, "nothing is ever written on a card"
    assert sorted(p.name for p in card.iterdir()) == ["PRIVATE", "nobody.knows"]


def test_a_verdict_ends_with_a_change_and_with_the_card(cards: CardBench, tmp_path: Path) -> None:
    card, page = make_playable(tmp_path / "A003", seed=1), cards.page
    cards.drop(card)
    cards.to()
    cards.start()
    cards.work()
    cards.until(cards.shows("✓ verified"))
    page.card.light.read.click()
    cards.until(lambda: page.card.light.light is Light.SAFE)
    # Pulled: history. Put in again: nothing is known.
    card.rename(tmp_path / "pulled")
    cards.look()
    assert (NAME, "was safe at") in [(title, below[:11]) for title, below in cards.lines()]
    assert page.card.light.light is Light.UNKNOWN
    assert "not in" in page.card.light.reasons.text()
    (tmp_path / "pulled").rename(card)
    cards.look()
    page._pick(f"seat:{card}")
    cards.until(cards.shows("✓ verified"))
    assert page.card.light.light is Light.UNKNOWN
    page.card.light.read.click()
    cards.until(lambda: page.card.light.light is Light.SAFE)
    # A copy is found damaged meanwhile: it is taken back.
    lasting = page.model.known.verdicts[0][0]
    cards.bench.services.catalog.write(
        lambda tx: stored.note_verdict(
            tx, lasting=lasting, digest="", name=NAME, safe=False, words="damaged"
        )
    )
    cards.until(lambda: page.card.light.light is Light.UNKNOWN)
    assert "was not safe at" in page.card.light.reasons.text()
    page.card.light.read.click()
    cards.until(lambda: page.card.light.light is Light.SAFE)
    # Used further in the camera while it is in.
    (card / "PRIVATE" / "M4ROOT" / "CLIP" / "C0009.MP4").write_bytes(b"new")
    seat = page.model.seats.get(str(card))
    assert seat is not None
    page.model.seats._read(seat)
    cards.until(lambda: page.card.light.light is Light.UNKNOWN)
    assert "changed after it was read" in page.card.light.reasons.text()
    assert "What is new on it was not copied" in words(page.card)


def test_a_parked_destination_is_shown_and_finished(cards: CardBench, tmp_path: Path) -> None:
    card, page = make_card(tmp_path / "A003", seed=1), cards.page
    cards.drop(card)
    cards.to()
    one = cards.start()
    cards.two.rename(tmp_path / "unplugged")
    cards.work()
    offloads = cards.bench.services.offloads
    cards.until(lambda: offloads.get(one.id).legs[1].state is LegState.PARKED)
    cards.until(lambda: offloads.get(one.id).legs[0].state is LegState.DONE)
    cards.until(page.card.go_on.isVisible)
    assert "NAS Media is parked" in words(page.card)
    assert cards.cells(3) == {"✓ read back"}
    assert cards.cells(4) == {"parked"}
    assert "✓ verified" not in cards.cells(5)
    assert (f"{NAME}: not finished", "parked: NAS Media") in cards.lines()
    assert page.card.light.light is Light.NOT_SAFE
    (tmp_path / "unplugged").rename(cards.two)
    cards.bench.qtbot.mouseClick(page.card.go_on, Qt.MouseButton.LeftButton)
    cards.until(cards.shows("✓ verified"))
    cards.until(lambda: not page.card.go_on.isVisible())
    assert "is parked" not in words(page.card)


def test_a_paused_offload_stays_and_goes_on(cards: CardBench, tmp_path: Path) -> None:
    card, page = make_card(tmp_path / "A003", seed=1), cards.page
    cards.drop(card)
    cards.to()
    one = cards.start()
    cards.until(page.card.pause.isVisible)
    cards.bench.qtbot.mouseClick(page.card.pause, Qt.MouseButton.LeftButton)
    cards.until(page.card.go_on.isVisible)
    assert "paused" in page.card.light.reasons.text()
    cards.work()
    engine = cards.bench.services.engine
    looks = engine.looks()
    cards.until(lambda: engine.looks() > looks + 1)
    assert not any(cards.one.iterdir()), "nothing goes on behind somebody's back"
    page.card.go_on.setFocus()
    cards.bench.qtbot.keyClick(page.card.go_on, Qt.Key.Key_Space)
    cards.until(cards.shows("✓ verified"))
    offloads = cards.bench.services.offloads
    cards.until(lambda: offloads.get(one.id).state is OffloadState.DONE)
    page.card.pause.click()
    page.card.stop.click()
    cards.bench.settle()
    assert offloads.get(one.id).state is OffloadState.DONE, "pressed in the moment it ended"


def test_a_destination_is_copied_from_the_first_one(cards: CardBench, tmp_path: Path) -> None:
    page = cards.page
    cards.drop(make_card(tmp_path / "A003", seed=1))
    cards.to()
    later = next(o for o in page.order.findChildren(QCheckBox) if "Shuttle 2" in o.accessibleName())
    later.click()
    cards.until(lambda: page.planner.answer is not None)
    cards.start()
    cards.until(lambda: cards.cells(4) == {"waits for Shuttle 2"})
    cards.work()
    cards.until(cards.shows("✓ verified"))


def test_what_was_given_up_is_not_done(cards: CardBench, tmp_path: Path) -> None:
    cards.drop(make_card(tmp_path / "A003", seed=1))
    cards.to()
    cards.start()
    page = cards.page
    cards.until(page.card.stop.isVisible)
    page.card.stop.click()
    cards.until(lambda: "given up" in page.card.light.reasons.text())
    assert page.card.light.light is Light.NOT_SAFE
    assert page.order._start.text() == f"Start {NAME}"


def test_what_stands_in_the_way_is_said_before_the_start(cards: CardBench, tmp_path: Path) -> None:
    card, page = make_card(tmp_path / "A003", seed=1), cards.page
    cards.drop(card)
    assert "Add at least one destination" in words(page.order)
    assert not page.order._start.isEnabled()
    cards.to(card / "PRIVATE")
    assert "is inside the source" in words(page.order)
    assert not page.order._start.isEnabled()
    page.order._remove(str(card / "PRIVATE"))
    cards.to()
    cards.until(page.order._start.isEnabled)
    page.order._template.clear()
    cards.bench.qtbot.keyClicks(page.order._template, "{projekt}")
    cards.until(lambda: "{projekt} is no element" in words(page.order))
    assert "{project} {shootday}" in words(page.order)
    assert not page.order._start.isEnabled()
    assert not page.order._preview.isVisible()


def test_a_destination_without_room_is_named(
    cards: CardBench, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: a full disk needs the right to mount (root)")
    request.addfinalizer(lambda: subprocess.run(["umount", "-l", str(small)], check=True))
    cards.drop(make_card(tmp_path / "A003", seed=1, clips=3, size=900_000))
    cards.to(cards.one, small)
    assert "are needed and" in words(cards.page.order)
    assert "small" in words(cards.page.order)
    assert not cards.page.order._start.isEnabled()


def test_what_is_only_copied_is_never_called_verified(cards: CardBench, tmp_path: Path) -> None:
    page = cards.page
    cards.drop(make_card(tmp_path / "A003", seed=1))
    guarantee = page.order._verify
    guarantee.setCurrentIndex(guarantee.findData(Verify.NOTHING))
    guarantee.activated.emit(guarantee.currentIndex())
    cards.to()
    cards.start()
    cards.work()
    cards.until(cards.shows("copied"))
    assert cards.cells(2) == {"read once"}
    assert cards.cells(3) == cards.cells(4) == {"copied"}
    cards.until(lambda: "copied, not verified" in page.card.light.reasons.text())
    said = words(page.card)
    assert "✓" not in said
    assert page.card.light.light is Light.UNKNOWN


def test_a_card_on_a_disk_that_is_not_read_back_for_sure_is_not_verified(
    cards: CardBench, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A disk in memory gives what was written to it, whatever becomes of it."""
    memory = tmp_path / "memory"
    memory.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(memory)]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("NOT RUN: a disk in memory needs the right to mount (root)")
    request.addfinalizer(lambda: subprocess.run(["umount", "-l", str(memory)], check=True))
    cards.drop(make_card(tmp_path / "A003", seed=1))
    cards.to(cards.one, memory)
    one = cards.start()
    cards.work()
    offloads = cards.bench.services.offloads
    cards.until(lambda: offloads.get(one.id).state is OffloadState.DONE)
    cards.until(lambda: cards.cells(3) == {"✓ read back"})
    assert cards.cells(4) == {"copied; read back, perhaps from memory"}
    assert cards.cells(5) == {"copied"}


def test_a_missing_part_needs_somebody(cards: CardBench, tmp_path: Path) -> None:
    card = make_card(tmp_path / "A003", seed=1)
    (card / "PRIVATE/M4ROOT/CLIP/C0002M01.XML").unlink()
    cards.drop(card)
    assert "C0002M01.XML is missing" in words(cards.page.card)
    assert "1 part missing" in words(cards.page.card)
    assert ("A003: 1 part missing", "look before formatting") in cards.lines()


def test_who_says_that_a_disk_is_its_own_stands_with_it(
    cards: CardBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # this machine's own disk, which does not tell
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir():
        pytest.skip("NOT RUN: a second filesystem that does not tell its device is needed")
    cards.drop(make_card(tmp_path / "A003", seed=1))
    root = elsewhere / f"rushes-{tmp_path.name}"
    root.mkdir()
    try:
        cards.to(root)
        own = next(iter(cards.page.order.findChildren(QCheckBox)), None)
        assert own is not None
        own.click()
        cards.until(lambda: cards.page.planner.answer is not None)
        one = cards.start()
        assert [leg.said_by for leg in one.legs] == ["Ingrid Nilsen"]
        assert cards.page.order.order.own == {str(root)}
    finally:
        cards.page.planner.want("", cards.page.order.order)
        cards.bench.settle()
        subprocess.run(["rm", "-r", str(root)], check=True)


def test_everything_is_reached_by_tab(cards: CardBench, tmp_path: Path) -> None:
    cards.drop(make_card(tmp_path / "A003", seed=1))
    cards.to()
    cards.until(cards.page.order._start.isEnabled)
    cards.bench.settle()
    page = cards.page
    kinds = QAbstractButton | QLineEdit | QComboBox | QAbstractItemView
    wanted = {
        one
        for one in page.findChildren(QWidget)
        if isinstance(one, kinds)
        and one.isVisible()
        and one.isEnabled()
        and not isinstance(one.parent(), QComboBox | QLineEdit | QAbstractItemView)
    }
    page.cards.setFocus()
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted)):
        here = QApplication.focusWidget()
        assert here is not None
        reached.add(here)
        cards.bench.qtbot.keyClick(here, Qt.Key.Key_Tab)
    assert {_said(one) for one in wanted - reached} == set()


def _said(one: QWidget) -> str:
    return one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else str(one))


@pytest.mark.parametrize("size", [(800, 480), (1100, 700)])
def test_a_card_fits_into_a_small_window(
    cards: CardBench, tmp_path: Path, size: tuple[int, int]
) -> None:
    card = make_card(tmp_path / ("A003" + "é" * 100), seed=1)
    cards.drop(card)
    cards.to()
    cards.start()
    window = cards.bench.window
    window.resize(*size)
    cards.bench.settle()
    assert (window.width(), window.height()) == size
    start = cards.page.order._start
    assert start.mapTo(window, QPoint(start.width(), 0)).x() <= window.width()


@pytest.mark.usefixtures("cards")
def test_the_end_of_the_program_ends_the_reading_of_a_card() -> None:
    reading = seats.Reading("card")
    assert not reading.off()
    tasks.shut()
    assert reading.off()
