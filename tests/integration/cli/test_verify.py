"""`verify` as people and scripts use it: what it says, how it ends, and that a kill or a foreign manifest harms nothing."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.files.mhl_history import read_history
from app.core.files.mhl_values import CHAIN, FOLDER
from app.core.files.mhl_verify import verify
from tests.support import strace_kill
from tests.support.command import Desk, NearDesk
from tests.support.mhl_cases import make, seal
from tests.support.source import ROOT

FIELDS = {
    "folder", "basis", "files", "bytes", "verified", "verified_by_size", "failed", "missing", "new", "renamed",
    "unreadable", "passed_over", "left_out", "problems", "generation", "generations", "not_recorded",
}  # fmt: skip


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make(tmp_path / "A001")


@pytest.fixture
def desk(tmp_path: Path) -> NearDesk:
    return NearDesk(tmp_path / "home")


def words(*more: object) -> list[str]:
    return [sys.executable, "-m", "app", "verify", *map(str, more)]


def test_from_nothing_to_a_damaged_history(desk: NearDesk, card: Path) -> None:
    error = desk.refuse("verify", card)
    assert "--first" in error["todo"]
    assert not (card / FOLDER).exists()
    first = desk.ask("verify", "--first", "--hash", "md5,c4", "--comment", "day 1", card)
    assert first.keys() == FIELDS
    assert (first["basis"], first["files"], first["new"]) == ("nothing", 4, [])
    text = Path(first["generation"]).read_text("utf-8")
    assert "<comment>day 1</comment>" in text
    assert "<process>in-place</process>" in text
    second = desk.ask("verify", card)
    assert (second["verified"], second["basis"]) == (4, "history")
    assert desk.ask("verify", "--read-only", card)["generation"] is None
    assert len(read_history(card).generations) == 2

    (card / "side car.txt").write_bytes(b"eerht")
    (card / "Clips/A001C001.mov").unlink()
    (card / "new").write_bytes(b"n")
    found = desk.ask("verify", card, code=5)
    (failed,) = found["failed"]
    assert (failed["path"], failed["hash"]) == ("side car.txt", "c4"), "the quicker of two"
    assert len(failed["expected"]) == len(failed["found"]) == 90
    assert (found["missing"], found["new"]) == (["Clips/A001C001.mov"], ["new"])
    assert found["generation"]

    chain = card / FOLDER / CHAIN
    chain.write_bytes(b"")
    found = desk.ask("verify", card, code=5)
    assert [(p["problem"], p["subject"], p["damage"]) for p in found["problems"]] == [
        ("chain unreadable", f"{FOLDER}/{CHAIN}", True)
    ]
    assert found["generation"] is None
    assert found["not_recorded"] == "nothing is added to a damaged history"
    assert chain.read_bytes() == b""


def test_people_get_a_line_for_each_thing(desk: NearDesk, card: Path) -> None:
    desk.ask("verify", "--first", card)
    (card / "side car.txt").write_bytes(b"eerht")
    (card / "Clips/A001C001.mov").rename(card / "Clips/esc\x1b[31m.mov")
    shutil.rmtree(card / "Clips/deep")
    next((card / FOLDER).glob("0001*")).touch()
    reply = desk.run("verify", card)
    assert reply.code == 5
    lines = reply.out.splitlines()
    assert lines[0].startswith("DIFFERS: side car.txt: xxh64 ")
    assert lines[1:4] == [
        "MISSING: Clips/deep/",
        "MISSING: Clips/deep/er/",
        "MISSING: Clips/deep/er/x",
    ]
    assert lines[4] == "renamed: Clips/A001C001.mov is now Clips/esc\\u001b[31m.mov"
    assert lines[5].startswith(
        "3 files read, 2 verified, 1 differ, 3 missing, 0 new. Recorded in 0002_A001_"
    )
    assert reply.err == "", "no progress where there is no terminal"


def test_progress_is_told_on_a_terminal_alone(desk: NearDesk, card: Path) -> None:
    desk.ask("verify", "--first", card)
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        with os.fdopen(theirs, "wb") as screen:
            done = subprocess.run(
                words("--json", card), cwd=ROOT, stdout=-1, stderr=screen, check=True
            )
        shown = terminal.read(4096)
    assert re.fullmatch(rb"(\r\x1b\[K\d+ %, \d+ of \d+ MiB)+\r\x1b\[K", shown)
    assert json.loads(done.stdout)["verified"] == 4


@pytest.mark.parametrize(
    ("more", "code"),
    [(["--hash", "crc32"], 2), (["--hash", "xxh64,crc64nvme"], 2), ([], 2), (["a", "b"], 2)],
)
def test_a_wrong_command_line_is_refused(
    desk: NearDesk, card: Path, more: list[str], code: int
) -> None:
    assert desk.refuse("verify", *more, *([card] if "--hash" in more else []), code=code)["title"]
    assert not (card / FOLDER).exists()


def test_what_is_no_folder_is_refused(desk: NearDesk, card: Path) -> None:
    assert "no folder" in desk.refuse("verify", card / "side car.txt")["message"]
    assert "no folder" in desk.refuse("verify", card / "not there")["message"]


class _Ordinary(Desk):
    """Whom rights hold for: root reads and writes everything."""

    def command(self, *words: object) -> list[str]:
        lost = "-dac_override,-dac_read_search"
        before = ["setpriv", "--inh-caps", lost, "--bounding-set", lost] if not os.geteuid() else []
        return [*before, *super().command(*words)]


def test_what_may_not_be_read_is_neither_whole_nor_missing(tmp_path: Path, card: Path) -> None:
    seal(card)
    desk = _Ordinary(tmp_path / "home")
    (card / "side car.txt").chmod(0)
    (card / "Clips/deep").chmod(0)
    try:
        found = desk.ask("verify", card, code=1)
    finally:
        (card / "Clips/deep").chmod(0o755)
    assert [one["path"] for one in found["unreadable"]] == ["Clips/deep/", "side car.txt"]
    assert (found["verified"], found["missing"], found["failed"]) == (2, [], [])
    text = Path(found["generation"]).read_text("utf-8")
    assert "side car" not in text
    assert "<roothash>" not in text, "a hash of the whole would say that all of it was read"


def test_where_nothing_can_be_written_the_verdict_stands_and_says_so(
    tmp_path: Path, card: Path
) -> None:
    seal(card)
    (card / FOLDER).chmod(0o555)
    try:
        found = _Ordinary(tmp_path / "home").ask("verify", card, code=1)
    finally:
        (card / FOLDER).chmod(0o755)
    assert (found["verified"], found["generation"]) == (4, None)
    assert "could not be written" in found["not_recorded"]


def test_no_file_outside_is_opened_whatever_a_manifest_names(tmp_path: Path, card: Path) -> None:
    first = seal(card)
    canaries = [tmp_path / "canary", tmp_path / "deep" / "canary"]
    make(tmp_path, {"canary": b"three", "deep/canary": b"three"})
    names = [
        "../canary",
        str(canaries[0]),
        "../deep/canary",
        "//localhost/canary",
        "..\\canary",
        "\\\\h\\canary",
    ]
    names += ["%2e%2e/canary", "Clips/../../canary", "./../canary"]
    text = first.read_text("utf-8")
    part = text[text.index("    <hash>") : text.index("</hash>") + 8]
    path = re.search(r">([^<]*)</path>", part)
    assert path
    more = "".join(part.replace(f">{path[1]}<", f">{name}<") for name in names)
    coded = '<metadata><spelling xmlns="urn:rushes:mhl:1" path="percent"/></metadata>    </hash>'
    more += part.replace(f">{path[1]}<", ">%2e%2e%2Fcanary<").replace("    </hash>", coded)
    body = text.replace("  </hashes>", f"{more}  </hashes>").encode()
    first.write_bytes(body)
    from app.core.files.digests import hash_of

    chain = card / FOLDER / CHAIN
    known = re.sub("<c4>.*</c4>", f"<c4>{hash_of('c4', body)}</c4>", chain.read_text())
    chain.write_text(known)
    legacy = make(tmp_path / "legacy", {"a.mov": b"a"})
    listed = "".join(f"<hash><file>{name}</file><size>5</size></hash>" for name in names)
    (legacy / "l.mhl").write_text(f'<hashlist version="1.1">{listed}</hashlist>')
    for folder, code in ((card, 5), (legacy, 5)):
        log = tmp_path / "opened"
        trace = [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=open,openat,openat2,stat,lstat,newfstatat,readlink",
            "-o",
            log,
        ]
        done = subprocess.run(
            [*trace, *words("--json", folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done
        found = json.loads(done.stdout)
        assert "path leads out" in [one["problem"] for one in found["problems"]]
        assert found["generation"] is None
        assert "canary" not in "".join(
            line for line in log.read_text().splitlines() if "ENOENT" not in line
        )


CALLS = ("write", "fsync", "rename", "link", "mkdir", "unlink")


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("sample", "first"),
    [
        (2, True),
        pytest.param(1000, True, marks=pytest.mark.long),
        pytest.param(1000, False, marks=pytest.mark.long),
    ],
)
def test_killed_while_it_records_a_history_is_whole_or_goes_on(
    tmp_path: Path, sample: int, first: bool
) -> None:
    """At each call that changes the disk: no damage, nothing half, and the next verification has its generation."""
    day = make(tmp_path / "day", {"a.mov": b"a", "A001/b.mov": b"b"})
    seal(day / "A001")
    if not first:
        seal(day)
    mould = tmp_path / "mould"
    shutil.copytree(day, mould)
    call = words("--first", day)
    places = [p for p in strace_kill.points(call, CALLS) if p.call != "write" or p.number > 1]
    chosen = random.Random(1).sample(places, min(sample, len(places)))
    assert {point.call for point in places} >= {"write", "fsync", "rename", "link", "unlink"}
    for point in chosen:
        shutil.rmtree(day)
        shutil.copytree(mould, day)
        strace_kill.killed_at(point, call)
        history = read_history(day)
        assert not history.damaged, (point, history.all_problems)
        found = verify(day, first=True)
        assert not found.damage, point
        assert found.new in ([], ["a.mov"]), "nothing of ours counts as a file"
        assert found.generation, point
        history = read_history(day)
        assert not history.all_problems, (point, history.all_problems)
        left = [p.name for p in day.rglob("*") if p.name.endswith(".tmp")]
        assert not left, (point, left)


def test_a_manifest_is_durable_before_the_chain_names_it(tmp_path: Path, card: Path) -> None:
    seal(card)
    log = tmp_path / "calls"
    trace = [
        "strace",
        "-f",
        "-qq",
        "-y",
        "-e",
        "trace=fsync,link,linkat,rename,renameat,renameat2",
        "-o",
        log,
    ]
    subprocess.run([*trace, *words(card)], cwd=ROOT, check=True, capture_output=True)
    seen: list[str] = []
    for line in log.read_text().splitlines():
        call = re.search(r"(fsync|link|rename)\w*\((.*)\)", line)
        if call and str(card) in call[2]:
            what = "link" if call[1] == "link" else call[1]
            kind = (
                "chain"
                if CHAIN in call[2]
                else "mhl"
                if ".mhl" in call[2]
                else "tmp"
                if ".tmp" in call[2]
                else "folder"
            )
            if what == "fsync" and kind == "folder" and not call[2].endswith(f"{FOLDER}>"):
                continue
            seen.append(f"{what} {kind}")
    files = [one for one in seen if one != "fsync mhl"]
    order = ["fsync tmp", "link mhl", "fsync folder", "fsync tmp", "rename chain", "fsync folder"]
    assert files[-6:] == order, seen
