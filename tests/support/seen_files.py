"""Files as a scan would have seen them, and facts as a probe would give them, from names alone."""

from collections.abc import Iterable
from fractions import Fraction

from app.core.files.assembly import survey
from app.core.files.assembly_plans import Assembly, ClipPlan, ProjectDefaults, SeenFile
from app.core.files.cards import CardRules
from app.core.model.media import (
    AudioStream,
    ClipKind,
    MediaFacts,
    Problem,
    StartTimecode,
    VideoStream,
)

GIB = 1 << 30


def seen(
    path: str, size: int = 1000, facts: MediaFacts | None = None, mtime_ns: int = 0
) -> SeenFile:
    """One file; its path is its key too."""
    return SeenFile(path, path, size, mtime_ns, facts)


def survey_names(*paths: str) -> Assembly:
    """Puts files of these paths together, from names alone."""
    return survey(seen(path) for path in paths)


def assemble(files: Iterable[SeenFile], project: ProjectDefaults | None = None) -> list[ClipPlan]:
    """The clips alone."""
    return list(survey(files, project=project).clips)


def scope_of(path: str) -> str:
    """The scope of a file."""
    return CardRules.load().scope_of_folder(path.rpartition("/")[0])


def only(plans: Iterable[ClipPlan]) -> ClipPlan:
    """The one clip there must be."""
    (plan,) = plans
    return plan


def outline(plan: ClipPlan) -> list[tuple[str, str, int]]:
    """(file name, role, part) of a clip's files, in order."""
    return [(part.key.rpartition("/")[2], part.role.value, part.part_index) for part in plan.parts]


def grouped(assembly: Assembly) -> set[frozenset[str]]:
    """Which files share a clip."""
    return {frozenset(plan.keys) for plan in assembly.clips}


def picture(
    *,
    start: int | None = None,
    frames: int = 250,
    rate: Fraction = Fraction(25),
    size: tuple[int, int] = (1920, 1080),
    codec: str = "h264",
    reel: str | None = None,
    channels: tuple[int, ...] = (2,),
    drop: bool = False,
    rotation: int = 0,
    camera: str | None = None,
) -> MediaFacts:
    """Facts of a film."""
    return MediaFacts(
        kind=ClipKind.VIDEO,
        duration=frames / rate,
        rate=rate,
        frames=frames,
        video=VideoStream(0, codec, *size, rotation=rotation),
        audio=tuple(AudioStream(n + 1, "aac", count, 48000) for n, count in enumerate(channels)),
        start=None if start is None else StartTimecode(start, drop, "tmcd"),
        reel=reel,
        camera=camera,
    )


def sound(
    samples: int, *, reference: int | None = None, channels: int = 1, family: str = ""
) -> MediaFacts:
    """Facts of a recorder's file."""
    tags = {"time_reference": str(reference)} if reference is not None else {}
    if family:
        tags["file_set"] = family
    return MediaFacts(
        kind=ClipKind.AUDIO,
        rate=Fraction(48000),
        frames=samples,
        duration=Fraction(samples, 48000),
        audio=(AudioStream(0, "pcm_s24le", channels, 48000),),
        tags=tags,
    )


def still(size: tuple[int, int] = (1920, 1080), *, camera: str | None = None) -> MediaFacts:
    """Facts of a picture."""
    return MediaFacts(kind=ClipKind.STILL, video=VideoStream(0, "mjpeg", *size), camera=camera)


def no_media() -> MediaFacts:
    """Facts of a file that is none."""
    problem = Problem("not-media", "It is no media file.", fatal=True)
    return MediaFacts(kind=ClipKind.DOCUMENT, problems=(problem,), decodable=False)
