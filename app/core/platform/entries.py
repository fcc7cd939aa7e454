"""Entries of a folder that is held open, where systems differ: made, looked at, renamed without overwriting, made durable.

A place is a handle of a folder, or its path on Windows (untried). By a handle nobody can lead the call elsewhere by a
link that is swapped in, and no path is too long.
"""

import contextlib
import ctypes
import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from app.core.platform.handles import PLAIN

Place = int | str

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | int(getattr(os, "O_NOFOLLOW", 0)) | PLAIN
_NO_REPLACE: Final = 1
_EXCHANGE: Final = 2
_CANNOT: Final = frozenset(
    (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.ENOTTY, errno.EXDEV)
)
"""What a filesystem answers that does not know a call; EXDEV some that know no hard links."""
_WILL_NOT: Final = _CANNOT | {errno.EMLINK, errno.EACCES}


_WHOLE: Final = frozenset(("ext4", "xfs", "btrfs"))
"""Types whose `syncfs` commits their journal and empties the disk's own memory, and tells what failed."""


def look(place: Place, name: str) -> os.stat_result | None:
    """What lies there, without following a link; None: nothing.

    Raises:
        OSError: the system cannot say.
    """
    try:
        if isinstance(place, int):
            return os.stat(name, dir_fd=place, follow_symlinks=False)
        return Path(place, name).lstat()
    except FileNotFoundError:
        return None


def create(place: Place, name: str) -> int:
    """A new file, open for writing; the caller closes it.

    Raises:
        OSError: something of this name is there already, or it cannot be made.
    """
    if isinstance(place, int):
        return os.open(name, _NEW, 0o666, dir_fd=place)
    return os.open(Path(place, name), _NEW, 0o666)


def remove(place: Place, name: str) -> None:
    """Takes a file away.

    Raises:
        OSError: it is not there, or may not go.
    """
    if isinstance(place, int):
        os.unlink(name, dir_fd=place)
    else:
        Path(place, name).unlink()


def make_folder(place: Place, name: str) -> bool:
    """Makes a folder; false where a folder of that name is there.

    Raises:
        OSError: it cannot be made, or something else has that name.
    """
    try:
        if isinstance(place, int):
            os.mkdir(name, dir_fd=place)
        else:
            Path(place, name).mkdir()
    except FileExistsError:
        found = look(place, name)
        if found is None or not stat.S_ISDIR(found.st_mode):
            raise
        return False
    return True


def remove_tree(place: Place, name: str) -> None:
    """Takes a folder away with all that is in it, as far as that goes."""
    if isinstance(place, int):
        shutil.rmtree(name, ignore_errors=True, dir_fd=place)
    else:
        shutil.rmtree(Path(place, name), ignore_errors=True)


def names(place: Place) -> list[str]:
    """What lies in a folder.

    Raises:
        OSError: the disk failed.
    """
    with os.scandir(place) as found:
        return [entry.name for entry in found]


def set_size(handle: int, size: int) -> None:
    """Makes an open file so long, with nothing in it.

    Raises:
        OSError: it cannot be so long.
    """
    os.ftruncate(handle, size)


def rename_new(place: Place, old: str, new: str) -> None:
    """Renames within a folder; what has the new name is never overwritten.

    First renameat2 with RENAME_NOREPLACE. Where the filesystem does not know that, a hard link of the new name, and the
    old one taken away: the link is not made where the name is taken. Where there are no hard links either (FAT, exFAT,
    some shares), a look and then a rename: between the two another program may make a file of that name, which is then
    lost. Windows never overwrites in a rename.

    Raises:
        FileExistsError: the new name is taken.
        OSError: the rename failed; the old name is still there.
    """
    if not isinstance(place, int):
        Path(place, old).rename(Path(place, new))
        return
    if _renamed_by_system(place, old, new) or _renamed_by_link(place, old, new):
        return
    if look(place, new) is not None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
    os.rename(old, new, src_dir_fd=place, dst_dir_fd=place)


def _renamed_by_system(place: int, old: str, new: str) -> bool:
    call = _found("renameat2")
    if call is None:
        return False
    names = (os.fsencode(old), os.fsencode(new))
    if call(place, names[0], place, names[1], ctypes.c_uint(_NO_REPLACE)) == 0:
        return True
    return _refused(new)


def exchange(place: Place, one: str, other: str) -> bool:
    """Two names of a folder change places in one step; false where the filesystem does not know that, and nothing happened.

    Raises:
        OSError: it failed; both are as they were.
    """
    call = _found("renameat2")
    if call is None or not isinstance(place, int):
        return False
    names = (os.fsencode(one), os.fsencode(other))
    if call(place, names[0], place, names[1], ctypes.c_uint(_EXCHANGE)) == 0:
        return True
    return _refused(other)


def _renamed_by_link(place: int, old: str, new: str) -> bool:
    try:
        os.link(old, new, src_dir_fd=place, dst_dir_fd=place, follow_symlinks=False)
    except OSError as problem:
        if problem.errno in _WILL_NOT:
            return False
        raise
    os.unlink(old, dir_fd=place)
    return True


def write_all(handle: int, data: memoryview) -> int:
    """Writes all of it, however little the system takes at once; returns how much that was.

    Raises:
        OSError: the disk did not take it.
    """
    done = 0
    while done < len(data):
        taken = os.write(handle, data[done:])
        if not taken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        done += taken
    return done


def sync_handle(handle: int) -> None:
    """Makes what was written into an open file survive a power cut.

    Raises:
        OSError: the disk failed; from then on the file is not to be trusted, also where a second call says nothing.
    """
    os.fsync(handle)


def close(handle: int) -> None:
    """Closes a file.

    Raises:
        OSError: what was written did not arrive (some shares say so only now).
    """
    os.close(handle)


def preallocate(handle: int, size: int) -> None:
    """Takes the room of a file at once, where the filesystem can: then it is not in pieces, and a lack of room shows now.

    Raises:
        OSError: there is no room, or the file is too large.
    """
    # Not os.posix_fallocate: where the filesystem cannot, it writes into each block instead.
    call = _found("fallocate")
    if call is not None and size > 0:
        _ = call(handle, 0, ctypes.c_int64(0), ctypes.c_int64(size)) == 0 or _refused("")


def set_time(place: Place, name: str, handle: int, mtime_ns: int) -> None:
    """Gives an open file its time of change; filesystems that take no times from us keep their own.

    Raises:
        OSError: the disk failed.
    """
    target = handle if os.utime in os.supports_fd else Path(str(place), name)
    try:
        os.utime(target, ns=(mtime_ns, mtime_ns))
    except OSError as problem:
        if problem.errno not in _WILL_NOT:
            raise


def sync_all(place: Place, fs_type: str) -> bool:
    """Makes everything on a folder's filesystem durable in one call; false where that cannot be said of its type.

    Many small files take one write of the journal so, not one each. Of other types it is not known that the disk's own
    memory is emptied by it.

    Raises:
        OSError: something could not be written since the folder was opened, whosever it was.
    """
    call = _found("syncfs")
    if call is None or not isinstance(place, int) or fs_type not in _WHOLE:
        return False
    return call(place) == 0 or _refused("")


def sync_place(place: Place) -> None:
    """Makes new names in a folder survive a power cut; see `durable.sync_folder`.

    Raises:
        OSError: the disk failed.
    """
    if isinstance(place, int):
        os.fsync(place)


def forget(handle: int, start: int = 0, length: int = 0) -> None:
    """Asks the system to drop what it keeps in memory of a file; a length of 0 is up to its end.

    What is not on the disk yet begins to be written, and stays. Nothing is promised by it.
    """
    advise: Callable[[int, int, int, int], None] | None = getattr(os, "posix_fadvise", None)
    if advise is not None:
        advise(handle, start, length, int(getattr(os, "POSIX_FADV_DONTNEED", 0)))


def past_cache(handle: int, *, wanted: bool = True) -> bool:
    """Makes reads of an open file go past what the system keeps in memory, or not any more; whether they do.

    Buffers, positions and lengths must be whole pages then.
    """
    direct = int(getattr(os, "O_DIRECT", 0))
    try:
        import fcntl
    except ImportError:
        return False
    no_cache = getattr(fcntl, "F_NOCACHE", None)  # macOS, untried
    try:
        if direct:
            flags = fcntl.fcntl(handle, fcntl.F_GETFL) & ~direct
            fcntl.fcntl(handle, fcntl.F_SETFL, flags | direct if wanted else flags)
        elif no_cache is not None:
            fcntl.fcntl(handle, no_cache, int(wanted))
    except OSError:
        return False
    return wanted and bool(direct or no_cache is not None)


def leave_no_trace(handle: int) -> None:
    """Reads of an open file do not change when it was last read, where that is ours to say: nothing is written for it."""
    flag = int(getattr(os, "O_NOATIME", 0))
    try:
        import fcntl
    except ImportError:
        return
    with contextlib.suppress(OSError):  # only the owner may
        fcntl.fcntl(handle, fcntl.F_SETFL, fcntl.fcntl(handle, fcntl.F_GETFL) | flag)


def remembered(handle: int, start: int) -> bool:
    """Whether the byte at this place comes from memory: the disk need not be asked for it. False where nobody tells."""
    read: Callable[..., int] | None = getattr(os, "preadv", None)
    if read is None or not hasattr(os, "RWF_NOWAIT"):
        return False
    try:
        return read(handle, [bytearray(1)], start, os.RWF_NOWAIT) > 0
    except OSError:
        return False


def _found(name: str) -> Callable[..., int] | None:
    if os.name == "nt":
        return None
    return getattr(_LIBRARY, name, None)


def _refused(name: str) -> bool:
    """False where the filesystem does not know the call that just failed.

    Raises:
        OSError: it knows it, and says no.
    """
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), name)


_LIBRARY: Final[Any] = None if os.name == "nt" else ctypes.CDLL(None, use_errno=True)
