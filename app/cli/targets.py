"""`target` and `sync`: approved clips to the cloud."""

import argparse

from app.cli.output import Output, counted, table
from app.cli.parsing import Commands
from app.core.catalog import uploads
from app.core.delivery.targets import SENDS
from app.core.model.entities import Target
from app.core.services import Services


def register(commands: Commands) -> None:
    """Adds the commands."""
    noun = commands.add_parser(
        "target",
        help="buckets for approved clips: add, list, set, test, remove",
        description="Buckets that approved clips are sent to.",
    )
    verbs = noun.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser(
        "add",
        help="a bucket and its rule",
        description="Adds a bucket. Adding it here confirms its rule: approved clips are sent from now on.\n"
        "Credentials come from the keyring, the environment (AWS_ACCESS_KEY_ID …) or the profile; they are never stored.",
    )
    add.add_argument("name", metavar="NAME", help="what it is called")
    add.add_argument("--bucket", required=True, help="the bucket; it must exist")
    _fields(add)
    add.set_defaults(run=_add)
    change = verbs.add_parser(
        "set",
        help="change it",
        description="Changes a target and confirms its rule. A target that has verified objects keeps its bucket and endpoint.",
    )
    change.add_argument("name", metavar="NAME", help="the target")
    change.add_argument("--name", dest="new_name", metavar="NAME", help="what it is called")
    change.add_argument("--bucket", help="the bucket; it must exist")
    _fields(change)
    change.set_defaults(run=_set)
    remove = verbs.add_parser(
        "remove",
        help="send nothing there any more",
        description="Forgets a target; “undo” brings it back. What is in the bucket stays there.",
    )
    remove.add_argument("name", metavar="NAME", help="the target")
    remove.set_defaults(run=_remove)
    verbs.add_parser("list", help="all targets", description="All targets.").set_defaults(run=_list)
    test = verbs.add_parser(
        "test",
        help="reach the bucket",
        description="Reaches the bucket and says what its store does not promise.",
    )
    test.add_argument("name", metavar="NAME", help="the target")
    test.set_defaults(run=_test)
    sync = commands.add_parser(
        "sync",
        help="send what is approved now",
        description="Queues what is approved and, with --until-done, sends it.",
    )
    sync.add_argument(
        "--until-done", action="store_true", help="end when everything is verified or has failed"
    )
    sync.set_defaults(run=_sync)


def _fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help="https://… of an S3-compatible store; http:// to loopback only; Amazon when left out",
    )
    parser.add_argument("--region", help="its region")
    parser.add_argument("--profile", help="an AWS profile")
    parser.add_argument("--send", choices=SENDS, help="what of an approved clip is sent (original)")
    parser.add_argument(
        "--template", help="how objects are named: {project}/{day}/{reel}/{name}.{ext} …"
    )


def _given(args: argparse.Namespace) -> dict[str, str]:
    words = ("endpoint", "region", "profile", "send", "template")
    return {word: value for word in words if (value := getattr(args, word)) is not None}


def _shape(target: Target) -> dict[str, object]:
    return {
        "id": target.id,
        "name": target.name,
        "bucket": target.bucket,
        "endpoint": target.endpoint,
        "region": target.region,
        "profile": target.profile,
        "send": target.send,
        "template": target.template,
        "confirmed": target.confirmed,
    }


def _add(services: Services, args: argparse.Namespace, out: Output) -> int:
    target = services.targets.add(args.name, args.bucket, confirmed=True, **_given(args))
    return _say_rule(services, target, out)


def _set(services: Services, args: argparse.Namespace, out: Output) -> int:
    fields = {**_given(args), "name": args.new_name, "bucket": args.bucket}
    old = services.targets.get(args.name)
    given = {key: value for key, value in fields.items() if value is not None}
    target = services.targets.change(old.id, **given)
    if not target.confirmed:
        target = services.targets.confirm(target.id)
    return _say_rule(services, target, out)


def _remove(services: Services, args: argparse.Namespace, out: Output) -> int:
    target = services.targets.get(args.name)
    services.targets.remove(target.id)
    out.answer({"removed": _shape(target)}, f"{target.name}: nothing is sent there any more")
    return 0


def _say_rule(services: Services, target: Target, out: Output) -> int:
    preview = services.targets.preview(target)
    out.answer(
        {
            "target": _shape(target),
            "clips": preview.clips,
            "objects": preview.objects,
            "bytes": preview.size,
            "keys": list(preview.keys),
        },
        [
            f"{target.name}: {target.bucket}, sends {target.send}",
            f"approved now: {counted(preview.clips, 'clip')}, {preview.size / 1e9:.2f} GB",
            *preview.keys,
        ],
    )
    return 0


def _list(services: Services, _args: argparse.Namespace, out: Output) -> int:
    targets = services.targets.every()
    out.answer(
        {"targets": [_shape(t) for t in targets]},
        table(
            [
                (
                    t.name,
                    t.bucket,
                    t.endpoint,
                    t.send,
                    "confirmed" if t.confirmed else "not confirmed",
                )
                for t in targets
            ]
        )
        or ["No target yet."],
    )
    return 0


def _test(services: Services, args: argparse.Namespace, out: Output) -> int:
    weaker = services.targets.test(args.name)
    out.answer({"ok": True, "weaker": list(weaker)}, ["The bucket answers.", *weaker])
    return 0


def _sync(services: Services, args: argparse.Namespace, out: Output) -> int:
    with services.catalog.read() as reader:
        before = {u.id for u in uploads.every(reader, ("verified",), 1_000_000)}
    queued = services.sync.queue_now()
    services.sync.retry_failed()
    services.sync.try_now()
    if args.until_done:
        services.start(watch=False)
        services.sync.wait(out.gone)
    with services.catalog.read() as reader:
        done = [u for u in uploads.every(reader, ("verified",), 1_000_000) if u.id not in before]
        failed = uploads.every(reader, ("failed",), 1_000_000)
        left = uploads.every(reader, ("queued", "sending"), 1_000_000)
    sent_bytes = sum(u.size for u in done)
    out.answer(
        {
            "sent": len(done),
            "sent_bytes": sent_bytes,
            "skipped": len(before),
            "queued": len(left),
            "new": queued,
            "waiting": [{"target": u.target, "key": u.key, "error": u.error} for u in left],
            "failed": [{"target": u.target, "key": u.key, "error": u.error} for u in failed],
        },
        [
            f"{len(done)} sent ({sent_bytes / 1e6:.1f} MB), {len(before)} there already, {len(left)} waiting, {len(failed)} failed",
            *(f"waiting: {u.key}: {u.error or 'not sent yet'}" for u in left),
            *(f"failed: {u.key}: {u.error}" for u in failed),
        ],
    )
    return 1 if failed or left else 0
