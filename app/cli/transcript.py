"""`transcript`: what is said in a clip."""

import argparse

from app.cli import shapes
from app.cli.output import Output
from app.cli.parsing import Commands
from app.cli.positions import clip_of
from app.core.model.errors import Missing
from app.core.post import subtitles
from app.core.post.subtitle_clock import Times
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "transcript",
        help="what is said in a clip: txt, srt, vtt",
        description="What is said in a clip, corrections applied. While it is being made, what is known so far, with exit code 1.",
    )
    parser.add_argument(
        "clip", metavar="CLIP", help="id, the unique start or end of it, or unique name"
    )
    parser.add_argument(
        "--format", choices=("txt", "srt", "vtt"), default="txt", help="how it is written (txt)"
    )
    parser.add_argument(
        "--timecode",
        choices=("source", "media"),
        help="times from source timecode or from zero: media for srt and vtt, source for txt",
    )
    parser.set_defaults(run=_transcript)


def _transcript(services: Services, args: argparse.Namespace, out: Output) -> int:
    clip = clip_of(services, args.clip)
    transcript = services.transcripts.of_clip(clip.id)
    if transcript is None or (transcript.reached is not None and not transcript.segments):
        raise Missing(
            "No transcript yet",
            f"{clip.name} has not been transcribed.",
            subject=clip.name,
            todo="“rushes run --until-idle” makes it; clips without sound have none.",
        )
    clock, reached = services.transcripts.timing.clock(clip), transcript.reached
    times = Times(args.timecode or ("source" if args.format == "txt" else "media"))
    write = {"txt": subtitles.txt, "srt": subtitles.srt, "vtt": subtitles.vtt}[args.format]
    out.document(
        {
            "clip": clip.id,
            "language": transcript.language,
            "model": transcript.model,
            "reached": None if reached is None else clip.label(clock.frame(reached)),
            "reached_frame": None if reached is None else clock.frame(reached),
            "segments": [shapes.segment(s, clip, clock) for s in transcript.segments],
        },
        write(transcript, clock, times).rstrip("\n"),
    )
    if reached is None:
        return 0
    out.say(f"So far up to {clip.label(clock.frame(reached))}; the rest is still to be made.")
    return 1
