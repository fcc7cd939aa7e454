"""The model store: finds a model on this machine, puts it together from packages, or downloads it.

Order of looking: folders added with `rushes model add` (air-gapped sites), the store itself, the
installed packages, the hub. Every file is checked against its pinned hash before it is handed out.
Nothing happens at import or start-up; only `get` ever opens a connection.
"""

import contextlib
import dataclasses
import enum
import functools
import os
import threading
from collections.abc import Generator
from pathlib import Path

from app.core.model.errors import BadData, Cancelled, Missing, Refused
from app.core.platform import paths
from app.core.post.models.hub import Hub
from app.core.post.models.packages import installed_pack, join_pieces
from app.core.post.models.registry import (
    LOADED_NAMES,
    ModelFile,
    ModelSpec,
    Registry,
    Release,
    load_registry,
)
from app.core.post.models.searching import AddedFolders, nothing_else, places_of
from app.core.post.models.storage import (
    Cancel,
    Progress,
    ignore_progress,
    part_of,
    publish,
    require_room,
)
from app.core.post.models.verifying import Verifier


class Place(enum.Enum):
    """Where a model can come from, nearest first."""

    HERE = "here"
    PACKAGES = "packages"
    HUB = "hub"
    NOWHERE = "nowhere"


@dataclasses.dataclass(frozen=True, slots=True)
class Located:
    """A model on disk, every file of it checked."""

    spec: ModelSpec
    release: Release
    folder: Path

    @property
    def identity(self) -> str:
        """Id and weights together: changes whenever results could (`base@d01c3014881c`)."""
        return f"{self.spec.id}@{self.release.weights.sha256[:12]}"


@dataclasses.dataclass(frozen=True, slots=True)
class ModelStatus:
    """One line of `rushes model list`."""

    spec: ModelSpec
    place: Place
    size: int
    folder: Path | None


class ModelStore:
    """One folder of models, and the other places they come from."""

    def __init__(self, folder: Path, registry: Registry, hub: Hub | None = None) -> None:
        """Keeps what it is given; opens nothing.

        Args:
            folder: the store; made when something is put there.
            registry: what is pinned.
            hub: where to download from; None on machines that must never try.
        """
        self._folder = folder
        self._registry = registry
        self._hub = hub
        self._added = AddedFolders(folder)
        self._verifier = Verifier(folder / "verified.json")
        self._lock = threading.Lock()
        """One preparation at a time: two lanes may ask for the same model at once."""

    def list_models(self) -> list[ModelStatus]:
        """Every known model and where it would come from now. Hashes nothing: sizes decide."""
        return [self._status(spec) for spec in self._registry.models]

    def resolve(self, model_id: str, cancelled: Cancel = lambda: False) -> Located:
        """The model, if this machine has it in any form; joins installed packages where needed.

        Raises:
            Refused: no such model.
            Missing: not on this machine; says how to get it.
            BadData: a package does not hold the pinned bytes.
        """
        spec = self._registry.spec(model_id)
        with self._alone(cancelled):
            return self._local(spec, ignore_progress, cancelled) or self._give_up(spec)

    def get(
        self, model_id: str, progress: Progress = ignore_progress, cancelled: Cancel = lambda: False
    ) -> Located:
        """Like `resolve`, and downloads what is not there.

        Args:
            model_id: one of the registry's ids.
            progress: told (bytes so far, bytes of all files) while something is written.
            cancelled: asked between blocks; what arrived is kept.

        Raises:
            Refused: no such model.
            Missing: the hub cannot be reached; says the way without it.
            Passing: the line keeps dropping.
            BadData: what arrived is not the pinned file.
        """
        spec = self._registry.spec(model_id)
        with self._alone(cancelled):
            found = self._local(spec, progress, cancelled)
            if found:
                return found
            release = next((each for each in spec.releases if each.repo), None)
            if self._hub is None or release is None:
                return self._give_up(spec)
            try:
                return self._download(self._hub, spec, release, progress, cancelled)
            except Missing as error:
                error.todo = error.todo or _offline_way(spec)
                raise

    def add_folder(self, folder: Path) -> tuple[str, ...]:
        """Remembers a folder as a place of models and names those it holds, all hashes checked.

        Raises:
            Missing: no such folder.
            Refused: no known model in it.
        """
        folder = folder.expanduser().resolve()
        if not folder.is_dir():
            raise Missing("No such folder", f"{folder} is not there.", subject=str(folder))
        held = tuple(
            spec.id for spec in self._registry.models if self._inside(folder, spec, lambda: False)
        )
        if not held:
            raise Refused(
                "No model in this folder",
                f"{folder} holds no model Rushes knows, or its files are not the pinned ones.",
                subject=str(folder),
                todo="Give the folder that holds model.bin, or the one above it.",
            )
        self._added.remember(folder)
        return held

    def folders(self) -> tuple[Path, ...]:
        """The added folders, latest first."""
        return self._added.all()

    @contextlib.contextmanager
    def _alone(self, cancelled: Cancel) -> Generator[None]:
        """One at a time, and whoever waits for a long download can be called off."""
        while not self._lock.acquire(timeout=0.2):
            if cancelled():
                raise Cancelled("Called off", "Another model is still being prepared.")
        try:
            yield
        finally:
            self._lock.release()

    def _local(self, spec: ModelSpec, progress: Progress, cancelled: Cancel) -> Located | None:
        for folder in (*self.folders(), self._folder):
            if found := self._inside(folder, spec, cancelled):
                return found
        for release in spec.releases:
            if pack := installed_pack(release):
                target = self._folder / spec.id
                require_room(target, release.size)
                join_pieces(release, pack, target, progress, cancelled)
                return self._finish(spec, release, target, cancelled)
        return None

    def _inside(self, folder: Path, spec: ModelSpec, cancelled: Cancel) -> Located | None:
        """The model, if it lies in this folder or a little below it, whole and right."""
        for release in spec.releases:
            for place in places_of(release.weights, folder):
                if nothing_else(place, release) and all(
                    self._verifier.is_right(place / file.name, file, cancelled)
                    for file in release.files
                ):
                    return Located(spec, release, place)
        return None

    def _download(
        self, hub: Hub, spec: ModelSpec, release: Release, progress: Progress, cancelled: Cancel
    ) -> Located:
        target = self._folder / spec.id
        require_room(target, release.size)
        done = 0
        for file in release.files:
            if not self._verifier.is_right(target / file.name, file, cancelled):
                told = functools.partial(_told, progress, done, release.size)
                hub.fetch(release, file, part_of(target, file), told, cancelled)
                self._put(file, target, cancelled)
            done += file.size
            progress(done, release.size)
        return self._finish(spec, release, target, cancelled)

    def _finish(
        self, spec: ModelSpec, release: Release, target: Path, cancelled: Cancel
    ) -> Located:
        for file in release.files:
            if part_of(target, file).exists():
                self._put(file, target, cancelled)
        for stale in LOADED_NAMES - {file.name for file in release.files}:
            # Left over from another release of the same model: the loader must not pick it up.
            (target / stale).unlink(missing_ok=True)
        return Located(spec, release, target)

    def _put(self, file: ModelFile, target: Path, cancelled: Cancel) -> None:
        """Checks what arrived and gives it its name; what is not the pinned file is thrown away."""
        part, final = part_of(target, file), target / file.name
        if not self._verifier.is_right(part, file, cancelled):
            part.unlink(missing_ok=True)
            raise BadData(
                "Not the pinned model",
                f"{file.name} arrived with other bytes than it must have; it was thrown away.",
                subject=str(final),
                todo="Try again; if it happens again, the source is damaged or tampered with.",
            )
        publish(part, final)
        self._verifier.moved(part, final)

    def _status(self, spec: ModelSpec) -> ModelStatus:
        size = spec.releases[0].size
        for release in spec.releases:
            for folder in (*self.folders(), self._folder):
                for place in places_of(release.weights, folder):
                    return ModelStatus(spec, Place.HERE, release.size, place)
        if any(installed_pack(release) for release in spec.releases):
            return ModelStatus(spec, Place.PACKAGES, size, None)
        on_hub = self._hub is not None and any(release.repo for release in spec.releases)
        return ModelStatus(spec, Place.HUB if on_hub else Place.NOWHERE, size, None)

    def _give_up(self, spec: ModelSpec) -> Located:
        raise Missing(
            "Model not on this machine",
            f"The model {spec.id} is neither in {self._folder} nor in an added folder or installed package.",
            subject=spec.id,
            todo=f"rushes model get {spec.id}, or without a network: {_offline_way(spec)}",
        )


def open_store(hub: bool = True) -> ModelStore:
    """The store of this user: `RUSHES_MODELS`, else the cache folder; the shipped registry.

    Args:
        hub: False where nothing may ever be downloaded.
    """
    registry = load_registry(paths.resource("models/registry.toml"))
    address = os.environ.get("HF_ENDPOINT", "")
    return ModelStore(
        paths.models_dir(), registry, (Hub(address) if address else Hub()) if hub else None
    )


def _told(progress: Progress, before: int, total: int, done: int, _size: int) -> None:
    progress(before + done, total)


def _offline_way(spec: ModelSpec) -> str:
    packs = [" ".join(pack.distributions) for release in spec.releases for pack in release.packs]
    ways = [f"pip install {pack}" for pack in packs[:1]]
    ways.append("copy the model's folder from another machine and run: rushes model add FOLDER")
    return "; or ".join(ways)
