"""Reads of a dead share that never end: who calls them off is heard, everything else goes on, and closing waits for none."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.catalog import attempts, files
from app.core.catalog.database import Catalog
from app.core.ingest.recipes import Hashing, Settling
from app.core.model.media import Derive
from app.core.platform.preferences import Ingest, Tools
from app.core.post.probing import Probing
from app.core.work.engine import Engine
from app.core.work.patience import Patience
from app.core.work.read_caps import ReadCaps
from app.core.work.recipes import QUICK, Recipe
from tests.support.command import wait_for
from tests.support.fuse_share import HANG, Rule, Share
from tests.support.volumes import Desk, age, put, wav


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """A share with three files."""
    for n, name in enumerate("abc"):
        put(tmp_path / "behind", f"{name}.wav", at=n)
    with Share(tmp_path / "behind", tmp_path / "share") as found:
        yield found
        found.weather()
        wait_for(lambda: not any(t.name == "patience" for t in threading.enumerate()))


@pytest.fixture
def desk(desk: Desk, root: Path, share: Share) -> Desk:
    """It watches the share and a folder of its own, and everything is to be read."""
    put(root, "near.wav", at=9)
    for volume in (desk.add(share.mount), desk.add(root)):
        desk.volumes.change(volume.id, derive=Derive.ALL)
    # What somebody spoke of is read first.
    desk.say("a.wav")
    return desk


@pytest.fixture
def started() -> Iterator[Callable[..., Engine]]:
    """Begins engines, and closes them."""
    engines: list[Engine] = []

    def start(catalog: Catalog, *recipes: Recipe) -> Engine:
        engine = Engine(catalog, recipes)
        engines.append(engine)
        engine.start()
        return engine

    yield start
    for engine in engines:
        engine.close()


def _hashed(catalog: Catalog) -> set[str]:
    with catalog.read() as reader:
        return {ref.path for ref, _ in files.hashed(reader)}


def _reading(hashing: Hashing) -> Recipe:
    return Recipe("hash", "Checksums", hashing.due, hashing.run)


def test_a_whole_read_that_hangs_is_called_off_and_the_others_go_on(
    desk: Desk, share: Share, started: Callable[..., Engine]
) -> None:
    share.weather(Rule("read", "/a.wav", seconds=HANG))
    engine = started(desk.catalog, _reading(Hashing(ReadCaps(), Patience(600))))
    wait_for(lambda: _hashed(desk.catalog) == {"near.wav"})
    job = next(job for job in engine.jobs() if job.subject.name == "a.wav")
    assert engine.cancel(job.key)
    wait_for(lambda: job not in engine.jobs())
    wait_for(lambda: _hashed(desk.catalog) == {"near.wav", "b.wav", "c.wav"})
    with desk.catalog.read() as reader:
        assert [(a.name, a.stopped) for a in attempts.every(reader)] == [("a.wav", True)]
    share.weather()
    assert engine.ensure(job.key)
    wait_for(lambda: "a.wav" in _hashed(desk.catalog))


def test_a_whole_read_that_hangs_gives_way_by_itself_and_is_tried_again(
    desk: Desk, share: Share, started: Callable[..., Engine]
) -> None:
    share.weather(Rule("read", "/a.wav", seconds=15))
    engine = started(desk.catalog, _reading(Hashing(ReadCaps(), Patience(1))))
    wait_for(lambda: _hashed(desk.catalog) >= {"near.wav", "b.wav", "c.wav"})
    assert "a.wav" not in _hashed(desk.catalog)
    with desk.catalog.read() as reader:
        (late,) = attempts.every(reader)
    assert (late.name, late.stopped) == ("a.wav", False)
    assert "a.wav does not answer" in late.error["message"]
    share.weather()
    engine.ensure_all()
    wait_for(lambda: "a.wav" in _hashed(desk.catalog))


def test_a_slow_read_is_not_taken_for_one_that_hangs(desk: Desk, share: Share) -> None:
    path = share.behind / "long.wav"
    path.write_bytes(wav("long", 5_000))
    age(path, 7)
    desk.look(desk.volumes.get("share"))
    share.weather(Rule("read", "/long.wav", seconds=0.05))
    whole = Hashing(ReadCaps(), Patience(1))
    before = time.monotonic()
    with desk.catalog.read() as reader:
        (ref,) = files.refs(reader, "f.path = ?", b"long.wav")
    assert _read(desk, whole, ref.id).startswith("xxh3-128:")
    assert time.monotonic() - before > 1, "it took longer than a hang may"


def _read(desk: Desk, hashing: Hashing, file_id: str) -> str:
    from app.core.work.recipes import Context, Job, Subject

    subject = Subject(file_id, QUICK, "")
    hashing.run(
        Context(desk.catalog, Job(_reading(hashing), subject, threading.Event()), lambda _: None),
        subject,
    )
    with desk.catalog.read() as reader:
        return str(reader.value("SELECT full_hash FROM file WHERE id = ?", file_id))


def test_closing_waits_for_no_read_that_hangs_and_believes_none(
    desk: Desk, share: Share, started: Callable[..., Engine]
) -> None:
    share.weather(Rule("read", "/a.wav", seconds=HANG))
    engine = started(desk.catalog, _reading(Hashing(ReadCaps(), Patience(600))))
    wait_for(share.hangs)
    engine.close()
    assert any(thread.name == "patience" for thread in threading.enumerate()), "it still hangs"
    assert not any(thread.name.startswith("lane") for thread in threading.enumerate())
    share.weather()
    wait_for(lambda: not any(t.name == "patience" for t in threading.enumerate()))
    assert "a.wav" not in _hashed(desk.catalog)
    desk.hash_all()
    assert _hashed(desk.catalog) == {"a.wav", "b.wav", "c.wav", "near.wav"}


def test_first_looks_that_hang_hold_no_other_file_and_no_other_volume(
    desk: Desk, share: Share, root: Path, started: Callable[..., Engine]
) -> None:
    for n in range(4):
        put(share.behind, f"late {n}.wav", at=20 + n)
    for name in ("d.wav", "e.wav"):
        put(share.behind, name, at=30 + ord(name[0]))
        put(root, f"near {name}", at=40 + ord(name[0]))
    for volume in desk.volumes.every():
        desk.scanner.scan(volume.id)
    share.weather(Rule("read", "/late*", seconds=HANG))
    probing = Probing(Ingest(), Tools())
    probing._patience = Patience(1)
    try:
        started(desk.catalog, *probing.recipes())
        wait_for(lambda: _unknown(desk) == {f"late {n}.wav" for n in range(4)})
    finally:
        probing.close()


def _unknown(desk: Desk) -> set[str]:
    with desk.catalog.read() as reader:
        return {ref.path for ref in files.refs(reader, "f.facts_sig IS NULL")}


def test_a_growing_file_that_does_not_answer_holds_no_other(
    desk: Desk, share: Share, root: Path, started: Callable[..., Engine]
) -> None:
    for place in (share.behind, root):
        (place / "new.wav").write_bytes(wav("new"))
    for n in range(3):
        (share.behind / f"late {n}.wav").write_bytes(wav(f"late {n}"))
    desk.scanner._quiet_ms = lambda: 500
    desk.scanner._patience = Patience(1)
    for volume in desk.volumes.every():
        desk.scanner.scan(volume.id)
    share.weather(Rule("getattr", "/late*", seconds=HANG))
    settling = Settling(desk.scanner, 500)
    started(desk.catalog, Recipe("settle", "Growing files", settling.due, settling.run))
    wait_for(lambda: _growing(desk) == {f"late {n}.wav" for n in range(3)})


def _growing(desk: Desk) -> set[str]:
    return {path for path, (_, state) in desk.places().items() if state == "growing"}
