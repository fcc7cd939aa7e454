"""Where copies go: legs, the guard over their ground, and what goes wrong on one, in words."""

import contextlib
import dataclasses
import errno
from collections.abc import Generator
from pathlib import Path
from typing import Final, Self

from app.core.files import opening
from app.core.model.errors import Away, Missing, NoRoom, Passing, Refused, RushesError
from app.core.model.names import display
from app.core.platform import filesystems, grounds
from app.core.platform.entries import Place
from app.core.platform.grounds import Ground

_GONE: Final = frozenset(
    (
        errno.ESTALE,
        errno.ENODEV,
        errno.ENXIO,
        errno.ENOTCONN,
        errno.ECONNRESET,
        errno.ECONNABORTED,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.ETIMEDOUT,
        errno.ESHUTDOWN,
    )
)
_BAD_NAME: Final = frozenset((errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ))
_ANOTHER: Final = "Connect the disk that the copy was begun on, or begin a new one on this disk."
_CONNECT: Final = "Check the cable, the disk or the network. The copy goes on when it is back."


@dataclasses.dataclass(frozen=True, slots=True)
class RootGuard:
    """Remembers what a destination's root stands on, so that no other disk in its place is ever written to."""

    root: Path
    ground: Ground
    lasting: str
    """Tells the filesystem also after it was away: kept in the catalog, given to `of` again on resume."""
    fs_type: str = ""

    @classmethod
    def of(cls, root: Path, lasting: str = "") -> Self:
        """The guard of a root as it is now.

        Args:
            root: a folder that is there.
            lasting: what `lasting` was when the copy was begun; empty at the beginning.

        Raises:
            Away: the root is not there, or another filesystem is in its place.
            Missing: the system does not tell what is there.
        """
        ground, fs_type = grounds.ground_of(root), filesystems.mount_of(root).fs_type
        guard = cls(root, ground, grounds.lasting_id(root), fs_type)
        if lasting and guard.lasting != lasting:
            raise _another(root)
        return guard

    def check(self) -> None:
        """Says nothing while the same filesystem is at the root, also where it was away in between.

        Raises:
            Away: the root is not there, or another filesystem is in its place.
        """
        now = grounds.ground_of(self.root)
        # Two sticks may get one number, one after the other: then only the table of mounts tells them apart.
        if now == self.ground and grounds.told_by_mark(self.fs_type):
            return
        if self._lasting_now() != self.lasting:
            raise _another(self.root)
        if now.inode != self.ground.inode and grounds.steady_numbers(self.root):
            raise _another(self.root)

    def _lasting_now(self) -> str:
        try:
            return grounds.lasting_id(self.root)
        except RushesError as problem:
            raise _another(self.root) from problem


@dataclasses.dataclass(frozen=True, slots=True)
class Leg:
    """One destination of a copy."""

    id: str
    guard: RootGuard
    """Of the destination's root: nothing is made above it, and it stays the same filesystem."""
    folder: str = ""
    """Below the root, `/` between names: where the tree of the source is put."""
    name: str = ""
    """What a person calls it; the root's path where it has no name."""

    @property
    def root(self) -> Path:
        """The destination's root."""
        return self.guard.root

    @property
    def shown(self) -> str:
        """For messages."""
        return self.name or str(self.root)

    def below(self, rel: str) -> str:
        """A path of the source's tree as one below the root."""
        return "/".join(part for part in (self.folder, rel) if part)


def leg_error(leg: Leg, rel: str, problem: OSError) -> RushesError:
    """What a failed call on a leg means to a person."""
    try:
        leg.guard.check()
    except Away as away:
        return away
    code, name = problem.errno, display(leg.below(rel))
    if code in (errno.ENOSPC, errno.EDQUOT):
        return _no_room(leg, name, quota=code == errno.EDQUOT)
    if code in _GONE:
        return _silent(leg, problem)
    if code == errno.EROFS:
        return read_only_error(leg)
    if code == errno.EIO:
        return _failing(leg, name)
    return _of_one_file(leg, name, problem)


def _of_one_file(leg: Leg, name: str, problem: OSError) -> RushesError:
    code = problem.errno
    if code == errno.EFBIG:
        return NoRoom(
            "The file is too big for that disk",
            f"{name} is larger than a file on {leg.shown} may be.",
            subject=leg.shown,
            todo="Choose a disk with a filesystem for large files (not FAT).",
        )
    if code == errno.EEXIST:
        return taken(leg, name)
    if code in _BAD_NAME:
        return Refused(
            "The name cannot be on that disk",
            f"{leg.shown} does not take the name {name}.",
            subject=leg.shown,
            todo="Choose a disk whose filesystem takes every name.",
        )
    if code in (errno.EACCES, errno.EPERM):
        return Refused(
            "The destination may not be written",
            f"{leg.shown}: you have no right to write {name}.",
            subject=leg.shown,
            todo="Change the permissions there, or choose another destination.",
        )
    return Missing(
        "The copy could not be written",
        f"{name} could not be written to {leg.shown}: {problem.strerror}.",
        subject=leg.shown,
        todo="Look at the disk, then go on.",
    )


@contextlib.contextmanager
def on_leg(leg: Leg, rel: str) -> Generator[None]:
    """Says in words what a failed call means; what a refusal says stays as it is.

    Raises:
        RushesError: instead of an OSError, or of what `opening` made of one.
    """
    try:
        yield
    except (OSError, RushesError) as problem:
        raise told(leg, rel, problem) from problem


def told(leg: Leg, rel: str, problem: OSError | RushesError) -> RushesError:
    """What went wrong on a leg, in words; what a refusal says stays as it is."""
    if isinstance(problem, OSError):
        return leg_error(leg, rel, problem)
    cause = problem.__cause__
    if isinstance(problem, Refused) or not isinstance(cause, OSError):
        return problem
    return leg_error(leg, rel, cause)


@contextlib.contextmanager
def folder_of(leg: Leg, folder: str) -> Generator[Place]:
    """A folder below the root that is there, held open; links are not followed below the root.

    Args:
        leg: where.
        folder: below the root, the leg's own folder included.

    Raises:
        OSError, Refused, Passing, Away: it is not there, or is reached through a link.
    """
    with opening.open_folder(leg.root, folder) as place:
        yield place


def taken(leg: Leg, name: str) -> Refused:
    """What to raise where other content has the name already: it is never overwritten."""
    return Refused(
        "Another file of that name is there",
        f"{name} is on {leg.shown} already, with other content. It was left as it is.",
        subject=leg.shown,
        todo="Copy to a new folder.",
    )


def stops(error: RushesError) -> bool:
    """Whether a leg that met this takes no further file now."""
    if isinstance(error, NoRoom):
        return error.title != "The file is too big for that disk"
    return isinstance(error, (Away, Passing)) or error.title == _READ_ONLY


_READ_ONLY: Final = "The destination is read-only"


def _no_room(leg: Leg, name: str, *, quota: bool) -> NoRoom:
    if quota:
        return NoRoom(
            "The quota is used up",
            f"{leg.shown} takes no more from you: {name} does not fit into the quota.",
            subject=leg.shown,
            todo="Free some room there, or have the quota raised, then go on.",
        )
    if _no_more_files(leg):
        return NoRoom(
            "The disk takes no more files",
            f"{leg.shown} has no room for one more file, {name}, however small.",
            subject=leg.shown,
            todo="Take files away there, or choose another disk, then go on.",
        )
    return NoRoom(
        "The disk is full",
        f"There was no room left on {leg.shown} for {name}.",
        subject=leg.shown,
        todo="Free some room there, then go on.",
    )


def _no_more_files(leg: Leg) -> bool:
    with contextlib.suppress(RushesError):
        return grounds.facts_of(leg.root).free_files == 0
    return False


def _silent(leg: Leg, problem: OSError) -> Away:
    return Away(
        "The destination does not answer",
        f"{leg.shown} does not answer: {problem.strerror}.",
        subject=leg.shown,
        todo=_CONNECT,
    )


def read_only_error(leg: Leg) -> Missing:
    """What to raise where nothing can be written."""
    return Missing(
        _READ_ONLY,
        f"{leg.shown} cannot be written: it is read-only now.",
        subject=leg.shown,
        todo="A disk that turns read-only by itself is failing, or was not taken out cleanly: check it, then go on.",
    )


def _failing(leg: Leg, name: str) -> Passing:
    return Passing(
        "The disk failed while writing",
        f"{leg.shown} failed while {name} was written to it. What it had of that file was thrown away.",
        subject=leg.shown,
        todo="Check cable and disk. The file is copied again from the source.",
    )


def _another(root: Path) -> Away:
    return Away(
        "Another disk is in its place",
        f"At {root} there is another filesystem than when the copy was begun, or none.",
        subject=str(root),
        todo=_ANOTHER,
    )
