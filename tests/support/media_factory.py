"""Makes tiny clips of the kinds that cameras and recorders make, with the frame number in the picture.

Each frame carries its number as sixteen black or white blocks and, below, their opposites, so that
a test reads back which frame it was given: `read_number`. The rest of the picture moves, so that
long groups of pictures really depend on one another.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FFMPEG = shutil.which("ffmpeg") or "ffmpeg"
SIZE = (160, 90)
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
LONG_GOP = (*X264, "-crf", "16", "-g", "48", "-bf", "3", "-x264-params", "b-adapt=0:scenecut=0")


@dataclass(frozen=True)
class Sound:
    """One sound track: a tone of its own for each channel."""

    channels: int = 1
    hertz: int = 440
    codec: str = "pcm_s16le"
    rate: int = 48000


def picture(number: int, width: int, height: int) -> bytes:
    """A frame as planar yuv420p: blocks of its number, a moving bar, coloured ramps."""
    import numpy as np

    across = np.arange(width, dtype=np.int32)
    down = np.arange(height, dtype=np.int32)[:, None]
    luma = 40 + (across * 2 + down + number * 5) % 150
    bar = (number * 7) % width
    luma[:, bar : bar + 6] = 210
    block, tall = width // 20, height // 11
    for bit in range(16):
        lit = number >> (15 - bit) & 1
        left = block * (bit + 2)
        luma[tall : 2 * tall, left : left + block] = 235 if lit else 16
        luma[2 * tall : 3 * tall, left : left + block] = 16 if lit else 235
    red = np.broadcast_to(64 + across[: width // 2] % 128, (height // 2, width // 2))
    blue = np.broadcast_to(90 + (down[: height // 2] + number) % 80, (height // 2, width // 2))
    return b"".join(plane.astype(np.uint8).tobytes() for plane in (luma, red, blue))


def read_number(rgb: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> int:
    """The number burned into an upright picture (height × width × 3), or -1 where it cannot be read."""
    grey = rgb.mean(axis=2)
    block, tall = grey.shape[1] / 20, grey.shape[0] / 11
    number = 0
    for bit in range(16):
        across = slice(round(block * (bit + 2.25)), round(block * (bit + 2.75)))
        upper = grey[round(tall * 1.25) : round(tall * 1.75), across].mean()
        lower = grey[round(tall * 2.25) : round(tall * 2.75), across].mean()
        if abs(upper - lower) < 40:
            return -1
        number = number << 1 | int(upper > lower)
    return number


def ffmpeg(*words: object, feed: bytes | None = None) -> None:
    """Runs ffmpeg; its complaints become the test's."""
    command = [FFMPEG, "-hide_banner", "-v", "error", "-y", *map(str, words)]
    done = subprocess.run(command, input=feed, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


class MediaFactory:
    """Makes clips in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def video(
        self,
        name: str,
        *codec: str,
        frames: int = 30,
        rate: Fraction | int = 25,
        size: tuple[int, int] = SIZE,
        first: int = 0,
        sound: Sequence[Sound] = (),
        numbers: Sequence[int] | None = None,
    ) -> Path:
        """A clip whose frame n shows `first + n` (or `numbers[n]`), with one track for each sound."""
        out = self.folder / name
        rate = Fraction(rate)
        words: list[object] = [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
            "-s",
            f"{size[0]}x{size[1]}",
        ]
        words += ["-r", f"{rate.numerator}/{rate.denominator}", "-i", "pipe:0"]
        seconds = Fraction(frames) / rate
        words += _tones(sound, float(seconds))
        words += ["-map", "0:v", *(w for n in range(len(sound)) for w in ("-map", f"{n + 1}:a"))]
        for index, track in enumerate(sound):
            words += [f"-c:a:{index}", track.codec]
        shown = numbers if numbers is not None else range(first, first + frames)
        ffmpeg(*words, *(codec or LONG_GOP), out, feed=b"".join(_pictures(shown, size)))
        return out

    def sound(self, name: str, track: Sound, *words: str, seconds: float = 1.0) -> Path:
        """A sound file."""
        out = self.folder / name
        ffmpeg(*_tones([track], seconds), "-map", "0:a", "-c:a", track.codec, *words, out)
        return out

    def variable(self, name: str, *words: str, frames: int = 30) -> Path:
        """A phone's clip: unequal steps, in ticks of 1/600, and every seventh frame left out."""
        plain = self.video(f"{name}.plain.mkv", "-c:v", "ffv1", frames=frames + frames // 6 + 1)
        kept = "select='not(eq(mod(n,7),3))',settb=1/600"
        uneven = f"{kept},setpts='N*20+7*mod(N,3)+if(gt(N,12),150,0)'"
        out = self.folder / name
        timing = ("-fps_mode", "passthrough", "-enc_time_base", "1/600")
        scale = ("-video_track_timescale", "600", "-frames:v", frames)
        ffmpeg("-i", plain, "-vf", uneven, *LONG_GOP, *timing, *scale, *words, out)
        plain.unlink()
        return out

    def variable_numbers(self, frames: int = 30) -> list[int]:
        """Which number each frame of `variable` shows."""
        return [n for n in range(2 * frames) if n % 7 != 3][:frames]

    def sequence(self, name: str, numbers: Sequence[int], suffix: str = "dpx") -> list[Path]:
        """An image sequence whose files carry the numbers they show; numbers may be missing."""
        folder = self.folder / name
        folder.mkdir()
        made: list[Path] = []
        for number in numbers:
            out = folder / f"{name}.{number:07d}.{suffix}"
            size = f"{SIZE[0]}x{SIZE[1]}"
            source = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-i", "pipe:0")
            ffmpeg(*source, "-update", "1", "-frames:v", "1", out, feed=picture(number, *SIZE))
            made.append(out)
        return made

    def photo(self, name: str, number: int, orientation: int) -> Path:
        """A JPEG as a camera held on its side writes it, with EXIF; it shows `number`, as coded."""
        out = self.folder / name
        size = f"{SIZE[0]}x{SIZE[1]}"
        source = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-i", "pipe:0")
        words = ("-pix_fmt", "yuvj420p", "-q:v", "2", "-update", "1", "-frames:v", "1")
        ffmpeg(*source, *words, out, feed=picture(number, *SIZE))
        tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"
        exif = b"Exif\0\0" + tiff + bytes([orientation]) + bytes(6)
        data = out.read_bytes()
        head = b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big")
        out.write_bytes(data[:2] + head + exif + data[2:])
        return out

    def copy(self, source: Path, name: str, *words: object, before: Sequence[object] = ()) -> Path:
        """The same packets in a new file, with options before or after the input."""
        out = self.folder / name
        ffmpeg(*before, "-i", source, "-map", "0", "-c", "copy", *words, out)
        return out


def _pictures(numbers: Sequence[int], size: tuple[int, int]) -> Iterator[bytes]:
    return (picture(number, *size) for number in numbers)


def _tones(tracks: Sequence[Sound], seconds: float) -> list[object]:
    words: list[object] = []
    for track in tracks:
        tones = "|".join(f"0.3*sin(2*PI*{track.hertz * (n + 1)}*t)" for n in range(track.channels))
        source = f"aevalsrc=exprs={tones}:s={track.rate}:d={seconds}"
        words += ["-f", "lavfi", "-i", source]
    return words
