"""Values of media hash lists (ASC MHL 2.0, legacy MHL): what a manifest says of a file, and the named states of damage."""

import dataclasses
import enum
import re
import socket
from typing import Final, Literal

from app import __version__
from app.core.files.digests import HashName

Action = Literal["original", "verified", "failed", "new"]
"""What became of a hash. `new` stands in no manifest: taken just now, and not yet compared with the history."""

Process = Literal["in-place", "transfer"]
"""How a generation came about. A third one, `flatten`, is of lists outside of a history: those are only read."""

FORMATS: Final[tuple[HashName, ...]] = ("c4", "md5", "sha1", "xxh128", "xxh3", "xxh64")
"""The hashes that a manifest may hold, in the order its schema asks for."""

FAST_FIRST: Final[tuple[HashName, ...]] = ("xxh128", "xxh3", "xxh64", "sha1", "c4", "md5")

USUAL: Final[HashName] = "xxh64"
"""What most tools write and read."""

FOLDER: Final = "ascmhl"
CHAIN: Final = "ascmhl_chain.xml"
SUFFIX: Final = ".mhl"
NUMBERED: Final = re.compile(r"(\d{4,9})(?:_.*)?\.mhl", re.DOTALL)
"""The file name of a generation; its number first."""

DEFAULT_IGNORE: Final = (".DS_Store", "ascmhl", "ascmhl/")
"""The patterns that each manifest holds, spelled as the reference tool spells them."""

_DIGITS: Final[dict[str, re.Pattern[str]]] = {
    "c4": re.compile(r"c4[1-9A-HJ-NP-Za-km-z]{88}"),
    "md5": re.compile(r"[0-9a-f]{32}"),
    "sha1": re.compile(r"[0-9a-f]{40}"),
    "xxh128": re.compile(r"[0-9a-f]{32}"),
    "xxh3": re.compile(r"[0-9a-f]{16}"),
    "xxh64": re.compile(r"[0-9a-f]{16}"),
}


def hash_text(name: HashName, text: str) -> str | None:
    """A hash as our own digests write it: hexadecimal in small letters; None where it is none of that name."""
    found = text.strip()
    if name != "c4":
        found = found.lower()
    return found if _DIGITS[name].fullmatch(found) else None


@dataclasses.dataclass(frozen=True, slots=True)
class MhlHash:
    """The hashes of one file: what a manifest is written from, and what a legacy list holds."""

    path: str
    """Below the root, `/` between names, bytes that are no UTF-8 as surrogates."""
    size: int
    """Bytes."""
    mtime_ns: int | None
    """Nanoseconds since 1970; manifests keep whole seconds of it."""
    hashes: dict[HashName, str]
    action: Action = "new"
    """`failed` where the caller knows that the file is wrong; all else is decided by comparing with the history."""
    previous: str | None = None
    """The path it had in the generation before, where it was renamed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """One hash as a manifest holds it."""

    name: HashName
    text: str
    action: Action | None = None
    """None at folders, and where a manifest does not say."""
    structure: str = ""
    """Of a folder: its hash over names and contents; `text` is that over contents alone."""


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """What one manifest says of one file or folder."""

    path: str
    folder: bool
    size: int | None
    mtime_ns: int | None
    values: tuple[Value, ...]
    previous: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Author:
    """A person named in a manifest."""

    name: str
    email: str = ""
    phone: str = ""
    role: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Creator:
    """Who makes a manifest, and with what."""

    tool: str = "Rushes"
    version: str = __version__
    host: str = dataclasses.field(default_factory=socket.gethostname)
    location: str = ""
    comment: str = ""
    authors: tuple[Author, ...] = ()


class State(enum.Enum):
    """What can be wrong with a history, by name."""

    NO_CHAIN = "chain missing"
    BAD_CHAIN = "chain unreadable"
    NO_MANIFEST = "manifest missing"
    OTHER_MANIFEST = "manifest changed"
    BAD_MANIFEST = "manifest unreadable"
    LEADS_OUT = "path leads out"
    NO_NESTED = "nested history missing"
    UNLISTED = "manifest not in the chain"


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a history."""

    state: State
    subject: str
    """The file it is about, below the folder that was asked about."""
    said: str = ""
    """More, in words; may be empty."""

    @property
    def damage(self) -> bool:
        """Whether something that was whole no longer is. An unlisted manifest is what a crash leaves while one is written."""
        return self.state is not State.UNLISTED


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """A manifest of a nested history that a manifest names."""

    path: str
    """Below the root of the history that names it."""
    c4: str

    @property
    def folder(self) -> str:
        """The folder whose history it is of."""
        return self.path.rpartition("/")[0].rpartition("/")[0]


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """What a manifest says of itself."""

    version: str
    created: str = ""
    """As it is written there: ISO 8601."""
    host: str = ""
    tool: str = ""
    comment: str = ""
    process: str = ""
    ignore: tuple[str, ...] = ()
    root: tuple[Value, ...] = ()
    """The hashes of the whole."""
    references: tuple[Reference, ...] = ()
