"""Reel, camera, scene and take as names and folders suggest them. Facts of the files win over these."""

import dataclasses
import re

from app.core.files.cards import split_folder
from app.core.files.naming_grammar import name_facts, reel_from_folders

_SLATE = re.compile(
    r"(?:.*[_\- ])?S(?:C|CENE)?[_ ]?(?P<scene>\d{1,4}[A-Z]{0,2})[_\- ]+T(?:K|AKE)?[_ ]?(?P<take>\d{1,3})(?!\d).*",
    re.IGNORECASE | re.DOTALL,
)
"""`S12A_T03`, `Scene 12 Take 3`, `sc12-tk3`: what people type as a slate into a name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Hints:
    """What a clip's name and folders suggest."""

    reel: str | None = None
    camera: str | None = None
    scene: str | None = None
    take: str | None = None


def hints_of(folder: str, name: str) -> Hints:
    """The hints of a clip by its folder and its first file's name: the folder knows the reel best."""
    said = name_facts(name)
    reel = reel_from_folders(split_folder(folder)) or said.reel
    slate = _SLATE.fullmatch(name)
    scene = slate["scene"].upper() if slate else None
    take = slate["take"].lstrip("0") or "0" if slate else said.take
    return Hints(reel, said.camera, scene, take)
