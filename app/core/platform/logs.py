"""Logs: JSON lines in the data folder, rotating, one event a line whatever a name contains, no secrets.

Modules log through `logging.getLogger(__name__)`; `setup` is called once by the process that owns
the catalog, because two processes cannot rotate one file.
"""

import contextlib
import json
import logging
import logging.handlers
import os
import threading
from io import TextIOWrapper
from pathlib import Path

from typing_extensions import override

from app.core.platform import clock, paths, redaction
from app.core.platform.handles import PLAIN
from app.core.platform.preferences import Logs

FOLDER = "logs"
FILE_NAME = "rushes.jsonl"
_TALKATIVE = ("boto3", "botocore", "s3transfer", "urllib3", "faster_whisper", "watchdog", "PIL")
"""At DEBUG these write headers, signatures or every file event; they are heard from WARNING up."""


def setup(home: Path, choices: Logs | None = None) -> logging.Handler:
    """Begins to log into `home/logs`; give the handler to `close` at the end.

    Raises:
        Missing: the folder cannot be made.
    """
    choices = choices or Logs()
    folder = paths.make_private(home / FOLDER)
    handler = LogFile(folder / FILE_NAME, choices.file_mb * 1_000_000, choices.files)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(choices.level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = _ended
    return handler


def _ended(told: threading.ExceptHookArgs) -> None:
    """A library's own thread ended by an error: that is for the log, not for the terminal of a person at work."""
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        name = told.thread.name if told.thread else "?"
        trace = (told.exc_type, told.exc_value, told.exc_traceback)
        logging.getLogger(__name__).error("thread %s ended by an error", name, exc_info=trace)


def close(handler: logging.Handler) -> None:
    """Ends what `setup` began."""
    logging.captureWarnings(capture=False)
    if isinstance(handler, LogFile):
        threading.excepthook = handler.former_hook
    logging.getLogger().removeHandler(handler)
    handler.close()


class LogFile(logging.handlers.RotatingFileHandler):
    """A rotating file of JSON lines that only this user can read."""

    def __init__(self, path: Path, size: int, kept: int) -> None:
        super().__init__(path, maxBytes=size, backupCount=kept, encoding="ascii", delay=True)
        self.lost = 0
        """Lines that could not be written: a full disk must not stop the work, nor flood the terminal."""
        self.former_hook = threading.excepthook
        self.setFormatter(JsonLine())

    @override
    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | PLAIN, 0o600)
        return os.fdopen(handle, "a", encoding="ascii")

    @override
    def handleError(self, record: logging.LogRecord) -> None:
        self.lost += 1
        # What the stream still holds would fail again at each flush and at the end: begin anew.
        stream, self.stream = self.stream, None
        if stream:
            with contextlib.suppress(OSError):
                stream.close()


class JsonLine(logging.Formatter):
    """One event as one line of ASCII JSON: control, bidi and broken characters arrive as escapes."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": clock.utc_text(int(record.created * 1000)),
            "level": record.levelname,
            "logger": record.name,
            "message": redaction.clean(record.getMessage()),
            "process": record.process,
            "thread": record.threadName,
        }
        if record.exc_info:
            event["exception"] = redaction.clean(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=True)
