"""What is not entered and not catalogued, and with which reason."""

import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files.sorts import FileSort
from app.core.ingest.ignoring import IgnoreRules, ending_of
from app.core.platform.paths import resource

RULES = IgnoreRules.load()
WORDS = [
    word.replace("*", "x").replace("?", "y")
    for rule in tomllib.loads(resource("ignore.toml").read_text())["file"]
    for key, before in (("names", ""), ("globs", ""), ("ext", "."))
    for word in (before + ending for ending in rule.get(key, []))
]
PIECES = st.sampled_from([*WORDS, ".", " ", "~", "a", ".mov", ".MOV", "clip", ".aB3dE9", "ſ", "İ"])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (".snapshot", "snapshot"),
        (".zfs", "snapshot"),
        ("~snapshot", "snapshot"),
        ("@Recently-Snapshot", "snapshot"),
        ("#snapshot", "snapshot"),
        ("@GMT-2026.05.14-08.00.00", "snapshot"),
        ("$RECYCLE.BIN", "trash"),
        ("$Recycle.Bin", "trash"),
        ("#recycle", "trash"),
        ("@Recycle", "trash"),
        (".Trashes", "trash"),
        (".Trash-1000", "trash"),
        ("RECYCLER", "trash"),
        ("@eaDir", "nas"),
        (".@__thumb", "nas"),
        (".AppleDouble", "system"),
        (".DocumentRevisions-V100", "system"),
        (".Spotlight-V100", "system"),
        (".fseventsd", "system"),
        (".TemporaryItems", "system"),
        ("System Volume Information", "system"),
        ("lost+found", "system"),
        ("Adobe Premiere Pro Preview Files", "nle-cache"),
        ("Adobe Premiere Pro Audio Previews", "nle-cache"),
        ("film.PRV", "nle-cache"),
        ("Media Cache Files", "nle-cache"),
        ("Peak Files", "nle-cache"),
        ("CacheClip", "nle-cache"),
        ("OptimizedMedia", "nle-cache"),
        (".gallery", "nle-cache"),
        ("Render Files", "nle-cache"),
        ("Film.fcpbundle", "library"),
        ("Wedding.photoslibrary", "library"),
        ("Old.imovielibrary", "library"),
        ("Player.app", "program"),
    ],
)
def test_a_folder_that_is_not_entered(name: str, code: str) -> None:
    reason = RULES.folder(name)
    assert reason
    assert reason.code == code
    assert reason.text


@pytest.mark.parametrize(
    "name",
    [
        "Proxy",
        "ProxyMedia",
        "DCIM",
        "A006_0514AB.RDM",
        "Render",
        "Trash talk",
        ".hidden",
        "snapshot",
        "apps",
        "recycle\n",
    ],
)
def test_a_folder_that_is_entered(name: str) -> None:
    assert RULES.folder(name) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("._clip.MP4", "apple-double"),
        ("._A001.wav", "apple-double"),
        (".DS_Store", "system"),
        ("Thumbs.db", "system"),
        ("desktop.ini", "system"),
        ("Icon\r", "system"),
        ("upload.mp4.part", "partial"),
        ("clip.mov.partial", "partial"),
        ("clip.mov.crdownload", "partial"),
        ("clip.MOV.TMP", "partial"),
        ("clip.mov.!ut", "partial"),
        ("~$brief.docx", "partial"),
        (".syncthing.clip.mov.tmp", "partial"),
        ("clip.mov.filepart", "partial"),
        (".~lock.shots.ods#", "partial"),
        (".clip.mov.aB3dE9", "partial"),
        ("sound.pek", "nle-cache"),
        ("sound.cfa", "nle-cache"),
        ("clip.ims", "nle-cache"),
        ("msmMMOB.mdb", "nle-cache"),
        ("hls.m3u8", "playlist"),
        ("dash.mpd", "playlist"),
        ("clip.lnk", "playlist"),
    ],
)
def test_a_file_that_is_not_catalogued(name: str, code: str) -> None:
    reason = RULES.file(name)
    assert reason
    assert reason.code == code
    assert reason.text


@pytest.mark.parametrize(
    "name",
    [
        "-y.wav",
        "a;touch PWNED.wav",
        "a:b,c[d]=e\\f.wav",
        "http:x.wav",
        "shot%03d.wav",
        "take*?.wav",
        "new\nline.wav",
        "dot..",
        "esc\x1b[31mred.wav",
        "rtl\u202evaw.exe.wav",
        "CON.wav",
        "trail. .wav ",
        "x" * 251 + ".wav",
        "=cmd|' !A0.wav",
        ".hidden.wav",
        "bad\udcff\udcfename.wav",
        "NULL_pointer",
        ".wav",
        "part",
        "notes.txt",
        "hls_as.mov",
        ".hidden.long.take.wav",
    ],
)
def test_strange_names_are_names(name: str) -> None:
    assert RULES.file(name) is None


def test_on_a_card_only_what_no_camera_writes_is_skipped() -> None:
    card = ("day", "A001R1AB", "XDROOT", "Clip")
    assert RULES.file("A001C001.TMP", card) is None
    assert RULES.folder("Peak Files", card) is None
    for name in ("._A001C001.MXF", ".DS_Store"):
        assert RULES.file(name, card) == RULES.file(name)
    assert RULES.folder(".Trashes", card) == RULES.folder(".Trashes")
    assert RULES.file("A001C001.TMP", ("day", "A001R1AB"))


def test_it_sorts_names_too() -> None:
    assert RULES.sort("clip.mov") is FileSort.VIDEO


@given(st.lists(PIECES, min_size=1, max_size=4).map("".join), st.booleans())
def test_a_name_that_is_told_at_a_glance_fits_no_rule(name: str, loud: bool) -> None:
    name = name.upper() if loud else name
    if name[0] not in RULES.odd_letters and RULES.is_plain(ending_of(name)):
        assert RULES.file(name) is None


def test_media_are_told_at_a_glance() -> None:
    for ending in (".mov", ".MXF", ".wav", ".braw", ".R3D", ".dpx"):
        assert RULES.is_plain(ending)
    for ending in (".tmp", ".TMP  ", ".part", "b", "", "."):
        assert not RULES.is_plain(ending) or ending == "."


def test_case_makes_no_dot_and_no_odd_letter() -> None:
    # What a glance compares is the name as written; rules compare it without regard to case.
    marks = RULES.odd_letters | {".", " "}
    letters = (chr(code) for code in range(sys.maxunicode + 1))
    assert [c for c in letters if marks & set(c.casefold()) and c not in marks] == []


def test_rules_that_no_glance_can_tell_are_judged_each_time(tmp_path: Path) -> None:
    path = tmp_path / "ignore.toml"
    for row in ('globs = ["x*.mov"]', 'globs = ["*secret*"]', "regex = ['[0-9]+.*']"):
        path.write_text(f"folder = []\n[[file]]\ncode = 'a'\nreason = 'b'\n{row}\n")
        rules = IgnoreRules.load(path)
        for name in ("x1.mov", "xsecret.mov", "123.mov", "12"):
            if rules.file(name):
                assert name[0] in rules.odd_letters or not rules.is_plain(ending_of(name))
        assert not rules.is_plain(".mov")
