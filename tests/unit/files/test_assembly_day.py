"""A whole shooting day as names: cards, sound, a plate with a hole, and awkward names, the way a scan sees them."""

from app.core.files.assembly import survey
from app.core.files.assembly_plans import Assembly, SeenFile
from app.core.ingest.ignoring import IgnoreRules
from app.core.model.media import ClipKind
from tests.support.seen_files import grouped, outline, scope_of, seen, sound

DAY = "DAY_01"
_SONY = [f"A001C00{n}_260514R1" for n in (1, 2, 3)]
_CARDS = [
    *(f"A_CAM/A001R1AB/XDROOT/Clip/{clip}{end}" for clip in _SONY for end in (".MXF", "M01.XML")),
    *(f"A_CAM/A001R1AB/XDROOT/Sub/{clip}S03.MP4" for clip in _SONY),
    *(f"A_CAM/A001R1AB/XDROOT/Thmbnl/{clip}T01.JPG" for clip in _SONY),
    *(f"A_CAM/A001R1AB/XDROOT/{name}.XML" for name in ("MEDIAPRO", "CUEUP", "DISCMETA")),
    "B_CAM/A001R1AB/XDROOT/Clip/A001C001_260514R1.MXF",
    "C_CAM/P2CARD01/CONTENTS/VIDEO/0001AB.MXF",
    "C_CAM/P2CARD01/CONTENTS/AUDIO/0001AB00.MXF",
    "C_CAM/P2CARD01/CONTENTS/AUDIO/0001AB01.MXF",
    "C_CAM/P2CARD01/CONTENTS/CLIP/0001AB.XML",
    "C_CAM/P2CARD01/LASTCLIP.TXT",
    *(f"D_CAM/CANON/DCIM/100EOSR5/0X0A000{n}" for n in ("1.MP4", "2.MP4", "3.CRM")),
    *(f"E_CAM/GOPRO/DCIM/100GOPRO/GX0{n}0042.{end}" for n in (1, 2, 3) for end in ("MP4", "THM")),
    *(f"E_CAM/GOPRO/DCIM/100GOPRO/GL0{n}0042.LRV" for n in (1, 2, 3)),
    "E_CAM/GOPRO/MISC/version.txt",
    *(f"F_CAM/DJI/DCIM/100MEDIA/DJI_20260514101500_0001_D.{end}" for end in ("MP4", "SRT", "LRF")),
    "G_CAM/DCIM/100APPLE/IMG_0001.MOV",
    "G_CAM/DCIM/100APPLE/IMG_0001.AAE",
    "G_CAM/DCIM/100APPLE/IMG_0002.MP4",
    *(f"H_CAM/A005R1AB/A005C00{n}_260514_R1AB.mov" for n in range(1, 6)),
    *(f"H_CAM/A006_0514AB.RDM/A006_C001_0514AB.RDC/A006_C001_0514AB_00{n}.R3D" for n in (1, 2)),
    "SOUND/26Y05M14/T001.WAV",
    "SOUND/26Y05M14/SOUND_REPORT.CSV",
    *(f"VFX/sh010_plate_v003/sh010_plate_v003.{n:07d}.dpx" for n in range(86400, 86412) if n != 86405),
]  # fmt: skip
_AWKWARD = [
    "caf\u00e9 NFC.mp4", "cafe\u0301 NFC.mp4", "-rf --help.mp4", "  two  spaces .mp4", "\U0001f3ac take \u2764\ufe0f 3.mp4", "rtl \u202egnp.mp4",
    "\u65e5\u672c\u8a9e.mp4", "zero\u200bwidth.mp4", "100%20 done #1 & co; rm 'x' \"y\" $(z) `w`.mp4", "CON.mp4", "dot.at.end..mp4",
    "clip.MP4", "CLIP.mp4", "back\\slash:colon|pipe?.mp4", "new\nline.mp4", "L" * 251 + ".mp4", "latin1_\udce9.mp4", "dup_a.mp4", "dup_b.mp4",
    "hard.mp4", "really_mp4.mxf", "text.mov", "zero.mov", "bitflip.MXF", "audio_only.mov", "german.mp3", "fran\u00e7ais.flac", ".hidden.wav",
]  # fmt: skip
_SKIPPED = ["._clip.MP4", ".DS_Store", "Thumbs.db", "upload.mp4.part", ".Trashes/deleted.mp4"]


def _scan() -> list[SeenFile]:
    """The files of the day that the ignore rules leave, with the facts that recorders write."""
    ignore = IgnoreRules.load()
    takes = [
        seen(f"{DAY}/SOUND/26Y05M14/T002_{n}.WAV", n * 1000, sound(n * 99, reference=1730400000))
        for n in (1, 2)
    ]
    files: list[SeenFile] = takes
    for path in (*_CARDS, *(f"AWKWARD/{name}" for name in (*_AWKWARD, *_SKIPPED))):
        *folders, name = f"{DAY}/{path}".split("/")
        entered = all(not ignore.folder(f, folders[:n]) for n, f in enumerate(folders))
        if entered and not ignore.file(name, folders):
            files.append(seen(f"{DAY}/{path}"))
    return files


def _clip_of(made: Assembly, ending: str) -> str:
    return next(plan.lead for plan in made.clips if any(key.endswith(ending) for key in plan.keys))


def test_the_day_becomes_its_clips() -> None:
    made = survey(_scan())
    by_name = {plan.name: plan for plan in made.clips}
    assert outline(by_name["0001AB"])[:3] == [
        ("0001AB.MXF", "essence", 0),
        ("0001AB00.MXF", "audio", 0),
        ("0001AB01.MXF", "audio", 0),
    ]
    assert len({_clip_of(made, f"T002_{n}.WAV") for n in (1, 2)}) == 1
    assert len({_clip_of(made, f"_00{n}.R3D") for n in (1, 2)}) == 1
    assert len({_clip_of(made, f"GX0{n}0042.MP4") for n in (1, 2, 3)}) == 1
    assert len([plan for plan in made.clips if plan.name == "A001C001_260514R1"]) == 2
    sequence = by_name["sh010_plate_v003"]
    assert sequence.sequence
    assert (sequence.kind, sequence.sequence.frames) == (ClipKind.SEQUENCE, 12)
    assert [gap.text for gap in sequence.gaps] == ["86405"]
    for clip in _SONY:
        proxy = _clip_of(made, f"Sub/{clip}S03.MP4")
        assert proxy == f"{DAY}/A_CAM/A001R1AB/XDROOT/Clip/{clip}.MXF"
    assert len([plan for plan in made.clips if plan.kind is ClipKind.SEQUENCE]) == 1


def test_awkward_names_are_a_clip_each() -> None:
    made = survey(_scan())
    alone = grouped(made)
    for name in _AWKWARD:
        assert frozenset({f"{DAY}/AWKWARD/{name}"}) in alone
    for name in _SKIPPED:
        assert not any(name in key for group in alone for key in group)


def test_the_reels_of_the_day_are_hinted() -> None:
    made = survey(_scan())
    reels = {plan.name: plan.reel for plan in made.clips if plan.reel}
    assert reels["A001C002_260514R1"] == "A001R1AB"
    assert reels["A005C001_260514_R1AB"] == "A005R1AB"
    assert reels["A006_C001_0514AB"] == "A006_0514AB"
    assert not any(plan.reel for plan in made.clips if plan.kind is ClipKind.DOCUMENT)


def test_a_change_on_one_card_leaves_the_others_alone() -> None:
    scopes = {scope_of(file.path) for file in _scan()}
    assert {f"{DAY}/A_CAM/A001R1AB", f"{DAY}/B_CAM/A001R1AB", f"{DAY}/C_CAM/P2CARD01"} <= scopes
    one = [file for file in _scan() if scope_of(file.path) == f"{DAY}/A_CAM/A001R1AB"]
    assert len(survey(one).clips) == 3


def test_the_whole_tree_and_its_scopes_give_the_same_clips() -> None:
    files = _scan()
    whole = survey(files)
    apart = [
        plan
        for scope in {scope_of(file.path) for file in files}
        for plan in survey(f for f in files if scope_of(f.path) == scope).clips
    ]
    assert sorted(apart, key=lambda plan: plan.lead) == list(whole.clips)
