"""The tables, as the first migration makes them, and what later ones changed.

Human facts (event, note, mark, …) follow from events; machine facts (file, clip, rendition,
transcript, …) from disks. Paths are BLOBs: their exact bytes survive. `n` columns are row numbers
and never leave the catalog but as `ClipRow`. Partial indexes also hold the column of their condition: without it
SQLite looks up the row for every entry.
"""

from typing import Final

GROUND: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

PLACES: Final = (
    """CREATE TABLE volume (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, derive TEXT NOT NULL,
        fs_key TEXT NOT NULL DEFAULT '', subpath TEXT NOT NULL DEFAULT '', fs_type TEXT NOT NULL DEFAULT '',
        online INTEGER NOT NULL DEFAULT 1, watcher TEXT NOT NULL DEFAULT '', scanned_at INTEGER,
        scan_no INTEGER NOT NULL DEFAULT 0, read_cap INTEGER NOT NULL DEFAULT 0, hours TEXT NOT NULL DEFAULT '',
        added_at INTEGER NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE TABLE mount (volume_id TEXT PRIMARY KEY REFERENCES volume(id), path BLOB NOT NULL) STRICT",
    """CREATE TABLE folder (
        volume_id TEXT NOT NULL, path BLOB NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
        seen INTEGER NOT NULL, PRIMARY KEY (volume_id, path)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE skipped (
        volume_id TEXT NOT NULL, path BLOB NOT NULL, reason TEXT NOT NULL, seen INTEGER NOT NULL,
        PRIMARY KEY (volume_id, path)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE file (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, volume_id TEXT NOT NULL REFERENCES volume(id),
        path BLOB NOT NULL, folder BLOB NOT NULL, name_key TEXT NOT NULL, sort TEXT NOT NULL,
        size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, state TEXT NOT NULL,
        seen INTEGER NOT NULL, settled_at INTEGER NOT NULL DEFAULT 0, first_seen INTEGER NOT NULL,
        quick_id TEXT, full_hash TEXT, hashed_sig TEXT,
        facts TEXT, facts_sig TEXT, role TEXT, clip_id TEXT, part INTEGER NOT NULL DEFAULT 0, place INTEGER,
        UNIQUE (volume_id, path)) STRICT""",
    "CREATE INDEX file_by_clip ON file (clip_id) WHERE clip_id IS NOT NULL",
    "CREATE INDEX file_by_folder ON file (volume_id, folder)",
    "CREATE INDEX file_counts ON file (volume_id, size, state) WHERE state <> 'missing'",
    "CREATE INDEX file_by_size ON file (size, mtime_ns)",
    "CREATE INDEX file_by_state ON file (state) WHERE state NOT IN ('present', 'offline')",
    "CREATE INDEX file_unprobed ON file (volume_id) WHERE facts_sig IS NULL AND state = 'present'",
    "CREATE INDEX file_growing ON file (settled_at) WHERE state = 'growing'",
    "CREATE INDEX file_unhashed ON file (n) WHERE hashed_sig IS NULL AND role IN ('essence', 'span', 'audio')",
    "CREATE INDEX file_by_quick ON file (quick_id) WHERE quick_id IS NOT NULL",
    """CREATE TABLE scope (
        volume_id TEXT NOT NULL, path BLOB NOT NULL, changed INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (volume_id, path)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX scope_due ON scope (changed) WHERE changed > done",
)

CLIPS: Final = (
    """CREATE TABLE content (
        id TEXT PRIMARY KEY, full_hash TEXT, essence_hash TEXT, quick_id TEXT, previous TEXT, measured TEXT, made_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX content_by_hash ON content (full_hash) WHERE full_hash IS NOT NULL",
    """CREATE TABLE clip (
        n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, content_id TEXT NOT NULL REFERENCES content(id),
        name TEXT NOT NULL, name_fold TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, own_state TEXT NOT NULL,
        rate_num INTEGER, rate_den INTEGER, vfr INTEGER NOT NULL DEFAULT 0, drop_frame INTEGER NOT NULL DEFAULT 0,
        start_frame INTEGER, label_num INTEGER, label_den INTEGER, frames INTEGER, duration_ms INTEGER NOT NULL DEFAULT 0,
        width INTEGER, height INTEGER, codec TEXT, pix_fmt TEXT, rotation INTEGER NOT NULL DEFAULT 0,
        audio TEXT NOT NULL DEFAULT '[]', reel TEXT, camera TEXT, scene TEXT, take TEXT, shot TEXT, recorded_at TEXT,
        gaps TEXT NOT NULL DEFAULT '[]', problem TEXT, card TEXT, sequence TEXT, facts TEXT NOT NULL DEFAULT '{}',
        tags TEXT NOT NULL DEFAULT '{}', origins TEXT NOT NULL DEFAULT '{}', volume_id TEXT NOT NULL, folder BLOB NOT NULL,
        folder_text TEXT NOT NULL DEFAULT '', start_key INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
        proxy_base TEXT, touched INTEGER NOT NULL DEFAULT 0, retired INTEGER NOT NULL DEFAULT 0, place INTEGER, made_at INTEGER NOT NULL) STRICT""",
    "CREATE INDEX clip_by_content ON clip (content_id)",
    "CREATE INDEX clip_by_name ON clip (name_fold, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_start ON clip (start_key, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_made ON clip (made_at, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_duration ON clip (duration_ms, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_size ON clip (size, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_recorded ON clip (recorded_at, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_state ON clip (state, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_camera ON clip (camera, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_folder ON clip (volume_id, folder, n, retired) WHERE retired = 0",
    "CREATE INDEX clip_by_proxy_base ON clip (proxy_base) WHERE proxy_base IS NOT NULL AND retired = 0",
    "CREATE TABLE clip_alias (alias TEXT PRIMARY KEY, clip_id TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX alias_by_clip ON clip_alias (clip_id)",
    """CREATE TABLE rendition (
        id TEXT PRIMARY KEY, content_id TEXT NOT NULL REFERENCES content(id), kind TEXT NOT NULL, recipe TEXT NOT NULL,
        version INTEGER NOT NULL, params TEXT NOT NULL, state TEXT NOT NULL, path TEXT, size INTEGER NOT NULL DEFAULT 0,
        hash TEXT, facts TEXT NOT NULL DEFAULT '{}', error TEXT, made_at INTEGER NOT NULL, used_at INTEGER NOT NULL,
        UNIQUE (content_id, kind, recipe)) STRICT""",
    "CREATE INDEX rendition_by_recipe ON rendition (recipe, content_id, version, params, state)",
    "CREATE INDEX rendition_due ON rendition (recipe, content_id) WHERE state = 'due'",
    "CREATE INDEX rendition_by_use ON rendition (used_at) WHERE path IS NOT NULL",
    """CREATE TABLE attempt (
        key TEXT PRIMARY KEY, recipe TEXT NOT NULL, subject TEXT NOT NULL, tries INTEGER NOT NULL,
        not_before INTEGER NOT NULL, stopped INTEGER NOT NULL, error TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX attempt_by_recipe ON attempt (recipe, subject)",
)

SPEECH: Final = (
    """CREATE TABLE transcript (
        content_id TEXT PRIMARY KEY REFERENCES content(id), model TEXT NOT NULL, version INTEGER NOT NULL,
        language TEXT NOT NULL, facts TEXT NOT NULL DEFAULT '{}', made_at INTEGER NOT NULL) STRICT""",
    """CREATE TABLE segment (
        n INTEGER PRIMARY KEY, content_id TEXT NOT NULL REFERENCES content(id), start INTEGER NOT NULL, stop INTEGER NOT NULL,
        text TEXT NOT NULL, speaker TEXT, language TEXT NOT NULL, words TEXT NOT NULL, corrected INTEGER NOT NULL DEFAULT 0) STRICT""",
    "CREATE INDEX segment_by_content ON segment (content_id, start)",
)

PEOPLE: Final = (
    """CREATE TABLE event (
        seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hlc INTEGER NOT NULL, node TEXT NOT NULL, actor TEXT NOT NULL,
        project_id TEXT NOT NULL, entity TEXT NOT NULL, entity_id TEXT NOT NULL, part TEXT NOT NULL, kind TEXT NOT NULL,
        v INTEGER NOT NULL, body TEXT NOT NULL, undoes TEXT, seen INTEGER NOT NULL DEFAULT 0, server_seq INTEGER,
        recv_at INTEGER, batch TEXT NOT NULL DEFAULT '', undone INTEGER NOT NULL DEFAULT 0, digest TEXT NOT NULL) STRICT""",
    "CREATE INDEX event_by_part ON event (entity, entity_id, part)",
    "CREATE INDEX event_naming_clip ON event (part) WHERE kind IN ('bin-clip-added', 'bin-clip-removed', 'sync-offset-set')",
    "CREATE INDEX event_by_actor ON event (actor, seq)",
    "CREATE INDEX event_by_batch ON event (batch) WHERE batch <> ''",
    "CREATE INDEX event_by_hub ON event (server_seq)",
    "CREATE INDEX event_undoes ON event (undoes) WHERE undoes IS NOT NULL",
    "CREATE TABLE project (id TEXT PRIMARY KEY, fields TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE actor (id TEXT PRIMARY KEY, name TEXT NOT NULL, initials TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE clip_log (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, rating INTEGER NOT NULL DEFAULT 0, circled INTEGER NOT NULL DEFAULT 0,
        rejected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (clip_id, project_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE clip_range (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, actor TEXT NOT NULL, mark_in INTEGER, mark_out INTEGER,
        PRIMARY KEY (clip_id, project_id, actor)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE clip_field (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, field TEXT NOT NULL, value TEXT,
        PRIMARY KEY (clip_id, project_id, field)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE tag (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, word TEXT NOT NULL, adds TEXT NOT NULL,
        PRIMARY KEY (clip_id, project_id, word)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX tag_by_word ON tag (word)",
    """CREATE TABLE note (
        id TEXT PRIMARY KEY, clip_id TEXT NOT NULL, project_id TEXT NOT NULL, start_frame INTEGER NOT NULL, end_frame INTEGER NOT NULL,
        text TEXT NOT NULL, author TEXT NOT NULL, state TEXT NOT NULL, parent TEXT, created_ms INTEGER NOT NULL,
        deleted INTEGER NOT NULL, edited_by_both INTEGER NOT NULL, other_text TEXT) STRICT, WITHOUT ROWID""",
    "CREATE INDEX note_by_clip ON note (clip_id, project_id, start_frame)",
    """CREATE TABLE mark (
        id TEXT PRIMARY KEY, clip_id TEXT NOT NULL, project_id TEXT NOT NULL, sort TEXT NOT NULL, start_frame INTEGER NOT NULL,
        end_frame INTEGER NOT NULL, name TEXT NOT NULL, colour TEXT NOT NULL, category TEXT NOT NULL, text TEXT NOT NULL,
        author TEXT NOT NULL, created_ms INTEGER NOT NULL, deleted INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX mark_by_clip ON mark (clip_id, project_id, start_frame)",
    """CREATE TABLE decision (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, round TEXT NOT NULL, actor TEXT NOT NULL, verdict TEXT NOT NULL, hash TEXT NOT NULL,
        comment TEXT NOT NULL, at_ms INTEGER NOT NULL, hlc INTEGER NOT NULL, event_id TEXT NOT NULL, seen INTEGER NOT NULL,
        PRIMARY KEY (clip_id, project_id, round, actor)) STRICT, WITHOUT ROWID""",
    # The word that counts: the newest; disputed where another person's differs and neither knew of the other.
    """CREATE VIEW verdict AS SELECT d.*, e.server_seq, EXISTS (SELECT 1 FROM decision o JOIN event f ON f.id = o.event_id
            WHERE o.clip_id = d.clip_id AND o.project_id = d.project_id AND o.actor <> d.actor AND o.verdict <> d.verdict AND o.hash = d.hash
            AND coalesce(f.server_seq, 1 << 62) > d.seen AND coalesce(e.server_seq, 1 << 62) > o.seen) AS disputed
        FROM decision d JOIN event e ON e.id = d.event_id
        WHERE (d.hlc, d.event_id) = (SELECT n.hlc, n.event_id FROM decision n WHERE n.clip_id = d.clip_id AND n.project_id = d.project_id
            ORDER BY n.hlc DESC, n.event_id DESC LIMIT 1)""",
    """CREATE TABLE bin (
        id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, query TEXT, deleted INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE bin_clip (
        bin_id TEXT NOT NULL, clip_id TEXT NOT NULL, adds TEXT NOT NULL, added_hlc INTEGER NOT NULL,
        PRIMARY KEY (bin_id, clip_id)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE correction (
        id TEXT PRIMARY KEY, clip_id TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, was TEXT NOT NULL,
        text TEXT, speaker TEXT, hlc INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX correction_by_clip ON correction (clip_id)",
    "CREATE TABLE clip_group (id TEXT PRIMARY KEY, project_id TEXT NOT NULL, sort TEXT NOT NULL, name TEXT NOT NULL, clips TEXT NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TABLE sync_offset (
        clip_id TEXT NOT NULL, to_clip TEXT NOT NULL, project_id TEXT NOT NULL, samples INTEGER NOT NULL, sample_rate INTEGER NOT NULL,
        PRIMARY KEY (clip_id, to_clip, project_id)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX sync_offset_to ON sync_offset (to_clip)",
    """CREATE TABLE timecode_correction (
        clip_id TEXT NOT NULL, project_id TEXT NOT NULL, offset_frames INTEGER NOT NULL, rate TEXT NOT NULL, reason TEXT NOT NULL,
        PRIMARY KEY (clip_id, project_id)) STRICT, WITHOUT ROWID""",
    "CREATE TABLE target (id TEXT PRIMARY KEY, fields TEXT NOT NULL) STRICT, WITHOUT ROWID",
)

SENDING: Final = (
    """CREATE TABLE upload (
        id TEXT PRIMARY KEY, target_id TEXT NOT NULL, clip_id TEXT NOT NULL, key TEXT NOT NULL, source TEXT NOT NULL, state TEXT NOT NULL,
        size INTEGER NOT NULL, hash TEXT, wanted_for TEXT, multipart_id TEXT, part_size INTEGER NOT NULL DEFAULT 0, error TEXT, checksum TEXT,
        not_before INTEGER NOT NULL DEFAULT 0, wanted_at INTEGER NOT NULL, changed_ms INTEGER NOT NULL, UNIQUE (target_id, key)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX upload_by_clip ON upload (clip_id)",
    "CREATE INDEX upload_by_state ON upload (state)",
    """CREATE TABLE upload_part (
        upload_id TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, checksum TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (upload_id, number)) STRICT, WITHOUT ROWID""",
)

SEARCH: Final = (
    """CREATE TABLE doc (
        n INTEGER PRIMARY KEY, clip_id TEXT NOT NULL, project_id TEXT NOT NULL, field TEXT NOT NULL, ref TEXT NOT NULL,
        start_frame INTEGER, end_frame INTEGER, text TEXT NOT NULL) STRICT""",
    "CREATE INDEX doc_by_ref ON doc (clip_id, field, ref)",
    """CREATE VIRTUAL TABLE doc_fts USING fts5 (
        text, content='doc', content_rowid='n', prefix='2 3', tokenize='unicode61 remove_diacritics 2')""",
    "CREATE VIRTUAL TABLE name_fts USING fts5 (name, detail='none', tokenize='trigram')",
)

STATEMENTS: Final = (*GROUND, *PLACES, *CLIPS, *SPEECH, *PEOPLE, *SENDING, *SEARCH)

FOLDER_TIMES: Final = (
    "ALTER TABLE folder ADD COLUMN ctime_ns INTEGER NOT NULL DEFAULT 0",
    # What was written before says nothing of when a folder was listed.
    "UPDATE folder SET mtime_ns = -1",
    # Without the first condition every new row is looked up in the list of roles.
    "DROP INDEX file_unhashed",
    "CREATE INDEX file_unhashed ON file (n) WHERE role IS NOT NULL AND hashed_sig IS NULL AND role IN ('essence', 'span', 'audio')",
)

_FROM_DECISIONS: Final = "FROM decision d JOIN event e ON e.id = d.event_id"


def _knew(one: str, other: str) -> str:
    """SQL: whether the person of vote `one` could know of vote `other`; both are rows of `heard`.

    They did where it had arrived at their desk and was said of the same clip, or of another that was known then to have
    the bytes they decided on. Only events are asked, so every desk finds the same.
    """
    return f"""(coalesce({other}.server_seq, 1 << 62) <= {one}.seen AND ({one}.entity_id = {other}.entity_id OR ({one}.told <> '' AND ({other}.told <> ''
        OR EXISTS (SELECT 1 FROM event k WHERE k.entity = 'decision' AND k.part = {other}.part AND k.kind = 'decision-bound'
            AND k.entity_id IN (SELECT {other}.entity_id UNION SELECT {other}.clip_id UNION SELECT alias FROM clip_alias WHERE clip_id = {other}.clip_id)
            AND k.body ->> '$.decision' = {other}.event_id AND k.hlc < {one}.hlc AND (k.node = {one}.node OR coalesce(k.server_seq, 1 << 62) <= {one}.seen))))))"""


EQUAL_BYTES: Final = (
    # Where equal bytes lie once more: a row for each copy but the first, by the row of its first file.
    """CREATE TABLE copy (
        place INTEGER PRIMARY KEY, volume_id TEXT NOT NULL, folder BLOB NOT NULL, folder_text TEXT NOT NULL,
        name TEXT NOT NULL, name_fold TEXT NOT NULL) STRICT""",
    "CREATE INDEX copy_by_folder ON copy (volume_id, folder)",
    "CREATE INDEX copy_by_name ON copy (name_fold)",
    # Folders with further copies are put together once more: that fills the table.
    """INSERT INTO scope SELECT DISTINCT f.volume_id, f.folder, unixepoch() * 1000000000, 0 FROM file f JOIN clip c ON c.id = f.clip_id
        WHERE f.place = f.n AND f.place IS NOT c.place AND f.state <> 'missing'
        ON CONFLICT (volume_id, path) DO UPDATE SET changed = max(changed, excluded.changed), done = 0""",
    # At which of its frames each file of a clip begins: `[[file, frame], …]`; null where that was never known.
    "ALTER TABLE clip ADD COLUMN layout TEXT",
    # Where the frames of a clip that became part of a longer one lie in that one: see `shifts`.
    "ALTER TABLE clip_alias ADD COLUMN shifts TEXT NOT NULL DEFAULT '[]'",
    # Which bytes a decision was about, and whether they were known then, tell whether a person could know of another's
    # word: said of two clips before their bytes proved equal, neither answers the other.
    f"CREATE VIEW heard AS SELECT d.*, e.server_seq, e.node, e.entity_id, e.part, e.body ->> '$.hash' AS told {_FROM_DECISIONS}",
    "DROP VIEW verdict",
    f"""CREATE VIEW verdict AS SELECT d.*, e.server_seq, EXISTS (SELECT 1 FROM heard a JOIN heard b
            ON b.clip_id = a.clip_id AND b.project_id = a.project_id
            WHERE a.clip_id = d.clip_id AND a.project_id = d.project_id AND a.event_id = d.event_id AND b.actor <> a.actor AND b.verdict <> a.verdict AND b.hash = a.hash
            AND NOT {_knew("a", "b")} AND NOT {_knew("b", "a")}) AS disputed
        {_FROM_DECISIONS}
        WHERE (d.hlc, d.event_id) = (SELECT n.hlc, n.event_id FROM decision n WHERE n.clip_id = d.clip_id AND n.project_id = d.project_id
            ORDER BY n.hlc DESC, n.event_id DESC LIMIT 1)""",
)

INDEXES_FOR_ARRIVALS: Final = (
    # Each new clip asks whether another began with the same file: without this it looks at all of them.
    "CREATE INDEX clip_by_place ON clip (place) WHERE place IS NOT NULL",
    # Of equal bytes one content goes, and what came after it comes after the other.
    "CREATE INDEX content_by_previous ON content (previous) WHERE previous IS NOT NULL",
)

INDEXES_IN_ORDER: Final = (
    # Files come as they lie in their folders, and sizes as chance has it: by size, each new row went into another page.
    "DROP INDEX file_counts",
    "CREATE INDEX file_counts ON file (volume_id, n, size, state) WHERE state <> 'missing'",
    "DROP INDEX file_by_size",
    "CREATE INDEX file_by_size ON file (mtime_ns, size)",
)

CARDS: Final = (
    """CREATE TABLE offload (
        id TEXT PRIMARY KEY, source BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, title TEXT NOT NULL, lasting TEXT NOT NULL, digest TEXT NOT NULL,
        verify TEXT NOT NULL, hashes TEXT NOT NULL, state TEXT NOT NULL, problem TEXT NOT NULL, project_id TEXT NOT NULL,
        folders BLOB NOT NULL, left_out TEXT NOT NULL, made_ms INTEGER NOT NULL, ended_ms INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX offload_by_card ON offload (lasting, digest)",
    """CREATE TABLE offload_leg (
        id TEXT PRIMARY KEY, offload_id TEXT NOT NULL REFERENCES offload(id), position INTEGER NOT NULL, name TEXT NOT NULL, root BLOB NOT NULL,
        folder BLOB NOT NULL, lasting TEXT NOT NULL, device TEXT NOT NULL, device_name TEXT NOT NULL, proven INTEGER NOT NULL, said_by TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL, problem TEXT NOT NULL DEFAULT '', away INTEGER NOT NULL DEFAULT 0, after INTEGER NOT NULL DEFAULT -1, manifest BLOB NOT NULL DEFAULT x'', manifest_ms INTEGER) STRICT, WITHOUT ROWID""",
    "CREATE INDEX offload_leg_by_offload ON offload_leg (offload_id, position)",
    """CREATE TABLE offload_entry (
        offload_id TEXT NOT NULL REFERENCES offload(id), n INTEGER NOT NULL, path BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
        state TEXT NOT NULL, hashes TEXT NOT NULL DEFAULT '{}', hash TEXT, problem TEXT NOT NULL DEFAULT '', read_ms INTEGER,
        PRIMARY KEY (offload_id, n)) STRICT, WITHOUT ROWID""",
    # Bytes on a card that is put in again are looked up by what they are, wherever they were copied from.
    "CREATE INDEX offload_entry_by_path ON offload_entry (offload_id, path)",
    "CREATE INDEX offload_entry_by_hash ON offload_entry (hash) WHERE hash IS NOT NULL",
    """CREATE TABLE offload_copy (
        leg_id TEXT NOT NULL REFERENCES offload_leg(id), n INTEGER NOT NULL, state TEXT NOT NULL, said TEXT NOT NULL, at_ms INTEGER NOT NULL,
        PRIMARY KEY (leg_id, n)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE card_verdict (
        id TEXT PRIMARY KEY, lasting TEXT NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL, safe INTEGER NOT NULL, words TEXT NOT NULL,
        at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    "CREATE INDEX card_verdict_by_time ON card_verdict (at_ms)",
)

SCRUBS: Final = (
    # When a scrub last tried to read a copy; null: never.
    "ALTER TABLE offload_copy ADD COLUMN tried_ms INTEGER",
    """CREATE TABLE scrub_repair (
        id TEXT PRIMARY KEY, leg_id TEXT NOT NULL, n INTEGER NOT NULL, work BLOB NOT NULL, aside BLOB NOT NULL, kept BLOB NOT NULL DEFAULT x'',
        source TEXT NOT NULL DEFAULT '', state TEXT NOT NULL, said TEXT NOT NULL DEFAULT '', made_ms INTEGER NOT NULL, ended_ms INTEGER) STRICT, WITHOUT ROWID""",
)

EVERYTHING: Final = (
    *STATEMENTS,
    *FOLDER_TIMES,
    *EQUAL_BYTES,
    *INDEXES_FOR_ARRIVALS,
    *INDEXES_IN_ORDER,
    *CARDS,
    *SCRUBS,
)
"""The present schema, from nothing."""
