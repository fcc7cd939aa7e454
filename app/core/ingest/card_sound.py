"""What the headers of a sound card's files say of its takes: which files, one a track, were recorded together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from io import BufferedReader
from pathlib import Path

from app.core.files import opening
from app.core.files.groupings import SoundRules
from app.core.files.sorts import split_name
from app.core.ingest.card_clips import Bench
from app.core.ingest.card_missing import lack
from app.core.ingest.card_values import CardEntry, MissingPart
from app.core.media import look_sound
from app.core.media.bytesource import ByteSource
from app.core.media.sniffing import Sniffed, Sort
from app.core.model.errors import RushesError
from app.core.model.media import IDENTITY_ROLES, MediaFacts
from app.core.platform.handles import keep_times


def take_facts(root: Path, files: Iterable[CardEntry], rules: SoundRules) -> dict[str, MediaFacts]:
    """The facts of files that are called like one track of a take; those that do not read have none."""
    facts: dict[str, MediaFacts] = {}
    for entry in files:
        stem, extension = split_name(entry.rel.rpartition("/")[2])
        if extension in rules.extensions and any(name.stem.fullmatch(stem) for name in rules.names):
            found = _facts(root, entry.rel)
            if found is not None and not any(problem.fatal for problem in found.problems):
                facts[entry.rel] = found
    return facts


def _facts(root: Path, rel: str) -> MediaFacts | None:
    try:
        with BufferedReader(opening.open_regular(root, rel)) as stream:
            keep_times(stream.fileno())
            return look_sound.look(ByteSource(stream), Sniffed(Sort.SOUND, container="wav")).facts
    except (RushesError, OSError):
        # Its clip is told by its name; whoever copies it will say why it does not read.
        return None


def lost_of_sets(bench: Bench, facts: Mapping[str, MediaFacts]) -> None:
    """Names takes of which the recorder wrote more files than are here (iXML's file set)."""
    here = Counter(family for one in facts.values() if (family := one.tags.get("file_set")))
    for clip in bench.clips:
        lead = next((p.rel for p in clip.parts if p.role in IDENTITY_ROLES), "")
        one = facts.get(lead)
        if one is None or any(part.what == "sound" for part in clip.missing):
            continue
        total, count = one.tags.get("file_set_total", ""), here[one.tags.get("file_set", "")]
        if total.isascii() and total.isdigit() and 0 < count < int(total[:4]):
            why = f"The recorder wrote {total[:4]} files of this take, {count} of them are here."
            lack(clip, MissingPart("sound", "", why))
