"""The facts of a sound file of its own: WAV and its larger sisters, AIFF; with bext and iXML."""

import dataclasses
from fractions import Fraction

from app.core.media import sound_chunks, sound_metadata
from app.core.media.bytesource import ByteSource
from app.core.media.facts_building import Seen, amount, claim, tagged, troubled
from app.core.media.sniffing import Sniffed
from app.core.media.sound_chunks import SoundFile
from app.core.model.media import AudioStream, ClipKind, MediaFacts


def look(source: ByteSource, known: Sniffed) -> Seen:
    """The facts of one sound file, with what its recorder wrote into it."""
    file = sound_chunks.read(source)
    facts = MediaFacts(ClipKind.AUDIO, container=known.container, origins={"container": "content"})
    if file is None or file.samples == 0 or (file.samples is None and _has_no_sound(file)):
        facts = dataclasses.replace(facts, closed=False)
        words = "The file has a header and no sound."
        return Seen(troubled(facts, "no-frames", words, fatal=True))
    facts = _with_sound(facts, file)
    facts = _with_recorder(facts, file, source)
    known_whole = file.codec and file.samples is not None and file.sample_rate and file.channels
    return Seen(facts, () if known_whole else ("the sound is compressed",))


def _has_no_sound(file: SoundFile) -> bool:
    return not any(chunk.kind in (b"data", b"SSND") for chunk in file.chunks)


def _with_sound(facts: MediaFacts, file: SoundFile) -> MediaFacts:
    facts = dataclasses.replace(facts, closed=not file.open and not file.missing_bytes)
    if file.missing_bytes:
        words = f"The end is missing: {amount(file.missing_bytes)} of the sound."
        facts = troubled(facts, "truncated", words, fatal=False)
    if not file.codec or not file.sample_rate or file.samples is None:
        return facts
    stream = AudioStream(
        0, file.codec, file.channels, file.sample_rate, bit_depth=file.bits or None
    )
    rate = Fraction(file.sample_rate)
    facts = claim(facts, "wav", rate=rate, frames=file.samples, duration=file.samples / rate)
    return claim(facts, "wav", audio=(stream,))


def _with_recorder(facts: MediaFacts, file: SoundFile, source: ByteSource) -> MediaFacts:
    """What bext and iXML say; iXML is asked first, for recorders keep it up to date."""
    chunk = file.chunk(b"bext", source)
    bext = sound_metadata.read_bext(chunk) if chunk else None
    ixml, broken = sound_metadata.readable_ixml(file.chunk(b"iXML", source))
    if ixml is not None:
        facts = claim(
            facts,
            "ixml",
            scene=ixml.scene,
            take=ixml.take,
            reel=ixml.tape,
            circled=ixml.circled,
        )
        facts = _with_names(facts, ixml.channel_names)
    fields = bext.fields if bext else {}
    facts = claim(
        facts, "bext", scene=fields.get("SCENE"), take=fields.get("TAKE"), reel=fields.get("TAPE")
    )
    facts = _with_names(facts, _spoken_names(fields, file.channels))
    tags = sound_metadata.sound_tags(bext, ixml, file.sample_rate)
    if ixml is not None and ixml.rate is not None and "time_reference" in tags:
        start = sound_metadata.start_timecode(
            int(tags["time_reference"]), int(tags["sample_rate"]), ixml.rate, ixml.drop
        )
        facts = claim(facts, "bext", start=start)
    return tagged(facts, {**tags, "ixml_problem": broken or None})


def _spoken_names(fields: dict[str, str], channels: int) -> tuple[str, ...]:
    names = tuple(fields.get(f"TRK{number}", "") for number in range(1, channels + 1))
    return names if any(names) else ()


def _with_names(facts: MediaFacts, names: tuple[str, ...]) -> MediaFacts:
    if not facts.audio or not any(names) or facts.audio[0].channel_names:
        return facts
    stream = facts.audio[0]
    names = (names + ("",) * stream.channels)[: stream.channels]
    joined = " / ".join(filter(None, names)) or None
    named = dataclasses.replace(stream, channel_names=names, name=joined)
    return dataclasses.replace(facts, audio=(named, *facts.audio[1:]))
