"""A pytest plugin (`-p tests.support.screen`): an X server with software OpenGL for each process that runs tests.

No test depends on, or shows up on, anyone's screen; and as each process has a screen of its own, it has the
keyboard's focus to itself.
"""

import os
import subprocess

import pytest

SIZE = "1920x1200x24"
_SERVER = pytest.StashKey[subprocess.Popen[bytes]]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Starts the server, unless this process only hands the tests out to others."""
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", default=None):
        return
    reads, writes = os.pipe()
    told = ["-displayfd", str(writes), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", *told], pass_fds=[writes], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    config.stash[_SERVER] = server
    os.close(writes)
    with os.fdopen(reads) as answer:
        number = answer.readline().strip()
    if not number:
        pytest.exit("Xvfb did not start", returncode=1)
    for name in ("WAYLAND_DISPLAY", "XAUTHORITY"):
        os.environ.pop(name, None)
    os.environ |= {
        "DISPLAY": f":{number}",
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends it."""
    if server := config.stash.get(_SERVER, None):
        server.kill()
        server.wait()
