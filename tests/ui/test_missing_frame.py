"""An approved sequence that lost a frame: the bar says so, and nothing of the approval is lost."""

from app.core.catalog import clips, merging
from app.core.catalog.rows import Tx
from app.core.model.media import ClipKind
from app.core.review.decisions import Decisions
from app.ui.widgets.words import NameLabel
from tests.support import catalogs
from tests.ui.bench import Bench, bench

__all__ = ["bench"]


def test_the_bar_says_that_a_frame_that_was_approved_is_missing(bench: Bench) -> None:
    catalog = bench.services.catalog
    volume = catalogs.add_volume(catalog, "Scans")
    names = [f"SCANS/p_{n:04d}.png" for n in range(1, 5)]
    rows = [catalogs.add_file(catalog, volume, name) for name in names]
    whole = catalogs.record(volume, names[0], rows, kind=ClipKind.SEQUENCE, frames=4)

    def put(tx: Tx) -> str:
        clip = clips.put(tx, whole)
        for n in rows:
            tx.run("UPDATE file SET full_hash = ?, hashed_sig = 'x' WHERE n = ?", f"xxh3-128:{n}", n)  # fmt: skip
        merging.settle_content(tx, clip)
        return clip

    clip = catalog.write(put, durable=True)
    Decisions(catalog).decide([clip], "approved")
    assert "Approved by" in _said(bench, clip)
    assert "missing" not in _said(bench, clip)
    catalog.write(lambda tx: tx.run("UPDATE file SET clip_id = NULL, place = NULL WHERE n = ?", rows[2]))  # fmt: skip
    catalog.write(lambda tx: clips.put(tx, catalogs.record(volume, names[0], [r for r in rows if r != rows[2]], kind=ClipKind.SEQUENCE, frames=4)))  # fmt: skip
    assert "a frame that was approved is missing" in _said(bench, clip)


def _said(bench: Bench, clip: str) -> str:
    bench.settle()
    bench.library.show_everything()
    bench.settle()
    bench.clips.want(range(len(bench.clips)))
    bench.settle()
    cards = [bench.clips.card(position) for position in range(len(bench.clips))]
    bench.choose([card.id if card else "" for card in cards].index(clip))
    bench.settle()
    bar = bench.library.stage.inspector.approval
    return " ".join(label.text() for label in bar.findChildren(NameLabel))
