"""The proxy store: where derived files live, keyed by content, with a reserve that is never touched.

Paths in the catalog are relative to the store, so that the store can be moved.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import renditions
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader
from app.core.model.entities import Clip, Rendition
from app.core.model.errors import NoRoom
from app.core.model.media import RenditionKind, RenditionState
from app.core.platform import filesystems
from app.core.platform.preferences import Derivatives
from app.core.work.recipes import QUICK, Context, Recipe, Subject

_GB: Final = 1_000_000_000


class ProxyStore:
    """Names, measures and empties the store."""

    def __init__(self, catalog: Catalog, home: Path, settings: Derivatives) -> None:
        self._catalog = catalog
        self._settings = settings
        self.root = Path(settings.store).expanduser() if settings.store else home / "renditions"

    def recipes(self) -> list[Recipe]:
        """Eviction, where room is short."""
        return [Recipe("evict", "Room in the proxy store", self._due, self._evict, priority=7)]

    def folder(self, content_id: str, recipe: str, version: int) -> Path:
        """The folder of what a recipe makes of a content; nothing else writes there."""
        return self.root / content_id[-2:] / content_id / f"{recipe}-{version}"

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
        """Takes out files that a newer rendition replaced."""
        for path in paths:
            self.absolute(path).unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> int:
        """Removes files of the store that no rendition names, such as what a crash left; returns how many."""
        count = 0
        if not self.root.is_dir():
            return 0
        for path in sorted(self.root.glob("??/*/*")):
            if path.is_dir() and not any(
                name.startswith(self.relative(path) + "/") for name in known
            ):
                shutil.rmtree(path)
                count += 1
        return count
