"""What holds for every test: guards, a home of its own, no time limits taken from a busy machine."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.guards import expect_log, leak_guard, log_guard
from tests.support.reports import pytest_report_to_serializable

__all__ = ["expect_log", "leak_guard", "log_guard", "pytest_report_to_serializable"]

# Deadlines and "too slow" say more about the machine's other work than about the code.
settings.register_profile("rushes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rushes")


@pytest.fixture(autouse=True, scope="session")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keeps every test, and every program it starts, away from the person's own data, keys and account.

    The cache folder stays: the speech model lies there, and is found by its hash.
    """
    home = tmp_path_factory.mktemp("home")
    own = {
        "RUSHES_HOME": str(home / "rushes"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        for name in [n for n in os.environ if n.startswith("AWS_") and n not in own]:
            patch.delenv(name)
        yield home
