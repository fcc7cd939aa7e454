"""Assembly carried out: folders that changed become clips in the catalog."""

import dataclasses
import functools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import clips, files, projects, renditions, volumes
from app.core.catalog import members as members_of
from app.core.catalog.clips import ClipRecord
from app.core.catalog.database import Catalog
from app.core.catalog.members import Member
from app.core.catalog.renditions import Made
from app.core.catalog.rows import Reader, Tx
from app.core.files import opening, proxy_match
from app.core.files.assembly import survey
from app.core.files.assembly_plans import ClipPlan, ProjectDefaults, SeenFile, SpanLink
from app.core.files.cards import CardRules
from app.core.media import camera_xml
from app.core.media.camera_xml import CameraXml
from app.core.model import names
from app.core.model.entities import Project, Volume
from app.core.model.errors import RushesError
from app.core.model.media import FileRole, FileState, RenditionKind
from app.core.post.clip_facts import record_of
from app.core.post.telemetry import is_telemetry_srt
from app.core.work import failures
from app.core.work.recipes import QUICK, Context, Recipe, Subject

_XML_MOST: Final = 4 << 20
"""Bytes of a camera's XML that are read; real ones have a few thousand."""
_SRT_HEAD: Final = 16_384
_BATCH: Final = 200
"""Changed folders taken in at once."""
_AT_ONCE: Final = 250
"""Clips of one folder written in one transaction: a person's word waits for no folder of 20,000."""


Check = Callable[[], None]
"""Raises `Cancelled` where the work was called off."""


class Assembling:
    """The recipe `assemble`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._rules = CardRules.load()
        self._scope_of = functools.lru_cache(maxsize=65536)(self._rules.scope_of_folder)
        self._lock = threading.Lock()

    def recipes(self) -> list[Recipe]:
        """What this service derives."""
        return [Recipe("assemble", "Clips", self._due, self._run, priority=8, again=_again)]

    def all_now(self, volume_id: str | None = None) -> None:
        """Takes in every changed folder, of one volume or all."""
        while self._take_in(volume_id):
            continue

    def _due(self, reader: Reader, limit: int, _focus: Sequence[str]) -> list[Subject]:
        waiting = {volume for volume, _, _ in files.dirty_folders(reader, None, limit)}
        return [Subject(v.id, QUICK, v.name) for v in volumes.plain(reader) if v.id in waiting]

    def _run(self, context: Context, subject: Subject) -> None:
        while self._take_in(subject.id, context.check):
            context.check()

    def _take_in(self, volume_id: str | None, check: Check = lambda: None) -> bool:
        """One batch of changed folders; false where none was left. One at a time, whoever asks.

        Raises:
            Cancelled: by `check`; what was taken in by then stays, and all of the batch is due again.
        """
        with self._lock:
            with self._catalog.read() as reader:
                dirty = files.dirty_folders(reader, volume_id, _BATCH)
                if not dirty:
                    return False
                project = projects.get(reader, projects.current(reader))
                chosen = dirty[0][0]
                dirty = [entry for entry in dirty if entry[0] == chosen]
                volume = volumes.plain_one(reader, chosen)
                scopes = {self._scope_of(folder) for _, folder, _ in dirty}
                by_scope = self._members(reader, chosen, scopes)
            if volume is not None and project is not None:
                for scope, members in by_scope.items():
                    check()
                    # Each on its own: a folder that cannot be put together keeps no other from it.
                    what = ("assemble", f"{volume.id}|{scope}", scope or volume.name)
                    failures.attempt(
                        self._catalog,
                        what,
                        functools.partial(self._assemble, volume, project, members, check),
                    )
            check()
            self._adopt_strays()
            self._catalog.write(lambda tx: files.assembled(tx, dirty))
            return True

    def _adopt_strays(self) -> None:
        """Proxies and transcodes that lie far from their originals: same name, timecode and length."""
        with self._catalog.read() as reader:
            pairs = [
                (stray, original, _lead(reader, stray), _lead(reader, original))
                for stray, original in clips.proxies_elsewhere(reader)
            ]
        for stray, original, proxy, whole in pairs:
            if (
                proxy is None
                or whole is None
                or not proxy_match.match(whole.facts, proxy.facts).same
            ):
                continue
            self._catalog.write(
                lambda tx, s=stray, o=original, p=proxy, w=whole: _adopt(tx, s, o, p, w)
            )

    def _members(self, reader: Reader, volume_id: str, scopes: set[str]) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {scope: [] for scope in scopes}
        for folder in members_of.folders(reader, volume_id):
            scope = self._scope_of(folder)
            if scope in found:
                found[scope] += members_of.directly_in(reader, volume_id, folder)
        return found

    def _assemble(
        self, volume: Volume, project: Project, members: list[Member], check: Check
    ) -> None:
        here = {m.id: m for m in members if m.state is not FileState.MISSING}
        seen = [SeenFile(m.id, m.path, m.size, m.mtime_ns, m.facts) for m in here.values()]
        root = Path(volume.mount or "")
        found = survey(
            seen,
            self._rules,
            ProjectDefaults(project.rate),
            lambda key: _link(root, here[key].path),
        )
        owners = {m.clip_id for m in members if m.clip_id}
        # Where a sequence fell into runs, the longest one is the clip that it was.
        ordered = sorted(found.clips, key=lambda p: -len(p.sequence.members) if p.sequence else 0)
        for start in range(0, len(ordered), _AT_ONCE):
            check()
            plans = ordered[start : start + _AT_ONCE]
            owners -= self._put(volume, project, root, plans, here)

        def finish(tx: Tx) -> None:
            clips.left_over(tx, [here[left.key].n for left in found.leftovers])
            volumes.set_unclaimed(
                tx, volume.id, [(here[left.key].path, left.reason) for left in found.leftovers]
            )
            clips.retire_empty(tx, owners)

        self._catalog.write(finish)

    def _put(
        self,
        volume: Volume,
        project: Project,
        root: Path,
        plans: Sequence[ClipPlan],
        here: dict[str, Member],
    ) -> set[str]:
        """Writes some of a folder's clips; returns those that stay what they were."""
        records = [
            (plan, None if _is_adopted(plan, here) else _record(volume, project, root, plan, here))
            for plan in plans
        ]

        def act(tx: Tx) -> set[str]:
            stay: set[str] = set()
            for plan, record in records:
                if record is None:
                    stay.add(here[plan.lead].clip_id or "")
                    continue
                clip_id = clips.put(tx, record)
                stay.add(clip_id)
                _adopt_proxies(tx, clip_id, plan, here)
            # What these clips took the last file from is not found by its files any more.
            before = {here[part.key].clip_id for plan in plans for part in plan.parts}
            clips.retire_empty(tx, [one for one in before - stay if one])
            return stay

        return self._catalog.write(act)


def _record(
    volume: Volume, project: Project, root: Path, plan: ClipPlan, here: dict[str, Member]
) -> ClipRecord:
    record = record_of(plan, here, volume.id, project, _camera(root, plan, here))
    beside = _captions(root, plan, here)
    return (
        record
        if beside is None
        else dataclasses.replace(record, tags={**record.tags, "srt": beside})
    )


def _is_adopted(plan: ClipPlan, members: dict[str, Member]) -> bool:
    """A proxy far from its original that was given to it already."""
    lead = members[plan.lead]
    return (
        plan.proxy_base is not None
        and lead.role is FileRole.FOREIGN_PROXY
        and lead.clip_id is not None
    )


def _adopt(tx: Tx, stray: str, original: str, proxy: Member, whole: Member) -> None:
    clips.adopt(tx, stray, original)
    _record_proxy(tx, original, FileRole.FOREIGN_PROXY, proxy, whole)


def _lead(reader: Reader, clip_id: str) -> Member | None:
    return next(
        (
            member
            for _, _, _, member in members_of.of_clip(reader, clip_id)
            if member.role is FileRole.ESSENCE
        ),
        None,
    )


def _record_proxy(tx: Tx, clip_id: str, role: FileRole, member: Member, whole: Member) -> None:
    content = renditions.content_of(tx, clip_id)
    if content is None:
        return
    notes = proxy_match.parity(whole.facts, member.facts) if whole.facts and member.facts else ()
    facts = {
        "file": member.id,
        "path": names.display(member.path),
        "parity": [{"what": n.code, "holds": n.holds, "text": n.text} for n in notes],
    }
    renditions.put(
        tx, content, role.value, 1, "", [Made(RenditionKind.PROXY, None, member.size, facts=facts)]
    )


def _again(tx: Tx, subject: str) -> None:
    volume_id, _, scope = subject.partition("|")
    files.dirty(tx, volume_id, [os.fsencode(scope)])


def _adopt_proxies(tx: Tx, clip_id: str, plan: ClipPlan, members: dict[str, Member]) -> None:
    """Proxies that cameras, NLEs and labs left become renditions of the clip, with their parity shown."""
    for part in plan.parts:
        if part.role in (FileRole.CAMERA_PROXY, FileRole.FOREIGN_PROXY):
            _record_proxy(tx, clip_id, part.role, members[part.key], members[plan.lead])


def _camera(root: Path, plan: ClipPlan, members: dict[str, Member]) -> CameraXml | None:
    for part in plan.parts:
        path = members[part.key].path
        if part.role is FileRole.SIDECAR and path.lower().endswith(".xml"):
            found = _read(root, path)
            if found is not None:
                return found
    return None


def _captions(root: Path, plan: ClipPlan, members: dict[str, Member]) -> str | None:
    """What an SRT beside the clip holds: a drone's telemetry, or captions; None without one."""
    for part in plan.parts:
        path = members[part.key].path
        if part.role is FileRole.SIDECAR and path.lower().endswith(".srt"):
            try:
                with opening.open_regular(root, path) as stream:
                    head = stream.read(_SRT_HEAD).decode("utf-8", "replace")
            except RushesError:
                return None
            return "telemetry" if is_telemetry_srt(head) else "captions"
    return None


def _link(root: Path, path: str) -> SpanLink | None:
    found = _read(root, path)
    return (
        SpanLink(found.clip_id, found.previous_id, found.next_id)
        if found and found.clip_id
        else None
    )


def _read(root: Path, path: str) -> CameraXml | None:
    try:
        with opening.open_regular(root, path) as stream:
            return camera_xml.read(stream.read(_XML_MOST), path)
    except RushesError:
        # A broken or hostile description says nothing; the clip is catalogued by its essence all the same.
        return None
