"""Secrets: in the system's keyring, else in the environment; never in a file, the catalog, argv or the logs.

A machine without a screen has no keyring (the library then offers its `fail` backend); there the
environment variable `RUSHES_SECRET_<NAME>` is the way. Backends that keep plain files are not used.
"""

import os
import re
from typing import Protocol, cast

from app.core.model.errors import Bug, Missing
from app.core.platform import redaction

SERVICE = "rushes"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_UNUSABLE = ("keyring.backends.fail.", "keyring.backends.null.", "keyrings.alt.")


class Keyring(Protocol):
    """What is asked of a keyring; the library's own classes are only partly typed."""

    name: str

    def get_password(self, _service: str, _username: str, /) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, _service: str, _username: str, _password: str, /) -> None:
        """Keeps a secret."""
        ...

    def delete_password(self, _service: str, _username: str, /) -> None:
        """Takes a secret out."""
        ...


def get(name: str) -> str | None:
    """A secret by name, such as `target.archive.key`; None where nobody has put one."""
    backend = _backend()
    value = _ask(backend, name) if backend else None
    value = value or os.environ.get(variable(name)) or None
    if value:
        redaction.hide(value)
    return value


def put(name: str, value: str) -> None:
    """Keeps a secret in the keyring.

    Raises:
        Missing: there is no keyring, or it is locked.
    """
    from keyring.errors import KeyringError

    redaction.hide(value)
    backend = _backend()
    if backend is None:
        raise _no_keyring(name)
    try:
        backend.set_password(SERVICE, _checked(name), value)
    except (KeyringError, OSError) as problem:
        raise _no_keyring(name) from problem


def forget(name: str) -> None:
    """Takes a secret out of the keyring; nothing happens where there is none."""
    from keyring.errors import KeyringError, PasswordDeleteError

    backend = _backend()
    if backend is None:
        return
    try:
        backend.delete_password(SERVICE, _checked(name))
    except PasswordDeleteError:
        return  # it was not there
    except (KeyringError, OSError) as problem:
        raise _no_keyring(name) from problem


def variable(name: str) -> str:
    """The environment variable of a secret: `RUSHES_SECRET_TARGET_ARCHIVE_KEY`."""
    return "RUSHES_SECRET_" + re.sub(r"[^A-Z0-9]", "_", _checked(name).upper())


def keyring_name() -> str | None:
    """What keeps the secrets here, for a person; None where nothing does."""
    backend = _backend()
    return backend.name if backend else None


def _backend() -> Keyring | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        backend = cast("Keyring", keyring.get_keyring())
    except (KeyringError, RuntimeError, OSError):
        return None
    kind = f"{type(backend).__module__}.{type(backend).__qualname__}"
    return None if kind.startswith(_UNUSABLE) else backend


def _ask(backend: Keyring, name: str) -> str | None:
    from keyring.errors import KeyringError

    try:
        return backend.get_password(SERVICE, _checked(name))
    except (KeyringError, OSError):
        return None  # locked or gone: the environment may still know


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Bug("Not a name of a secret", f"{name!r} is no name of a secret.", subject=name)
    return name


def _no_keyring(name: str) -> Missing:
    return Missing(
        "No keyring to keep the secret in",
        "This machine has no keyring that can be used now, and secrets are never written to a plain file.",
        subject=name,
        todo=f"Unlock the keyring, or set the environment variable {variable(name)} before starting Rushes.",
    )
