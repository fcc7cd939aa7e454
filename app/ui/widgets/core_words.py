"""What the core says, in the person's language: every text of the core that the window shows goes through `core`.

The core knows no Qt and writes English, filled in and often long ago: an error, a reason, the problem of a clip that
stands in the catalog. `resources/translations/core.json` lists its texts as templates; a text is read back into the
template it came from, that is translated (context "core") and its values are put in again. What is no text of the
core, such as the words of a system, stays as it is. In English nothing is looked up.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.core.platform import paths
from app.ui.widgets.wording import fill, translate

_KEPT: Final = 4_000
"""Texts whose translation is remembered."""
_JOINTS: Final = ("; ", ", ", " ")
"""What the core puts between two texts."""
_LETTER: Final = 100
_FIRST_AFTER: Final = ".!?"
"""A space parts two texts only behind the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Template:
    """One text of the core, with `{0}` where values stand."""

    source: str
    literals: tuple[str, ...]
    """What stands before, between and behind the values."""
    numbers: tuple[int, ...]
    """The number of each value, in the order in which they stand."""
    worded: frozenset[int]
    """Values that are texts of the core themselves; all others are data."""

    @property
    def weight(self) -> int:
        """How much of a text it explains: by its own letters, then by the signs and blanks between."""
        words = "".join(self.literals)
        letters = sum(map(str.isalnum, words))
        return _LETTER * letters + len(words) if letters else 0

    def values(self, text: str) -> dict[int, str] | None:
        """What was put in to give this text; None where it is not of this template."""
        first, *rest = self.literals
        if not rest:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(rest[-1]):
            return None
        at, end = len(first), len(text) - len(rest[-1])
        found: dict[int, str] = {}
        for number, literal in zip(self.numbers, rest, strict=True):
            behind = end if literal is rest[-1] else text.find(literal, at + 1, end)
            if behind <= at or found.setdefault(number, text[at:behind]) != text[at:behind]:
                return None
            at = behind + len(literal)
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """A text understood: its template and values, those that are texts understood as well."""

    template: Template
    values: Mapping[int, "str | tuple[Reading | str, ...]"]
    weight: int
    """How much of it is the core's own, here and in the values."""


Read = tuple[Reading | str, ...]
"""Texts one after another, with what stands between them."""


class Templates:
    """All texts of the core."""

    def __init__(self, listed: Mapping[str, list[int]]) -> None:
        made = [template_of(source, worded) for source, worded in listed.items()]
        self._whole = {one.source: one for one in made if not one.numbers}
        # Of two that explain as much, the first is taken.
        self._open = sorted(
            (one for one in made if one.numbers),
            key=lambda one: (-one.weight, -len("".join(one.literals))),
        )

    def read(self, text: str) -> Read | None:
        """Reads a text; None where it is none of the core. The reading that explains most letters is taken."""
        return self._read(text, {})

    def _read(self, text: str, known: dict[str, Read | None]) -> Read | None:
        if text not in known:
            known[text] = None  # a text is never read as a part of itself
            found = [*self._as_several(text, known), *self._as_one(text, known)]
            known[text] = max(found, key=_weight, default=None)
        return known[text]

    def _as_one(self, text: str, known: dict[str, Read | None]) -> Iterator[Read]:
        whole = self._whole.get(text)
        if whole is not None:
            yield (Reading(whole, {}, whole.weight),)
            return
        for template in self._open:
            values = template.values(text)
            if values is None:
                continue
            read = {n: self._value(template, n, value, known) for n, value in values.items()}
            inside = sum(_weight(value) for value in read.values() if not isinstance(value, str))
            yield (Reading(template, read, template.weight + inside),)

    def _value(
        self, template: Template, number: int, value: str, known: dict[str, Read | None]
    ) -> "str | Read":
        read = self._read(value, known) if number in template.worded else None
        return read if read is not None else value

    def _as_several(self, text: str, known: dict[str, Read | None]) -> Iterator[Read]:
        for joint in _JOINTS:
            at = text.find(joint)
            while at > 0:
                if joint != " " or text[at - 1] in _FIRST_AFTER:
                    # The texts before are one by one: where they are several, the first joint found them.
                    first = next(
                        iter(sorted(self._as_one(text[:at], known), key=_weight)[-1:]), None
                    )
                    rest = self._read(text[at + len(joint) :], known) if first else None
                    if first and rest:
                        yield (*first, joint, *rest)
                at = text.find(joint, at + 1)


def template_of(source: str, worded: list[int]) -> Template:
    """A template from its text and the numbers of the values that are texts."""
    literals, numbers, rest = [""], list[int](), source
    while rest:
        if len(rest) > 2 and rest[0] == "{" and rest[1].isdigit() and rest[2] == "}":
            numbers.append(int(rest[1]))
            literals.append("")
            rest = rest[3:]
        else:
            literals[-1] += rest[0]
            rest = rest[1:]
    return Template(source, tuple(literals), tuple(numbers), frozenset(worded))


def _weight(read: Read) -> int:
    return sum(part.weight for part in read if isinstance(part, Reading))


class _Speaking:
    """The language the window has now."""

    def __init__(self) -> None:
        self.foreign = False
        self.said: dict[str, str] = {}
        self._templates: Templates | None = None

    @property
    def templates(self) -> Templates:
        """Read when the first text is asked for."""
        if self._templates is None:
            import json

            path = paths.resource("translations/core.json")
            self._templates = Templates(json.loads(path.read_text("utf-8")))
        return self._templates


_now = _Speaking()


def speak(*, foreign: bool) -> None:
    """Another language was loaded.

    Args:
        foreign: it is not English, in which the core writes.
    """
    _now.foreign = foreign
    _now.said.clear()


def core(text: str) -> str:
    """A text of the core in the person's language; whatever else, as it is."""
    if not _now.foreign or not text:
        return text
    said = _now.said.get(text)
    if said is None:
        if len(_now.said) >= _KEPT:
            _now.said.clear()
        bare = text.strip()
        read = _now.templates.read(bare)
        said = _now.said[text] = text.replace(bare, _spoken(read)) if read else text
    return said


def _spoken(read: Read) -> str:
    words: list[str] = []
    for part in read:
        if isinstance(part, str):
            words.append(part)
            continue
        values = [""] * (max(part.values, default=-1) + 1)
        for number, value in part.values.items():
            values[number] = value if isinstance(value, str) else _spoken(value)
        # The extraction of texts reads the core's sources for this context, not this call.
        words.append(fill(translate("core", part.template.source), *values))
    return "".join(words)
