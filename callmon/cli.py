"""The command line: what can be asked, and the outermost edge where errors end.

Exit codes: 0 all was done, 1 something could not be done (a sentence says what),
2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from callmon import __version__
from callmon.parsers import analysis, service, work


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; imports nothing heavy."""
    parser = argparse.ArgumentParser(
        prog="callmon",
        description="Listens to recorded service calls and shows where empathy was called"
        " for and did not come, with the words, the second and the reason. Everything is"
        " computed on this machine.",
    )
    parser.add_argument("--version", action="version", version=f"callmon {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    analysis.add_analyze(commands.add_parser)
    analysis.add_demo(commands.add_parser)
    analysis.add_models(commands.add_parser)
    analysis.add_export(commands.add_parser)
    analysis.add_doctor(commands.add_parser)
    analysis.add_rubric(commands.add_parser)
    analysis.add_schema(commands.add_parser)
    service.add_serve(commands.add_parser)
    service.add_keys(commands.add_parser)
    service.add_users(commands.add_parser)
    service.add_migrate(commands.add_parser)
    service.add_backup(commands.add_parser)
    service.add_restore(commands.add_parser)
    work.add_add(commands.add_parser)
    work.add_watch(commands.add_parser)
    work.add_status(commands.add_parser)
    work.add_work(commands.add_parser)
    work.add_retry(commands.add_parser)
    work.add_cancel(commands.add_parser)
    work.add_pause(commands.add_parser)
    work.add_resume(commands.add_parser)
    work.add_reanalyze(commands.add_parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit code."""
    arguments = build_parser().parse_args(argv)
    # Read by the hub's client when it is first imported, which a library may do.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that is not UTF-8 shows what it can.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print("callmon: interrupted", file=sys.stderr)  # noqa: T201
        return 130


KEEPING = frozenset(
    {"add", "watch", "work", "serve", "status", "keys", "users", "migrate"}
    | {"retry", "cancel", "pause", "resume", "reanalyze", "backup", "restore", "doctor"}
)
"""Commands that write what customers said: into files that nobody else may read."""


def _run(arguments: argparse.Namespace) -> int:
    from callmon.commands.output import say
    from callmon.errors import CallmonError

    if arguments.command in KEEPING:
        os.umask(0o077)
    module = importlib.import_module(f"callmon.commands.{arguments.command}")
    try:
        code: int = module.run(arguments)
        sys.stdout.flush()
    except CallmonError as error:
        say(f"callmon: {error}")
        return 1
    except OSError as error:
        # Of a reader that has gone (`head`, a closed pager) there is nothing to say. The
        # rest is what the system refuses anywhere: a full disk, a name too long.
        if not isinstance(error, BrokenPipeError):
            say(f"callmon: {error}")
        try:
            sys.stdout.flush()
        except OSError:
            # The interpreter flushes at exit, and must not complain of the same again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
