"""Runs a decode pass in a test and looks at what came of it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from app.core.media.derive import Derived, DeriveJob, Source, derive
from app.core.media.tools import programs
from tests.support.media_factory import FFMPEG, read_number
from tests.support.media_kinds import Clip


def job_of(clip: Clip, **choices: object) -> DeriveJob:
    """The job for a made clip."""
    sources = (Source(clip.parts), *(Source((path,)) for path in clip.beside))
    return DeriveJob(sources, clip.facts, programs(), **{"nice": 0, **choices})  # type: ignore[arg-type] - settings


def derived(clip: Clip, folder: Path, **choices: object) -> Derived:
    """Derives a clip into a fresh folder."""
    folder.mkdir()
    return derive(job_of(clip, **choices), folder)


def decoded(path: Path, look: Callable[[object], object]) -> list[object]:
    """What `look` sees in each frame of a file."""
    import av

    with av.open(str(path)) as opened:
        return [look(frame) for frame in opened.decode(video=0)]


def numbers(path: Path) -> list[int]:
    """The number shown by each frame of a file."""
    return [int(n) for n in decoded(path, lambda f: read_number(f.to_ndarray(format="rgb24")))]


def samples(path: Path, stream: int = 0):
    """A sound stream as channels × samples, from -1 to 1."""
    import numpy as np

    chosen = ("-select_streams", f"a:{stream}", "-show_entries", "stream=channels")
    asked = ["ffprobe", "-v", "error", *chosen, "-of", "csv=p=0", str(path)]
    channels = int(subprocess.run(asked, capture_output=True, check=True).stdout)
    words = ["-v", "error", "-i", str(path), "-map", f"0:a:{stream}", "-f", "f32le", "-"]
    done = subprocess.run([FFMPEG, *words], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, channels).T


def hertz(sound, rate: int) -> float:
    """The pitch of a tone, from its crossings of zero."""
    import numpy as np

    middle = sound[len(sound) // 4 : 3 * len(sound) // 4]
    rising = np.count_nonzero((middle[:-1] < 0) & (middle[1:] >= 0))
    return float(rising * rate / len(middle))
