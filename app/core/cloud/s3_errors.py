"""What S3 and the way to it complain about, translated once.

The words name the bucket, the endpoint and the missing right; never a key, a token or a query string.
Names of exceptions and operations are detail, for whoever looks closer.
"""

import dataclasses
import datetime
import email.utils
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from app.core.cloud.store import (
    Absent,
    AccessDenied,
    ChangedMeanwhile,
    Conflict,
    CredentialsRefused,
    DamagedOnTheWay,
    NoSuchUpload,
    PartsRefused,
)
from app.core.model.errors import Missing, NoRoom, Passing, Refused, RushesError
from app.core.model.names import display

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

SKEW_LIMIT: Final = 15 * 60
"""Seconds that S3 lets a request's clock be wrong."""

RIGHTS: Final = {
    "HeadObject": "s3:GetObject and s3:ListBucket",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
}

_PASSING: Final = frozenset(
    {
        "SlowDown", "ServiceUnavailable", "InternalError", "InternalFailure", "RequestTimeout", "RequestTimeoutException",
        "Throttling", "ThrottlingException", "RequestLimitExceeded", "BandwidthLimitExceeded", "PriorRequestNotComplete",
        "OperationAborted", "TooManyRequests", "503", "500", "502", "504", "429", "408",
    }
)  # fmt: skip
_DAMAGED: Final = frozenset({"BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"})  # fmt: skip
_WRONG_KEYS: Final = frozenset({"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthorizationHeaderMalformed", "401", "Unauthorized"})  # fmt: skip
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_DENIED: Final = frozenset({"AccessDenied", "AllAccessDisabled", "Forbidden", "403"})
_CONDITION: Final = frozenset({"PreconditionFailed", "412"})
_ELSEWHERE: Final = frozenset({"PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException", "301", "307"})  # fmt: skip
_UNKNOWN: Final = frozenset({"NotImplemented", "501"})
_PARTS: Final = frozenset({"InvalidPart", "InvalidPartOrder", "MalformedXML"})
"""A Complete names parts alone: whatever is not understood of it is about them, and may be damage on the way."""
_FULL: Final = frozenset({"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "507"})


_NETWORK: Final = "Check the network and the target's endpoint."
_WAYS: Final[Sequence[tuple[str, tuple[str, str]]]] = (
    (
        "NameResolution",
        (
            "No computer of the endpoint's name is known here.",
            "Check the target's endpoint and the network.",
        ),
    ),
    (
        "gaierror",
        (
            "No computer of the endpoint's name is known here.",
            "Check the target's endpoint and the network.",
        ),
    ),
    (
        "Proxy",
        (
            "The web proxy of this computer cannot be reached.",
            "Check the proxy's address, or the network.",
        ),
    ),
    (
        "ConnectionRefused",
        (
            "Nothing listens at the endpoint's address.",
            "Check the target's endpoint and port, and that the server runs.",
        ),
    ),
    (
        "ConnectTimeout",
        ("The endpoint does not pick up: no connection came about in time.", _NETWORK),
    ),
    ("ReadTimeout", ("The endpoint went silent in the middle of an answer.", _NETWORK)),
    ("EndpointConnection", ("The endpoint cannot be reached.", _NETWORK)),
    ("", ("The connection broke off.", "Check the network.")),
)
"""Part of an error's name -> (what it means, what to look at); the first that fits."""
_UNTRUSTED: Final = re.compile(r"certificate|hostname|doesn.t match", re.IGNORECASE)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The parts of S3's error answer that say what went wrong."""

    code: str
    status: int
    message: str
    server_time: datetime.datetime | None
    """From the Date header."""


def translate(
    error: BaseException, place: str, operation: str, now: datetime.datetime
) -> RushesError:
    """The error of ours that a foreign one means.

    Args:
        error: what botocore or a socket raised.
        place: bucket and endpoint.
        operation: S3's name of what was tried.
        now: this machine's time, to tell a wrong clock.
    """
    from botocore import exceptions as known

    if isinstance(error, RushesError):
        return error
    if _went_in_circles(error):
        return _elsewhere(place)  # botocore follows a server that only ever redirects
    if isinstance(error, known.ClientError):
        return _of_answer(_answer(error), place, operation, now)
    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError):
        return no_credentials(place)
    # A TLS connection that is cut is an SSLError too, and passes.
    if isinstance(error, known.SSLError) and _UNTRUSTED.search(str(error)):
        return Missing(
            "The server cannot prove who it is",
            "Its TLS certificate is not trusted here, has expired, or is for another host.",
            subject=place,
            todo="Check the endpoint's address. For a private authority set AWS_CA_BUNDLE to its certificate.",
        )
    if isinstance(
        error, known.HTTPClientError | known.ConnectionError | known.IncompleteReadError | OSError
    ):
        return _unreached(error, place, operation)
    return _of_client(error, place, operation)


def _unreached(error: BaseException, place: str, operation: str) -> Passing:
    """A way to the bucket that is closed now: why, as far as the system told, and what to look at."""
    names = [type(one).__name__ for one in _causes(error)]
    message, todo = next(
        (words for mark, words in _WAYS if any(mark in name for name in names)), _WAYS[-1][1]
    )
    return Passing(
        "The bucket does not answer",
        message,
        subject=place,
        todo=f"{todo} Rushes goes on by itself.",
        detail=f"{operation}: {', '.join(dict.fromkeys(names))}",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what lies below it; libraries keep it in attributes of several names."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            kept = cast("dict[str, Any]", getattr(one, "kwargs", None) or {})
            waiting += [kept.get("error"), getattr(one, "reason", None)]
            waiting += [one.__cause__, one.__context__]


def _went_in_circles(error: BaseException | None) -> bool:
    """Whether a recursion without end lies below; where it broke decides what botocore wraps it in."""
    while error is not None:
        if isinstance(error, RecursionError):
            return True
        error = error.__cause__ or error.__context__
    return False


def no_credentials(place: str) -> Missing:
    """Nobody told Rushes how to sign in."""
    return Missing(
        "No credentials for the bucket",
        "Neither the keyring, the environment nor an AWS profile holds an access key for it.",
        subject=place,
        todo="Enter the keys with the target (Deliver, Change …), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile.",
    )


def no_bucket(place: str) -> Absent:
    """The endpoint is right, the bucket is not."""
    return Absent(
        "There is no such bucket",
        "The endpoint answers, but the bucket does not exist there.",
        subject=place,
        todo="Check the bucket's name, region and endpoint, or make the bucket.",
    )


def _answer(error: "ClientError") -> Answer:
    response = cast("dict[str, Any]", error.response)
    head = cast("dict[str, Any]", response.get("ResponseMetadata", {}))
    told = cast("dict[str, Any]", response.get("Error", {}))
    headers = cast("dict[str, str]", head.get("HTTPHeaders", {}))
    return Answer(
        code=str(told.get("Code", "")),
        status=int(head.get("HTTPStatusCode", 0)),
        message=display(str(told.get("Message", "")).split("?")[0][:200]),
        server_time=_date(headers.get("date", "")),
    )


def _date(text: str) -> datetime.datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _of_answer(answer: Answer, place: str, operation: str, now: datetime.datetime) -> RushesError:
    skew = _skew(answer, now)
    if skew is not None:
        return _wrong_clock(skew, place)
    if answer.code in _CONDITION:
        return Conflict(
            "The key is taken", "The bucket already holds an object there.", subject=place
        )
    if answer.code == "ConditionalRequestConflict":
        return ChangedMeanwhile(
            "Someone else is writing this key", "Another upload got in between.", subject=place
        )
    if answer.code in _DAMAGED:
        return DamagedOnTheWay(
            "Bytes were damaged on the way", "The bucket refused them.", subject=place
        )
    if answer.code in _PASSING or (answer.status >= 500 and answer.code not in _UNKNOWN):
        return Passing(
            "The bucket is busy",
            "It is overloaded or being repaired, and asks to be left alone for a moment.",
            subject=place,
            todo="Rushes goes on by itself.",
            detail=f"{operation}: {answer.code or answer.status}",
        )
    return _lasting(answer, place, operation)


def _lasting(answer: Answer, place: str, operation: str) -> RushesError:
    if answer.code in ("NoSuchBucket", "InvalidBucketName"):
        return no_bucket(place)
    if answer.code == "NoSuchUpload":
        return NoSuchUpload("The upload is not open", "Ended, or given up.", subject=place)
    if operation == "CompleteMultipartUpload" and answer.code in _PARTS:
        return PartsRefused(
            "The parts do not fit",
            answer.message or "Some are not there.",
            subject=place,
            detail=f"{operation}: {answer.code}",
        )
    if answer.code in ("NoSuchKey", "404"):
        return Absent("There is no such object", "The key holds nothing.", subject=place)
    if answer.code in _FULL:
        return NoRoom("The bucket is full", answer.message, subject=place, todo="Make room there.")
    if answer.code == "InvalidObjectState":
        return Refused(
            "The object is in the archive",
            "It must be restored before it can be read.",
            subject=place,
        )
    return _about_access(answer, place, operation)


def _about_access(answer: Answer, place: str, operation: str) -> RushesError:
    if answer.code in _EXPIRED:
        return CredentialsRefused(
            "The credentials have expired",
            "What was sent so far is kept, and the rest follows with fresh ones.",
            subject=place,
            todo="Sign in again (for example `aws sso login`), then retry.",
        )
    if answer.code in _WRONG_KEYS:
        return CredentialsRefused(
            "The credentials are wrong",
            "The access key or its secret is not the one the bucket knows.",
            subject=place,
            todo="Enter the keys again, and check the region.",
        )
    if answer.code in _DENIED or answer.status == 403:
        right = RIGHTS.get(operation, operation)
        return AccessDenied(
            "The bucket denies access",
            f"The credentials lack the right {right}.",
            subject=place,
            todo=f"Have {right} granted to them.",
        )
    if answer.code in _ELSEWHERE:
        return _elsewhere(place)
    return Refused(
        "The bucket refused it",
        answer.message or "It gave no reason that is known here.",
        subject=place,
        todo="Check the target's bucket, endpoint and rights with “rushes target test”.",
        detail=f"{operation}: {answer.code or answer.status}",
    )


def _elsewhere(place: str) -> Missing:
    return Missing(
        "The bucket is elsewhere",
        "It belongs to another region or endpoint.",
        subject=place,
        todo="Set the target's region or endpoint.",
    )


def _skew(answer: Answer, now: datetime.datetime) -> datetime.timedelta | None:
    """How far this clock is ahead, when that is why the answer is no."""
    told = answer.code == "RequestTimeTooSkewed"
    if not told and answer.status != 403:
        return None
    skew = now - answer.server_time if answer.server_time else datetime.timedelta()
    return skew if told or abs(skew.total_seconds()) > SKEW_LIMIT else None


def _wrong_clock(skew: datetime.timedelta, place: str) -> Missing:
    minutes = round(abs(skew.total_seconds()) / 60)
    if minutes:
        amount = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
        way = f"It is {amount} {'fast' if skew > datetime.timedelta() else 'slow'}."
    else:
        way = "The bucket says the time of the request is too far off."
    return Missing(
        "The clock of this computer is wrong",
        way,
        subject=place,
        todo="Set the clock, best from the network.",
    )


def _of_client(error: BaseException, place: str, operation: str) -> RushesError:
    """What botocore finds wrong before it asks anyone."""
    from botocore import exceptions as known

    if isinstance(error, known.ProfileNotFound):
        return Missing(
            "There is no such AWS profile",
            "The profile that the target names is not in the AWS configuration.",
            subject=place,
            todo="Correct the profile's name, or run `aws configure --profile NAME`.",
        )
    if isinstance(error, known.NoRegionError | known.InvalidRegionError):
        return Missing("No region for the bucket", subject=place, todo="Set the target's region.")
    if isinstance(error, known.ParamValidationError | known.InvalidEndpointConfigurationError):
        return Refused(
            "The bucket cannot be asked that",
            "A name that the target or its rule makes is none that S3 takes.",
            subject=place,
            todo="Check the target's bucket, endpoint and rule.",
            detail=f"{operation}: {type(error).__name__}",
        )
    if isinstance(error, known.BotoCoreError):
        return Missing(
            "The bucket cannot be reached with this configuration",
            "What the AWS configuration of this computer says does not lead to it.",
            subject=place,
            todo="Check the AWS profile and the endpoint.",
            detail=f"{operation}: {type(error).__name__}",
        )
    raise error
