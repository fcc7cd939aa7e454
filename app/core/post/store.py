"""The proxy store: where derived files live, keyed by content, with a reserve that is never touched.

Paths in the catalog are relative to the store, so that the store can be moved.
"""

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import events, renditions
from app.core.catalog.database import Catalog
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.rows import Reader
from app.core.files import publish
from app.core.model.entities import Clip, Rendition
from app.core.model.errors import NoRoom
from app.core.model.media import RenditionKind, RenditionState
from app.core.platform import filesystems
from app.core.platform.preferences import Derivatives
from app.core.work.recipes import QUICK, Context, Recipe, Subject

_GB: Final = 1_000_000_000
_DAY_SECONDS: Final = 24 * 3600
_FRESH_SECONDS: Final = 3600


class ProxyStore:
    """Names, measures and empties the store."""

    def __init__(self, catalog: Catalog, home: Path, settings: Derivatives) -> None:
        self._catalog = catalog
        self._settings = settings
        self.root = self._root(home)
        publish.sweep(self._work)

    def _root(self, home: Path) -> Path:
        if not self._settings.store:
            return home / "renditions"
        # Several desks may keep their proxies on one disk: each has a folder of its own there.
        desk = self._catalog.write(events.node, durable=True)
        return Path(self._settings.store).expanduser() / f"desk-{desk}"

    @property
    def _work(self) -> Path:
        return self.root / "in-work"

    def recipes(self) -> list[Recipe]:
        """Eviction, where room is short; once a day, what nothing refers to any more."""
        return [
            Recipe(
                "evict",
                "Room in the proxy store",
                self._due,
                self._evict,
                priority=7,
                stubborn=True,
            ),
            Recipe(
                "tidy",
                "Order in the proxy store",
                self._due_tidy,
                self._tidy,
                priority=95,
                stubborn=True,
            ),
        ]

    def folder(self, key: ArtifactKey) -> Path:
        """Where what is made under this key lies, or will; nothing else writes there."""
        name = "-".join(part for part in (key.processor, str(key.version), key.params_hash) if part)
        return self.root / key.content[-2:] / key.content / name

    def get(self, key: ArtifactKey) -> Path | None:
        """The folder of what was made under this key; None where it is not there."""
        folder = self.folder(key)
        return folder if folder.is_dir() else None

    def put(self, key: ArtifactKey, made: Path) -> Path:
        """Takes a finished folder over, whole or not at all; returns where it is."""
        final = self.folder(key)
        publish.publish_folder(made, final)
        return final

    def workshop(self) -> contextlib.AbstractContextManager[Path]:
        """A folder to make something in, on the store's own disk; what is not put is gone at the end."""
        return publish.temporary_folder(self._work)

    def relative(self, path: Path) -> str:
        """A path of the store as the catalog keeps it."""
        return path.relative_to(self.root).as_posix()

    def absolute(self, path: str) -> Path:
        """Where a path of the catalog is on this machine."""
        return self.root / path

    def file_of(self, clip: Clip, kind: RenditionKind) -> Path | None:
        """The ready file of this kind, where it is there."""
        for made in clip.renditions:
            found = (
                self._file(clip, made)
                if made.kind is kind and made.state is RenditionState.READY
                else None
            )
            if found is not None:
                return found
        return None

    def _file(self, clip: Clip, made: Rendition) -> Path | None:
        if made.path is not None:
            path = self.absolute(made.path)
            return path if path.is_file() else None
        wanted = made.facts.get("file")
        place = next((f for f in clip.files if f.id == wanted and f.absolute), None)
        return Path(place.absolute) if place and place.absolute else None

    def require_room(self, size: int) -> None:
        """Refuses work that would touch the reserve.

        Raises:
            NoRoom: with figures, and what to do.
        """
        free, reserve = self._free(), self.reserve()
        if free - size < reserve:
            raise NoRoom(
                "The proxy store's disk is full",
                f"{free / _GB:.1f} GB are free and {reserve / _GB:.1f} GB are kept in reserve: there is no room for {size / _GB:.2f} GB more.",
                subject=str(self.root),
                todo="Free some space, choose another folder for proxies in the settings, or make the reserve smaller.",
            )

    def reserve(self) -> int:
        """Bytes of the store's disk that are never filled."""
        total = filesystems.space(self.root).total
        wanted = max(total * self._settings.reserve_percent // 100, self._settings.reserve_gb * _GB)
        # A small disk (a laptop, a test machine) keeps its share alone: else nothing could ever be made on it.
        return (
            min(wanted, total * max(self._settings.reserve_percent, 1) // 100)
            if total < 4 * self._settings.reserve_gb * _GB
            else wanted
        )

    def _free(self) -> int:
        return filesystems.free_bytes(self.root)

    def _over(self, reader: Reader) -> int:
        """Bytes to evict now."""
        cap = self._settings.size_cap_gb * _GB
        too_many = renditions.total_size(reader) - cap if cap else 0
        return max(0, too_many, self.reserve() - self._free())

    def _due(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        if self._over(reader) and renditions.least_used(reader, 1):
            return [Subject("store", QUICK, "proxy store")]
        return []

    def _evict(self, context: Context, _subject: Subject) -> None:
        with context.catalog.read() as reader:
            wanted, least = self._over(reader), renditions.least_used(reader)
        going: list[str] = []
        for _, path, size in least:
            if wanted <= 0:
                break
            going.append(path)
            wanted -= size
        # The row first: a crash between leaves a file too many, never a row without its file.
        context.catalog.write(lambda tx: renditions.evicted(tx, going))
        for path in going:
            self.absolute(path).unlink(missing_ok=True)

    def remove(self, paths: Sequence[str]) -> None:
        """Takes out files that a newer rendition replaced, and their folders once those are empty."""
        for path in paths:
            self.absolute(path).unlink(missing_ok=True)
        for folder in {self.absolute(path).parent for path in paths}:
            # Only what is empty goes: another rendition of the same pass may still be wanted.
            with contextlib.suppress(OSError):
                folder.rmdir()

    def sweep(self, known: set[str]) -> int:
        """Removes folders of the store that no rendition names, such as what a crash left; returns how many.

        What was put within the last hour stays: its row may be about to be written.
        """
        named = {path.rpartition("/")[0] for path in known}
        before = time.time() - _FRESH_SECONDS
        count = 0
        for path in self.root.glob("??/*/*"):
            if self.relative(path) not in named and path.is_dir() and path.stat().st_mtime < before:
                shutil.rmtree(path)
                count += 1
        return count

    def _due_tidy(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        last = renditions.tidied(reader)
        return [] if time.time() - last < _DAY_SECONDS else [Subject("store", QUICK, "proxy store")]

    def _tidy(self, context: Context, _subject: Subject) -> None:
        with context.catalog.read() as reader:
            known = {path for _, path, _, _ in renditions.stored(reader)}
        self.sweep(known)
        context.catalog.write(lambda tx: renditions.set_tidied(tx, int(time.time())))
