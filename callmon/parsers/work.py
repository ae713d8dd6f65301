"""What can be asked of intake, the queue and its workers."""

from __future__ import annotations

from pathlib import Path

from callmon.parsers.kinds import AddParser, counting, day, size


def add_add(add: AddParser) -> None:
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


def add_watch(add: AddParser) -> None:
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


def add_status(add: AddParser) -> None:
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
        type=counting,
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


def add_work(add: AddParser) -> None:
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
        type=size,
        metavar="GIB",
        help="end the process of a recording that takes more, and try again"
        " (default: the settings)",
    )
    parser.set_defaults(command="work", parser=parser)


def add_retry(add: AddParser) -> None:
    parser = add("retry", help="analyse again what failed or was cancelled")
    parser.add_argument("ids", nargs="*", metavar="ID", help="of the recordings")
    parser.add_argument("--failed", action="store_true", help="all that failed")
    parser.set_defaults(command="retry", parser=parser)


def add_cancel(add: AddParser) -> None:
    parser = add("cancel", help="take recordings out of the queue, or end their analysis")
    parser.add_argument("ids", nargs="+", metavar="ID", help="of the recordings")
    parser.set_defaults(command="cancel", parser=parser)


def add_pause(add: AddParser) -> None:
    parser = add(
        "pause", help="let all workers finish their present step and begin nothing more"
    )
    parser.set_defaults(command="pause", parser=parser)


def add_resume(add: AddParser) -> None:
    parser = add("resume", help="let the workers go on after a pause")
    parser.set_defaults(command="resume", parser=parser)


def add_reanalyze(add: AddParser) -> None:
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
        type=day,
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
