"""Sets of events as several desks would write them, for properties that hold whatever was said."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from app.core.model.events import Entity, Event, Kind

CLIPS, NOTES, MARKS, BINS, PEOPLE, DESKS = (
    ("c1", "c2", "c3"),
    ("n1", "n2"),
    ("m1", "m2"),
    ("b1",),
    ("ann", "bob"),
    ("x", "y", "z"),
)
_word = st.sampled_from(["harbour", "Tide", "six o'clock", "naïve", ""])
_small = st.integers(0, 5)


def _draw(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


_clip, _note, _mark, _bin = map(st.sampled_from, (CLIPS, NOTES, MARKS, BINS))
_round = st.sampled_from([None, "r1"])
_NONE = st.just({})
Said = tuple[Entity, st.SearchStrategy[str], st.SearchStrategy[dict[str, Any]]]
SAID: dict[Kind, Said] = {
    Kind.PROJECT_CREATED: (Entity.PROJECT, st.just("p"), _draw(name=_word)),
    Kind.PROJECT_CHANGED: (
        Entity.PROJECT,
        st.just("p"),
        _draw(field=st.just("rate"), value=st.sampled_from(["25/1", None])),
    ),
    Kind.ACTOR_NAMED: (Entity.ACTOR, st.sampled_from(PEOPLE), _draw(name=_word, initials=_word)),
    Kind.CLIP_FIELD_SET: (
        Entity.CLIP,
        _clip,
        _draw(field=st.sampled_from(["reel", "scene"]), value=st.none() | _word),
    ),
    Kind.CLIP_RATED: (Entity.CLIP, _clip, _draw(rating=_small)),
    Kind.CLIP_CIRCLED: (Entity.CLIP, _clip, _draw(circled=st.booleans())),
    Kind.CLIP_REJECTED: (Entity.CLIP, _clip, _draw(rejected=st.booleans())),
    Kind.CLIP_MARKED: (
        Entity.CLIP,
        _clip,
        st.sampled_from([{"in": 1, "out": 9}, {"in": None, "out": None}, {"in": 3, "out": None}]),
    ),
    Kind.TAG_ADDED: (Entity.CLIP, _clip, _draw(word=_word)),
    Kind.TAG_REMOVED: (Entity.CLIP, _clip, _draw(word=_word, adds=st.just([]))),
    Kind.NOTE_ADDED: (
        Entity.NOTE,
        _note,
        _draw(
            clip=_clip, start=_small, end=st.integers(6, 9), text=_word, parent=st.none() | _note
        ),
    ),
    Kind.NOTE_EDITED: (
        Entity.NOTE,
        _note,
        _draw(text=_word, base=st.sampled_from(["n1", "e1", "e2"])),
    ),
    Kind.NOTE_DELETED: (Entity.NOTE, _note, _NONE),
    Kind.NOTE_RESTORED: (Entity.NOTE, _note, _NONE),
    Kind.NOTE_RESOLVED: (Entity.NOTE, _note, _NONE),
    Kind.NOTE_REOPENED: (Entity.NOTE, _note, _NONE),
    Kind.MARK_ADDED: (
        Entity.MARK,
        _mark,
        _draw(
            clip=_clip,
            sort=st.just("marker"),
            start=_small,
            end=st.integers(6, 9),
            name=_word,
            colour=st.just("red"),
            category=_word,
            text=_word,
        ),
    ),
    Kind.MARK_EDITED: (
        Entity.MARK,
        _mark,
        _draw(changes=_draw(name=_word) | _draw(text=_word, start=_small)),
    ),
    Kind.MARK_DELETED: (Entity.MARK, _mark, _NONE),
    Kind.MARK_RESTORED: (Entity.MARK, _mark, _NONE),
    Kind.BIN_CREATED: (Entity.BIN, _bin, _draw(name=_word, query=st.none() | _word)),
    Kind.BIN_CHANGED: (
        Entity.BIN,
        _bin,
        _draw(field=st.sampled_from(["name", "query"]), value=_word),
    ),
    Kind.BIN_DELETED: (Entity.BIN, _bin, _NONE),
    Kind.BIN_RESTORED: (Entity.BIN, _bin, _NONE),
    Kind.BIN_CLIP_ADDED: (Entity.BIN, _bin, _draw(clip=_clip)),
    Kind.BIN_CLIP_REMOVED: (Entity.BIN, _bin, _draw(clip=_clip, adds=st.just([]))),
    Kind.DECISION_MADE: (
        Entity.DECISION,
        _clip,
        _draw(
            clip=_clip,
            verdict=st.sampled_from(["approved", "rejected"]),
            hash=st.sampled_from(["", "h1"]),
            round=_round,
            comment=_word,
        ),
    ),
    Kind.DECISION_WITHDRAWN: (Entity.DECISION, _clip, _draw(clip=_clip, round=_round)),
    Kind.DECISION_BOUND: (
        Entity.DECISION,
        _clip,
        _draw(
            clip=_clip,
            round=_round,
            decision=st.sampled_from(["e1", "e2", "e3"]),
            hash=st.just("h2"),
        ),
    ),
    Kind.SEGMENT_CORRECTED: (
        Entity.SEGMENT,
        st.just("s1"),
        _draw(
            clip=_clip,
            start=_small,
            end=st.integers(6, 9),
            text=st.none() | _word,
            speaker=st.none() | _word,
            was=_word,
        ),
    ),
    Kind.GROUP_MADE: (
        Entity.GROUP,
        st.just("g1"),
        _draw(sort=st.just("sync"), clips=st.just(list(CLIPS)), name=_word),
    ),
    Kind.GROUP_DISSOLVED: (Entity.GROUP, st.just("g1"), _NONE),
    Kind.SYNC_OFFSET_SET: (
        Entity.CLIP,
        _clip,
        _draw(clip=_clip, to=_clip, samples=st.none() | _small, sample_rate=st.just(48000)),
    ),
    Kind.TIMECODE_CORRECTED: (
        Entity.CLIP,
        _clip,
        _draw(offset=_small, rate=st.just("25/1"), reason=_word),
    ),
    Kind.TARGET_ADDED: (
        Entity.TARGET,
        st.just("t1"),
        _draw(
            **dict.fromkeys(
                ("name", "bucket", "endpoint", "region", "profile", "send", "template"), _word
            ),
            confirmed=st.booleans(),
        ),
    ),
    Kind.TARGET_CHANGED: (
        Entity.TARGET,
        st.just("t1"),
        _draw(field=st.just("confirmed"), value=st.booleans()),
    ),
}
"""For each kind: what it is about, and what it may say."""


def event_sets(most: int = 25) -> st.SearchStrategy[list[Event]]:
    """Events of any kind from several desks; removals name adds among them."""
    return st.lists(st.sampled_from(list(Kind)), max_size=most).flatmap(_events)


@st.composite
def _events(draw: Callable[[st.SearchStrategy[Any]], Any], kinds: list[Kind]) -> list[Event]:
    made: list[Event] = []
    for number, kind in enumerate(kinds):
        entity, about, said = SAID[kind]
        body = draw(said)
        if "adds" in body:
            body = {
                **body,
                "adds": draw(
                    st.lists(st.sampled_from([e.id for e in made] or ["none"]), max_size=3)
                ),
            }
        made.append(
            Event(
                id=f"e{number}",
                hlc=draw(st.integers(1, 6)),
                node=draw(st.sampled_from(DESKS)),
                actor=draw(st.sampled_from(PEOPLE)),
                project_id=draw(st.sampled_from(["p", "q"])),
                entity=entity,
                entity_id=draw(about),
                kind=kind,
                v=1,
                body=body,
                seen=draw(_small),
            )
        )
    return made
