"""Opening a file: looked at first, then given to libmpv, until its first picture is there or it is refused."""

import os
import stat
from fractions import Fraction
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.model.errors import BadData, Missing, Refused, RushesError
from app.core.model.names import display
from app.ui import tasks
from app.ui.player.core import MpvCore, Snapshot
from app.ui.player.source import PlayerSource

_PATIENCE_MS: Final = 30_000
_PREROLL: Final = Fraction(1, 1000)
_NOTHING_TO_PLAY, _UNKNOWN_FORMAT = -16, -17


def check_file(path: Path) -> None:
    """Only a regular file with something in it is ever opened: a pipe or device could hang for ever.

    Raises:
        Missing: it is not there (volume gone, file moved).
        Refused: not a regular file.
        BadData: empty.
    """
    try:
        facts = os.lstat(path)
    except OSError as error:
        raise Missing(
            "The file is not there",
            f"{display(path.name)} cannot be reached: {error.strerror or error}. Notes and marks are kept.",
            subject=display(str(path)),
            todo="Connect the volume, or play the proxy.",
        ) from error
    if not stat.S_ISREG(facts.st_mode):
        raise Refused(
            "Not a media file",
            f"{display(path.name)} is no regular file and is not opened.",
            subject=display(str(path)),
        )
    if facts.st_size == 0:
        raise BadData(
            "The file is empty",
            f"{display(path.name)} has no content.",
            subject=display(str(path)),
        )


class Opener(QObject):
    """Opens one file at a time; a newer one makes the older one stale."""

    opened = Signal(object)
    """The first picture (or sound) is there, paused: a Snapshot at frame 0."""
    failed = Signal(str, str)
    """Title and message."""

    def __init__(self, core: MpvCore, parent: QObject) -> None:
        super().__init__(parent)
        self._core = core
        self._number = 0
        self._entry = 0
        self._path = Path()
        self._picture = ""
        self._ours = False
        self._skipped = False
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        core.accepted.connect(self._on_accepted)
        core.started.connect(self._on_started)
        core.restarted.connect(self._on_restarted)
        core.answered.connect(self._on_answered)
        core.file_failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether a file is being opened."""
        return self._patience.isActive()

    def open(self, source: PlayerSource) -> None:
        """Opens a source's file. One of the signals follows, unless another `open` or `cancel` comes first."""
        self._number += 1
        number = self._number
        path = self._path = source.path
        self._picture = source.picture
        self._entry, self._ours, self._skipped = 0, False, False
        self._patience.start()
        tasks.run_query(
            self,
            lambda: check_file(path),
            lambda _none: self._load(number),
            lambda error: self._refuse(number, error),
        )

    def cancel(self) -> None:
        """Lets go of what is being opened, and closes what is open."""
        self._number += 1
        self._ours = False
        self._patience.stop()
        self._core.stop()

    def _load(self, number: int) -> None:
        if number == self._number:
            self._core.load(self._path, number, self._picture)

    def _refuse(self, number: int, error: RushesError) -> None:
        if number == self._number:
            self._core.stop()
            self._fail(error.title, " ".join(filter(None, (error.message, error.todo))))

    def _on_accepted(self, number: int, entry: int) -> None:
        if number == self._number:
            self._entry = entry
            if entry < 0:
                self._fail(self.tr("The file cannot be opened"), self._name())

    def _on_started(self, entry: int) -> None:
        # Events of the file before this one may still be on their way; its entry tells them apart.
        self._ours = entry == self._entry and self.busy

    def _on_restarted(self) -> None:
        if self._ours and self.busy:
            self._core.ask(-self._number)

    def _on_answered(self, snapshot: Snapshot) -> None:
        if not self.busy or snapshot.token != -self._number or snapshot.seeking:
            return
        if not self._skipped and (snapshot.time or 0) < -_PREROLL:
            # libmpv shows pictures that an edit list cuts off; the first presented one is at 0.
            self._skipped = True
            self._core.seek(Fraction(0))
            return
        if snapshot.at_end and snapshot.size is None:
            self._core.stop()
            self._fail(*self._nothing())
            return
        self._patience.stop()
        self.opened.emit(snapshot)

    def _on_failed(self, entry: int, code: int) -> None:
        if entry != self._entry or not self._ours:
            return
        if code == _NOTHING_TO_PLAY:
            self._fail(*self._nothing())
        elif code == _UNKNOWN_FORMAT or self.busy:
            self._fail(
                self.tr("The file cannot be played"),
                self.tr(
                    "{name} is damaged, or not in a format that is played. It was not changed."
                ).replace("{name}", self._name()),
            )
        else:
            self._fail(
                self.tr("Playback stopped"),
                self.tr("{name} cannot be read any further.").replace("{name}", self._name()),
            )

    def _nothing(self) -> tuple[str, str]:
        words = self.tr("{name} has no picture or sound that this computer can decode.")
        return self.tr("Nothing here can be decoded"), words.replace("{name}", self._name())

    def _give_up(self) -> None:
        self._number += 1
        self._core.stop()
        self.failed.emit(
            self.tr("The disk does not answer"),
            self.tr(
                "{name} could not be opened in time. Its volume may be asleep or gone."
            ).replace("{name}", self._name()),
        )

    def _fail(self, title: str, message: str) -> None:
        self._patience.stop()
        self.failed.emit(title, message)

    def _name(self) -> str:
        return display(self._path.name)
