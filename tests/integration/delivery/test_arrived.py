"""What was delivered is asked for in its bucket; what is gone is sent once more."""

import contextlib

from app.core.delivery import arrived
from app.core.delivery.stores import Stores
from tests.integration.delivery.test_sync import Desk, desk

__all__ = ["desk"]


def test_what_is_gone_from_its_bucket_is_named_and_sent_again(desk: Desk) -> None:
    desk.target()
    desk.decisions.decide(desk.clips[:1], "approved")
    desk.run()
    delivered = desk.bucket / "Film" / "A001.mov"
    with contextlib.closing(Stores(desk.catalog)) as stores:
        assert list(arrived.wrong(desk.catalog, stores)) == []
        delivered.unlink()
        ((what, upload, _),) = arrived.wrong(desk.catalog, stores)
        assert what == arrived.GONE
    desk.catalog.write(lambda tx: arrived.again(tx, upload.id), durable=True)
    desk.run()
    assert delivered.read_bytes() == bytes([1]) * 5000
    assert desk.states() == ["verified"]
