"""Review: notes on frames, a thread, a word on the version, and every step of it undone and told."""

import pytest

from tests.e2e.conftest import DROPS, SPEAKS, clip_at
from tests.support.command import Desk

pytestmark = pytest.mark.timeout(300)


def test_a_note_becomes_a_thread_that_is_resolved(desk: Desk) -> None:
    clip = clip_at(desk, DROPS)["id"]
    note = desk.ask("note", "add", clip, "--at", "10:00:00;05", "--to", "@20", "too dark here")
    assert (note["start_frame"], note["end_frame"]) == (5, 20)
    reply = desk.ask("note", "reply", note["id"], "the grade lifts it")
    assert (reply["parent"], reply["start_frame"]) == (note["id"], 5)
    desk.ask("note", "edit", reply["id"], "the grade lifts it by half a stop")
    desk.ask("note", "resolve", note["id"])
    told = {n["id"]: (n["state"], n["text"]) for n in desk.ask("note", "list", clip)["notes"]}
    assert told[note["id"]] == ("resolved", "too dark here")
    assert told[reply["id"]][1].endswith("half a stop")
    found = desk.ask("search", "too dark")["hits"]
    assert [(h["field"], h["start"]) for h in found] == [("note", "10:00:00;05")]
    refused = desk.refuse("note", "add", clip, "--at", "10:01:00;00", "no such label")
    assert refused["message"]
    assert refused["todo"]


def test_an_approval_is_bound_to_the_bytes_and_can_be_undone(desk: Desk) -> None:
    clip = clip_at(desk, SPEAKS)
    said = desk.ask("approve", clip["id"], "--comment", "the one")
    assert (said["verdict"], said["hash"], said["pending"]) == ("approved", clip["hash"], False)
    shown = desk.ask("show", clip["id"])["decisions"]
    assert [(d["verdict"], d["current"], d["comment"]) for d in shown] == [
        ("approved", True, "the one")
    ]
    assert [c["id"] for c in desk.ask("clips", "is:approved")["clips"]] == [clip["id"]]
    desk.ask("undo")
    assert desk.ask("show", clip["id"])["decisions"] == []
    desk.ask("redo")
    assert desk.ask("show", clip["id"])["decisions"][0]["verdict"] == "approved"


def test_every_act_is_taken_back_in_turn_and_history_tells_all(desk: Desk) -> None:
    clip = clip_at(desk, SPEAKS)["id"]
    desk.ask("rate", clip, "4")
    desk.ask("tag", clip, "+harbour", "+dawn")
    desk.ask("circle", clip)
    note = desk.ask("note", "add", clip, "--at", "@3", "hold")
    desk.ask("note", "delete", note["id"])
    desk.ask("undo")
    assert [n["text"] for n in desk.ask("note", "list", clip)["notes"]] == ["hold"]
    desk.ask("undo")
    assert desk.ask("note", "list", clip)["notes"] == []
    for _ in range(3):
        desk.ask("undo")
    log = desk.ask("show", clip)["log"]
    assert (log["rating"], log["keywords"], log["circled"]) == (0, [], False)
    kinds = [entry["kind"] for entry in desk.ask("history", clip)["history"]]
    assert len(kinds) >= 5
    assert any(entry["undone"] for entry in desk.ask("history", clip)["history"])
    desk.refuse("undo")
