"""Log files: one event a line, nothing secret, rotating, for this user alone."""

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.platform import logs, redaction
from app.core.platform.preferences import Logs


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    level = root.level
    handler = logs.setup(tmp_path, Logs(level="DEBUG"))
    yield tmp_path / logs.FOLDER
    logs.close(handler)
    root.setLevel(level)


def _events(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line)
        for line in (folder / logs.FILE_NAME).read_text(encoding="ascii").splitlines()
    ]


def test_an_event_is_one_line_of_json(folder: Path) -> None:
    logging.getLogger("app.core.ingest").info("seen %s", "A001.mov")
    (event,) = _events(folder)
    assert event["message"] == "seen A001.mov"
    assert event["level"] == "INFO"
    assert event["logger"] == "app.core.ingest"
    assert event["process"] == os.getpid()
    assert str(event["time"]).endswith("Z")


def test_a_thread_that_ends_by_an_error_is_told_in_the_log_alone(
    folder: Path, expect_log: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    expect_log("thread reader ended by an error")
    thread = threading.Thread(target=lambda: {}["watch"], name="reader")
    thread.start()
    thread.join()
    (event,) = _events(folder)
    assert "KeyError: 'watch'" in str(event["exception"])
    assert capsys.readouterr().err == ""


def test_a_name_cannot_forge_a_line_or_move_the_cursor(folder: Path) -> None:
    hostile = 'a\n{"level": "INFO", "message": "forged"}\r\x1b[2J\u202etxt\udcff\u2028'
    logging.getLogger("app").info("seen %s", hostile)
    raw = (folder / logs.FILE_NAME).read_bytes()
    assert raw.count(b"\n") == 1
    assert all(32 <= byte < 127 for byte in raw.rstrip(b"\n"))
    assert _events(folder)[0]["message"] == f"seen {hostile}"


def test_secrets_are_hidden_in_messages_and_tracebacks(folder: Path) -> None:
    redaction.hide("AKIAEXAMPLEKEY/secret+value")
    try:
        int("denied for AKIAEXAMPLEKEY/secret+value")
    except ValueError:
        logging.getLogger("app").debug(
            "GET https://anna:pw@s3.example.com/b/k?X-Amz-Signature=abc&X-Amz-Credential=AKIA%2F",
            exc_info=True,
        )
    text = (folder / logs.FILE_NAME).read_text()
    for private in ("AKIA", "X-Amz-Signature", "anna", "pw@"):
        assert private not in text
    assert "https://s3.example.com/b/k?[hidden]" in text
    assert "denied for [hidden]" in text


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: AWS4-HMAC-SHA256 Credential=canary",
        "authorization: Bearer canary",
        '"aws_secret_access_key": "canary"',
        "aws_session_token=canary",
        "x-amz-security-token: canary",
        "password = 'canary two'",
    ],
)
def test_named_secrets_are_hidden(line: str) -> None:
    assert "canary" not in redaction.clean(line)


def test_ordinary_words_stay() -> None:
    text = "seen /mnt/NAS/A001.mov at 01:00:00:00, key=rushes/A001.mov, 100% of 3 files"
    assert redaction.clean(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_cleaned(text: str) -> None:
    once = redaction.clean(text)
    assert redaction.clean(once) == once


def test_the_file_is_private_and_rotates(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    handler = logs.LogFile(path, size=300, kept=2)
    for number in range(20):
        handler.emit(logging.LogRecord("app", logging.INFO, "", 0, "line %d", (number,), None))
    handler.close()
    names = sorted(entry.name for entry in tmp_path.iterdir())
    assert names == ["x.jsonl", "x.jsonl.1", "x.jsonl.2"]
    assert all(entry.stat().st_mode & 0o777 == 0o600 for entry in tmp_path.iterdir())
    assert json.loads(path.read_text().splitlines()[-1])["message"] == "line 19"


def test_a_disk_that_is_full_loses_lines_and_nothing_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = logs.LogFile(Path("/dev/full"), size=0, kept=1)
    handler.emit(logging.LogRecord("app", logging.INFO, "", 0, "lost", None, None))
    assert handler.lost == 1
    handler.close()
    assert capsys.readouterr().err == ""


def test_talkative_libraries_are_quiet_even_at_debug(folder: Path) -> None:
    logging.getLogger("botocore.auth").debug("StringToSign: canary")
    logging.getLogger("app").debug("ours")
    assert [event["logger"] for event in _events(folder)] == ["app"]
