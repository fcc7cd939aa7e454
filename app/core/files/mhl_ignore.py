"""Ignore patterns of media hash lists: a line of a .gitignore each, the later ones win, a folder that is out takes all in it along."""

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterable
from typing import Final

MOST: Final = 2000
"""Patterns of one history; more hold nothing out, so that nothing is hidden by them."""
LONGEST: Final = 1000
"""Characters of one pattern; longer ones hold nothing out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern, ready to be asked."""

    fits: re.Pattern[str]
    anchored: bool
    """It is asked about the whole path below its root, else about the name alone."""
    folders_only: bool
    again: bool
    """It brings back what an earlier one held out."""


def compiled(lines: Iterable[str]) -> tuple[Pattern, ...]:
    """The patterns of these lines; comments, empty and impossible lines are passed over."""
    some = itertools.islice(lines, MOST)
    return tuple(found for line in some if (found := _compile(line)))


def ignored(patterns: Iterable[Pattern], path: str, *, folder: bool) -> bool:
    """Whether the last pattern that fits holds a path out. The folders above it are not asked: see `held_out`."""
    out = False
    for pattern in patterns:
        if out is pattern.again and (folder or not pattern.folders_only):
            asked = path if pattern.anchored else path.rpartition("/")[2]
            if pattern.fits.fullmatch(asked):
                out = not pattern.again
    return out


def held_out(patterns: tuple[Pattern, ...], path: str, *, folder: bool) -> bool:
    """Whether a path, or a folder above it, is held out."""
    place = path.find("/")
    while place > 0:
        if ignored(patterns, path[:place], folder=True):
            return True
        place = path.find("/", place + 1)
    return ignored(patterns, path, folder=folder)


@functools.lru_cache(maxsize=512)
def _compile(line: str) -> Pattern | None:
    text = _without_spaces(line)
    if not text or text.startswith("#") or len(text) > LONGEST:
        return None
    again = text.startswith("!")
    text = text[1:] if again else text
    folders_only = text.endswith("/")
    text = text.rstrip("/") if folders_only else text
    anchored = "/" in text
    text = text.removeprefix("/")
    if not text:
        return None
    fits = re.compile(_path(text.split("/")) if anchored else _name(text), re.DOTALL)
    return Pattern(fits, anchored, folders_only, again)


def _without_spaces(line: str) -> str:
    text = line.rstrip("\r\n")
    bare = text.rstrip(" ")
    quoted = (len(bare) - len(bare.rstrip("\\"))) % 2
    return f"{bare} " if quoted and bare != text else bare


# Manifests are foreign, and patterns of many stars must not take time without end: what stands between two stars is
# taken where it is met first and never again (atomic groups), which loses nothing, as more is left for the rest then.


def _path(parts: list[str]) -> str:
    """A regular expression for a pattern of several names; `**` is any number of folders."""
    ends_open = parts[-1] == "**"
    runs: list[list[str]] = [[]]
    for part in parts[:-1] if ends_open else parts:
        if part == "**":
            runs.append([])
        else:
            runs[-1].append(_name(part))
    found = "/".join(runs[0])
    for place, run in enumerate(runs[1:], 2):
        found += "/" if found and not found.endswith("/") and not found.endswith("/)") else ""
        inside = "/".join(run)
        if place < len(runs) and run:
            found += f"(?>(?:[^/]+/)*?{inside}/)"
        elif run:
            found += f"(?:[^/]+/)*{inside}"
    if ends_open:
        found += ("/" if found and not found.endswith(("/", "/)")) else "") + ".+"
    return found


def _name(part: str) -> str:
    """A regular expression for one name."""
    runs: list[str] = [""]
    place = 0
    while place < len(part):
        letter = part[place]
        place += 1
        if letter == "*":
            runs.append("")
        elif letter == "?":
            runs[-1] += "[^/]"
        elif letter == "[" and (closing := _closing(part, place)):
            runs[-1] += _letters(part[place:closing])
            place = closing + 1
        elif letter == "\\" and place < len(part):
            runs[-1] += re.escape(part[place])
            place += 1
        else:
            runs[-1] += re.escape(letter)
    if len(runs) == 1:
        return runs[0]
    middle = "".join(f"(?>[^/]*?{run})" for run in runs[1:-1] if run)
    return f"{runs[0]}{middle}[^/]*{runs[-1]}"


def _closing(part: str, place: int) -> int:
    start = place + 1 if part[place : place + 1] in ("!", "^") else place
    return max(0, part.find("]", start + 1))


def _letters(inside: str) -> str:
    """A set of letters, as `a-z` or `!0-9`."""
    negated = inside.startswith(("!", "^"))
    left = inside[1:] if negated else inside
    found = ""
    place = 0
    while place < len(left):
        low, high = left[place], left[place + 2 : place + 3]
        if left[place + 1 : place + 2] == "-" and high:
            found += re.escape(low) + (f"-{re.escape(high)}" if low <= high else "")
            place += 3
        else:
            found += re.escape(low)
            place += 1
    if not found:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{found}]"
