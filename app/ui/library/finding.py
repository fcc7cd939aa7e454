"""Which clips the library shows: a place, narrowed by a search and by filter chips, in an order."""

import dataclasses
from array import array
from typing import Final

from app.core.catalog import library, places, query_language, search
from app.core.catalog.places import Condition, Place
from app.core.catalog.rows import Reader

FIRST_SORT: Final = "timecode"
EVERYWHERE: Final = Place()


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked to see."""

    place: Place = EVERYWHERE
    title: str = ""
    """The place's name."""
    query: str = ""
    """A smart bin's search."""
    text: str = ""
    """What stands in the search field."""
    terms: tuple[str, ...] = ()
    """Filter chips, in the search's own language."""
    sort: str = FIRST_SORT
    descending: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether less than the whole place is asked for."""
        return bool(self.text.strip() or self.terms)

    @property
    def words(self) -> str:
        """The search and the chips as one search."""
        return " ".join(part for part in (self.text.strip(), *self.terms) if part)


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What there is of it."""

    wanted: Wanted
    rows: "array[int]"
    duration_ms: int
    of: int
    """Clips in the place, un-narrowed."""
    called: frozenset[int] = frozenset()
    """Rows that have another name in this place: a further copy lies here."""
    elsewhere: int = 0
    """Where nothing was found in the place: clips of the whole library that the same words and chips find."""


def find(reader: Reader, wanted: Wanted, project_id: str) -> Found:
    """Reads the rows of what is wanted."""
    whole = place_condition(wanted, project_id)
    words = _search(wanted.words, project_id, typing=bool(wanted.text.strip()))
    narrow = places.both(whole, words)
    called = {} if wanted.query else places.called(reader, wanted.place)
    rows, duration = places.listed(
        reader, narrow, wanted.sort, descending=wanted.descending, called=called
    )
    of = library.counts(reader, *whole)[0] if wanted.narrowed else len(rows)
    lost = wanted.narrowed and not rows and bool(whole[0])
    elsewhere = library.counts(reader, *words)[0] if lost else 0
    return Found(wanted, rows, duration, of, frozenset(called), elsewhere)


def place_condition(wanted: Wanted, project_id: str) -> Condition:
    """What holds for the clips of the place itself."""
    if wanted.query:
        return _search(wanted.query, project_id, typing=False)
    return places.condition(wanted.place, project_id)


def named(reader: Reader, prefix: str, wanted: Wanted, project_id: str) -> int | None:
    """The first clip in the place whose name begins so."""
    plain = prefix.replace('"', "").replace("*", "")
    name = query_language.parse(f'name:"{plain}*"')
    condition = places.both(place_condition(wanted, project_id), search.condition(name, project_id))
    rows = library.order(reader, "name", where=condition[0], parameters=condition[1])
    return rows[0] if rows else None


def looked_for(text: str) -> tuple[str, ...]:
    """The words of a search that are to be marked where they stand."""
    return tuple(term.text for term in query_language.parse(text).wanted)


def _search(words: str, project_id: str, *, typing: bool) -> Condition:
    query = query_language.parse(words, typing=typing)
    return search.condition(query, project_id) if not query.empty else ("", ())
