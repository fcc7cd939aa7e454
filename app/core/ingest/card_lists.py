"""What a card says of itself: its own lists and descriptions, and what they name that is not there.

Lists are small files that are opened and read; those that do not read are named as such and settle nothing.
"""

import csv
import dataclasses
import io
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.core.files import opening
from app.core.files.assembly_plans import SpanLink
from app.core.files.card_types import CardType, OwnList
from app.core.files.cards import fold_folders, split_folder
from app.core.files.sorts import split_name
from app.core.ingest.card_clips import Bench, ClipOnBench
from app.core.ingest.card_missing import lack
from app.core.ingest.card_values import CardEntry, MissingPart, Unreadable
from app.core.media import ale, camera_xml, safe_xml
from app.core.model.errors import Cancelled, Refused, RushesError
from app.core.model.names import display, fold_key
from app.core.platform.handles import keep_times
from app.core.platform.pacing import IsCancelled

LARGEST: Final = safe_xml.LARGEST
"""Bytes of one list."""
_MOST_ROWS: Final = 50_000
_OF_PEOPLE: Final = frozenset({"ale", "sound-report"})
"""Lists that people gather for a day or a job too: one that names mostly other files is not this card's."""
_PLAY_ITEM: Final = re.compile(rb"(\d{5})M2TS")
"""A clip's number in a playlist of a Blu-ray structure, with the codec word that always follows it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Named:
    """A file that a list names."""

    where: str
    """Its path below the card's root; where only a name is told, the likeliest one."""
    what: str
    """`essence`, `sound`, `sidecar`, `proxy`."""
    keys: tuple[str, ...]
    """Paths, case-folded, of which one must be there."""
    beside: tuple[str, ...] = ()
    """Paths of files of the same clip."""


class CardFiles:
    """The files of a card by path, by name and by stem, as a system sees them that knows no capitals."""

    def __init__(self, rels: Iterable[str]) -> None:
        self.keys: set[str] = set()
        for rel in rels:
            name = rel.rpartition("/")[2]
            self.keys |= {fold_key(rel), by_name(name), _by_stem(split_name(name)[0])}

    def has(self, part: MissingPart) -> bool:
        """Whether what is called missing is there, by its path. An empty file is there, and lacks what it should hold."""
        return part.what != "content" and fold_key(part.where) in self.keys


def by_name(name: str) -> str:
    """The key of a file by its name, in whatever folder."""
    return "//" + fold_key(name)


def _by_stem(stem: str) -> str:
    return "///" + fold_key(stem)


class Lists:
    """The lists of one card, each read once."""

    def __init__(self, root: Path, types: Sequence[CardType], cancel: IsCancelled) -> None:
        self._root = root
        self._types = types
        self._cancel = cancel
        self._p2: dict[str, camera_xml.CameraXml | None] = {}
        self.unreadable: list[Unreadable] = []
        self.hints: list[str] = []

    def link(self, rel: str) -> SpanLink | None:
        """Which clip a P2 description goes on in; None for any other file."""
        own = _list_of(rel, self._types)
        if own is None or own.read != "p2":
            return None
        said = self._clip_xml(rel)
        return (
            SpanLink(said.clip_id, said.previous_id, said.next_id)
            if said and said.clip_id
            else None
        )

    def compare(
        self, files: Sequence[CardEntry], here: CardFiles, bench: Bench, types: Iterable[CardType]
    ) -> list[MissingPart]:
        """Names what the lists name and the card does not have, at its clip; returns what belongs to no clip here.

        Args:
            files: the regular files.
            here: the same, by name.
            bench: the clips they make.
            types: the cards whose lists are read.
        """
        owner = {fold_key(part.rel): clip for clip in bench.clips for part in clip.parts}
        known = {fold_key(part.where) for clip in bench.clips for part in clip.missing}
        whole: dict[str, MissingPart] = {}
        for entry in files:
            own = _list_of(entry.rel, types)
            if own is None:
                continue
            if self._cancel():
                raise Cancelled("Called off", subject=display(str(self._root)))
            named_here = self._read(own, entry)
            gone = [named for named in named_here if here.keys.isdisjoint(named.keys)]
            if own.read in _OF_PEOPLE and len(gone) * 2 > len(named_here):
                self.hints.append(
                    f"{display(entry.rel)} names {len(named_here)} files, {len(gone)} of them are not here: it may be the list of more than this card."
                )
                continue
            for named in gone:
                why = f"{display(entry.rel.rpartition('/')[2])} names it."
                clip = _clip_of(named, owner)
                if clip is not None:
                    lack(clip, MissingPart(named.what, named.where, why))
                elif named.what == "essence" and fold_key(named.where) not in known:
                    whole.setdefault(fold_key(named.where), MissingPart("clip", named.where, why))
        return list(whole.values())

    def _read(self, own: OwnList, entry: CardEntry) -> list[Named]:
        if own.read == "p2":
            said = self._clip_xml(entry.rel)
            return list(_p2(said, entry.rel)) if said else []
        data = self._bytes(entry.rel)
        if data is None:
            return []
        try:
            return list(_READERS[own.read](data, entry.rel))
        except RushesError as error:
            self._unclear(entry.rel, error)
            return []

    def _clip_xml(self, rel: str) -> camera_xml.CameraXml | None:
        if rel not in self._p2:
            self._p2[rel] = None
            data = self._bytes(rel)
            try:
                self._p2[rel] = camera_xml.read(data, rel) if data is not None else None
            except RushesError as error:
                self._unclear(rel, error)
        return self._p2[rel]

    def _unclear(self, rel: str, error: RushesError) -> None:
        self.hints.append(f"{display(rel)}: the card's own list is not clear. {error.message}")

    def _bytes(self, rel: str) -> bytes | None:
        try:
            with io.BufferedReader(opening.open_regular(self._root, rel)) as stream:
                keep_times(stream.fileno())
                data = stream.read(LARGEST + 1)
        except RushesError as error:
            self.unreadable.append(Unreadable(rel, error.message))
            return None
        except OSError as problem:
            self.unreadable.append(Unreadable(rel, opening.read_error(rel, problem).message))
            return None
        if len(data) > LARGEST:
            self._unclear(rel, Refused("Too large", "It is larger than any real list."))
            return None
        return data


def _list_of(rel: str, types: Iterable[CardType]) -> OwnList | None:
    folder, _, name = rel.rpartition("/")
    folded = fold_folders(split_folder(folder))
    for card in types:
        for own in card.lists:
            if own.name.fullmatch(name) and any(s.before(folded) is not None for s in own.shapes):
                return own
    return None


def _clip_of(named: Named, owner: Mapping[str, ClipOnBench]) -> ClipOnBench | None:
    return next((clip for rel in named.beside if (clip := owner.get(fold_key(rel)))), None)


def _beside(rel: str, uri: str) -> str:
    """The path of what a list in `rel` calls `uri`; empty where that leads out of the card."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(rel), uri.replace("\\", "/")))
    return "" if path.startswith(("../", "/")) or path in (".", "..") else path


def _sony(data: bytes, rel: str) -> Iterator[Named]:
    for clip in camera_xml.read_list(data, rel):
        main = _beside(rel, clip.path)
        proxies = [path for uri in clip.proxies if (path := _beside(rel, uri))]
        sidecars = [path for uri in clip.sidecars if (path := _beside(rel, uri))]
        if main:
            files = (main, *proxies, *sidecars)
            yield Named(main, "essence", (fold_key(main),), files)
            yield from (Named(path, "proxy", (fold_key(path),), files) for path in proxies)
            yield from (Named(path, "sidecar", (fold_key(path),), files) for path in sidecars)


def _p2(said: camera_xml.CameraXml, rel: str) -> Iterator[Named]:
    base, name = posixpath.dirname(posixpath.dirname(rel)), split_name(posixpath.basename(rel))[0]
    if "video" in said.essences:
        path = posixpath.join(base, "VIDEO", f"{name}.MXF")
        yield Named(path, "essence", (fold_key(path),), (rel,))
    for number in range(said.essences.count("audio")):
        path = posixpath.join(base, "AUDIO", f"{name}{number:02d}.MXF")
        yield Named(path, "sound", (fold_key(path),), (rel,))


def _avchd(data: bytes, rel: str) -> Iterator[Named]:
    base = posixpath.dirname(posixpath.dirname(rel))
    for number in dict.fromkeys(found.decode() for found in _PLAY_ITEM.findall(data)):
        paths = [posixpath.join(base, "STREAM", f"{number}.{ext}") for ext in ("MTS", "M2TS")]
        description = posixpath.join(base, "CLIPINF", f"{number}.CPI")
        yield Named(paths[0], "essence", tuple(map(fold_key, paths)), (description,))


def _smil(data: bytes, rel: str) -> Iterator[Named]:
    for element in safe_xml.parse(data, rel).iter():
        source = element.get("src", "")
        path = _beside(rel, source) if source else ""
        if path and split_name(path)[1]:
            what = "essence" if split_name(path)[1] in ("mp4", "mxf") else "sidecar"
            # A recording that goes on in other folders may be named by file names alone.
            keys = (fold_key(path), by_name(posixpath.basename(path)))
            yield Named(path, what, keys, (rel,))


def _ale(data: bytes, rel: str) -> Iterator[Named]:
    for row in ale.read(data, rel).rows:
        name = posixpath.basename(row.get("Name", "").replace("\\", "/"))
        stem = split_name(name)[0]
        if stem:
            path = posixpath.join(posixpath.dirname(rel), name)
            yield Named(path, "essence", (_by_stem(stem), _by_stem(name)))


def _sound_report(data: bytes, rel: str) -> Iterator[Named]:
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace")))
    column: int | None = None
    try:
        for number, row in enumerate(lines):
            if column is None:
                heads = [cell.strip().casefold() for cell in row]
                column = heads.index("file name") if "file name" in heads else None
            elif column < len(row) and split_name(row[column].strip())[1] in ("wav", "bwf", "flac"):
                name = posixpath.basename(row[column].strip())
                yield Named(
                    posixpath.join(posixpath.dirname(rel), name), "essence", (by_name(name),)
                )
            if number > _MOST_ROWS:
                return
    except csv.Error as problem:
        raise Refused("Not a sound report", f"{problem}.", subject=rel) from problem


_READERS: Final[Mapping[str, Callable[[bytes, str], Iterable[Named]]]] = {
    "sony": _sony,
    "avchd": _avchd,
    "smil": _smil,
    "ale": _ale,
    "sound-report": _sound_report,
}
