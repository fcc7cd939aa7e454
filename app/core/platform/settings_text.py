"""The text of the settings file: a fresh one with every setting explained, and edits that keep what a person wrote."""

import re
import tomllib
from collections.abc import Mapping

from app.core.platform.preferences import Value
from app.core.platform.setting_info import SettingInfo, describe

HEADER = "# Settings of Rushes. A line without # is in force; what is not said has its default.\n"


def line_of(text: str, section: str, key: str) -> int:
    """The line of `key` under `[section]`, from 1; TOML's own readers do not tell."""
    inside = False
    dotted = re.compile(rf"^\s*{section}\s*\.\s*{key}\s*=")
    plain = re.compile(rf"^\s*[\"']?{key}[\"']?\s*=")
    header = re.compile(r"^\s*\[+\s*([^\]]+?)\s*\]+")
    for number, line in enumerate(text.splitlines(), 1):
        if found := header.match(line):
            inside = found[1].strip("\"'") == section
        elif dotted.match(line) or (inside and plain.match(line)):
            return number
    return 1


def uncommented(text: str, wanted: Mapping[str, tuple[SettingInfo, Value]]) -> str:
    """Puts changed values in the place of their commented defaults, as the template has them."""
    lines = text.splitlines(keepends=True)
    section = ""
    for index, line in enumerate(lines):
        if found := re.match(r"^\[([a-z]+)\]", line):
            section = found[1]
        elif found := re.match(r"^# ?([a-z_]+) = ", line):
            change = wanted.get(f"{section}.{found[1]}")
            if change and not _said(text, change[0]):
                lines[index] = f"{change[0].key} = {_toml(change[1])}\n"
    return "".join(lines)


def _said(text: str, info: SettingInfo) -> bool:
    branch = tomllib.loads(text).get(info.section)
    return isinstance(branch, Mapping) and info.key in branch


def template() -> str:
    """A fresh file: every setting with its help, its default commented out."""
    parts: list[str] = [HEADER]
    section = ""
    for info in describe():
        if info.section != section:
            section = info.section
            parts.append(f"\n[{section}]\n")
        parts.append(
            f"# {info.setting.help} Takes {info.allowed()}.\n# {info.key} = {_toml(info.default)}\n"
        )
    return "".join(parts)


def _toml(value: Value) -> str:
    import tomlkit

    return tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string()
