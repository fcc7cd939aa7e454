"""Ids sort by birth and never meet; keys of names are the same by either way to make them."""

import unicodedata
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model import ids, names


def test_ids_are_uuids_of_version_7_in_order() -> None:
    many = ids.new_ids(5_000)
    assert len(set(many)) == 5_000
    assert many == sorted(many)
    for text in (many[0], many[-1], ids.new_id()):
        value = uuid.UUID(text)
        assert (str(value), value.version, value.variant) == (text, 7, uuid.RFC_4122)
    assert ids.new_ids(0) == []


def test_ids_of_one_moment_do_not_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.core.model.ids.time.time_ns", lambda: 1_795_000_000_000_000_000)
    made = [text for _ in range(200) for text in ids.new_ids(100)]
    assert len(set(made)) == 20_000
    monkeypatch.setattr("app.core.model.ids.os.urandom", lambda count: b"\xff" * count)
    last = ids.new_ids(3)
    assert last == sorted(set(last))
    assert {uuid.UUID(text).version for text in last} == {7}


@given(st.text(max_size=20))
def test_a_name_has_one_key(name: str) -> None:
    whole = unicodedata.normalize("NFC", names.compare_key(name).casefold())
    assert names.fold_key(name) == whole
