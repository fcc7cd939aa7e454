"""The real speech model and real footage, where they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.model.errors import Missing
from app.core.post.models.store import Located, open_store
from app.core.post.speech_client import SpeechWorker

FOOTAGE = Path(__file__).parents[4] / "shared" / "footage"


@pytest.fixture(scope="session")
def base_model() -> Located:
    """The multilingual base model: from the store, or joined from the installed packages."""
    try:
        return open_store(hub=False).resolve("base")
    except Missing as missing:
        pytest.skip(f"no speech model here: {missing.todo}")


@pytest.fixture
def worker(base_model: Located, tmp_path: Path) -> Iterator[SpeechWorker]:
    """A speech worker that reads this test's folder."""
    with SpeechWorker(base_model.folder, readable=(tmp_path,)) as running:
        yield running


@pytest.fixture
def footage() -> Path:
    """The folder of real footage beside the checkout."""
    if not FOOTAGE.is_dir():
        pytest.skip("no footage folder beside the checkout")
    return FOOTAGE
