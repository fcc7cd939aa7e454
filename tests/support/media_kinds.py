"""The kinds of clips that Rushes promises exact frames for, each with its facts and its frame numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from app.core.model.media import (
    AudioStream,
    ClipKind,
    MediaFacts,
    StartTimecode,
    VideoStream,
)
from app.core.model.timecode import Timebase
from tests.support.media_factory import LONG_GOP, SIZE, X264, MediaFactory, Sound

NTSC = Fraction(30000, 1001)


@dataclass(frozen=True)
class Clip:
    """A made clip."""

    parts: tuple[Path, ...]
    """Files that follow one another, or pictures of a sequence."""
    facts: MediaFacts
    numbers: tuple[int, ...]
    """The number shown by each presented frame."""
    counts: tuple[int, ...] = ()
    beside: tuple[Path, ...] = ()
    """Sound files of their own."""


def facts_of(
    frames: int,
    rate: Fraction | int = 25,
    *channels: int,
    label: str = "",
    reel: str | None = None,
    size: tuple[int, int] = SIZE,
    kind: ClipKind = ClipKind.VIDEO,
    field_order: str = "progressive",
    vfr: bool = False,
) -> MediaFacts:
    """Facts as the prober would give them."""
    rate = Fraction(rate)
    drop = ";" in label
    start = StartTimecode(Timebase(rate, drop).frame(label), drop, "tmcd") if label else None
    return MediaFacts(
        kind=kind,
        rate=rate,
        frames=frames,
        duration=None if vfr else frames / rate,
        vfr=vfr,
        video=VideoStream(0, "made", *size, field_order=field_order),
        audio=tuple(AudioStream(n, "made", c, 48000) for n, c in enumerate(channels)),
        start=start,
        reel=reel,
    )


def _whole(path: Path, facts: MediaFacts, first: int = 0) -> Clip:
    return Clip((path,), facts, tuple(range(first, first + (facts.frames or 0))))


def long_gop(media: MediaFactory) -> Clip:
    """H.264 with B-frames and groups of 48."""
    sound = [Sound(codec="aac"), Sound(2, 300, "aac")]
    return _whole(media.video("long.mp4", frames=100, sound=sound), facts_of(100, 25, 1, 2))


def open_gop(media: MediaFactory) -> Clip:
    """H.264 whose groups begin with pictures that refer to the group before."""
    words = "open-gop=1:keyint=24:bframes=3:b-adapt=0:scenecut=0"
    codec = (*X264, "-flags", "-cgop", "-x264-params", words)
    return _whole(media.video("open.mp4", *codec, frames=60), facts_of(60))


def hevc_10_bit(media: MediaFactory) -> Clip:
    """HEVC Main 10 at 50 frames a second."""
    words = "log-level=error:keyint=24:bframes=4"
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
    clip = media.video("hevc.mp4", *codec, "-x265-params", words, frames=60, rate=50)
    return _whole(clip, facts_of(60, 50))


def prores(media: MediaFactory) -> Clip:
    """ProRes 422 HQ with drop-frame timecode and reel."""
    codec = ("-c:v", "prores_ks", "-profile:v", "3", "-pix_fmt", "yuv422p10le")
    tags = ("-timecode", "01:00:59;28", "-metadata:s:v:0", "reel_name=A005R1AB")
    clip = media.video("prores.mov", *codec, *tags, frames=30, rate=NTSC, sound=[Sound()])
    return _whole(clip, facts_of(30, NTSC, 1, label="01:00:59;28", reel="A005R1AB"))


def mxf(media: MediaFactory) -> Clip:
    """MPEG-2 long GOP in MXF, 29.97 drop-frame."""
    codec = ("-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-b:v", "4M", "-g", "15", "-bf", "2")
    words = (*codec, "-timecode", "00:59:58;28")
    clip = media.video("clip.mxf", *words, frames=60, rate=NTSC, sound=[Sound(2)])
    return _whole(clip, facts_of(60, NTSC, 2, label="00:59:58;28"))


def phone(media: MediaFactory) -> Clip:
    """Variable frame rate."""
    clip = media.variable("phone.mov", frames=40)
    return Clip((clip,), facts_of(40, vfr=True), tuple(media.variable_numbers(40)))


def rotated(media: MediaFactory) -> Clip:
    """Shot upright: coded lying, to be turned by a quarter."""
    plain = media.video("upright.mp4", *X264, "-vf", "transpose=clock", size=(100, 160))
    clip = media.copy(plain, "rotated.mov", "-metadata:s:v:0", "rotate=90")
    return _whole(clip, facts_of(30, size=(160, 100)))


def edit_listed(media: MediaFactory) -> Clip:
    """Cut without decoding: an edit list hides what comes before the first shown frame."""
    whole = media.video("before.mp4", frames=100, sound=[Sound(codec="aac")])
    clip = media.copy(whole, "edited.mp4", before=("-ss", "2.2"))
    return _whole(clip, facts_of(45, 25, 1), first=55)


def interlaced(media: MediaFactory) -> Clip:
    """Upper field first."""
    words = ("-flags", "+ildct+ilme", "-vf", "setfield=tff", "-g", "24")
    clip = media.video("fields.mov", *X264, *words, frames=50, size=(160, 96))
    return _whole(clip, facts_of(50, size=(160, 96), field_order="tt"))


def anamorphic(media: MediaFactory) -> Clip:
    """Pixels wider than high."""
    clip = media.video("wide.mov", *X264, "-vf", "setsar=4/3", size=(120, 90))
    return _whole(clip, facts_of(30, size=(120, 90)))


def transport(media: MediaFactory) -> Clip:
    """A stream whose clock starts late and which has no index."""
    clip = media.video(
        "stream.mts", "-f", "mpegts", *LONG_GOP, frames=80, sound=[Sound(1, codec="aac")]
    )
    return _whole(clip, facts_of(80, 25, 1))


def fast(media: MediaFactory) -> Clip:
    """100 frames a second in Matroska, whose clock counts milliseconds."""
    return _whole(media.video("fast.mkv", *LONG_GOP, frames=60, rate=100), facts_of(60, 100))


def film(media: MediaFactory) -> Clip:
    """23.976 in Matroska: no frame falls on a whole millisecond."""
    rate = Fraction(24000, 1001)
    return _whole(media.video("film.mkv", *LONG_GOP, frames=60, rate=rate), facts_of(60, rate))


def motion_jpeg(media: MediaFactory) -> Clip:
    """AVI of a stills camera, full range."""
    codec = ("-c:v", "mjpeg", "-pix_fmt", "yuvj422p", "-q:v", "2")
    return _whole(media.video("camera.avi", *codec, rate=15), facts_of(30, 15))


def chapters(media: MediaFactory) -> Clip:
    """One recording in three files."""
    parts = tuple(
        media.video(
            f"GX0{n + 1}0042.MP4",
            *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuvj420p", "-g", "15"),
            frames=30,
            first=30 * n,
            rate=NTSC,
            sound=[Sound(1, 220 * (n + 1), "aac")],
        )
        for n in range(3)
    )
    return Clip(parts, facts_of(90, NTSC, 1), tuple(range(90)), (30, 30, 30))


def sequence(media: MediaFactory) -> Clip:
    """DPX with a hole."""
    numbers = (5, 6, 8, 9, 10)
    parts = tuple(media.sequence("plate_v003", numbers))
    return Clip(parts, facts_of(5, 24, kind=ClipKind.SEQUENCE), numbers)


def picture_and_sound_apart(media: MediaFactory) -> Clip:
    """As on a P2 card: one picture file and a file for each microphone."""
    picture = media.video("0001AB.MXF", "-c:v", "mpeg2video", "-q:v", "2", frames=25)
    sounds = tuple(media.sound(f"0001AB0{n}.WAV", Sound(1, 300 * (n + 1))) for n in range(2))
    return Clip((picture,), facts_of(25, 25, 1, 1), tuple(range(25)), beside=sounds)


KINDS: tuple[Callable[[MediaFactory], Clip], ...] = (
    long_gop,
    open_gop,
    hevc_10_bit,
    prores,
    mxf,
    phone,
    rotated,
    edit_listed,
    interlaced,
    anamorphic,
    transport,
    fast,
    film,
    motion_jpeg,
    chapters,
    sequence,
    picture_and_sound_apart,
)
