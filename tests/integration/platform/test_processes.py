"""Children: limits, sandbox, cancel, and that nothing outlives us."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.model.errors import BadData, Bug, Cancelled, Missing
from app.core.platform import interpreter
from app.core.platform.processes import ChildGone, Limits, Sandbox, confined, run, spawn
from tests.support.command import wait_for

PYTHON = sys.executable
LIMITS = Limits(seconds=30)
needs_sandbox = pytest.mark.skipif(not confined(), reason="no bubblewrap that works here")


def python(code: str) -> list[str]:
    return [PYTHON, "-S", "-E", "-c", code]


def members(group: int) -> list[int]:
    """Living processes of a process group."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(words[2]) == group and words[0] != "Z":
                found.append(int(entry.name))
    return found


def soon(condition: object, seconds: float = 20) -> bool:
    assert callable(condition)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_output_and_exit_code_come_back() -> None:
    done = run(
        python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"),
        limits=LIMITS,
    )
    assert (done.returncode, done.stdout, done.stderr_tail) == (3, b"out\n", "err")
    assert not done.timed_out


def test_lines_and_errors_arrive_in_the_callers_thread() -> None:
    lines: list[str] = []
    errors: list[str] = []
    code = "import sys\nfor n in range(300): print(n); print('e', n, file=sys.stderr)"
    run(python(code), limits=LIMITS, on_line=lines.append, on_error_line=errors.append)
    assert lines == [str(n) for n in range(300)]
    assert errors == [f"e {n}" for n in range(300)]


def test_stdin_is_the_null_device_unless_fed() -> None:
    code = "import sys; print(len(sys.stdin.buffer.read()))"
    assert run(python(code), limits=LIMITS).stdout == b"0\n"
    assert run(python(code), limits=LIMITS, stdin=b"x" * 300_000).stdout == b"300000\n"


def test_a_child_that_does_not_read_its_feed_is_no_fault() -> None:
    assert run(python("pass"), limits=LIMITS, stdin=b"x" * 1_000_000).returncode == 0


def test_words_are_never_read_by_a_shell(tmp_path: Path) -> None:
    hostile = f"$(touch {tmp_path}/pwned); `touch {tmp_path}/pwned` & | > x"
    done = run([*python("import sys; print(sys.argv[1])"), hostile], limits=LIMITS)
    assert done.stdout.decode().rstrip("\n") == hostile
    assert not list(tmp_path.iterdir())


def test_the_environment_carries_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("FFREPORT", "file=report.log")
    done = run(python("import os; print(dict(os.environ))"), limits=LIMITS)
    assert b"canary" not in done.stdout
    assert b"FFREPORT" not in done.stdout


def test_the_time_limit_kills_the_whole_group() -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(os.getpgrp(), flush=True)\ntime.sleep(60)"
    )
    groups: list[str] = []
    done = run(python(code), limits=Limits(seconds=3), on_line=groups.append)
    assert done.timed_out
    assert done.returncode == -signal.SIGKILL
    assert soon(lambda: not members(int(groups[0])))


def test_what_a_child_leaves_behind_in_its_group_is_killed() -> None:
    code = (
        "import os, subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)'])\n"
        "print(os.getpgrp(), flush=True)"
    )
    done = run(python(code), limits=LIMITS)
    assert done.returncode == 0
    assert soon(lambda: not members(int(done.stdout)))


def test_cancel_ends_it_and_says_so() -> None:
    seen: list[str] = []
    with pytest.raises(Cancelled):
        run(
            python("import time\nprint(1, flush=True)\ntime.sleep(60)"),
            limits=LIMITS,
            on_line=seen.append,
            cancel=lambda: bool(seen),
        )


def test_a_flood_of_output_does_not_hide_the_cancel() -> None:
    count = 0

    def counted(_: str) -> None:
        nonlocal count
        count += 1

    with pytest.raises(Cancelled):
        run(
            python("while True: print('y' * 50)"),
            limits=LIMITS,
            on_line=counted,
            cancel=lambda: count > 1000,
        )


def test_a_callback_that_fails_takes_the_child_with_it() -> None:
    group: list[int] = []

    def fail(line: str) -> None:
        group.append(int(line))
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - the very one raised above
        run(
            python("import os, time; print(os.getpgrp(), flush=True); time.sleep(60)"),
            limits=LIMITS,
            on_line=fail,
        )
    assert soon(lambda: not members(group[0]))


def test_hold_lets_the_child_stand_still() -> None:
    ticks: list[float] = []
    held = [False]
    code = "import time\nfor n in range(40): print(n, flush=True); time.sleep(0.02)"
    asked = 0

    def hold() -> bool:
        nonlocal asked
        asked += 1
        held[0] = 2 <= asked <= 6
        return held[0]

    run(python(code), limits=LIMITS, on_line=lambda _: ticks.append(time.monotonic()), hold=hold)
    assert len(ticks) == 40
    longest = max(later - earlier for earlier, later in itertools.pairwise(ticks))
    assert longest > 0.25


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit is Linux")
def test_limits_of_processor_time_memory_and_file_size(tmp_path: Path) -> None:
    spinning = run(python("while True: pass"), limits=Limits(seconds=30, cpu_seconds=1))
    assert spinning.returncode == -signal.SIGXCPU
    greedy = run(python("b'1' * (1 << 30)"), limits=Limits(seconds=30, memory_mb=300))
    assert "MemoryError" in greedy.stderr_tail
    out = tmp_path / "out"
    code = f"open({str(out)!r}, 'wb').write(bytes(3 << 20))"
    run(python(code), limits=Limits(seconds=30, file_mb=1))
    assert out.stat().st_size == 1 << 20


def test_too_much_output_is_refused() -> None:
    with pytest.raises(BadData):
        run(python("print('x' * 5000)"), limits=LIMITS, stdout_limit=1000)


def test_a_program_needs_its_full_path_and_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Bug):
        run(["ffmpeg"], limits=LIMITS)
    with pytest.raises(Missing):
        run([str(tmp_path / "nothing")], limits=LIMITS)


def test_a_worker_answers_line_by_line_and_ends_with_its_stdin() -> None:
    worker = spawn(
        python("import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"),
        limits=LIMITS,
    )
    worker.send("abc")
    assert worker.receive() == "cba"
    worker.send("x" * 200_000)
    assert worker.receive() == "x" * 200_000
    assert worker.close(seconds=20).returncode == 0
    assert not worker.alive


def test_a_worker_that_ended_by_itself_holds_nothing_open_while_it_is_kept() -> None:
    """Nobody may ask it again for hours."""

    def pipes() -> int:
        places = Path("/proc/self/fd").iterdir()
        return sum(str(place.readlink()).startswith("pipe:") for place in places if place.exists())

    before = pipes()
    worker = spawn(python("print(input(), flush=True)"), limits=LIMITS)
    assert pipes() >= before + 3
    worker.send("abc")
    assert worker.receive() == "abc"
    wait_for(lambda: not worker.alive and pipes() == before)
    with pytest.raises(ChildGone):
        worker.send("more")


def test_a_worker_that_talks_on_stderr_is_not_held_up() -> None:
    code = "import sys\nprint('e' * 2_000_000, file=sys.stderr, flush=True)\nprint('done')"
    worker = spawn(python(code), limits=LIMITS)
    assert worker.receive() == "done"
    worker.close()


def test_a_worker_that_crashes_or_hangs_is_gone() -> None:
    crashing = spawn(
        python("import os, sys; print('why', file=sys.stderr, flush=True); os.abort()"),
        limits=LIMITS,
    )
    with pytest.raises(ChildGone, match="why") as caught:
        crashing.receive()
    assert caught.value.finished is not None
    assert caught.value.finished.returncode == -signal.SIGABRT
    hanging = spawn(python("import time; time.sleep(60)"), limits=Limits(seconds=0.3))
    with pytest.raises(ChildGone, match="in time"):
        hanging.receive()
    with pytest.raises(ChildGone):
        hanging.send("more")


@needs_sandbox
def test_a_sandbox_shows_only_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "clip").write_text("seen")
    (tmp_path / "secret").write_text("hidden")
    (tmp_path / "out").mkdir()
    sandbox = Sandbox(
        read=(tmp_path / "in", *interpreter.worker_folders()), write=(tmp_path / "out",)
    )
    code = (
        "import os\n"
        f"print(open({str(tmp_path / 'in' / 'clip')!r}).read())\n"
        f"print(os.path.exists({str(tmp_path / 'secret')!r}))\n"
        "open('made', 'w').write('x')\n"
        f"open({str(tmp_path / 'in' / 'clip')!r}, 'w')"
    )
    done = run(python(code), limits=LIMITS, sandbox=sandbox)
    assert done.stdout == b"seen\nFalse\n"
    assert "Read-only file system" in done.stderr_tail
    assert (tmp_path / "out" / "made").read_text() == "x"


@needs_sandbox
def test_a_sandbox_has_no_network_and_passes_crashes_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"
        sandbox = Sandbox(read=interpreter.worker_folders())
        assert run(python(code), limits=LIMITS).returncode == 0
        assert run(python(code), limits=LIMITS, sandbox=sandbox).returncode != 0
    crash = run(python("import os; os.abort()"), limits=LIMITS, sandbox=sandbox)
    assert crash.returncode == -signal.SIGABRT


@needs_sandbox
def test_our_own_modules_run_as_workers_in_a_sandbox() -> None:
    code = "import av, numpy, app.core.model.media; print('ready')"
    done = run(
        [*interpreter.worker_argv("x")[:-2], "-c", code],
        limits=LIMITS,
        sandbox=Sandbox(read=interpreter.worker_folders()),
        env=interpreter.worker_environment(),
    )
    assert done.stdout == b"ready\n", done.stderr_tail


OWNER = """
import sys, threading, time
from pathlib import Path
from app.core.platform.interpreter import worker_folders
from app.core.platform.processes import Limits, Sandbox, run, spawn

sandbox = Sandbox(read=worker_folders()) if sys.argv[1] == "sandbox" else None
code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
words = [sys.executable, "-S", "-E", "-c", code]
def work():
    run(words, limits=Limits(seconds=60), sandbox=sandbox, on_line=lambda _: print("up", flush=True))
threading.Thread(target=work, daemon=True).start()
child = spawn(words, limits=Limits(seconds=60), sandbox=sandbox)
child.receive()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux")
@pytest.mark.parametrize(
    "way", ["plain", pytest.param("sandbox", marks=needs_sandbox)], ids=["plain", "sandbox"]
)
def test_kill_nine_of_the_owner_leaves_no_orphan(way: str) -> None:
    env = {**os.environ, **interpreter.worker_environment()}
    owner = subprocess.Popen(
        [PYTHON, "-c", OWNER, way], stdout=subprocess.PIPE, env=env, start_new_session=True
    )
    assert owner.stdout is not None
    with owner.stdout as output:
        lines = [output.readline().strip() for _ in range(2)]
        children = [pid for pid in descendants(owner.pid) if pid != owner.pid]
        assert len(children) >= 2, lines
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait()
    assert soon(lambda: not [pid for pid in children if alive(pid)])


def descendants(root: int) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            parents[int(entry.name)] = int(words[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
