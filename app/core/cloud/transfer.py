"""Sends one file to a bucket so that nobody is told more than is true.

* The upload id is handed to the journal before the first part goes, so a killed upload is found again.
* Resuming asks the bucket which parts it has, and believes them only where their checksums fit.
* An answer that got lost is no failure and no success: what is at the key decides.
* What was sent counts as sent when the object was seen to be the file (`verifying`).

No threads here: the caller's `map_parts` decides how many parts go at a time.
"""

from collections.abc import Callable

from app.core.cloud.sending import Control, Journal, MapParts, Receipt, Sending, Wanted, in_turn
from app.core.cloud.source import Source
from app.core.cloud.store import ObjectStore, OpenMultipart
from app.core.cloud.wire import Stopped, stoppable
from app.core.model.errors import Cancelled


def upload(
    store: ObjectStore,
    source: Source,
    wanted: Wanted,
    journal: Journal,
    *,
    resume_id: str = "",
    control: Control | None = None,
    map_parts: MapParts = in_turn,
) -> Receipt:
    """Sends a file, or finds that it is there.

    Args:
        store: the bucket.
        source: the file.
        wanted: key, content hash, metadata.
        journal: stores what a resumed upload needs.
        resume_id: the upload id that an earlier run journaled; empty for a first run.
        control: cancel, progress, bandwidth, patience.
        map_parts: sends parts; one at a time unless the caller has threads.

    Raises:
        SourceChanged: the file is not the wanted content; a begun upload was given up.
        Conflict: the key holds something else; it was left alone, a begun upload given up.
        Damage: the bucket holds an object that says it is the file and is not.
        Missing: credentials, rights, bucket or file; a begun upload is kept for later.
        Passing: patience ran out; a begun upload is kept for later.
        Cancelled: called off; a begun upload is kept for later.
    """
    chosen = control or Control()
    sending = Sending(store, source, wanted, journal, chosen, map_parts)
    try:
        with stoppable(chosen.cancelled):
            return sending.run(resume_id)
    except Stopped:
        raise Cancelled("Called off", "The transfer was stopped.", subject=wanted.key) from None


def sweep(
    store: ObjectStore, orphaned: Callable[[OpenMultipart], bool], began_before_ms: int
) -> list[str]:
    """Gives up multipart uploads that nobody will resume, and returns their keys.

    A process that dies between the bucket's answer and the journal leaves one behind.

    Args:
        store: the bucket.
        orphaned: whether an upload is ours and in no journal; others share the bucket.
        began_before_ms: younger ones are left: another desk may be sending them now.
    """
    found = [
        one
        for one in store.list_multipart("")
        if one.initiated_ms < began_before_ms and orphaned(one)
    ]
    for orphan in found:
        store.abort(orphan.key, orphan.upload_id)
    return [orphan.key for orphan in found]
