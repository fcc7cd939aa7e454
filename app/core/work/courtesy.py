"""Good manners: heavy work gives way to playback, to an NLE in front, to a volume's hours, to battery."""

import datetime
import threading
from collections.abc import Callable, Mapping


class Courtesy:
    """Whether polite work may begin now. The window says when it plays; the volumes have their hours."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime.datetime] | None = None,
        foreign_busy: Callable[[], str] | None = None,
    ) -> None:
        self._now = now or (lambda: datetime.datetime.now().astimezone())
        self._foreign_busy = foreign_busy or (lambda: "")
        self._playing = threading.Event()
        self._hours: Mapping[str, str] = {}

    def set_playing(self, playing: bool) -> None:
        """The viewer plays: nothing new begins that would make it stutter."""
        if playing:
            self._playing.set()
        else:
            self._playing.clear()

    def set_hours(self, hours: Mapping[str, str]) -> None:
        """For each volume, `22:00-06:00` local time, or "" for always."""
        self._hours = dict(hours)

    def reason(self) -> str:
        """Why heavy work waits, in words; "" where it does not."""
        return "playing" if self._playing.is_set() else self._foreign_busy()

    def in_hours(self, volume_id: str) -> bool:
        """Whether heavy work on this volume may begin at this time of day."""
        return self.opens(volume_id) is None

    def closed(self) -> bool:
        """Whether any volume is outside its hours now."""
        return any(not self.in_hours(volume_id) for volume_id in self._hours)

    def opens(self, volume_id: str) -> datetime.datetime | None:
        """When this volume's hours begin, as a local time with its offset; None inside them."""
        hours = self._hours.get(volume_id, "")
        if not hours:
            return None
        first, _, last = hours.partition("-")
        begin, end = (datetime.time.fromisoformat(part.strip()) for part in (first, last))
        here = self._now()
        now = here.time()
        if begin <= now < end if begin <= end else now >= begin or now < end:
            return None
        day = here.date() if now < begin else here.date() + datetime.timedelta(days=1)
        # Clocks may be put forward or back before then: the offset is that of the hour itself.
        return datetime.datetime.combine(day, begin).astimezone()
