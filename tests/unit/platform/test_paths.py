"""Where the data folder, the models and the resources are."""

from pathlib import Path

import pytest

from app.core.model.errors import Bug, Missing
from app.core.platform import paths


def test_the_home_is_the_option_then_the_environment_then_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUSHES_HOME", str(tmp_path / "env"))
    assert paths.home(tmp_path / "option") == tmp_path / "option"
    assert paths.home() == tmp_path / "env"
    monkeypatch.setenv("RUSHES_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert paths.home() == tmp_path / "data" / "rushes"


def test_a_relative_home_means_the_callers_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.home(Path("here/../there")) == tmp_path / "there"


def test_models_lie_in_the_cache_unless_told_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUSHES_MODELS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("RUSHES_HOME", str(tmp_path / "elsewhere"))
    assert paths.models_dir() == tmp_path / "rushes" / "models"
    monkeypatch.setenv("RUSHES_MODELS", str(tmp_path / "m"))
    assert paths.models_dir() == tmp_path / "m"


def test_a_private_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    folder = paths.make_private(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert paths.make_private(folder) == folder
    (tmp_path / "file").touch()
    with pytest.raises(Missing, match="cannot be made"):
        paths.make_private(tmp_path / "file" / "home")


@pytest.mark.parametrize(
    "name", ["", "../pyproject.toml", "/etc/passwd", "icons//x", "no/such.svg"]
)
def test_a_resource_is_inside_the_resources(name: str) -> None:
    with pytest.raises(Bug):
        paths.resource(name)


def test_a_resource_is_found() -> None:
    assert paths.resource("README.md").read_text(encoding="utf-8").startswith("# ")
