"""Where things lie: the person's data folder, the model store, the resources that come with Rushes."""

import os
import sys
from pathlib import Path

from app.core.model.errors import Bug, Missing

APP = "rushes"


def home(override: Path | None = None) -> Path:
    """The data folder with the catalog: `--home`, else `RUSHES_HOME`, else the user's data folder.

    Absolute, and not made here: see `make_private`.
    """
    chosen = override or _from_environment("RUSHES_HOME")
    if chosen is None:
        import platformdirs

        chosen = platformdirs.user_data_path(APP, appauthor=False)
    return _absolute(chosen)


def models_dir() -> Path:
    """The store of speech models: `RUSHES_MODELS`, else in the user's cache folder, shared by all homes."""
    chosen = _from_environment("RUSHES_MODELS")
    if chosen is None:
        import platformdirs

        chosen = platformdirs.user_cache_path(APP, appauthor=False) / "models"
    return _absolute(chosen)


def make_private(folder: Path) -> Path:
    """Makes a folder that only this user can look into, with its parents, and gives it back.

    Raises:
        Missing: it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Missing(
            "The folder cannot be made",
            f"{folder} could not be made: {problem.strerror}.",
            subject=str(folder),
            todo="Choose another folder with --home, or make this one writable.",
        ) from problem
    return folder


def resource(name: str) -> Path:
    """A file or folder of `resources/`, by its path with `/`: `icons/play.svg`.

    Raises:
        Bug: no such resource, or a name that leads out of the folder.
    """
    parts = name.split("/")
    if not name or ".." in parts or "" in parts or Path(name).is_absolute():
        raise Bug("Not a resource", f"{name!r} is no name inside resources/.", subject=name)
    path = resources_dir().joinpath(*parts)
    if not path.exists():
        raise Bug(
            "A resource is missing", f"{name} did not come with this copy of Rushes.", subject=name
        )
    return path


def resources_dir() -> Path:
    """The folder `resources/`: in the bundle, beside the package in a checkout, or in the installation."""
    beside = Path(__file__).resolve().parents[3] / "resources"
    inside = bundle_dir()
    candidates = [inside / "resources"] if inside else []
    candidates += [beside, Path(sys.prefix) / "share" / APP / "resources"]
    return next((folder for folder in candidates if folder.is_dir()), beside)


def bundle_dir() -> Path | None:
    """The folder of a frozen build, where programs and libraries may lie; None in a checkout."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) if isinstance(frozen, str) else None


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name, "")
    return Path(value) if value else None


def _absolute(path: Path) -> Path:
    # Links stay as the person wrote them: a data folder behind a link is a choice.
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - Path.absolute keeps `..`
