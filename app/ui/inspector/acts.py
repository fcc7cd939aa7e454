"""An act in words, for Undo and Redo: what it was, and of what."""

from collections.abc import Mapping
from typing import Any

from app.core.catalog.acts import Act
from app.core.model.events import Kind
from app.core.model.names import display
from app.ui.inspector import history
from app.ui.widgets import wording
from app.ui.widgets.wording import fill, translate


def words(act: Act) -> str:
    """`B002C001: Rating: ★★★`, `3 clips: Circled`, `target “Archive” added`."""
    kind, body = str(act.event.kind), act.event.body
    what = history.words(kind, body, act.clip) or _group(kind) or _thing(kind, body, act.name)
    whom = display(act.clip.name) if act.clip else (wording.clips(act.clips) if act.clips else "")
    if what and whom:
        return f"{whom}: {what}"
    return what or whom or display(kind)


def _thing(kind: str, body: Mapping[str, Any], name: str) -> str:
    """What was done to a bin, a target or a project."""
    field = str(body.get("field", ""))
    forms = {
        Kind.BIN_CREATED: translate("Acts", "bin “{0}” made"),
        Kind.BIN_DELETED: translate("Acts", "bin “{0}” deleted"),
        Kind.BIN_RESTORED: translate("Acts", "bin “{0}” brought back"),
        Kind.BIN_CHANGED: translate("Acts", "bin “{0}” changed"),
        Kind.TARGET_ADDED: translate("Acts", "target “{0}” added"),
        Kind.TARGET_CHANGED: _target(field, body.get("value")),
        Kind.PROJECT_CHANGED: translate("Acts", "project “{0}” changed: {1}"),
    }
    form = forms.get(Kind(kind)) if kind in set(Kind) else None
    return fill(form, display(name), _fields().get(field, field)) if form else ""


def _fields() -> dict[str, str]:
    """What of a project can be changed."""
    return {
        "name": translate("Acts", "name"),
        "rate": translate("Acts", "frame rate"),
        "drop": translate("Acts", "drop-frame"),
        "glossary": translate("Acts", "glossary"),
        "languages": translate("Acts", "languages"),
        "brief": translate("Acts", "brief"),
    }


def _target(field: str, value: object) -> str:
    if field == "removed":
        return translate("Acts", "target “{0}” removed")
    if field == "confirmed":
        sends = translate("Acts", "target “{0}” confirmed")
        return sends if value else translate("Acts", "target “{0}” sends nothing more")
    return translate("Acts", "target “{0}” changed")


def _group(kind: str) -> str:
    forms = {
        Kind.GROUP_MADE: translate("Acts", "clips joined"),
        Kind.GROUP_DISSOLVED: translate("Acts", "clips parted"),
        Kind.SYNC_OFFSET_SET: translate("Acts", "sound shifted"),
    }
    return forms.get(Kind(kind), "") if kind in set(Kind) else ""
