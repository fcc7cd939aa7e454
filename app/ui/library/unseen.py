"""Why the clip in hand has nothing to look at or listen to: each state in words of its own."""

import enum
from typing import Final

from app.core.catalog.attempts import Attempt
from app.core.model.entities import Clip
from app.core.model.media import ClipKind, ClipState, Derive
from app.core.model.names import display
from app.ui.inspector.detail import ClipDetail
from app.ui.library import not_whole
from app.ui.player.viewer import Viewer
from app.ui.widgets.core_words import core
from app.ui.widgets.wording import translate

_ICONS: Final = {
    ClipKind.DOCUMENT: "document",
    ClipKind.AUDIO: "sound",
    ClipKind.STILL: "image",
}


class Proxy(enum.Enum):
    """What becomes of the proxy of the clip in hand."""

    MADE = "being made"
    WAITS = "waits its turn"
    HELD = "waits for a person: everything is paused"
    NONE = "nothing is due"


def say(viewer: Viewer, detail: ClipDetail, proxy: Proxy) -> None:
    """Says in the viewer why there is nothing to play of a clip."""
    clip = detail.clip
    if clip.state is ClipState.OFFLINE:
        viewer.show_offline()
    elif clip.state is ClipState.MISSING:
        viewer.show_offline(
            translate(
                "Unseen",
                "Its files are not where they were. Notes, marks and transcript are at hand.",
            ),
            translate("Unseen", "Missing"),
        )
    elif clip.state is ClipState.UNDECODABLE:
        viewer.show_undecodable(clip.problem or "")
    elif clip.state is ClipState.BAD:
        viewer.show_error(translate("Unseen", "This clip cannot be read"), clip.problem or "")
    elif clip.state is ClipState.GROWING:
        viewer.show_nothing(
            "clock",
            translate("Unseen", "Still being written"),
            translate(
                "Unseen",
                "Its file is not complete yet, or the copy of it broke off. It is looked at again by itself.",
            )
            + "".join(f" {not_whole.words(one)}" for one in detail.arriving[:1]),
        )
    elif clip.kind is ClipKind.DOCUMENT:
        viewer.show_nothing(
            "document",
            translate("Unseen", "No picture or sound"),
            translate("Unseen", "A document: open it with its own program (Show in the Info tab)."),
        )
    else:
        _say_without_proxy(viewer, clip, detail.derive, detail.stuck, proxy)


def _say_without_proxy(
    viewer: Viewer, clip: Clip, derive: Derive | None, stuck: Attempt | None, proxy: Proxy
) -> None:
    """Its original does not play by itself, so its proxy would have to."""
    icon = _ICONS.get(clip.kind, "film")
    if stuck is not None and stuck.stopped:
        parts = (stuck.error.get("message") or stuck.error.get("title"), stuck.error.get("todo"))
        viewer.show_error(
            translate("Unseen", "Its proxy could not be made"),
            " ".join(display(core(str(part))) for part in parts if part),
        )
        return
    if derive is Derive.POSTERS:
        words = translate(
            "Unseen",
            "It plays by its proxy, and on this volume none are made by themselves: right-click the volume to change that.",
        )
    elif derive is Derive.TOUCHED and proxy is Proxy.NONE:
        words = translate(
            "Unseen", "It plays by its proxy, which is made for clips that you stay on."
        )
    elif clip.problem:
        words = display(core(clip.problem))
    else:
        words = _waiting(proxy)
    viewer.show_nothing(icon, translate("Unseen", "No proxy yet"), words)


def _waiting(proxy: Proxy) -> str:
    if proxy is Proxy.MADE:
        return translate("Unseen", "Its proxy is being made; it plays when that is ready.")
    if proxy is Proxy.HELD:
        return translate("Unseen", "Work is paused: its proxy is made when it goes on (Ctrl+J).")
    if proxy is Proxy.NONE:
        return translate("Unseen", "It plays by its proxy only, and none is being made.")
    return translate(
        "Unseen", "Its proxy waits its turn: Work in hand (Ctrl+J) shows what is first."
    )
