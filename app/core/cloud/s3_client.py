"""The S3 client: where its credentials come from and how it talks.

Credentials: the keyring entry of the target, else the target's AWS profile, else the environment
and the default profile. The instance services of cloud machines are never asked: they cost seconds
on a desk, and would send with rights that nobody chose.
"""

import dataclasses
import logging
import urllib.parse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast

from app.core.cloud.places import Place, check_endpoint, is_loopback
from app.core.cloud.s3_errors import no_credentials
from app.core.cloud.wire import WireSession

if TYPE_CHECKING:
    import botocore.session
    from botocore.config import Config
    from mypy_boto3_s3.client import S3Client

DEFAULT_REGION: Final = "us-east-1"

SecretLookup = Callable[[str], str | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Patience:
    """Seconds before a silent peer counts as gone."""

    connect: int = 10
    read: int = 60


class SecretNames(NamedTuple):
    """The keyring entries of one target."""

    access_key: str
    secret_key: str
    session_token: str


def secret_names(target_id: str) -> SecretNames:
    """Under which names `app.core.platform.secrets` keeps a target's credentials."""
    entry = f"s3.{target_id}"
    return SecretNames(f"{entry}.access_key", f"{entry}.secret_key", f"{entry}.session_token")


class _ClientMaker(Protocol):
    """A boto3 session, without the overloads of hundreds of services."""

    def client(self, service: str, /, **options: object) -> "S3Client": ...


def make_client(
    place: Place, secret: SecretLookup, patience: Patience, connections: int
) -> "tuple[S3Client, WireSession]":
    """A client for the place, and the connections it uses (to close them).

    Raises:
        Refused: the endpoint may not be used.
        Missing: there are no credentials.
    """
    import boto3.session

    # At DEBUG these print signed headers, and with them session tokens.
    for name in ("boto3", "botocore", "urllib3"):
        logging.getLogger(name).setLevel(logging.INFO)
    endpoint = check_endpoint(place.endpoint)
    session = _session(place)
    keys = _keyring_keys(place, secret)
    if keys:
        session.set_credentials(*keys)
    if session.get_credentials() is None:
        raise no_credentials(place.shown)
    maker: _ClientMaker = cast("Any", boto3.session.Session(botocore_session=session))
    client = maker.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=place.region or session.get_config_variable("region") or DEFAULT_REGION,
        config=_config(endpoint, patience, connections),
    )
    wire = WireSession(
        ca_bundle=session.get_config_variable("ca_bundle") or "",
        proxies=_proxies(endpoint),
        connect_seconds=patience.connect,
        read_seconds=patience.read,
        connections=connections,
    )
    # What this handler returns is taken for the answer, whatever the stubs say.
    client.meta.events.register("before-send.s3", cast("Callable[..., None]", wire.send))
    return client, wire


def _session(place: Place) -> "botocore.session.Session":
    import botocore.session

    session = botocore.session.Session(profile=place.profile or None)
    providers = session.get_component("credential_provider")
    for instance_service in ("container-role", "iam-role"):
        providers.remove(instance_service)
    return session


def _keyring_keys(place: Place, secret: SecretLookup) -> tuple[str, str, str | None] | None:
    if not place.target_id:
        return None
    names = secret_names(place.target_id)
    access, hidden = secret(names.access_key), secret(names.secret_key)
    if not access or not hidden:
        return None
    return access, hidden, secret(names.session_token)


def _config(endpoint: str, patience: Patience, connections: int) -> "Config":
    from botocore.config import Config

    options: dict[str, Any] = {
        # The address of the target is the whole truth: no AWS_ENDPOINT_URL sends it elsewhere.
        "ignore_configured_endpoint_urls": True,
        "signature_version": "s3v4",
        "connect_timeout": patience.connect,
        "read_timeout": patience.read,
        "max_pool_connections": connections,
        # Rushes counts and paces the tries itself; tries within tries would multiply in a storm,
        # and their pauses could not be called off.
        "retries": {"mode": "standard", "total_max_attempts": 1},
        # Checksums are computed while the file is read and given with each request.
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "s3": {
            "addressing_style": "path" if endpoint else "auto",
            # The checksum guards the body, TLS the rest; a second hash would double the CPU.
            "payload_signing_enabled": False,
        },
    }
    return Config(**options)


def _proxies(endpoint: str) -> dict[str, str]:
    """The machine's web proxies, which must not see requests to the machine itself."""
    import botocore.utils

    host = urllib.parse.urlsplit(endpoint).hostname or ""
    if host and is_loopback(host):
        return {}
    return botocore.utils.get_environ_proxies(endpoint or "https://s3.amazonaws.com")
