"""Downloads pinned files from a model hub: resumable, checked, never at start-up.

The bytes are trusted by their hash alone; TLS is verified all the same, and a plain `http://`
address is accepted on loopback only. What has arrived stays in a `.part` file, so a dropped line or
a stopped program goes on where it was.
"""

import http.client
import logging
import os
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import IO, cast

from typing_extensions import override

from app.core.model.errors import BadData, Cancelled, Missing, Passing, Refused, RushesError
from app.core.post.models.registry import ModelFile, Release
from app.core.post.models.storage import Cancel, Progress, translated

log = logging.getLogger(__name__)

PUBLIC_HUB = "https://huggingface.co"
_BLOCK = 1 << 18
_TIMEOUT = 30
"""Seconds without a byte before the line counts as dropped."""
_DROPS = 5
"""Dropped lines in a row, without a byte between them, before it is given up."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Hub:
    """A model hub by its address."""

    def __init__(self, address: str = PUBLIC_HUB) -> None:
        """Checks the address.

        Raises:
            Refused: neither https nor loopback.
        """
        _require_safe(address)
        self._address = address.rstrip("/")
        handlers: list[urllib.request.BaseHandler] = [_SafeRedirects()]
        if urllib.parse.urlsplit(address).hostname in _LOOPBACK:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def url(self, release: Release, file: ModelFile) -> str:
        """Where one file of a release is."""
        return f"{self._address}/{release.repo}/resolve/{release.revision}/{file.name}"

    def fetch(
        self, release: Release, file: ModelFile, part: Path, progress: Progress, cancelled: Cancel
    ) -> None:
        """Brings `part` to the pinned size, from where it stands. The caller checks the hash.

        Args:
            release: says repository and revision.
            file: name and size.
            part: the temporary file; bytes in it are kept.
            progress: told (bytes of this file so far, its size).
            cancelled: asked between blocks.

        Raises:
            Missing: the hub cannot be reached or does not have the file.
            BadData: the hub's file is larger than the pinned one.
            Passing: the line keeps dropping, or the hub is busy.
            Cancelled: asked for; what arrived stays.
        """
        drops = 0
        have = _start(part, file)
        while have < file.size:
            problem = self._attempt(self.url(release, file), file, part, progress, cancelled)
            now = _start(part, file)
            drops = 0 if now > have else drops + 1
            if drops > _DROPS:
                raise problem
            have = now

    def _attempt(
        self, url: str, file: ModelFile, part: Path, progress: Progress, cancelled: Cancel
    ) -> Passing:
        """One request. Returns what is to be said should it turn out to have brought too little."""
        try:
            self._stream(url, file, part, progress, cancelled)
        except (OSError, http.client.HTTPException) as error:
            problem = _translated(error, url)
            if not isinstance(problem, Passing):
                raise problem from error
            log.info("download of %s dropped: %s", file.name, error)
            return problem
        return Passing("The hub sends too little", f"{url} ends before its size.", subject=url)

    def _stream(
        self, url: str, file: ModelFile, part: Path, progress: Progress, cancelled: Cancel
    ) -> None:
        """Appends what one request brings to the bytes that are there."""
        with translated(part):
            out = part.open("r+b")
        have = out.seek(0, os.SEEK_END)
        with out, self._open(url, have) as answer:
            if have and not _continues(answer, have):
                have = out.truncate(out.seek(0))
            while block := answer.read(_BLOCK):
                if cancelled():
                    raise Cancelled("Stopped", "The download was stopped; what arrived is kept.")
                have += len(block)
                if have > file.size:
                    raise BadData(
                        "Not the pinned file", f"{url} is larger than it should be.", subject=url
                    )
                with translated(part):
                    out.write(block)
                progress(have, file.size)

    def _open(self, url: str, have: int) -> http.client.HTTPResponse:
        request = urllib.request.Request(url, headers={"User-Agent": "Rushes"})  # noqa: S310 - see _require_safe
        if have:
            request.add_header("Range", f"bytes={have}-")
        return cast("http.client.HTTPResponse", self._opener.open(request, timeout=_TIMEOUT))


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects (hubs keep large files elsewhere), but never from TLS to plain text."""

    @override
    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _require_safe(address: str) -> None:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    raise Refused(
        "Unsafe address", f"{address!r} is neither https nor on this machine.", subject=address
    )


def _start(part: Path, file: ModelFile) -> int:
    """Bytes that are there already; more than pinned cannot be ours and begins anew."""
    with translated(part):
        part.touch()
        size = part.stat().st_size
        if size > file.size:
            part.write_bytes(b"")
            return 0
    return size


def _continues(answer: http.client.HTTPResponse, have: int) -> bool:
    """True where the hub kept to the range that was asked for."""
    return answer.status == http.HTTPStatus.PARTIAL_CONTENT and (
        answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    )


def _translated(error: Exception, url: str) -> RushesError:
    """What went wrong, in words, and whether another try can help."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code in {408, 425, 429} or error.code >= 500:
            return Passing("The model hub is busy", f"{url} answers {error.code}.", subject=url)
        return Missing(
            "The model hub refuses", f"{url} answers {error.code} {error.reason}.", subject=url
        )
    if isinstance(error, urllib.error.URLError):
        return Missing("The model hub cannot be reached", f"{url}: {error.reason}.", subject=url)
    return Passing("The line dropped", f"{url}: {error}.", subject=url, todo="Try again.")
