"""A clip is as long everywhere: card, list, inspector, search and sum."""

from PySide6.QtWidgets import QLabel

from app.core.catalog.rows import Tx
from app.core.model.changes import Aspect
from app.ui.library import cells, list_model
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_an_uneven_clip_is_as_long_in_every_place(bench: Bench) -> None:
    """By what it plays, never by its 138 frames at a nominal 31."""

    def uneven(ms: int) -> None:
        def act(tx: Tx) -> None:
            tx.run(
                "UPDATE clip SET vfr = 1, rate_num = 31, rate_den = 1, frames = 138, duration_ms = ? WHERE id = ?",
                ms,
                bench.ids[0],
            )
            tx.touch(Aspect.CLIP, bench.ids[0])

        bench.services.catalog.write(act)
        bench.settle()

    for ms, words in ((4_499, "0:04"), (4_500, "0:05"), (59_499, "0:59"), (59_500, "1:00")):
        uneven(ms)
        row = bench.services.catalog.write(
            lambda tx: tx.value("SELECT n FROM clip WHERE id = ?", bench.ids[0])
        )
        bench.choose(list(bench.clips.rows).index(row))
        card = bench.clips.current_card()
        assert f", {words}," in cells.spoken(card)
        column = next(c for c in list_model.columns() if c.key == "duration")
        assert column.text(card) == words
        info = bench.library.stage.inspector.info
        assert any(w.text().startswith(f"{words} · ") for w in info.findChildren(QLabel))
        minutes, seconds = words.split(":")
        bench.window.header.search.setText(f"duration:{minutes}:{seconds}")
        bench.settle()
        assert [bench.clips.rows[0], len(bench.clips)] == [row, 1]
        said = bench.library.browser.bar._count.text()
        assert said.endswith({"0:04": "4 s", "0:05": "5 s", "0:59": "59 s", "1:00": "1 m"}[words])
        bench.window.header.search.setText("")
        bench.settle()
