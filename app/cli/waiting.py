"""What waits for a volume's hours or for room, for people and as JSON."""

from app.cli.output import counted, shown
from app.core.catalog import volumes
from app.core.services import Services


def short_of_room(services: Services) -> tuple[dict[str, int] | None, list[str]]:
    """(what waits for room in the proxy store, in numbers and bytes; the same with what to do as lines)."""
    with services.catalog.read() as reader:
        short = services.store.room.short(reader)
    if short is None:
        return None, []
    told = {"clips": short.clips, "free": short.free, "reserve": short.reserve}
    more = {"held": short.held, "cap": short.cap} if short.cap else {}
    return told | more, [short.words, f"    {short.todo}"]


def waiting(services: Services) -> tuple[list[dict[str, object]], list[str]]:
    """(an object a volume: name, when it goes on, clips, recipes; the same as lines)."""
    held = services.engine.held()
    if not held:
        return [], []
    with services.catalog.read() as reader:
        names = {volume.id: volume.name for volume in volumes.plain(reader)}
    told: list[dict[str, object]] = []
    lines: list[str] = []
    for one in held:
        name = shown(names.get(one.volume_id, one.volume_id))
        told.append(
            {
                "volume": name,
                "until": one.until.isoformat(timespec="seconds"),
                "clips": one.clips,
                "recipes": list(one.recipes),
            }
        )
        verb = "waits" if one.clips == 1 else "wait"
        lines.append(
            f"{counted(one.clips, 'clip')} {verb} for {one.until:%H:%M} on {name}: {', '.join(one.recipes)}"
        )
    return told, lines
