"""The models Rushes knows, as data: every file pinned by size and SHA-256.

Read from `resources/models/registry.toml`. A model may come in several releases (exact sets of
files that do the same work); nothing that is not in the registry is ever loaded.
"""

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from app.core.model.errors import Bug, Refused

_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

WEIGHTS = "model.bin"
"""The file that tells one release from another."""

LOADED_NAMES = frozenset(
    {
        WEIGHTS,
        "config.json",
        "preprocessor_config.json",
        "tokenizer.json",
        "vocabulary.json",
        "vocabulary.txt",
        "shared_vocabulary.json",
    }
)
"""What a Whisper loader opens when it finds it: a folder with any of these unpinned is refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class ModelFile:
    """One pinned file."""

    name: str
    size: int
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Pack:
    """Installed Python packages a release can be put together from."""

    distributions: tuple[str, ...]
    """What to install to get it."""
    pieces: Mapping[str, tuple[str, ...]]
    """File name -> pieces in order, each `module:path within it`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """One exact set of files."""

    files: tuple[ModelFile, ...]
    repo: str = ""
    """Repository on the hub; "" where the release comes from packages only."""
    revision: str = ""
    packs: tuple[Pack, ...] = ()

    @property
    def weights(self) -> ModelFile:
        """The file that tells this release from another."""
        return next(file for file in self.files if file.name == WEIGHTS)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)


@dataclasses.dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model, under the id people choose it by."""

    id: str
    title: str
    family: str
    """Which code runs it: `whisper`."""
    languages: tuple[str, ...]
    """Codes it understands; `*` for many."""
    licence: str
    releases: tuple[Release, ...]

    @property
    def multilingual(self) -> bool:
        """True where it finds out by itself which language is spoken."""
        return "*" in self.languages


@dataclasses.dataclass(frozen=True, slots=True)
class Registry:
    """All models, in the order they are listed."""

    models: tuple[ModelSpec, ...]

    def spec(self, model_id: str) -> ModelSpec:
        """The model of this id.

        Raises:
            Refused: no such model; the choices are named.
        """
        for spec in self.models:
            if spec.id == model_id:
                return spec
        choices = tuple(spec.id for spec in self.models)
        raise Refused(
            "Unknown model",
            f"Rushes knows no model called {model_id!r}.",
            subject=model_id,
            todo="Choose one of: " + ", ".join(choices) + ".",
            choices=choices,
        )


def load_registry(path: Path) -> Registry:
    """Reads the registry file; an entry without a proper hash is our own mistake and raises `Bug`."""
    with path.open("rb") as stream:
        tables = cast("list[dict[str, object]]", tomllib.load(stream).get("model", []))
    return Registry(tuple(_spec(table) for table in tables))


def _spec(table: Mapping[str, object]) -> ModelSpec:
    releases = cast("list[dict[str, object]]", table["release"])
    return ModelSpec(
        id=_name(table["id"]),
        title=str(table["title"]),
        family=str(table["family"]),
        languages=tuple(cast("list[str]", table["languages"])),
        licence=str(table["licence"]),
        releases=tuple(_release(release) for release in releases),
    )


def _release(table: Mapping[str, object]) -> Release:
    hub = cast("dict[str, str]", table.get("hub", {}))
    packs = cast("list[dict[str, object]]", table.get("pack", []))
    files = cast("list[dict[str, object]]", table["files"])
    return Release(
        files=tuple(_file(file) for file in files),
        repo=hub.get("repo", ""),
        revision=hub.get("revision", ""),
        packs=tuple(_pack(pack) for pack in packs),
    )


def _file(table: Mapping[str, object]) -> ModelFile:
    sha256 = str(table["sha256"])
    if not _SHA256.fullmatch(sha256):
        raise Bug("Model registry", f"{table['name']} has no proper SHA-256.")
    return ModelFile(_name(table["name"]), int(str(table["size"])), sha256)


def _pack(table: Mapping[str, object]) -> Pack:
    pieces = cast("dict[str, list[str]]", table["pieces"])
    return Pack(
        distributions=tuple(cast("list[str]", table["distributions"])),
        pieces={_name(name): tuple(parts) for name, parts in pieces.items()},
    )


def _name(value: object) -> str:
    """Ids and file names become folder and file names: nothing but plain ones."""
    if not _NAME.fullmatch(str(value)):
        raise Bug("Model registry", f"{value!r} is no plain name.")
    return str(value)
