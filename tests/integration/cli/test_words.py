"""Clips, times, notes, marks and the log, as words of the command line."""

import json
from pathlib import Path

from tests.integration.cli.conftest import ESCAPE, NEWLINE
from tests.support.command import NearDesk


def the(near: NearDesk, name: str) -> str:
    """The id of the clip with this name."""
    return next(clip["id"] for clip in near.clips() if clip["name"] == name)


def test_a_clip_is_named_by_id_its_start_its_end_or_its_name(near: NearDesk) -> None:
    clips = near.clips()
    known = [clip["id"] for clip in clips]
    wanted = the(near, "A001")
    begin = next(
        wanted[:n] for n in range(4, 37) if sum(i.startswith(wanted[:n]) for i in known) == 1
    )
    ending = next(
        wanted[-n:] for n in range(4, 37) if sum(i.endswith(wanted[-n:]) for i in known) == 1
    )
    for words in (wanted, begin, ending, "A001", "a001"):
        assert near.ask("show", words)["id"] == wanted, words
    assert near.refuse("show", "A00")["title"] == "Unknown clip"
    assert near.refuse("show", "")["title"] == "Unknown clip"
    assert near.refuse("show", "A001%")["title"] == "Unknown clip"
    assert near.refuse("show", "'; DROP TABLE clip; --")["title"] == "Unknown clip"


def test_of_an_unknown_name_those_that_begin_so_are_told(near: NearDesk) -> None:
    beginning = sorted(c["name"] for c in near.clips() if c["name"].lower().startswith("a00"))
    told = [choice.rpartition("/")[2] for choice in near.refuse("show", "A00")["choices"]]
    assert told == beginning[:5]
    assert told
    for words in ("", "A00%", "zzz", "_"):
        assert near.refuse("show", words)["choices"] == []


def test_a_list_that_goes_on_says_so(near: NearDesk) -> None:
    first = near.run("clips", "--limit", 4)
    cursor = near.ask("clips", "--limit", 4)["next"]
    assert f"--after {cursor}" in first.err
    assert "--after" not in near.run("clips").err


def test_an_ambiguous_name_lists_its_choices(near: NearDesk) -> None:
    twins = [clip["id"] for clip in near.clips() if clip["name"] == "twin"]
    assert len(twins) == 2
    error = near.refuse("show", "twin")
    assert sorted(choice.split()[0] for choice in error["choices"]) == sorted(twins)
    assert {"one/", "two/"} <= {part[:4] for choice in error["choices"] for part in choice.split()}
    told = near.run("show", "twin")
    assert (told.code, told.out) == (3, "")
    assert all(twin in told.err for twin in twins)
    common = twins[0][: next(n for n in range(36) if twins[0][n] != twins[1][n])]
    assert len(near.refuse("show", common)["choices"]) > 1


def test_pages_of_clips_join(near: NearDesk) -> None:
    every = [clip["id"] for clip in near.clips()]
    seen: list[str] = []
    cursor = None
    while not seen or cursor is not None:
        page = near.ask("clips", "--limit", 4, *(["--after", cursor] if cursor else []))
        assert len(page["clips"]) <= 4
        seen += [clip["id"] for clip in page["clips"]]
        cursor = page["next"]
    assert seen == every
    near.refuse("clips", "--limit", 0)
    near.refuse("clips", "--after", "zz")
    assert {clip["kind"] for clip in near.ask("clips", "kind:audio")["clips"]} == {"audio"}


def test_times_are_labels_frames_or_seconds(near: NearDesk) -> None:
    for words, frame, label in (
        ("01:00:00:05", 5, "01:00:00:05"),
        ("@24", 24, "01:00:00:24"),
        ("+0.4s", 10, "01:00:00:10"),
    ):
        note = near.ask("note", "add", "A001", "--at", words, "here")
        assert (note["start_frame"], note["end_frame"], note["start"]) == (frame, frame + 1, label)
    whole = near.ask("note", "add", "A001", "--at", "@0", "--to", "@25", "all of it")
    assert (whole["start_frame"], whole["end_frame"]) == (0, 25)
    dropped = near.ask("note", "add", "D001", "--at", "01:00:00;00", "the minute that drops none")
    assert (dropped["start_frame"], dropped["start"]) == (10, "01:00:00;00")


def test_illegal_times_are_refused_with_words(near: NearDesk) -> None:
    before = near.ask("note", "list", "A001")
    for words in (
        "01:00:01:00",
        "@25",
        "+1s",
        "00:59:59:24",
        "01:00:00:25",
        "01:00:00;05",
        "5",
        "@-1",
    ):
        error = near.refuse("note", "add", "A001", f"--at={words}", "x")
        assert error["title"] in ("Illegal timecode", "Outside the clip"), words
        assert error["todo"]
    near.refuse("note", "add", "A001", "--at", "@0", "--to", "@26", "x")
    near.refuse("note", "add", "A001", "--at", "@5", "--to", "@5", "x")
    near.refuse("note", "add", "A001", "--at", "@5", "--to", "@2", "x")
    near.refuse("subclip", "add", "A001", "--at", "@5", "--to", "@2")
    near.refuse("mark", "add", "A001", "--at", "@99")
    assert near.ask("note", "list", "A001") == before


def test_notes_from_first_word_to_last(near: NearDesk) -> None:
    clip = the(near, "A002")
    note = near.ask("note", "add", "A002", "--at", "@3", "--", "-begins with a dash, --json too")
    wanted = {
        "id",
        "clip",
        "start_frame",
        "end_frame",
        "start",
        "end",
        "text",
        "author",
        "state",
        "parent",
        "created",
    }
    assert set(note) == wanted
    assert (note["clip"], note["text"]) == (clip, "-begins with a dash, --json too")
    assert (note["state"], note["parent"]) == ("open", None)
    answer = near.ask("note", "reply", note["id"], "better now")
    assert answer["parent"] == note["id"]
    assert near.ask("note", "resolve", note["id"])["state"] == "resolved"
    assert near.ask("note", "reopen", note["id"][-12:])["state"] == "open"
    assert (
        near.ask("note", "edit", note["id"], "<b>'quoted\" %s</b>")["text"] == "<b>'quoted\" %s</b>"
    )
    listed = near.ask("note", "list", "A002")["notes"]
    assert [(n["id"], n["text"]) for n in listed] == [
        (note["id"], "<b>'quoted\" %s</b>"),
        (answer["id"], "better now"),
    ]
    near.ask("note", "delete", answer["id"])
    assert [n["id"] for n in near.ask("note", "list", "A002")["notes"]] == [note["id"]]
    assert near.ask("undo")["undone"]
    assert len(near.ask("note", "list", "A002")["notes"]) == 2
    assert near.ask("redo")["redone"]
    assert len(near.ask("note", "list", "A002")["notes"]) == 1
    kinds = [line["kind"] for line in near.ask("history", "A002")["history"]]
    assert "note-added" in kinds
    assert "note-edited" in kinds
    near.refuse("note", "reply", "nobody", "x")
    near.refuse("note", "add", "A002", "--at", "@0", " ")


def test_marks_and_subclips(near: NearDesk) -> None:
    mark = near.ask(
        "mark", "add", "A003", "--at", "@2", "--name=-m", "--colour", "red", "--text", "clap"
    )
    assert (mark["start_frame"], mark["name"], mark["colour"]) == (2, "-m", "red")
    span = near.ask("mark", "add", "A003", "--at", "@4", "--to", "@9")
    sub = near.ask("subclip", "add", "A003", "--at", "@1", "--to", "@20", "--name", "the good part")
    assert [m["id"] for m in near.ask("mark", "list", "A003")["marks"]] == [mark["id"], span["id"]]
    assert [m["id"] for m in near.ask("subclip", "list", "A003")["subclips"]] == [sub["id"]]
    near.ask("mark", "delete", span["id"])
    assert [m["id"] for m in near.ask("mark", "list", "A003")["marks"]] == [mark["id"]]
    near.refuse("mark", "delete", "nothing")
    near.refuse("mark", "add", "A003", "--at", "@2", "--colour", "sky", code=2)


def test_the_log_of_a_clip(near: NearDesk) -> None:
    assert near.ask("rate", "A003", 4)["rating"] == 4
    assert near.ask("circle", "A003")["circled"] is True
    assert near.ask("tag", "A003", "+wide", "+two words", "-none")["keywords"] == [
        "two words",
        "wide",
    ]
    assert near.ask("tag", "A003", "-wide")["keywords"] == ["two words"]
    shown = near.ask("show", "A003")["log"]
    assert (shown["rating"], shown["circled"], shown["keywords"]) == (4, True, ["two words"])
    found = near.ask("clips", "rating>=4", "is:circled")["clips"]
    assert [clip["name"] for clip in found] == ["A003"]
    assert near.ask("circle", "A003", "--off")["circled"] is False
    near.refuse("rate", "A003", 6)
    near.refuse("rate", "A003", -1)
    assert near.ask("show", "A003")["log"]["rating"] == 4


def test_the_word_on_a_version(near: NearDesk) -> None:
    approved = near.ask("approve", "A004", "--comment", "the one")
    assert approved["verdict"] == "approved"
    assert approved["hash"] or approved["pending"]
    decision = near.ask("show", "A004")["decisions"][0]
    assert (decision["verdict"], decision["comment"]) == ("approved", "the one")
    assert near.ask("reject", "A004")["verdict"] == "rejected"
    assert near.ask("approve", "A004", "--withdraw")["verdict"] is None
    assert not [d for d in near.ask("show", "A004")["decisions"] if d["current"]]


def test_search_takes_words_with_dashes(near: NearDesk) -> None:
    near.ask("note", "add", "A004", "--at", "@7", "heron over the harbour")
    near.ask("note", "add", "A003", "--at", "@9", "heron asleep")
    hits = near.ask("search", "heron", "-asleep")["hits"]
    assert [(hit["field"], hit["start_frame"], hit["start"]) for hit in hits] == [
        ("note", 7, "01:00:00:07")
    ]
    assert near.ask("search", "heron -asleep")["hits"] == hits
    assert near.ask("search", "heron", "-asleep", "--limit", 5)["hits"] == hits
    assert near.ask("search", "--limit=5", "heron", "--", "-asleep")["hits"] == hits
    assert len(near.ask("search", "heron", "--limit", 1)["hits"]) == 1
    for odd in (
        "-",
        '"',
        '"heron',
        "(",
        "*",
        "^x",
        "NEAR(",
        "a:b:c",
        "%",
        "\\",
        "'",
        "heron:",
        "fps:x",
        "rating>=x",
    ):
        reply = near.run("--json", "search", "--", odd)
        assert reply.code in (0, 3), reply
        assert set(reply.value) in ({"hits"}, {"error"}), reply


def test_names_never_reach_the_terminal_raw(near: NearDesk) -> None:
    names = [Path(file["path"]).name for clip in near.clips() for file in clip["files"]]
    assert {f"{NEWLINE}.wav", f"{ESCAPE}.wav"} <= set(names), "JSON has the exact names"
    red = next(c["id"] for c in near.clips() if c["files"][0]["path"] == f"{ESCAPE}.wav")
    broken = next(c["id"] for c in near.clips() if c["files"][0]["path"] == f"{NEWLINE}.wav")
    near.ask("note", "add", red, "--at", "@0", "a note\x1b[2J\r\nwith more")
    for words in (
        ("clips",),
        ("show", red),
        ("rate", red, 3),
        ("circle", broken),
        ("tag", red, "+\x1b[31m"),
        ("approve", broken),
        ("note", "list", red),
        ("history", red),
        ("search", "esc"),
        ("search", "note"),
        ("transcript", broken),
        ("frame", broken, "-o", "x.png"),
        ("export", broken, "-o", "\x1b[31m.otio", "--format", "otio"),
        ("work",),
        ("show", "\x1b[31m\nnobody"),
        ("scan", "\x1b[31m"),
        ("target", "test", "\x1b[31m"),
        ("settings", "\x1b[31m"),
    ):
        reply = near.run(*words)
        assert not set(reply.out + reply.err) & set("\x1b\r\x9b"), (words, reply)
        assert "line\n" not in reply.out.replace(NEWLINE.split("\n")[0], ""), words
        assert "new\nline" not in reply.out + reply.err, words


def test_settings_models_work_backup_and_check(near: NearDesk) -> None:
    known = near.ask("settings")["settings"]
    assert known["derivatives.proxy_height"] == 720
    assert near.ask("settings", "derivatives.proxy_height", 540)["settings"] == {
        "derivatives.proxy_height": 540
    }
    assert near.ask("settings", "derivatives.proxy_height", 720)
    near.refuse("settings", "no.such", "1")
    near.refuse("settings", "derivatives.proxy_height", "huge")
    assert {"id", "place", "licence", "size"} <= set(near.ask("model", "list")["models"][0])
    near.refuse("model", "get", "no-such-model")
    work = near.ask("work")
    assert set(work) == {"due", "running", "waiting", "room", "failed", "paused"}
    assert near.ask("work", "--failed") == {"failed": work["failed"], "room": work["room"]}
    near.refuse("work", "retry", "nothing")
    kept = near.ask("backup")
    assert Path(kept["path"]).stat().st_size == kept["bytes"] > 0
    copy = near.cwd / "copy.sqlite"
    copy.unlink(missing_ok=True)
    assert near.ask("backup", "-o", "copy.sqlite")["path"] == str(copy)
    assert near.ask("check")["problems"] == []


def test_volumes_by_words(near: NearDesk) -> None:
    volume = near.ask("volume", "list")["volumes"][0]
    assert (volume["name"], volume["derive"], volume["online"]) == ("day", "posters", True)
    assert near.ask("volume", "set", "day", "--name", "first day")["volume"]["name"] == "first day"
    assert near.ask("volume", "set", volume["id"], "--name", "day")["volume"]["name"] == "day"
    assert set(near.ask("scan", "day")) >= {"seen", "new", "changed", "moved", "missing", "skipped"}
    near.refuse("scan", "no such volume")
    assert near.refuse("volume", "add", near.cwd / "nowhere")["todo"]
    again = near.run("--json", "volume", "add", near.cwd / "day")
    assert again.code == 3, again
    assert len(near.ask("volume", "list")["volumes"]) == 1


def test_a_frame_and_a_timeline(near: NearDesk) -> None:
    out = near.cwd / "frame.png"
    assert near.ask("frame", "A001", "--at", "01:00:00:03", "-o", "frame.png") == {
        "clip": the(near, "A001"),
        "frame": 3,
        "label": "01:00:00:03",
        "path": str(out),
    }
    assert out.read_bytes().startswith(b"\x89PNG")
    near.refuse("frame", "A001", "--at", "@25", "-o", "none.png")
    near.refuse("frame", "take", "-o", "none.png")
    near.refuse("frame", "A001", "-o", "no/such/folder.png", code=4)
    near.refuse("frame", "A001", "--proxy", "-o", "none.png", code=4)
    assert not (near.cwd / "none.png").exists()
    made = near.ask("export", "A001", "D001", "-o", "cut.otio")
    assert made["clips"] == 2
    assert json.loads((near.cwd / "cut.otio").read_text())["OTIO_SCHEMA"].startswith("Timeline")
    near.refuse("export", "A001", "nobody", "-o", "none.otio")
    assert not (near.cwd / "none.otio").exists()
