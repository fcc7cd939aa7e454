"""The picture branch of the decode pass: proxy, filmstrip and poster from one decoded picture."""

import dataclasses
from fractions import Fraction

from app.core.media import colour
from app.core.media.command import Stream, split, to_output
from app.core.media.derive_input import Opened
from app.core.media.derived import DeriveJob, Filmstrip
from app.core.media.encoders import GOP, Encoder
from app.core.media.survey import Picture
from app.core.model.media import ClipKind, RenditionKind
from app.core.model.timecode import rate_text

TILE = (160, 90)
MOST_TILES = 100
COLUMNS = 10
POSTER_LONGEST = 640
_FINEST = 1_000_000
"""Ticks a second that a QuickTime track can count through a day."""
_PLACES = (Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(0))
"""Where a poster may be taken, as parts of the clip, the best first: the start is often black."""
_EXACT = "bilinear+accurate_rnd"
"""How pictures are scaled: rounded, where swscale cuts off by itself (half a code value darker, and tinted, for no less work)."""
_JPEG = {"c:v": "mjpeg", "q:v": 4, "f": "image2"}


@dataclasses.dataclass(frozen=True, slots=True)
class PicturePlan:
    """What the picture branch will make."""

    size: tuple[int, int]
    deinterlaced: bool
    filmstrip: Filmstrip
    posters: tuple[int, ...]
    """Frames from which candidates are taken, ascending; their files are numbered so."""
    rate: Fraction | None
    """Frames a second where they are equally spaced."""

    preferred: tuple[int, ...]
    """Numbers of the candidates, the one to try first first."""


def plan(job: DeriveJob, opened: Opened, picture: Picture) -> PicturePlan:
    """Decides sizes and which frames become tiles and posters."""
    rate = None if job.facts.vfr else _steady(job.facts.rate or picture.rate)
    frames = expected_frames(job, opened, picture)
    step = -(-frames // MOST_TILES)
    shown = tuple(range(0, frames, step))
    strip = Filmstrip(COLUMNS, -(-len(shown) // COLUMNS), *TILE, shown)
    wished = list(dict.fromkeys(int(frames * place) for place in _PLACES))
    candidates = sorted(wished)
    interlaced = job.facts.video is not None and job.facts.video.field_order != "progressive"
    return PicturePlan(
        size=fitted(picture.shown_size, job.height),
        deinterlaced=interlaced,
        filmstrip=strip,
        posters=tuple(candidates),
        rate=rate,
        preferred=tuple(candidates.index(frame) for frame in wished),
    )


def _steady(rate: Fraction | None) -> Fraction | None:
    """A rate that equipment has; an average of uneven frames is none, and their times are kept."""
    return rate if rate is not None and rate.denominator in (1, 2, 1001) else None


def expected_frames(job: DeriveJob, opened: Opened, picture: Picture) -> int:
    """How many frames there will be, as well as it is known; at least 1."""
    if job.facts.frames:
        return job.facts.frames
    rate = job.facts.rate or picture.rate or Fraction(25)
    duration = job.facts.duration or opened.duration or Fraction(1)
    return max(1, int(duration * rate))


def fitted(shown: tuple[Fraction, Fraction], height: int) -> tuple[int, int]:
    """Even size that fits into 16:9 of `height` lines, upright or lying; nothing is enlarged."""
    wide, high = shown
    longer, shorter = Fraction(height * 16, 9), Fraction(height)
    box = (longer, shorter) if wide >= high else (shorter, longer)
    factor = min(Fraction(1), box[0] / wide, box[1] / high)
    return max(2, int(wide * factor / 2) * 2), max(2, int(high * factor / 2) * 2)


def outputs(
    job: DeriveJob, opened: Opened, picture: Picture, made: PicturePlan, encoder: Encoder
) -> tuple[Stream | None, list[Stream]]:
    """The branch: (picture for the proxy, whole outputs for filmstrip and poster)."""
    wanted = [
        kind
        for kind in (RenditionKind.PROXY, RenditionKind.FILMSTRIP, RenditionKind.POSTER)
        if kind in job.wanted
    ]
    if not wanted:
        return None, []
    branches = dict(
        zip(wanted, split(_prepared(job, opened, picture, made), len(wanted)), strict=True)
    )
    proxy = branches.get(RenditionKind.PROXY)
    for text in encoder.filters if proxy is not None else ():
        name, _, argument = text.partition("=")
        proxy = proxy.filter(name, *([argument] if argument else [])) if proxy else None
    files: list[Stream] = []
    if RenditionKind.FILMSTRIP in branches:
        files.append(_filmstrip(branches[RenditionKind.FILMSTRIP], made, _matrix(picture)))
    if RenditionKind.POSTER in branches:
        files.append(_posters(branches[RenditionKind.POSTER], made, _matrix(picture)))
    return proxy, files


def _prepared(job: DeriveJob, opened: Opened, picture: Picture, made: PicturePlan) -> Stream:
    """Upright (ffmpeg turns it), whole pictures, evenly timed where the source is, small."""
    stream = opened.stream[str(picture.index)]
    if made.deinterlaced:
        stream = stream.filter("bwdif", mode="send_frame", parity="auto", deint="all")
    if made.rate is not None:
        # Rounds to whole frames what a container keeps in milliseconds; real gaps stay gaps.
        stream = stream.filter("settb", f"{made.rate.denominator}/{made.rate.numerator}")
    if job.facts.kind is ClipKind.SEQUENCE and made.rate is not None:
        # A picture that does not decode is held like a missing one: frames stay at their numbers.
        stream = stream.filter("fps", rate_text(made.rate), start_time=0)
    stream = stream.filter("setpts", "PTS-STARTPTS")
    options: dict[str, object] = {
        "flags": _EXACT,
        "out_color_matrix": _matrix(picture),
        "out_range": "tv",
    }
    if not colour.is_rgb(picture.pix_fmt):
        number = colour.matrix_of_tag(picture.colour_matrix, picture.width, picture.height)
        full = colour.is_full_range(picture.colour_range, picture.pix_fmt)
        options |= {
            "in_color_matrix": colour.filter_name(number),
            "in_range": "pc" if full else "tv",
        }
    return (
        stream.filter("scale", *made.size, **options)
        .filter("format", "yuv420p")
        .filter("setsar", 1)
    )


def _matrix(picture: Picture) -> str:
    """The matrix of what is made: BT.601 stays what it is (changing it costs code values), all else becomes BT.709."""
    number = colour.matrix_of_tag(picture.colour_matrix, picture.width, picture.height)
    same = number == colour.BT601 and not colour.is_rgb(picture.pix_fmt)
    return colour.filter_name(colour.BT601 if same else colour.BT709)


def _filmstrip(stream: Stream, made: PicturePlan, matrix: str) -> Stream:
    strip = made.filmstrip
    step = strip.frames[1] if len(strip.frames) > 1 else 1
    picked = stream.filter("select", f"not(mod(n,{step}))")
    tiles = _as_jpeg(picked, *TILE, matrix).filter("pad", *TILE, "(ow-iw)/2", "(oh-ih)/2")
    sheet = tiles.filter("tile", f"{strip.columns}x{strip.rows}")
    return to_output([sheet], "file:filmstrip.jpg", {**_JPEG, "frames:v": 1, "update": 1})


def _posters(stream: Stream, made: PicturePlan, matrix: str) -> Stream:
    chosen = "+".join(f"eq(n,{frame})" for frame in made.posters)
    picked = stream.filter("select", chosen).filter("blackframe", amount=95, threshold=36)
    wide, high = made.size
    factor = min(Fraction(1), Fraction(POSTER_LONGEST, max(wide, high)))
    size = (max(2, int(wide * factor / 2) * 2), max(2, int(high * factor / 2) * 2))
    options = {
        **_JPEG,
        "start_number": 0,
        "fps_mode:v": "passthrough",
        "frames:v": len(made.posters),
    }
    return to_output([_as_jpeg(picked, *size, matrix)], "file:poster-%d.jpg", options)


def _as_jpeg(stream: Stream, width: int, height: int, matrix: str) -> Stream:
    """JPEG has no tags: it is BT.601 full range by definition."""
    scaled = stream.filter(
        "scale",
        width,
        height,
        force_original_aspect_ratio="decrease",
        flags=_EXACT,
        in_color_matrix=matrix,
        in_range="tv",
        out_color_matrix="bt601",
        out_range="pc",
    )
    return scaled.filter("format", "yuvj420p")


def proxy_options(made: PicturePlan, picture: Picture, encoder: Encoder) -> dict[str, object]:
    """The output options of the proxy's picture."""
    base = 1 / made.rate if made.rate is not None else picture.time_base
    if base.denominator > _FINEST:
        base = Fraction(1, 90000)
    return {
        "c:v": encoder.name,
        **encoder.options,
        "g": GOP,
        "bf": 0,
        "fps_mode:v": "passthrough",
        "enc_time_base:v": f"{base.numerator}/{base.denominator}",
        "color_primaries:v": "bt709",
        "color_trc:v": "bt709",
        "colorspace:v": {"bt601": "smpte170m"}.get(_matrix(picture), "bt709"),
        "color_range:v": "tv",
    }
