"""An hour of watching, taking in and sending, while a part of everything goes wrong: nothing grows, nothing is lost.

RUSHES_SOAK_MINUTES says how long (60). A minute is enough to catch what leaks with each file.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.catalog import database
from app.core.cloud.places import Place, open_store
from app.core.cloud.store import ObjectStore
from tests.support.command import Desk, processes_with, wait_for
from tests.support.s3_server import S3Server
from tests.support.soak_catalog import Known
from tests.support.soak_readings import (
    COUNTED,
    Places,
    Reading,
    Sampler,
    grown,
    growth,
    series,
    wait_quiet,
)
from tests.support.soak_share import NoisyShare
from tests.support.soak_troubles import PART, ChancyProxy, Troubles
from tests.support.soak_world import World
from tests.support.source import ROOT
from tests.support.uploading import content_hash

MINUTES = float(os.environ.get("RUSHES_SOAK_MINUTES", "60"))
SEED = int(os.environ.get("RUSHES_SOAK_SEED", "99"))
SHORT = 10
"""Minutes; in less than these it all goes quicker."""
TROUBLE_SECONDS = 25
HOME_MEGABYTES = 900
TARGETS = ("main", "second")
"""Buckets, and the targets of the same names."""
SLACK = {
    "threads": 4.0, "handles": 8.0, "rss": 16_384.0, "own": 16_384.0, "children": 3.0, "children_rss": 65_536.0, "temporary": 3.0, "log": 16_384.0,
}  # fmt: skip
"""A rise over the readings that is no growth: a pool that filled, a cache that warmed up."""
AT_REST = {"threads": 4, "handles": 3, "children": 12, "largest": 65_536, "temporary": 0}
"""The same from rest to rest: the program's log, connections that are kept, workers of which there are a few."""
CATALOG = 1 + 2 * (1 + database.POOL)
"""Most handles of a catalog at rest: file and log of the writer's connection and of those in the pool, and what they share."""
GONE = ("The original is gone", "The file is not there")
"""What is said of an upload whose file was deleted before it was sent; the second until a scan saw it."""
FIXABLE = "you can fix it"
REPORT = ROOT / ".cache" / "soak.json"


@dataclasses.dataclass(slots=True)
class Soak:
    """One run."""

    desk: Desk
    world: World
    proxy: ChancyProxy
    server: S3Server
    share: NoisyShare
    disk: Path | None
    temporary: Path
    rests: list[Reading] = dataclasses.field(default_factory=list)
    readings: list[Reading] = dataclasses.field(default_factory=list)
    had: dict[str, int] = dataclasses.field(default_factory=dict)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Path, Path | None]]:
    """The data folder on a disk of its own, which can be full, where that can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={HOME_MEGABYTES}m", "tmpfs", str(place)]
    mounted = os.geteuid() == 0 and not subprocess.run(words, check=False).returncode
    yield place / "home", place if mounted else None
    if mounted:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def soak(tmp_path: Path, home: tuple[Path, Path | None]) -> Iterator[Soak]:
    """A desk with two volumes and two targets, all of them noisy later."""
    for name in ("local", "behind", "temporary"):
        (tmp_path / name).mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(S3Server(buckets=TARGETS))
        proxy = stack.enter_context(ChancyProxy(server.url, SEED))
        proxy.part = 0
        share = stack.enter_context(NoisyShare(tmp_path / "behind", tmp_path / "share"))
        desk = Desk(home[0], TMPDIR=str(tmp_path / "temporary"), **server.environment)
        roots = {"local": tmp_path / "local", "share": tmp_path / "behind"}
        world = World(desk, roots, share, SEED)
        for words in (
            ("settings", "ingest.quiet_seconds", 1),
            ("settings", "ingest.network_scan_minutes", 1),
            ("settings", "derivatives.reserve_gb", 0),
            ("settings", "derivatives.reserve_percent", 0),
            ("settings", "sync.grace_seconds", 0),
            ("settings", "sync.part_size_mb", 5),
            ("volume", "add", roots["local"], "--derive", "all"),
            ("volume", "add", share.mount, "--derive", "all"),
            *(("target", "add", name, "--bucket", name, "--endpoint", proxy.url, "--region", "us-east-1") for name in TARGETS),
        ):  # fmt: skip
            desk.ask(*words)
        yield Soak(desk, world, proxy, server, share, home[1], tmp_path / "temporary")


def run(soak: Soak, minutes: float) -> None:
    """The program runs, the world turns; the program is ended as a person ends it."""
    world = soak.world
    with soak.desk.owner() as process:
        drained = _drained(process)
        places = Places(process.pid, soak.desk.home, soak.temporary)
        troubles = Troubles(world, soak.proxy, soak.share, process.pid, soak.disk)
        # As long as it is whole, so that the first readings are of a program that has everything loaded.
        for _ in range(8):
            world.arrive()
        world.settle()
        with Sampler(places, 1 if minutes < SHORT else 5) as sampler:
            _rest(soak, places, sampler)
            begun, count = time.monotonic(), 2 if minutes < SHORT else 12
            for number in range(count):
                until = begun + (number + 1) * minutes * 60 / count
                _turn(soak, troubles, until, pace=1 if minutes < SHORT else 3)
                _rest(soak, places, sampler)
        soak.readings, soak.had = sampler.readings, dict(troubles.had)
        troubles.calm()
        assert process.poll() is None, "it ended by itself"
        process.send_signal(signal.SIGTERM)
        wait_for(lambda: process.poll() is not None)
        # With a clip that a bucket denied, work is left.
        assert process.returncode in (0, 1), drained()
        assert "Traceback" not in drained()


def _turn(soak: Soak, troubles: Troubles, until: float, *, pace: int) -> None:
    """Things happen, and break."""
    world = soak.world
    troubles.calm(PART)
    next_trouble = next_look = time.monotonic() + TROUBLE_SECONDS / 3
    while time.monotonic() < until:
        world.act()
        now = time.monotonic()
        if now > next_trouble:
            troubles.one()
            next_trouble = now + TROUBLE_SECONDS
        if now > next_look:
            world.observe()
            next_look = now + 5
        time.sleep(world.chance.uniform(0.2, 1.2) * pace)
    world.settle()


def _rest(soak: Soak, places: Places, sampler: Sampler) -> None:
    """Nothing happens and nothing is broken until nothing is left to do; what it holds then."""
    soak.proxy.part = 0
    soak.share.noise(0)

    def quiet() -> bool:
        code, work = soak.world.ask("work")
        if code or work["running"]:
            return False
        waits = {one["key"] for one in work["failed"] if one["error"]["title"] in GONE}
        due = {f"{name}:{one['subject']}" for name, some in work["due"].items() for one in some}
        return due <= waits

    came = wait_quiet(quiet, 120)
    soak.world.counts["rests" if came else "rests that did not come"] += 1
    soak.world.observe()
    found = [one for one in (places.read(sampler.begun) for _ in range(3)) if one]
    if came and found:
        soak.rests.append(min(found, key=lambda one: one.handles + one.threads))


def _drained(process: "subprocess.Popen[str]") -> Any:
    """Reads what it says, so that it never waits for us; gives it back on call."""
    said: list[str] = []

    def read(stream: Any) -> None:
        said.extend(stream)

    streams = [process.stdout, process.stderr]
    threads = [threading.Thread(target=read, args=(one,), daemon=True) for one in streams]
    for one in threads:
        one.start()

    def told() -> str:
        for one in threads:
            one.join(5)
        return "".join(said)

    return told


def growing(soak: Soak, minutes: float) -> list[str]:
    """Which figures grew: over the second half of all readings, and from rest to rest."""
    half = soak.readings[len(soak.readings) // 2 :]
    # In half a minute one encoder that begins or ends is the slope of all children: those that stay are seen at rest.
    names = [one for one in COUNTED if minutes >= SHORT or not one.startswith("children")]
    found = [grown(name, growth(series(half, name)), SLACK[name]) for name in names]
    # In a long run the first rest is of a program that has not met everything yet.
    begun = min(1, len(soak.rests) // 4)
    for name in AT_REST:
        first, last = (_held(soak.rests[at], name) for at in (begun, -1))
        if last - first > AT_REST[name]:
            found.append(f"at rest {name} went from {first} to {last}")
    most = max((one.catalog for one in soak.rests), default=0)
    if most > CATALOG:
        found.append(f"at rest the catalog is open {most} times")
    return [one for one in found if one]


def _held(reading: Reading, name: str) -> int:
    """What it holds itself: without threads and pipes of the children it keeps, and without the catalog's pool."""
    found: int = getattr(reading, name)
    lent = {"threads": reading.children, "handles": reading.lent + reading.catalog}
    return found - lent.get(name, 0)


def lost(soak: Soak) -> list[str]:
    """Once nothing is broken any more: everything that does not hold."""
    desk, found = soak.desk, []
    if not soak.share.pid:
        soak.share.__enter__()
    found += [f"still runs: {one}" for one in processes_with(desk.home)]
    desk.run("work", "retry", "all")
    found += [*_ran(soak), *_synced(soak)]
    reply = desk.run("--json", "check", "--read")
    if reply.code:
        found.append(f"check ended with {reply.code}: {reply.out[:3000]}")
    known = soak.world.observe()
    found += [*_words(soak, known), *_media(soak, known), *_objects(soak, known)]
    places = Places(0, desk.home, soak.temporary)
    return found + [f"left over: {one}" for one in places.left()]


def _ran(soak: Soak) -> Iterator[str]:
    """`run --until-idle` leaves nothing but what cannot be sent, and names it: what was approved, and deleted before it was sent."""
    reply = soak.desk.run("--json", "run", "--until-idle")
    deleted = _deleted(soak)
    said = {one["key"]: one for one in reply.value["failed"]}
    waits = {
        key for key, one in said.items() if one["error"]["title"] in GONE and not one["stopped"]
    }
    # A file that cannot be decoded is nobody's work left.
    left = {
        key for key, one in said.items() if not one["stopped"] or one["error"]["family"] == FIXABLE
    }
    if (reply.code, waits, left) != (1 if deleted else 0, set(deleted), set(deleted)):
        yield f"run ended with {reply.code}, and {deleted} cannot be sent: {reply.out[:3000]}"


def _synced(soak: Soak) -> Iterator[str]:
    """The same of `sync --until-done`."""
    reply = soak.desk.run("--json", "sync", "--until-done")
    deleted = _deleted(soak)
    waits = {(one["target"], one["key"]) for one in reply.value["waiting"]}
    exact = waits == set(deleted.values()) and not reply.value["failed"]
    if not exact or reply.code != (1 if deleted else 0):
        yield f"sync ended with {reply.code}, and {deleted} cannot be sent: {reply.out[:3000]}"


def _deleted(soak: Soak) -> dict[str, tuple[str, str]]:
    """(target, key) of what is to be sent and is nowhere any more, by the key of its work."""
    left = soak.world.observe().left
    return {
        work: (target, key) for work, (target, key, full) in left.items() if full in soak.world.gone
    }


def _words(soak: Soak, known: Known) -> Iterator[str]:
    for said in soak.world.notes:
        if said.text not in known.notes:
            yield f"a note is gone: {said}"
        elif known.resolved(known.notes[said.text]) != known.resolved(said.clip):
            yield f"a note is on another clip: {said}"


def _media(soak: Soak, known: Known) -> Iterator[str]:
    mounts = {soak.world.roots["local"]: None, soak.share.behind: soak.share.mount}
    for take in soak.world.takes:
        behind = next(root for root in mounts if take.path.is_relative_to(root))
        seen_as = (mounts[behind] or behind) / take.path.relative_to(behind)
        state, full, clip = known.files.get(str(seen_as), ("not known", "", ""))
        if (state, full) != ("present", take.hash):
            yield f"{seen_as}: {state}, {full}, and is {take.hash}"
        elif take.clip and known.resolved(clip) != known.resolved(take.clip):
            yield f"{seen_as}: was clip {take.clip} and is {clip}"


def _objects(soak: Soak, known: Known) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in soak.server.environment.items():
            patch.setenv(name, value)
        stores = {one: open_store(Place(one, soak.server.url, "us-east-1")) for one in TARGETS}
        try:
            for target, store in stores.items():
                yield from _of_store(soak, known, target, store)
            opened = [one.key for store in stores.values() for one in store.list_multipart("")]
        finally:
            for store in stores.values():
                store.close()
    # Such as nobody could give up are swept after a day.
    if len(opened) > soak.proxy.orphaning:
        yield f"{opened} are open, and {soak.proxy.orphaning} beginnings and ends were struck"


def _of_store(soak: Soak, known: Known, target: str, store: ObjectStore) -> Iterator[str]:
    there = {one.key: one.size for one in store.list("")}
    whole: set[str] = set()
    for at, key, state, full, error in known.uploads:
        if at != target or state != "verified":
            if at == target and state == "failed":
                yield f"{target}: {key} failed: {error}"
            continue
        if key not in there:
            yield f"{target}: {key} is said to be there, and is not"
            continue
        data = store.get(key, 0, there[key]) if there[key] else b""
        if content_hash(data) != full:
            yield f"{target}: {key} is not what was sent ({hashlib.md5(data).hexdigest()})"
        whole.add(full)
    for take in soak.world.takes:
        if take.approved and take.hash not in whole:
            yield f"{target}: approved and not there: {take.path}"


def report(soak: Soak, minutes: float) -> dict[str, Any]:
    """The figures of a run."""
    half = soak.readings[len(soak.readings) // 2 :]
    world, proxy = soak.world, soak.proxy
    return {
        "minutes": round(minutes, 1),
        "part": PART,
        "world": dict(world.counts),
        "answers": {str(code): count for code, count in sorted(world.answers.items())},
        "slowest answer, s": round(world.longest, 1),
        "troubles": soak.had,
        "requests": proxy.requests,
        "struck": dict(proxy.struck),
        "orphaning": proxy.orphaning,
        "growth": {
            name: {
                key: round(value, 1)
                for key, value in dataclasses.asdict(growth(series(half, name))).items()
            }
            for name in COUNTED
        },
        "at rest": [dataclasses.asdict(one) | {"at": round(one.at)} for one in soak.rests],
    }


def held(soak: Soak, minutes: float) -> tuple[dict[str, Any], list[str]]:
    """The figures of a run, and what did not hold."""
    begun = time.monotonic()
    run(soak, minutes)
    told = report(soak, (time.monotonic() - begun) / 60)
    bad = [*soak.world.tracebacks, *growing(soak, minutes), *lost(soak)]
    return told | {"bad": bad}, bad


@pytest.mark.long
@pytest.mark.timeout(MINUTES * 90 + 1800)
def test_nothing_grows_and_nothing_is_lost(soak: Soak, capsys: pytest.CaptureFixture[str]) -> None:
    told, bad = held(soak, MINUTES)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(told, indent=1), encoding="utf-8")
    with capsys.disabled():
        print(f"\n{json.dumps(told, indent=1)}")  # noqa: T201 - figures
    assert bad == []


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_minute_of_it(soak: Soak) -> None:
    bad = held(soak, 1)[1]
    assert not bad, "\n".join(bad)


def test_what_is_held_is_seen(tmp_path: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    places = Places(os.getpid(), home, temporary)
    ended = threading.Event()
    before = places.read(0)
    for folder in (home, temporary):
        folder.mkdir()
        (folder / "made.tmp").touch()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    words = [sys.executable, "-c", "input()"]
    with (
        (home / "made.tmp").open(),
        (home / "catalog.sqlite-wal").open("w"),
        subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as child,
    ):
        after = places.read(0)
        child.communicate(b"\n")
    ended.set()
    thread.join()
    assert before
    assert after
    held = ("threads", "handles", "lent", "catalog", "children", "temporary")
    assert [getattr(after, name) - getattr(before, name) for name in held] == [1, 4, 2, 1, 1, 2]


def test_a_leak_is_told_from_noise() -> None:
    chance = random.Random(SEED)
    noise = [(float(at), chance.gauss(50, 5)) for at in range(0, 1800, 5)]
    assert grown("handles", growth(noise), 8) == ""
    leaks = [(at, value + at / 60) for at, value in noise]
    found = growth(leaks)
    assert 50 < found.per_hour < 70
    assert "handles grows" in grown("handles", found, 8)
