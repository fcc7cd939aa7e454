"""What a destination does with names, found out by asking its filesystem: in a folder of ours that is taken away again."""

import contextlib
import dataclasses
import errno
import os
import re
from collections.abc import Iterable, Sequence
from typing import Final

from app.core.files.copy_legs import Leg, folder_of
from app.core.model.errors import Away, RushesError
from app.core.model.names import compare_key, fold_key
from app.core.platform import entries
from app.core.platform.durable import temporary_name
from app.core.platform.entries import Place

_PLAIN: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._ -]{0,99}(?<![. ])", re.ASCII)
"""Names that every filesystem takes, unless a device is called so."""
_DEVICES: Final = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])( *\..*)?", re.IGNORECASE | re.DOTALL
)
_NOT_IN_WINDOWS: Final = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
_WINDOWS_TYPES: Final = (
    "vfat", "msdos", "exfat", "ntfs", "fuseblk", "cifs", "smb", "prl_fs", "vboxsf",
)  # fmt: skip
_MAC_TYPES: Final = ("hfs", "apfs", "afp")
_MOST: Final = 255
"""Letters of a name there."""
_NO_NAME: Final = frozenset((errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOENT))
_LONG_PATH: Final = 200


@dataclasses.dataclass(frozen=True, slots=True)
class Naming:
    """What a destination does with the names of a source."""

    folds: bool
    """`Clip` and `clip` are one name there."""
    forms: bool
    """A letter with its accent in one piece and in two is one name there."""
    refused: frozenset[str]
    """Names that it does not take, or gives other letters."""
    too_long: str = ""
    """A path that is too long for it as a whole."""
    largest: int | None = None
    """Bytes: of the sizes asked for, the largest that a file may have; None: all may."""

    def key(self, path: str) -> str:
        """Equal where two paths are one there."""
        if self.folds:
            return fold_key(path) if self.forms else path.casefold()
        return compare_key(path) if self.forms else path


def by_type(fs_type: str, longest: int, names: Iterable[str]) -> Naming:
    """What a type of filesystem is known for, where it is not to be asked; its longest name in bytes."""
    kind = fs_type.lower()
    windows, mac = kind.startswith(_WINDOWS_TYPES), kind.startswith(_MAC_TYPES)
    refused = frozenset(
        name
        for name in names
        if len(os.fsencode(name)) > longest or (windows and _no_windows_name(name))
    )
    return Naming(windows or mac, mac, refused)


def ask(leg: Leg, names: Iterable[str], paths: Iterable[str], sizes: Sequence[int]) -> Naming:
    """Asks a destination, in a folder that is made in its own, or the nearest above that is there, and taken away again.

    Args:
        leg: where.
        names: of files and folders, without those above them.
        paths: of the source's tree.
        sizes: of files that may be too large there; none where that is known.

    Raises:
        OSError, RushesError: the folder cannot be made.
    """
    base, name = _nearest(leg), temporary_name()
    made = f"{base}/{name}" if base else name
    with folder_of(leg, base) as place:
        entries.make_folder(place, name)
    try:
        with folder_of(leg, made) as place:
            return Naming(
                folds=_same(place, "rushes-a", "RUSHES-A"),
                forms=_same(place, "rushes-\u00e9", "rushes-e\u0301"),
                refused=frozenset(_refused(place, names)),
                too_long=_too_long(leg, made, max(paths, key=len, default="")),
                largest=_largest(place, sorted(set(sizes))),
            )
    finally:
        # What stays is swept with the next copy.
        with contextlib.suppress(OSError, RushesError), folder_of(leg, base) as place:
            entries.remove_tree(place, name)


def _nearest(leg: Leg) -> str:
    folder = leg.folder
    while folder:
        with contextlib.suppress(Away), folder_of(leg, folder):
            return folder
        folder = folder.rpartition("/")[0]
    return folder


def _same(place: Place, one: str, other: str) -> bool:
    if not _made(place, one):
        return False
    try:
        return entries.look(place, other) is not None
    finally:
        entries.remove(place, one)


def _refused(place: Place, names: Iterable[str]) -> Iterable[str]:
    for name in sorted(set(names)):
        if _PLAIN.fullmatch(name) and not _DEVICES.fullmatch(name):
            continue
        if not _made(place, name):
            yield name
            continue
        kept = [compare_key(found) for found in entries.names(place)]
        for found in entries.names(place):
            entries.remove(place, found)
        if kept != [compare_key(name)]:
            yield name


def _made(place: Place, name: str) -> bool:
    try:
        entries.close(entries.create(place, name))
    except OSError as problem:
        if problem.errno in _NO_NAME:
            return False
        raise
    return True


def _too_long(leg: Leg, made: str, path: str) -> str:
    """The path again where it cannot be there: its folders are made, one in another."""
    if len(path) < _LONG_PATH:
        return ""
    above = made
    for name in leg.below(path).split("/"):
        try:
            with folder_of(leg, above) as place:
                entries.make_folder(place, name)
        except RushesError:
            break
        except OSError as problem:
            if problem.errno == errno.ENAMETOOLONG and len(name) < _MOST:
                return path
            break  # a name that is refused is told by itself
        above = f"{above}/{name}"
    return ""


def _largest(place: Place, sizes: Sequence[int]) -> int | None:
    """The largest of these that a file may have, by halves; None where the last may be."""
    if not sizes or _fits(place, sizes[-1]):
        return None
    low, high = 0, len(sizes) - 1  # sizes[:low] fit, sizes[high:] do not
    while low < high:
        middle = (low + high) // 2
        if _fits(place, sizes[middle]):
            low = middle + 1
        else:
            high = middle
    return sizes[low - 1] if low else 0


def _fits(place: Place, size: int) -> bool:
    handle = entries.create(place, "size")
    try:
        entries.set_size(handle, size)
    except OSError as problem:
        if problem.errno == errno.EFBIG:
            return False
        raise
    finally:
        entries.close(handle)
        entries.remove(place, "size")
    return True


def _no_windows_name(name: str) -> bool:
    return bool(
        len(name.encode("utf-16-le", "surrogatepass")) // 2 > _MOST
        or _NOT_IN_WINDOWS.search(name)
        or _DEVICES.fullmatch(name)
        or any(0xDC80 <= ord(letter) <= 0xDCFF for letter in name)
    )
