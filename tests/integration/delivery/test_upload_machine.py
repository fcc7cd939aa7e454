"""The uploads of a catalog in any order of events: see `upload_machine`."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.delivery.buckets import KINDS, Bucket, MemoryBucket, S3Bucket
from tests.integration.delivery.upload_machine import UploadMachine
from tests.support.s3_server import S3Server


class InMemory(UploadMachine):
    """Buckets of every kind, the one that tells least twice as often."""

    kinds = (*KINDS, "lenient, own etags")

    def new_bucket(self, kind: str) -> Bucket:
        """See `UploadMachine`."""
        return MemoryBucket(kind)


def run(machine: type[UploadMachine], examples: int, steps: int) -> None:
    machine.counts = dict.fromkeys(UploadMachine.counts, 0)
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=chosen)
    sys.stdout.write(f"\n{machine.counts}\n")
    assert machine.counts["verified"]
    assert machine.counts["crashes"]


def test_whatever_happens_nothing_is_said_that_is_not_so() -> None:
    run(InMemory, 12, 40)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_happens_long() -> None:
    run(InMemory, 1000, 60)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with S3Server() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.mark.s3
@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_happens_on_a_real_server(server: S3Server) -> None:
    class OnServer(UploadMachine):
        kinds = ("s3",)

        def new_bucket(self, kind: str) -> Bucket:
            del kind
            return S3Bucket(server)

    run(OnServer, 60, 40)
