"""One file among many that may not be read, and names that are no UTF-8: through the command line as people use it."""

import json
import os
from pathlib import Path

import pytest

from app.core.catalog import files
from app.core.model.media import ClipKind, FileState, MediaFacts, Problem
from tests.support.command import Desk, NearDesk
from tests.support.volumes import Desk as Bench
from tests.support.volumes import put

pytestmark = pytest.mark.timeout(300)


class _Ordinary(Desk):
    """Whom rights hold for: root reads everything."""

    def command(self, *words: object) -> list[str]:
        lost = "-dac_override,-dac_read_search"
        before = ["setpriv", "--inh-caps", lost, "--bounding-set", lost] if not os.geteuid() else []
        return [*before, *super().command(*words)]


def test_one_file_that_may_not_be_read_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    root, desk = tmp_path / "card", _Ordinary(tmp_path / "home")
    for n in range(3):
        put(root, f"take {n}.wav", at=n)
    (root / "take 1.wav").chmod(0)
    desk.ask("volume", "add", root)
    (failed,) = desk.ask("run", "--until-idle", code=1)["failed"]
    assert failed["name"] == "take 1.wav"
    assert failed["error"]["message"] == "take 1.wav: you have no right to read it."
    states = {clip["name"]: (clip["state"], bool(clip["hash"])) for clip in desk.clips()}
    assert states.pop("take 1") == ("bad", False)
    assert states == {f"take {n}": ("ready", True) for n in (0, 2)}
    checked = desk.ask("check", "--read")
    assert (checked["problems"], checked["checked"]["files read"]) == ([], 2)
    assert [known["subject"] for known in checked["known"]] == ["/take 1"]
    (root / "take 1.wav").chmod(0o644)
    desk.ask("scan")
    desk.ask("work", "retry", "all")
    desk.ask("run", "--until-idle")
    assert {(clip["state"], bool(clip["hash"])) for clip in desk.clips()} == {("ready", True)}


NAMES = (b"caf\xe9.wav", b"\xff\xfe take.wav", "日本 ü".encode() + b"\x80.wav")


def test_names_that_are_no_utf8_come_back_exactly(tmp_path: Path) -> None:
    root, desk = tmp_path / "card", NearDesk(tmp_path / "home")
    for n, name in enumerate(NAMES):
        put(root, b"D\xe9j\xe0/" + name, at=n)
    desk.ask("volume", "add", root)
    assert desk.ask("run", "--until-idle")["failed"] == []
    found = {os.fsencode(clip["files"][0]["path"]): clip for clip in desk.clips()}
    assert set(found) == {b"D\xe9j\xe0/" + name for name in NAMES}
    assert {clip["state"] for clip in found.values()} == {"ready"}
    for raw, clip in found.items():
        reply = desk.run("--json", "show", clip["id"])
        reply.out.encode("ascii", "strict") if "\\ud" in reply.out else reply.out.encode("utf-8")
        assert os.fsencode(reply.value["files"][0]["path"]) == raw
        assert (root / os.fsdecode(raw)).read_bytes()
        note = desk.ask("note", "add", clip["id"], "--at", "@1", "words")
        assert desk.ask("note", "list", clip["id"])["notes"] == [note]
        plain = desk.run("show", clip["id"])
        assert plain.code == 0
        plain.out.encode("utf-8")
        named = desk.ask("show", clip["name"])
        assert named["id"] == clip["id"], "it can be called by the name that was told"
    (root / os.fsdecode(b"D\xe9j\xe0")).rename(root / os.fsdecode(b"moved \xe9"))
    assert desk.ask("scan")["moved"] == len(NAMES)
    for clip in found.values():
        assert len(desk.ask("note", "list", clip["id"])["notes"]) == 1
    listed = desk.ask("search", "words")["hits"]
    assert {hit["clip"] for hit in listed} == {clip["id"] for clip in found.values()}
    for line in (tmp_path / "home").rglob("*.log*"):
        for text in line.read_bytes().splitlines():
            assert isinstance(json.loads(text.decode("utf-8")), dict), "one event, one line"


def test_what_is_found_at_an_old_place_says_nothing_of_a_file_that_was_moved(
    desk: Bench, root: Path
) -> None:
    volume = desk.add(root)
    take, other = put(root, "take.wav", at=1), put(root, "other.wav", at=2)
    desk.scanner.scan(volume.id)
    with desk.catalog.read() as reader:
        refs = {ref.path: ref for ref in files.due_probe(reader, volume.id, 0, 1, -1)}
    (root / "sorted").mkdir()
    take.rename(root / "sorted" / "take.wav")
    desk.scanner.scan(volume.id)
    for path in (take, other):
        unread = MediaFacts(kind=ClipKind.AUDIO, problems=(Problem("unreadable", "gone", True),))
        ref = refs[path.name]
        desk.catalog.write(
            lambda tx, r=ref, u=unread: files.set_facts(tx, r, u, None, FileState.UNREADABLE)
        )
    with desk.catalog.read() as reader:
        due = [ref.path for ref in files.due_probe(reader, volume.id, 0, 1, -1)]
    assert due == ["sorted/take.wav"], "it is asked again where it lies now"
