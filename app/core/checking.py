"""`check`: every promise of the catalog against what is on disk. Reads; mends only when asked."""

import dataclasses
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from app.core.catalog import (
    backups,
    events,
    files,
    integrity,
    mending,
    promised,
    putting_back,
    renditions,
    scrubs,
    search,
    uploads,
    wholeness,
)
from app.core.catalog.database import Catalog
from app.core.catalog.sqlite_errors import PUT_BACK
from app.core.delivery import arrived
from app.core.delivery.stores import Stores
from app.core.files import hashing, opening
from app.core.model.errors import Damage, RushesError
from app.core.model.scrubs import UNFINISHED
from app.core.post.store import ProxyStore

log = logging.getLogger(__name__)
Found = tuple[str, str]
"""(what is wrong, what it is about)."""
_LOST: Final = "a rendition is lost or has another size"
_OTHER: Final = "a rendition differs from what was made"
_ROT: Final = "a file's bytes differ from those catalogued"
_UNREAD: Final = "a file cannot be read any more"
_UPLOAD: Final = "an upload failed"
_BACKUP: Final = "a backup is not sound"
_COPY: Final = "a copy of a card is not what was copied"
_SHORT: Final = "the repair of a copy was cut short"
_REPAIR: Final = "“rushes check --repair” mends it."
_TODO: Final = {
    _ROT: "Nothing of it is taken over. Put the file back from another copy, under the same name; a copy that"
    " Rushes knows of is named by “rushes show CLIP”.",
    _UNREAD: "Look at its disk, and put the file back from another copy.",
    _COPY: "“rushes scrub” names the copy that was right last, “rushes scrub --repair PATH” puts it in its place.",
    _SHORT: "“rushes scrub --repair PATH --yes” or “rushes scrub --undo ID” finishes it.",
    _UPLOAD: "What lies in the bucket is never overwritten: take that object away there, then “rushes work retry all”.",
    arrived.OTHER: "Rushes never overwrites an object: take it away there, then run “rushes check --read --repair”.",
    arrived.UNASKED: "Look at “rushes target list” and the network, and check again.",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a check found."""

    problems: tuple[Found, ...]
    """Damage that arose after cataloguing."""
    known: tuple[Found, ...]
    """Media that was damaged already when it was first read, work that waits or cannot be done while a frame is away,
    and what is left over and harms nothing."""
    checked: dict[str, int]


def advice(what: str, *, repaired: bool) -> str:
    """What a person can do about a problem; `repaired`: it is left after a repair."""
    if promised.is_loss(what):
        return promised.ADVICE
    if integrity.lasting(what):
        return (
            PUT_BACK if repaired or what.startswith(integrity.BAD_FILE) else f"{_REPAIR} {PUT_BACK}"
        )
    known = next((todo for start, todo in _TODO.items() if what.startswith(start)), "")
    return known or (PUT_BACK if repaired else _REPAIR)


class Checker:
    """Checks, and mends what can be made again."""

    def __init__(self, catalog: Catalog, store: ProxyStore, stores: Stores | None = None) -> None:
        self._catalog = catalog
        self._store = store
        self._stores = stores
        """The buckets, where they are asked as well."""

    def check(self, *, read: bool = False) -> Report:
        """Looks at everything; with `read`, also reads proxies, originals and backups whole, and asks the buckets."""
        with self._catalog.read() as reader:
            problems = integrity.problems(reader)
        if any(what.startswith((integrity.BAD_FILE, integrity.BAD_SHAPE)) for what, _ in problems):
            # What the rest would say of a file that cannot be trusted, or be asked, is no word to rely on.
            return Report(tuple(problems), (), {})
        problems += self._catalog.write(integrity.search_index)
        with self._catalog.read() as reader:
            stored = renditions.stored(reader)
            problems += [(what, path) for what, _, path in self._lost(stored, read=read)]
            problems += [
                (f"{_UPLOAD}: {u.error}", u.key)
                for u in uploads.every(reader, ("failed",))
                if "damage" in (u.error or "")
            ]
            problems += [(f"{_COPY}: {c.said}", c.absolute) for c in scrubs.wrong(reader)]
            problems += [(_SHORT, r.copy.absolute) for r in scrubs.repairs(reader, UNFINISHED)]
            hashed = files.hashed(reader) if read else []
            known = [*search.flawed(reader), *wholeness.approved_in_part(reader)]
            counts = {
                "renditions": len(stored),
                "files read": len(hashed),
                "events": events.count(reader),
            }
        known += [
            ("a folder of the proxy store that nothing refers to", path)
            for path in self._store.unnamed()
        ]
        problems += list(_changed(hashed))
        problems += [(_BACKUP, str(path)) for path in self._unsound(every=read)]
        problems += [
            (w, f"{u.target}: {u.key} {why}".rstrip()) for w, u, why in self._gone(read=read)
        ]
        if self._catalog.lost:
            problems.append((self._catalog.lost.message.rstrip("."), str(self._catalog.path)))
        return Report(tuple(problems), tuple(known), counts)

    def repair(self, *, read: bool = False) -> list[str]:
        """Backs the catalog up, then mends what can be made again; nothing is done where nothing is wrong.

        It may be cut off anywhere and begun again.

        Returns:
            What was done, in words.

        Raises:
            Damage: the catalog cannot be copied: its file is damaged.
        """
        found = self.check(read=read).problems
        if any(what.startswith(integrity.BAD_FILE) for what, _ in found):
            return []
        done: list[str] = []
        if found:
            kept = backups.make(self._catalog.path, backups.BEFORE_REPAIR)
            done.append(f"the catalog was copied to {kept}")
            copies = backups.newest_first(self._catalog.path)
            for step in (*mending.steps(copies), mending.words_from(copies)):
                done += self._step(step)
            done += self._remake(read=read) + self._renew_backups(read=read)
            done += self._send_again(read=read)
        if self._catalog.lost and self._catalog.take_note():
            done.append("the loss of words was noted: the catalog goes on from what is there")
        swept = self._store.sweep()
        if swept:
            done.append(f"{swept} folders that nothing refers to were taken out of the proxy store")
        return done

    def _step(self, step: mending.Step) -> list[str]:
        """One step that cannot be done keeps no other from being done; what is left is found by the next check."""
        try:
            return self._catalog.write(step, durable=True)
        except Damage as error:
            log.info("a step of the repair could not be done: %s", error)
            return []

    def _remake(self, *, read: bool) -> list[str]:
        with self._catalog.read() as reader:
            lost = [i for _, i, _ in self._lost(renditions.stored(reader), read=read)]
        if not lost:
            return []
        self._catalog.write(lambda tx: renditions.lost(tx, lost))
        return [f"{len(lost)} lost renditions will be made again"]

    def _renew_backups(self, *, read: bool) -> list[str]:
        done: list[str] = []
        for path in list(self._unsound(every=read)):
            aside = path.rename(path.with_name(f"{path.name}.unsound"))
            done.append(f"a backup that is not sound was set aside as {aside}")
        return done

    def _send_again(self, *, read: bool) -> list[str]:
        gone = [u.id for what, u, _ in self._gone(read=read) if what == arrived.GONE]
        for upload in gone:
            self._catalog.write(lambda tx, u=upload: arrived.again(tx, u), durable=True)
        return [f"{len(gone)} delivered files will be sent again"] if gone else []

    def _gone(self, *, read: bool) -> Iterator[tuple[str, uploads.Upload, str]]:
        if read and self._stores is not None:
            yield from arrived.wrong(self._catalog, self._stores)

    def _unsound(self, *, every: bool) -> Iterator[Path]:
        """The newest backup, or each, that cannot take the catalog's place. Damaged words in it are damage of the catalog."""
        # A copy of a catalog that was to be repaired is as that was.
        kept = [
            p
            for p in backups.newest_first(self._catalog.path)
            if backups.BEFORE_REPAIR not in p.name
        ]
        for path in kept if every else kept[:1]:
            if not putting_back.is_sound(path, words=False):
                yield path

    def _lost(
        self, stored: list[tuple[str, str, int, str | None]], *, read: bool
    ) -> Iterator[tuple[str, str, str]]:
        """(what is wrong, its id, its path) of renditions."""
        for rendition, path, size, wanted in stored:
            if not self._is_there(path, size):
                yield _LOST, rendition, path
            elif read and wanted and self._hash(path) != wanted:
                yield _OTHER, rendition, path

    def _is_there(self, path: str, size: int) -> bool:
        try:
            return self._store.absolute(path).stat().st_size == size
        except OSError:
            return False

    def _hash(self, path: str) -> str:
        try:
            with self._store.absolute(path).open("rb", buffering=0) as stream:
                return hashing.full_hash(stream)
        except OSError:
            return ""


def _changed(hashed: list[tuple[files.FileRef, str]]) -> Iterator[Found]:
    for ref, wanted in hashed:
        try:
            with opening.open_regular(Path(ref.mount), ref.path) as stream:
                found = hashing.full_hash(stream)
        except RushesError as error:
            yield f"{_UNREAD}: {error.message}", ref.path
            continue
        if found != wanted:
            yield _ROT, ref.path
