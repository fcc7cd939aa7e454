"""Targets: buckets that approved clips are sent to, by a confirmed rule."""

import dataclasses
from collections.abc import Mapping, Sequence

from app.core.catalog import decisions, library, projects, uploads
from app.core.catalog.database import Catalog
from app.core.catalog.events import Draft
from app.core.catalog.speaking import Here, Speaker
from app.core.cloud import places
from app.core.cloud.places import Place
from app.core.delivery import key_template
from app.core.model.entities import Clip, FilePlace, Target
from app.core.model.errors import Refused
from app.core.model.events import Entity, Kind
from app.core.model.ids import new_id
from app.core.model.media import ClipKind, RenditionKind

SENDS = ("original", "proxy", "both")


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would send now: shown before it is confirmed."""

    clips: int
    objects: int
    size: int
    keys: tuple[str, ...]
    """The first few, as they would be named."""


class Targets(Speaker):
    """Adds, lists, tests and confirms targets."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(catalog)

    def add(
        self,
        name: str,
        bucket: str,
        *,
        endpoint: str = "",
        region: str = "",
        profile: str = "",
        send: str = "original",
        template: str = "",
        confirmed: bool = False,
    ) -> Target:
        """A new target. Nothing is sent before its rule is confirmed.

        Raises:
            Refused: the name is taken, the endpoint may not be used, the template cannot be read.
        """
        fields = {
            "name": name,
            "bucket": bucket,
            "endpoint": endpoint,
            "region": region,
            "profile": profile,
            "send": send,
            "template": template or key_template.DEFAULT,
        }
        body = {**_clean(fields), "confirmed": confirmed}
        self._require_free(str(body["name"]))
        target_id = new_id()
        self.tell(
            lambda _, who: [
                Draft(who.project_id, Entity.TARGET, target_id, Kind.TARGET_ADDED, body)
            ]
        )
        return self.get(target_id)

    def confirm(self, target_id: str, *, confirmed: bool = True) -> Target:
        """A person has seen count, size and cost, and says yes."""
        self.tell(lambda _, who: [_changed(who, target_id, "confirmed", value=confirmed)])
        return self.get(target_id)

    def change(self, target_id: str, **fields: str) -> Target:
        """Changes a target. Unless only its name changed, it sends nothing until it is confirmed anew.

        Args:
            target_id: the target.
            fields: of `name`, `bucket`, `endpoint`, `region`, `profile`, `send`, `template`.

        Raises:
            Refused: as `add`; or another place, while objects at the old one are verified.
        """
        old = dataclasses.asdict(self.get(target_id))
        new = {key: value for key, value in _clean(fields).items() if value != old[key]}
        if "name" in new:
            self._require_free(new["name"])
        with self.catalog.read() as reader:
            sent = any(
                u.target_id == target_id for u in uploads.every(reader, ("verified",), 1 << 62)
            )
        if sent and new.keys() & {"bucket", "endpoint"}:
            raise Refused(
                "Objects are there already",
                f"{old['name']} has verified objects in {old['bucket']}.",
                subject=str(old["name"]),
                todo="Add another target for the new place, and remove this one.",
            )
        said: dict[str, object] = dict(new)
        if new.keys() - {"name"}:
            said["confirmed"] = False
        self.tell(
            lambda _, who: [_changed(who, target_id, key, value) for key, value in said.items()]
        )
        return self.get(target_id)

    def remove(self, target_id: str) -> None:
        """Sends nothing more there and forgets it. What is in the bucket stays there."""
        self.get(target_id)
        self.tell(lambda _, who: [_changed(who, target_id, "removed", value=True)])

    def every(self) -> list[Target]:
        """All targets."""
        with self.catalog.read() as reader:
            return projects.targets(reader)

    def _require_free(self, name: str) -> None:
        if any(t.name == name for t in self.every()):
            raise Refused(
                "The name is taken", f"There is a target called {name!r} already.", subject=name
            )

    def get(self, words: str) -> Target:
        """A target by id or name."""
        with self.catalog.read() as reader:
            return projects.target(reader, words)

    def test(self, words: str) -> tuple[str, ...]:
        """Reaches the bucket; returns what its store does not promise, in words.

        Raises:
            Missing: bucket, network, credentials or rights; says which.
        """
        store = places.open_store(place_of(self.get(words)))
        return store.capabilities().weaker

    def preview(self, target: Target) -> Preview:
        """What the rule would send now."""
        with self.catalog.read() as reader:
            project = projects.get(reader, projects.current(reader))
            clips = [
                (clip, library.originals(reader, i))
                for i in decisions.approved_clips(reader, 1 << 62)
                if (clip := library.get(reader, i)) is not None
            ]
        sizes: list[int] = []
        for clip, files in clips:
            if target.send in ("original", "both"):
                sizes += [place.size for place in files]
            if target.send in ("proxy", "both"):
                sizes.append(_proxy_size(clip))
        keys = _keys(target.template, project.name if project else "", clips[:5])
        return Preview(len(clips), len(sizes), sum(sizes), keys)

    def names(self, template: str, count: int = 3) -> tuple[str, ...]:
        """How this template names the first approved clips; where none is approved, the first of the library.

        Raises:
            Refused: the template cannot be read.
        """
        text = key_template.parse(template or key_template.DEFAULT).text
        with self.catalog.read() as reader:
            project = projects.get(reader, projects.current(reader))
            ids = decisions.approved_clips(reader, 1 << 62)[:count]
            if not ids:
                rows = library.order(reader)[:count]
                ids = list(library.ids_of(reader, rows).values())
            clips = [
                (clip, library.originals(reader, i))
                for i in ids
                if (clip := library.get(reader, i)) is not None
            ]
        return _keys(text, project.name if project else "", clips)


def _keys(
    template: str, project: str, clips: Sequence[tuple[Clip, Sequence[FilePlace]]]
) -> tuple[str, ...]:
    """The key of each clip's first file."""
    return tuple(
        key_template.key_for(
            template, clip, project, place.path, frame=clip.kind is ClipKind.SEQUENCE
        )
        for clip, files in clips
        for place in files[:1]
    )


def _changed(who: Here, target_id: str, field: str, value: object) -> Draft:
    body = {"field": field, "value": value}
    return Draft(who.project_id, Entity.TARGET, target_id, Kind.TARGET_CHANGED, body)


def _clean(fields: Mapping[str, str]) -> dict[str, str]:
    """What a person typed, tidied.

    Raises:
        Refused: no name or bucket, an endpoint that may not be used, an unknown rule or template.
    """
    clean = {key: " ".join(value.split()) for key, value in fields.items()}
    if not all(clean.get(key, "x") for key in ("name", "bucket")):
        raise Refused("A name and a bucket are needed", "A target has a name and a bucket.")
    send = clean.get("send", SENDS[0])
    if send not in SENDS:
        raise Refused("Unknown rule", f"{send!r} is none.", subject=send, choices=SENDS)
    places.check_endpoint(clean.get("endpoint", ""))
    if "template" in clean:
        clean["template"] = key_template.parse(clean["template"] or key_template.DEFAULT).text
    return clean


def place_of(target: Target) -> Place:
    """The bucket of a target."""
    return Place(target.bucket, target.endpoint, target.region, target.profile, target.id)


def _proxy_size(clip: Clip) -> int:
    made = clip.rendition(RenditionKind.PROXY)
    return made.size if made else 0
