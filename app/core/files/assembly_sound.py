"""Takes of a sound recorder that lie in several files, one a track: poly-mono."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from app.core.files.assembly_drafts import Draft, Entry, Placed
from app.core.files.assembly_spans import time_reference
from app.core.files.groupings import SoundRules
from app.core.model.media import ClipKind, FileRole

_LETTERS = {
    name: index
    for index, name in enumerate(("L", "R", "C", "LFE", "LF", "RF", "LS", "RS", "M", "S"), 1)
}
_MIXES = {"LR": 101, "MS": 102, "MIC": 103}
"""Stereo files that recorders write beside the tracks of a take; after all tracks."""


def group_takes(entries: Iterable[Entry], rules: SoundRules) -> tuple[list[Draft], list[Entry]]:
    """Takes the poly-mono takes out of loose files.

    Names bring candidates together. With facts, those of one file set or one time reference are a
    take (and, where the recorder wrote neither, those of equal length); before, those of equal size.

    Returns:
        The takes, and the files that are in none.
    """
    candidates: dict[tuple[Hashable, ...], list[tuple[int, Entry]]] = defaultdict(list)
    rest: list[Entry] = []
    for entry in entries:
        found = _named(entry, rules) if entry.extension in rules.extensions else None
        if found:
            candidates[entry.folder, entry.extension, *found[0]].append((found[1], entry))
        else:
            rest.append(entry)
    drafts: list[Draft] = []
    for (_, _, take, strong), tracks in candidates.items():
        for group in _agreeing(
            sorted(tracks, key=lambda t: (t[0], t[1].path)), rules, strong=bool(strong)
        ):
            if len(group) > 1:
                drafts.append(_draft(str(take), group))
            else:
                rest.extend(entry for _, entry in group)
    return drafts, rest


def _named(entry: Entry, rules: SoundRules) -> tuple[tuple[str, bool], int] | None:
    for name in rules.names:
        found = name.stem.fullmatch(entry.stem)
        if found:
            track = found["channel"].upper()
            number = (
                int(track) if track.isdecimal() else _LETTERS.get(track) or _MIXES.get(track, 0)
            )
            return (found["take"], name.strong), number
    return None


def _agreeing(
    tracks: list[tuple[int, Entry]], rules: SoundRules, *, strong: bool
) -> Iterator[list[tuple[int, Entry]]]:
    """Splits candidates into takes, and single files."""
    if len({number for number, _ in tracks}) != len(tracks):
        yield from ([track] for track in tracks)
    elif all(entry.file.facts for _, entry in tracks):
        yield from _by_facts(tracks, strong=strong)
    elif strong and _first_is_there(tracks) and _same_size(tracks, rules.size_tolerance):
        yield tracks
    else:
        yield from ([track] for track in tracks)


def _first_is_there(tracks: list[tuple[int, Entry]]) -> bool:
    numbers = [number for number, _ in tracks if number < min(_MIXES.values())]
    return numbers == list(range(1, len(numbers) + 1))


def _same_size(tracks: list[tuple[int, Entry]], tolerance: int) -> bool:
    sizes = [entry.file.size for number, entry in tracks if number < min(_MIXES.values())]
    return (
        bool(sizes)
        and min(sizes) > 0
        and (max(sizes) - min(sizes)) * 1000 <= max(sizes) * tolerance
    )


def _by_facts(
    tracks: list[tuple[int, Entry]], *, strong: bool
) -> Iterator[list[tuple[int, Entry]]]:
    takes: dict[Hashable, list[tuple[int, Entry]]] = defaultdict(list)
    for number, entry in tracks:
        takes[_sign(number, entry, strong=strong)].append((number, entry))
    yield from takes.values()


def _sign(number: int, entry: Entry, *, strong: bool) -> Hashable:
    """What files of one take have in common; the path where nothing says that there are others."""
    facts = entry.facts
    if facts is None or facts.kind is not ClipKind.AUDIO or len(facts.audio) != 1:
        return entry.path
    family, reference = facts.tags.get("file_set"), time_reference(facts)
    if family:
        return "family", family
    if facts.audio[0].channels != 1 and number not in _MIXES.values():
        return entry.path
    if reference:
        return "time", reference, facts.rate
    return ("length", facts.frames, facts.rate) if strong and facts.frames else entry.path


def _draft(take: str, tracks: list[tuple[int, Entry]]) -> Draft:
    numbers = [number for number, _ in tracks]
    zero_based = 0 in numbers
    highest = max((number for number in numbers if number not in _MIXES.values()), default=0)
    placed: list[Placed] = []
    for number, entry in tracks:
        mix = number in _MIXES.values()
        highest += mix
        channel = (highest if mix else number) + zero_based
        placed.append(Placed(entry, FileRole.AUDIO, 0, channel))
    draft = Draft(placed, ClipKind.AUDIO, name=take)
    draft.reasons.append(f"{len(tracks)} tracks of one take, one a file")
    return draft


def give_to_sequences(entries: list[Entry], sequences: list[Draft]) -> list[Entry]:
    """Gives sound files to the image sequences of their name: cameras that record frames do so.

    Returns:
        The files that belong to none.
    """
    named = {(draft.lead.folder, draft.name): draft for draft in sequences}
    rest: list[Entry] = []
    for entry in entries:
        draft = named.get((entry.folder, entry.stem)) if entry.kind is ClipKind.AUDIO else None
        if draft:
            draft.placed.append(Placed(entry, FileRole.AUDIO, 0, 1))
            draft.reasons.append("the sound file of the same name")
        else:
            rest.append(entry)
    return rest
