"""What the settings screen, the command line and the docs say about each setting, and what it may hold."""

import dataclasses
import difflib
import re
import typing
from typing import Any, cast

from app.core.model.errors import Refused
from app.core.platform.preferences import Setting, Settings, Value

_UNITS: typing.Final = frozenset({"gb", "mb", "kb", "percent", "seconds", "minutes"})


@dataclasses.dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as the settings screen and the docs show it."""

    name: str
    """Dotted: `derivatives.proxy_height`."""
    kind: type
    """`bool`, `int`, `str` or `tuple` (of texts)."""
    default: Value
    setting: Setting

    @property
    def section(self) -> str:
        """The part before the dot."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """The part after the dot."""
        return self.name.partition(".")[2]

    @property
    def title(self) -> str:
        """Its name for people; its unit stands in its field."""
        words = [word for word in self.key.split("_") if not (self.setting.unit and word in _UNITS)]
        return self.setting.title or " ".join(words).capitalize()

    def allowed(self) -> str:
        """What may stand there, in words."""
        rule = self.setting
        if rule.choices:
            return " or ".join(text_of(choice) for choice in rule.choices)
        if self.kind is int:
            low, high = rule.low, rule.high
            span = f"from {low} to {high}" if high is not None else f"from {low}"
            return f"a whole number {span}" + (f" ({rule.unit})" if rule.unit else "")
        return {bool: "true or false", str: "a text", tuple: "a list of texts"}[self.kind]

    def check(self, value: object) -> Value | None:
        """The value in its own type, or None where it may not stand there."""
        rule = self.setting
        if self.kind is tuple and isinstance(value, list | tuple):
            words = cast("list[object] | tuple[object, ...]", value)
            texts = tuple(word for word in words if isinstance(word, str))
            fits = len(texts) == len(words) and all(_fits(rule, text) for text in texts)
            return texts if fits else None
        # bool is an int to Python, not to a person.
        if self.kind is tuple or type(value) is not self.kind:
            return None
        value = cast("bool | int | str", value)
        return value if _fits(rule, value) else None


def _fits(rule: Setting, value: Value) -> bool:
    if rule.choices and value not in rule.choices:
        return False
    if isinstance(value, str):
        printable = all(letter.isprintable() for letter in value)
        return printable and (not rule.pattern or re.fullmatch(rule.pattern, value) is not None)
    if isinstance(value, int):
        return (rule.low is None or value >= rule.low) and (rule.high is None or value <= rule.high)
    return True


def describe() -> list[SettingInfo]:
    """Every setting in the order of the file."""
    found: list[SettingInfo] = []
    for section in dataclasses.fields(Settings):
        branch: object = getattr(Settings(), section.name)
        hints = typing.get_type_hints(branch.__class__, include_extras=True)
        for field in dataclasses.fields(cast("Any", branch)):
            kind, setting = typing.get_args(hints[field.name])
            found.append(
                SettingInfo(
                    name=f"{section.name}.{field.name}",
                    kind=typing.get_origin(kind) or kind,
                    default=getattr(branch, field.name),
                    setting=setting,
                )
            )
    return found


def text_of(value: Value) -> str:
    """A value as a person types it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def info_of(name: str) -> SettingInfo:
    """The description of a setting by its dotted name.

    Raises:
        Refused: no such setting; the nearest ones are the choices.
    """
    known = {info.name: info for info in describe()}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        raise Refused(
            "No such setting",
            f"There is no setting {name!r}.",
            subject=name,
            todo="See `rushes settings` for all of them.",
            choices=tuple(near),
        )
    return known[name]
