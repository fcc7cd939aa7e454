"""Which encoder makes proxies: hardware where one really works here, libx264 always.

All of them: closed groups of twelve pictures, no B-frames, no scene cuts, so that every step of a
player costs the same and frame n is found from its time alone.
"""

import dataclasses
import functools
from pathlib import Path

from app.core.media.tools import encoders
from app.core.platform.processes import Limits, Sandbox, run

GOP = 12
SOFTWARE = "libx264"
_GPU = Path("/dev/dri")
_NVIDIA = tuple(Path(f"/dev/nvidia{name}") for name in ("0", "ctl", "-uvm", "-modeset"))
_TRIAL = Limits(seconds=20, cpu_seconds=20, nice=0)


@dataclasses.dataclass(frozen=True, slots=True)
class Encoder:
    """How one encoder is called."""

    name: str
    options: dict[str, object]
    before: tuple[str, ...] = ()
    """Options of the whole command."""
    filters: tuple[str, ...] = ()
    """What the picture must go through last."""
    devices: tuple[Path, ...] = ()


_QUICK = frozenset({"superfast", "veryfast"})
_LEAN = "partitions=none:subme=0:mbtree=1:rc-lookahead=4:weightp=1:aq-strength=0.5"
"""What of these presets is worth its time in a viewing proxy: whole blocks only, found to a whole pixel, and fewer
bits for flat places; a tree over four pictures keeps files small. On noise and on real footage at 720p it takes
two fifths to a half of the processor time of plain veryfast, for a file of its size (−8 and +3 %) and as good as
its likeness (SSIM 0.964 for 0.965, 0.992 for 0.993)."""


def software(preset: str, threads: int) -> Encoder:
    """libx264, which is there in every full ffmpeg. Presets slower than veryfast are as it has them, for small files."""
    options: dict[str, object] = {
        "preset": preset,
        "crf": 23,
        "sc_threshold": 0,
        "keyint_min": GOP,
        "flags:v": "+cgop",
        "threads:v": threads,
    }
    if preset in _QUICK:
        options["x264-params"] = _LEAN
    return Encoder(SOFTWARE, options)


_HARDWARE = (
    Encoder("h264_videotoolbox", {"q:v": 60, "allow_sw": 0, "flags:v": "+cgop"}),
    Encoder(
        "h264_nvenc",
        {"preset": "p4", "rc": "vbr", "cq": 26, "b:v": 0, "no-scenecut": 1, "strict_gop": 1},
        devices=_NVIDIA,
    ),
    Encoder("h264_qsv", {"global_quality": 26, "preset": "veryfast"}, devices=(_GPU,)),
    Encoder(
        "h264_vaapi",
        {"rc_mode": "CQP", "qp": 26},
        before=("-vaapi_device", str(_GPU / "renderD128")),
        filters=("format=nv12", "hwupload"),
        devices=(_GPU,),
    ),
)


def hardware(ffmpeg: Path, name: str | None = None) -> Encoder | None:
    """The hardware encoder that works on this machine, tried by encoding one picture.

    Args:
        ffmpeg: the program.
        name: only this one; None for the first that works.
    """
    built = encoders(ffmpeg)
    for encoder in _HARDWARE:
        if encoder.name in built and name in (None, encoder.name) and _works(ffmpeg, encoder.name):
            return encoder
    return None


@functools.cache
def _works(ffmpeg: Path, name: str) -> bool:
    encoder = next(each for each in _HARDWARE if each.name == name)
    options = [word for key, value in encoder.options.items() for word in (f"-{key}", str(value))]
    chain = ",".join(("format=yuv420p", *encoder.filters))
    words = [str(ffmpeg), "-v", "error", "-nostdin", *encoder.before, "-f", "lavfi"]
    words += ["-i", "color=size=640x360:rate=25", "-frames:v", "1", "-vf", chain, "-c:v", name]
    sandbox = Sandbox(devices=encoder.devices)
    done = run([*words, *options, "-f", "null", "-"], limits=_TRIAL, sandbox=sandbox)
    return done.returncode == 0
