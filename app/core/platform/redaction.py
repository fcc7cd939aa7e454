"""Takes secrets out of text before it is written anywhere: known values, signed addresses, passwords in addresses."""

import re

HIDDEN = "[hidden]"
_SHORTEST = 6
"""Shorter values would hide ordinary words."""

_known: set[str] = set()
_ADDRESS = re.compile(
    r"\b([a-z][a-z0-9+.-]*://)(?:[^\s/@\"']*@)?([^\s?\"']*)(\?[^\s\"']*)?", re.IGNORECASE
)
_NAMED = re.compile(
    r"((?:authorization|x-amz-security-token|secret[\w-]*key|session[\w-]*token|password)[\"']?\s*[:=]\s*)"
    r"(?:\"[^\"]*\"|'[^']*'|(?:bearer |basic |aws4-hmac-sha256 )?[^\s,;}]+)",
    re.IGNORECASE,
)


def hide(value: str) -> None:
    """Remembers a secret of this process, so that `clean` finds it wherever it turns up."""
    if len(value) >= _SHORTEST:
        _known.add(value)


def clean(text: str) -> str:
    """The text without secrets; addresses lose user, password and everything behind `?`."""
    for value in sorted(_known, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    return _ADDRESS.sub(_plain_address, text)


def _plain_address(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}" + (f"?{HIDDEN}" if found[3] else "")
