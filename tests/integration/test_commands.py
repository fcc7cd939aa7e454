"""`./run` and `./test` as commands: set-up once, the caller's folder, signals, JSON when set-up fails."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.source import ROOT

MAIN = """
import json, os, signal, sys, time
if "wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
print(json.dumps({"argv": sys.argv[1:], "cwd": os.getcwd(), "pid": os.getpid(), "path": sys.path[0]}), flush=True)
if "wait" in sys.argv:
    time.sleep(60)
"""
STUCK = "no-such-package-at-all==1.0 --hash=sha256:" + "0" * 64 + "\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with the real commands, an empty lock and a program that tells what it was given."""
    folder = tmp_path / "a check out"
    (folder / "packaging").mkdir(parents=True)
    (folder / "app").mkdir()
    shutil.copy(ROOT / "run", folder)
    shutil.copy(ROOT / "test", folder)
    shutil.copy(ROOT / "packaging" / "setup.bash", folder / "packaging")
    (folder / "app" / "__main__.py").write_text(MAIN)
    (folder / "requirements.lock").write_text("# nothing\n")
    return folder


@pytest.fixture
def ready(checkout: Path) -> Path:
    """The same, set up."""
    stamp = checkout / ".venv" / ".rushes"
    stamp.mkdir(parents=True)
    (checkout / ".venv" / "bin").mkdir()
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    shutil.copy(checkout / "requirements.lock", stamp / "lock")
    (stamp / "place").write_text(str(checkout))
    script = (
        'here=$1; source "$here/packaging/setup.bash"; packages_for run; printf %s "${wanted[*]}"'
    )
    wanted = subprocess.run(
        ["bash", "-c", script, "-", checkout], capture_output=True, check=True
    ).stdout
    (stamp / "packages-run").write_bytes(wanted)
    return checkout


def _run(*words: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    own = os.environ | {"PIP_NO_INDEX": "1", "UV_OFFLINE": "1"} | environment
    return subprocess.run(
        [*map(str, words)], cwd=cwd, env=own, capture_output=True, text=True, check=False
    )


def test_arguments_and_folder_are_the_callers(ready: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "footage"
    elsewhere.mkdir()
    (elsewhere / "json.py").write_text("raise SystemExit('the folder of media was imported')")
    (elsewhere / "app.py").write_text("raise SystemExit('the folder of media was imported')")
    finished = _run(ready / "run", "scan", "a b", "*", "--json", cwd=elsewhere)
    assert finished.stderr == ""
    told = json.loads(finished.stdout)
    assert told["argv"] == ["scan", "a b", "*", "--json"]
    assert told["cwd"] == str(elsewhere)
    assert told["path"] == str(ready)


def test_it_starts_through_a_link_and_by_a_relative_path(ready: Path, tmp_path: Path) -> None:
    (tmp_path / "rushes").symlink_to(ready / "run")
    for command in ("./rushes", "a check out/run"):
        assert json.loads(_run(command, cwd=tmp_path, CDPATH="/tmp").stdout)["path"] == str(ready)
    assert json.loads(_run("bash", "run", cwd=ready).stdout)["path"] == str(ready)


def test_a_signal_reaches_the_program(ready: Path) -> None:
    with subprocess.Popen([ready / "run", "wait"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert told["pid"] == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 7


def test_two_first_starts_set_up_once(checkout: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        finished = list(pool.map(lambda n: _run("./run", n, cwd=checkout), range(2)))
    assert [run.returncode for run in finished] == [0, 0], finished
    assert sorted(json.loads(run.stdout)["argv"][0] for run in finished) == ["0", "1"]
    assert sum("setting up the Python environment" in run.stderr for run in finished) == 1
    third = _run("./run", "2", cwd=checkout)
    assert (third.stderr, json.loads(third.stdout)["argv"]) == ("", ["2"])


def test_a_failed_set_up_is_one_json_object_and_is_tried_again(checkout: Path) -> None:
    (checkout / "requirements.lock").write_text(STUCK)
    finished = _run("./run", "doctor", "--json", "--", "x", cwd=checkout)
    assert finished.returncode == 4
    error = json.loads(finished.stdout)["error"]
    assert error["title"] == "Set-up failed"
    assert error["todo"]
    log = checkout / ".cache" / "set-up.log"
    assert str(log) in error["message"]
    assert "no-such-package-at-all" in log.read_text()
    assert "no-such-package-at-all" in finished.stderr, "the reason is said as well"
    assert _run("./run", "--", "--json", cwd=checkout).stdout == ""
    (checkout / "requirements.lock").write_text("# nothing again\n")
    assert _run("./run", cwd=checkout).returncode == 0


def test_what_the_tools_say_on_the_way_goes_to_the_log(checkout: Path, tmp_path: Path) -> None:
    (checkout / "requirements.lock").write_text(STUCK)
    gone = [str(tmp_path / f"gone {number}").replace(" ", "-") for number in range(40)]
    finished = _run("./run", cwd=checkout, PATH="/usr/bin:/bin", PIP_FIND_LINKS=" ".join(gone))
    assert finished.returncode == 4
    log = (checkout / ".cache" / "set-up.log").read_text()
    assert log.count("WARNING") >= len(gone)
    assert "WARNING" not in finished.stderr
    lines = finished.stderr.splitlines()
    assert len(lines) < 10
    assert all(line.startswith("rushes: ") for line in lines), finished.stderr


def test_a_package_with_another_hash_is_not_installed(checkout: Path, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel = wheels / "tide-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("tide.py", "HIGH = 6\n")
        about = "tide-1.0.dist-info/"
        packed.writestr(about + "METADATA", "Metadata-Version: 2.1\nName: tide\nVersion: 1.0\n")
        packed.writestr(about + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr(about + "RECORD", "")
    lock = checkout / "requirements.lock"
    places = {"PIP_FIND_LINKS": str(wheels), "UV_FIND_LINKS": str(wheels)}
    lock.write_text("tide==1.0 --hash=sha256:" + "0" * 64 + "\n")
    finished = _run("./run", "--json", cwd=checkout, **places)
    assert finished.returncode == 4
    assert (
        "is not the one requirements.lock names" in json.loads(finished.stdout)["error"]["message"]
    )
    lock.write_text("tide==1.0\n")
    assert _run("./run", cwd=checkout, **places).returncode == 4, "nothing comes without a hash"
    assert not list((checkout / ".venv").rglob("tide*"))
    lock.write_text(f"tide==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    assert _run("./run", cwd=checkout, **places).returncode == 0
    assert list((checkout / ".venv").rglob("tide.py"))


@pytest.fixture
def bound(checkout: Path) -> Iterator[list[str]]:
    """Words before a command that take the right to write in the checkout, from root as well."""
    folders = [checkout, *(path for path in checkout.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    words = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
    yield words if os.geteuid() == 0 else []
    for folder in folders:
        folder.chmod(0o755)


def test_who_may_not_write_in_the_checkout_has_an_environment_of_his_own(
    checkout: Path, tmp_path: Path, bound: list[str]
) -> None:
    before = sorted(checkout.rglob("*"))
    cache = tmp_path / "cache of mine"
    for number in range(2):
        finished = _run(*bound, "./run", number, cwd=checkout, XDG_CACHE_HOME=str(cache))
        assert finished.returncode == 0, finished.stderr
        assert json.loads(finished.stdout)["argv"] == [str(number)]
        assert ("you may not write in this checkout" in finished.stderr) == (number == 0)
    assert finished.stderr == ""
    assert sorted(checkout.rglob("*")) == before
    assert [
        path.name.rpartition("-")[0] for path in (cache / "rushes" / "checkouts").iterdir()
    ] == [checkout.name]
    finished = _run(*bound, "./test", "unit", cwd=checkout, XDG_CACHE_HOME=str(cache))
    assert finished.returncode == 4
    assert "git clone" in finished.stderr


def test_who_may_write_nowhere_is_told_what_to_do(checkout: Path, bound: list[str]) -> None:
    nowhere = str(checkout / "cache")
    finished = _run(*bound, "./run", "--json", cwd=checkout, XDG_CACHE_HOME=nowhere)
    assert finished.returncode == 4
    assert "XDG_CACHE_HOME" in json.loads(finished.stdout)["error"]["todo"]
    assert all(line.startswith("rushes: ") for line in finished.stderr.splitlines())


def test_what_stands_ready_in_the_checkout_is_used_by_who_may_not_write(
    ready: Path, tmp_path: Path, bound: list[str]
) -> None:
    finished = _run(*bound, "./run", cwd=ready, XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert not (tmp_path / "cache").exists()


def test_a_name_with_quotes_is_still_one_json_object(checkout: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'the "great" \\ film'
    checkout.rename(odd)
    (odd / "requirements.lock").write_text(STUCK)
    finished = _run("./run", "--json", cwd=odd)
    assert str(odd) in json.loads(finished.stdout)["error"]["message"]


def test_a_checkout_that_moved_is_set_up_again(ready: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    ready.rename(moved)
    finished = _run("./run", cwd=moved)
    assert "setting up the Python environment" in finished.stderr
    assert json.loads(finished.stdout)["path"] == str(moved)
    assert (
        not (moved / ".venv" / "bin" / "python").resolve().is_relative_to(tmp_path / "a check out")
    )


def test_an_unknown_lane_is_refused_before_anything_is_set_up(checkout: Path) -> None:
    finished = _run("./test", "unit", "everything", cwd=checkout)
    assert finished.returncode == 2
    assert "no lane is called everything" in finished.stderr
    assert not (checkout / ".venv").exists()


def test_lanes_go_on_after_a_failing_one_and_are_counted(ready: Path) -> None:
    shutil.copy(ready / ".venv/.rushes/packages-run", ready / ".venv/.rushes/packages-test")
    lanes = "lane_lint() { false; }; lane_types() { echo types ran; }; lane_footage() { beside ../no-such || return; }"
    script = (
        (ready / "test")
        .read_text()
        .replace("\nfailed=0 passed=0", f"\nis_set_up() {{ true; }}; {lanes}\nfailed=0 passed=0")
    )
    (ready / "test").write_text(
        script.replace("is_set_up test || set_up test\n", "choose_place test\n")
    )
    words = ("./test", "lint", "types", "footage")
    outside = _run(*words, cwd=ready, CI="")
    assert outside.returncode == 1
    assert "types ran" in outside.stdout
    assert "NOT RUN: ../no-such is not beside this checkout" in outside.stdout
    assert outside.stdout.splitlines()[-1] == "lanes: 1 passed, 1 failed, 1 skipped"
    assert _run(*words, cwd=ready, CI="true").stdout.splitlines()[-1] == "lanes: 1 passed, 2 failed"


def test_a_lane_without_its_programs_fails_and_names_them(ready: Path, tmp_path: Path) -> None:
    script = (ready / "test").read_text()
    (ready / "test").write_text(
        script.replace("is_set_up test || set_up test", "choose_place test")
    )
    few = tmp_path / "bin"
    few.mkdir()
    for name in (
        "bash",
        "dirname",
        "readlink",
        "cmp",
        "printf",
        "ffmpeg",
        "ffprobe",
        "bwrap",
        "Xvfb",
    ):
        (few / name).symlink_to(shutil.which(name) or "/bin/true")
    finished = _run("./test", "integration", "ui", "e2e", "perf", "long", cwd=ready, PATH=str(few))
    assert finished.returncode == 1
    assert "this lane needs strace" in finished.stdout
    assert "this lane needs xdotool" in finished.stdout
    assert "this lane needs Xvfb" not in finished.stdout
    assert finished.stdout.count("to get it: sudo apt-get install") == 5
    assert finished.stdout.splitlines()[-1] == "lanes: 0 passed, 5 failed"


def test_ci_runs_the_test_command() -> None:
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "exec ./test"
    assert all(
        os.access(ROOT / name, os.X_OK) for name in ("run", "test", ".ci/run", "packaging/lock")
    )
