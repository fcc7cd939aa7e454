"""Card descriptions: what is one scope, what is inside a card, and that a new camera is a new file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.files.cards import CardRules, split_folder
from app.core.model.errors import Bug
from tests.support.seen_files import scope_of


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("clip.mov", ""),
        ("day/clip.mov", "day"),
        ("day/A001R1AB/XDROOT/Clip/A001C001_260514R1.MXF", "day/A001R1AB"),
        ("day/A001R1AB/XDROOT/Sub/A001C001_260514R1S03.MP4", "day/A001R1AB"),
        ("day/A001R1AB/XDROOT/MEDIAPRO.XML", "day/A001R1AB"),
        ("day/A001R1AB/notes.txt", "day/A001R1AB"),
        ("P2CARD01/CONTENTS/VIDEO/0001AB.MXF", "P2CARD01"),
        ("P2CARD01/CONTENTS/CLIP/0001AB.XML", "P2CARD01"),
        ("P2CARD01/LASTCLIP.TXT", "P2CARD01"),
        ("card/private/m4root/clip/C0001.MP4", "card/private"),
        ("card/PRIVATE/AVCHD/BDMV/STREAM/00000.MTS", "card/PRIVATE/AVCHD"),
        ("ex/BPAV/CLPR/788_0001_01/788_0001_01.MP4", "ex"),
        ("go/DCIM/100GOPRO/GX010042.MP4", "go/DCIM/100GOPRO"),
        ("A.RDM/B.RDC/B_001.R3D", "A.RDM/B.RDC"),
        ("day/Proxy/clip.mov", "day"),
        ("day/Proxies/clip_Proxy.mov", "day"),
        ("day/Proxy/Proxy/clip.mov", "day"),
        ("day/A001R1AB/XDROOT/Clip/Proxy/A001C001_260514R1.mov", "day/A001R1AB"),
        ("Proxy/clip.mov", ""),
        ("loose/Clip/C0001.MP4", "loose"),
        ("loose/Thmbnl/C0001T01.JPG", "loose"),
    ],
)
def test_a_scope_is_what_must_be_looked_at_together(path: str, scope: str) -> None:
    assert scope_of(path) == scope


_FOLDERS = st.lists(
    st.sampled_from(
        [
            "XDROOT",
            "Clip",
            "Sub",
            "CONTENTS",
            "VIDEO",
            "BDMV",
            "STREAM",
            "Proxy",
            "DCIM",
            "100GOPRO",
            "A",
            "a b",
            "M4ROOT",
        ]
    ),
    max_size=6,
).map("/".join)


@given(_FOLDERS)
def test_a_scope_holds_its_folder_and_is_its_own_scope(folder: str) -> None:
    rules = CardRules.load()
    scope = rules.scope_of_folder(folder)
    parts = split_folder(scope)
    assert split_folder(folder)[: len(parts)] == parts
    assert rules.scope_of_folder(scope) == scope


@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        ("A001R1AB/XDROOT/Clip", True),
        ("A001R1AB/xdroot", True),
        ("P2/CONTENTS/VIDEO", True),
        ("G/DCIM/100GOPRO", True),
        ("A006.RDM/A006.RDC", True),
        ("Avid MediaFiles/MXF/1", True),
        ("A001R1AB", False),
        ("CONTENTS/papers", False),
        ("", False),
    ],
)
def test_the_inside_of_a_card_is_known(folder: str, inside: bool) -> None:
    assert CardRules.load().inside_card(split_folder(folder)) is inside


def test_every_rule_names_its_clip() -> None:
    types = CardRules.load().types
    assert len(types) >= 15
    for card in types:
        for rule in card.rules:
            assert rule.role is None or "clip" in rule.stem.groupindex, (card.id, rule.stem.pattern)
            assert all(ending == ending.lower() for ending in rule.extensions)
        assert all(shape.names for shape in card.structure), card.id


def test_a_new_camera_is_a_new_file(tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(
        'id = "new"\ntitle = "New camera"\nstructure = ["NEWCAM/**"]\n'
        '[[file]]\nshapes = ["NEWCAM"]\next = ["new"]\nstem = \'N(?P<clip>\\d+)\'\nrole = "essence"\n',
        encoding="utf-8",
    )
    rules = CardRules.load(tmp_path)
    assert [card.title for card in rules.types] == ["New camera"]
    assert rules.inside_card(("x", "NewCam", "deeper"))
    assert len(rules.of_folder(("x", "NEWCAM")).rules) == 1


@pytest.mark.parametrize(
    "text",
    [
        "id = 'a'",
        "title = 'no id'",
        "not toml",
        "id='a'\ntitle='b'\n[[file]]\next=['x']\nrole='king'",
        "id='a'\ntitle='b'\nstils=true",
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Bug, match=r"wrong\.toml"):
        CardRules.load(tmp_path)
