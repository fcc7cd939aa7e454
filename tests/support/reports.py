"""What a test reports goes from process to process as UTF-8: names of files that are no text must not end the run."""

from collections.abc import Generator
from typing import Any

import pytest

Plain = dict[str, Any]


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Plain | None, Plain | None]:
    """Sends lone surrogates, as in `caf\\udce9.mov`, by their names."""
    return _sendable((yield))


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_sendable(key): _sendable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_sendable(one) for one in value)
    return value
