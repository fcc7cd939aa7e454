"""Which surface the picture is drawn on: OpenGL where it works, memory elsewhere."""

import enum
from typing import Final

from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
from PySide6.QtWidgets import QWidget

from app.ui.player.engine import PlayerEngine
from app.ui.player.gl_surface import GlSurface
from app.ui.player.soft_surface import SoftSurface

Surface = GlSurface | SoftSurface

_NO_SCREEN: Final = frozenset({"offscreen", "minimal", "minimalegl", "vnc", "linuxfb"})


class SurfaceKind(enum.Enum):
    """How the picture gets on screen (a setting)."""

    AUTO = "auto"
    OPENGL = "opengl"
    SOFTWARE = "software"


def make_surface(engine: PlayerEngine, kind: SurfaceKind, parent: QWidget) -> Surface:
    """A surface wired to an engine."""
    chosen = kind is SurfaceKind.OPENGL or (kind is SurfaceKind.AUTO and has_opengl())
    surface: Surface = GlSurface(parent) if chosen else SoftSurface(parent)
    engine.closing.connect(surface.release)
    engine.held.connect(surface.hold)
    engine.opened.connect(surface.describe)
    surface.ready.connect(engine.surface_ready)
    surface.lost.connect(engine.surface_lost)
    engine.when_started(surface.attach)
    return surface


def on_screen() -> bool:
    """Whether somebody sees and hears this session; without a screen nothing is drawn or played for."""
    return QGuiApplication.platformName() not in _NO_SCREEN


def has_opengl() -> bool:
    """Whether OpenGL can be drawn with here; tried, not guessed."""
    if not on_screen():
        return False
    surface, context = QOffscreenSurface(), QOpenGLContext()
    surface.create()
    usable = context.create() and context.makeCurrent(surface)
    if usable:
        context.doneCurrent()
    surface.destroy()
    return usable
