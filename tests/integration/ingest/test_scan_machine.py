"""Any order of what people and machines do to a volume: no words are lost, no file is called gone that is there."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support import volumes
from tests.support.volumes import Desk, age, put, wav

NAMES = st.sampled_from(
    [f"{folder}{name}.wav" for folder in ("", "A/", "B/", "A/C/") for name in "xyz"]
)
PICKS = st.integers(0, 11)
"""Which of the files that are there."""
FOLDERS = st.sampled_from(["A", "B", "A/C", "D"])


class _Killed(BaseException):
    """The end of the program, wherever it is."""


class ScanMachine(RuleBasedStateMachine):
    """A folder, what truly lies in it, and a desk that watches it."""

    @initialize()
    def begin(self) -> None:
        """An empty catalog; a folder with one file that nobody touches, so that the volume knows itself."""
        self.base = Path(tempfile.mkdtemp(prefix="machine"))
        self.root = self.base / "volume"
        self.away = self.base / "away"
        self.second = self.base / "second"
        put(self.root, "anchor.wav")
        put(self.second, "other anchor.wav")
        self.beside: dict[str, str] = {}
        """What lies on the second volume, by a word for its bytes."""
        self.stack = ExitStack()
        self.count = 0
        self.inside: dict[str, str] = {}
        """What each path holds, by a word for its bytes."""
        self.said: dict[str, str] = {}
        """The note on some bytes."""
        self.fresh = True
        """Whether the volume was looked at since it last changed."""
        self.mounted = True
        self.blind: set[str] = set()
        """What was written over in place since the last whole scan: its folder's time does not tell."""
        self._open()
        for name in ("x.wav", "A/y.wav", "A/C/z.wav"):
            self.write(name)
        self.volume = self.desk.add(self.root)
        self.other = self.desk.add(self.second)

    def _open(self) -> None:
        self.desk: Desk = self.stack.enter_context(volumes.desk(self.base / "home"))
        self._clock(racy=False)

    def _clock(self, *, racy: bool) -> None:
        """Scans happen long after what they look at, or at once."""
        ahead = 0 if racy else 10_000_000_000
        self.desk.scanner._now_ns = lambda: time.time_ns() + ahead

    def _tick(self) -> None:
        """What happens after a look has another time than what happened before, on filesystems that count in hundredths."""
        time.sleep(0.011)

    def teardown(self) -> None:
        """Closes what is open."""
        if hasattr(self, "stack"):
            self.stack.close()
            shutil.rmtree(self.base)

    def _word(self) -> str:
        self.count += 1
        return f"bytes {self.count}"

    def _pick(self, number: int) -> str:
        names = sorted(self.inside)
        return names[number % len(names)] if names else ""

    def _at(self) -> Path:
        return self.root if self.mounted else self.away

    @rule(name=NAMES)
    def write(self, name: str) -> None:
        """Makes a file, or writes over one."""
        word = self._word()
        path = self._at() / name
        if path.exists():
            self.blind.add(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav(word))
        age(path, self.count)
        self.inside[name] = word
        self.fresh = False

    @rule(pick=PICKS)
    def exchange(self, pick: int) -> None:
        """Puts a new file in the place of one."""
        name = self._pick(pick)
        if name:
            (self._at() / name).unlink()
            self.write(name)

    @rule(pick=PICKS, new=NAMES)
    def rename(self, pick: int, new: str) -> None:
        """Renames a file, perhaps over another."""
        self._rename(self._pick(pick), new)

    def _rename(self, old: str, new: str) -> None:
        if old in self.inside and old != new:
            (self._at() / new).parent.mkdir(parents=True, exist_ok=True)
            (self._at() / old).replace(self._at() / new)
            self.inside[new] = self.inside.pop(old)
            self.fresh = False

    @rule(pick=PICKS, second=PICKS)
    def swap(self, pick: int, second: int) -> None:
        """Two files change names."""
        one, other = self._pick(pick), self._pick(second)
        if one != other:
            at = self._at()
            (at / one).rename(at / "between")
            (at / other).rename(at / one)
            (at / "between").rename(at / other)
            self.inside[one], self.inside[other] = self.inside[other], self.inside[one]
            self.fresh = False

    @rule(old=FOLDERS, new=FOLDERS)
    def move_folder(self, old: str, new: str) -> None:
        """Renames a folder to where none is."""
        source, target = self._at() / old, self._at() / new
        if source.is_dir() and not target.exists() and not new.startswith(f"{old}/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
            self.inside = {
                (new + path[len(old) :] if path.startswith(f"{old}/") else path): word
                for path, word in self.inside.items()
            }
            self.fresh = False

    @rule(one=FOLDERS, other=FOLDERS)
    def swap_folders(self, one: str, other: str) -> None:
        """Two folders change names."""
        at = self._at()
        inside = one.startswith(f"{other}/") or other.startswith(f"{one}/")
        if one == other or inside or not (at / one).is_dir() or not (at / other).is_dir():
            return
        for old, new in ((one, "between"), (other, one), ("between", other)):
            (at / old).rename(at / new)
        names = {one: other, other: one}
        self.inside = {
            next(
                (new + p[len(old) :] for old, new in names.items() if p.startswith(f"{old}/")), p
            ): w
            for p, w in self.inside.items()
        }
        self.fresh = False

    @rule(pick=PICKS)
    def delete(self, pick: int) -> None:
        """Deletes a file."""
        name = self._pick(pick)
        if self.inside.pop(name, None):
            (self._at() / name).unlink()
            self.fresh = False

    @rule(pick=PICKS, new=NAMES, first=st.booleans())
    def carry_over(self, pick: int, new: str, first: bool) -> None:
        """Moves a file that was read whole to the second volume; both are looked at, one before the other."""
        old = self._pick(pick)
        if not old or new in self.beside or not self.mounted:
            return
        self._both(first=first)
        (self.second / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.root / old, self.second / new)
        (self.root / old).unlink()
        self.beside[new] = self.inside.pop(old)
        self.fresh = False
        self._both(first=first)

    @rule(pick=PICKS, new=NAMES, first=st.booleans())
    def carry_back(self, pick: int, new: str, first: bool) -> None:
        """Moves a file back from the second volume."""
        names = sorted(self.beside)
        if not names or new in self.inside or not self.mounted:
            return
        old = names[pick % len(names)]
        self._both(first=first)
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(self.second / old, self.root / new)
        (self.second / old).unlink()
        self.inside[new] = self.beside.pop(old)
        self.fresh = False
        self._both(first=first)

    def _both(self, *, first: bool) -> None:
        for volume in (self.volume, self.other) if first else (self.other, self.volume):
            self.desk.look(volume)
        self.desk.hash_all()
        self.fresh = True
        self.blind.clear()
        self._tick()

    @precondition(lambda self: self.mounted)
    @rule()
    def unmount(self) -> None:
        """Leaves an empty mount point."""
        self.root.rename(self.away)
        self.root.mkdir()
        self.mounted = self.fresh = False

    @precondition(lambda self: not self.mounted)
    @rule()
    def mount(self) -> None:
        """Brings the volume back."""
        self.root.rmdir()
        self.away.rename(self.root)
        self.mounted, self.fresh = True, False

    @rule(racy=st.booleans())
    def look(self, racy: bool = False) -> None:
        """A whole scan."""
        self._clock(racy=racy)
        report = self.desk.look(self.volume)
        assert report.online == self.mounted
        self.fresh = self.mounted
        if self.mounted:
            self.blind.clear()
        self._tick()

    @rule(racy=st.booleans())
    def glance(self, racy: bool) -> None:
        """A quick pass; a whole scan where it asks for one."""
        self._clock(racy=racy)
        report = self.desk.scanner.quick(self.volume.id)
        assert report.online == self.mounted
        if report.unclear:
            self.look(racy)
        self.desk.catch_up()
        self._tick()
        if not self.mounted:
            return
        # Nothing that is there is called gone, nothing new is passed over; what was written over waits.
        there = {path for path, (_, state) in self._places().items() if state == "present"}
        assert there == self.inside.keys() | {"anchor.wav"}
        self.fresh = not self.blind

    @rule(folder=FOLDERS, deep=st.booleans())
    def hint(self, folder: str, deep: bool) -> None:
        """The watcher saw something in a folder."""
        self.desk.hint(self.volume, folder, deep=deep)
        self._tick()

    @precondition(lambda self: self.fresh)
    @rule(pick=PICKS)
    def say(self, pick: int) -> None:
        """Somebody says something about a file."""
        self._say(self._pick(pick))

    def _say(self, name: str) -> None:
        word = self.inside.get(name)
        if word and word not in self.said:
            clip = self._places()[name][0]
            self.said[word] = self.desk.notes.add(clip, 0, None, word).id

    def _places(self) -> Mapping[str, tuple[str, str]]:
        return self.desk.places(self.volume.id)

    @precondition(lambda self: self.mounted)
    @rule()
    def look_and_say(self) -> None:
        """A whole scan, and something is said about everything."""
        self.look()
        for name in sorted(self.inside):
            self._say(name)

    @precondition(lambda self: self.mounted)
    @rule(pick=PICKS, new=NAMES)
    def rename_noticed(self, pick: int, new: str) -> None:
        """A file moves, and the watcher tells of one folder after the other."""
        old = self._pick(pick)
        if old and old != new:
            self._rename(old, new)
            for path in (old, new):
                self.desk.hint(self.volume, path.rpartition("/")[0])
            self._tick()

    @precondition(lambda self: self.mounted)
    @rule(after=st.integers(0, 6), quick=st.booleans())
    def crash(self, after: int, quick: bool) -> None:
        """The program is killed in the middle of a scan: so many folders were read, or so much was written."""
        left = after

        def stopped() -> bool:
            nonlocal left
            left -= 1
            if left < 0:
                raise _Killed
            return False

        real = self.desk.catalog.write

        def write(*words: object, **more: object) -> object:
            stopped()
            return real(*words, **more)  # pyright: ignore[reportArgumentType, reportCallIssue]

        look = self.desk.scanner.quick if quick else self.desk.scanner.scan
        self.desk.catalog.write = write  # pyright: ignore[reportAttributeAccessIssue]
        with contextlib.suppress(_Killed):
            look(self.volume.id, stopped=stopped)
        self.desk.catalog.write = real
        self.reopen()

    @rule()
    def reopen(self) -> None:
        """The program ends and starts again."""
        self.stack.close()
        self._open()

    @invariant()
    def nothing_is_lost(self) -> None:
        """After a look all is as it is; while the volume is away nothing changes."""
        if not hasattr(self, "desk"):
            return
        for note in self.said.values():
            assert self.desk.noted_at(note)
        if not self.fresh:
            return
        places = self._places()
        for path, word in self.inside.items():
            clip, state = places[path]
            assert state == "present", path
            self._words_are_with(clip, word, path)
        beside = self.desk.places(self.other.id)
        for path, word in self.beside.items():
            clip, state = beside[path]
            assert state == "present", path
            self._words_are_with(clip, word, path)
        gone = {p for p, (_, state) in places.items() if state == "missing"}
        assert not gone & self.inside.keys()

    def _words_are_with(self, clip: str, word: str, path: str) -> None:
        """Words are where their bytes are, and never with other bytes."""
        for said, note in self.said.items():
            assert (self.desk.noted_at(note) == clip) == (said == word), path

    @precondition(lambda self: not self.mounted)
    @rule()
    def look_while_away(self) -> None:
        """A volume that is not there keeps its rows as they were."""
        before = self.desk.places()
        self.look()
        self.glance(racy=False)
        assert self.desk.places() == before


TestScanMachine = ScanMachine.TestCase
TestScanMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


class LongScanMachine(ScanMachine):
    """The same, for long."""


TestLongScanMachine = pytest.mark.timeout(3_600)(pytest.mark.long(LongScanMachine.TestCase))
TestLongScanMachine.settings = settings(max_examples=400, stateful_step_count=25, deadline=None)
