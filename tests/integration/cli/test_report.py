"""`rushes report`: what it writes, what it refuses, and how it ends."""

from pathlib import Path

import pytest

from tests.support import pdf_text
from tests.support.command import NearDesk
from tests.support.offloading import make_card


@pytest.fixture
def desk(tmp_path: Path) -> NearDesk:
    """A desk that offloaded one card."""
    near = NearDesk(tmp_path / "home")
    (tmp_path / "one").mkdir()
    make_card(tmp_path / "card", seed=1, clips=1)
    near.ask("offload", tmp_path / "card", "--to", tmp_path / "one", "--name", "A001")
    return near


def test_an_offload_and_its_day_are_written(desk: NearDesk, tmp_path: Path) -> None:
    pdf, table = tmp_path / "r.pdf", tmp_path / "r.csv"
    offload = desk.ask("offload", "--list")["offloads"][0]
    words = ("report", offload["id"], "--pdf", pdf, "--csv", table, "--paper", "Letter")
    made = desk.ask(*words, "--zone", "Asia/Tokyo")
    assert made == {"pdf": str(pdf), "csv": str(table), "pages": 2, "replaced_letters": 0}
    assert pdf_text.pages(pdf)[0].size == (612, 792)
    assert "2025-06-16T00:06:40+09:00" in table.read_text("utf-8-sig")
    before = pdf.read_bytes()
    assert "overwritten" in desk.refuse(*words)["message"]
    assert pdf.read_bytes() == before
    told = desk.run("report", "--day", "2025-06-15", "--pdf", pdf, "--zone", "UTC", "--replace")
    assert (told.code, told.out) == (0, f"✓ {pdf}: 1 page\n")
    assert "Reportoftheday:2025-06-15" in pdf_text.text(pdf)
    assert "A001" in pdf_text.text(pdf)


def test_what_it_refuses(desk: NearDesk, tmp_path: Path) -> None:
    out = tmp_path / "r.csv"
    for words, code in (
        (("report", "--csv", out), 2),
        (("report", "nobody", "--day", "2025-06-15", "--csv", out), 2),
        (("report", "--day", "2025-06-15"), 2),
        (("report", "nobody", "--csv", out), 3),
        (("report", "--day", "yesterday", "--csv", out), 3),
        (("report", "--day", "2025-06-15", "--zone", "Nowhere/Here", "--csv", out), 3),
        (("report", "--day", "2025-06-15", "--csv", tmp_path / "card" / "r.csv"), 3),
        (("report", "--day", "2025-06-15", "--csv", tmp_path / "none" / "r.csv"), 4),
    ):
        desk.refuse(*words, code=code)
    assert not out.exists()
    assert not (tmp_path / "card" / "r.csv").exists()
