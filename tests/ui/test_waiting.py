"""The window says what waits for a volume's hours, as the command line does."""

import datetime

from PySide6.QtWidgets import QLabel

from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_the_work_panel_says_what_waits_for_a_volumes_hours(bench: Bench) -> None:
    services = bench.services
    noon = datetime.datetime.now().astimezone().replace(hour=12, minute=0)
    services.courtesy._now = lambda: noon
    services.change_setting("ingest.work_hours", "19:00-07:00")
    services.catalog.write(lambda tx: tx.run("UPDATE volume SET derive = 'all'"))
    bench.work.work.ask()
    bench.settle()
    (held,) = bench.work.work.state.held
    assert (held.clips, f"{held.until:%H:%M}") == (10, "19:00"), "two are on a volume that is away"
    assert bench.work.work.state.ready_ms is None
    panel = bench.work.panels.activity
    panel.open()
    words = " ".join(w.text() for w in panel.findChildren(QLabel))
    assert "10 clips wait for " in words
    assert "19:00" in words
