"""A name that is no UTF-8, as cards and old disks have them: seen, found, noted and kept byte by byte in the window too."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.support.volumes import put
from tests.ui.bench import Bench, bench

__all__ = ["bench"]

RAW = b"D\xe9j\xe0/caf\xe9 \xff.wav"


@pytest.mark.timeout(120)
def test_a_name_that_is_no_utf8_in_the_window(bench: Bench) -> None:
    root = bench.services.home.parent / "card"
    put(root, RAW)
    volume = bench.services.volumes.add(root)
    bench.services.start(watch=False)
    assert bench.services.engine.wait_idle()
    bench.settle()
    bench.library.search("caf")
    bench.settle()
    assert len(bench.clips) == 1
    bench.choose(0)
    panel, clip = bench.library.stage.inspector, bench.library.stage.clip
    assert clip.name == r"caf\xe9 \xff"
    assert os.fsencode(clip.files[0].path) == RAW
    bench.library.show_everything()
    bench.library.browser.show_view("list")
    bench.settle()
    panel.show_tab("notes")
    QTest.keyClicks(panel.notes.entry.line, "Said of it")
    QTest.keyClick(panel.notes.entry.line, Qt.Key.Key_Return)
    bench.settle()
    assert [note.text for note in bench.services.notes.of_clip(clip.id)] == ["Said of it"]
    (root / os.fsdecode(RAW)).rename(root / os.fsdecode(b"\xfe.wav"))
    bench.services.scanner.scan(volume.id)
    bench.settle()
    bench.library.search("xfe")
    bench.settle()
    bench.choose(0)
    assert (bench.library.stage.clip.id, bench.library.stage.clip.name) == (clip.id, r"\xfe")
