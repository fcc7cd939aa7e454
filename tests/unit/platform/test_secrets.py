"""Secrets come from a keyring or the environment, and from nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from app.core.model.errors import Bug, Missing
from app.core.platform import redaction, secrets


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that works, for as long as the test."""

    priority = 1  # pyright: ignore[reportAssignmentType] - the library declares a property
    name = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def _check(self) -> None:
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")

    def get_password(self, service: str, username: str) -> str | None:
        self._check()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._check()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._check()
        if (service, username) not in self.kept:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.kept[service, username]


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_a_secret_is_kept_in_the_keyring_and_forgotten(memory: MemoryKeyring) -> None:
    secrets.put("target.archive.key", "s3cret-value")
    assert memory.kept == {("rushes", "target.archive.key"): "s3cret-value"}
    assert secrets.get("target.archive.key") == "s3cret-value"
    assert secrets.keyring_name() == "memory"
    secrets.forget("target.archive.key")
    secrets.forget("target.archive.key")
    assert secrets.get("target.archive.key") is None


def test_without_a_keyring_the_environment_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert secrets.keyring_name() is None
    assert secrets.get("target.a-b.key") is None
    monkeypatch.setenv("RUSHES_SECRET_TARGET_A_B_KEY", "from-the-environment")
    assert secrets.get("target.a-b.key") == "from-the-environment"
    with pytest.raises(Missing) as caught:
        secrets.put("target.a-b.key", "another-secret")
    assert "RUSHES_SECRET_TARGET_A_B_KEY" in caught.value.todo
    assert "another-secret" not in str(caught.value)
    secrets.forget("target.a-b.key")
    assert list(tmp_path.iterdir()) == []


def test_a_locked_keyring_lets_the_environment_answer(
    memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.locked = True
    monkeypatch.setenv("RUSHES_SECRET_X", "from-the-environment")
    assert secrets.get("x") == "from-the-environment"
    for act in (lambda: secrets.put("x", "value-of-x"), lambda: secrets.forget("x")):
        with pytest.raises(Missing, match="keyring"):
            act()


def test_what_was_asked_for_never_reaches_a_text(memory: MemoryKeyring) -> None:
    memory.kept["rushes", "k"] = "very-private-7"
    secrets.get("k")
    secrets.put("k2", "also-private-8")
    assert redaction.clean("sent very-private-7 and also-private-8") == "sent [hidden] and [hidden]"


@pytest.mark.parametrize("name", ["", "../x", "UPPER", "a b", "x" * 101])
def test_a_name_is_a_name(name: str, memory: MemoryKeyring) -> None:
    with pytest.raises(Bug):
        secrets.put(name, "value-value")
    assert memory.kept == {}
