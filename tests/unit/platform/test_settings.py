"""The settings file: defaults, values kept as written, wrong ones named with their line."""

import dataclasses
import runpy
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.model.errors import Refused
from app.core.platform import settings
from app.core.platform.preferences import Derivatives, Transcripts
from app.core.platform.settings import Settings

HAND_WRITTEN = """# mine
[derivatives]
proxy_height = 1080   # big screen
my_own_key = "stays"

[future]
thing = [1, 2]
"""


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path) == Settings()
    assert Settings().derivatives.proxy_height == 720
    assert Settings().ingest.quiet_seconds == 8
    assert Settings().sync.grace_seconds == 60


def test_a_change_is_written_under_its_own_explanation(tmp_path: Path) -> None:
    changed = settings.set_value(tmp_path, "derivatives.proxy_height", "540")
    assert changed.derivatives.proxy_height == 540
    assert settings.load(tmp_path) == changed
    lines = (tmp_path / settings.FILE_NAME).read_text().splitlines()
    at = lines.index("proxy_height = 540")
    assert lines[at - 1].startswith("# Height of viewing proxies.")
    assert tomllib.loads("\n".join(lines))["derivatives"] == {"proxy_height": 540}


def test_every_setting_is_in_a_fresh_file_with_its_default(tmp_path: Path) -> None:
    settings.save(tmp_path, Settings())
    text = (tmp_path / settings.FILE_NAME).read_text()
    assert all(not values for values in tomllib.loads(text).values())
    uncommented = "".join(
        line.removeprefix("# ") if " = " in line and "Takes" not in line else line
        for line in text.splitlines(keepends=True)
    )
    (tmp_path / settings.FILE_NAME).write_text(uncommented)
    assert settings.load(tmp_path) == Settings()
    said = [
        f"{name}.{key}" for name, values in tomllib.loads(uncommented).items() for key in values
    ]
    assert said == [info.name for info in settings.describe()]


def test_comments_order_and_unknown_keys_stay(tmp_path: Path) -> None:
    file = tmp_path / settings.FILE_NAME
    file.write_text(HAND_WRITTEN)
    settings.set_value(tmp_path, "derivatives.reserve_gb", "5")
    settings.set_value(tmp_path, "derivatives.proxy_height", "720")
    text = file.read_text()
    assert "# mine" in text
    assert "proxy_height = 720   # big screen" in text
    assert 'my_own_key = "stays"' in text
    assert "thing = [1, 2]" in text
    assert settings.load(tmp_path).derivatives == Derivatives(proxy_height=720, reserve_gb=5)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[derivatives]\n\nproxy_height = 700\n", 3, "540 or 720 or 1080"),
        ("[sync]\nworkers = true\n", 2, "a whole number from 1 to 32"),
        ("[sync]\nworkers = 4.0\n", 2, "a whole number from 1 to 32"),
        (
            "[derivatives]\npreset = 'veryfast'\n[transcripts]\n'languages' = 'en'\n",
            4,
            "a list of texts",
        ),
        ("sync.part_size_mb = 1\n", 1, "from 5 to 5120 (MiB)"),
        ("[ingest]\nwork_hours = '7-9'\n", 2, "a text"),
        ("[transcripts]\nenabled = 1\n", 2, "true or false"),
        ('[derivatives]\nstore = "/mnt/a\\u0000b"\n', 2, "a text"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    (tmp_path / settings.FILE_NAME).write_text(text)
    with pytest.raises(Refused) as caught:
        settings.load(tmp_path)
    assert caught.value.message.startswith(f"Line {line}: ")
    assert says in caught.value.message
    assert settings.read(tmp_path).settings == Settings()


def test_a_file_that_does_not_read_says_where(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_text("[sync]\nworkers = = 3\n")
    with pytest.raises(Refused, match="line 2"):
        settings.load(tmp_path)
    with pytest.raises(Refused, match="line 2"):
        settings.set_value(tmp_path, "sync.workers", "3")
    (tmp_path / settings.FILE_NAME).write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="no UTF-8"):
        settings.load(tmp_path)
    (tmp_path / settings.FILE_NAME).write_bytes(b"#" * 1_000_001)
    with pytest.raises(Refused, match="larger than 1 MB"):
        settings.load(tmp_path)


def test_one_setting_can_be_mended_while_another_is_wrong(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_text("[sync]\nworkers = 99\n[window]\ntheme = 'pink'\n")
    settings.set_value(tmp_path, "sync.workers", "2")
    assert "theme = 'pink'" in (tmp_path / settings.FILE_NAME).read_text()
    with pytest.raises(Refused, match=r"Line 4: window\.theme"):
        settings.load(tmp_path)
    settings.set_value(tmp_path, "window.theme", "dark")
    assert settings.load(tmp_path).sync.workers == 2


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("transcripts.enabled", "off", False),
        ("transcripts.enabled", "YES", True),
        ("transcripts.languages", "en, de", ("en", "de")),
        ("transcripts.languages", "", ()),
        ("derivatives.store", "/mnt/Éclair \"x\" 'y'", "/mnt/Éclair \"x\" 'y'"),
        ("ingest.work_hours", "19:00-07:30", "19:00-07:30"),
        ("derivatives.size_cap_gb", " 500 ", 500),
    ],
)
def test_typed_text_becomes_a_value(tmp_path: Path, name: str, text: str, value: object) -> None:
    assert settings.value_of(settings.set_value(tmp_path, name, text), name) == value
    assert settings.value_of(settings.load(tmp_path), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sync.workers", "0"),
        ("sync.workers", "four"),
        ("sync.workers", "٣"),
        ("transcripts.enabled", "perhaps"),
        ("window.theme", "pink"),
        ("transcripts.languages", "English"),
        ("transcripts.model", "../../etc"),
    ],
)
def test_typed_text_that_cannot_be_is_refused(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(Refused, match="takes"):
        settings.set_value(tmp_path, name, text)
    assert not (tmp_path / settings.FILE_NAME).exists()


def test_an_unknown_setting_offers_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        settings.set_value(tmp_path, "derivatives.proxyheight", "720")
    assert "derivatives.proxy_height" in caught.value.choices


def test_saving_a_tree_is_loading_it(tmp_path: Path) -> None:
    tree = dataclasses.replace(
        Settings(),
        transcripts=Transcripts(enabled=False, languages=("de",)),
        derivatives=Derivatives(reserve_gb=0),
    )
    settings.save(tmp_path, tree)
    assert settings.load(tmp_path) == tree
    settings.save(tmp_path, Settings())
    assert settings.load(tmp_path) == Settings()


@given(
    st.text(max_size=200)
    | st.sampled_from(["[sync]\nworkers = ", "sync = 3\n", "[[sync]]\n", "sync.workers = [1]"])
)
def test_no_text_breaks_reading(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / settings.FILE_NAME).write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        reading = settings.read(home)
    except Refused:
        return
    assert isinstance(reading.settings, Settings)


def test_the_docs_page_is_made_from_the_tree() -> None:
    root = Path(__file__).parents[3]
    made = runpy.run_path(str(root / "packaging" / "settings-page"))["page"]()
    assert (root / "docs" / "settings.md").read_text(encoding="utf-8") == made, (
        "run packaging/settings-page"
    )
