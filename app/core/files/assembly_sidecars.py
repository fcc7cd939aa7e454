"""Sidecars by base name: `clip.xmp`, `clip.mov.xmp`, `clip.en.srt` belong to the clip called so."""

import re
from collections.abc import Iterable, Iterator

from app.core.files.assembly_drafts import Draft, Entry, NameIndex
from app.core.files.sorts import FileSort
from app.core.model.media import FileRole

_LANGUAGE = re.compile(
    r"\.(?:[a-z]{2,3}(?:[-_][a-z0-9]{2,4})?|forced|sdh|cc|default)\Z", re.IGNORECASE
)
_WHY = {
    "srt": "subtitles or telemetry of the same name",
    "thm": "the camera's thumbnail",
    "xmp": "metadata of the same name",
    "aae": "a phone's edits of the picture",
}


def attach_sidecars(entries: Iterable[Entry], index: NameIndex) -> list[Entry]:
    """Gives loose sidecars to the clips of their name.

    Returns:
        The files that belong to no clip here.
    """
    rest: list[Entry] = []
    for entry in entries:
        found = _find(entry, index) if entry.sort is FileSort.SIDECAR else None
        if found:
            role = FileRole.THUMBNAIL if entry.extension == "thm" else FileRole.SIDECAR
            found[0].add(entry, role, found[1], _WHY.get(entry.extension, "a sidecar by its name"))
        else:
            rest.append(entry)
    return rest


def _find(entry: Entry, index: NameIndex) -> tuple[Draft, int] | None:
    return next(
        (found for base in _bases(entry.stem) if (found := index.find(entry.folder, base))), None
    )


def _bases(stem: str) -> Iterator[str]:
    yield stem
    while language := _LANGUAGE.search(stem):
        stem = stem[: language.start()]
        if stem:
            yield stem
