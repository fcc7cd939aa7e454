"""What a proxy keeps of its original, in words: said in full only where something is not kept."""

from collections.abc import Mapping
from typing import Any, cast

from app.core.model.names import display
from app.ui.widgets.core_words import core
from app.ui.widgets.wording import fill, translate


def words(facts: Mapping[str, Any]) -> str:
    """`all of the original kept`, or each thing that differs; "" where nothing was compared.

    Args:
        facts: of a proxy's rendition: `parity` lists checks, as made here (`name`, `expected`, `found`, `ok`)
            or as found beside a proxy from elsewhere (`text`, `holds`).
    """
    listed = facts.get("parity")
    if not isinstance(listed, list) or not listed:
        return ""
    checks = cast("list[Mapping[str, Any]]", listed)
    broken = [one for one in checks if not one.get("ok", one.get("holds", True))]
    if not broken:
        return translate("Kept", "all of the original kept")
    return " ".join(map(_differs, broken))


def _differs(one: Mapping[str, Any]) -> str:
    if "text" in one:
        return core(str(one["text"]))
    form = translate("Kept", "{0}: {1} instead of {2}.")
    name = str(one.get("name", ""))
    found, expected = (_value(str(one.get(key, ""))) for key in ("found", "expected"))
    return fill(form, _names().get(name, name), found, expected)


def _value(text: str) -> str:
    return translate("Kept", "none") if text == "none" else display(core(text))


def _names() -> dict[str, str]:
    return {
        "frames": translate("Kept", "Frames"),
        "rate": translate("Kept", "Rate"),
        "start": translate("Kept", "Start"),
        "reel": translate("Kept", "Reel"),
        "shape": translate("Kept", "Shape of the picture"),
        "picture": translate("Kept", "Picture"),
        "sound": translate("Kept", "Sound"),
    }
