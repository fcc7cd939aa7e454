"""Reads a card that is in now, and every copy of what is on it, from their disks: the facts a verdict is made of."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from app.core.catalog import offloads
from app.core.catalog.database import Catalog
from app.core.files import copy_back, mhl_history
from app.core.files.copying import RootGuard
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.ingest.card_values import CardContents, CardEntry
from app.core.ingest.offload_judging import HASH
from app.core.ingest.offload_source import Reference
from app.core.ingest.offload_standing import Told, not_told
from app.core.ingest.verdict import CardFile, Facts, Proof
from app.core.media import playing, tools
from app.core.model.errors import Away, Cancelled, Missing, RushesError
from app.core.model.media import ClipKind
from app.core.model.offloads import CopyState, Offload, OffloadLeg
from app.core.platform import devices
from app.core.platform.pacing import IsCancelled, never

_Copy = tuple[Offload, OffloadLeg, str, CopyState, int]


def facts_of(
    catalog: Catalog, source: Path, *, cancel: IsCancelled = never, told: Told = not_told
) -> tuple[Facts, str, str]:
    """(the facts, what the card is called, its digest): everything is read now.

    Raises:
        Refused, Away: the card cannot be read, or went away while it was.
        Cancelled: called off.
    """
    contents = read_card(source, cancel=cancel)
    reading = _Reading(cancel, told, contents)
    hashes, problems = reading.card()
    with catalog.read() as reader:
        known = offloads.copies_of(reader, sorted(set(hashes.values())))
    reading.expect(known, hashes)
    proofs = {text: reading.proofs(text, copies) for text, copies in known.items()}
    unplayable, tried = _play(contents, hashes, reading.good, cancel)
    again = read_card(source, cancel=cancel)
    digest = fileset_digest(again)
    files = tuple(
        CardFile(
            one.rel,
            read_now=one.rel in hashes,
            problem=problems.get(one.rel, ""),
            proofs=proofs.get(hashes.get(one.rel, ""), ()),
        )
        for one in contents.files
        if not _is_history(one.rel)
    )
    names = {copy[0].name for copies in known.values() for copy in copies}
    facts = Facts(
        files=files,
        left_out=contents.left_out,
        changed=digest != fileset_digest(contents),
        card_device=devices.device_of(source).key,
        missing=_missing(contents),
        unplayable=unplayable,
        not_tried=not tried,
    )
    return facts, ", ".join(sorted(names)) or contents.title, digest


class _Reading:
    """What was read so far, and how much there is."""

    def __init__(self, cancel: IsCancelled, told: Told, contents: CardContents) -> None:
        self._cancel, self._told, self._contents = cancel, told, contents
        self._done, self._total = 0, contents.size
        self._guards: dict[str, RootGuard | None] = {}
        self._manifests: dict[str, bool] = {}
        self.good: dict[str, Path] = {}
        """A copy of each hash that was read back now."""

    def card(self) -> tuple[dict[str, str], dict[str, str]]:
        """(xxh128 by path, what is wrong by path) of every file on the card."""
        reference = Reference.of(self._contents.root)
        hashes: dict[str, str] = {}
        problems: dict[str, str] = {}
        for entry in self._contents.files:
            try:
                found = copy_back.read_back(
                    self._contents.root,
                    entry.rel,
                    (HASH,),
                    cancel=self._cancel,
                    progress=self._piece,
                )
            except Cancelled:
                raise
            except RushesError as problem:
                if not self._contents.root.is_dir():
                    raise Away(
                        "The card is not there",
                        f"{self._contents.root} went away while it was read.",
                    ) from problem
                problems[entry.rel] = problem.message
                continue
            self._forward(entry)
            hashes[entry.rel] = found.hashes[HASH]
            if found.how == copy_back.UNSURE:
                problems[entry.rel] = "it was perhaps read from memory, not from the card"
            if said := reference.differs(entry.rel, {HASH: found.hashes[HASH]}):
                problems[entry.rel] = said
        return hashes, problems

    def expect(self, known: Mapping[str, Sequence[_Copy]], hashes: Mapping[str, str]) -> None:
        """The copies will be read as well."""
        sizes = {hashes[one.rel]: one.size for one in self._contents.files if one.rel in hashes}
        self._total += sum(sizes.get(text, 0) * len(copies) for text, copies in known.items())

    def proofs(self, text: str, copies: Iterable[_Copy]) -> tuple[Proof, ...]:
        """Each copy of these bytes, read back now where it can be reached."""
        found: dict[tuple[str, str, str], Proof] = {}
        for offload, leg, path, state, at_ms in copies:
            place = (leg.root, leg.folder, path)
            said = leg.said_by or (found[place].said_by if place in found else "")
            if place in found:
                continue
            found[place] = Proof(
                place=leg.name,
                device=leg.device,
                said_by=said,
                read_now=self._read_now(leg, path, text),
                proven_ms=at_ms if state is CopyState.VERIFIED else 0,
                manifest=self._manifest(leg, offload),
            )
        return tuple(found.values())

    def _read_now(self, leg: OffloadLeg, path: str, text: str) -> bool:
        guard = self._guard(leg)
        if guard is None:
            return False
        try:
            guard.check()
            rel = f"{leg.folder}/{path}" if leg.folder else path
            found = copy_back.read_back(
                guard.root, rel, (HASH,), cancel=self._cancel, progress=self._piece
            )
        except Cancelled:
            raise
        except RushesError:
            return False
        self._done += found.size
        if found.hashes[HASH] != text or found.how == copy_back.UNSURE:
            return False
        self.good.setdefault(text, guard.root / rel)
        return True

    def _guard(self, leg: OffloadLeg) -> RootGuard | None:
        if leg.id not in self._guards:
            try:
                self._guards[leg.id] = RootGuard.of(Path(leg.root), leg.lasting)
            except RushesError:
                self._guards[leg.id] = None
        return self._guards[leg.id]

    def _manifest(self, leg: OffloadLeg, offload: Offload) -> bool:
        """Whether the hash list of that copy is there now, and whole."""
        key = f"{offload.id} {leg.id}"
        if key not in self._manifests:
            place = Path(leg.root) / leg.folder
            there = bool(leg.manifest) and self._guard(leg) is not None
            self._manifests[key] = there and _whole(place, leg.manifest, self._cancel)
        return self._manifests[key]

    def _piece(self, done: int, _total: int) -> None:
        self._told(min(self._done + done, self._total), self._total)

    def _forward(self, entry: CardEntry) -> None:
        self._done += entry.size


def _play(
    contents: CardContents, hashes: Mapping[str, str], good: Mapping[str, Path], cancel: IsCancelled
) -> tuple[tuple[str, ...], bool]:
    """(clips whose copy does not play and why, whether it could be tried at all)."""
    try:
        programs = tools.programs()
    except Missing:
        return (), False
    found: list[str] = []
    for clip in contents.clips:
        if clip.kind not in (ClipKind.VIDEO, ClipKind.AUDIO):
            continue
        for rel in (*clip.essence, *clip.spans):
            copy = good.get(hashes.get(rel, ""))
            if copy and (said := playing.why_not(copy, programs, cancel=cancel)):
                found.append(f"{clip.name} does not play ({rel}): {said}")
    return tuple(found), True


def _whole(place: Path, manifest: str, cancel: IsCancelled) -> bool:
    try:
        history = mhl_history.read_history(place, cancel=cancel)
    except Cancelled:
        raise
    except RushesError:
        return False
    name = manifest.rpartition("/")[2]
    return not history.damaged and any(one.name == name for one in history.generations)


def _is_history(rel: str) -> bool:
    """Hash lists go on beside their copies, so their copies are not what they were on the card."""
    return rel.startswith("ascmhl/") or "/ascmhl/" in rel


def _missing(contents: CardContents) -> tuple[str, ...]:
    found: list[str] = []
    for clip, part in contents.all_missing():
        # One text after another, each of which can be said in another language.
        words = (
            f"{part.where} is missing ({part.what})" if part.where else f"{part.what} is missing"
        )
        found.append(f"{clip}: {words}" if clip else words)
    return tuple(found)
