"""Sync: approved clips go to their targets in the background, verified, and resume after anything.

What is wanted is a row before anything is sent; the server's upload id is stored before the first
part; "verified" is written only when the bucket's own checksum fits.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from app.core.catalog import attempts, decisions, library, projects, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Reader, Tx
from app.core.catalog.wholeness import is_whole
from app.core.cloud import transfer
from app.core.cloud.pacing import Backoff
from app.core.cloud.sending import Control, Receipt, Wanted, part_size_for
from app.core.cloud.source import Source
from app.core.cloud.store import PartInfo
from app.core.delivery import key_template
from app.core.delivery.stores import Stores
from app.core.files import hashing, opening
from app.core.model.entities import Clip, FilePlace, Project, Target, Upload
from app.core.model.errors import Away, Damage, Missing, Passing, Refused, RushesError
from app.core.model.media import ClipKind, ClipState, RenditionKind
from app.core.platform import preferences
from app.core.platform.pacing import SECOND, Limiter
from app.core.work.parallel import Parallel
from app.core.work.recipes import NET, QUICK, Context, Recipe, Subject

_SORTS: Final[Mapping[str, Sequence[str]]] = {
    "original": ("original",),
    "proxy": ("proxy",),
    "both": ("original", "proxy"),
}
"""What a target's rule sends of a clip."""
_LOOK_SECONDS: Final = 0.1
_WAIT_MS: Final = 30_000
"""Before an upload that failed for a passing reason is tried again."""
_PATIENCE: Final = 20 * SECOND
"""How long one request may fail before the reason is shown; the upload goes on from there by itself, for ever."""


class StoreFiles(Protocol):
    """Where a clip's derived files are."""

    def file_of(self, clip: Clip, kind: RenditionKind) -> Path | None:
        """The ready file of this kind, where it is there."""
        ...


class _Journal:
    """Keeps what a resumed upload needs, durably."""

    def __init__(self, catalog: Catalog, upload_id: str, part_size: int) -> None:
        self._catalog = catalog
        self._upload_id = upload_id
        self._part_size = part_size

    def on_upload_id(self, upload_id: str) -> None:
        """Stored for good before the first part leaves."""
        self._catalog.write(
            lambda tx: uploads.set_multipart(tx, self._upload_id, upload_id, self._part_size),
            durable=True,
        )

    def on_part(self, part: PartInfo) -> None:
        """The bucket has this part."""
        checksum = part.checksum.value if part.checksum else ""
        self._catalog.write(
            lambda tx: uploads.add_part(
                tx, self._upload_id, part.number, part.size, part.etag, checksum
            )
        )

    def on_parts_there(self, numbers: Collection[int]) -> None:
        """The bucket has none but these."""
        self._catalog.write(lambda tx: uploads.keep_parts(tx, self._upload_id, numbers))


class Sync:
    """The recipes `queue-uploads` and `upload`."""

    def __init__(self, catalog: Catalog, store: StoreFiles, settings: preferences.Sync) -> None:
        self._catalog = catalog
        self._files = store
        self._settings = settings
        self._stores = Stores(catalog)
        self._limiter = Limiter(settings.bandwidth_limit_kb * 1000)

    def recipes(self) -> list[Recipe]:
        """What this service does."""
        return [
            Recipe(
                "queue-uploads",
                "Approved clips",
                self._due_queue,
                lambda _context, subject: self._queue_one(subject.id),
                priority=20,
            ),
            Recipe(
                "stop-uploads",
                "Sending taken back",
                self._due_stop,
                lambda _context, _subject: self._stop_unwanted(),
                priority=19,
            ),
            Recipe("upload", "Uploads", self._due, self._run, priority=30, again=uploads.retry),
        ]

    def close(self) -> None:
        """Lets go of the connections to the buckets."""
        self._stores.close()

    def keys_changed(self, target_id: str) -> None:
        """A target has other keys: the next request asks for them anew."""
        self._stores.drop(target_id)

    def queue_now(self) -> int:
        """Queues everything that is approved now, without grace; returns how many objects are new."""
        self._stop_unwanted()
        return sum(self._queue_one(clip) for clip in self._unqueued(grace_ms=0))

    def withdrawn(self, clip_ids: Sequence[str]) -> list[str]:
        """Stops what waits for these clips; returns the keys that are in the bucket already."""

        def act(tx: Tx) -> list[str]:
            there: list[str] = []
            for clip in clip_ids:
                found = uploads.of_clip(tx, clip)
                uploads.stop(tx, [u.id for u in found if u.state in ("queued", "sending")])
                there += [f"{u.target}: {u.key}" for u in found if u.state == "verified"]
            return there

        return self._catalog.write(act, durable=True)

    def retry_failed(self) -> int:
        """Lets failed uploads try again."""

        def act(tx: Tx) -> int:
            failed = uploads.every(tx, ("failed",))
            for upload in failed:
                uploads.retry(tx, upload.id)
            return len(failed)

        return self._catalog.write(act, durable=True)

    def try_now(self) -> None:
        """Uploads that wait after a passing failure go on now."""
        self._catalog.write(uploads.wait_no_longer)

    def wait(self, stop: Callable[[], bool]) -> None:
        """Waits until everything approved is verified, has failed, or waits for something that may take long."""
        while not stop():
            self.queue_now()
            with self._catalog.read() as reader:
                standing_still = attempts.blocked(reader, "upload")
                going = [u for u in uploads.due(reader, 1000) if u.id not in standing_still]
                if not going and not decisions.pending_here(reader):
                    return
            time.sleep(_LOOK_SECONDS)

    def in_grace(self, reader: Reader) -> tuple[int, int]:
        """(clips that are approved and wait only for the grace to pass, when the last of them is let go, in ms since 1970)."""
        grace_ms = self._settings.grace_seconds * 1000
        last = decisions.last_approval(reader, time.time_ns() // 1_000_000 - grace_ms)
        if last is None:
            return 0, 0
        free = set(self._unqueued_in(reader, grace_ms))
        waiting = [clip for clip in self._unqueued_in(reader, 0) if clip not in free]
        return len(waiting), last + grace_ms

    def _due_queue(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        return [
            Subject(clip, QUICK, clip)
            for clip in self._unqueued_in(reader, self._settings.grace_seconds * 1000)[:limit]
        ]

    def _unqueued(self, grace_ms: int) -> list[str]:
        with self._catalog.read() as reader:
            return self._unqueued_in(reader, grace_ms)

    def _unqueued_in(self, reader: Reader, grace_ms: int) -> list[str]:
        targets = [t for t in projects.targets(reader) if t.confirmed]
        if not targets:
            return []
        before = time.time_ns() // 1_000_000 - grace_ms
        kinds = [(t.id, sort) for t in targets for sort in _SORTS[t.send]]
        return [
            clip
            for clip in uploads.unsent(reader, before, kinds)
            if any(self._lacking(reader, clip, targets))
        ]

    def _lacking(
        self, reader: Reader, clip_id: str, targets: Sequence[Target]
    ) -> Iterator[tuple[Target, str]]:
        """(target, `original` or `proxy`) of what is to be sent and can be: a proxy that is not made yet cannot."""
        there = uploads.wanted_already(reader, clip_id)
        lacking = [
            (t, sort) for t in targets for sort in _SORTS[t.send] if (t.id, sort) not in there
        ]
        clip = library.get(reader, clip_id) if lacking else None
        for target, sort in lacking:
            if clip is not None and self._can_send(reader, clip, sort):
                yield target, sort

    def _can_send(self, reader: Reader, clip: Clip, sort: str) -> bool:
        if sort == "original":
            files = library.originals(reader, clip.id)
            hashes = [place.hash for place in files if place.hash]
            if not files or len(hashes) < len(files):
                return False
            # A sequence that lost a frame is not what was approved; it waits until the frame is back.
            return clip.kind is not ClipKind.SEQUENCE or is_whole(hashes, clip.hash or "")
        return self._files.file_of(clip, RenditionKind.PROXY) is not None

    def _queue_one(self, clip_id: str) -> int:
        with self._catalog.read() as reader:
            clip = library.get(reader, clip_id)
            project = projects.get(reader, decisions.project_of(reader, clip_id))
            targets = [t for t in projects.targets(reader) if t.confirmed]
            lacking = list(self._lacking(reader, clip_id, targets))
            files = library.originals(reader, clip_id)
        if clip is None or project is None:
            return 0
        wanted = [
            (target, *what)
            for target, sort in lacking
            for what in (
                _original_objects(target, clip, project, files)
                if sort == "original"
                else self._proxy_objects(target, clip, project)
            )
        ]

        def act(tx: Tx) -> int:
            return sum(
                uploads.want(
                    tx,
                    target_id=target.id,
                    clip_id=clip.id,
                    key=key,
                    source=source,
                    size=size,
                    content_hash=found,
                    wanted_for=clip.hash or "",
                )
                is not None
                for target, key, source, size, found in wanted
            )

        return self._catalog.write(act, durable=True)

    def _proxy_objects(
        self, target: Target, clip: Clip, project: Project
    ) -> list[tuple[str, str, int, str]]:
        """(key, source, size, hash) of the proxy, where there is one."""
        proxy = self._files.file_of(clip, RenditionKind.PROXY)
        made = clip.rendition(RenditionKind.PROXY)
        if proxy is None or made is None:
            return []
        with opening.open_regular(proxy.parent, proxy.name) as stream:
            size, content = os.fstat(stream.fileno()).st_size, hashing.full_hash(stream)
        name = f"{clip.name}_proxy{proxy.suffix}"
        key = key_template.key_for(target.template, clip, project.name, name)
        return [(key, f"proxy:{made.id}", size, content)]

    def _due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        return [Subject(upload.id, NET, upload.key) for upload in uploads.due(reader, limit)]

    def _run(self, context: Context, subject: Subject) -> None:
        with context.catalog.read() as reader:
            upload = uploads.get(reader, subject.id)
            target = next(
                (t for t in projects.targets(reader) if upload and t.id == upload.target_id), None
            )
            clip = library.get(reader, upload.clip_id) if upload else None
            files = library.originals(reader, clip.id) if clip else []
        if (
            upload is None
            or target is None
            or clip is None
            or upload.state not in ("queued", "sending")
        ):
            return
        try:
            receipt = self._send(context, upload, target, clip, files)
        except Passing as error:
            self._mark(upload, "sending", error, not_before=time.time_ns() // 1_000_000 + _WAIT_MS)
            raise
        except Away as error:
            self._mark(upload, "sending", error)
            raise
        except (Refused, Damage, Missing) as error:
            self._mark(upload, "failed", error)
            raise
        self._catalog.write(
            lambda tx: uploads.set_state(tx, upload.id, "verified", checksum=str(receipt.evidence)),
            durable=True,
        )

    def _mark(self, upload: Upload, state: str, error: RushesError, not_before: int = 0) -> None:
        self._catalog.write(
            lambda tx: uploads.set_state(
                tx, upload.id, state, error=error.message, not_before=not_before
            ),
            durable=True,
        )

    def _send(
        self,
        context: Context,
        upload: Upload,
        target: Target,
        clip: Clip,
        files: Sequence[FilePlace],
    ) -> Receipt:
        source = self._source(upload, clip, files)
        store = self._stores.of(target)
        part_size = upload.part_size or part_size_for(
            upload.size, self._settings.part_size_mb << 20
        )
        wanted = Wanted(
            upload.key,
            upload.hash or "",
            {"rushes-clip": clip.id, "rushes-source": upload.source.partition(":")[0]},
            part_size,
        )
        self._catalog.write(lambda tx: uploads.set_state(tx, upload.id, "sending"), durable=True)
        control = Control(
            cancelled=lambda: context.cancelled() or self._stopped(upload.id),
            tell=context.progress,
            limiter=self._limiter,
            backoff=Backoff(patience=_PATIENCE),
        )
        return transfer.upload(
            store,
            source,
            wanted,
            _Journal(self._catalog, upload.id, part_size),
            resume_id=upload.multipart_id or "",
            control=control,
            map_parts=Parallel(self._settings.workers),
        )

    def _stopped(self, upload_id: str) -> bool:
        with self._catalog.read() as reader:
            return not uploads.may_go_on(reader, upload_id)

    def _due_stop(self, reader: Reader, _limit: int, _focus: Sequence[str]) -> list[Subject]:
        return [Subject("uploads", QUICK, "uploads")] if uploads.unwanted(reader, 1) else []

    def _stop_unwanted(self) -> None:
        """An approval or a rule may be taken back in many ways, undo among them: what waits for it is stopped all the same."""

        def act(tx: Tx) -> None:
            uploads.stop(tx, [upload.id for upload in uploads.unwanted(tx, 10_000)])

        self._catalog.write(act, durable=True)

    def _source(self, upload: Upload, clip: Clip, files: Sequence[FilePlace]) -> Source:
        sort, _, wanted = upload.source.partition(":")
        if sort == "original":
            place = next((f for f in files if f.hash == upload.hash and f.absolute), None) or next(
                (f for f in files if f.id == wanted), None
            )
            if clip.state is ClipState.MISSING:
                raise Away(
                    "The original is gone",
                    f"{clip.name}: no disk that is connected has it any more.",
                    subject=clip.name,
                    todo="Bring it back, and the upload goes on by itself; or take its approval back.",
                )
            if place is None or place.absolute is None:
                raise Away(
                    "The original is offline",
                    f"{clip.name}: no copy of it is online.",
                    subject=clip.name,
                    todo="Connect its volume; the upload goes on by itself when it is back.",
                )
            return _original(place)
        path = self._files.file_of(clip, RenditionKind.PROXY)
        if path is None:
            raise Missing(
                "The proxy is gone",
                f"{clip.name}: its proxy is not in the store.",
                subject=clip.name,
            )
        return _file(path)


def _original_objects(
    target: Target, clip: Clip, project: Project, files: Sequence[FilePlace]
) -> list[tuple[str, str, int, str]]:
    """(key, source, size, hash) of each file of the clip."""
    return [
        (
            key_template.key_for(
                target.template,
                clip,
                project.name,
                place.path,
                frame=clip.kind is ClipKind.SEQUENCE,
            ),
            f"original:{place.id}",
            place.size,
            place.hash,
        )
        for place in files
        if place.hash
    ]


def _original(place: FilePlace) -> Source:
    absolute = Path(place.absolute or "")
    root = Path(str(absolute)[: -len(place.path) - 1])
    return Source(
        place.path,
        lambda: opening.open_regular(root, place.path),
        lambda: opening.lstat(root, place.path),
    )


def _file(path: Path) -> Source:
    return Source(path.name, lambda: opening.open_regular(path.parent, path.name), path.lstat)
