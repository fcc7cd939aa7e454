"""Clips whose every frame carries its own number in big black and white blocks."""

import subprocess
from fractions import Fraction
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

BLOCKS = 8
"""Bits a picture carries, least significant on the left; blocks stand on black, the top third is white."""


def numbered(
    path: Path,
    *,
    rate: str = "25",
    frames: int = 50,
    size: tuple[int, int] = (160, 90),
    sound: int = 1,
    video: tuple[str, ...] = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-bf", "2"),
    extra: tuple[str, ...] = (),
    filters: str = "",
) -> Path:
    """A clip of so many numbered frames, with so many mono sound streams."""
    width, height = size
    block = width // BLOCKS
    bits = (
        f"geq=lum='if(bitand(N\\,pow(2\\,floor(X/{block})))*gt(Y\\,H/3)+lt(Y\\,H/3)\\,235\\,16)'"
        ":cb=128:cr=128"
    )
    seconds = float(frames / Fraction(rate))
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi"]
    command += ["-i", f"color=black:s={width}x{height}:r={rate}"]
    for stream in range(sound):
        command += ["-f", "lavfi", "-i", f"sine={440 * (stream + 1)}:r=48000:d={seconds}"]
    command += ["-map", "0:v"]
    for stream in range(sound):
        command += ["-map", f"{stream + 1}:a"]
    command += ["-vf", bits + filters, "-frames:v", str(frames), "-pix_fmt", "yuv420p", *video]
    command += ["-c:a", "pcm_s16le" if path.suffix == ".mov" else "aac", *extra, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def tone(path: Path, seconds: int = 2, channels: int = 1) -> Path:
    """Sound alone."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"sine=440:r=48000:d={seconds}"]
    command += ["-ac", str(channels), "-c:a", "pcm_s16le", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def variable(path: Path, folder: Path) -> tuple[Path, tuple[Fraction, ...]]:
    """A clip with unequal spacing, and the times its frames were written with."""
    plain = numbered(folder / "even.mp4", rate="30", frames=24, sound=0)
    gaps = (1, 1, 3, 1, 2, 5, 1, 1)
    ticks = [0]
    for index in range(23):
        ticks.append(ticks[-1] + gaps[index % len(gaps)])
    # One chosen pts for each frame number, in thirtieths of a second.
    terms = "+".join(f"eq(N,{n})*{tick}" for n, tick in enumerate(ticks))
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(plain)]
    command += ["-vf", f"settb=1/30,setpts='{terms}'", "-fps_mode", "vfr"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-bf", "2"]
    command += ["-enc_time_base", "1:30", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path, tuple(Fraction(tick, 30) for tick in ticks)


def frame_of(picture: QImage) -> int:
    """The number a picture carries; -1 where it is none of ours (no white top)."""
    width, height = picture.width(), picture.height()
    if width < BLOCKS or picture.pixelColor(width // 2, height // 6).lightness() < 128:
        return -1
    number = 0
    for bit in range(BLOCKS):
        x = width * (2 * bit + 1) // (2 * BLOCKS)
        if picture.pixelColor(x, height * 2 // 3).lightness() > 128:
            number |= 1 << bit
    return number


def run(*arguments: str) -> None:
    """ffmpeg, quietly."""
    command = ["ffmpeg", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def repeated_key(key: Qt.Key) -> QKeyEvent:
    """What a held key sends again and again."""
    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "", autorep=True)


def drag(widget: QWidget, to: QPoint, modifier: Qt.KeyboardModifier) -> None:
    """The pointer moves with the left button down (QTest's moves carry no buttons)."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(to),
        QPointF(widget.mapToGlobal(to)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        modifier,
    )
    QApplication.sendEvent(widget, event)
