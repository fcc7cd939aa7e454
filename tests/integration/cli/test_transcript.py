"""A transcript in the making, as words of the command line."""

from pathlib import Path

from app.core.catalog import transcripts
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.model.entities import Segment, Word
from tests.integration.cli.test_words import the
from tests.support.command import NearDesk

RATE = 16_000


def write(home: Path, clip: str, version: int, *texts: str, facts: str = "{}") -> None:
    """The words of a clip, a third of a second each, as its makers store them."""
    third = RATE // 3
    words = [Word(n * third, (n + 1) * third, 900, text) for n, text in enumerate(texts)]
    segments = [Segment(w.start, w.end, w.text, None, "en", (w,)) for w in words]
    catalog = Catalog.open(home)

    def act(tx: Tx) -> None:
        content = str(tx.value("SELECT content_id FROM clip WHERE id = ?", clip))
        transcripts.put(tx, content, "base", version, "en", segments, facts)
        transcripts.index(tx, clip, segments, lambda a, b: (a * 25 // RATE, b * 25 // RATE + 1))

    catalog.write(act)
    catalog.close()


def test_what_is_known_so_far_is_told_as_such(near: NearDesk) -> None:
    clip = the(near, "A003")
    write(near.home, clip, transcripts.PART, "pilchards", facts='{"reached": 8000}')
    part = near.ask("transcript", clip, code=1)
    assert (part["reached_frame"], part["reached"]) == (12, "01:00:00:12")
    assert [segment["text"] for segment in part["segments"]] == ["pilchards"]
    assert [hit["clip"] for hit in near.ask("search", "pilchards")["hits"]] == [clip]
    told = near.run("transcript", clip)
    assert (told.code, told.out.strip().splitlines()[-1].split()[-1]) == (1, "pilchards")
    assert "So far up to 01:00:00:12" in told.err
    write(near.home, clip, 1, "pilchards", "ashore")
    whole = near.ask("transcript", clip)
    assert (whole["reached_frame"], whole["reached"]) == (None, None)
    assert len(whole["segments"]) == 2
    assert "So far" not in near.run("transcript", clip).err
    assert near.ask("check")["problems"] == []
