"""Transcripts: machine segments by content, a person's corrections over them by clip."""

import json
from collections.abc import Callable, Sequence

from app.core.catalog import documents
from app.core.catalog.rows import Reader, Row, Tx
from app.core.model.changes import Aspect
from app.core.model.entities import Segment, Transcript, Word


def put(
    tx: Tx,
    content_id: str,
    model: str,
    version: int,
    language: str,
    segments: Sequence[Segment],
    facts: str = "{}",
) -> None:
    """Replaces the machine transcript of a content; `index` makes it findable."""
    tx.run("DELETE FROM segment WHERE content_id = ?", content_id)
    tx.run(
        "INSERT OR REPLACE INTO transcript VALUES (?,?,?,?,?,strftime('%s','now') * 1000)",
        content_id,
        model,
        version,
        language,
        facts,
    )
    tx.many(
        "INSERT INTO segment (content_id, start, stop, text, speaker, language, words) VALUES (?,?,?,?,?,?,?)",
        [
            (content_id, s.start, s.end, s.text, s.speaker, s.language, _dump(s.words))
            for s in segments
        ],
    )


def index(
    tx: Tx, clip_id: str, segments: Sequence[Segment], frames: Callable[[int, int], tuple[int, int]]
) -> None:
    """Makes the words of a clip findable, as moments. `frames` turns 16 kHz samples into clip frames."""
    documents.drop(tx, clip_id, "transcript")
    for number, segment in enumerate(segments):
        start, end = frames(segment.start, segment.end)
        documents.put(tx, clip_id, "", "transcript", str(number), start, end, segment.text)
    tx.touch(Aspect.TRANSCRIPT, clip_id)


def machine(reader: Reader, clip_id: str) -> Transcript | None:
    """What the model heard, uncorrected; None while the clip has not been transcribed."""
    row = reader.one(
        "SELECT t.* FROM transcript t JOIN clip c ON c.content_id = t.content_id WHERE c.id = ?",
        clip_id,
    )
    if row is None:
        return None
    rows = reader.all(
        "SELECT * FROM segment WHERE content_id = ? ORDER BY start, n", row["content_id"]
    )
    return Transcript(row["language"], row["model"], tuple(_segment(r) for r in rows))


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


def due(reader: Reader, version: int, model: str, limit: int) -> list[tuple[str, str, str]]:
    """(clip, content, store path of its speech audio) of clips to transcribe."""
    rows = reader.all(
        "SELECT c.id, c.content_id, r.path FROM clip c JOIN rendition r ON r.content_id = c.content_id AND r.kind = 'speech' AND r.state = 'ready'"
        " AND r.path IS NOT NULL WHERE c.retired = 0 AND NOT EXISTS (SELECT 1 FROM transcript t WHERE t.content_id = c.content_id AND t.version = ? AND t.model = ?)"
        " AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.recipe = 'transcribe' AND a.subject = c.id AND (a.stopped OR a.not_before > strftime('%s','now') * 1000))"
        " ORDER BY c.n LIMIT ?",
        version,
        model,
        limit,
    )
    return [(r["id"], r["content_id"], r["path"]) for r in rows]


def _dump(words: Sequence[Word]) -> str:
    return json.dumps(
        [[w.start, w.end, w.permille, w.text] for w in words],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _segment(row: Row) -> Segment:
    words = tuple(Word(int(a), int(b), int(p), str(t)) for a, b, p, t in json.loads(row["words"]))
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
