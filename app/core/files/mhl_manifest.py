"""One manifest of ASC MHL 2.0 and the chain file: their elements, read and written.

The texts are made by hand, element after element, so that a manifest of a million files needs no more memory than one
of ten. Names of elements and their order are those of the schema.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from app.core.files.digests import Digest, HashName
from app.core.files.hashing import Stream
from app.core.files.mhl_values import (
    FORMATS,
    Author,
    Creator,
    Entry,
    Header,
    Process,
    Reference,
    Value,
    hash_text,
)
from app.core.files.mhl_xml import (
    carried,
    coded,
    decoded,
    escaped,
    moment,
    nanoseconds,
    read,
    whole,
)
from app.core.model.errors import BadData
from app.core.platform.pacing import IsCancelled, never

VERSION: Final = "2.0"
_OURS: Final = "urn:rushes:mhl:1"
_OWN: Final = "spelling"
"""Our mark for names that are percent-coded; other tools skip what they do not know of `metadata`."""
_OPENING: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'

OnEntry = Callable[[Entry], None]


def read_manifest(
    stream: Stream,
    subject: str,
    on_entry: OnEntry,
    *,
    digest: Digest | None = None,
    cancel: IsCancelled = never,
) -> Header:
    """Reads a manifest; each file and folder it names is handed over as it comes.

    Raises:
        Refused, BadData: it is no manifest of version 2.0, or broken; what came before was handed over.
        Cancelled, Passing: as `files.hashing.full_hash`.
    """
    reading = _Manifest(on_entry)
    read(stream, reading, subject, digest=digest, cancel=cancel)
    if reading.version != VERSION:
        raise BadData(
            "Not a manifest",
            f"{subject} is no list of hashes of version {VERSION}.",
            subject=subject,
        )
    return reading.header()


@dataclasses.dataclass(slots=True)
class _Record:
    """A file or folder while it is read."""

    folder: bool
    path: str = ""
    size: int | None = None
    mtime_ns: int | None = None
    values: list[Value] = dataclasses.field(default_factory=list[Value])
    previous: str | None = None
    coded: frozenset[str] = frozenset()

    def add(self, name: str, text: str, action: str | None, *, structure: bool) -> None:
        """One hash of it; what is no hash of that name is passed over."""
        if name not in FORMATS or (found := hash_text(name, text)) is None:
            return
        if structure:
            self.values = [
                dataclasses.replace(v, structure=found) if v.name == name else v
                for v in self.values
            ]
        else:
            self.values.append(Value(name, found, _action(action)))

    def entry(self) -> Entry:
        """What it says."""
        path = decoded(self.path) if "path" in self.coded else self.path
        previous = self.previous
        if previous is not None and "previous" in self.coded:
            previous = decoded(previous)
        if self.folder and path.endswith("/"):
            path = path.rstrip("/")
        return Entry(path, self.folder, self.size, self.mtime_ns, tuple(self.values), previous)


def _action(text: str | None) -> Literal["original", "verified", "failed", "new"] | None:
    return text if text in ("original", "verified", "failed", "new") else None


class _Manifest:
    """Takes the elements of a manifest in."""

    def __init__(self, on_entry: OnEntry) -> None:
        self._on_entry = on_entry
        self._open: list[str] = []
        self._record: _Record | None = None
        self._attributes: Mapping[str, str] = {}
        self._foreign = 0
        """How many elements of `metadata` are open: nothing in them is a manifest's own."""
        self._said: dict[str, str] = {}
        self._ignore: list[str] = []
        self._references: list[Reference] = []
        self._root: tuple[Value, ...] = ()
        self._path = self._c4 = ""
        self.version = ""

    def header(self) -> Header:
        """What the manifest says of itself."""
        said = self._said
        return Header(
            self.version,
            said.get("creationdate", ""),
            said.get("hostname", ""),
            said.get("tool", ""),
            said.get("comment", ""),
            said.get("process", ""),
            tuple(dict.fromkeys(self._ignore)),
            self._root,
            tuple(self._references),
        )

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if not self._open and tag == "hashlist":
            self.version = attributes.get("version", "")
        self._open.append(tag)
        self._attributes = attributes
        if self._foreign or tag == "metadata":
            self._foreign += 1
            if tag == _OWN and self._record:
                self._record.coded = frozenset(
                    name for name in ("path", "previous") if attributes.get(name) == "percent"
                )
        elif tag in ("hash", "directoryhash", "roothash") and self._record is None:
            self._record = _Record(tag != "hash")

    def end(self, tag: str, text: str) -> None:
        """An element ends."""
        self._open.pop()
        if self._foreign:
            self._foreign -= 1
        elif self._record:
            self._of_record(tag, text, self._record)
        elif self._open:
            self._of_document(self._open[-1], tag, text)

    def _of_record(self, tag: str, text: str, record: _Record) -> None:
        if tag == "path":
            record.path = text
            record.size = whole(self._attributes.get("size"))
            record.mtime_ns = nanoseconds(self._attributes.get("lastmodificationdate"))
        elif tag == "previousPath":
            record.previous = text
        elif tag in ("hash", "directoryhash"):
            self._record = None
            self._on_entry(record.entry())
        elif tag == "roothash":
            self._record = None
            self._root = tuple(record.values)
        else:
            structure = self._open[-1] == "structure"
            record.add(tag, text, self._attributes.get("action"), structure=structure)

    def _of_document(self, parent: str, tag: str, text: str) -> None:
        if parent in ("creatorinfo", "processinfo"):
            self._said.setdefault(tag, text)
        elif parent == "ignore" and tag == "pattern":
            self._ignore.append(text)
        elif parent == "hashlistreference":
            if tag == "path":
                self._path = text
            elif tag == "c4":
                self._c4 = text.strip()
        elif tag == "hashlistreference":
            self._references.append(Reference(self._path, self._c4))
            self._path = self._c4 = ""


def opening(
    creator: Creator,
    created_ns: int,
    process: Process,
    ignore: Sequence[str],
    root: Mapping[HashName, tuple[str, str]],
) -> str:
    """A manifest up to its list of hashes. `root`: (content, structure) hash of the whole by name; may be empty."""
    lines = [
        f'{_OPENING}<hashlist version="{VERSION}" xmlns="urn:ASC:MHL:v2.0">',
        "  <creatorinfo>",
        f"    <creationdate>{moment(created_ns)}</creationdate>",
        f"    <hostname>{escaped(creator.host)}</hostname>",
        f'    <tool version="{escaped(creator.version)}">{escaped(creator.tool)}</tool>',
        *(f"    {_author(author)}" for author in creator.authors),
        *([f"    <location>{escaped(creator.location)}</location>"] if creator.location else []),
        *([f"    <comment>{escaped(creator.comment)}</comment>"] if creator.comment else []),
        "  </creatorinfo>",
        "  <processinfo>",
        f"    <process>{process}</process>",
    ]
    if root:
        lines += ["    <roothash>", *_pairs(root, "      "), "    </roothash>"]
    lines += [
        "    <ignore>",
        *(f"      <pattern>{escaped(pattern)}</pattern>" for pattern in ignore),
        "    </ignore>",
        "  </processinfo>",
    ]
    return "".join(f"{line}\n" for line in lines)


def _author(author: Author) -> str:
    said = (("email", author.email), ("phone", author.phone), ("role", author.role))
    attributes = "".join(f' {name}="{escaped(text)}"' for name, text in said if text)
    return f"<author{attributes}>{escaped(author.name)}</author>"


def file_element(entry: Entry, hashed_ns: int) -> str:
    """A file with its hashes."""
    date = moment(hashed_ns)
    values = sorted(entry.values, key=lambda value: FORMATS.index(value.name))
    hashes = "".join(
        f'      <{v.name} action="{v.action}" hashdate="{date}">{v.text}</{v.name}>\n'
        for v in values
    )
    return f"    <hash>\n{_path(entry)}{hashes}{_former(entry)}    </hash>\n"


def folder_element(entry: Entry) -> str:
    """A folder with its hashes over contents and over structure."""
    hashes: dict[HashName, tuple[str, str]] = {
        value.name: (value.text, value.structure) for value in entry.values
    }
    pairs = "".join(f"{line}\n" for line in _pairs(hashes, "      "))
    return f"    <directoryhash>\n{_path(entry)}{pairs}{_former(entry)}    </directoryhash>\n"


def _pairs(hashes: Mapping[HashName, tuple[str, str]], indent: str) -> Iterable[str]:
    for place, name in enumerate(("content", "structure")):
        yield f"{indent}<{name}>"
        for known in FORMATS:
            if known in hashes:
                yield f"{indent}  <{known}>{hashes[known][place]}</{known}>"
        yield f"{indent}</{name}>"


def _path(entry: Entry) -> str:
    date = moment(entry.mtime_ns)
    size = f' size="{entry.size}"' if entry.size is not None else ""
    changed = f' lastmodificationdate="{date}"' if date else ""
    return f"      <path{size}{changed}>{_spelled(entry.path)}</path>\n"


def _former(entry: Entry) -> str:
    former = "" if entry.previous is None else entry.previous
    lines = f"      <previousPath>{_spelled(former)}</previousPath>\n" if former else ""
    marks = (("path", carried(entry.path)), ("previous", carried(former)))
    if not all(plain for _, plain in marks):
        said = "".join(f' {name}="percent"' for name, plain in marks if not plain)
        lines += f'      <metadata><{_OWN} xmlns="{_OURS}"{said}/></metadata>\n'
    return lines


def _spelled(path: str) -> str:
    return escaped(path if carried(path) else coded(path))


def references(named: Sequence[Reference]) -> str:
    """The manifests of nested histories; nothing where there are none."""
    if not named:
        return ""
    lines = [
        f"    <hashlistreference>\n      <path>{escaped(one.path)}</path>\n      <c4>{one.c4}</c4>\n    </hashlistreference>\n"
        for one in named
    ]
    return f"  <references>\n{''.join(lines)}  </references>\n"


CLOSING: Final = "</hashlist>\n"


@dataclasses.dataclass(frozen=True, slots=True)
class Link:
    """One manifest as the chain file names it."""

    number: int
    """Its place in the chain, from 1."""
    name: str
    """Its file, beside the chain."""
    c4: str


def read_chain(stream: Stream, subject: str) -> tuple[Link, ...]:
    """The manifests of a chain file, in their order.

    Raises:
        Refused, BadData: it is no chain file, names none, or its numbers are not 1, 2, 3 …
        Passing: it cannot be read now.
    """
    reading = _Chain()
    read(stream, reading, subject)
    links = sorted(reading.links, key=lambda link: link.number)
    if not reading.chain or not links:
        raise _no_chain(subject, "it names no manifest")
    if [link.number for link in links] != list(range(1, len(links) + 1)):
        raise _no_chain(subject, "its numbers do not follow one another")
    if any(hash_text("c4", link.c4) is None or not link.name for link in links):
        raise _no_chain(subject, "a manifest in it is without a name or C4 ID")
    return tuple(links)


def _no_chain(subject: str, why: str) -> BadData:
    return BadData("Not a chain file", f"{subject}: {why}.", subject=subject)


class _Chain:
    def __init__(self) -> None:
        self.chain = False
        self.links: list[Link] = []
        self._number, self._name, self._c4 = 0, "", ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if tag == "ascmhldirectory":
            self.chain = True
        elif tag == "hashlist":
            self._number = whole(attributes.get("sequencenr")) or 0

    def end(self, tag: str, text: str) -> None:
        """An element ends."""
        if tag == "path":
            self._name = text
        elif tag == "c4":
            self._c4 = text.strip()
        elif tag == "hashlist":
            self.links.append(Link(self._number, self._name, self._c4))
            self._number, self._name, self._c4 = 0, "", ""


def chain_text(links: Sequence[Link]) -> str:
    """The chain file of these manifests."""
    lines = [
        f'  <hashlist sequencenr="{link.number}">\n    <path>{escaped(link.name)}</path>\n    <c4>{link.c4}</c4>\n  </hashlist>\n'
        for link in links
    ]
    return f'{_OPENING}<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n{"".join(lines)}</ascmhldirectory>\n'
