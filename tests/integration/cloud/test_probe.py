"""The look at a bucket leaves nothing there, deletes nothing of anybody else's, and says what stays."""

import urllib.request

import pytest

from app.core.cloud.body import BytesBody
from app.core.cloud.s3_probe import PROBE_BODY, is_probe
from app.core.model.errors import Bug, RushesError
from tests.integration.cloud.conftest import OpenS3
from tests.support.s3_fault_proxy import Fault, FaultProxy
from tests.support.s3_server import DIRECT, S3Server

FOREIGN = (".rushes/probe", ".rushes/probe-", ".rushes/probe-mine", "day 1/A001.mov")


def _keys(open_s3: OpenS3, server: S3Server) -> list[str]:
    return [one.key for one in open_s3(server.url).list("")]


def _foreign(open_s3: OpenS3, server: S3Server) -> None:
    store = open_s3(server.url)
    for key in FOREIGN:
        body = BytesBody(PROBE_BODY)
        store.put(key, body, checksum=None, metadata={}, if_none_match=False)


def test_nothing_stays_and_what_others_have_is_untouched(
    open_s3: OpenS3, s3_server: S3Server
) -> None:
    _foreign(open_s3, s3_server)
    found = open_s3(s3_server.url).capabilities()
    assert found.leaves == ""
    assert sorted(_keys(open_s3, s3_server)) == sorted(FOREIGN)


def test_where_nothing_may_be_deleted_one_object_stays_and_is_named(
    open_s3: OpenS3, s3_server: S3Server
) -> None:
    _foreign(open_s3, s3_server)
    with FaultProxy(s3_server.url) as proxy:
        proxy.plan(Fault("denied", method="DELETE", target=r"probe-[0-9a-f]+$"))
        first = open_s3(proxy.url).capabilities()
        second = open_s3(proxy.url).capabilities()
    assert is_probe(first.leaves)
    assert second.leaves == first.leaves, "they do not pile up"
    assert any(first.leaves in words for words in first.weaker)
    assert sorted(_keys(open_s3, s3_server)) == sorted((*FOREIGN, first.leaves))


def test_where_nothing_may_be_listed_the_look_goes_on(open_s3: OpenS3, s3_server: S3Server) -> None:
    with FaultProxy(s3_server.url) as proxy:
        proxy.plan(Fault("denied", method="GET", target="list-type"))
        assert open_s3(proxy.url).capabilities().weaker == ()
    assert _keys(open_s3, s3_server) == []


def test_a_look_that_breaks_off_leaves_nothing(open_s3: OpenS3, s3_server: S3Server) -> None:
    with FaultProxy(s3_server.url) as proxy:
        proxy.plan(Fault("denied", method="HEAD"))
        with pytest.raises(RushesError):
            open_s3(proxy.url).capabilities()
        assert proxy.count("PUT") > 1
    assert _keys(open_s3, s3_server) == []


def test_a_bucket_of_versions_keeps_none_of_them(
    open_s3: OpenS3, s3_server: S3Server, bucket: str
) -> None:
    words = (
        b"<VersioningConfiguration xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>"
        b"<Status>Enabled</Status></VersioningConfiguration>"
    )
    address = f"{s3_server.url}/{bucket}"
    DIRECT.open(urllib.request.Request(f"{address}?versioning", words, method="PUT")).close()
    _foreign(open_s3, s3_server)
    open_s3(s3_server.url).capabilities()
    with DIRECT.open(f"{address}?versions") as answer:
        kept = answer.read().decode()
    assert kept.count("<VersionId>") == len(FOREIGN)
    assert "DeleteMarker" not in kept


@pytest.mark.parametrize("key", FOREIGN)
def test_nothing_but_a_probe_is_ever_deleted(
    open_s3: OpenS3, s3_server: S3Server, key: str
) -> None:
    _foreign(open_s3, s3_server)
    with pytest.raises(Bug, match="not deleted"):
        open_s3(s3_server.url).forget_probe(key, "")
    assert key in _keys(open_s3, s3_server)
