"""`settings`: of this desk."""

import argparse

from app.cli.output import Output, table
from app.cli.parsing import Commands
from app.core.platform import settings
from app.core.platform.setting_info import text_of
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "settings",
        help="this desk's settings: show, set",
        description="Shows this desk's settings, or sets one.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="such as derivatives.proxy_height")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="what to set it to")
    parser.set_defaults(run=_settings)


def _settings(services: Services, args: argparse.Namespace, out: Output) -> int:
    if args.name and args.value is not None:
        services.change_setting(args.name, args.value)
    known = [
        info for info in settings.describe() if not args.name or info.name.startswith(args.name)
    ]
    values = {info.name: settings.value_of(services.settings, info.name) for info in known}
    if args.name and not known:
        settings.value_of(services.settings, args.name)
    out.answer(
        {
            "settings": {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in values.items()
            }
        },
        table([(info.name, text_of(values[info.name]), info.setting.help) for info in known]),
    )
    return 0
