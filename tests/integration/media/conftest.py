"""Clips of every kind, made once for a run."""

from collections.abc import Callable

import pytest

from tests.support.media_factory import MediaFactory
from tests.support.media_kinds import KINDS, Clip

_made: dict[str, Clip] = {}


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaFactory:
    """A factory whose clips stay for the whole run."""
    return MediaFactory(tmp_path_factory.mktemp("media"))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def clip(request: pytest.FixtureRequest, media: MediaFactory) -> Clip:
    """One clip of each kind in turn."""
    make: Callable[[MediaFactory], Clip] = request.param
    if make.__name__ not in _made:
        _made[make.__name__] = make(media)
    return _made[make.__name__]
