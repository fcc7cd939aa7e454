"""The one place that speaks to libmpv: options that are safe, commands that never block, events as signals.

Every call is asynchronous, so a stalled disk cannot stall the window. Callbacks arrive on mpv's own
thread and do one thing there: emit a signal that is delivered on the main thread.
"""

import ctypes
import dataclasses
import logging
import os
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final, Protocol, cast

from PySide6.QtCore import QObject, Qt, Signal

from app.core.media.command import DEMUXERS, MAX_PIXELS
from app.core.model.errors import Missing
from app.ui.player import libmpv

log = logging.getLogger(__name__)

# Not image2, which reads a name as a numbering pattern; the others are the probe's own list.
_FORMATS: Final = tuple(name for name in DEMUXERS if name != "image2")

REQUIRED: Final[dict[str, str]] = {
    # Nothing from the person's own mpv, nothing beside the file, nothing the file points to.
    "config": "no",
    "load_scripts": "no",
    "ytdl": "no",
    "osc": "no",
    "autoload_files": "no",
    "sub_auto": "no",
    "audio_file_auto": "no",
    "access_references": "no",
    "load_unsafe_playlists": "no",
    "ordered_chapters": "no",
    "resume_playback": "no",
    "input_ipc_server": "",
    "input_default_bindings": "no",
    "input_vo_keyboard": "no",
    "input_terminal": "no",
    "terminal": "no",
    # libavformat alone reads files: mpv's own playlist, EDL and cue readers never see them.
    "demuxer": "lavf",
    "demuxer_lavf_o": f'protocol_whitelist=file,format_whitelist="{",".join(_FORMATS)}"',
    "vd_lavc_o": f"max_pixels={MAX_PIXELS}",
    "vo": "libmpv",
    "idle": "yes",
    "force_window": "no",
    "keep_open": "yes",
    "pause": "yes",
    "hr_seek": "yes",
    "audio_pitch_correction": "yes",
    "audio_fallback_to_null": "yes",
    "audio_display": "no",
    "osd_level": "0",
    "sid": "no",
    "volume_max": "100",
    # The viewer gives the surface the picture's own shape; bars are painted by the viewer.
    "keepaspect": "no",
}
_OPTIONAL: Final[dict[str, str]] = {
    # Not in every release: scripts built into some, keys read by others.
    "cover_art_auto": "no",
    "input_builtin_bindings": "no",
    "input_cursor": "no",
    "input_media_keys": "no",
    "load_stats_overlay": "no",
    "load_osd_console": "no",
    "load_console": "no",
    "load_auto_profiles": "no",
    "load_select": "no",
    "load_positioning": "no",
    "load_commands": "no",
    "load_context_menu": "no",
    "audio_client_name": "Rushes",
}
_HWDEC: Final = {"auto": "auto-copy-safe"}
"""Pictures copied back from the graphics card: works with every surface."""
_PICTURES: Final[dict[str, str]] = {
    "mjpeg": "jpg",
    "png": "png",
    "tiff": "tiff",
    "bmp": "bmp",
    "dpx": "dpx",
    "exr": "exr",
    "targa": "tga",
}
"""mpv's own words for pictures its picture reader is told to read, by how they are coded."""
_ERROR_REASON: Final = 4
_START_FILE, _END_FILE, _FILE_LOADED, _PLAYBACK_RESTART = 6, 7, 8, 21
_FIELDS: Final = (
    "time-pos",
    "audio-pts",
    "duration",
    "vid",
    "eof-reached",
    "pause",
    "seeking",
    "video-dec-params/dw",
    "video-dec-params/dh",
    "current-tracks/video/demux-rotation",
    "video-params/colormatrix",
    "video-params/colorlevels",
    "track-list",
)
_TRACKS: Final = '"type":"{}"'


@dataclasses.dataclass(frozen=True, slots=True)
class CoreOptions:
    """What the settings decide about the player."""

    hwdec: str = "no"
    """`no` or `auto`, as in the settings."""
    audio_device: bool = True
    """False plays to nowhere, in real time."""


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """What mpv says of itself at one instant."""

    token: int
    time: Fraction | None
    """Of the picture the decoder gave last (of the sound, where no picture came)."""
    sound_time: Fraction | None
    """Of the sound; where `time` is the same, no picture may have come at all."""
    duration: Fraction | None
    picture_track: int | None
    """mpv's number of the picture stream that is decoded; None where there is none."""
    at_end: bool
    paused: bool
    seeking: bool
    size: tuple[int, int] | None
    """As displayed, upright: rotation and pixel aspect applied."""
    rotation: int
    """Degrees clockwise that the decoded picture is turned to stand upright."""
    matrix: str
    levels: str
    video_tracks: int
    audio_tracks: int


class _EventData(Protocol):
    reason: int
    error: int
    playlist_entry_id: int


class _EventId(Protocol):
    value: int


class _Event(Protocol):
    event_id: _EventId
    data: _EventData | None


class _Player(Protocol):
    """The part of python-mpv's player that is used here."""

    handle: ctypes.c_void_p

    def command_async(
        self, name: str, *args: str | bytes, callback: Callable[[Exception | None, object], object]
    ) -> Future[object]: ...
    def observe_property(self, name: str, handler: Callable[[str, object], None]) -> None: ...
    def unobserve_property(self, name: str, handler: Callable[[str, object], None]) -> None: ...
    def register_event_callback(self, callback: Callable[[_Event], None]) -> None: ...
    def unregister_event_callback(self, callback: Callable[[_Event], None]) -> None: ...
    def terminate(self) -> None: ...


class MpvCore(QObject):
    """One libmpv, its events as queued signals."""

    accepted = Signal(int, int)
    """A load was taken: our number for it, mpv's entry number."""
    started = Signal(int)
    """mpv began to open this entry."""
    loaded = Signal()
    restarted = Signal()
    """After a load or seek, the first picture is there."""
    file_failed = Signal(int, int)
    """Entry number, mpv's error code."""
    time_moved = Signal(object)
    """The playing position, a Fraction of seconds. Only worth something while playing."""
    end_reached = Signal(bool)
    answered = Signal(object)
    """A Snapshot that was asked for."""

    _post = Signal(object)

    def __init__(self, options: CoreOptions, parent: QObject | None = None) -> None:
        """Starts libmpv.

        Raises:
            Missing: no libmpv, or one too old to be used safely.
        """
        super().__init__(parent)
        self._post.connect(_call, Qt.ConnectionType.QueuedConnection)
        self._player: _Player | None = _create(options)
        self._player.register_event_callback(self._from_mpv)
        self._player.observe_property("time-pos", self._time_from_mpv)
        self._player.observe_property("eof-reached", self._end_from_mpv)

    @property
    def handle(self) -> ctypes.c_void_p:
        """Libmpv's handle, for a render context."""
        if self._player is None:
            raise Missing("The player is closed", subject="libmpv")
        return self._player.handle

    def load(self, path: Path, number: int, picture: str = "") -> None:
        """Opens a file in place of the present one; `accepted` tells mpv's number for ours.

        `picture` says how a still is coded, "" for anything else. libavformat mistakes a JPEG for a
        numbered row of pictures, by its name; mpv's reader of single pictures takes the file it is given.
        """
        kind = _PICTURES.get(picture, "")
        self.set("demuxer", "mf" if kind else REQUIRED["demuxer"])
        self.set("mf-type", kind)
        raw = str(path).encode() if sys.platform == "win32" else os.fsencode(path)

        def taken(error: Exception | None, result: object) -> None:
            entry = cast("dict[str, int]", result).get("playlist_entry_id", 0) if result else 0
            self._post.emit(partial(self.accepted.emit, number, -1 if error else entry))

        self._command(taken, "loadfile", raw, "replace")

    def stop(self) -> None:
        """Closes the file."""
        self._command(_ignore, "stop")

    def seek(self, target: Fraction) -> None:
        """An exact seek; `restarted` comes when the picture is there."""
        self._command(_ignore, "seek", decimal(target), "absolute+exact")

    def set(self, name: str, value: str) -> None:
        """Sets a property or option."""
        self._command(_ignore, "set", name, value)

    def ask(self, token: int) -> None:
        """Asks for a `Snapshot`, taken after all commands given before."""
        question = "|".join(f"${{={name}:}}" for name in _FIELDS)

        def told(error: Exception | None, result: object) -> None:
            # A file's titles may be any bytes; only their number matters here.
            text = result.decode(errors="replace") if isinstance(result, bytes) else result
            if error is None and isinstance(text, str):
                self._post.emit(partial(self.answered.emit, read_snapshot(token, text)))

        self._command(told, "expand-text", question)

    def quiet(self) -> None:
        """Takes no more events. The first step of closing, on the main thread."""
        if self._player is not None:
            self._player.unobserve_property("time-pos", self._time_from_mpv)
            self._player.unobserve_property("eof-reached", self._end_from_mpv)
            self._player.unregister_event_callback(self._from_mpv)

    def terminate(self) -> None:
        """Ends libmpv and its threads; may take long, so not on the main thread. The last step."""
        player, self._player = self._player, None
        if player is not None:
            player.terminate()

    def _command(
        self, callback: Callable[[Exception | None, object], object], name: str, *args: str | bytes
    ) -> None:
        if self._player is not None:
            self._player.command_async(name, *args, callback=callback)

    def _from_mpv(self, event: _Event) -> None:
        kind = event.event_id.value
        if kind == _FILE_LOADED:
            self._post.emit(self.loaded.emit)
        elif kind == _PLAYBACK_RESTART:
            self._post.emit(self.restarted.emit)
        elif kind in (_START_FILE, _END_FILE):
            self._file_event(kind, event.data)

    def _file_event(self, kind: int, data: _EventData | None) -> None:
        if data is None:
            return
        entry = data.playlist_entry_id
        if kind == _START_FILE:
            self._post.emit(partial(self.started.emit, entry))
        elif data.reason == _ERROR_REASON:
            self._post.emit(partial(self.file_failed.emit, entry, data.error))

    def _time_from_mpv(self, _name: str, value: object) -> None:
        if isinstance(value, float):
            self._post.emit(partial(self.time_moved.emit, Fraction(value)))

    def _end_from_mpv(self, _name: str, value: object) -> None:
        if isinstance(value, bool):
            self._post.emit(partial(self.end_reached.emit, value))


def decimal(seconds: Fraction) -> str:
    """Seconds as the decimal text mpv reads, to the nanosecond."""
    nanos = int(seconds * 1_000_000_000)
    return f"{nanos // 1_000_000_000}.{nanos % 1_000_000_000:09d}"


def read_snapshot(token: int, text: str) -> Snapshot:
    """The answer to `MpvCore.ask`, its fields in the order of the question."""
    values = dict(zip(_FIELDS, text.split("|", len(_FIELDS) - 1), strict=True))
    width, height = values["video-dec-params/dw"], values["video-dec-params/dh"]
    turn = values["current-tracks/video/demux-rotation"]
    rotation = int(turn) if turn.isdigit() else 0
    size = (int(width), int(height)) if width.isdigit() and height.isdigit() else None
    tracks = values["track-list"]
    return Snapshot(
        token=token,
        time=_seconds(values["time-pos"]),
        sound_time=_seconds(values["audio-pts"]),
        duration=_seconds(values["duration"]),
        picture_track=int(values["vid"]) if values["vid"].isdigit() else None,
        at_end=values["eof-reached"] == "yes",
        paused=values["pause"] == "yes",
        seeking=values["seeking"] == "yes",
        size=(size[1], size[0]) if size and rotation % 180 else size,
        rotation=rotation,
        matrix=values["video-params/colormatrix"],
        levels=values["video-params/colorlevels"],
        video_tracks=tracks.count(_TRACKS.format("video")),
        audio_tracks=tracks.count(_TRACKS.format("audio")),
    )


def _seconds(text: str) -> Fraction | None:
    return Fraction(text) if text else None


def _create(options: CoreOptions) -> _Player:
    module = libmpv.load()
    make = cast("Callable[..., _Player]", module.MPV)
    required = dict(REQUIRED)
    required["hwdec"] = _HWDEC.get(options.hwdec, "no")
    if required["hwdec"] == "no":
        # Else the renderer looks for every maker's driver and prints what it does not find.
        required["gpu_hwdec_interop"] = "no"
    if not options.audio_device:
        required["ao"] = "null"
    known = _known(cast("ctypes.CDLL", module.backend), {**required, **_OPTIONAL})
    unknown = [name for name in required if name not in known]
    if unknown:
        raise Missing(
            "This libmpv cannot be used safely",
            f"It does not know the option {unknown[0]}.",
            subject="libmpv",
            todo="Install libmpv 0.35 or newer.",
        )
    return make(log_handler=_log, loglevel="error", **known)


def _known(library: ctypes.CDLL, options: Mapping[str, str]) -> dict[str, str]:
    """Those options this release has, tried on a libmpv that is never started.

    python-mpv starts the player even where an option is unknown, and then forgets it.
    """
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    create = ctypes.CFUNCTYPE(pointer)(("mpv_create", library))
    set_option = ctypes.CFUNCTYPE(ctypes.c_int, pointer, text, text)(
        ("mpv_set_option_string", library)
    )
    destroy = ctypes.CFUNCTYPE(None, pointer)(("mpv_terminate_destroy", library))
    trial = cast("int | None", create())
    known = {
        name: value
        for name, value in options.items()
        if set_option(trial, name.replace("_", "-").encode(), value.encode()) >= 0
    }
    destroy(trial)
    return known


def _log(level: str, component: str, text: str) -> None:
    log.debug("%s %s: %s", level, component, text.strip())


def _call(deliver: Callable[[], object]) -> None:
    deliver()


def _ignore(_error: Exception | None, _result: object) -> None:
    return None
