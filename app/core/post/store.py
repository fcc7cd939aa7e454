"""The proxy store: where derived files live, keyed by content, with a reserve that is never touched.

Paths in the catalog are relative to the store, so that the store can be moved.
"""

import contextlib
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, events, renditions
from app.core.catalog.database import Catalog
from app.core.catalog.ports import ArtifactKey
from app.core.catalog.rows import Reader, Tx
from app.core.files import publish
from app.core.model.entities import Clip, Rendition
from app.core.model.media import RenditionKind, RenditionState
from app.core.platform.preferences import Derivatives
from app.core.post import tidying
from app.core.post.room import Room
from app.core.post.tidying import Rest, at_once
from app.core.work.recipes import HOUSE, QUICK, Context, Recipe, Subject

_DAY_SECONDS: Final = 24 * 3600


class ProxyStore:
    """Names, measures and empties the store."""

    def __init__(self, catalog: Catalog, home: Path, settings: Derivatives) -> None:
        self._catalog = catalog
        self._settings = settings
        self.root = self._root(home)
        self.room = Room(self.root, settings)
        """What may be added, and what goes for it."""
        self.rests = False
        """Whether housekeeping goes slowly, because there is a window that waits its turn."""
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
        """Eviction beyond the size cap; what waits for room; once a day, what nothing refers to any more."""
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
                "room",
                "Room in the proxy store",
                self._due_look,
                self._look,
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

    def leaving(self, tx: Tx, content_id: str, made: int) -> list[str]:
        """Takes out of the catalog what goes for `made` bytes that are put now; returns paths for `remove`.

        Raises:
            NoRoom: what may go is not enough; nothing goes.
        """
        going = self.room.leaving(tx, content_id, made)
        renditions.evicted(tx, going)
        return going

    def _due(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        return [Subject("store", QUICK, "proxy store")] if self.room.beyond_cap(reader) else []

    def _evict(self, context: Context, _subject: Subject) -> None:
        def act(tx: Tx) -> list[str]:
            going = self.room.beyond_cap(tx)
            renditions.evicted(tx, going)
            return going

        # The row first: a crash between leaves a file too many, never a row without its file.
        self.remove(context.catalog.write(act))

    def _due_look(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        waits = self.room.to_look_at(reader)
        return [Subject("waiting", QUICK, "proxy store")] if waits else []

    def _look(self, context: Context, _subject: Subject) -> None:
        with context.catalog.read() as reader:
            clips = self.room.to_look_at(reader)
        self.room.looked(clips)
        context.catalog.write(lambda tx: attempts.wake_these(tx, "derive", clips))

    def remove(self, paths: Sequence[str]) -> None:
        """Takes out files that a newer rendition replaced, and their folders once those are empty."""
        for path in paths:
            self.absolute(path).unlink(missing_ok=True)
        for folder in {self.absolute(path).parent for path in paths}:
            # Only what is empty goes: another rendition of the same pass may still be wanted.
            with contextlib.suppress(OSError):
                folder.rmdir()

    def sweep(self, rest: Rest = at_once) -> int:
        """Removes what `unnamed` tells; returns how many folders."""
        left = self.unnamed(rest)
        for path in left:
            shutil.rmtree(self.absolute(path))
            rest()
        return len(left)

    def unnamed(self, rest: Rest = at_once) -> list[str]:
        """Folders of the store that no rendition names, such as what a crash left; see `tidying`."""
        return tidying.unnamed(self._catalog, self.root, rest)

    def _due_tidy(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        last = renditions.tidied(reader)
        return [] if time.time() - last < _DAY_SECONDS else [Subject("store", HOUSE, "proxy store")]

    def _tidy(self, context: Context, _subject: Subject) -> None:
        self.sweep(context.rest if self.rests else context.check)
        context.catalog.write(lambda tx: renditions.set_tidied(tx, int(time.time())))
