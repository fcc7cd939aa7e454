"""The source of an offload: whether the card is there and is still the same, and the hashes that came with it."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.core.files import mhl_basis, mhl_history
from app.core.files.digests import HashName
from app.core.files.mhl_basis import Basis
from app.core.ingest.card_reading import fileset_digest, read_card
from app.core.model.errors import Away, Refused, RushesError
from app.core.model.names import display
from app.core.model.offloads import Offload
from app.core.platform import filesystems, grounds
from app.core.platform.pacing import IsCancelled, never


def there(offload: Offload, cancel: IsCancelled = never) -> Path:
    """The card's folder, where it is in and holds what it held when the offload was begun.

    Raises:
        Away: it is not there, or another one is in its place.
        Refused: it was changed since: what is on it now is not what was to be copied.
    """
    root = Path(offload.source)
    shown = display(offload.source)
    if not is_in(offload):
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


def is_in(offload: Offload) -> bool:
    """Whether that card is at its place, whatever is on it by now."""
    root = Path(offload.source)
    try:
        return root.is_dir() and source_id(root) == offload.lasting
    except RushesError:
        return False


def source_id(source: Path) -> str:
    """What tells a card from others also when it is put in again.

    Raises:
        Missing: the system does not tell.
    """
    return grounds.lasting_id(source) + f" {_below_mount(source)}"


def _below_mount(source: Path) -> str:
    """The folder within its filesystem: two cards that were copied to one disk are two."""
    mount = filesystems.mount_of(source)
    root = mount.mount_path
    return str(source.relative_to(root)) if source.is_relative_to(root) else str(source)


def lists_go_on(source: Path, copies: Sequence[Path], cancel: IsCancelled = never) -> bool:
    """Whether each copy has the hash lists of the source, and may have more: such lists are not copied over again."""
    mine = _chain(source, cancel)
    return bool(mine and copies) and all(mine <= _chain(copy, cancel) for copy in copies)


def _chain(root: Path, cancel: IsCancelled) -> set[tuple[str, str]]:
    """(folder, C4) of every manifest of a folder's histories."""
    if not root.is_dir():
        return set()
    history = mhl_history.read_history(root, cancel=cancel)
    return {(one.below, link.c4) for one in history.every() for link in one.links}


@dataclasses.dataclass(frozen=True, slots=True)
class Reference:
    """The hashes that came with a card: its history, else the legacy lists on it."""

    basis: Basis | None

    @classmethod
    def of(cls, root: Path, cancel: IsCancelled = never) -> "Reference":
        """Those in the media hash lists on the card."""
        found = mhl_basis.basis_of(root, mhl_history.read_history(root, cancel=cancel), cancel)
        return cls(None if found.name == "nothing" else found)

    @classmethod
    def nothing(cls) -> "Reference":
        """None came."""
        return cls(None)

    def names(self) -> tuple[HashName, ...]:
        """The hash it holds of most files; none where nothing came."""
        return self.basis.usual() if self.basis else ()

    def differs(self, path: str, hashes: Mapping[str, str]) -> str:
        """How a file is not what its hash says, in words; empty where it is, or where nothing is said of it."""
        known = self.basis.of(path) if self.basis else None
        wrong = [
            name
            for name, text in (known.values.items() if known else ())
            if name in hashes and hashes[name] != text
        ]
        return f"it is not what the {wrong[0]} in the hash list on the card says" if wrong else ""
