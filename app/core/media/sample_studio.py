"""Shoots the made shooting day with ffmpeg: paintings panned over or sources drawn, slates, sound, codecs.

Speech comes from ffmpeg's `flite` source where the build has it (Debian's has), else a tone stands for
it. No name of a file reaches a filter: ffmpeg works in a folder of its own, where paintings and lines
have plain names.
"""

import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from app.core.media import sample_harbour, sample_scenes, tools
from app.core.media.command import (
    Stream,
    builder,
    command_line,
    file_url,
    join,
    reading,
    split,
    to_output,
)
from app.core.media.sample_paint import ppm
from app.core.media.sample_sound import NAMES, RATE
from app.core.media.sample_takes import DAY, Recording, Take
from app.core.model.errors import Missing
from app.core.platform.processes import Limits, Sandbox, run

SIZE: Final = (960, 540)
_LIMITS: Final = Limits(seconds=300, memory_mb=8192, nice=5)
_X264: Final[dict[str, object]] = {
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": 19,
    "pix_fmt": "yuv420p",
    "movflags": "+faststart",
}
_CODECS: Final[dict[str, dict[str, object]]] = {
    "prores": {"c:v": "prores_aw", "profile:v": 1, "vendor": "apl0", "pix_fmt": "yuv422p10le"},
    "xdcam": {"c:v": "mpeg2video", "b:v": "25M", "g": 12, "bf": 2, "pix_fmt": "yuv422p"},
    "h264": _X264,
    "phone": _X264,
    "mute": _X264,
}
_SOUND: Final[dict[str, dict[str, object]]] = {
    "prores": {"c:a": "pcm_s24le"},
    "xdcam": {"c:a": "pcm_s16le"},
    "h264": {"c:a": "aac", "b:a": "160k"},
    "phone": {"c:a": "aac", "b:a": "96k"},
    "mute": {},
}
_PAINTINGS: Final = {
    "dawn": lambda: sample_harbour.harbour(sample_harbour.DAWN),
    "dusk": lambda: sample_harbour.harbour(sample_harbour.DUSK),
    "fog": lambda: sample_harbour.harbour(sample_harbour.FOG),
    "night": lambda: sample_harbour.harbour(sample_harbour.NIGHT),
    "marit": lambda: sample_scenes.speaker(sample_scenes.MARIT),
    "ola": lambda: sample_scenes.speaker(sample_scenes.OLA),
    "shore": sample_scenes.shore,
    "deep": sample_scenes.deep,
}
_FACES: Final = (
    *("JetBrainsMono-Regular", "DejaVuSansMono", "LiberationMono-Regular", "NotoSansMono-Regular"),
    *("Menlo", "consola", "DejaVuSans"),
)
_FONT_FOLDERS: Final = (
    *("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"),
    "C:\\Windows\\Fonts",
)


class Studio:
    """Makes the files of one day, below `place`, a folder of ours that nothing else lies in."""

    def __init__(
        self, ffmpeg: Path, place: Path, day: str, cancel: Callable[[], bool] | None = None
    ) -> None:
        self._ffmpeg = ffmpeg
        self._place = place
        self._scratch = place / "scratch"
        self._scratch.mkdir()
        self._day = place / day
        self._cancel = cancel
        filters = tools.filters(ffmpeg)
        self.speaks = "flite" in filters
        """Whether this ffmpeg can speak."""
        self._font = find_font() if "drawtext" in filters else None
        self._painted: set[str] = set()

    def shoot(self, take: Take) -> Path:
        """Makes one clip.

        Raises:
            Missing: this ffmpeg cannot. Cancelled: it was called off.
        """
        out = self._out(take.path)
        # Not by -frames:v, which ends the sound with the last picture that goes in, not out.
        picture = self._slated(self._picture(take), take).filter("trim", end_frame=take.frames)
        if take.codec == "phone":
            picture = picture.filter("transpose", "cclock")
        picture = picture.filter("scale", out_color_matrix="bt709", out_range="tv")
        tags = dict.fromkeys(("color_primaries", "color_trc", "colorspace"), "bt709")
        options = {**_CODECS[take.codec], **_SOUND[take.codec], **tags, **told(take)}
        streams = [picture, *self._tracks(take)]
        self._make(to_output(streams, file_url(out), options))
        return out

    def small(self, path: str, original: Take) -> None:
        """Makes a camera's, or an editing program's, own proxy of a clip."""
        source = builder().input(file_url(self._day / original.path), **reading())
        picture = source["v:0"].filter("scale", 480, 270).filter("format", "yuv420p")
        sounds = ["a:0", "a:1"] if len(self._tracks(original)) > 1 else ["a:0"]
        streams = [picture, *(source[label] for label in sounds)]
        options: dict[str, object] = {**_X264, "crf": 26, **told(original), "c:a": "aac"}
        if path.endswith(".LRV"):
            options["f"] = "mp4"
        self._make(to_output(streams, file_url(self._out(path)), options))

    def still(self, path: str, painting: str) -> None:
        """Makes a photograph or a thumbnail of a painting."""
        small = not path.startswith("STILLS/")
        picture = self._painting(painting, Fraction(25)).filter("crop", 1066, 600, 75, 0)
        picture = picture.filter("scale", *((160, 90) if small else SIZE)).filter(
            "format", "yuvj420p"
        )
        options: dict[str, object] = {"c:v": "mjpeg", "q:v": 3, "frames:v": 1, "f": "image2"}
        self._make(to_output([picture], file_url(self._out(path)), {**options, "update": 1}))

    def frames(self, pattern: str, painting: str, first: int, count: int) -> Path:
        """Makes an image sequence; `pattern` is ours and holds the place of the number. Gives its folder."""
        take = Take(pattern, painting, "dpx", frames=count, slate="SH010  PLATE V003", step=4)
        picture = self._slated(self._picture(take), take).filter("format", "gbrp10be")
        options = {"c:v": "dpx", "f": "image2", "start_number": first, "frames:v": count}
        out = self._out(pattern)
        self._make(to_output([picture], file_url(out), options))
        return out.parent

    def listen(self, recording: Recording) -> bytes:
        """A recorder's channels, interleaved, 24 bits."""
        spoken = self._spoken(recording.line, recording.voice, recording.lead)
        tracks = self._miked(spoken, recording.seconds * RATE)
        merged = join(tracks, "join", inputs=len(tracks), channel_layout="stereo")
        return self._make(to_output([merged], "pipe:1", {"f": "s24le", "c:a": "pcm_s24le"}))

    def write(self, path: str, data: bytes) -> None:
        """Puts a file that needs no ffmpeg into the day."""
        self._out(path).write_bytes(data)

    def clear(self) -> None:
        """Takes the paintings away when the day is finished."""
        shutil.rmtree(self._scratch)

    def _out(self, path: str) -> Path:
        out = self._day / path
        out.parent.mkdir(parents=True, exist_ok=True)
        return out

    def _make(self, output: Stream) -> bytes:
        words = command_line(self._ffmpeg, [output], threads=2)
        fonts = (self._font.parent,) if self._font else ()
        sandbox = Sandbox(read=fonts, write=(self._place,))
        done = run(
            words, limits=_LIMITS, sandbox=sandbox, cancel=self._cancel, folder=self._scratch
        )
        if done.returncode:
            raise Missing(
                "This ffmpeg cannot make the sample day",
                done.stderr_tail.strip()[-300:] or "ffmpeg ended without a word.",
                subject=str(self._ffmpeg),
                todo=f"Install a full build of ffmpeg: {tools.install_command()}",
            )
        return done.stdout

    def _picture(self, take: Take) -> Stream:
        picture = self._panned(take) if take.picture in _PAINTINGS else _drawn(take)
        if take.grade:
            grade = dict(word.split("=") for word in take.grade.split(":"))
            picture = picture.filter("hue", **grade)
        return picture.filter("noise", all_seed=1, alls=4, allf="t")

    def _panned(self, take: Take) -> Stream:
        painting = self._painting(take.picture, take.rate)
        at = f"{take.first}+{take.step}*n"
        if take.codec != "phone":
            return painting.filter("crop", *SIZE, at, 30)
        return painting.filter("crop", 338, 600, f"330+{at}", 0).filter("scale", *SIZE[::-1])

    def _painting(self, name: str, rate: Fraction) -> Stream:
        if name not in self._painted:
            (self._scratch / f"{name}.ppm").write_bytes(ppm(_PAINTINGS[name]()))
            self._painted.add(name)
        options: dict[str, object] = {"f": "image2", "pattern_type": "none", "loop": 1}
        return builder().input(f"{name}.ppm", **options, framerate=rate)

    def _slated(self, picture: Stream, take: Take) -> Stream:
        if self._font is None:
            return picture
        look: dict[str, object] = {
            "fontfile": str(self._font),
            "fontsize": 19,
            "fontcolor": "white@0.9",
        }
        look |= {"box": 1, "boxcolor": "black@0.45", "boxborderw": 8, "y": "h-th-26"}
        picture = picture.filter("drawtext", text=take.slate, x=26, **look)
        running: dict[str, object] = {"text": "%{n}"}
        if take.start:
            running = {"timecode": take.start, "rate": take.rate, "text": ""}
        return picture.filter("drawtext", x="w-tw-26", **running, **look)

    def _tracks(self, take: Take) -> list[Stream]:
        """The sound streams of a clip, as its codec has them."""
        if take.codec == "mute":
            return []
        samples = int(take.seconds * RATE)
        spoken = self._spoken(take.line, take.voice, 500) if take.line else None
        if take.picture.startswith("smpte"):
            tone = f"sine=frequency=1000:sample_rate={RATE}:duration={float(take.seconds)}"
            tracks = split(builder().input(tone, f="lavfi").filter("volume", "-9dB"), 2, audio=True)
        else:
            tracks = self._miked(spoken, samples)
        if take.codec == "phone":
            return tracks[:1]
        return (
            [join(tracks, "join", inputs=2, channel_layout="stereo")]
            if take.codec == "h264"
            else tracks
        )

    def _spoken(self, line: str, voice: str, lead: int) -> Stream:
        (self._scratch / "line.txt").write_text(line + "\n", encoding="ascii")
        source = f"flite=textfile=line.txt:voice={voice}"
        if not self.speaks:
            source = f"sine=frequency=220:sample_rate=16000:duration={len(line) // 16}"
        spoken = builder().input(source, f="lavfi").filter("aresample", RATE)
        spoken = spoken.filter("aformat", channel_layouts="mono")
        return spoken.filter("adelay", lead).filter("apad")

    def _miked(self, spoken: Stream | None, samples: int) -> list[Stream]:
        """Boom and lavalier: the sea lies under the boom, the lavalier hears who wears it."""
        noise = f"anoisesrc=color=brown:sample_rate={RATE}:amplitude=0.25:seed=14"
        sea = builder().input(noise, f="lavfi").filter("tremolo", f=0.25, d=0.7)
        sea = sea.filter("atrim", end_sample=samples)
        near, far = split(sea, len(NAMES), audio=True)
        if spoken is None:
            return [near, far.filter("volume", "-12dB")]
        there, here = split(spoken.filter("atrim", end_sample=samples), len(NAMES), audio=True)
        there = there.filter("adelay", 6).filter("atrim", end_sample=samples)
        boom = join([there.filter("volume", "-4dB"), near], "amix", inputs=2, normalize=0)
        lavalier = join([here, far.filter("volume", "-24dB")], "amix", inputs=2, normalize=0)
        return [boom, lavalier]


def _drawn(take: Take) -> Stream:
    name, _, words = take.picture.partition("=")
    source = f"{name}=size={SIZE[0]}x{SIZE[1]}:rate={take.rate}"
    return builder().input(f"{source}:{words}" if words else source, f="lavfi")


def told(take: Take) -> dict[str, object]:
    """Timecode, reel and date as the container keeps them."""
    clock = take.start[:8].replace(";", ":") or "16:00:00"
    options: dict[str, object] = {
        "fflags": "+bitexact",
        "metadata": f"creation_time={DAY}T{clock}Z",
    }
    if take.start:
        options["timecode"] = take.start
    if take.reel and take.codec == "prores":
        options["metadata:s:v:0"] = f"reel_name={take.reel}"
        options |= {f"metadata:s:a:{n}": f"handler_name={name}" for n, name in enumerate(NAMES)}
    return options


def find_font(folders: Sequence[str] = _FONT_FOLDERS) -> Path | None:
    """A font to write with, the most even one first; None where no known one is installed."""
    there: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                there.setdefault(path.stem, path)
    return next((there[face] for face in _FACES if face in there), None)
