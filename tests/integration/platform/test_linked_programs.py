"""A sandbox shows what is reached through links: a checkout whose environment is one, a program behind several."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.platform.processes import Limits, Sandbox, confined, run
from tests.support.source import ROOT

pytestmark = pytest.mark.skipif(not confined(), reason="no bubblewrap that works here")

ASKING = """
import sys
from pathlib import Path
from app.core.platform.interpreter import worker_argv, worker_environment, worker_folders
from app.core.platform.processes import Limits, Sandbox, run

words = [*worker_argv("json.tool")[:-2], "-c", "import xxhash, app; print(app.__file__)"]
done = run(
    words,
    limits=Limits(seconds=60),
    sandbox=Sandbox(read=(*worker_folders(), *map(Path, sys.argv[1:]))),
    env=worker_environment(),
)
sys.exit(done.stderr_tail or done.returncode)
"""


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="runs in no virtual environment")
@pytest.mark.parametrize("shown", [False, True], ids=["alone", "with the checkout"])
@pytest.mark.parametrize("links", [1, 3])
def test_workers_of_a_checkout_whose_environment_is_a_link(
    tmp_path: Path, links: int, shown: bool
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    place = Path(sys.prefix)
    for number in range(1, links):
        link = tmp_path / f"disk {number}" / "environment"
        link.parent.mkdir()
        link.symlink_to(place)
        place = link
    (checkout / ".venv").symlink_to(place)
    for name in ("app", "resources"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    words = [str(checkout / ".venv" / "bin" / "python"), "-P", "-c", ASKING]
    # A folder of media above the checkout, or the checkout itself, may be shown to a worker as well.
    words += [str(checkout)] if shown else []
    done = subprocess.run(
        words,
        env={"PYTHONPATH": str(checkout), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shown", [False, True], ids=["alone", "with the interpreters"])
def test_workers_whose_interpreter_lies_behind_links(tmp_path: Path, shown: bool) -> None:
    # As uv keeps its own: the folder of the minor version is a link to the exact one.
    pythons = tmp_path / "share" / "python"
    pythons.mkdir(parents=True)
    (pythons / "exact").symlink_to(sys.base_prefix)
    (pythons / "minor").symlink_to("exact")
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    python = environment / "bin" / "python"
    python.symlink_to(pythons / "minor" / "bin" / Path(sys.executable).resolve().name)
    (environment / "pyvenv.cfg").write_text(f"home = {pythons / 'minor' / 'bin'}\n")
    words = [str(python), "-P", "-c", ASKING.replace("import xxhash, app", "import app")]
    words += [str(pythons)] if shown else []
    done = subprocess.run(
        words,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_program_behind_several_links(tmp_path: Path) -> None:
    for name in ("bin", "alternatives", "real"):
        (tmp_path / name).mkdir()
    real = tmp_path / "real" / "say"
    shutil.copy(shutil.which("echo") or "/bin/echo", real)
    (tmp_path / "alternatives" / "say").symlink_to(real)
    (tmp_path / "bin" / "say").symlink_to("../alternatives/say")
    done = run(
        [str(tmp_path / "bin" / "say"), "heard"], limits=Limits(seconds=60), sandbox=Sandbox()
    )
    assert (done.returncode, done.stdout) == (0, b"heard\n"), done.stderr_tail
