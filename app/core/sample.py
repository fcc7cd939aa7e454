"""The sample: a made shooting day in a data folder of its own, for the window and for commands alike."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.core.platform import paths

if TYPE_CHECKING:
    from app.core.services import Services

PERSON: Final = ("Ingrid Nilsen", "IN")
Say = Callable[[str], None]


def place(home: Path) -> Path:
    """The sample's own data folder, inside the usual one: nothing of the person's catalog is touched.

    Its first settings leave less room free than a real library does: the day is small.
    """
    from app.core.platform import settings

    own = paths.make_private(home / "sample")
    if not (own / "settings.toml").exists():
        for name, value in (("derivatives.reserve_gb", "1"), ("derivatives.reserve_percent", "1")):
            settings.set_value(own, name, value)
    return own


def furnish(services: "Services", say: Say, cancelled: Callable[[], bool]) -> None:
    """Makes the day where it is not there yet, introduces somebody, and adds the day as a volume.

    Raises:
        Missing: ffmpeg is not there or cannot. NoRoom: the disk is full. Cancelled: it was called off.
    """
    from app.core.media import sample_day
    from app.core.model.media import Derive

    day = sample_day.prepare(
        services.home, say, override=services.settings.tools.ffmpeg, cancel=cancelled
    )
    if not services.projects.introduced():
        services.projects.change("name", sample_day.NAME)
        services.projects.introduce(*PERSON)
    if not services.volumes.every():
        volume = services.volumes.add(day, name=sample_day.NAME, derive=Derive.ALL)
        services.scanner.scan(volume.id)
        services.assembling.all_now(volume.id)
