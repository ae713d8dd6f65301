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
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from callmon import __version__

AddParser = Callable[..., argparse.ArgumentParser]

MODELS_HELP = (
    "tiny.en, base.en, small.en, ... (see `callmon models list`) or a model folder"
)


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
    _add_analyze(commands.add_parser)
    _add_demo(commands.add_parser)
    _add_models(commands.add_parser)
    _add_export(commands.add_parser)
    _add_doctor(commands.add_parser)
    _add_rubric(commands.add_parser)
    _add_schema(commands.add_parser)
    _add_serve(commands.add_parser)
    _add_keys(commands.add_parser)
    _add_users(commands.add_parser)
    _add_migrate(commands.add_parser)
    _add_add(commands.add_parser)
    _add_watch(commands.add_parser)
    _add_status(commands.add_parser)
    _add_work(commands.add_parser)
    _add_retry(commands.add_parser)
    _add_cancel(commands.add_parser)
    _add_pause(commands.add_parser)
    _add_resume(commands.add_parser)
    _add_reanalyze(commands.add_parser)
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
    | {"retry", "cancel", "pause", "resume", "reanalyze"}
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


def _add_analyze(add: AddParser) -> None:
    parser = add(
        "analyze",
        help="analyse recorded calls or transcripts",
        description="Analyses calls one after the other. Without --json or --report it"
        " prints each call: who spoke when, the moments that called for empathy, what the"
        " agent did, and the findings with their seconds and quotes.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="recordings: WAV, FLAC, MP3, M4A, Ogg, WebM, AMR, GSM; one or two channels",
    )
    parser.add_argument(
        "--json",
        metavar="PATH|-",
        help="write the analysis document there; - is standard output;"
        " a folder for several files",
    )
    parser.add_argument(
        "--report",
        metavar="PATH",
        help="write a self-contained HTML page there; a folder for several files",
    )
    parser.add_argument(
        "--embed-audio",
        action="store_true",
        help="put the sound into the HTML page, so that a click on a time plays it",
    )
    parser.add_argument(
        "--transcript",
        type=Path,
        metavar="FILE",
        help="take the words from this transcript (callmon JSON, WebVTT, SRT, or lines"
        " `Agent: ...`); without FILE the transcript is judged alone",
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument(
        "--agent-channel",
        choices=("left", "right", "auto"),
        help="the channel of the agent; auto: the words decide (default: the settings)",
    )
    who.add_argument(
        "--agent-speaker",
        type=_counting,
        metavar="N",
        help="the agent's voice in a recording with one channel: 1, 2, ... in order of"
        " first speech",
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="where the recordings come from, as described in callmon.toml",
    )
    parser.add_argument("--asr", metavar="MODEL", help=f"the speech model: {MODELS_HELP}")
    parser.add_argument(
        "--language",
        metavar="CODE",
        help="the language spoken, such as en (default: heard)",
    )
    parser.add_argument(
        "--rubric", type=Path, metavar="FILE", help="judge by this rubric instead of ours"
    )
    parser.set_defaults(command="analyze", parser=parser)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no day; 2026-11-01 would work"
        ) from None


def _counting(text: str) -> int:
    """A number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} does not work; it counts from 1")
    return number


def _add_demo(add: AddParser) -> None:
    parser = add(
        "demo",
        help="analyse the bundled sample calls",
        description="Analyses the sample calls from their sound, prints a summary of each"
        " and writes an HTML report per call and an index page.",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("callmon-demo"),
        metavar="FOLDER",
        help="where the pages go (default: ./callmon-demo)",
    )
    parser.add_argument("--asr", metavar="MODEL", help=f"the speech model: {MODELS_HELP}")
    parser.set_defaults(command="demo", parser=parser)


def _add_models(add: AddParser) -> None:
    parser = add("models", help="list, fetch and check the models")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser(
        "list", help="the models, their size, licence, and what is here"
    )
    listing.add_argument("--json", action="store_true", help="as one JSON document")
    listing.set_defaults(verb="list")
    pulling = verbs.add_parser(
        "pull",
        help="fetch models into the cache",
        description="Fetches one model. Without NAME: the speech model for this machine,"
        " and the diarizer where a token is there; with --from, all that the folder"
        " holds. What was cut short goes on where it stopped.",
    )
    pulling.add_argument(
        "name", nargs="?", metavar="NAME", help="a name from `callmon models list`"
    )
    pulling.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FOLDER",
        help="copy from this folder, which another machine has filled; no network",
    )
    pulling.set_defaults(verb="pull")
    for verb, text in (
        ("verify", "check a model's files against the manifest"),
        ("path", "print the folder of a model"),
    ):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("name", metavar="NAME", help="a name from `callmon models list`")
        one.set_defaults(verb=verb)
    parser.set_defaults(command="models", parser=parser)


def _add_export(add: AddParser) -> None:
    parser = add(
        "export",
        help="write findings or commitments as CSV, or a transcript as VTT, SRT, ...",
        description="With `findings` or `commitments`: those of all calls that were taken"
        " in, the newest calls first, for a spreadsheet (csv) or a program (jsonl). Else"
        " reads an analysis document, or any transcript that `analyze` reads, and writes"
        " its transcript.",
    )
    parser.add_argument(
        "what",
        metavar="findings|commitments|FILE",
        help="what to export; FILE is an analysis document or transcript",
    )
    parser.add_argument(
        "--format",
        choices=("csv", "jsonl", "vtt", "srt", "json", "text"),
        dest="form",
        help="csv or jsonl for findings and commitments (default: csv), the others for"
        " transcripts (default: text)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="PATH", help="default: standard output"
    )
    for name in ("agent", "team", "queue"):
        parser.add_argument(
            f"--{name}", metavar=name.upper(), help=f"only calls of this {name}"
        )
    parser.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="only calls held since that day, such as 2026-11-01 (UTC)",
    )
    parser.add_argument(
        "--until",
        type=_day,
        metavar="DATE",
        help="only calls held before that day",
    )
    parser.set_defaults(command="export", parser=parser)


def _add_doctor(add: AddParser) -> None:
    parser = add(
        "doctor", help="what is installed, which models are here, what is missing for what"
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.set_defaults(command="doctor", parser=parser)


def _add_rubric(add: AddParser) -> None:
    parser = add(
        "rubric",
        help="check a rubric, print it as a guide, explain what a sentence carries",
    )
    # Without a verb the help is printed, which names the verbs.
    parser.set_defaults(command="rubric", parser=parser, verb=None)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    rubric = "default: the rubric of the settings, else the one that comes with callmon"
    checking = verbs.add_parser(
        "check", help="whether a rubric is in order, with every problem in it"
    )
    checking.add_argument("file", nargs="?", type=Path, metavar="FILE", help=rubric)
    checking.set_defaults(verb="check", parser=checking)
    showing = verbs.add_parser(
        "show", help="print a rubric as a guide that a quality team can train from"
    )
    showing.add_argument("file", nargs="?", type=Path, metavar="FILE", help=rubric)
    showing.add_argument(
        "--html",
        metavar="FILE|-",
        help="write it as one self-contained page there; - is standard output",
    )
    showing.set_defaults(verb="show", parser=showing)
    explaining = verbs.add_parser(
        "explain",
        help="which behaviours, or which opportunity, a sentence carries, and why",
        description="Explains what an agent's words carry, in answer to the customer's"
        " where they are given; with --customer alone, the opportunity in them.",
    )
    explaining.add_argument("--agent", metavar="TEXT", help="what the agent says")
    explaining.add_argument("--customer", metavar="TEXT", help="what the customer says")
    explaining.add_argument("--json", action="store_true", help="as one JSON document")
    explaining.add_argument(
        "--rubric", type=Path, metavar="FILE", help="judge by this rubric instead of ours"
    )
    explaining.set_defaults(verb="explain", parser=explaining)
    parser.epilog = "`callmon rubric VERB --help` tells more."


def _add_schema(add: AddParser) -> None:
    parser = add("schema", help="print the JSON Schema of the analysis document")
    parser.set_defaults(command="schema", parser=parser)


def _add_serve(add: AddParser) -> None:
    parser = add(
        "serve",
        help="serve the review API, and analyse what is uploaded",
        description="Serves the API and runs a worker beside it. The first start on this"
        " machine makes an admin key and prints it once.",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen (default: 127.0.0.1, which only this machine reaches)",
    )
    parser.add_argument(
        "--port", type=_port, default=8000, metavar="N", help="default: 8000; 0 is any"
    )
    parser.add_argument(
        "--no-worker",
        dest="worker",
        action="store_false",
        help="run no worker; `callmon work` is started by itself, here or elsewhere",
    )
    parser.set_defaults(command="serve", parser=parser)


def _port(text: str) -> int:
    """A port, 0 to 65535."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{number} is no port; 0 to 65535 are")
    return number


def _add_keys(add: AddParser) -> None:
    parser = add("keys", help="list, make, rotate and revoke the keys of the API")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="the keys, without their text")
    listing.add_argument("--json", action="store_true", help="as one JSON document")
    listing.set_defaults(verb="list")
    making = verbs.add_parser(
        "make", help="make a key and print it, once, on standard output"
    )
    making.add_argument(
        "--name", default="command line", metavar="TEXT", help="what the key is for"
    )
    _add_standing(making)
    making.add_argument(
        "--days", type=_counting, metavar="N", help="let it end after so many days"
    )
    making.set_defaults(verb="make")
    rotating = verbs.add_parser(
        "rotate", help="give a key a new text; the old one works for some hours more"
    )
    rotating.add_argument("id", metavar="ID", help="as `callmon keys list` shows it")
    rotating.add_argument(
        "--hours", type=float, default=24.0, metavar="N", help="default: 24; 0 is at once"
    )
    rotating.set_defaults(verb="rotate")
    revoking = verbs.add_parser("revoke", help="end a key at once")
    revoking.add_argument("id", metavar="ID", help="as `callmon keys list` shows it")
    revoking.set_defaults(verb="revoke")
    parser.set_defaults(command="keys", parser=parser)


def _add_users(add: AddParser) -> None:
    parser = add("users", help="list and add user accounts, set passwords, keep users out")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="the accounts")
    listing.add_argument("--json", action="store_true", help="as one JSON document")
    listing.set_defaults(verb="list")
    adding = verbs.add_parser("add", help="add an account")
    adding.add_argument("login", metavar="LOGIN", help="what the user signs in with")
    adding.add_argument("--name", metavar="TEXT", help="default: the login")
    _add_standing(adding)
    _add_password(adding)
    adding.set_defaults(verb="add")
    for verb, text in (
        ("password", "set a user's password; their sessions end"),
        ("disable", "keep a user out; their sessions end"),
        ("enable", "let a user in again"),
    ):
        one = verbs.add_parser(verb, help=text)
        one.add_argument("login", metavar="LOGIN", help="as `callmon users list` shows it")
        if verb == "password":
            _add_password(one)
        one.set_defaults(verb=verb)
    parser.set_defaults(command="users", parser=parser)


def _add_standing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--role",
        required=True,
        choices=("uploader", "reviewer", "supervisor", "admin", "agent"),
        help="what they may do",
    )
    parser.add_argument(
        "--team",
        dest="teams",
        action="append",
        metavar="NAME",
        help="a team whose calls a reviewer or supervisor sees; may be repeated"
        " (default: all teams)",
    )
    parser.add_argument(
        "--agent", metavar="NAME", help="for the role agent: their name in recordings"
    )


def _add_password(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="read the password from the first line of FILE (- is standard input);"
        " without it, it is asked for",
    )


def _add_migrate(add: AddParser) -> None:
    parser = add(
        "migrate",
        help="bring the database to this version of callmon",
        description="Changes the tables of an older callmon's database to those of this"
        " one. Stop every worker, watcher and server first, and back the database up.",
    )
    parser.set_defaults(command="migrate", parser=parser)


def _add_add(add: AddParser) -> None:
    parser = add(
        "add",
        help="take recordings in, to be analysed by `callmon work`",
        description="Takes recordings in. What is known of each comes from the options,"
        " from its row in the list, from `call.json` beside `call.wav`, and from its name"
        " (the setting name_pattern), in this order. The same content is taken in once.",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="recordings, or folders of them"
    )
    parser.add_argument(
        "--manifest",
        type=Path,
        metavar="CSV",
        help="a list with a column `file` and others such as agent, team, queue, started",
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="where the recordings come from, as described in callmon.toml",
    )
    for name, text in (
        ("agent", "the agent's name or id"),
        ("team", "the agent's team"),
        ("queue", "the queue or campaign"),
        ("customer", "the customer's number or id"),
        ("started", "when the call began, such as 2026-11-18T14:30:00+01:00"),
        ("language", "such as en"),
        ("external-id", "the call's id in the phone system"),
    ):
        parser.add_argument(f"--{name}", metavar=name.upper(), help=text)
    parser.add_argument("--direction", choices=("inbound", "outbound"), help="who called")
    parser.add_argument(
        "--agent-channel", choices=("left", "right"), help="the channel of the agent"
    )
    parser.add_argument(
        "--label",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="anything else; may be given several times",
    )
    parser.add_argument(
        "--priority",
        choices=("first", "batch", "last"),
        default="batch",
        help="first: like an upload; batch: after uploads; last: like a re-analysis",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.set_defaults(command="add", parser=parser)


def _add_watch(add: AddParser) -> None:
    parser = add(
        "watch",
        help="take in what appears in folders",
        description="Takes in every recording that is in the folders or appears in them,"
        " at any depth, once it has stayed as it is for some seconds. Hidden and partial"
        " names, links, and the folders done/ and failed/ are left alone.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--once", action="store_true", help="take in what is there now, then end"
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="where the recordings come from, as described in callmon.toml",
    )
    parser.add_argument(
        "--after",
        choices=("keep", "move", "delete"),
        help="what becomes of a file that was taken in: it stays, goes to done/, or is"
        " deleted; with move and delete one that cannot be taken in goes to failed/"
        " (default: the settings)",
    )
    parser.add_argument(
        "--poll",
        choices=("auto", "always", "never"),
        help="whether to look again and again, as network shares need it"
        " (default: the settings)",
    )
    parser.set_defaults(command="watch", parser=parser)


def _add_status(add: AddParser) -> None:
    parser = add(
        "status",
        help="where recordings stand",
        description="Prints how many recordings are in each state, and the latest of them.",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these recordings")
    parser.add_argument(
        "--state",
        action="append",
        choices=("received", "queued", "analysing", "done", "failed", "cancelled"),
        help="only those in this state; may be given several times",
    )
    parser.add_argument(
        "--limit",
        type=_counting,
        default=30,
        metavar="N",
        help="lines of the table (default: 30)",
    )
    parser.add_argument(
        "--watch", action="store_true", help="show it again and again, until Ctrl-C"
    )
    parser.add_argument(
        "--json", action="store_true", help="all of them as one JSON document"
    )
    parser.set_defaults(command="status", parser=parser)


def _add_work(add: AddParser) -> None:
    parser = add(
        "work",
        help="analyse what is in the queue",
        description="Analyses recordings as they come, until Ctrl-C or SIGTERM; then it"
        " ends after the present step and hands the rest back. Any number of workers can"
        " share one queue, each with a name of its own.",
    )
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="recordings at a time, each in a process of its own (default: the settings)",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        help="the same after a restart (default: the settings, else this host)",
    )
    parser.add_argument(
        "--until-idle", action="store_true", help="end when nothing is left to do"
    )
    parser.add_argument(
        "--memory",
        type=_positive,
        metavar="GIB",
        help="end the process of a recording that takes more, and try again",
    )
    parser.set_defaults(command="work", parser=parser)


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < 1_000_000:
        raise argparse.ArgumentTypeError(f"{text} is no size; 4 or 0.5 would work")
    return number


def _add_retry(add: AddParser) -> None:
    parser = add("retry", help="analyse again what failed or was cancelled")
    parser.add_argument("ids", nargs="*", metavar="ID", help="of the recordings")
    parser.add_argument("--failed", action="store_true", help="all that failed")
    parser.set_defaults(command="retry", parser=parser)


def _add_cancel(add: AddParser) -> None:
    parser = add("cancel", help="take recordings out of the queue, or end their analysis")
    parser.add_argument("ids", nargs="+", metavar="ID", help="of the recordings")
    parser.set_defaults(command="cancel", parser=parser)


def _add_pause(add: AddParser) -> None:
    parser = add(
        "pause", help="let all workers finish their present step and begin nothing more"
    )
    parser.set_defaults(command="pause", parser=parser)


def _add_resume(add: AddParser) -> None:
    parser = add("resume", help="let the workers go on after a pause")
    parser.set_defaults(command="resume", parser=parser)


def _add_reanalyze(add: AddParser) -> None:
    parser = add(
        "reanalyze",
        help="analyse again with what is installed now, or by another rubric",
        description="Queues recordings again, behind all others. Steps that would come"
        " out the same are not repeated: with another rubric only the judgement is made"
        " again.",
    )
    parser.add_argument("ids", nargs="*", metavar="ID", help="of the recordings")
    parser.add_argument("--all", action="store_true", help="all that have an analysis")
    parser.add_argument(
        "--since",
        type=_day,
        metavar="DATE",
        help="all of calls held since that day, such as 2026-11-01 (UTC)",
    )
    parser.add_argument("--rubric", type=Path, metavar="FILE", help="judge by this rubric")
    parser.add_argument("--dry-run", action="store_true", help="queue nothing")
    parser.add_argument(
        "--diff",
        action="store_true",
        help="with --dry-run: print the findings gained (+) and lost (-)",
    )
    parser.set_defaults(command="reanalyze", parser=parser)


if __name__ == "__main__":
    sys.exit(main())
