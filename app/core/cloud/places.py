"""Where a target's objects go, and the store that takes them there."""

import dataclasses
import ipaddress
import urllib.parse
from pathlib import Path

from app.core.cloud.store import ObjectStore
from app.core.model.errors import Refused

FOLDER_SCHEME = "file"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A bucket and how to reach it. Holds no secret."""

    bucket: str
    endpoint: str = ""
    """`https://…`, `http://` to loopback only, `file:///folder` for a disk; empty is Amazon."""
    region: str = ""
    profile: str = ""
    """An AWS profile; empty is the environment's default."""
    target_id: str = ""
    """Names the keyring entries `s3.<target id>.…`; empty where the keyring is not asked."""

    @property
    def shown(self) -> str:
        """The place in words: `bucket at host`, without anything an address may hide."""
        if not self.endpoint:
            return f"{self.bucket} at Amazon S3"
        parts = urllib.parse.urlsplit(self.endpoint)
        return f"{self.bucket} at {parts.hostname or parts.path}" + (
            f":{parts.port}" if parts.port else ""
        )


def open_store(place: Place) -> ObjectStore:
    """The store of a place; nothing is asked of it yet.

    Raises:
        Refused: the endpoint cannot be used.
    """
    if urllib.parse.urlsplit(place.endpoint).scheme == FOLDER_SCHEME:
        from app.core.cloud.folder import FolderStore

        return FolderStore(_folder(place))
    from app.core.cloud.s3 import S3Store

    return S3Store(place)


def check_endpoint(endpoint: str) -> str:
    """The endpoint when Rushes may talk to it, else `Refused`; empty is Amazon's own.

    Credentials and footage never travel in the clear: `http://` is for loopback alone.
    """
    if not endpoint:
        return endpoint
    try:
        parts = urllib.parse.urlsplit(endpoint)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal(endpoint, "it is no address") from None
    if parts.scheme not in ("https", "http") or not host:
        raise _refusal(endpoint, "it must begin with https:// and name a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _refusal(endpoint, "it may hold neither a user name nor a query")
    if parts.scheme == "http" and not is_loopback(host):
        raise _refusal(endpoint, "http:// is allowed to this computer only; use https://")
    return endpoint


def is_loopback(host: str) -> bool:
    """Whether a host name is this computer for certain."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _folder(place: Place) -> Path:
    path = Path(urllib.parse.unquote(urllib.parse.urlsplit(place.endpoint).path))
    if not path.is_absolute() or place.bucket in ("", ".", "..") or "/" in place.bucket:
        raise _refusal(place.endpoint, "a folder needs a whole path and a plain bucket name")
    return path / place.bucket


def _refusal(endpoint: str, reason: str) -> Refused:
    plain = endpoint.split("?")[0].rpartition("@")[2]
    return Refused("The endpoint cannot be used", f"{plain}: {reason}.", subject=plain)
