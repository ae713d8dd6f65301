"""What `analyze`, and what goes with it, can be asked."""

from __future__ import annotations

from pathlib import Path

from callmon.parsers.kinds import AddParser, counting, day, moment

MODELS_HELP = (
    "tiny.en, base.en, small.en, ... (see `callmon models list`) or a model folder"
)


def add_analyze(add: AddParser) -> None:
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
        type=counting,
        metavar="N",
        help="the agent's voice in a recording with one channel: 1, 2, ... in order of"
        " first speech",
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="where the recordings come from, as described in callmon.toml",
    )
    parser.add_argument(
        "--started",
        type=moment,
        metavar="TIME",
        help="when the call began, such as 2026-11-18T14:30; gives deadlines their dates",
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


def add_demo(add: AddParser) -> None:
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


def add_models(add: AddParser) -> None:
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


def add_export(add: AddParser) -> None:
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
        type=day,
        metavar="DATE",
        help="only calls held since that day, such as 2026-11-01 (UTC)",
    )
    parser.add_argument(
        "--until",
        type=day,
        metavar="DATE",
        help="only calls held before that day",
    )
    parser.set_defaults(command="export", parser=parser)


def add_doctor(add: AddParser) -> None:
    parser = add(
        "doctor",
        help="what is installed, what is missing for what, and whether what runs works",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.set_defaults(command="doctor", parser=parser)


def add_rubric(add: AddParser) -> None:
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


def add_schema(add: AddParser) -> None:
    parser = add("schema", help="print the JSON Schema of the analysis document")
    parser.set_defaults(command="schema", parser=parser)
