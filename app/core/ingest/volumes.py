"""Volumes: added, found again, mapped, forgotten. Nothing is ever written to one."""

import dataclasses
import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from app.core.catalog import attempts, clips, files, volumes
from app.core.catalog.database import Catalog
from app.core.catalog.rows import Tx
from app.core.ingest.moving import same_moment
from app.core.ingest.own_folders import OwnFolders
from app.core.ingest.walking import inode_of, time_of
from app.core.model import names
from app.core.model.entities import Volume
from app.core.model.errors import Missing, Passing, Refused
from app.core.model.media import Derive
from app.core.platform import filesystems
from app.core.platform.preferences import Ingest
from app.core.work.patience import Patience

KINDS: Final = ("local", "network", "removable")
_SAMPLE: Final = 24
_ANSWER_SECONDS: Final = 10
"""How long a volume may take to say that it is there; a disk that sleeps needs some."""
_FOLDERS: Final = 2_000
"""Folders that are looked through for files of a volume that are at none of their places."""


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """What tells a volume from another at the same path."""

    fs_key: str
    fs_type: str
    subpath: str
    kind: str
    inode: int
    """Of its folder."""


@dataclasses.dataclass(frozen=True, slots=True)
class Presence:
    """Whether a volume is there, and why not."""

    online: bool
    reason: str = ""
    inode: int = 0
    """Of its folder, where it is online."""


class Volumes:
    """The volumes of this desk."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Ingest | None = None,
        *,
        patience: Patience | None = None,
        own: OwnFolders | None = None,
    ) -> None:
        self._catalog = catalog
        self._settings = settings or Ingest()
        self._patience = patience or Patience(_ANSWER_SECONDS)
        self.own = own or OwnFolders()

    def add(
        self, folder: Path, *, name: str = "", kind: str = "", derive: Derive | None = None
    ) -> Volume:
        """Begins to watch a folder. How much is derived defaults to all on local volumes, posters on network ones.

        Raises:
            Refused: it is no folder, or lies inside a volume that is watched already (or the other way round), or in a
                folder that Rushes keeps for itself.
        """
        root = self._usable(folder)
        self._refuse_own(root)
        found = self._patience.ask(str(root), lambda: identify(root))
        sort = kind or found.kind
        if sort not in KINDS:
            raise Refused(
                "Unknown kind of volume", f"{sort!r} is none.", subject=sort, choices=KINDS
            )
        with self._catalog.read() as reader:
            _refuse_overlap(root, volumes.every(reader))
        usual = self._settings.derive_network if sort == "network" else self._settings.derive_local
        chosen = derive or Derive(usual)
        label = " ".join(name.split()) or names.display(root.name) or str(root)

        def act(tx: Tx) -> str:
            known = volumes.forgotten(tx, found.fs_key, found.subpath, str(root))
            if known is not None:
                volumes.remember(tx, known, name=label, kind=sort, derive=chosen, mount=str(root))
                volumes.set_root(tx, known, found.inode)
                return known
            added = volumes.add(
                tx,
                name=label,
                kind=sort,
                derive=chosen,
                fs_key=found.fs_key,
                fs_type=found.fs_type,
                subpath=found.subpath,
                mount=str(root),
            )
            volumes.set_root(tx, added, found.inode)
            return added

        volume_id = self._catalog.write(act, durable=True)
        return self.get(volume_id)

    def every(self) -> list[Volume]:
        """All volumes."""
        with self._catalog.read() as reader:
            return volumes.every(reader)

    def get(self, words: str) -> Volume:
        """A volume by id, prefix of it, or name."""
        with self._catalog.read() as reader:
            return volumes.find(reader, words)

    def map(self, words: str, folder: Path) -> Volume:
        """Says where a volume is on this machine now.

        Raises:
            Refused: known files of the volume are not found there, or another volume is, or it is a folder of Rushes' own.
        """
        volume, root = self.get(words), self._usable(folder)
        self._refuse_own(root)
        with self._catalog.read() as reader:
            _refuse_overlap(root, [v for v in volumes.every(reader) if v.id != volume.id])
        presence = self.presence(volume, root, said=True)
        if not presence.online:
            raise Refused(
                "This is not that volume",
                f"{names.display(str(root))}: {presence.reason}.",
                subject=volume.name,
                todo="Give the folder that holds the same files as before.",
            )
        found = self._patience.ask(str(root), lambda: identify(root))

        def act(tx: Tx) -> None:
            volumes.set_mount(tx, volume.id, str(root))
            volumes.set_root(tx, volume.id, found.inode)
            volumes.set_identity(tx, volume.id, found.fs_key, found.fs_type, found.subpath)
            volumes.set_online(tx, volume.id, True)
            clips.refresh_volume(tx, volume.id)
            attempts.wake(tx)

        self._catalog.write(act, durable=True)
        return self.get(volume.id)

    def change(
        self,
        words: str,
        *,
        name: str | None = None,
        derive: Derive | None = None,
        read_cap: int | None = None,
        hours: str | None = None,
    ) -> Volume:
        """Changes what was chosen for a volume: its name, how much is derived, bytes a second, hours."""
        if read_cap is not None and read_cap < 0:
            raise Refused(
                "Not a read cap",
                f"{read_cap} is below 0.",
                subject=str(read_cap),
                todo="Give megabytes a second; 0 reads as fast as the disk gives.",
            )
        if hours and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", hours):
            raise Refused(
                "Not hours",
                f"{hours!r} does not read HH:MM-HH:MM.",
                subject=hours,
                todo="Give hours such as 19:00-07:00.",
            )
        volume = self.get(words)
        self._catalog.write(
            lambda tx: volumes.set_option(
                tx, volume.id, name=name, derive=derive, read_cap=read_cap, hours=hours
            ),
            durable=True,
        )
        return self.get(volume.id)

    def forget(self, words: str) -> Volume:
        """Stops watching a volume. No file is touched; what people said stays in the log."""
        volume = self.get(words)
        self._catalog.write(lambda tx: volumes.forget(tx, volume.id), durable=True)
        return volume

    def look(self, volume: Volume) -> Presence:
        """Checks whether a volume is there and is itself, and notes it."""
        presence = (
            self.presence(volume, Path(volume.mount))
            if volume.mount
            else Presence(False, "it was never mounted here")
        )

        def act(tx: Tx) -> None:
            changed = volumes.set_online(tx, volume.id, presence.online)
            if presence.inode:
                volumes.set_root(tx, volume.id, presence.inode)
            if changed or not presence.online:
                # Back again: how it is watched is said anew by the watcher.
                volumes.set_watcher(tx, volume.id, presence.reason)
            if changed:
                clips.refresh_volume(tx, volume.id)
            if changed and presence.online:
                attempts.wake(tx)

        with self._catalog.read() as reader:
            was_online, words = volumes.health(reader, volume.id)
            inode = volumes.root_inode(reader, volume.id)
        same = was_online == presence.online and presence.inode in (0, inode)
        if not same or (not presence.online and words != presence.reason):
            self._catalog.write(act)
        return presence

    def presence(self, volume: Volume, root: Path, *, said: bool = False) -> Presence:
        """Whether this folder is that volume: same filesystem, and of its known files some are there.

        An empty mount point is not an empty volume; another disk at the same place is another volume.
        A disk that does not answer is not there. Where a person `said` so, a copy may have lost the files' times.
        """
        with self._catalog.read() as reader:
            known = files.sample(reader, volume.id, _SAMPLE)
            inode = volumes.root_inode(reader, volume.id)

        def inodes() -> Mapping[int, int]:
            with self._catalog.read() as reader:
                return files.inodes(reader, volume.id)

        try:
            return self._patience.ask(
                str(root),
                lambda: (
                    Presence(False, "it lies in Rushes' own folder: forget this volume")
                    if self.own.around(root)
                    else _presence(volume, root, known, inode, inodes, said=said)
                ),
            )
        except Passing:
            return Presence(False, "it does not answer")

    def _refuse_own(self, root: Path) -> None:
        own = self._patience.ask(str(root), lambda: self.own.around(root))
        if own:
            raise Refused(
                "Rushes' own folder",
                f"{names.display(str(root))} lies in {names.display(own)}, where Rushes keeps what it makes itself.",
                subject=str(root),
                todo="Choose a folder with footage, outside of it.",
            )

    def _usable(self, folder: Path) -> Path:
        return self._patience.ask(str(folder), lambda: _usable(folder))


def _presence(
    volume: Volume,
    root: Path,
    known: Sequence[tuple[bytes, int, int, int]],
    inode: int,
    inodes: Callable[[], Mapping[int, int]],
    *,
    said: bool,
) -> Presence:
    try:
        with os.scandir(root) as entries:
            empty = next(entries, None) is None
        here = identify(root)
    except OSError as error:
        return Presence(False, f"it does not answer: {error.strerror}")
    except Missing as error:
        return Presence(False, f"it does not answer: {error.message}")
    online = Presence(True, inode=here.inode)
    if not known:
        return online
    if empty:
        return Presence(False, "its folder is empty: nothing is mounted there")
    base = os.fsencode(root)
    if here.fs_key != volume.fs_key or not (here.fs_key or here.subpath):
        # A clone, or a share under another name, is the volume; a card with the same names is not. Every disk
        # hands out the same inode numbers, and cameras begin to count anew on each card.
        alike = sum(_is_alike(base + b"/" + path, size, at, said) for path, size, at, _ in known)
        if alike * 2 > len(known):
            return online
        return Presence(False, "another disk is mounted there")
    found = sum(_is_there(base + b"/" + path, size, number) for path, size, _, number in known)
    # The folder itself, on the same filesystem: all its files may have changed. Of what is mounted, the
    # topmost folder has the same number on every disk.
    same = (here.fs_type, here.subpath, here.inode) == (volume.fs_type, volume.subpath, inode)
    if found or (same and volume.subpath) or (volume.fs_key and not volume.subpath):
        return online
    if _renamed(base, inodes()):
        return online
    return Presence(False, "none of its files is there: this is another folder")


def _is_there(path: bytes, size: int, inode: int) -> bool:
    try:
        info = os.lstat(path)
    except OSError:
        return False
    return info.st_size == size or inode_of(info) == inode


def _is_alike(path: bytes, size: int, mtime_ns: int, said: bool) -> bool:
    try:
        info = os.lstat(path)
    except OSError:
        return False
    return info.st_size == size and (said or same_moment(time_of(info), mtime_ns))


def _renamed(base: bytes, inodes: Mapping[int, int]) -> bool:
    """Same filesystem, none of the known names: everything may have been renamed at the top. Inodes tell."""
    for folder, _, found in itertools.islice(os.walk(base), _FOLDERS):
        for name in found[:200]:
            try:
                info = os.lstat(folder + b"/" + name)
            except OSError:
                continue
            if inodes.get(inode_of(info)) == info.st_size:
                return True
    return False


def identify(root: Path) -> Identity:
    """The identity of the volume at this folder, read from the system alone."""
    mount = filesystems.mount_of(root)
    key = mount.server_share or mount.uuid or ""
    kind = (
        "network" if mount.network else "removable" if filesystems.is_removable(mount) else "local"
    )
    try:
        subpath = str(root.relative_to(mount.mount_path))
    except ValueError:
        subpath = str(root)
    try:
        inode = inode_of(root.stat())
    except OSError as error:
        raise Missing(
            "The folder is gone", f"{root}: {error.strerror}.", subject=str(root)
        ) from error
    return Identity(key, mount.fs_type, "" if subpath == "." else subpath, kind, inode)


def _usable(folder: Path) -> Path:
    root = Path(os.path.realpath(folder))
    if not root.is_dir():
        raise Refused(
            "Not a folder",
            f"{names.display(str(folder))} is no folder that can be watched.",
            subject=str(folder),
            todo="Give a folder that exists and that you may read.",
        )
    try:
        with os.scandir(root):
            return root
    except OSError as error:
        raise Missing(
            "The folder cannot be read",
            f"{names.display(str(folder))}: {error.strerror}.",
            subject=str(folder),
            todo="Check the permissions of the folder.",
        ) from error


def _refuse_overlap(root: Path, known: list[Volume]) -> None:
    for volume in known:
        if not volume.mount:
            continue
        other = Path(volume.mount)
        if root == other or root.is_relative_to(other) or other.is_relative_to(root):
            raise Refused(
                "Watched already",
                f"{names.display(str(root))} overlaps the volume {volume.name!r} at {names.display(volume.mount)}.",
                subject=volume.name,
                todo="Forget that volume first, or choose another folder.",
            )
