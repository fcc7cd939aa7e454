"""The named actions of playing and logging: what each is called. Keys are the keymap's business.

The window makes them into `QAction`s (`bind`); what the player does itself and what is for the
page (ratings, notes, subclips) is told apart by `group`.
"""

import dataclasses
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.ui.player.keymap import Keymap

PLAYING: Final = "playing"
MARKING: Final = "marking"
LOGGING: Final = "logging"
VIEWING: Final = "viewing"


@dataclasses.dataclass(frozen=True, slots=True)
class PlayerAction:
    """One thing that can be done by name."""

    id: str
    text: str
    """Translated, as in a menu."""
    group: str
    physical: bool = False
    """By the key's place on the keyboard and how long it is held: not a shortcut, `ShuttleKeys` has it."""


def player_actions() -> tuple[PlayerAction, ...]:
    """All of them, in the order of a key sheet, in the present language."""
    return (*_playing(), *_marking(), *_logging(), *_viewing())


def _playing() -> tuple[PlayerAction, ...]:
    tr = QCoreApplication.translate
    return (
        PlayerAction("play-pause", tr("Actions", "Play or pause"), PLAYING),
        PlayerAction("reverse", tr("Actions", "Backwards, faster each time"), PLAYING, True),
        PlayerAction("stop", tr("Actions", "Stop on this frame"), PLAYING, True),
        PlayerAction("forward", tr("Actions", "Forwards, faster each time"), PLAYING, True),
        PlayerAction("step-back", tr("Actions", "One frame back"), PLAYING),
        PlayerAction("step-forward", tr("Actions", "One frame forward"), PLAYING),
        PlayerAction("back-1s", tr("Actions", "One second back"), PLAYING),
        PlayerAction("forward-1s", tr("Actions", "One second forward"), PLAYING),
        PlayerAction("back-5s", tr("Actions", "Five seconds back"), PLAYING),
        PlayerAction("forward-5s", tr("Actions", "Five seconds forward"), PLAYING),
        PlayerAction("first-frame", tr("Actions", "First frame"), PLAYING),
        PlayerAction("last-frame", tr("Actions", "Last frame"), PLAYING),
        PlayerAction("play-range", tr("Actions", "Play again from in to out"), PLAYING),
        PlayerAction("loop", tr("Actions", "Loop"), PLAYING),
        PlayerAction("mute", tr("Actions", "Sound on or off"), PLAYING),
        PlayerAction("louder", tr("Actions", "Louder"), PLAYING),
        PlayerAction("quieter", tr("Actions", "Quieter"), PLAYING),
        PlayerAction("type-timecode", tr("Actions", "Type a timecode"), PLAYING),
    )


def _marking() -> tuple[PlayerAction, ...]:
    tr = QCoreApplication.translate
    return (
        PlayerAction("in", tr("Actions", "In here"), MARKING),
        PlayerAction("out", tr("Actions", "Out here"), MARKING),
        PlayerAction("go-in", tr("Actions", "Go to in"), MARKING),
        PlayerAction("go-out", tr("Actions", "Go to out"), MARKING),
        PlayerAction("clear-in", tr("Actions", "Clear in"), MARKING),
        PlayerAction("clear-out", tr("Actions", "Clear out"), MARKING),
        PlayerAction("clear-both", tr("Actions", "Clear in and out"), MARKING),
        PlayerAction("mark-clip", tr("Actions", "In and out around the whole clip"), MARKING),
    )


def _logging() -> tuple[PlayerAction, ...]:
    tr = QCoreApplication.translate
    rates = tuple(
        PlayerAction(f"rate-{stars}", tr("Actions", "Rate {n}").replace("{n}", str(stars)), LOGGING)
        for stars in range(6)
    )
    return (
        PlayerAction("marker", tr("Actions", "Marker; twice to edit it"), LOGGING),
        PlayerAction("next-marker", tr("Actions", "Next marker"), LOGGING),
        PlayerAction("previous-marker", tr("Actions", "Previous marker"), LOGGING),
        PlayerAction("note", tr("Actions", "Note on this frame"), LOGGING),
        PlayerAction("previous-note", tr("Actions", "Previous note"), LOGGING),
        PlayerAction("next-note", tr("Actions", "Next note"), LOGGING),
        PlayerAction("subclip", tr("Actions", "Subclip from in to out"), LOGGING),
        *rates,
        PlayerAction("circle", tr("Actions", "Circle the take"), LOGGING),
        PlayerAction("reject", tr("Actions", "Reject"), LOGGING),
    )


def _viewing() -> tuple[PlayerAction, ...]:
    tr = QCoreApplication.translate
    return (
        PlayerAction("picture-only", tr("Actions", "The picture alone"), VIEWING),
        PlayerAction("full-screen", tr("Actions", "Full screen"), VIEWING),
        PlayerAction("switch-source", tr("Actions", "Proxy or original"), VIEWING),
        PlayerAction(
            "deinterlace", tr("Actions", "Interlaced pictures whole, or as fields"), VIEWING
        ),
        PlayerAction("switch-display", tr("Actions", "Timecode, frames, seconds, feet"), VIEWING),
        PlayerAction("grey", tr("Actions", "Grey filmstrip and thumbnails"), VIEWING),
    )


def bind(
    window: QWidget, keymap: Keymap, on_trigger: Callable[[str], object]
) -> dict[str, QAction]:
    """Makes the actions into `QAction`s of a window with the keymap's keys, and calls back by name.

    A focused text field keeps its letters: Qt asks it first. J, K and L are left to `ShuttleKeys`.
    """
    made: dict[str, QAction] = {}
    for action in player_actions():
        item = QAction(action.text, window)
        if not action.physical:
            item.setShortcuts([QKeySequence(key) for key in keymap.keys(action.id)])
            item.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        item.setAutoRepeat(action.id in _REPEATING)
        item.triggered.connect(_named(on_trigger, action.id))
        window.addAction(item)
        made[action.id] = item
    return made


_REPEATING: Final = frozenset(
    {
        *("step-back", "step-forward", "back-1s", "forward-1s", "back-5s", "forward-5s"),
        *("louder", "quieter"),
    }
)


def _named(on_trigger: Callable[[str], object], name: str) -> Callable[..., None]:
    def call(*_checked: object) -> None:
        on_trigger(name)

    return call
