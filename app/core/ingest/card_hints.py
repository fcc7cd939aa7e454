"""What a person may want to know of a card, and what is no fault: clips that are skipped in the count, files that look cut off."""

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from app.core.files.card_types import CardType
from app.core.files.cards import fold_folders, split_folder
from app.core.files.groupings import GroupingRules
from app.core.files.sorts import split_name
from app.core.ingest.card_clips import Bench
from app.core.ingest.card_lists import CardFiles, by_name
from app.core.ingest.card_missing import numbers_of
from app.core.ingest.card_values import MissingPart
from app.core.model.media import IDENTITY_ROLES
from app.core.model.names import display

_MOST: Final = 12
"""Jumps of one run of numbers that are named one by one."""


def jumps(bench: Bench, types: Mapping[str, CardType]) -> Iterator[str]:
    """Numbers that are skipped between clips of one folder: no proof of a loss, cameras can delete."""
    runs: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for clip in bench.clips:
        card = types.get(clip.card)
        folder, _, name = clip.parts[0].rel.rpartition("/")
        found = card.counts.fullmatch(split_name(name)[0]) if card and card.counts else None
        if card is not None and found is not None:
            prefix = found.groupdict().get("prefix") or ""
            runs[_counted_in(card, folder), prefix][int(found["number"])] = _short(found)
    for run in runs.values():
        gaps = [(a, b) for a, b in itertools.pairwise(sorted(run)) if b > a + 1]
        for before, after in gaps[:_MOST]:
            yield _jump(run[before], run[after], before, after)
        if len(gaps) > _MOST:
            yield f"{len(gaps) - _MOST} more jumps in the numbers of these clips."


def _counted_in(card: CardType, folder: str) -> str:
    """The folder in which a clip is counted: the one around, where each clip has a folder of its own."""
    folded = fold_folders(split_folder(folder))
    own = any(shape.before(folded) is not None for shape in card.clip_folders)
    return folder.rpartition("/")[0] if own else folder


def _short(found: re.Match[str]) -> str:
    """The number with the letters before it: `C0003` of `A001_C0003_0514`."""
    text = found.string[: found.end("number")]
    short = re.search(r"(?:[^\W\d_]+_?)?\d+\Z", text)
    return short[0] if short else text


def _jump(before: str, after: str, low: int, high: int) -> str:
    head = before.rstrip("0123456789")
    width = len(before) - len(head)
    first, last = f"{head}{str(low + 1).zfill(width)}", f"{head}{str(high - 1).zfill(width)}"
    if high - low == 2:
        return f"{display(first)} (between {display(before)} and {display(after)}) is not on the card; it may have been deleted in the camera."
    return f"{display(first)} to {display(last)} (between {display(before)} and {display(after)}) are not on the card; they may have been deleted in the camera."


def full_files(bench: Bench, sizes: Mapping[str, int], rules: GroupingRules) -> Iterator[str]:
    """The last span of a recording that is as large as a recorder makes a file: it may have gone on."""
    for clip in bench.clips:
        last = max(clip.parts, key=lambda part: (part.role in IDENTITY_ROLES, part.part))
        if numbers_of(bench, clip) and rules.spans.full(sizes[last.rel]):
            yield f"{display(last.rel)} is as large as a file of a recorder gets: if the recording went on, the next part is not here."


def lost_tracks(
    bench: Bench, here: CardFiles, cards: Collection[str], rules: GroupingRules
) -> Iterator[str]:
    """Tracks that are not here, of takes that lie in one file a track: a track that was not armed has none.

    Args:
        bench: the clips.
        here: the files that are there: a track may be a clip of its own as long as nothing but names is known.
        cards: ids of the sound cards.
        rules: how tracks are named.
    """
    # Tracks that are left of one take are clips of their own by their names: told once.
    told: set[str] = set()
    for clip in (clip for clip in bench.clips if clip.card in cards):
        numbers: dict[int, tuple[str, re.Match[str]]] = {}
        for part in clip.parts:
            name = part.rel.rpartition("/")[2]
            found = _track(split_name(name)[0], rules) if part.role in IDENTITY_ROLES else None
            if found is not None:
                numbers[int(found["channel"])] = (name, found)
        for number in sorted(set(range(1, max(numbers, default=0))) - numbers.keys()):
            name, found = numbers[min(numbers)]
            start, end = found.span("channel")
            own = name[:start] + str(number).zfill(end - start) + name[end:]
            if by_name(own) not in here.keys and own not in told:
                told.add(own)
                yield f"{display(own)} is not here, and {display(name)} is: that track may not have been recorded."


def _track(stem: str, rules: GroupingRules) -> re.Match[str] | None:
    found = (name.stem.fullmatch(stem) for name in rules.sound.names if name.strong)
    return next((one for one in found if one is not None and one["channel"].isdecimal()), None)


def empty_clip_folders(
    bench: Bench, folders: Iterable[str], types: Iterable[CardType]
) -> Iterator[MissingPart]:
    """Folders that hold a clip each, and hold no clip."""
    shapes = [shape for card in types for shape in card.clip_folders]
    full = {part.rel.rpartition("/")[0] for clip in bench.clips for part in clip.parts}
    for folder in folders if shapes else ():
        folded = fold_folders(split_folder(folder))
        if folder not in full and any(shape.before(folded) is not None for shape in shapes):
            yield MissingPart("clip", folder, "The clip's own folder is here and holds no clip.")
