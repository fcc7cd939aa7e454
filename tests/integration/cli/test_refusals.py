"""What Rushes cannot work with is refused when it is chosen: an unknown speech model, its own folder as a volume."""

from tests.support.command import NearDesk


def test_an_unknown_speech_model_is_refused_with_the_known_ones(empty: NearDesk) -> None:
    error = empty.refuse("settings", "transcripts.model", "huge")
    assert error["title"] == "Unknown model"
    assert {"base", "small"} <= set(error["choices"])
    kept = empty.ask("settings", "transcripts.model")["settings"]
    assert kept == {"transcripts.model": "base"}
    chosen = empty.ask("settings", "transcripts.model", "small")["settings"]
    assert chosen == {"transcripts.model": "small"}


def test_a_data_folder_is_refused_as_a_volume(empty: NearDesk) -> None:
    empty.ask("volume", "list")
    error = empty.refuse("volume", "add", empty.home)
    assert error["title"] == "Rushes' own folder"
    assert error["todo"]
    assert empty.ask("volume", "list")["volumes"] == []
