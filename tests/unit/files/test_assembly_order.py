"""What holds for any files: no order matters, none is lost or doubled, and one scope knows nothing of another."""

import random
from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.files.assembly import survey
from app.core.files.assembly_plans import ClipPlan, SeenFile
from app.core.model.media import FileRole
from tests.support.card_cases import CASES
from tests.support.seen_files import GIB, no_media, picture, scope_of, seen, sound, still

# What belongs together …
_CLUSTERS = [paths for paths, _, _ in CASES.values()] + [
    [f"a.{n:04d}.dpx" for n in (1, 2, 3, 5, 6)]
    + ["a.00005.dpx", "a.10.dpx", "Proxy/a.mov", "a.wav", "a.cube"],
    [f"IMG_{n:04d}.JPG" for n in range(1, 5)]
    + ["IMG_0001.MOV", "IMG_0001.AAE", "IMG_0002.CR2", "IMG_0002.xmp"],
    [f"r/{n:03d}.png" for n in range(6)],
    ["T002_1.WAV", "T002_2.WAV", "T002_3.WAV", "T001.WAV", "T003.WAV", "mix.L.wav", "mix.R.wav"],
    [
        "clip.mov",
        "clip.mxf",
        "CLIP.mov",
        "Proxy/clip.mov",
        "Proxy/Proxy/clip.mov",
        "clip_Proxy.mov",
        "clip.xmp",
        "clip.mov.xmp",
        "clip.en.srt",
    ],
    [f"BDMV/STREAM/{n:05d}.MTS" for n in range(4)]
    + [f"BDMV/CLIPINF/{n:05d}.CPI" for n in range(4)],
    [
        "Clip/C0001.MP4",
        "Clip/Sub/C0001S03.MP4",
        "Clip/Clip/C0001.MP4",
        "C0001.MP4",
        "Sub/C0001S03.MP4",
        "Thmbnl/C0001T01.JPG",
    ],
    ["caf\u00e9.mov", "cafe\u0301.mov", "cafe\u0301.xmp", "CAF\u00c9.srt"],
    [
        "bad\udcff.mov",
        "bad\udcff.xmp",
        "bad\udcfe.srt",
        "new\nline.mov",
        "new\nline.srt",
        "%04d.mov",
        "-rf --help.mov",
        " .mov",
        "..mov",
    ],
    [
        "GH010042.MP4",
        "GX010042.MP4",
        "GL010042.LRV",
        "GX010042.360",
        "GX040042.MP4",
        "gx010042.mp4",
    ],
]
# … where it may lie …
_PLACES = st.sampled_from(
    [
        "",
        "day/",
        "day/",
        "Proxy/",
        "A001R1AB/",
        "x/Clip/",
        "DCIM/100CANON/",
        "A/XDROOT/Clip/",
        "q/CONTENTS/VIDEO/",
    ]
)
_SIZES = st.sampled_from([0, 1000, 1000, 1001, 4 * GIB - 1, 2 * GIB])
_FACTS = st.sampled_from(
    [
        None, None, None, picture(), picture(start=90000), picture(start=90000, size=(640, 360)), picture(start=90250),
        sound(480), sound(480, reference=96000), sound(480, reference=96000), sound(480, family="seven"), still(), still(camera="EOS"),
        no_media(),
    ]
)  # fmt: skip


@st.composite
def _files(draw: st.DrawFn) -> list[SeenFile]:
    made: dict[str, SeenFile] = {}
    for paths in draw(st.lists(st.sampled_from(_CLUSTERS), min_size=1, max_size=4)):
        place = draw(_PLACES)
        lost = draw(st.sets(st.sampled_from(paths), max_size=2))
        known = draw(st.booleans())
        for path in paths:
            if path not in lost:
                facts = draw(_FACTS) if known else None
                made[place + path] = seen(
                    place + path, draw(_SIZES), facts, draw(st.integers(0, 1))
                )
    return list(made.values())


@settings(max_examples=150)
@given(_files(), st.randoms(use_true_random=False))
def test_any_order_of_files_gives_the_same_plans(
    files: list[SeenFile], chance: random.Random
) -> None:
    mixed = list(files)
    chance.shuffle(mixed)
    assert survey(mixed) == survey(files)


@settings(max_examples=150)
@given(_files())
def test_every_file_is_in_one_place(files: list[SeenFile]) -> None:
    made = survey(files)
    keys = [key for plan in made.clips for key in plan.keys] + [left.key for left in made.leftovers]
    assert sorted(keys) == sorted(file.key for file in files)


@settings(max_examples=150)
@given(_files())
def test_every_plan_is_well_formed(files: list[SeenFile]) -> None:
    for plan in survey(files).clips:
        roles = [part.role for part in plan.parts]
        assert roles[0] is FileRole.ESSENCE
        assert plan.parts[0].part_index == 0
        assert plan.name
        steps = sorted(
            {
                part.part_index
                for part in plan.parts
                if part.role in (FileRole.ESSENCE, FileRole.SPAN)
            }
        )
        assert steps == list(range(len(steps)))
        assert all(part.part_index < len(steps) for part in plan.parts)
        assert not any(problem.fatal for problem in plan.problems)
        if plan.sequence:
            missing = sum(gap.last - gap.first + 1 for gap in plan.sequence.missing)
            assert len(plan.sequence.members) + missing == plan.sequence.frames
            assert plan.sequence.path(plan.sequence.first) == plan.lead
            assert len(plan.sequence.members) >= 3


@settings(max_examples=150)
@given(_files())
def test_scopes_can_be_put_together_one_by_one(files: list[SeenFile]) -> None:
    scopes: dict[str, list[SeenFile]] = defaultdict(list)
    for file in files:
        scopes[scope_of(file.path)].append(file)
    apart: list[ClipPlan] = []
    for scope in scopes.values():
        apart.extend(survey(scope).clips)
    apart.sort(key=lambda plan: plan.lead)
    assert tuple(apart) == survey(files).clips


@given(
    st.lists(
        st.text(
            st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1, max_size=12
        ),
        max_size=8,
        unique=True,
    )
)
def test_any_name_at_all_is_taken(names: list[str]) -> None:
    files = [seen(name) for name in names if name not in (".", "..")]
    assert sum(len(plan.keys) for plan in survey(files).clips) + len(
        survey(files).leftovers
    ) == len(files)
