"""What failed says why, what to do and whether it goes on, wherever it is listed."""

from app.core.catalog import attempts
from app.core.model.errors import Away, BadData, as_json
from tests.support import catalogs
from tests.support.command import NearDesk


def test_a_failure_is_told_with_its_reason(empty: NearDesk) -> None:
    empty.ask("clips")
    poison = as_json(BadData("Does not decode", "Nothing of it decodes.", subject="A001"))
    away = as_json(Away("The media is offline", "A002 cannot be reached.", todo="Connect it."))
    with catalogs.opened(empty.home) as catalog:
        for _ in range(2):
            catalog.write(lambda tx: attempts.failed(tx, "derive", "a", poison, passing=False))
        catalog.write(lambda tx: attempts.failed(tx, "derive", "b", away, passing=True))
    for words in (("work",), ("work", "--failed")):
        told = empty.run(*words).out
        assert "Does not decode: Nothing of it decodes." in told
        assert "2 tries; it stands still until it is retried" in told
        assert "The media is offline: A002 cannot be reached." in told
        assert "    Connect it.\n" in told
        assert "1 try; it is tried again by itself" in told
    kept = {f["key"]: f["error"] for f in empty.ask("work", "--failed")["failed"]}
    assert kept == {"derive:a": poison, "derive:b": away}
    told = empty.run("run", "--until-idle").out
    assert "failed: derive:a  a: Does not decode: Nothing of it decodes." in told
    assert "waiting: derive:b  b: The media is offline: A002 cannot be reached." in told
    assert "1 failed, 1 waiting, " in told
    listed = empty.ask("run", "--until-idle", code=1)["failed"]
    assert {f["key"]: f["stopped"] for f in listed} == {"derive:a": True, "derive:b": False}
