"""The one error tree.

Every error a person can meet has a title, a message in plain words, the subject it is about, what
to do, and a family that decides what happens next. Foreign exceptions are translated once, in the
adapter that meets them; only `Family.PASSING` is ever retried.
"""

import enum
from typing import ClassVar


class Family(enum.Enum):
    """What an error asks for."""

    FIXABLE = "you can fix it"
    PASSING = "it will pass"
    BAD_DATA = "the data is bad"
    BUG = "our bug"


class RushesError(Exception):
    """Base of all errors of Rushes. Raise a subclass."""

    family: ClassVar[Family] = Family.BUG
    exit_code: ClassVar[int] = 70
    """The exit code of the command line that ends on this error (see `docs/user-guide.md`)."""

    def __init__(
        self,
        title: str,
        message: str = "",
        *,
        subject: str = "",
        todo: str = "",
        choices: tuple[str, ...] = (),
        detail: str = "",
    ) -> None:
        super().__init__(f"{title}: {message}" if message else title)
        self.title = title
        self.message = message or title
        self.subject = subject
        """What it is about: a path, a clip name, an address."""
        self.todo = todo
        """What the person can do now; empty when there is nothing."""
        self.choices = choices
        """The candidates where something was ambiguous."""
        self.detail = detail
        """What a tool or server said in its own words, for whoever looks closer; never needed to understand."""


class Refused(RushesError):
    """The input is understood and not accepted: unknown clip, illegal timecode, unreadable document."""

    family = Family.FIXABLE
    exit_code = 3


class Ambiguous(Refused):
    """A name fits more than one thing; `choices` lists them."""


class Missing(RushesError):
    """Something needed is not there: tool, volume, network, credentials, model."""

    family = Family.FIXABLE
    exit_code = 4


class Away(Missing):
    """Media that cannot be reached now: its volume is offline, or the file went. What needs it is done once it is back."""


class Passing(RushesError):
    """A fault that goes away by itself: busy server, dropped connection, full queue."""

    family = Family.PASSING
    exit_code = 4


class BadData(RushesError):
    """The bytes themselves are wrong: truncated, corrupt, refused by the decoder."""

    family = Family.BAD_DATA
    exit_code = 3


class Damage(RushesError):
    """Something that was whole when catalogued no longer is."""

    family = Family.BAD_DATA
    exit_code = 5


class NoRoom(Missing):
    """A disk is full, or too full to go on safely."""


class Cancelled(RushesError):
    """The work was called off; nothing is wrong."""

    family = Family.PASSING
    exit_code = 1


class Bug(RushesError):
    """Rushes itself is wrong."""


def as_json(error: RushesError) -> dict[str, object]:
    """The error object of the command line contract; `detail` only where there is one."""
    shown: dict[str, object] = {
        "title": error.title,
        "message": error.message,
        "subject": error.subject,
        "family": error.family.value,
        "todo": error.todo,
        "choices": list(error.choices),
    }
    return shown | ({"detail": error.detail} if error.detail else {})
