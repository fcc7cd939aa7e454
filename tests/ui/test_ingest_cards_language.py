"""Every word about cards goes through translation, those that the core says among them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.model.offloads import LegState
from tests.support.offloading import make_card, own_devices
from tests.ui import pseudo
from tests.ui.bench import Bench
from tests.ui.card_bench import CardBench
from tests.ui.test_language import Walk, _complain

NAMES = r"A003|CARD001|Shuttle|\bMedia\b|JPG|\bway\b|\bnew\b|C000\d\w*|Sony|XAVC|M4ROOT|PRIVATE|CLIP|SUB|TH(MB)?NL|GENERAL|nobody\.knows|MHL|xxh64|sha1|C4|ext4|overlay"
"""What stands on the card and on its destinations."""


@pytest.fixture
def walk(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Walk, CardBench]]:
    """The page in the made-up language."""
    with pseudo.spoken(qapp), pseudo.painted() as painted:
        bench = Bench(qtbot, tmp_path / "home", introduced=False)
        cards = CardBench(bench, tmp_path)
        own_devices(monkeypatch, cards.one)
        made = Walk(bench)
        try:
            yield made, cards
        finally:
            bench.close()
        _complain(made, painted, NAMES)
        assert sorted(made.unnamed) == []
        assert sorted(made.cut) == []


def test_a_card_in_every_state_is_translated(walk: tuple[Walk, CardBench], tmp_path: Path) -> None:
    made, cards = walk
    card, page = make_card(tmp_path / "A003", seed=1, clips=2), cards.page
    (card / "PRIVATE/M4ROOT/CLIP/C0002M01.XML").unlink()
    (card / "way").symlink_to("PRIVATE")
    made.look()
    cards.drop(card)
    made.look()
    cards.to(card / "PRIVATE")
    made.look()
    page.order._remove(str(card / "PRIVATE"))
    cards.to()
    made.look()
    one = cards.start()
    made.look()
    page.card.pause.click()
    cards.until(page.card.go_on.isVisible)
    made.look()
    cards.two.rename(tmp_path / "unplugged")
    page.card.go_on.click()
    cards.work()
    offloads = cards.bench.services.offloads
    cards.until(lambda: offloads.get(one.id).legs[0].state is not LegState.OPEN)
    cards.until(page.card.go_on.isVisible)
    made.look()
    (tmp_path / "unplugged").rename(cards.two)
    page.card.go_on.click()
    cards.until(lambda: offloads.get(one.id).legs[1].state is LegState.DONE)
    made.look()
    page.card.light.read.click()
    made.look()
    cards.until(lambda: page.model.seats.reading is None)
    made.look()
    subprocess.run(["touch", str(card / "new")], check=True)
    seat = page.model.seats.get(str(card))
    assert seat is not None
    page.model.seats._read(seat)
    made.look()
    card.rename(tmp_path / "pulled")
    cards.look()
    made.look()
