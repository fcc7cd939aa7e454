"""What only some systems have is named in one place, so that the others can at least start."""

import re
from pathlib import Path

from tests.support.source import names_used, python_files, where

ONE_PLACE = "app/core/platform/"
SOME_SYSTEMS = re.compile(
    r"^(fcntl|resource|pwd|grp|termios|tty|syslog|posix|msvcrt|winreg|_winapi)\b"
    r"|^os\.(O_(CLOEXEC|NOFOLLOW|DIRECTORY|NONBLOCK|PATH|NOCTTY|BINARY)|get(e?uid|e?gid|pgid|loadavg)|statvfs|killpg"
    r"|setsid|mkfifo|wait(id|4)|pidfd_open|sched_\w+)$"
    r"|^socket\.(AF_UNIX|MSG_DONTWAIT)$|^signal\.SIG(KILL|STOP|CONT|HUP|ALRM|USR1|USR2|CHLD|PIPE)$"
)


def _found(path: Path) -> list[str]:
    return [f"{where(path, n)} {name}" for name, n in names_used(path) if SOME_SYSTEMS.match(name)]


def test_parts_of_some_systems_are_named_in_one_place() -> None:
    assert not [
        line
        for path in python_files("app")
        if not where(path).startswith(ONE_PLACE) and not where(path).endswith("_worker.py")
        for line in _found(path)
    ]


def test_the_rule_sees_what_it_forbids(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "import fcntl\nimport os\nimport socket\nfrom pwd import getpwnam\nimport signal\n"
        "a = os.O_NOFOLLOW\nb = os.O_RDONLY\nc = socket.AF_UNIX\nd = signal.SIGTERM\ne = signal.SIGKILL\n"
    )
    assert {name for name, _ in names_used(planted) if SOME_SYSTEMS.match(name)} == {
        "fcntl",
        "pwd.getpwnam",
        "os.O_NOFOLLOW",
        "socket.AF_UNIX",
        "signal.SIGKILL",
    }
