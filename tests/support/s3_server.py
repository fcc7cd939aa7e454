"""A real S3 server process on loopback, with buckets made and credentials in the environment.

In tests: `with S3Server(buckets=("rushes",)) as server: … server.url`. On the command line:
`python -m tests.support.s3_server --bucket NAME -- command…` runs the command with `S3_URL`,
`S3_BUCKET` and the `AWS_…` variables set, and ends the server with it.

ministack is the server: it refuses wrong Content-MD5, SHA-256 and CRC64NVME and honours
If-None-Match. It does not check signatures and knows no smallest part size.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Self

START_SECONDS = 60
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class S3Server:
    """One server process; its data is in memory and goes with it.

    Attributes:
        url: where it answers, `http://127.0.0.1:PORT`.
        environment: the variables a client needs (credentials, region).
    """

    def __init__(self, buckets: tuple[str, ...] = (), log: Path | None = None) -> None:
        self.buckets = buckets
        self.log = log
        self.url = ""
        self.environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's process, for tests that kill it."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Starts the server and waits until every bucket is there."""
        # The socket is made here and handed over: no other process can take the port in between.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            self._log = self.log.open("ab") if self.log else None
            # Linux ends it with the test run, however that ends.
            command = ["setpriv", "--pdeathsig", "KILL"]
            command += [
                sys.executable,
                "-m",
                "hypercorn",
                "ministack.app:app",
                "--bind",
                f"fd://{listener.fileno()}",
                # In this process: a worker of its own would outlive a server that is killed.
                "--workers",
                "0",
            ]
            self._process = subprocess.Popen(
                [*command, "--keep-alive", "75"],
                env=self._server_environment(port),
                pass_fds=[listener.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(self.url + "/_ministack/health", "GET")
            for bucket in self.buckets:
                self._wait(f"{self.url}/{bucket}", "PUT")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server; twice is fine."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._log:
            self._log.close()
            self._log = None

    def _server_environment(self, port: int) -> dict[str, str]:
        return os.environ | {
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "SERVICES": "s3",
            "LOG_LEVEL": "WARNING",
            "S3_PERSIST": "0",
            "PYTHONWARNINGS": "ignore",
        }

    def _wait(self, address: str, method: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process
            if self._process.poll() is not None:
                raise RuntimeError(f"the S3 server ended with {self._process.returncode}")
            try:
                request = urllib.request.Request(address, method=method)
                with DIRECT.open(request, timeout=START_SECONDS):
                    return
            except urllib.error.HTTPError as problem:
                problem.close()
                raise RuntimeError(f"{method} {address}: {problem}") from problem
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def main() -> int:
    """Runs a command beside a server."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--bucket", default="rushes")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    with S3Server(buckets=(options.bucket,)) as server:
        own = server.environment | {"S3_URL": server.url, "S3_BUCKET": options.bucket}
        return subprocess.run(command, env=os.environ | own, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
