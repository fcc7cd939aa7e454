"""Whatever happens to a folder of frames: what a scan makes of it is what a fresh catalog makes of it."""

import dataclasses
import itertools
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.catalog import files
from app.core.files import hashing
from app.core.model.entities import Clip, Volume
from app.core.model.media import ClipState, FileState
from tests.support import seen_files, volumes
from tests.support.volumes import Desk, desk

_stamps = itertools.count(1)
Outline = tuple[str, str, int | None, tuple[tuple[int, int], ...], tuple[str, ...]]


def frame(root: Path, path: str, *, words: str = "", small: bool = False, at: int = 0) -> None:
    """A picture: its size is in its first letter, its bytes follow from some words."""
    full = root / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_text(("s" if small else "b") + (words or path))
    volumes.age(full, at or next(_stamps))


class Frames:
    """A desk that looks at a folder of pictures."""

    def __init__(self, desk: Desk, root: Path) -> None:
        self.desk, self.root = desk, root
        self.volume: Volume = desk.volumes.add(root)
        self.look()

    def look(self) -> None:
        """A scan, facts, clips and whole reads, until nothing is due."""
        self.desk.scanner.scan(self.volume.id)
        for _ in range(3):
            with self.desk.catalog.read() as reader:
                refs = files.due_probe(reader, self.volume.id, 0, 1, -1)
            for ref in refs:
                small = (self.root / ref.path).read_text()[0] == "s"
                facts = seen_files.still((64, 36) if small else (1920, 1080))
                with (self.root / ref.path).open("rb") as stream:
                    quick = hashing.quick_id(stream, ref.size)
                self.desk.catalog.write(
                    lambda tx, r=ref, f=facts, q=quick: files.set_facts(
                        tx, r, f, q, FileState.PRESENT
                    )
                )
            self.desk.assembling.all_now()
            self.desk.hash_all()

    def clips(self) -> list[Clip]:
        """What is there."""
        found = self.desk.clips().values()
        return [clip for clip in found if clip.state is not ClipState.MISSING]

    def parts(self, clip: Clip) -> tuple[str, ...]:
        """The files of a clip that are there, each by itself."""
        there = self.desk.places().items()
        return tuple(p for p, (owner, state) in there if owner == clip.id and state != "missing")

    def outlines(self) -> dict[Outline, str]:
        """Every clip as a person sees it, with its id."""
        found: dict[Outline, str] = {}
        for clip in self.clips():
            gaps = tuple(clip.gaps)
            found[clip.kind.value, clip.name, clip.frames, gaps, self.parts(clip)] = clip.id
        assert len(found) == len(self.clips())
        return found


@contextmanager
def frames(home: Path, root: Path) -> Generator[Frames]:
    """A catalog of these pictures alone."""
    with desk(home) as opened:
        yield Frames(opened, root)


def names(root: Path) -> list[str]:
    """The pictures that are there."""
    return sorted(str(p.relative_to(root)) for p in root.rglob("*.png"))


def plate(number: int, folder: str = "plate") -> str:
    """The path of a frame."""
    return f"{folder}/plate_{number:04d}.png"


numbers = st.integers(1, 9)
folders = st.sampled_from(["plate", "other"])
edits = st.one_of(
    st.tuples(st.just("write"), folders, numbers, st.booleans()),
    st.tuples(st.just("remove"), folders, numbers),
    st.tuples(st.just("rename"), folders, numbers, folders, numbers),
    st.tuples(st.just("put back"), folders, numbers),
    st.tuples(st.just("look")),
)


@dataclasses.dataclass
class Kept:
    """The bytes and times that the frames had at first."""

    root: Path

    def __post_init__(self) -> None:
        for number in range(1, 8):
            frame(self.root, plate(number), at=number)

    def act(self, edit: tuple[object, ...]) -> None:
        """One change to the folder."""
        kind, *rest = edit
        if kind == "look":
            return
        path = self.root / plate(rest[1], rest[0])  # type: ignore[arg-type] - as drawn
        if kind == "write":
            words = f"{path.name} {next(_stamps)}"
            frame(self.root, str(path.relative_to(self.root)), words=words, small=bool(rest[2]))
        elif kind == "remove":
            path.unlink(missing_ok=True)
        elif kind == "put back":
            frame(self.root, str(path.relative_to(self.root)), at=int(str(rest[1])))
        elif path.exists():
            target = self.root / plate(rest[3], rest[2])  # type: ignore[arg-type] - as drawn
            target.parent.mkdir(exist_ok=True)
            path.rename(target)


@settings(max_examples=40, deadline=None)
@given(st.lists(edits, min_size=1, max_size=8))
@example([("write", "plate", 1, True), ("look",), ("put back", "plate", 1)])
@example([("write", "plate", 4, True), ("look",), ("remove", "plate", 4), ("look",)])
@example([("remove", "plate", 1), ("look",), ("put back", "plate", 1)])
@example([("rename", "plate", n, "other", n) for n in (1, 2, 3)])
@example([("rename", "plate", 2, "plate", 1), ("put back", "plate", 2)])
@example(
    [("rename", "plate", 2, "plate", 3), ("put back", "plate", 2), ("write", "plate", 1, True)]
)
@example([("write", "plate", 3, True), ("look",), *(("write", "plate", n, False) for n in (1, 2))])
def test_what_a_scan_makes_of_a_folder_is_what_a_fresh_catalog_makes_of_it(
    changes: list[tuple[object, ...]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "media")
        kept = Kept(root)
        with frames(Path(folder, "home"), root) as lasting:
            before: dict[Outline, str] = {}
            bytes_before: dict[str, bytes] = {}
            for number, change in enumerate(changes):
                kept.act(change)
                if change[0] != "look" and number + 1 < len(changes):
                    continue
                lasting.look()
                with frames(Path(folder, f"fresh{number}"), root) as fresh:
                    assert set(lasting.outlines()) == set(fresh.outlines())
                bytes_now = {name: (root / name).read_bytes() for name in names(root)}
                for outline, clip in lasting.outlines().items():
                    same = all(bytes_before.get(p) == bytes_now[p] for p in outline[4])
                    if outline in before and same:
                        assert clip == before[outline], "the same files are the same clip"
                # As it was when it was last looked at: what changed since is not the same.
                before, bytes_before = lasting.outlines(), bytes_now


def test_a_frame_replaced_and_put_back_leaves_the_sequence_with_its_id_and_words(
    tmp_path: Path,
) -> None:
    root = tmp_path / "media"
    for number in range(1, 25):
        frame(root, plate(number), at=number)
    with frames(tmp_path / "home", root) as seen:
        (sequence,) = seen.clips()
        note = seen.desk.notes.add(sequence.id, 14, None, "lamp in shot").id
        frame(root, plate(1), words="a smaller picture", small=True)
        seen.look()
        assert len(seen.clips()) == 24
        assert {clip.kind.value for clip in seen.clips()} == {"still"}
        frame(root, plate(1), at=1)
        seen.look()
        (again,) = seen.clips()
        assert (again.id, again.frames, again.kind.value) == (sequence.id, 24, "sequence")
        assert seen.desk.noted_at(note) == sequence.id
        assert again.files[0].path == "plate/plate_%04d.png"
