"""Reads a camera card, or any other folder: what is on it, which clips that makes, and what is missing.

Nothing is written and no link is followed; but for folders only the card's own lists are opened, and the heads of takes. Whatever the folder holds is read
whole: a card that Rushes does not know is copied like any other.
"""

import hashlib
from pathlib import Path

from app.core.files.card_types import CardType
from app.core.files.cards import CardRules
from app.core.ingest import card_hints, card_missing
from app.core.ingest.card_clips import Bench, put_together, types_of
from app.core.ingest.card_lists import CardFiles, Lists
from app.core.ingest.card_recognition import recognise
from app.core.ingest.card_sound import lost_of_sets, take_facts
from app.core.ingest.card_tree import Tree, read_tree
from app.core.ingest.card_values import CardContents, EntryKind, Listed, MissingPart
from app.core.platform.pacing import IsCancelled, never


def read_card(
    root: Path, *, cancel: IsCancelled = never, rules: CardRules | None = None
) -> CardContents:
    """All that lies below a folder.

    Args:
        root: the card's folder or mount point; it may itself be reached through links, because a person chose it.
        cancel: whether the reading was called off.
        rules: the cards to know; those that come with Rushes where left out.

    Raises:
        Refused: it is no folder, or may not be read.
        Away: it went away while it was read.
        Cancelled: called off.
    """
    rules = rules or CardRules.load()
    tree = read_tree(root, cancel)
    card, maker = recognise(tree.entries, rules)
    files = [entry for entry in tree.entries if entry.kind is EntryKind.FILE]
    lists = Lists(root, rules.types, cancel)
    facts = take_facts(root, files, rules.grouping.sound) if card and card.tracks else {}
    bench = put_together(files, rules, lists.link, facts)
    orphans, missing = _look_for_missing(tree, bench, lists, rules, card)
    lost_of_sets(bench, facts)
    sizes = {entry.rel: entry.size for entry in files}
    sound = {one.id for one in rules.types if one.tracks}
    known = (*(part for clip in bench.clips for part in clip.missing), *missing)
    told = CardFiles([*(entry.rel for entry in files), *(part.where for part in known)])
    hints = [
        *bench.hints,
        *card_hints.lost_tracks(bench, told, sound, rules.grouping),
        *card_hints.jumps(bench, {one.id: one for one in rules.types}),
        *card_hints.full_files(bench, sizes, rules.grouping),
        *lists.hints,
    ]
    clips = tuple(clip.done(sizes) for clip in bench.clips)
    return CardContents(
        root=root,
        type=card,
        maker=maker,
        also=tuple(one for one in types_of(clips, rules) if one is not card),
        entries=tree.entries,
        clips=tuple(sorted(clips, key=lambda clip: clip.parts[0].rel)),
        own=tuple(sorted(bench.own)),
        orphans=tuple(orphans),
        others=tuple(sorted(bench.others, key=lambda one: one.rel)),
        missing=tuple(missing),
        hints=tuple(dict.fromkeys(hints)),
        unreadable=(*tree.unreadable, *lists.unreadable),
    )


def _look_for_missing(
    tree: Tree, bench: Bench, lists: Lists, rules: CardRules, whole: CardType | None
) -> tuple[list[Listed], list[MissingPart]]:
    """Fills in what each clip lacks; returns the orphans, and what belongs to no clip that is here."""
    files = [entry for entry in tree.entries if entry.kind is EntryKind.FILE]
    folders = [entry.rel for entry in tree.entries if entry.kind is EntryKind.FOLDER]
    here = CardFiles(entry.rel for entry in files)
    orphans = card_missing.take_strays(bench)
    on_card = {clip.card for clip in bench.clips}
    types = [card for card in rules.types if card.id in on_card or card is whole]
    card_missing.number_spans(bench)
    missing = lists.compare(files, here, bench, types)
    card_missing.need_always(bench, types)
    card_missing.need_as_others(bench)
    card_missing.find_empty(bench, {entry.rel: entry.size for entry in files})
    missing += card_hints.empty_clip_folders(bench, folders, types)
    for clip in bench.clips:
        # Of twins (`clip.MP4`, `CLIP.mp4`) one may have what the other lacks: what is there is never called missing.
        clip.missing = [part for part in clip.missing if not here.has(part)]
    return orphans, missing


def fileset_digest(contents: CardContents) -> str:
    """Tells a card that was changed or used again: sha256 over path, kind, size and time of every entry, `fs1:<hex>`.

    Contents are not read: equal digests say that a card looks the same, never that its bytes are.
    """
    digest = hashlib.sha256()
    for entry in contents.entries:
        # Folders change their time when they are only looked at by some systems: their names count alone.
        seen = (entry.size, entry.mtime_ns) if entry.kind is not EntryKind.FOLDER else ()
        path = entry.rel.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%s|%s|%r\n" % (len(path), path, entry.kind.encode(), seen))
    return f"fs1:{digest.hexdigest()}"
