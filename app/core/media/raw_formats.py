"""Formats that only their makers' software decodes: by extension, first bytes, codec.

They are catalogued, hashed and shown; the picture comes from the camera's proxy. Field guide §7.10.
"""

from pathlib import PurePath

_BY_EXTENSION = {
    "r3d": "RED R3D",
    "braw": "Blackmagic RAW",
    "braw2": "Blackmagic RAW",
    "ari": "ARRIRAW",
    "arx": "ARRIRAW",
    "arriraw": "ARRIRAW",
    "crm": "Canon Cinema RAW",
    "rmf": "Canon Cinema RAW",
    "nev": "Nikon N-RAW",
    "cine": "Phantom Cine",
    "cr2": "Canon raw still",
    "cr3": "Canon raw still",
    "nef": "Nikon raw still",
    "nrw": "Nikon raw still",
    "arw": "Sony raw still",
    "sr2": "Sony raw still",
    "raf": "Fujifilm raw still",
    "rw2": "Panasonic raw still",
    "orf": "Olympus raw still",
    "pef": "Pentax raw still",
    "3fr": "Hasselblad raw still",
    "fff": "Hasselblad raw still",
    "iiq": "Phase One raw still",
}
STILLS = frozenset(name for name, words in _BY_EXTENSION.items() if words.endswith("still"))
"""Extensions of raw photographs."""

_BY_HEAD = (
    (4, b"RED1", "RED R3D"),
    (4, b"RED2", "RED R3D"),
    (0, b"ARRI\x12\x34\x56\x78", "ARRIRAW"),
    (0, b"ARRI\x78\x56\x34\x12", "ARRIRAW"),
    (0, b"FUJIFILMCCD-RAW", "Fujifilm raw still"),
    (0, b"IIU\x00", "Panasonic raw still"),
    (0, b"IIRO", "Olympus raw still"),
    (0, b"IIRS", "Olympus raw still"),
    (8, b"CR\x02", "Canon raw still"),
)
_BY_CODEC = {
    "aprn": "ProRes RAW",
    "aprh": "ProRes RAW HQ",
    "CRAW": "Canon raw",
    "crx ": "Canon raw",
    "NRAW": "Nikon N-RAW",
}
_BLACKMAGIC = ("brxq", "brst", "brvn", "brs2", "brxh", "bril", "brlt")
_BY_MEDIAINFO = {
    "ARRIRAW": "ARRIRAW",
    "X-OCN": "Sony X-OCN",
    "Sony X-OCN": "Sony X-OCN",
    "R3D": "RED R3D",
    "REDCODE": "RED R3D",
    "BRAW": "Blackmagic RAW",
    "ProRes RAW": "ProRes RAW",
    "CRAW": "Canon raw",
}


def by_name(path: PurePath | str) -> str | None:
    """The maker's format that a file name claims, in words."""
    return _BY_EXTENSION.get(PurePath(path).suffix[1:].lower())


def by_head(head: bytes) -> str | None:
    """The maker's format that the first bytes show, in words."""
    return next((words for at, mark, words in _BY_HEAD if head.startswith(mark, at)), None)


def by_codec(code: str) -> str | None:
    """The maker's format that a four-character code or a name of libmediainfo stands for, in words."""
    if code in _BLACKMAGIC:
        return "Blackmagic RAW"
    return _BY_CODEC.get(code) or _BY_MEDIAINFO.get(code)


def explanation(words: str) -> str:
    """Why there is no picture, for a person."""
    return (
        f"{words} is decoded by its maker's software only. The file is catalogued and checked; a proxy"
        " from the camera or the lab gives it a picture."
    )
