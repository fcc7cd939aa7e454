"""One transfer at work: the steps of `transfer.upload`, and the values it takes and gives."""

import contextlib
import dataclasses
import logging
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from typing import Final, Protocol, TypeVar

from app.core.cloud import claims
from app.core.cloud.body import BytesBody
from app.core.cloud.checksums import is_ours, md5_hex
from app.core.cloud.pacing import Backoff, IsCancelled, Limiter, never
from app.core.cloud.progress import Progress, Tell, Try, untold
from app.core.cloud.source import Part, Reading, Source, Whole, look, wrong_content
from app.core.cloud.store import (
    HASH_FIELD,
    Capabilities,
    ChangedMeanwhile,
    ChecksumAlgorithm,
    Conflict,
    DamagedOnTheWay,
    NoSuchUpload,
    ObjectInfo,
    ObjectStore,
    PartInfo,
    PartsRefused,
)
from app.core.cloud.verifying import Evidence, Expected, check_same, verify
from app.core.cloud.wire import Stopped, stoppable
from app.core.model.errors import Cancelled, Passing, Refused, RushesError

T = TypeVar("T")
log = logging.getLogger(__name__)

MIN_PART: Final = 5 << 20
"""S3 takes no smaller part but the last."""
MAX_PARTS: Final = 10_000
MAX_PART: Final = 5 << 30
USUAL_PART: Final = 16 << 20
"""Small enough to send again without regret, large enough that requests do not count."""


class Journal(Protocol):
    """Where the caller keeps what a later start needs. Called from one thread, in order."""

    def on_upload_id(self, upload_id: str) -> None:
        """A multipart upload was begun; must be stored for good when this returns."""
        ...

    def on_part(self, part: PartInfo) -> None:
        """The bucket has this part."""
        ...

    def on_parts_there(self, numbers: Collection[int]) -> None:
        """The bucket has none but these of the parts that were sent."""
        ...


MapParts = Callable[[Callable[[Part], PartInfo], Iterable[Part]], Iterable[PartInfo]]
"""`map`, in one thread or several.

It must take the parts from one thread, one after another, and only a few ahead of those that are
sent (each holds its bytes); and give the results in the parts' order.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be at which key."""

    key: str
    content_hash: str
    """`xxh3-128:<hex>` of the file, as the catalog knows it."""
    metadata: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])
    part_size: int = USUAL_PART


@dataclasses.dataclass(frozen=True, slots=True)
class Control:
    """How a transfer is paced, watched and called off."""

    cancelled: IsCancelled = never
    tell: Tell = untold
    """Told (bytes in the bucket, all bytes). The first may fall when a part is sent again."""
    limiter: Limiter = dataclasses.field(default_factory=Limiter)
    backoff: Backoff = dataclasses.field(default_factory=Backoff)


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """What is in the bucket now, and how that is known."""

    key: str
    size: int
    content_hash: str
    etag: str
    evidence: Evidence
    exclusive: bool
    """The store guaranteed that nothing was overwritten; else Rushes only looked first."""
    sent_bytes: int
    """Bytes that went out, repeats included; 0 when the object was there already."""


def part_size_for(size: int, usual: int = USUAL_PART) -> int:
    """Bytes of each part of a file: at least 5 MiB, at most 10,000 parts, whole MiB.

    Raises:
        Refused: the file is larger than any bucket takes.
    """
    least = -(-size // MAX_PARTS)
    chosen = max(usual, MIN_PART, -(-least // (1 << 20)) << 20)
    if chosen > MAX_PART:
        raise Refused("The file is too large", "No bucket takes an object of that size.")
    return chosen


def in_turn(send: Callable[[Part], PartInfo], parts: Iterable[Part], /) -> Iterable[PartInfo]:
    """One part at a time, in the caller's thread."""
    return map(send, parts)


class Sending:
    """One call of `transfer.upload`."""

    def __init__(
        self,
        store: ObjectStore,
        source: Source,
        wanted: Wanted,
        journal: Journal,
        control: Control,
        map_parts: MapParts,
    ) -> None:
        self._store = store
        self._source = source
        self._wanted = wanted
        self._journal = journal
        self._control = control
        self._map_parts = map_parts
        self._metadata = {HASH_FIELD: wanted.content_hash, **wanted.metadata}
        self._progress = Progress(0, control.tell)
        self._upload_id = ""
        self._can = Capabilities(ChecksumAlgorithm.MD5, False, False, False)
        """As it was seen when this began: the next look may find something else."""
        self._algorithm = ChecksumAlgorithm.MD5
        """Of the whole of one upload in parts, from its beginning to its end, through as many runs as it takes."""

    def run(self, resume_id: str) -> Receipt:
        """Everything from looking at the key to the receipt. What comes to nothing in the bucket is begun anew, once."""
        try:
            return self._run(resume_id)
        except NoSuchUpload:
            # The bucket ended it midway: a rule of its own, or a person there.
            log.info("upload of %s was ended in the bucket, beginning again", self._wanted.key)
        except claims.Contradiction as claim:
            log.info("upload of %s is spoilt, beginning again: %s", self._wanted.key, claim.detail)
            self._give_up(self._upload_id)
        return self._run("")

    def _run(self, resume_id: str) -> Receipt:
        self._can = self._again(self._store.capabilities)
        self._algorithm = self._can.checksum
        size = look(self._source).size
        part_size = part_size_for(size, self._wanted.part_size)
        self._progress = Progress(size, self._control.tell, self._progress.sent)
        found = self._again(lambda: self._store.head(self._wanted.key))
        if found is None and (resume_id or size > part_size):
            return self._in_parts(resume_id, part_size)
        if resume_id:
            self._give_up(resume_id)
        return self._at_once(part_size) if found is None else self._already(found, part_size)

    def _already(self, found: ObjectInfo, part_size: int) -> Receipt:
        """Something is at the key. Sends nothing; reads the file to know whether it is that."""
        check_same(self._store, found, self._wanted.content_hash, look(self._source).size)
        reading = self._reading(part_size)
        parts: list[PartInfo] = []
        for part in reading.parts():
            parts.append(_as_sent(part, etag=""))
            self._progress.add(len(part.data), went_out=False)
        return self._receipt(found, self._checked(reading), parts)

    def _at_once(self, part_size: int) -> Receipt:
        reading = self._reading(part_size)
        (part,) = reading.parts()
        whole = self._checked(reading)
        self._again(lambda: self._put(part))
        return self._receipt(self._look_again(), whole, [_as_sent(part, etag="")])

    def _put(self, part: Part) -> None:
        if self._is_taken():
            return
        try:
            with self._attempt() as attempt:
                self._store.put(
                    self._wanted.key,
                    BytesBody(part.data, attempt.meter),
                    checksum=part.checksum,
                    metadata=self._metadata,
                    if_none_match=self._exclusive,
                )
        except (Conflict, ChangedMeanwhile) as error:
            # Perhaps our own, whose answer was lost: what is there decides, not the error.
            self._settle(error)

    def _in_parts(self, resume_id: str, part_size: int) -> Receipt:
        upload_id, have = self._opened(resume_id)
        part_size = self._earlier_size(have) or part_size
        try:
            reading = self._reading(part_size)
            parts = self._send_parts(upload_id, reading.parts(), have)
            whole = self._checked(reading)
            parts = self._put_together(upload_id, reading, parts, whole)
            return self._receipt(self._look_again(), whole, parts)
        except PartsRefused:
            raise  # What the bucket has of it is worth a second try.
        except Refused:
            self._give_up(upload_id)
            raise

    def _earlier_size(self, have: Mapping[int, PartInfo]) -> int:
        """The part size of the run that began the upload; 0 where the parts do not tell."""
        if not have:
            return 0
        part = have[min(have)]
        whole = part.number * part.size <= look(self._source).size
        return part.size if whole and part.size >= MIN_PART else 0

    def _opened(self, resume_id: str) -> tuple[str, dict[int, PartInfo]]:
        """The upload to go on with, and the parts it has."""
        if resume_id:
            have = self._resumed(resume_id)
            if have:
                self._upload_id = resume_id
                return resume_id, have
        upload_id = self._again(
            lambda: self._store.create_multipart(
                self._wanted.key, metadata=self._metadata, checksum_algorithm=self._algorithm
            )
        )
        self._journal.on_upload_id(upload_id)
        self._upload_id = upload_id
        return upload_id, {}

    def _resumed(self, resume_id: str) -> dict[int, PartInfo]:
        """The parts of an earlier run, whose checksum is taken up with them; none where it is better begun anew."""
        try:
            listed = self._again(lambda: self._store.list_parts(self._wanted.key, resume_id))
        except NoSuchUpload:
            log.info("upload of %s is no longer open, beginning again", self._wanted.key)
            return {}
        self._journal.on_parts_there([part.number for part in listed])
        # A bucket that shows none of them was given none but on the way.
        told = (part.checksum.algorithm for part in listed if part.checksum)
        algorithm = next(told, ChecksumAlgorithm.MD5)
        if not listed or not is_ours(algorithm):
            # Nobody knows which one it was begun with, or it cannot be computed here.
            self._give_up(resume_id)
            return {}
        self._algorithm = algorithm
        return {part.number: part for part in listed}

    def _send_parts(
        self, upload_id: str, reading: Generator[Part], have: Mapping[int, PartInfo]
    ) -> list[PartInfo]:
        def send(part: Part) -> PartInfo:
            try:
                with stoppable(self._control.cancelled):
                    return self._send_part(upload_id, part, have.get(part.number))
            except Stopped:
                raise Cancelled(
                    "Called off", "The transfer was stopped.", subject=self._wanted.key
                ) from None

        sent: list[PartInfo] = []
        with contextlib.closing(reading) as parts:
            for part in self._map_parts(send, parts):
                self._journal.on_part(part)
                sent.append(part)
        return sent

    def _send_part(self, upload_id: str, part: Part, kept: PartInfo | None) -> PartInfo:
        if kept and self._fits(kept, part, thorough=True):
            self._progress.add(len(part.data), went_out=False)
            return _as_sent(part, kept.etag)
        return self._again(lambda: self._send_once(upload_id, part))

    def _send_once(self, upload_id: str, part: Part) -> PartInfo:
        with self._attempt() as attempt:
            there = self._store.put_part(
                self._wanted.key,
                upload_id,
                part.number,
                BytesBody(part.data, attempt.meter),
                checksum=part.checksum,
            )
            self._check_arrived(there, part)
        return _as_sent(part, there.etag)

    def _check_arrived(self, there: PartInfo, part: Part) -> None:
        if not self._fits(there, part, thorough=False):
            raise DamagedOnTheWay("Bytes were damaged on the way", subject=self._store.place)

    def _fits(self, there: PartInfo, part: Part, *, thorough: bool) -> bool:
        """Whether a part the bucket has is this one, as far as the bucket lets one know.

        Args:
            there: what the bucket says.
            part: what was read.
            thorough: pay for an MD5 where there is no checksum to compare.
        """
        if there.size != len(part.data):
            return False
        if there.checksum and there.checksum.algorithm is self._algorithm:
            return there.checksum.value == part.checksum.value
        if thorough and claims.is_foreign(there, self._algorithm):
            return False
        plain = self._can.md5_etags
        if plain and (thorough or self._algorithm is ChecksumAlgorithm.MD5):
            return there.etag == md5_hex(part.data)
        return True

    def _put_together(
        self, upload_id: str, reading: Reading, parts: list[PartInfo], whole: Whole
    ) -> list[PartInfo]:
        """Makes one object of the parts, and returns them; those that the bucket lost go once more.

        Raises:
            PartsRefused: it says no too often.
            NoSuchUpload: the upload is gone with all its parts.
        """
        refusals = 0
        while True:
            claim = self._refusal(upload_id, parts, whole)
            if claim is None:
                return parts
            refusals += 1
            listed = self._again(lambda: self._store.list_parts(self._wanted.key, upload_id))
            kept, lost = claims.compared(parts, listed)
            log.info("%s: %s, %d parts are gone", self._wanted.key, claim.detail, len(lost))
            self._journal.on_parts_there([part.number for part in kept])
            if refusals == claims.TIMES:
                raise claims.hopeless(claim, len(lost)) from claim
            self._progress.add(-sum(part.size for part in lost))
            self._control.backoff.pause(refusals, self._control.cancelled)
            sent = self._send_parts(upload_id, reading.again(lost), {}) if lost else []
            parts = sorted([*kept, *sent], key=lambda part: part.number)

    def _refusal(self, upload_id: str, parts: list[PartInfo], whole: Whole) -> PartsRefused | None:
        """What the bucket has against the parts; None where it made one object of them."""
        try:
            self._again(lambda: self._complete(upload_id, parts, whole))
        except PartsRefused as claim:
            return claim
        return None

    def _complete(self, upload_id: str, parts: list[PartInfo], whole: Whole) -> None:
        if self._is_taken():
            self._give_up(upload_id)
            return
        try:
            self._store.complete(
                self._wanted.key,
                upload_id,
                parts,
                if_none_match=self._exclusive,
                full_checksum=whole.checksum,
            )
        except (Conflict, ChangedMeanwhile, NoSuchUpload) as error:
            # A lost answer to an earlier try looks like this too.
            self._settle(error)
            self._give_up(upload_id)

    def _is_taken(self) -> bool:
        """Where the store cannot refuse to overwrite: whether the key holds something now."""
        return not self._exclusive and self._store.head(self._wanted.key) is not None

    def _settle(self, error: RushesError) -> None:
        """After a refused write: fine when an object is there (it is judged next).

        Raises:
            ChangedMeanwhile: whoever was in the way is gone; try again.
            NoSuchUpload: the upload and its parts are gone.
        """
        if self._store.head(self._wanted.key) is not None:
            return
        if isinstance(error, Conflict):
            raise ChangedMeanwhile(
                "The key is free again", "It was taken a moment ago.", subject=self._store.place
            ) from error
        raise error

    def _look_again(self) -> ObjectInfo:
        def seen() -> ObjectInfo:
            found = self._store.head(self._wanted.key)
            if found is None:
                raise Passing(
                    "The object does not show yet",
                    "The bucket took it, but says that the key holds nothing.",
                    subject=self._store.place,
                )
            return found

        return self._again(seen)

    def _receipt(self, info: ObjectInfo, whole: Whole, parts: list[PartInfo]) -> Receipt:
        expected = Expected(whole.size, whole.content_hash, whole.checksum, parts)
        evidence = self._again(lambda: verify(self._store, info, expected, self._control.cancelled))
        return Receipt(
            key=info.key,
            size=info.size,
            content_hash=whole.content_hash,
            etag=info.etag,
            evidence=evidence,
            exclusive=self._exclusive,
            sent_bytes=self._progress.sent,
        )

    def _checked(self, reading: Reading) -> Whole:
        whole = reading.whole()
        if whole.content_hash != self._wanted.content_hash:
            raise wrong_content(self._source.name)
        return whole

    def _reading(self, part_size: int) -> Reading:
        return Reading(self._source, part_size, self._algorithm, self._control.cancelled)

    def _attempt(self) -> Try:
        return Try(self._progress, self._control.limiter, self._control.cancelled)

    def _again(self, step: Callable[[], T]) -> T:
        return self._control.backoff.run(step, self._control.cancelled)

    def _give_up(self, upload_id: str) -> None:
        """Frees the parts; when that fails they are swept up later."""
        try:
            self._store.abort(self._wanted.key, upload_id)
        except RushesError as error:
            log.info("upload of %s not given up yet: %s", self._wanted.key, error.title)

    @property
    def _exclusive(self) -> bool:
        return self._can.conditional_writes


def _as_sent(part: Part, etag: str) -> PartInfo:
    return PartInfo(part.number, len(part.data), etag, part.checksum)
