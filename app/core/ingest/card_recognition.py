"""Which card a folder is, by the folders and names on it alone: the volume's own name says nothing."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from app.core.files.card_types import CardType, Sign
from app.core.files.cards import CardRules, fold_folders, split_folder
from app.core.files.sorts import split_name
from app.core.ingest.card_values import CardEntry, EntryKind

ENOUGH: Final = 4
"""The score from which on a card counts as recognised."""


def recognise(entries: Iterable[CardEntry], rules: CardRules) -> tuple[CardType | None, str]:
    """(the card with the best score, or None, its maker as far as it is known)."""
    folders = _by_folder(entries)
    scored = [(sum(sign.score for sign in met), met, card) for card, met in _met(folders, rules)]
    # Of equals the first by the cards' own order.
    best = max(scored, key=lambda one: one[0], default=None)
    if best is None or best[0] < ENOUGH:
        return None, ""
    _, met, card = best
    return card, next((sign.maker for sign in met if sign.maker), card.maker)


def _by_folder(entries: Iterable[CardEntry]) -> dict[str, list[tuple[str, str]]]:
    """(stem, extension) of each file, by folder; folders without files too."""
    folders: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for entry in entries:
        if entry.kind is EntryKind.FOLDER:
            folders[entry.rel]
        elif entry.kind is EntryKind.FILE:
            folder, _, name = entry.rel.rpartition("/")
            folders[folder].append(split_name(name))
    return folders


def _met(
    folders: dict[str, list[tuple[str, str]]], rules: CardRules
) -> Iterable[tuple[CardType, list[Sign]]]:
    folded = {folder: fold_folders(split_folder(folder)) for folder in folders}
    for card in rules.types:
        yield (
            card,
            [
                sign
                for sign in card.signs
                if any(
                    sign.holds(folded[folder]) and _has(sign, names)
                    for folder, names in folders.items()
                )
            ],
        )


def _has(sign: Sign, names: list[tuple[str, str]]) -> bool:
    return not sign.extensions or any(
        extension in sign.extensions and sign.stem.fullmatch(stem) is not None
        for stem, extension in names
    )
