import datetime
import time
from fractions import Fraction

import pytest

from app.core.model.entities import HistoryEntry
from app.core.model.events import Kind
from app.ui.inspector import history
from app.ui.shell.estimate import Estimate
from app.ui.widgets import wording
from app.ui.widgets.words import plain_tip
from tests.ui.made import clip

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0:00"), (51_000, "0:51"), (51_499, "0:51"), (724_000, "12:04"), (3_723_000, "1:02:03")],
)
def test_lengths_read_like_a_counter(milliseconds: int, text: str) -> None:
    assert wording.duration(milliseconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (40_000, "40 s"),
        (27 * 60_000, "27 m"),
        (372 * 60_000, "6 h 12 m"),
        (59_999, "1 m"),
        (89_999, "1 m"),
    ],
)
def test_totals_read_in_hours_and_minutes(milliseconds: int, text: str) -> None:
    assert wording.total(milliseconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (12_000, "12 kB"), (8_123_456_789, "8.1 GB"), (10**15, "1.0 PB")],
)
def test_sizes_read_as_disks_are_sold(count: int, text: str) -> None:
    assert wording.size(count) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (Fraction(25), "25"),
        (Fraction(30000, 1001), "29.97"),
        (Fraction(24000, 1001), "23.976"),
        (Fraction(60000, 1001), "59.94"),
        (Fraction(48000), "48 kHz"),
        (Fraction(44100), "44.1 kHz"),
        (None, ""),
    ],
)
def test_rates_read_as_the_trade_says_them(rate: Fraction | None, text: str) -> None:
    assert wording.rate(rate) == text


def test_braces_in_a_value_stay_what_they_are() -> None:
    assert wording.fill("{0} in {1}", "{1}", "{0}") == "{1} in {0}"


def test_times_of_day_name_the_day_where_it_is_another() -> None:
    noon = datetime.datetime.now().astimezone().replace(hour=12, minute=0)
    now = int(noon.timestamp() * 1000)
    day = 86_400_000
    assert wording.time_of_day(now) == "12:00"
    assert wording.time_of_day(now + day).startswith("tomorrow")
    assert wording.time_of_day(now - day).startswith("yesterday")
    assert wording.time_of_day(0)[:4] in ("1970", "1969")


def test_names_give_initials_and_markup_in_a_tip_is_text() -> None:
    assert wording.initials("ingrid marie nilsen holm") == "IMN"
    assert plain_tip("plain (Ctrl+F)") == "plain (Ctrl+F)"
    assert plain_tip("<img src=x>") == "<span>&lt;img src=x&gt;</span>"


def test_an_estimate_grows_with_length_and_shrinks_with_cores() -> None:
    hour, day = Estimate(10, 3_600_000, 0), Estimate(240, 86_400_000, 0)
    assert day.proxy_bytes == 24 * hour.proxy_bytes
    assert day.work_seconds(8) > hour.work_seconds(8)
    assert hour.work_seconds(16) < hour.work_seconds(2)
    assert "GB" in hour.words()
    assert time.time() > 0


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (
            Kind.NOTE_ADDED,
            {"start": 0, "end": 1, "text": "late <b>"},
            "Note at 01:00:00:00: late <b>",
        ),
        (Kind.CLIP_RATED, {"rating": 3}, "Rating: ★★★"),
        (Kind.CLIP_RATED, {"rating": 0}, "Rating: none"),
        (Kind.TAG_ADDED, {"word": "boat"}, "Keyword added: boat"),
        (Kind.DECISION_MADE, {"verdict": "approved", "comment": "yes"}, "Approved: yes"),
        (Kind.DECISION_MADE, {"verdict": "rejected"}, "Changes asked for"),
        (Kind.CLIP_FIELD_SET, {"field": "reel", "value": None}, "reel set to –"),
        ("from-the-future", {"x": 1}, 'from-the-future {"x": 1}'),
    ],
)
def test_history_reads_as_sentences(kind: str, body: dict[str, object], words: str) -> None:
    entry = HistoryEntry("e", kind, "a", "Ingrid", 0, body, undone=False)
    assert history.sentence(entry, clip()) == words


def test_every_kind_of_event_about_a_clip_has_words() -> None:
    silent = {
        Kind.PROJECT_CREATED,
        Kind.PROJECT_CHANGED,
        Kind.ACTOR_NAMED,
        Kind.BIN_CREATED,
        Kind.BIN_CHANGED,
        Kind.BIN_DELETED,
        Kind.BIN_RESTORED,
        Kind.GROUP_MADE,
        Kind.GROUP_DISSOLVED,
        Kind.SYNC_OFFSET_SET,
        Kind.TARGET_ADDED,
        Kind.TARGET_CHANGED,
    }
    body = {"start": 0, "end": 1, "text": "t", "rating": 1, "verdict": "approved"}
    for kind in set(Kind) - silent:
        entry = HistoryEntry("e", kind, "a", "Ingrid", 0, body, undone=False)
        assert not history.sentence(entry, clip()).startswith(kind.value), kind
