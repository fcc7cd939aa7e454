"""Transcripts: machine segments by content, a person's corrections over them by clip.

A transcript in the making has version `PART`: it is shown and searched like a whole one, and still due.
What its makers need to go on from there is in its facts.
"""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from app.core.catalog import documents, stored
from app.core.catalog.rows import Reader, Row, Tx, marks
from app.core.model.changes import Aspect
from app.core.model.entities import Segment, Transcript, Word

PART: Final = 0
"""The version of a transcript that is not whole yet."""


def put(
    tx: Tx,
    content_id: str,
    model: str,
    version: int,
    language: str,
    segments: Sequence[Segment],
    facts: str = "{}",
) -> None:
    """Replaces the machine transcript of a content; `index` makes it findable.

    Segments that are there already from the beginning on are left alone: a transcript grows by parts.
    """
    tx.run(
        "INSERT OR REPLACE INTO transcript VALUES (?,?,?,?,?,strftime('%s','now') * 1000)",
        content_id,
        model,
        version,
        language,
        facts,
    )
    known = tx.all(
        "SELECT start, stop, text, speaker, language, words, n FROM segment WHERE content_id = ? ORDER BY n",
        content_id,
    )
    fresh = [(s.start, s.end, s.text, s.speaker, s.language, _dump(s.words)) for s in segments]
    pairs = zip(known, fresh, strict=False)
    same = sum(1 for _ in itertools.takewhile(lambda pair: tuple(pair[0])[:-1] == pair[1], pairs))
    tx.many("DELETE FROM segment WHERE n = ?", [(row["n"],) for row in known[same:]])
    tx.many(
        "INSERT INTO segment (content_id, start, stop, text, speaker, language, words) VALUES (?,?,?,?,?,?,?)",
        [(content_id, *row) for row in fresh[same:]],
    )


def remember(tx: Tx, content_id: str, model: str, heard: Mapping[str, object]) -> None:
    """Keeps what a run knows that was cut off; words that are shown stay as they are."""
    told = json.dumps(heard, ensure_ascii=False, separators=(",", ":"))
    tx.run(
        "INSERT INTO transcript VALUES (?1,?2,?3,'',json_object('reached', 0, 'heard', json(?4)),strftime('%s','now') * 1000)"
        " ON CONFLICT (content_id) DO UPDATE SET facts = json_set(facts, '$.heard', json(?4))",
        content_id,
        model,
        PART,
        told,
    )


def heard(reader: Reader, content_id: str) -> object:
    """What a run that was cut off knew; None where there was none."""
    found = reader.value(
        "SELECT json_extract(facts, '$.heard') FROM transcript WHERE content_id = ?", content_id
    )
    return stored.value(str(found)) if found else None


def whole(reader: Reader, content_id: str) -> bool:
    """Whether there is a whole transcript, be it by another model or of an earlier way."""
    version = reader.value("SELECT version FROM transcript WHERE content_id = ?", content_id)
    return version is not None and version != PART


def exists(reader: Reader, content_id: str) -> bool:
    """Whether there is a transcript, whole or in the making."""
    return bool(reader.value("SELECT 1 FROM transcript WHERE content_id = ?", content_id))


def awaits_sound(reader: Reader, clip_id: str) -> bool:
    """Whether a clip will be transcribed once the decode pass has read its sound, and nothing of it was heard yet."""
    found = reader.value(
        "SELECT 1 FROM clip c JOIN volume v ON v.id = c.volume_id WHERE c.id = ? AND c.retired = 0 AND c.state IN ('ready', 'damaged')"
        " AND c.kind IN ('video', 'audio') AND (v.derive = 'all' OR c.touched = 1)"
        " AND NOT EXISTS (SELECT 1 FROM transcript t WHERE t.content_id = c.content_id)"
        " AND NOT EXISTS (SELECT 1 FROM rendition r WHERE r.content_id = c.content_id AND r.recipe = 'derive' AND r.state <> 'due')"
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe IN ('first-words', 'derive') AND a.subject = c.id"
        " AND (a.stopped OR a.not_before > strftime('%s','now') * 1000))",
        clip_id,
    )
    return bool(found)


def has_words(reader: Reader, content_id: str) -> bool:
    """Whether there is anything to read yet."""
    return bool(reader.value("SELECT 1 FROM segment WHERE content_id = ? LIMIT 1", content_id))


def index(
    tx: Tx, clip_id: str, segments: Sequence[Segment], frames: Callable[[int, int], tuple[int, int]]
) -> None:
    """Makes the words of a clip findable, as moments. `frames` turns 16 kHz samples into clip frames."""
    documents.replace(
        tx,
        clip_id,
        "transcript",
        [
            (str(number), *frames(segment.start, segment.end), segment.text)
            for number, segment in enumerate(segments)
        ],
    )
    tx.touch(Aspect.TRANSCRIPT, clip_id)


def machine(reader: Reader, clip_id: str) -> Transcript | None:
    """What the model heard, uncorrected; None while the clip has not been transcribed."""
    row = reader.one(
        "SELECT t.content_id, t.language, t.model, CASE t.version WHEN ? THEN json_extract(t.facts, '$.reached') END AS reached"
        " FROM transcript t JOIN clip c ON c.content_id = t.content_id WHERE c.id = ?",
        PART,
        clip_id,
    )
    if row is None:
        return None
    rows = reader.all(
        "SELECT * FROM segment WHERE content_id = ? ORDER BY start, n", row["content_id"]
    )
    segments = tuple(_segment(r) for r in rows)
    return Transcript(row["language"], row["model"], segments, row["reached"])


def corrections(reader: Reader, clip_id: str) -> list[tuple[int, int, str, str | None, str | None]]:
    """A person's words over a clip's segments, oldest first: (start, end, was, text, speaker)."""
    rows = reader.all(
        "SELECT * FROM correction WHERE clip_id = ? AND (text IS NOT NULL OR speaker IS NOT NULL) ORDER BY hlc",
        clip_id,
    )
    return [(r["start"], r["stop"], r["was"], r["text"], r["speaker"]) for r in rows]


def correction_id(reader: Reader, clip_id: str, start: int, end: int) -> str | None:
    """The correction that exists for this stretch."""
    found = reader.value(
        "SELECT id FROM correction WHERE clip_id = ? AND start = ? AND stop = ?",
        clip_id,
        start,
        end,
    )
    return str(found) if found else None


def due(
    reader: Reader, version: int, model: str, limit: int, only: Sequence[str] = ()
) -> list[str]:
    """Clips to transcribe; among these clips alone, where given."""
    among = f" AND c.id IN ({marks(len(only))})" if only else ""
    return [
        str(i)
        for i in reader.column(
            "SELECT c.id FROM clip c JOIN rendition r ON r.content_id = c.content_id AND r.kind = 'speech' AND r.state = 'ready'"
            " AND r.path IS NOT NULL WHERE c.retired = 0 AND NOT EXISTS (SELECT 1 FROM transcript t WHERE t.content_id = c.content_id AND t.version = ? AND t.model = ?)"
            " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe = 'transcribe' AND a.subject = c.id AND (a.stopped OR a.not_before > strftime('%s','now') * 1000))"
            f"{among} ORDER BY c.n LIMIT ?",
            version,
            model,
            *only,
            limit,
        )
    ]


def _dump(words: Sequence[Word]) -> str:
    return json.dumps(
        [[w.start, w.end, w.permille, w.text] for w in words],
        ensure_ascii=False,
        separators=(",", ":"),
    )


@stored.reading
def _segment(row: Row) -> Segment:
    words = tuple(
        Word(int(a), int(b), int(p), str(t)) for a, b, p, t in stored.listed(row["words"])
    )
    return Segment(row["start"], row["stop"], row["text"], row["speaker"], row["language"], words)


def words_at(reader: Reader, clip_id: str, number: int) -> tuple[Word, ...] | None:
    """The words of a clip's segment of this number; None where the transcript has changed since."""
    row = reader.one(
        "SELECT s.* FROM segment s JOIN clip c ON c.content_id = s.content_id WHERE c.id = ? ORDER BY s.start, s.n LIMIT 1 OFFSET ?",
        clip_id,
        number,
    )
    return _segment(row).words if row else None


def speech_of(reader: Reader, clip_id: str) -> str | None:
    """The store path of a clip's speech audio."""
    found = reader.value(
        "SELECT r.path FROM rendition r JOIN clip c ON c.content_id = r.content_id WHERE c.id = ? AND r.kind = 'speech'"
        " AND r.state = 'ready' AND r.path IS NOT NULL",
        clip_id,
    )
    return str(found) if found else None
