"""A pytest plugin (`-p tests.support.without_qt`): PySide6 and mpv cannot be imported in this run.

It proves that the core and the command line stand without a window system. The run stops at once
where the blocking itself does not work, so that the lane can never pass by accident.
"""

import importlib
import sys
from importlib.machinery import ModuleSpec

import pytest

HIDDEN = ("PySide6", "shiboken6", "mpv")


class Hider:
    """A finder that comes first and refuses the hidden packages."""

    def find_spec(
        self, name: str, _path: object = None, _target: object = None
    ) -> ModuleSpec | None:
        """Refuses a hidden package; None passes the question on to the next finder."""
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"{name} is hidden in this run", name=name)
        return None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Knows pytest-qt's setting, because that plugin is left out where Qt is hidden."""
    parser.addini("qt_log_level_fail", "unused without Qt")


def pytest_configure() -> None:
    """Hides the packages before any test module is imported, and makes sure that they are hidden."""
    loaded = [name for name in HIDDEN if name in sys.modules]
    sys.meta_path.insert(0, Hider())
    for name in HIDDEN:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        loaded.append(name)
    if loaded:
        pytest.exit(f"not hidden: {', '.join(loaded)}", returncode=1)
