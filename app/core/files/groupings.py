"""How loose files belong together, as data (`resources/grouping.toml`): proxies, sequences, takes, spans."""

import dataclasses
import functools
import re
import tomllib
from pathlib import Path
from typing import TypedDict, cast

from app.core.platform.paths import resource


class _Proxies(TypedDict):
    folders: list[str]
    suffix: str


class _Sequences(TypedDict):
    frames: list[str]
    stills_too: list[str]
    fewest: int
    padding: int
    density: int
    widest_gap: int
    versions: str
    camera_names: list[str]


class _Stills(TypedDict):
    pictures: list[str]
    live_names: list[str]
    live_stills: list[str]
    live_films: list[str]
    longest_live: int


class _TakeName(TypedDict):
    stem: str
    strong: bool


class _Sound(TypedDict):
    extensions: list[str]
    names: list[_TakeName]
    size_tolerance: int


class _Spans(TypedDict):
    windows: list[list[int]]
    extensions: list[str]
    names: list[str]


class _Table(TypedDict):
    proxies: _Proxies
    sequences: _Sequences
    stills: _Stills
    sound: _Sound
    spans: _Spans


@dataclasses.dataclass(frozen=True, slots=True)
class SequenceRules:
    """When numbered pictures are frames."""

    always: frozenset[str]
    stills_too: frozenset[str]
    """Extensions that are frames only where nothing says still."""
    fewest: int
    padding: int
    density: int
    """Percent."""
    widest_gap: int
    versions: re.Pattern[str]
    camera_names: re.Pattern[str]


@dataclasses.dataclass(frozen=True, slots=True)
class StillRules:
    """Which stills and films of one name are one picture."""

    pictures: frozenset[str]
    live_names: re.Pattern[str]
    live_stills: frozenset[str]
    live_films: frozenset[str]
    longest_live: int
    """Seconds."""


@dataclasses.dataclass(frozen=True, slots=True)
class TakeName:
    """A way recorders name the files of one take."""

    stem: re.Pattern[str]
    strong: bool
    """The name alone tells that a recorder made it."""


@dataclasses.dataclass(frozen=True, slots=True)
class SoundRules:
    """Which sound files are one take."""

    extensions: frozenset[str]
    names: tuple[TakeName, ...]
    size_tolerance: int
    """Parts in a thousand."""


@dataclasses.dataclass(frozen=True, slots=True)
class SpanRules:
    """When a file is the continuation of the one before it, by size."""

    windows: tuple[tuple[int, int], ...]
    extensions: frozenset[str]
    names: tuple[re.Pattern[str], ...]

    def full(self, size: int) -> bool:
        """Whether a recorder ends a file at this size and goes on in the next."""
        return any(low <= size <= high for low, high in self.windows)


@dataclasses.dataclass(frozen=True, slots=True)
class GroupingRules:
    """All of `resources/grouping.toml`."""

    proxy_folders: frozenset[str]
    proxy_suffix: re.Pattern[str]
    sequences: SequenceRules
    stills: StillRules
    sound: SoundRules
    spans: SpanRules

    @staticmethod
    def load(path: Path | None = None) -> "GroupingRules":
        """The rules that come with Rushes, or those of another file."""
        return _shipped() if path is None else _read(path)

    def is_proxy_folder(self, name: str) -> bool:
        """Whether a folder of this name holds the proxies of what lies beside it."""
        return name.casefold() in self.proxy_folders

    def proxy_base(self, stem: str) -> str | None:
        """The original's base name, where a stem ends as proxies do; else None."""
        found = self.proxy_suffix.search(stem)
        return stem[: found.start()] if found and found.start() > 0 else None


def _read(path: Path) -> GroupingRules:
    table = cast("_Table", cast("object", tomllib.loads(path.read_text(encoding="utf-8"))))
    return GroupingRules(
        proxy_folders=frozenset(table["proxies"]["folders"]),
        proxy_suffix=_pattern(rf"(?:{table['proxies']['suffix']})\Z"),
        sequences=_sequences(table["sequences"]),
        stills=_stills(table["stills"]),
        sound=_sound(table["sound"]),
        spans=_spans(table["spans"]),
    )


def _sequences(table: _Sequences) -> SequenceRules:
    return SequenceRules(
        always=frozenset(table["frames"]),
        stills_too=frozenset(table["stills_too"]),
        fewest=table["fewest"],
        padding=table["padding"],
        density=table["density"],
        widest_gap=table["widest_gap"],
        versions=_pattern(table["versions"]),
        camera_names=_any_of(table["camera_names"]),
    )


def _stills(table: _Stills) -> StillRules:
    return StillRules(
        pictures=frozenset(table["pictures"]),
        live_names=_any_of(table["live_names"]),
        live_stills=frozenset(table["live_stills"]),
        live_films=frozenset(table["live_films"]),
        longest_live=table["longest_live"],
    )


def _sound(table: _Sound) -> SoundRules:
    return SoundRules(
        extensions=frozenset(table["extensions"]),
        names=tuple(TakeName(_pattern(row["stem"]), row["strong"]) for row in table["names"]),
        size_tolerance=table["size_tolerance"],
    )


def _spans(table: _Spans) -> SpanRules:
    return SpanRules(
        windows=tuple((low, high) for low, high in table["windows"]),
        extensions=frozenset(table["extensions"]),
        names=tuple(_pattern(name) for name in table["names"]),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return _pattern("|".join(f"(?:{pattern})" for pattern in patterns))


def _pattern(text: str) -> re.Pattern[str]:
    # Names may hold newlines, and cameras are of two minds about capitals.
    return re.compile(text, re.IGNORECASE | re.DOTALL)


@functools.cache
def _shipped() -> GroupingRules:
    return _read(resource("grouping.toml"))
