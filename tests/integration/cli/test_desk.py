"""Who works at this desk and on what, and what is told of acts, at the command line."""

from tests.support.command import NearDesk


def test_a_person_and_a_project_are_named(near: NearDesk) -> None:
    told = near.ask("desk", "--person", "Ingrid Nilsen", "--project", "Harbour film")
    assert told["person"] == {"name": "Ingrid Nilsen", "initials": "IN"}
    assert told["project"]["name"] == "Harbour film"
    clip = near.clips()[0]["id"]
    assert near.ask("note", "add", clip, "--at", "@0", "hello")["author"] == "Ingrid Nilsen"
    first = told["projects"][0]
    back = near.ask("desk", "--project", first, "--initials", "ing")
    assert (back["project"]["name"], back["person"]["initials"]) == (first, "ING")
    assert back["projects"] == told["projects"], "a known project is not made again"
    assert near.refuse("desk", "--project", " ")["title"]


def test_undo_and_history_say_what_was_done(near: NearDesk) -> None:
    clip = near.clips()[0]["id"]
    near.ask("note", "add", clip, "--at", "@2", "look \x1b[31mhere")
    near.ask("rate", clip, "4")
    name = near.clips()[0]["name"]
    assert near.run("undo").out == f"undone: clip rated: {name}\n"
    assert near.run("redo").out == f"done again: clip rated: {name}\n"
    history = near.run("history", clip).out.splitlines()
    assert history[0].startswith("clip rated by ")
    assert history[0].endswith(": rating 4")
    note = next(line for line in history if line.startswith("note added by "))
    assert "here" in note
    assert "\x1b" not in note
    assert "{" not in "".join(history)


def test_what_is_done_again_is_named_as_it_was_said(near: NearDesk) -> None:
    clip, name = near.clips()[0]["id"], near.clips()[0]["name"]
    for words, told in (
        (("tag", clip, "+harbour"), f"tag added: {name}"),
        (("tag", clip, "-harbour"), f"tag removed: {name}"),
        (("approve", clip), f"decision made: {name}"),
    ):
        near.run(*words)
        assert near.run("undo").out == f"undone: {told}\n"
        assert near.run("redo").out == f"done again: {told}\n"


def test_a_target_taken_away_is_named_so(near: NearDesk) -> None:
    near.ask("target", "add", "Shelf", "--bucket", "dailies", "--endpoint", "http://127.0.0.1:9")
    near.ask("target", "remove", "Shelf")
    assert near.run("undo").out.startswith("undone: target removed")
