"""Open catalogs with clips that need no media: what the tests of the catalog stand on."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.core.catalog import clips, events, files, projects, volumes
from app.core.catalog.clips import ClipRecord, Part
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.files import Seen
from app.core.catalog.rows import Tx
from app.core.model.events import Entity, Event, Kind
from app.core.model.media import ClipKind, ClipState, Derive, FileRole, FileState

_times = itertools.count(1_700_000_000_000_000_000, 1_000_000_000)
ANN, PROJECT = "ann", "film"


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Catalog]:
    """A catalog that is closed again."""
    home.mkdir(exist_ok=True)
    catalog = Catalog.open(home)
    try:
        yield catalog
    finally:
        catalog.close()


def settle_in(catalog: Catalog, actor: str = ANN, project: str = PROJECT) -> None:
    """A person and a project, both current, with ids that are easy to read."""

    def act(tx: Tx) -> None:
        body: Mapping[str, Any] = {"name": actor.title(), "initials": actor[:2].upper()}
        events.record(tx, actor, Draft("", Entity.ACTOR, actor, Kind.ACTOR_NAMED, body))
        events.record(
            tx,
            actor,
            Draft(project, Entity.PROJECT, project, Kind.PROJECT_CREATED, {"name": "Film"}),
        )
        projects.set_current(tx, project_id=project, actor=actor)

    catalog.write(act, durable=True)


def add_volume(
    catalog: Catalog, name: str = "Disk", mount: Path | str = "/", derive: Derive = Derive.ALL
) -> str:
    """A volume that counts as online; returns its id."""
    return catalog.write(
        lambda tx: volumes.add(
            tx,
            name=name,
            kind="local",
            derive=derive,
            fs_key="",
            fs_type="ext4",
            subpath="",
            mount=str(mount),
        )
    )


def add_file(catalog: Catalog, volume: str, path: str, *, size: int = 1000) -> int:
    """A file as a scan would have written it; returns its row."""
    raw = path.encode("utf-8", "surrogateescape")

    def act(tx: Tx) -> int:
        stamp = next(_times)
        seen = Seen(raw, size, stamp, stamp % 1_000_003, "media_video", FileState.PRESENT)
        files.insert(tx, volume, [seen])
        return int(tx.value("SELECT n FROM file WHERE volume_id = ? AND path = ?", volume, raw))

    return catalog.write(act)


def record(volume: str, path: str, rows: Sequence[int], **more: Any) -> ClipRecord:
    """What assembly would say of these files."""
    folder, _, name = path.rpartition("/")
    said: dict[str, Any] = {
        "kind": ClipKind.VIDEO,
        "state": ClipState.READY,
        "rate": Fraction(25),
        "frames": 250,
        "duration_ms": 10_000,
        "codec": "prores",
    }
    parts = tuple(Part(n, FileRole.ESSENCE, index) for index, n in enumerate(rows))
    return ClipRecord(volume, folder, name.rpartition(".")[0] or name, parts=parts, **said | more)


def add_clip(catalog: Catalog, volume: str, path: str = "A001.mov", **more: Any) -> str:
    """A clip of one file; returns its id."""
    row = add_file(catalog, volume, path)
    return catalog.write(lambda tx: clips.put(tx, record(volume, path, [row], **more)))


def read_whole(catalog: Catalog, clip_id: str, full_hash: str) -> None:
    """As if every file of the clip had been read, with this hash."""
    from app.core.catalog import merging

    def act(tx: Tx) -> None:
        tx.run(
            "UPDATE file SET full_hash = ?, hashed_sig = size || ':' || mtime_ns WHERE clip_id = ?",
            full_hash,
            clip_id,
        )
        merging.settle_content(tx, clip_id)

    catalog.write(act, durable=True)


def say(
    catalog: Catalog,
    entity: Entity,
    entity_id: str,
    kind: Kind,
    body: Mapping[str, Any],
    *,
    actor: str = ANN,
    project: str = PROJECT,
) -> Event:
    """One act of a person."""
    draft = Draft(project, entity, entity_id, kind, body)
    return catalog.write(lambda tx: events.record(tx, actor, draft), durable=True)[0]


def snapshot(catalog: Catalog) -> Mapping[str, Sequence[tuple[Any, ...]]]:
    """All read tables of human facts."""
    with catalog.read() as reader:
        return events.snapshot(reader)
