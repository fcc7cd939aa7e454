"""The source of an offload: whether the card is there and is still the same, and the hashes that came with it."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from app.core.files import mhl_history
from app.core.files.mhl_reading import History
from app.core.ingest import offload_plan
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.model.errors import Away, Refused, RushesError
from app.core.model.names import display
from app.core.model.offloads import Offload
from app.core.platform.pacing import IsCancelled, never


def there(offload: Offload, cancel: IsCancelled = never) -> Path:
    """The card's folder, where it is in and holds what it held when the offload was begun.

    Raises:
        Away: it is not there, or another one is in its place.
        Refused: it was changed since: what is on it now is not what was to be copied.
    """
    root = Path(offload.source)
    shown = display(offload.source)
    try:
        same = root.is_dir() and offload_plan.source_id(root) == offload.lasting
    except RushesError:
        same = False
    if not same:
        raise Away(
            "The card is not there",
            f"{shown}: the card {offload.name} is not in.",
            subject=offload.name,
            todo="Put it in again; the offload goes on by itself.",
        )
    if fileset_digest(read_card(root, cancel=cancel)) != offload.digest:
        raise Refused(
            "The card was changed",
            f"{offload.name}: what is on the card is not what was on it when its offload was begun.",
            subject=offload.name,
            todo="Begin a new offload: what is copied already is not copied again.",
        )
    return root


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """The hashes that came with a card."""

    history: History | None

    @classmethod
    def of(cls, root: Path) -> "Reference":
        """Those in the media hash lists on the card."""
        found = mhl_history.read_history(root)
        return cls(None if found.empty else found)

    @classmethod
    def nothing(cls) -> "Reference":
        """None came."""
        return cls(None)

    def differs(self, path: str, hashes: Mapping[str, str]) -> str:
        """How a file is not what its hash says, in words; empty where it is, or where nothing is said of it."""
        if self.history is None:
            return ""
        owner, below = self.history.owner(path)
        known = owner.known.get(below)
        wrong = [
            name
            for name, text in (known.values.items() if known else ())
            if name in hashes and hashes[name] != text
        ]
        return f"it is not what the {wrong[0]} in the hash list on the card says" if wrong else ""
