"""`rushes offload` and `rushes card --verdict`: what they say, and how they end."""

from pathlib import Path

import pytest

from app.core.ingest import offload_plan
from tests.support.command import NearDesk
from tests.support.offloading import files_of, make_card, make_playable, own_devices

FILES = 4
ENTRIES = {
    "id", "name", "card", "title", "source", "verify", "state", "problem", "files", "bytes", "legs", "wrong", "left_out",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> NearDesk:
    """A desk with a card and two shuttles."""
    make_card(tmp_path / "card", seed=1, clips=1)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    return NearDesk(tmp_path / "home")


@pytest.fixture
def words(tmp_path: Path) -> tuple[object, ...]:
    return ("offload", tmp_path / "card", "--to", tmp_path / "one", "--to", tmp_path / "two")


def test_a_plan_says_what_would_be_and_does_nothing(
    desk: NearDesk, words: tuple[object, ...], tmp_path: Path
) -> None:
    plan = desk.ask(*words, "--plan", "--name", "A001")
    assert (plan["files"], plan["problems"], plan["left_out"]) == (FILES, [], [])
    assert [(leg["name"], leg["folder"], leg["already"]) for leg in plan["legs"]] == [
        ("one", "A001", 0),
        ("two", "A001", 0),
    ]
    assert files_of(tmp_path / "one") == {}
    assert desk.ask("offload", "--list") == {"offloads": []}


def test_an_offload_from_the_first_word_to_the_last(
    desk: NearDesk, words: tuple[object, ...], tmp_path: Path
) -> None:
    made = desk.ask(*words, "--name", "A001", "--hash", "md5", "--legacy-mhl")
    assert set(made) == ENTRIES
    assert (made["state"], made["verify"], made["wrong"]) == ("done", "twice", [])
    assert [(leg["copied"], leg["verified"], leg["state"]) for leg in made["legs"]] == [
        (FILES, FILES, "done"),
        (FILES, FILES, "done"),
    ]
    assert {
        k: v for k, v in files_of(tmp_path / "two/A001").items() if "/" in k or k == "nobody.knows"
    } == files_of(tmp_path / "card")
    assert len(list((tmp_path / "one/A001").glob("*.mhl"))) == 1
    assert desk.ask("offload", "--show", "A001") == made
    said = desk.run("offload", "--list").out
    assert "source read twice, copies read back" in said
    assert desk.run("verify", tmp_path / "one/A001").code == 0


def test_other_content_on_a_shuttle_gives_the_card_a_new_folder(
    desk: NearDesk, words: tuple[object, ...], tmp_path: Path
) -> None:
    blocked = tmp_path / "two/A001/nobody.knows"
    desk.ask(*words, "--name", "A001")
    blocked.write_bytes(b"x" * blocked.stat().st_size)
    # The same card again: what lies there under the same name and size is not what is on the card.
    again = desk.ask(*words, "--name", "A001")
    assert again["legs"][1]["folder"] == "A001__2"
    (tmp_path / "two").rename(tmp_path / "away")
    assert "not there" in desk.refuse(*words, code=4)["title"]


def test_what_failed_is_named_given_up_and_taken_up_again(
    desk: NearDesk, words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file comes to lie there between the plan and the copy."""
    monkeypatch.setattr(offload_plan, "_other_content", lambda *_: False)
    blocked = tmp_path / "two/A001/nobody.knows"
    blocked.parent.mkdir()
    blocked.write_bytes(b"something else")
    made = desk.ask(*words, "--name", "A001", code=1)
    assert [leg["state"] for leg in made["legs"]] == ["done", "parked"]
    assert [(one["path"], one["leg"]) for one in made["wrong"]] == [("nobody.knows", "two")]
    assert "--go-on" in desk.run("offload", "--show", "A001").out
    assert "parked: two" in desk.run("offload", "--list").out
    assert desk.ask("offload", "--stop", made["id"])["state"] == "stopped"
    assert desk.ask("offload", "--go-on", "A001", code=1)["state"] == "wanted"
    assert blocked.read_bytes() == b"something else"
    blocked.unlink()
    assert desk.ask("offload", "--go-on", made["id"][-8:])["state"] == "done"


def test_what_it_refuses(desk: NearDesk, words: tuple[object, ...], tmp_path: Path) -> None:
    assert desk.refuse("offload", "--show", "nobody")["choices"] == []
    desk.refuse("offload", code=2)
    desk.refuse("offload", tmp_path / "card", code=2)
    desk.refuse(*words, "--hash", "crc7")
    desk.refuse(*words, "--name", "{nothing}")
    desk.refuse(*words, "--to", tmp_path / "card/PRIVATE")
    (tmp_path / "card").rename(tmp_path / "pulled")
    assert "not there" in desk.refuse(*words, code=4)["title"]


def test_a_card_is_safe_only_when_it_was_read_now(
    desk: NearDesk, words: tuple[object, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_devices(monkeypatch, tmp_path / "one", tmp_path / "two")
    card = make_playable(tmp_path / "card", seed=1)
    fresh = desk.ask("card", card)
    assert (fresh["verdict"]["light"], fresh["offloads"], fresh["earlier"]) == ("not known", [], [])
    bad = desk.ask("card", card, "--verdict", code=1)["verdict"]
    assert (bad["light"], bad["safe_files"]) == ("not safe to format", 0)
    desk.ask(*words)
    good = desk.ask("card", card, "--verdict")["verdict"]
    assert (good["light"], good["open"], good["safe_files"]) == ("safe to format", [], FILES)
    after = desk.ask("card", card)
    assert after["verdict"]["light"] == "not known"
    assert [one["safe"] for one in after["earlier"]] == [True, False]
    assert "SAFE TO FORMAT" in desk.run("card", card, "--verdict").out
    three = desk.ask("card", card, "--verdict", "--copies", 3, code=1)["verdict"]
    assert three["light"] == "not safe to format"
