"""`tc`: the timecode calculator."""

import argparse
import sys

from app.cli.output import Output, dump
from app.cli.parsing import Commands
from app.core.model.errors import RushesError, as_json
from app.core.model.timecode import Timebase, parse_position, parse_rate


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "tc",
        help="timecode calculator",
        description="Labels to frames and back; labels wrap at 24 h.",
    )
    parser.add_argument(
        "value",
        metavar="VALUE",
        help="timecode, @FRAME or +SECONDSs; “-” reads one value a line from stdin",
    )
    parser.add_argument("--rate", default="25", metavar="R", help="25, 30000/1001, 29.97 … (25)")
    parser.add_argument("--drop", action="store_true", help="drop-frame")
    parser.set_defaults(plain=_tc)


def _tc(args: argparse.Namespace, out: Output) -> int:
    base = Timebase(parse_rate(args.rate), args.drop)
    if args.value != "-":
        value = _value(args.value, base)
        out.answer(value, f"{value['label']}  {value['frames']}")
        return 0
    code = 0
    for line in sys.stdin:
        try:
            text = dump(_value(line.strip(), base))
        except RushesError as error:
            text, code = dump({"error": as_json(error)}), error.exit_code
        try:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            break  # whoever reads has read enough; said once more at the end
    out.nothing()
    return code


def _value(text: str, base: Timebase) -> dict[str, object]:
    frame = parse_position(text, base, 0, None)
    return {"label": base.label(frame), "frames": frame}
