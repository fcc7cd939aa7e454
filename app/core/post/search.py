"""The search box: moments with a reason, and which clips a search keeps."""

import re
from array import array
from collections.abc import Sequence
from typing import Any, Final

from app.core.catalog import library, moments, projects, query_language, search, transcripts
from app.core.catalog.database import Catalog
from app.core.catalog.query_language import Query, Term
from app.core.catalog.rows import Reader
from app.core.catalog.search import Found
from app.core.model.entities import Clip, Hit
from app.core.model.ids import ClipRow
from app.core.post.timing import Timing

_WHY: Final = {
    "transcript": "said",
    "note": "in a note",
    "marker": "in a marker",
    "tag": "keyword",
    "name": "name",
    "fact": "a fact of the clip",
    "text": "read in the picture",
    "document": "in a document",
}
_ORDER: Final = {"name": 3, "tag": 2, "note": 1, "marker": 1}


class Search:
    """Searches the library of the current project."""

    def __init__(self, catalog: Catalog, timing: Timing) -> None:
        self._catalog = catalog
        self._timing = timing

    def hits(self, text: str, *, limit: int = 50, typing: bool = False) -> list[Hit]:
        """Moments that hold every word, best first; newest first while typing."""
        query = query_language.parse(text, typing=typing)
        with self._catalog.read() as reader:
            project = projects.current(reader)
            found = self._found(reader, query, project, limit, ranked=not typing)
            spoken = list({one.row for one in found if one.field == "transcript"})
            clips = {str(clip.id): clip for clip in library.page(reader, spoken, project)}
            return [self._hit(reader, one, query, clips.get(one.clip_id)) for one in found]

    def condition(self, text: str) -> tuple[str, tuple[Any, ...]]:
        """Which clips a search keeps, for the library's queries; empty for an empty search."""
        query = query_language.parse(text)
        if query.empty:
            return "", ()
        with self._catalog.read() as reader:
            return search.condition(query, projects.current(reader))

    def rows(
        self, text: str, sort: str = "added", *, descending: bool = False, typing: bool = False
    ) -> "array[int]":
        """Row numbers of the clips that a search keeps, in order."""
        query = query_language.parse(text, typing=typing)
        with self._catalog.read() as reader:
            where, bound = (
                search.condition(query, projects.current(reader)) if not query.empty else ("", ())
            )
            return library.order(reader, sort, descending=descending, where=where, parameters=bound)

    def count(self, text: str) -> tuple[int, int]:
        """How many clips a search keeps, and their length in milliseconds."""
        where, bound = self.condition(text)
        with self._catalog.read() as reader:
            return library.counts(reader, where, bound)

    def _found(
        self, reader: Reader, query: Query, project: str, limit: int, *, ranked: bool
    ) -> list[Found]:
        if not query.wanted:
            return (
                search.clips_only(reader, query, project, limit)
                if query.narrowings or query.terms
                else []
            )
        found = moments.moments(reader, query, project, limit, ranked=ranked)
        known = {(one.clip_id, one.field) for one in found}
        if len(found) < limit:
            found += [
                one
                for one in search.names_like(reader, query, project, limit - len(found))
                if (one.clip_id, "name") not in known
            ]
        if len(found) < limit and not any(one.field == "transcript" for one in found):
            found += moments.across_segments(reader, query, project, limit)
        if len(found) < limit and (ranked or not found):
            here = {one.clip_id for one in found}
            more = moments.anywhere(reader, query, project, limit)
            found += [one for one in more if one.clip_id not in here]
        if ranked:
            found.sort(key=lambda one: (one.score, _ORDER.get(one.field, 0)), reverse=True)
        return found[:limit]

    def _hit(self, reader: Reader, found: Found, query: Query, clip: Clip | None) -> Hit:
        start, end, text = found.start_frame, found.end_frame, found.text
        if clip is not None and found.field == "transcript":
            start, end = self._spoken(reader, found, query.wanted, clip)
        return Hit(
            found.clip_id,
            ClipRow(found.row),
            found.name,
            found.field,
            start,
            end,
            text,
            found.score,
            f"{_WHY.get(found.field, found.field)}: {_around(text, query.wanted)}",
        )

    def _spoken(
        self, reader: Reader, found: Found, terms: Sequence[Term], clip: Clip
    ) -> tuple[int | None, int | None]:
        """The frames of the very words that were looked for, within their segment."""
        whole = (found.start_frame, found.end_frame)
        spoken = (
            transcripts.words_at(reader, found.clip_id, int(found.ref))
            if found.ref.isdigit()
            else None
        )
        if not spoken:
            return whole
        wanted = [part.casefold() for term in terms for part in re.findall(r"\w+", term.text)]
        first, last = _window([re.findall(r"\w+", word.text.casefold()) for word in spoken], wanted)
        return (
            self._timing.clock(clip).frames(spoken[first].start, spoken[last].end)
            if last >= first
            else whole
        )


def _window(spoken: Sequence[Sequence[str]], wanted: Sequence[str]) -> tuple[int, int]:
    """First and last word of the place that is meant: the words in a row, else the shortest stretch with all of them.

    (0, -1) where they are not there.
    """
    fits = [
        [any(piece.startswith(part) for piece in pieces) for part in wanted] for pieces in spoken
    ]
    count = len(wanted)
    for at in range(len(spoken) - count + 1):
        if all(fits[at + n][n] for n in range(count)):
            return at, at + count - 1
    best = (0, -1)
    for begin in range(len(spoken)):
        missing = set(range(count))
        for end in range(begin, len(spoken)):
            missing -= {n for n in missing if fits[end][n]}
            if not missing:
                if best[1] < best[0] or end - begin < best[1] - best[0]:
                    best = (begin, end)
                break
    return best


def _around(text: str, terms: Sequence[Term], width: int = 60) -> str:
    """The text around the first term, for the reason shown with a hit."""
    plain = " ".join(text.split())
    at = min(
        (
            m.start()
            for term in terms
            if (m := re.search(re.escape(term.text), plain, re.IGNORECASE))
        ),
        default=0,
    )
    begin = max(0, at - width // 3)
    piece = plain[begin : begin + width]
    return ("…" if begin else "") + piece + ("…" if begin + width < len(plain) else "")
