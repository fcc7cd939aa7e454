"""How Rushes signs in and to whom it talks: credentials, proxies, TLS, and what is never said."""

import contextlib
import logging
import socket
from pathlib import Path

import pytest

from app.core.cloud import transfer
from app.core.cloud.places import Place
from app.core.cloud.s3 import S3Store
from app.core.cloud.s3_client import secret_names
from app.core.cloud.sending import Control
from app.core.model.errors import Cancelled, Missing, Passing, RushesError
from tests.integration.cloud.conftest import OpenS3
from tests.support.certificates import self_signed, server_side
from tests.support.guards import ExpectLog
from tests.support.s3_fault_proxy import ANSWERS, Fault, FaultProxy
from tests.support.s3_server import S3Server
from tests.support.uploading import ListJournal, content, eager, plain_file, wanted, written

pytestmark = pytest.mark.s3
SECRETS = {
    "AWS_ACCESS_KEY_ID": "CANARYACCESS",
    "AWS_SECRET_ACCESS_KEY": "canary-secret-key",
    "AWS_SESSION_TOKEN": "canary-session-token",
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No credentials anywhere."""
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)


def signer(proxy: FaultProxy) -> str:
    """Whose key signed the last request."""
    proxy.count("HEAD")
    return proxy.seen[-1].headers["authorization"].split("Credential=")[1].split("/")[0]


KEYRING = dict(zip(secret_names("t1"), ("KEYRINGACCESS", "keyring-secret", None), strict=True))


def test_the_keyring_comes_first(
    proxy: FaultProxy, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    store = S3Store(Place(bucket, proxy.url, target_id="t1"), secret=KEYRING.get)
    store.head("x")
    assert signer(proxy) == "KEYRINGACCESS"
    store.close()
    another = S3Store(Place(bucket, proxy.url, target_id="t2"), secret=KEYRING.get)
    another.head("x")
    assert signer(proxy) == "CANARYACCESS"
    another.close()


def test_then_the_profile_of_the_target(
    proxy: FaultProxy, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    text = "[film]\naws_access_key_id = PROFILEACCESS\naws_secret_access_key = s\n"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    (tmp_path / "credentials").write_text(text)
    store = S3Store(Place(bucket, proxy.url, profile="film"), secret=lambda _: None)
    store.head("x")
    assert signer(proxy) == "PROFILEACCESS"
    store.close()
    unknown = S3Store(Place(bucket, proxy.url, profile="other"), secret=lambda _: None)
    with pytest.raises(Missing, match="profile"):
        unknown.head("x")


@pytest.mark.usefixtures("bare")
def test_without_credentials_nobody_is_asked(proxy: FaultProxy, bucket: str) -> None:
    store = S3Store(Place(bucket, proxy.url, target_id="t2"), secret=KEYRING.get)
    with pytest.raises(Missing, match="No credentials") as caught:
        store.head("x")
    assert "AWS_ACCESS_KEY_ID" in caught.value.todo
    assert proxy.count("HEAD") == 0


@pytest.mark.parametrize("kind", ["expired", "wrong key"])
def test_other_credentials_are_looked_for_after_these_failed(
    proxy: FaultProxy, bucket: str, kind: str
) -> None:
    entries = dict(KEYRING)
    store = S3Store(Place(bucket, proxy.url, target_id="t1"), secret=entries.get)
    proxy.plan(Fault(kind, method="GET", times=1))
    with pytest.raises(Missing, match="credentials"):
        list(store.list(""))
    entries[secret_names("t1").access_key] = "RENEWED"
    list(store.list(""))
    assert signer(proxy) == "RENEWED"
    store.close()


def test_the_environment_cannot_send_footage_elsewhere(
    proxy: FaultProxy, open_s3: OpenS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert open_s3(proxy.url).head("x") is None


def test_an_endpoint_where_nobody_listens_is_asked_once(
    open_s3: OpenS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[object] = []
    connect = socket.socket.connect

    def counted(self: socket.socket, address: object) -> None:
        tries.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", counted)
    with pytest.raises(Passing, match="does not answer"):
        open_s3("http://127.0.0.1:9").head("x")
    assert tries == [("127.0.0.1", 9)]


def test_secrets_are_in_no_message_and_no_log(
    proxy: FaultProxy,
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    said: list[str] = []
    path = written(tmp_path / "clip.mov", content(1000))
    with caplog.at_level(logging.DEBUG):
        for kind in ("", "reset", "hang", *ANSWERS):
            store = S3Store(Place(bucket, proxy.url), secret=lambda _: None)
            proxy.plan(*([Fault(kind)] if kind else []))
            proxy.busy.clear()
            control = Control(cancelled=proxy.busy.is_set, backoff=eager(patience=0, fewest=1))
            try:
                transfer.upload(
                    store,
                    plain_file(path),
                    wanted(content(1000), f"key {kind}"),
                    ListJournal(),
                    control=control,
                )
            except RushesError as error:
                said += [str(error), error.subject, error.todo, repr(error.__cause__)]
            store.close()
    said += [record.getMessage() for record in caplog.records]
    said += [str(record.exc_info) for record in caplog.records]
    assert len(said) > len(ANSWERS)
    for secret in ("canary-secret-key", "canary-session-token", "Signature="):
        assert not [line for line in said if secret in line]


@pytest.mark.parametrize(
    ("host", "days", "trusted"),
    [("IP:127.0.0.1", 2, False), ("DNS:nas.example.com", 2, True), ("IP:127.0.0.1", -1, True)],
    ids=["self-signed", "wrong host", "expired"],
)
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    s3_server: S3Server,
    open_s3: OpenS3,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expect_log: ExpectLog,
    host: str,
    days: int,
    trusted: bool,
) -> None:
    if "nas" in host:
        expect_log("did not match expected hostname")
    certificate = self_signed(tmp_path, "nas", host, days)
    if trusted:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with FaultProxy(s3_server.url, tls=server_side(certificate)) as proxy:
        with pytest.raises(Missing, match="cannot prove who it is"):
            open_s3(proxy.url).head("x")
        assert proxy.count("HEAD") == 0


def test_an_upload_over_tls_arrives_and_can_be_called_off(
    s3_server: S3Server, open_s3: OpenS3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path, "nas")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    data = content(2_500_000)
    path = written(tmp_path / "clip.mov", data)
    with FaultProxy(s3_server.url, tls=server_side(certificate)) as proxy:
        store = open_s3(proxy.url)
        journal = ListJournal()
        receipt = transfer.upload(store, plain_file(path), wanted(data, "one"), journal)
        assert receipt.sent_bytes == len(data)
        for fault in (Fault("hang", target="two"), Fault("slow", "PUT", "two", value=1)):
            proxy.busy.clear()
            proxy.plan(fault)
            control = Control(cancelled=proxy.busy.is_set)
            with pytest.raises(Cancelled):
                transfer.upload(
                    store, plain_file(path), wanted(data, "two"), journal, control=control
                )


def test_connecting_can_be_called_off(open_s3: OpenS3, tmp_path: Path) -> None:
    """A listener whose queue is full drops what comes: nobody refuses, nobody answers."""
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 4

    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        store = open_s3(f"http://127.0.0.1:{listener.getsockname()[1]}")
        path = written(tmp_path / "clip.mov", b"1")
        with pytest.raises(Cancelled):
            transfer.upload(
                store,
                plain_file(path),
                wanted(b"1"),
                ListJournal(),
                control=Control(cancelled=cancelled),
            )
