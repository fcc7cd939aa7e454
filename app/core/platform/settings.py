"""Settings as a file: TOML with comments, kept as the person wrote it; bad values are named with their line.

The tree is in `preferences`, what is said about each setting in `setting_info`. Nothing secret is
ever a setting: see `secrets`.
"""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.core.model.errors import Missing, Refused
from app.core.platform import durable
from app.core.platform.preferences import Settings, Value
from app.core.platform.setting_info import SettingInfo, describe, info_of, text_of
from app.core.platform.settings_text import line_of, template, uncommented

if TYPE_CHECKING:
    import tomlkit

__all__ = [
    "FILE_NAME",
    "Reading",
    "SettingInfo",
    "Settings",
    "describe",
    "load",
    "read",
    "save",
    "set_value",
    "text_of",
    "value_of",
]

FILE_NAME = "settings.toml"
_LARGEST = 1_000_000
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What a settings file says, as far as it can be understood."""

    settings: Settings
    problems: tuple[str, ...]
    """One line for each value that was refused; its default stands in."""


def value_of(settings: Settings, name: str) -> Value:
    """The value of a setting by its dotted name."""
    info = info_of(name)
    return cast("Value", getattr(getattr(settings, info.section), info.key))


def load(home: Path) -> Settings:
    """The settings of a home; the defaults where there is no file.

    Raises:
        Refused: the file does not read, or a value may not stand there; the message names the lines.
    """
    reading = read(home)
    if reading.problems:
        raise Refused(
            "A setting is wrong",
            " ".join(reading.problems),
            subject=str(home / FILE_NAME),
            todo="Correct the line, or remove it to have the default back.",
        )
    return reading.settings


def read(home: Path) -> Reading:
    """Like `load`, but what is wrong has its default and is listed: for looking into trouble."""
    text = _text(home / FILE_NAME)
    try:
        tree = _tree(home / FILE_NAME, text)
    except Refused as problem:
        return Reading(Settings(), (problem.message,))
    changes: dict[str, dict[str, Value]] = {}
    problems: list[str] = []
    for info in describe():
        given = _said(tree, info, info.default)
        value = info.check(given)
        if value is None:
            line = line_of(text, info.section, info.key)
            problems.append(
                f"Line {line}: {info.name} = {given!r} cannot be; it takes {info.allowed()}."
            )
        elif value != info.default:
            changes.setdefault(info.section, {})[info.key] = value
    return Reading(_changed(Settings(), changes), tuple(problems))


def _changed(settings: Settings, changes: Mapping[str, Mapping[str, Value]]) -> Settings:
    branches = {
        name: dataclasses.replace(getattr(settings, name), **values)
        for name, values in changes.items()
    }
    return dataclasses.replace(settings, **branches)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise Refused(
                "The settings file is too large", f"{path} is larger than 1 MB.", subject=str(path)
            )
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as problem:
        raise Refused(
            "The settings file does not read", f"{path} is no UTF-8 text.", subject=str(path)
        ) from problem
    except OSError as problem:
        raise Missing(
            "The settings cannot be read", f"{path}: {problem.strerror}.", subject=str(path)
        ) from problem


def save(home: Path, settings: Settings) -> None:
    """Writes what differs from the defaults or is said already; comments, order and unknown keys of the file stay.

    Raises:
        Refused: the file that is there does not read.
        Missing, NoRoom: it cannot be written.
    """
    _write(home, {info.name: (info, value_of(settings, info.name)) for info in describe()})


def _write(home: Path, wanted: Mapping[str, tuple[SettingInfo, Value]]) -> None:
    import tomlkit

    path = home / FILE_NAME
    text = _text(path) or template()
    said = _tree(path, text)
    changed = {
        name: (info, value)
        for name, (info, value) in wanted.items()
        if info.check(_said(said, info, info.default)) != value
    }
    document = tomlkit.parse(uncommented(text, changed))
    for info, value in changed.values():
        _put(document, info, value)
    durable.write_file(path, tomlkit.dumps(document).encode("utf-8"))


def _tree(path: Path, text: str) -> Mapping[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Refused(
            "The settings file does not read",
            f"{path}: {problem}.",
            subject=str(path),
            todo="Correct that line, or move the file away to begin with the defaults.",
        ) from problem


def _said(tree: Mapping[str, object], info: SettingInfo, otherwise: object) -> object:
    branch = tree.get(info.section)
    if not isinstance(branch, Mapping):
        return otherwise
    return cast("Mapping[str, object]", branch).get(info.key, otherwise)


def _put(document: "tomlkit.TOMLDocument", info: SettingInfo, value: Value) -> None:
    sections = cast("dict[str, dict[str, object]]", document)
    if not isinstance(sections.get(info.section), dict):
        sections[info.section] = {}
    sections[info.section][info.key] = list(value) if isinstance(value, tuple) else value


def set_value(home: Path, name: str, text: str) -> Settings:
    """Sets one setting from typed text, writes the file and gives back the whole tree.

    Raises:
        Refused: no such setting (with the nearest ones as choices), or a value that may not stand there.
    """
    info = info_of(name)
    value = info.check(_parsed(info, text.strip()))
    if value is None:
        raise Refused(
            "This setting cannot have that value",
            f"{name} cannot be {text!r}; it takes {info.allowed()}.",
            subject=name,
            choices=tuple(text_of(choice) for choice in info.setting.choices),
        )
    _write(home, {name: (info, value)})
    return read(home).settings


def _parsed(info: SettingInfo, text: str) -> object:
    if info.kind is bool:
        return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None
    if info.kind is int:
        return int(text) if re.fullmatch(r"-?\d{1,12}", text, re.ASCII) else None
    if info.kind is tuple:
        return [word.strip() for word in text.split(",") if word.strip()]
    return text
