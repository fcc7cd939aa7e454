"""Where no folder `ascmhl` is ever made: on a camera's card, inside a card's structure, inside what Avid manages."""

from pathlib import Path
from typing import Final

from app.core.files.cards import CardRules
from app.core.model.errors import RushesError
from app.core.platform import filesystems

_AVID: Final = "avid mediafiles"


def not_written(root: Path) -> str:
    """Why no history may be written at a folder, in words; empty where it may.

    A copy of a card, and a travel drive, are places to write at: the folder itself, above the structure. The card
    itself is not: removable media with a card's structure at its very top.
    """
    place = root.absolute()
    try:
        mount = filesystems.mount_of(place)
        top = mount.mount_path
        parts = place.relative_to(top).parts
    except (RushesError, ValueError):
        return ""
    rules = CardRules.load()
    if _AVID in (part.casefold() for part in parts):
        return "nothing is written inside Avid MediaFiles"
    if rules.inside_card(parts):
        return "nothing is written inside the structure of a card"
    if not parts and filesystems.is_removable(mount) and _is_card(place, rules):
        return "nothing is written on a card"
    return ""


def _is_card(top: Path, rules: CardRules) -> bool:
    """Whether a folder two levels below the top is part of a card's structure, as PRIVATE/M4ROOT is."""
    try:
        firsts = [one for one in top.iterdir() if one.is_dir() and not one.is_symlink()]
        return any(
            rules.inside_card((one.name,))
            or any(rules.inside_card((one.name, two.name)) for two in one.iterdir())
            for one in firsts
        )
    except OSError:
        return True  # what it is cannot be seen, so nothing is written there
