"""`check`: every promise of the catalog against what is on disk. Reads; mends only when asked."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from app.core.catalog import backups, files, integrity, renditions, search, uploads, wholeness
from app.core.catalog.database import Catalog
from app.core.catalog.event_store import ReadTables
from app.core.files import hashing, opening
from app.core.model.errors import RushesError
from app.core.post.store import ProxyStore

Found = tuple[str, str]
"""(what is wrong, what it is about)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    problems: tuple[Found, ...]
    """Damage that arose after cataloguing."""
    known: tuple[Found, ...]
    """Media that was damaged already when it was first read, and work that waits, or cannot be done while a frame is away."""
    checked: dict[str, int]


class Checker:
    """Checks, and mends what can be made again."""

    def __init__(self, catalog: Catalog, store: ProxyStore) -> None:
        self._catalog = catalog
        self._store = store

    def check(self, *, read: bool = False) -> Report:
        """Looks at everything; with `read`, also reads proxies and originals whole."""
        with self._catalog.read() as reader:
            problems = [problem for check in integrity.CHECKS for problem in check(reader)]
            stored = renditions.stored(reader)
            problems += self._lost(stored, read=read)
            problems += [
                (f"an upload failed: {u.error}", u.key)
                for u in uploads.every(reader, ("failed",))
                if "damage" in (u.error or "")
            ]
            hashed = files.hashed(reader) if read else []
            known = [*search.flawed(reader), *wholeness.approved_in_part(reader)]
            counts = {
                "renditions": len(stored),
                "files read": len(hashed),
                "events": files.event_count(reader),
            }
        problems += list(_changed(hashed))
        return Report(tuple(problems), tuple(known), counts)

    def repair(self) -> list[str]:
        """Backs the catalog up, then mends what can be made again."""
        kept = backups.make(self._catalog.path, "before-repair")
        done = [f"the catalog was copied to {kept}"]
        done.append(f"the words of {ReadTables(self._catalog).replay()} events were applied anew")
        done += self._catalog.write(integrity.repair, durable=True)
        with self._catalog.read() as reader:
            lost = [
                i
                for i, path, size, _ in renditions.stored(reader)
                if not self._is_there(path, size)
            ]
        if lost:
            self._catalog.write(lambda tx: renditions.lost(tx, lost))
            done.append(f"{len(lost)} lost renditions will be made again")
        with self._catalog.read() as reader:
            known = {path for _, path, _, _ in renditions.stored(reader)}
        swept = self._store.sweep(known)
        if swept:
            done.append(f"{swept} folders that nothing refers to were taken out of the proxy store")
        return done

    def _lost(
        self, stored: list[tuple[str, str, int, str | None]], *, read: bool
    ) -> Iterator[Found]:
        for _, path, size, wanted in stored:
            if not self._is_there(path, size):
                yield "a rendition is lost or has another size", path
            elif read and wanted and self._hash(path) != wanted:
                yield "a rendition differs from what was made", path

    def _is_there(self, path: str, size: int) -> bool:
        try:
            return self._store.absolute(path).stat().st_size == size
        except OSError:
            return False

    def _hash(self, path: str) -> str:
        with self._store.absolute(path).open("rb", buffering=0) as stream:
            return hashing.full_hash(stream)


def _changed(hashed: list[tuple[files.FileRef, str]]) -> Iterator[Found]:
    for ref, wanted in hashed:
        try:
            with opening.open_regular(Path(ref.mount), ref.path) as stream:
                found = hashing.full_hash(stream)
        except RushesError as error:
            yield f"a file cannot be read any more: {error.message}", ref.path
            continue
        if found != wanted:
            yield "a file's bytes differ from those catalogued", ref.path
