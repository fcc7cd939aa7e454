"""Object keys from templates: legal everywhere, readable, and never a way out of the bucket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud.store import check_key
from app.core.delivery import key_template
from app.core.model.entities import Clip
from app.core.model.errors import Refused
from app.core.model.ids import ClipId, ClipRow
from app.core.model.media import ClipKind, ClipState


def clip(**facts: str | None) -> Clip:
    """A clip with these facts and no others."""
    known: dict = {"reel": None, "camera": None, "scene": None, "take": None, **facts}
    known.setdefault("hash", "xxh3-128:0123456789abcdef0123456789abcdef")
    known.setdefault("recorded_at", None)
    return Clip(
        id=ClipId("01999999-0000-7000-8000-000000000001"),
        row=ClipRow(1),
        content_id="c",
        name="A001",
        kind=ClipKind.VIDEO,
        state=ClipState.READY,
        rate=None,
        vfr=False,
        drop=False,
        start_frame=None,
        label_rate=None,
        frames=None,
        width=None,
        height=None,
        codec=None,
        pix_fmt=None,
        rotation=0,
        audio=(),
        shot=None,
        gaps=(),
        problem=None,
        card=None,
        tags={},
        origins={},
        **known,
    )


FULL = clip(
    reel="A001R2", camera="A", scene="12", take="3", recorded_at="2026-05-14T09:30:00+02:00"
)


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("", "Harbour film/2026-05-14/A001R2/A001_C002.mov"),
        ("{camera}/{scene}-{take}_{name}.{ext}", "A/12-3_A001_C002.mov"),
        ("{kind}/{name}-{hash8}.{ext}", "video/A001_C002-01234567.mov"),
        ("{folder}/{name}.{ext}", "DAY 1/CARD A/A001_C002.mov"),
        ("in/{id}.{ext}", "in/01999999-0000-7000-8000-000000000001.mov"),
    ],
)
def test_elements_stand_for_what_is_known(template: str, key: str) -> None:
    path = "DAY 1/CARD A/A001_C002.mov"
    assert key_template.key_for(template, FULL, "Harbour film", path) == key


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("{reel}/{name}.{ext}", "A001R2/A001/plate_0007.dpx"),
        ("in/{id}", "in/01999999-0000-7000-8000-000000000001/plate_0007.dpx"),
    ],
)
def test_the_frames_of_a_sequence_keep_together(template: str, key: str) -> None:
    path = "SCANS/plate_0007.dpx"
    assert key_template.key_for(template, FULL, "Harbour film", path, frame=True) == key


def test_a_folder_of_unknown_things_is_left_out() -> None:
    assert key_template.key_for("", clip(), "Film", "x/C0001.MP4") == "Film/C0001.MP4"
    assert key_template.key_for("{reel}/{hash8}", clip(hash=None), "", "C0001") == clip().id


@pytest.mark.parametrize(
    "template",
    [
        "",
        "{}",
        "{nme}",
        "{name",
        "name}",
        "{name.__class__}",
        "{name!r}",
        "{0}",
        "/{name}",
        " ",
        "{reel}",
        "fixed",
    ],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(Refused):
        key_template.parse(template)


def test_an_unknown_element_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Refused) as caught:
        key_template.parse("{date}/{nme}")
    assert "name" in caught.value.choices


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("a/./b/../c.mov", "a/b/c.mov"),
        (".rushes/info/x.mov", "rushes/info/x.mov"),
        ("a\\b.mov", "a_b.mov"),
        ("a\nb.mov", "a_u000ab.mov"),
        ("bidi\u202egnp.mov", "bidi_u202egnp.mov"),
        ("Cafe\u0301.mov", "Café.mov"),
        ("bytes\udcff.mov", "bytes_.mov"),
        ("100%? #1 *.mov", "100_ _1 _.mov"),
    ],
)
def test_names_that_would_mean_something_are_defused(path: str, key: str) -> None:
    found = key_template.key_for("{folder}/{name}.{ext}", clip(), "", path)
    assert found == key


def test_a_long_name_keeps_its_ending_and_fits_any_disk() -> None:
    found = key_template.key_for("{name}.{ext}", clip(), "", "ä" * 250 + ".mov")
    assert found.endswith("ä.mov")
    assert len(found.encode()) <= key_template.SEGMENT


def test_a_path_too_deep_for_a_key_falls_back_on_the_clip() -> None:
    path = "/".join(["deep" * 20] * 20) + "/C0001.MP4"
    assert (
        key_template.key_for("{folder}/{name}.{ext}", clip(), "", path) == f"{clip().id}/C0001.MP4"
    )


TEXT = st.text(st.characters(), max_size=40) | st.sampled_from(
    ["..", ".", "/", "a/../b", " ", "\x00", "CON", "x" * 300]
)
LITERALS = st.lists(
    st.sampled_from(
        [
            "{name}",
            "{ext}",
            "{folder}",
            "{project}",
            "{reel}",
            "/",
            "..",
            "-",
            "{hash8}",
            " .",
            "\x07",
        ]
    ),
    max_size=8,
)


@given(TEXT, TEXT, TEXT, LITERALS)
def test_whatever_the_names_the_key_is_one_that_every_store_takes(
    project: str, reel: str, path: str, pieces: list[str]
) -> None:
    template = "".join(pieces) + "{name}"
    if template.startswith("/"):
        template = "x" + template
    found = key_template.key_for(template, clip(reel=reel), project, path)
    assert check_key(found) == found
    assert all(len(segment.encode()) <= 255 for segment in found.split("/"))
    assert not found.startswith(".")
    assert "\\" not in found
