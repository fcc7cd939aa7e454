"""How many bytes a second may be read from each volume: one limit a volume, whoever reads."""

import threading
from collections.abc import Mapping

from app.core.platform.pacing import Limiter, Timer


class ReadCaps:
    """Everybody who reads a volume for derived work asks for its limit here, and draws from it."""

    def __init__(self, timer: Timer | None = None) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._rates: Mapping[str, int] = {}
        self._limits: dict[str, Limiter] = {}

    def keep(self, rates: Mapping[str, int]) -> None:
        """For each volume, bytes a second, 0 for no limit; reaches also what reads just now."""
        with self._lock:
            self._rates = dict(rates)
            for volume_id, limit in self._limits.items():
                limit.rate = self._rates.get(volume_id, 0)

    def of(self, volume_id: str) -> Limiter:
        """The limit of one volume; the same for all."""
        with self._lock:
            limit = self._limits.get(volume_id)
            if limit is None:
                rate = self._rates.get(volume_id, 0)
                limit = self._limits[volume_id] = Limiter(rate, self._timer)
            return limit
