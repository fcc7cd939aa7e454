"""Image sequences: runs of numbered pictures that are one clip, with their gaps named.

DPX, EXR, Cineon, ARRIRAW and cDNG runs always are; TIFF, PNG, JPEG and their like only where
nothing says that a person pressed a button for each of them.
"""

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from app.core.files.assembly_drafts import Draft, Entry, Placed
from app.core.files.assembly_plans import Gap, SequenceInfo
from app.core.files.groupings import SequenceRules
from app.core.model.media import ClipKind, FileRole

_DIGITS = "0123456789"
_LONGEST_NUMBER = 9
"""Longer ones are dates and times."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Series:
    """Files of one folder whose names differ in their number alone."""

    folder: str
    prefix: str
    suffix: str
    width: int
    frames: dict[int, Entry]


def find_sequences(
    entries: Iterable[Entry],
    rules: SequenceRules,
    stills_card: Callable[[str], bool],
    rate: Fraction | None,
) -> tuple[list[Draft], list[Entry]]:
    """Takes the sequences out of loose files.

    Args:
        entries: loose files.
        rules: when pictures are frames.
        stills_card: whether a folder lies on a card of a stills camera.
        rate: what the project says of sequences whose headers carry no rate.

    Returns:
        The sequences, and the files that are in none.
    """
    candidates: dict[tuple[str, str, str], list[tuple[str, Entry]]] = defaultdict(list)
    rest: list[Entry] = []
    for entry in entries:
        prefix = entry.stem.rstrip(_DIGITS)
        number = entry.stem[len(prefix) :]
        if 0 < len(number) <= _LONGEST_NUMBER and _may_be_frame(entry, prefix, rules, stills_card):
            candidates[entry.folder, prefix, entry.name[len(entry.stem) :]].append((number, entry))
        else:
            rest.append(entry)
    drafts: list[Draft] = []
    for (folder, prefix, suffix), numbered in candidates.items():
        for series in _by_width(folder, prefix, suffix, numbered):
            for run in _runs(series, rules.widest_gap):
                if _is_sequence(run, rules):
                    drafts.append(_draft(run, rate))
                else:
                    rest.extend(run.frames.values())
    return drafts, rest


def _may_be_frame(
    entry: Entry, prefix: str, rules: SequenceRules, stills_card: Callable[[str], bool]
) -> bool:
    if rules.versions.fullmatch(prefix):
        return False
    if entry.extension in rules.always:
        return True
    return (
        entry.extension in rules.stills_too
        and not rules.camera_names.fullmatch(prefix)
        and not stills_card(entry.folder)
    )


def _by_width(
    folder: str, prefix: str, suffix: str, numbered: list[tuple[str, Entry]]
) -> Iterator[_Series]:
    """Sorts numbers by their padding, as `%04d` writes them: 9999 is followed by 10000."""
    padded = sorted({len(number) for number, _ in numbered if number[0] == "0" and number != "0"})
    plain = {len(number) for number, _ in numbered if number[0] != "0" or number == "0"}
    if not padded:
        # Nothing starts with a zero: equal lengths are as good as padded, single digits never are.
        padded = [plain.pop()] if len(plain) == 1 and plain != {1} else [0]
    series = {width: _Series(folder, prefix, suffix, width, {}) for width in (0, *padded)}
    for number, entry in numbered:
        zero = number[0] == "0" and number != "0"
        fitting = [w for w in padded if (w == len(number) if zero else w <= len(number))]
        series[max(fitting, default=0)].frames[int(number)] = entry
    yield from (one for one in series.values() if one.frames)


def _runs(series: _Series, widest_gap: int) -> Iterator[_Series]:
    """Cuts a series where more frames are missing than a hole in one render can explain."""
    numbers = sorted(series.frames)
    start = 0
    for index in range(1, len(numbers) + 1):
        if index == len(numbers) or numbers[index] - numbers[index - 1] - 1 > widest_gap:
            frames = {number: series.frames[number] for number in numbers[start:index]}
            yield dataclasses.replace(series, frames=frames)
            start = index


def _is_sequence(run: _Series, rules: SequenceRules) -> bool:
    if len(run.frames) < rules.fewest:
        return False
    first = next(iter(run.frames.values()))
    if first.extension in rules.always:
        return True
    numbers = list(run.frames)
    dense = len(numbers) * 100 >= (numbers[-1] - numbers[0] + 1) * rules.density
    return (
        run.width >= rules.padding and dense and not _pressed_one_by_one(list(run.frames.values()))
    )


def _pressed_one_by_one(entries: list[Entry]) -> bool:
    """Whether facts say stills: a camera took them, or they differ in size."""
    known = [entry.facts for entry in entries if entry.facts]
    sizes = {(facts.video.width, facts.video.height) for facts in known if facts.video}
    cameras = any(facts.camera or "model" in facts.tags for facts in known)
    # A digital cinema camera signs its DNG frames too.
    raw = entries[0].extension == "dng"
    return len(sizes) > 1 or (cameras and not raw)


def _draft(run: _Series, rate: Fraction | None) -> Draft:
    numbers = list(run.frames)
    entries = list(run.frames.values())
    missing = tuple(
        Gap("frame", before + 1, after - 1)
        for before, after in itertools.pairwise(numbers)
        if after > before + 1
    )
    known = next((e.facts.rate for e in entries if e.facts and e.facts.rate), None)
    info = SequenceInfo(
        folder=run.folder,
        prefix=run.prefix,
        width=run.width,
        suffix=run.suffix,
        first=numbers[0],
        last=numbers[-1],
        missing=missing,
        members=tuple(entry.file.key for entry in entries),
        rate=known or rate,
    )
    draft = Draft([Placed(entries[0], FileRole.ESSENCE)], ClipKind.SEQUENCE, sequence=info)
    draft.name = run.prefix.rstrip("._- ") or run.folder.rpartition("/")[2] or entries[0].stem
    draft.gaps.extend(missing)
    draft.reasons.append(f"{len(entries)} numbered pictures, {numbers[0]} to {numbers[-1]}")
    _flag(draft, info, entries)
    return draft


def _flag(draft: Draft, info: SequenceInfo, entries: list[Entry]) -> None:
    if info.missing:
        holes = ", ".join(gap.text for gap in info.missing[:20])
        more = len(info.missing) - 20
        words = f"{holes} and {more} more holes" if more > 0 else holes
        draft.flag("missing-frames", f"Frames are missing: {words}.")
    empty = sum(entry.file.size == 0 for entry in entries)
    if empty:
        draft.flag("empty-frames", f"{empty} of {len(entries)} frames are empty files.")
