"""libmpv's render API through ctypes: one context that draws into OpenGL or into memory.

python-mpv knows the OpenGL form only; the numbers below are those of libmpv's `render.h`. Everything
here runs on the main thread; libmpv calls back from its own, and that only posts a signal.
"""

import ctypes
from collections.abc import Callable
from typing import Final, cast

from PySide6.QtCore import QObject, Qt, Signal

from app.core.model.errors import Missing
from app.ui.player import libmpv
from app.ui.player.core import MpvCore

_API_TYPE, _GL_INIT, _GL_FBO, _FLIP_Y = 1, 2, 3, 4
_BLOCK_FOR_TARGET, _SKIP = 12, 13
_SW_SIZE, _SW_FORMAT, _SW_STRIDE, _SW_POINTER = 17, 18, 19, 20
_UPDATE_FRAME: Final = 1

SW_FORMAT: Final = b"bgr0"
"""What `QImage.Format.Format_RGB32` is in memory on every machine Qt runs on here."""

GetProcAddress = Callable[[bytes], int]

_GET_PROC = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
_UPDATE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Parameter(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_void_p))


class _GlInit(ctypes.Structure):
    _fields_ = (
        ("get_proc_address", _GET_PROC),
        ("context", ctypes.c_void_p),
        ("extensions", ctypes.c_void_p),
    )


class _GlTarget(ctypes.Structure):
    _fields_ = (
        ("fbo", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("format", ctypes.c_int),
    )


class RenderContext(QObject):
    """Where libmpv's pictures go. Made before the first file is loaded, freed before mpv ends."""

    updated = Signal()
    """There is a new picture, or the old one wants drawing again. Delivered on the main thread."""

    _woken = Signal()

    def __init__(
        self, core: MpvCore, get_proc_address: GetProcAddress | None, parent: QObject | None = None
    ) -> None:
        """An OpenGL context where `get_proc_address` is given (its GL context current), else memory.

        Raises:
            Missing: libmpv cannot draw this way here.
        """
        super().__init__(parent)
        self._library = _library()
        # ctypes keeps no reference to callbacks: they live as long as this object.
        self._get_proc = _GET_PROC(_named(get_proc_address)) if get_proc_address else None
        self._wake = _UPDATE(self._from_mpv)
        self._handle: ctypes.c_void_p | None = self._create(core)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)
        self._library.mpv_render_context_set_update_callback(self._handle, self._wake, None)

    def _create(self, core: MpvCore) -> ctypes.c_void_p:
        api = ctypes.create_string_buffer(b"opengl" if self._get_proc else b"sw")
        parameters = [(_API_TYPE, ctypes.addressof(api))]
        init = _GlInit(self._get_proc, None, None) if self._get_proc else None
        if init is not None:
            parameters.append((_GL_INIT, ctypes.addressof(init)))
        made = ctypes.c_void_p()
        code = cast(
            "int",
            self._library.mpv_render_context_create(
                ctypes.byref(made), core.handle, _array(parameters)
            ),
        )
        if code < 0:
            raise Missing(
                "The picture cannot be drawn here",
                f"libmpv refused its {'OpenGL' if init else 'software'} renderer (code {code}).",
                subject="libmpv",
            )
        return made

    def draw_gl(self, fbo: int, width: int, height: int) -> None:
        """Draws the present picture into an OpenGL framebuffer. Sizes in device pixels."""
        target = _GlTarget(fbo, width, height, 0)
        flip, block = ctypes.c_int(1), ctypes.c_int(0)
        self._render(
            [
                (_GL_FBO, ctypes.addressof(target)),
                (_FLIP_Y, ctypes.addressof(flip)),
                (_BLOCK_FOR_TARGET, ctypes.addressof(block)),
            ]
        )

    def draw_memory(self, address: int, width: int, height: int, stride: int) -> None:
        """Draws the present picture into memory as `SW_FORMAT`; `stride` in bytes a line."""
        size = (ctypes.c_int * 2)(width, height)
        pixel = ctypes.create_string_buffer(SW_FORMAT)
        line, block = ctypes.c_size_t(stride), ctypes.c_int(0)
        self._render(
            [
                (_SW_SIZE, ctypes.addressof(size)),
                (_SW_FORMAT, ctypes.addressof(pixel)),
                (_SW_STRIDE, ctypes.addressof(line)),
                (_SW_POINTER, address),
                (_BLOCK_FOR_TARGET, ctypes.addressof(block)),
            ]
        )

    def skip(self) -> None:
        """Takes the present picture without drawing it, so that libmpv need not wait for a hidden widget."""
        skip, block = ctypes.c_int(1), ctypes.c_int(0)
        self._render(
            [(_SKIP, ctypes.addressof(skip)), (_BLOCK_FOR_TARGET, ctypes.addressof(block))]
        )

    def free(self) -> None:
        """Ends it; its OpenGL context must be current. Harmless when done twice."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._library.mpv_render_context_set_update_callback(handle, _UPDATE(), None)
            self._library.mpv_render_context_free(handle)

    def _render(self, parameters: list[tuple[int, int]]) -> None:
        if self._handle is not None:
            self._library.mpv_render_context_render(self._handle, _array(parameters))

    def _from_mpv(self, _data: int | None) -> None:
        self._woken.emit()

    def _on_woken(self) -> None:
        if self._handle is None:
            return
        flags = cast("int", self._library.mpv_render_context_update(self._handle))
        if flags & _UPDATE_FRAME:
            self.updated.emit()


class _Library:
    """The five functions, with prototypes of their own (python-mpv's share the library's)."""

    def __init__(self, library: ctypes.CDLL) -> None:
        def function(
            result: type | None, *arguments: type
        ) -> Callable[[str], Callable[..., object]]:
            kind = ctypes.CFUNCTYPE(result, *arguments)
            return lambda name: cast("Callable[..., object]", kind((name, library)))

        pointer = ctypes.c_void_p
        self.mpv_render_context_create = function(ctypes.c_int, pointer, pointer, pointer)(
            "mpv_render_context_create"
        )
        self.mpv_render_context_set_update_callback = function(None, pointer, _UPDATE, pointer)(
            "mpv_render_context_set_update_callback"
        )
        self.mpv_render_context_update = function(ctypes.c_uint64, pointer)(
            "mpv_render_context_update"
        )
        self.mpv_render_context_render = function(ctypes.c_int, pointer, pointer)(
            "mpv_render_context_render"
        )
        self.mpv_render_context_free = function(None, pointer)("mpv_render_context_free")


def _library() -> _Library:
    return _Library(cast("ctypes.CDLL", libmpv.load().backend))


def _array(parameters: list[tuple[int, int]]) -> ctypes.Array[_Parameter]:
    """The zero-ended array that libmpv reads. The caller keeps what the addresses point to."""
    return (_Parameter * (len(parameters) + 1))(*parameters, (0, None))


def _named(get_proc_address: GetProcAddress) -> Callable[[int | None, bytes], int]:
    return lambda _context, name: get_proc_address(name)
