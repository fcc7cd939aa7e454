"""Planning: what a project says before the shoot decides how its footage is read."""

from pathlib import Path

import pytest

from app.core.services import Services
from tests.e2e.conftest import SOUND, clip_at
from tests.support.command import Desk

pytestmark = [pytest.mark.timeout(300), pytest.mark.speech]


def test_a_project_gives_sound_its_rate_and_transcripts_their_spelling(
    empty: Desk, footage: Path
) -> None:
    services = Services(empty.home)
    try:
        services.projects.introduce("Ingrid Nilsen", "IN")
        services.projects.change("name", "Harbour film")
        services.projects.change("rate", "30000/1001")
        services.projects.change("drop", True)
        services.projects.change("glossary", ["Harbour"])
    finally:
        services.close()
    empty.ask("settings", "derivatives.proxy_height", "540")
    empty.ask("volume", "add", footage, "--derive", "all")
    empty.ask("run", "--until-idle")

    sound = clip_at(empty, SOUND)
    # Ten hours on the clock are one frame more than ten hours of drop-frame labels.
    assert (sound["start"], sound["drop"]) == ("10:00:00;01", True)
    shown = empty.ask("show", sound["id"])
    assert shown["origins"]["start"] == "bext, at the project's rate"

    hits = empty.ask("search", "harbour wakes")["hits"]
    assert [hit["field"] for hit in hits] == ["transcript"]
    assert "Harbour" in hits[0]["text"]

    note = empty.ask("note", "add", hits[0]["clip"], "--at", "@0", "look")
    assert note["author"] == "Ingrid Nilsen"
