"""Which file is read whole first: what a person waits for, above all a decision that holds only once its bytes are known."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.core.catalog import attempts, unhashed
from app.core.ingest.recipes import Hashing
from app.core.model.errors import BadData, as_json
from app.core.model.media import Derive
from app.core.review.decisions import Decisions
from app.core.review.logging import Log
from app.core.work.read_caps import ReadCaps
from tests.support.volumes import Desk, put

NAMES = ("a", "b", "c", "d", "e", "f", "g")


@pytest.fixture(params=["few", "many"])
def card(
    request: pytest.FixtureRequest, desk: Desk, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Seven clips that were not read whole, looked for in both ways there are."""
    if request.param == "many":
        monkeypatch.setattr(unhashed, "FEW", 1)
        monkeypatch.setattr(unhashed, "_PAGE", 2)
    for name in NAMES:
        # One after the other: which of two that come together is seen first is the disk's affair.
        put(root, f"{name}.wav")
        known = desk.volumes.every()
        desk.look(known[0] if known else desk.add(root))
    desk.volumes.change(desk.volumes.every()[0].id, derive=Derive.ALL)
    return desk


def _order(desk: Desk, focus: Sequence[str] = (), limit: int = 100) -> str:
    """Names in the order in which they are due; in capitals where somebody waits."""
    with desk.catalog.read() as reader:
        due = Hashing(ReadCaps()).due(reader, limit, [desk.clip_at(f"{f}.wav") for f in focus])
    names = [Path(one.name).stem for one in due]
    return "".join(n.upper() if one.soon else n for n, one in zip(names, due, strict=True))


def test_what_was_said_and_what_is_on_screen_goes_first(card: Desk) -> None:
    assert _order(card) == "abcdefg"
    card.say("e.wav")
    Log(card.catalog).rate([card.clip_at("g.wav")], 4)
    assert _order(card) == "EGabcdf"
    Decisions(card.catalog).decide([card.clip_at("f.wav")], "approved")
    assert _order(card) == "FEGabcd"
    Decisions(card.catalog).decide([card.clip_at("b.wav")], "rejected")
    assert _order(card) == "BFEGacd"
    assert _order(card, focus="dc") == "CDBFEGa", (
        "on screen, then undecided, then the rest of what was said"
    )
    assert _order(card, limit=3) == "BFE"


def test_a_decision_that_waits_for_the_bytes_goes_before_one_that_does_not(card: Desk) -> None:
    Decisions(card.catalog).decide([card.clip_at(f"{name}.wav") for name in "ag"], "approved")
    known = card.clip_at("a.wav")
    card.catalog.write(
        lambda tx: tx.run("UPDATE decision SET hash = 'xxh3-128:00' WHERE clip_id = ?", known)
    )
    assert _order(card) == "GAbcdef"


def test_every_file_is_named_once_and_none_is_left(card: Desk) -> None:
    for name in "cc":
        card.say(f"{name}.wav", "again")
    Decisions(card.catalog).decide([card.clip_at("c.wav")], "approved")
    assert _order(card, focus="c") == "Cabdefg"
    assert card.hash_all() == len(NAMES)
    assert _order(card, focus="c") == ""


def test_where_posters_alone_are_made_what_was_touched_is_read(card: Desk) -> None:
    (volume,) = card.volumes.every()
    card.volumes.change(volume.id, derive=Derive.POSTERS)
    assert _order(card, focus="a") == ""
    card.say("d.wav")
    assert _order(card, focus="a") == "D"


def test_what_failed_or_is_away_is_left_out(card: Desk, root: Path, tmp_path: Path) -> None:
    Decisions(card.catalog).decide([card.clip_at("c.wav")], "approved")
    with card.catalog.read() as reader:
        (broken, *_), _rest = unhashed.due(reader, 1)
    for _ in range(2):
        card.catalog.write(
            lambda tx: attempts.failed(tx, "hash", broken.id, as_json(BadData("x")), passing=False)
        )
    assert _order(card) == "abdefg"
    (volume,) = card.volumes.every()
    root.rename(tmp_path / "away")
    card.volumes.look(volume)
    assert _order(card) == ""
