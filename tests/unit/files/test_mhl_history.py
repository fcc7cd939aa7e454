"""Generations of ASC MHL: written, read back, continued, and every damage of a history by its name."""

import inspect
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from app.core.files.digests import hash_of
from app.core.files.mhl_history import read_history, write_generation
from app.core.files.mhl_values import CHAIN, FOLDER, Creator, MhlHash, State
from app.core.model.errors import Cancelled, Damage, Passing
from tests.support.mhl_cases import CARD, hashes, make, seal


@pytest.fixture
def card(tmp_path: Path) -> Path:
    return make(tmp_path / "A001")


def states(root: Path) -> list[State]:
    return [problem.state for problem in read_history(root).all_problems]


def test_a_first_generation_is_read_back(card: Path) -> None:
    (card / "empty").mkdir()
    path = seal(card)
    found = read_history(card)
    assert not found.all_problems
    assert [g.name for g in found.generations] == [path.name]
    assert {p for p, k in found.known.items() if k.folder} == {
        "Clips",
        "Clips/deep",
        "Clips/deep/er",
        "empty",
    }
    assert {p: k.values for p, k in found.known.items() if not k.folder} == {
        name: {"xxh64": hash_of("xxh64", data)} for name, data in CARD.items()
    }
    assert found.known["Clips/A001C001.mov"].size == 3


def test_the_next_generation_says_verified_failed_and_original(card: Path) -> None:
    seal(card)
    (card / "Clips/A001C002.mov").write_bytes(b"owt")
    (card / "new.txt").write_bytes(b"new")
    text = seal(card, "xxh64", "md5").read_text("utf-8")

    def actions(path: str) -> list[str]:
        part = text.partition(f">{path}</path>")[2].partition("</hash>")[0]
        return [word.partition('"')[0] for word in part.split('action="')[1:]]

    assert actions("Clips/A001C001.mov") == ["verified", "verified"]
    assert actions("Clips/A001C002.mov") == ["failed"]  # and no md5: nothing says whose it is
    assert actions("new.txt") == ["original", "original"]
    found = read_history(card)
    assert found.known["Clips/A001C002.mov"].values == {"xxh64": hash_of("xxh64", b"two")}
    assert found.known["Clips/A001C002.mov"].failed
    assert [g.failed for g in found.generations] == [0, 1]


def test_a_damaged_history_gets_no_generation(card: Path) -> None:
    first = seal(card)
    first.write_bytes(first.read_bytes().replace(b"in-place", b"transfer"))
    found = read_history(card)
    assert [p.state for p in found.all_problems] == [State.OTHER_MANIFEST]
    before = sorted((card / FOLDER).iterdir())
    with pytest.raises(Damage):
        seal(card)
    assert sorted((card / FOLDER).iterdir()) == before


def test_who_and_where_are_escaped(card: Path) -> None:
    creator = Creator(host='a<b>"&', location="Köln\n", comment="\x00]]>")
    path = write_generation(card, hashes=hashes(card), process="transfer", creator=creator)
    found = read_history(card)
    assert not found.all_problems
    assert found.generations[0].header.host == 'a<b>"&'
    assert found.generations[0].header.comment == "\ufffd]]>"
    assert "Köln&#10;" in path.read_text("utf-8")


def test_every_hash_a_manifest_may_hold_is_in_the_order_of_the_schema(card: Path) -> None:
    text = seal(card, "xxh64", "xxh3", "xxh128", "sha1", "md5", "c4").read_text("utf-8")
    order = ["c4", "md5", "sha1", "xxh128", "xxh3", "xxh64"]
    part = text.partition(">side car.txt</path>")[2].partition("</hash>")[0]
    assert re.findall(r"<(\w+) action", part) == order
    assert re.findall(r"<(\w+)>", text.partition("<content>")[2].partition("<")[2])[:5] == order[1:]
    assert re.findall(r"\n  <(\w+)", text) == ["creatorinfo", "processinfo", "hashes"]
    assert re.findall(r"\n    <(\w+)", text.partition("<processinfo>")[2])[:3] == [
        "process",
        "roothash",
        "ignore",
    ]


def test_a_manifest_that_was_altered_gone_or_cut_off_is_named(card: Path) -> None:
    first, second = seal(card), seal(card)
    whole = first.read_bytes()
    first.write_bytes(whole.replace(b"in-place", b"transfer"))
    assert states(card) == [State.OTHER_MANIFEST]
    first.write_bytes(whole[: len(whole) // 2])
    assert states(card) == [State.BAD_MANIFEST, State.OTHER_MANIFEST]
    first.write_bytes(b"")
    assert states(card) == [State.BAD_MANIFEST, State.OTHER_MANIFEST]
    first.unlink()
    assert states(card) == [State.NO_MANIFEST]
    first.mkdir()
    assert states(card) == [State.BAD_MANIFEST, State.OTHER_MANIFEST]
    first.rmdir()
    first.write_bytes(whole)
    assert states(card) == []
    second.rename(second.with_name("0002_other.mhl"))
    assert states(card) == [State.NO_MANIFEST, State.UNLISTED]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" \n",
        b"<ascmhldirectory/>",
        b"<hashlist/>",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="rot13"?><a/>',
        b'<ascmhldirectory><hashlist sequencenr="2"><path>a.mhl</path><c4>c4</c4></hashlist></ascmhldirectory>',
    ],
)
def test_a_chain_that_is_empty_or_broken_is_named_and_never_written_over(
    card: Path, text: bytes
) -> None:
    seal(card)
    chain = card / FOLDER / CHAIN
    chain.write_bytes(text)
    assert states(card) == [State.BAD_CHAIN]
    with pytest.raises(Damage):
        seal(card)
    assert chain.read_bytes() == text


def test_a_chain_cut_off_is_named(card: Path) -> None:
    seal(card)
    chain = card / FOLDER / CHAIN
    chain.write_bytes(chain.read_bytes()[:-12])
    assert states(card) == [State.BAD_CHAIN]


def test_without_its_chain_a_history_still_says_what_the_files_were(card: Path) -> None:
    seal(card)
    (card / FOLDER / CHAIN).unlink()
    found = read_history(card)
    assert [p.state for p in found.all_problems] == [State.NO_CHAIN]
    assert found.known["side car.txt"].values == {"xxh64": hash_of("xxh64", b"three")}
    with pytest.raises(Damage):
        seal(card)


def test_what_a_crash_leaves_outside_the_chain_is_taken_into_it(card: Path) -> None:
    seal(card)
    chain = card / FOLDER / CHAIN
    before = chain.read_bytes()
    left = seal(card)
    chain.write_bytes(before)  # as when the machine went down between the manifest and the chain
    found = read_history(card)
    assert [p.state for p in found.all_problems] == [State.UNLISTED]
    assert not found.damaged
    third = seal(card)
    found = read_history(card)
    assert not found.all_problems
    assert [g.name for g in found.generations][1:] == [left.name, third.name]


def test_a_manifest_of_another_number_is_not_taken_into_the_chain(card: Path) -> None:
    first = seal(card)
    shutil.copy(first, first.with_name("0007_A001_2020-01-01_000000Z.mhl"))
    seal(card)
    found = read_history(card)
    assert [p.state for p in found.all_problems] == [State.UNLISTED]
    assert [g.name[:4] for g in found.generations] == ["0001", "0008"]


def test_a_generation_added_by_another_meanwhile_is_not_lost(card: Path) -> None:
    seal(card)
    stale = read_history(card)
    other = seal(card)
    with pytest.raises(Passing):
        write_generation(card, hashes=hashes(card), process="in-place", previous=stale)
    found = read_history(card)
    assert not found.all_problems
    assert [g.name for g in found.generations][1:] == [other.name]


def test_nothing_is_left_behind_where_writing_is_called_off(card: Path) -> None:
    before = sorted(card.rglob("*"))
    ends: list[int] = []
    for last in range(40):
        asked = iter(range(last))
        try:
            path = write_generation(
                card,
                hashes=hashes(card),
                process="transfer",
                cancel=lambda asked=asked: next(asked, None) is None,
            )
        except Cancelled:
            ends.append(last)
            assert sorted(card.rglob("*")) == before, last
        else:
            assert path.is_file()
            break
    assert len(ends) > 5


def test_nested_histories_get_generations_of_their_own_and_are_referred_to(tmp_path: Path) -> None:
    day = make(tmp_path / "day", {"report.pdf": b"r", "A001/a.mov": b"a", "A002/sub/b.mov": b"b"})
    seal(day / "A001")
    seal(day / "A002")
    path = seal(day)
    found = read_history(day)
    assert not found.all_problems
    assert [(one.below, len(one.generations)) for one in found.every()] == [
        ("A001", 2),
        ("A002", 2),
        ("", 1),
    ]
    assert set(found.known) == {"report.pdf", "A001", "A002"}
    assert set(found.nested[1].known) == {"sub", "sub/b.mov"}
    assert [one.folder for one in found.generations[0].header.references] == ["A001", "A002"]
    assert b"a.mov" not in path.read_bytes()
    newest = found.nested[0].generations[-1].name
    (day / "A001" / FOLDER / newest).unlink()
    assert [(p.state, p.subject) for p in read_history(day).all_problems] == [
        (State.NO_MANIFEST, f"A001/{FOLDER}/{newest}")
    ]
    shutil.rmtree(day / "A001" / FOLDER)
    assert [(p.state, p.subject) for p in read_history(day).all_problems] == [
        (State.NO_NESTED, f"A001/{FOLDER}/{newest}")
    ]


def test_a_nested_manifest_that_is_not_the_one_referred_to_is_named(tmp_path: Path) -> None:
    day = make(tmp_path / "day", {"A001/a.mov": b"a"})
    seal(day / "A001")
    seal(day)
    second = min((day / "A001" / FOLDER).glob("0002*"))
    before, after = second.read_bytes(), second.read_bytes().replace(b"verified", b"original")
    second.write_bytes(after)
    chain = day / "A001" / FOLDER / CHAIN
    chain.write_text(chain.read_text().replace(hash_of("c4", before), hash_of("c4", after)))
    assert [(p.state, p.subject) for p in read_history(day).all_problems] == [
        (State.OTHER_MANIFEST, f"A001/{FOLDER}/{second.name}")
    ]


@pytest.mark.parametrize(
    "path",
    ["../out", "/etc/passwd", "a/../../out", "a//b", "./a", "", "//server/share/x", "a/\x00"],
)
def test_a_path_that_leads_out_is_named_and_known_of_nowhere(card: Path, path: str) -> None:
    first = seal(card)
    text = first.read_text("utf-8").replace(">side car.txt<", f">{path}<")
    first.write_text(text, "utf-8")
    problems = read_history(card).all_problems
    wanted = State.BAD_MANIFEST if "\0" in path else State.LEADS_OUT
    assert problems[0].state is wanted
    assert path not in read_history(card).known or not path
    assert read_history(card).damaged


def test_a_chain_that_names_a_file_elsewhere_is_named(card: Path) -> None:
    first = seal(card)
    outside = card.parent / first.name
    shutil.copy(first, outside)
    chain = card / FOLDER / CHAIN
    chain.write_text(chain.read_text().replace(first.name, f"../../{first.name}"))
    assert State.LEADS_OUT in states(card)


def test_links_are_never_followed(card: Path, tmp_path: Path) -> None:
    first = seal(card)
    elsewhere = tmp_path / "elsewhere"
    first.rename(elsewhere)
    first.symlink_to(elsewhere)
    assert State.BAD_MANIFEST in states(card)
    shutil.move(card / FOLDER, tmp_path / "moved")
    (card / FOLDER).symlink_to(tmp_path / "moved")
    assert states(card) == [State.NO_CHAIN]


def test_histories_nested_beyond_any_real_folder_are_read(card: Path) -> None:
    """Far fewer calls may be open at once than there are levels."""
    seal(card)
    deep = card
    for _ in range(300):
        deep = deep / "d"
        deep.mkdir()
        (deep / FOLDER).mkdir()
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        found = read_history(card)
        every = list(found.every())
    finally:
        sys.setrecursionlimit(before)
    assert {problem.state for problem in found.all_problems} == {State.NO_CHAIN}
    assert len(every) == 301


def test_names_that_xml_cannot_carry_come_back(tmp_path: Path) -> None:
    names = [
        b"caf\xe9.mov",
        b"per%cent \xff%41",
        b"\x01ctl",
        b"new\nline\r\t",
        "é€😀".encode(),
        b"&<>\"']]>",
    ]
    root = tmp_path / os.fsdecode(b"r\xe9el")
    root.mkdir()
    for name in names:
        (root / os.fsdecode(name)).write_bytes(name)
    path = seal(root)
    found = read_history(root)
    assert not found.all_problems
    assert {os.fsencode(name) for name in found.known} == set(names)
    assert all(
        k.values == {"xxh64": hash_of("xxh64", os.fsencode(n))} for n, k in found.known.items()
    )
    text = path.read_text("utf-8")
    assert ">caf%E9.mov</path>" in text
    assert ">per%25cent %FF%2541</path>" in text
    assert path.name.startswith("0001_r_el_")


def test_a_percent_sign_alone_is_no_code(card: Path) -> None:
    (card / "a%2e%2e%2fb").write_bytes(b"x")
    text = seal(card).read_text("utf-8")
    assert ">a%2e%2e%2fb</path>" in text
    assert "a%2e%2e%2fb" in read_history(card).known


def test_a_path_marked_as_coded_is_looked_at_after_it_was_decoded(card: Path) -> None:
    first = seal(card)
    mark = '<metadata><spelling xmlns="urn:rushes:mhl:1" path="percent"/></metadata></hash>'
    head, _, tail = first.read_text("utf-8").partition(">side car.txt<")
    tail = tail.replace("</hash>", mark, 1)
    first.write_text(f"{head}>%2e%2e%2Fout<{tail}", "utf-8")
    assert states(card) == [State.LEADS_OUT, State.OTHER_MANIFEST]


def test_a_renamed_folder_takes_what_is_known_of_its_files_along(card: Path) -> None:
    first = seal(card)
    text = first.read_text("utf-8")
    part = text[text.index("    <directoryhash>\n      <path") :].partition("</directoryhash>")[0]
    assert "Clips/deep/er<" in part
    part = part.replace(">Clips/deep/er<", ">Clips/deep/her<")
    part += "      <previousPath>Clips/deep/er</previousPath>\n    </directoryhash>\n"
    second = first.with_name("0002_A001_2026-01-01_000000Z.mhl")
    body = text[: text.index("    <hash>")] + part + text[text.index("  </hashes>") :]
    second.write_text(body, "utf-8")
    c4 = hash_of("c4", second.read_bytes())
    chain = card / FOLDER / CHAIN
    more = f'<hashlist sequencenr="2"><path>{second.name}</path><c4>{c4}</c4></hashlist></ascmhldirectory>'
    chain.write_text(chain.read_text().replace("</ascmhldirectory>", more))
    found = read_history(card)
    assert not found.all_problems
    assert "Clips/deep/her/x" in found.known
    assert "Clips/deep/er/x" not in found.known


def test_files_left_out_by_pattern_stand_in_no_manifest(card: Path) -> None:
    (card / ".DS_Store").write_bytes(b"finder")
    (card / "Clips/a.tmp").write_bytes(b"t")
    path = write_generation(
        card, hashes=hashes(card), process="in-place", ignore=["*.tmp", "/Clips/deep/"]
    )
    text = path.read_text("utf-8")
    assert "<pattern>*.tmp</pattern>" in text
    assert not any(word in text for word in (">.DS_Store</path>", "a.tmp<", "deep/er"))
    assert read_history(card).ignore[-2:] == ("*.tmp", "/Clips/deep/")
    assert "Clips/a.tmp" not in seal(card).read_text("utf-8"), "a pattern holds from then on"


def test_a_file_known_by_other_hashes_only_is_left_out(card: Path) -> None:
    seal(card, "md5")
    text = seal(card, "xxh64").read_text("utf-8")
    assert "<hash>" not in text
    assert read_history(card).known["side car.txt"].values.keys() == {"md5"}


def test_what_failed_once_never_becomes_the_original(card: Path) -> None:
    one = hashes(card)[0]
    failed = MhlHash(one.path, one.size, one.mtime_ns, one.hashes, "failed")
    write_generation(card, hashes=[failed], process="transfer")
    text = seal(card).read_text("utf-8")
    part = text.partition(f">{one.path}</path>")[2].partition("</hash>")[0]
    assert 'action="failed"' in part


def test_a_history_of_many_files_takes_time_in_proportion(tmp_path: Path) -> None:
    """Calls are counted, not seconds: ten times the files, about ten times the work."""

    def calls(count: int) -> int:
        root = tmp_path / str(count)
        root.mkdir()
        many = [MhlHash(f"d{n % 7}/f{n}", 1, 0, {"xxh64": f"{n:016x}"}) for n in range(count)]
        made = 0

        def tell(*_: object) -> None:
            nonlocal made
            made += 1

        sys.setprofile(tell)
        try:
            write_generation(root, hashes=many, process="transfer")
            assert len(read_history(root).known) == count
        finally:
            sys.setprofile(None)
        return made

    assert calls(2000) < 12 * calls(200)


def test_a_folder_without_files_has_a_history_too(tmp_path: Path) -> None:
    assert write_generation(tmp_path, hashes=[], process="transfer").is_file()
    found = read_history(tmp_path)
    assert not found.all_problems
    assert (len(found.generations), found.known) == (1, {})
