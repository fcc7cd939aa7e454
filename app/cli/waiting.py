"""What waits for a volume's hours, for people and as JSON."""

from app.cli.output import counted, shown
from app.core.catalog import volumes
from app.core.services import Services


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
