"""Room in the proxy store: the reserve limits what is added, and nothing goes but for what is wanted more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.catalog import attempts, clips, library, renditions, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Tx
from app.core.model.errors import Missing, NoRoom, as_json
from app.core.model.media import RenditionKind
from app.core.platform import filesystems
from app.core.platform.filesystems import Space
from app.core.platform.preferences import Derivatives
from app.core.post.room import FULL, expected
from app.core.post.store import ProxyStore
from app.core.post.timelines import Choice, Timelines
from tests.support import catalogs
from tests.support.jobs import run_all

GB = 1_000_000_000
SIZE = 4 * GB
"""Of each made proxy; on the disk it is a small file."""
LONG = 10_000_000
"""Milliseconds: a clip whose proxy may take a little more than that."""


class Disk:
    """A store whose disk is as large and as full as the test says."""

    def __init__(self, catalog: Catalog, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.catalog = catalog
        self.total, self.others = 400 * GB, 0
        self.temporary = 0
        monkeypatch.setattr(filesystems, "space", self.space)
        self.store = ProxyStore(catalog, home, Derivatives(reserve_gb=20, reserve_percent=0))
        self.volume = catalogs.add_volume(catalog)
        self.now = 1_700_000_000_000

    def space(self, _path: Path) -> Space:
        return Space(self.total - self.others - self.held() - self.temporary, self.total)

    def held(self) -> int:
        with self.catalog.read() as reader:
            return renditions.total_size(reader)

    def leave_free(self, free: int) -> None:
        """Others fill or empty the disk until so much is free."""
        self.others = self.total - self.held() - free

    def clip(self, name: str) -> str:
        self.now += 1000
        clip = catalogs.add_clip(self.catalog, self.volume, name, duration_ms=LONG)
        self.catalog.write(
            lambda tx: tx.run("UPDATE clip SET made_at = ? WHERE id = ?", self.now, clip)
        )
        return clip

    def use(self, clip: str) -> None:
        """A person opens it, some hours ago."""
        self.now += 1000

        def act(tx: Tx) -> None:
            clips.touch_by_person(tx, clip)
            self._used(tx, clip)

        self.catalog.write(act)

    def _used(self, tx: Tx, clip: str) -> None:
        content = renditions.content_of(tx, clip)
        tx.run("UPDATE rendition SET used_at = ? WHERE content_id = ?", self.now, content)

    def make(self, clip: str) -> bool:
        """A pass over the clip, as the service does it; false where there was no room."""
        self.now += 1000
        with self.catalog.read() as reader:
            content = renditions.content_of(reader, clip)
        assert content
        try:
            with self.store.room.kept(self.catalog, clip):
                self._made(clip, content)
        except NoRoom as error:
            failed = as_json(error)
            self.catalog.write(lambda tx: attempts.failed(tx, "derive", clip, failed, passing=True))
            return False
        finally:
            self.temporary = 0
        self.catalog.write(lambda tx: attempts.succeeded(tx, "derive", clip))
        return True

    def _made(self, clip: str, content: str) -> None:
        key = ArtifactKey(content, "derive", 1, "720p")
        self.temporary = SIZE
        final = self.store.folder(key)
        with self.store.workshop() as folder:
            (folder / "proxy").write_bytes(b"x")
            with self.catalog.read() as reader:
                self.store.room.leaving(reader, content, SIZE)
            self.store.put(key, folder)
        made = [Made(RenditionKind.PROXY, self.store.relative(final / "proxy"), SIZE)]

        def act(tx: Tx) -> list[str]:
            old = self.store.leaving(tx, content, SIZE)
            old += renditions.put(tx, content, "derive", 1, "720p", made)
            self._used(tx, clip)
            return old

        self.store.remove(self.catalog.write(act))

    def has(self, clip: str) -> bool:
        with self.catalog.read() as reader:
            found = library.get(reader, clip)
        assert found
        return self.store.file_of(found, RenditionKind.PROXY) is not None

    def away(self, clip: str, *, gone: bool) -> None:
        """The disk its files are on goes, or comes back."""
        state = "offline" if gone else "ready"
        self.catalog.write(lambda tx: tx.run("UPDATE clip SET state = ? WHERE id = ?", state, clip))

    def waits(self, clip: str) -> bool:
        with self.catalog.read() as reader:
            return clip in attempts.blocked(reader, "derive")

    def look(self) -> int:
        (recipe,) = [r for r in self.store.recipes() if r.name == "room"]
        return run_all(self.catalog, recipe, 5)

    def change(self, *, reserve_gb: int, size_cap_gb: int = 0) -> None:
        """Other settings, as the running service takes them up."""
        self.store.room.settings = Derivatives(
            reserve_gb=reserve_gb, reserve_percent=0, size_cap_gb=size_cap_gb
        )


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    with catalogs.opened(tmp_path / "home") as catalog:
        catalogs.settle_in(catalog)
        yield Disk(catalog, tmp_path / "home", monkeypatch)


def test_what_does_not_fit_below_the_reserve_costs_nothing(disk: Disk) -> None:
    first = disk.clip("A001.mov")
    disk.change(reserve_gb=0)
    assert disk.make(first)
    disk.change(reserve_gb=20)
    disk.leave_free(4 * GB)
    second = disk.clip("A002.mov")
    assert not disk.make(second)
    assert disk.has(first)
    assert disk.waits(second)
    with disk.catalog.read() as reader:
        short = disk.store.room.short(reader)
    assert short
    assert short.words == "1 proxy waits for room: 4.0 GB free, the reserve is 20.0 GB"


def test_the_least_used_goes_for_what_is_wanted_more_and_only_so_much(disk: Disk) -> None:
    old, used, third = (disk.clip(f"A00{n}.mov") for n in range(3))
    assert all(map(disk.make, (old, used, third)))
    disk.use(used)
    disk.leave_free(21 * GB)
    new = disk.clip("B001.mov")
    assert disk.make(new)
    assert [disk.has(c) for c in (old, used, third, new)] == [False, True, True, True]
    assert disk.space(disk.store.root).free >= 20 * GB


def test_nothing_newer_goes_for_what_is_wanted_less(disk: Disk) -> None:
    old = disk.clip("A001.mov")
    newer = disk.clip("A002.mov")
    assert disk.make(newer)
    disk.leave_free(21 * GB)
    assert not disk.make(old)
    assert disk.has(newer)


def test_the_only_picture_and_what_is_in_hand_stay(disk: Disk) -> None:
    away, seen, fresh = (disk.clip(f"A00{n}.mov") for n in range(3))
    assert all(map(disk.make, (away, seen, fresh)))
    disk.away(away, gone=True)
    disk.store.room.in_hand = lambda: (seen,)
    disk.catalog.write(lambda tx: clips.touch_by_person(tx, fresh))
    disk.leave_free(21 * GB)
    new = disk.clip("B001.mov")
    assert not disk.make(new)
    assert all(map(disk.has, (away, seen, fresh)))
    disk.away(away, gone=False)
    assert disk.make(new)
    assert not disk.has(away)


def test_a_pass_that_fails_costs_nothing(disk: Disk) -> None:
    old = disk.clip("A001.mov")
    assert disk.make(old)
    disk.leave_free(21 * GB)
    new = disk.clip("B001.mov")
    with pytest.raises(ZeroDivisionError), disk.store.room.kept(disk.catalog, new):
        raise ZeroDivisionError
    assert disk.has(old)
    assert disk.make(new)


def test_what_waits_tries_again_when_room_or_the_settings_change(disk: Disk) -> None:
    disk.leave_free(15 * GB)
    clip = disk.clip("A001.mov")
    assert not disk.make(clip)
    assert disk.look() == 1, "the first look after a start has figures of today"
    assert not disk.make(clip)
    assert disk.look() == 0
    disk.leave_free(14 * GB)
    assert disk.look() == 0, "less room is no reason"
    disk.change(reserve_gb=1)
    assert disk.look() == 1
    assert not disk.waits(clip)
    disk.change(reserve_gb=20)
    assert not disk.make(clip)
    assert disk.look() == 1
    assert not disk.make(clip)
    disk.leave_free(90 * GB)
    assert disk.look() == 1
    assert disk.make(clip)
    with disk.catalog.read() as reader:
        assert disk.store.room.short(reader) is None


def test_passes_side_by_side_do_not_promise_the_same_room(disk: Disk) -> None:
    first, second = disk.clip("A001.mov"), disk.clip("A002.mov")
    disk.leave_free(20 * GB + expected(LONG) + GB)
    with disk.store.room.kept(disk.catalog, first):
        assert not disk.make(second)
    assert disk.make(second)


def test_what_waited_for_the_room_of_a_pass_tries_again_when_that_ends(disk: Disk) -> None:
    first, second = disk.clip("A001.mov"), disk.clip("A002.mov")
    disk.leave_free(20 * GB + expected(LONG) + GB)
    with disk.store.room.kept(disk.catalog, first):
        assert not disk.make(second)
        disk.look()
        assert not disk.make(second)
        assert disk.look() == 0
    assert disk.look() == 1, "though the first pass left the disk as it was"
    assert disk.make(second)


def test_the_stores_own_limit_is_said_as_such(disk: Disk) -> None:
    old = disk.clip("A001.mov")
    disk.change(size_cap_gb=6, reserve_gb=0)
    assert disk.make(old)
    new = disk.clip("B001.mov")
    disk.away(old, gone=True)
    with pytest.raises(NoRoom, match="may hold 6"), disk.store.room.kept(disk.catalog, new):
        raise AssertionError
    disk.away(old, gone=False)
    assert disk.make(new)
    assert not disk.has(old)


def test_only_what_waits_for_room_is_counted(disk: Disk) -> None:
    error = as_json(NoRoom("Another disk is full", "So it is."))
    disk.catalog.write(lambda tx: attempts.failed(tx, "derive", "x", error, passing=True))
    with disk.catalog.read() as reader:
        assert attempts.wanting(reader, "derive", FULL) == []
        assert disk.store.room.short(reader) is None


def test_a_volume_that_is_away_keeps_its_proxies(disk: Disk) -> None:
    clip = disk.clip("A001.mov")
    assert disk.make(clip)
    disk.catalog.write(lambda tx: volumes.set_online(tx, disk.volume, online=False))
    disk.leave_free(21 * GB)
    disk.volume = catalogs.add_volume(disk.catalog, "Other")
    new = disk.clip("B001.mov")
    assert not disk.make(new)
    assert disk.has(clip)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.integers(0, 5)),
        st.tuples(st.just("use"), st.integers(0, 5)),
        st.tuples(st.sampled_from(["away", "back", "seen"]), st.integers(0, 5)),
        st.tuples(st.just("free"), st.integers(0, 48)),
        st.tuples(st.just("reserve"), st.sampled_from([0, 5, 20, 40])),
        st.tuples(st.just("tend"), st.just(0)),
    ),
    max_size=30,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_nothing_is_lost_but_for_what_was_wanted_more(
    acts: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("room") / "home"
        with catalogs.opened(home) as catalog:
            catalogs.settle_in(catalog)
            _play(Disk(catalog, home, patch), acts)


def _play(disk: Disk, acts: list[tuple[str, int]]) -> None:
    names = [disk.clip(f"A00{n}.mov") for n in range(6)]
    gone: set[str] = set()
    disk.leave_free(40 * GB)
    for act, number in acts:
        clip = names[number % 6]
        had = {one for one in names if disk.has(one)}
        wanted = {one: _wanted(disk, one) for one in names}
        free = disk.space(disk.store.root).free
        made = _act(disk, act, clip, number, gone)
        lost = had - {one for one in names if disk.has(one)}
        assert not lost or made, f"{act}: lost for nothing"
        assert not lost & (gone | set(disk.store.room.in_hand())), f"{act}: still needed"
        assert all(wanted[one] < wanted[clip] for one in lost), f"{act}: it was wanted more"
        assert len(lost) <= 1, "no more goes than takes its place"
        if made and clip not in had:
            after = disk.space(disk.store.root).free
            assert after >= min(free, disk.store.room.reserve()), "the reserve was used"


def _wanted(disk: Disk, clip: str) -> int:
    with disk.catalog.read() as reader:
        content = renditions.content_of(reader, clip)
        assert content
        return renditions.wanted_at(reader, content)


def _act(disk: Disk, act: str, clip: str, number: int, gone: set[str]) -> bool:
    """Whether a proxy was made."""
    if act == "make":
        return clip not in gone and disk.make(clip)
    if act == "use":
        disk.use(clip)
    elif act in ("away", "back"):
        disk.away(clip, gone=act == "away")
        (gone.add if act == "away" else gone.discard)(clip)
    elif act == "seen":
        disk.store.room.in_hand = lambda: (clip,)
    elif act == "free":
        disk.leave_free(number * GB)
    elif act == "reserve":
        disk.change(reserve_gb=number)
    else:
        for recipe in disk.store.recipes():
            run_all(disk.catalog, recipe, 3)
    return False


def test_a_package_says_that_its_proxy_waits_for_room(disk: Disk, tmp_path: Path) -> None:
    clip = disk.clip("A001.mov")
    export = Timelines(disk.catalog, disk.store).export
    with pytest.raises(Missing, match="no proxy yet") as caught:
        export([Choice(clip)], tmp_path / "one.otioz", form="otioz")
    assert caught.value.todo.startswith("Wait until its proxy is made")
    disk.leave_free(4 * GB)
    assert not disk.make(clip)
    with pytest.raises(Missing, match="no proxy yet") as caught:
        export([Choice(clip)], tmp_path / "two.otioz", form="otioz")
    assert caught.value.todo.startswith("1 proxy waits for room: 4.0 GB free")
