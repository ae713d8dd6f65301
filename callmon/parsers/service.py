"""What the service and those who may use it can be asked."""

from __future__ import annotations

import argparse
from pathlib import Path

from callmon.parsers.kinds import AddParser, counting, port


def add_serve(add: AddParser) -> None:
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
        "--port", type=port, default=8000, metavar="N", help="default: 8000; 0 is any"
    )
    parser.add_argument(
        "--no-worker",
        dest="worker",
        action="store_false",
        help="run no worker; `callmon work` is started by itself, here or elsewhere",
    )
    parser.add_argument(
        "--demo",
        nargs="?",
        const="",
        metavar="FOLDER",
        help="show the sample calls, in a store of its own: beside what `callmon demo`"
        " put into FOLDER, or without one in a folder that is deleted at the end",
    )
    parser.set_defaults(command="serve", parser=parser)


def add_keys(add: AddParser) -> None:
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
        "--days", type=counting, metavar="N", help="let it end after so many days"
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


def add_users(add: AddParser) -> None:
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


def add_migrate(add: AddParser) -> None:
    parser = add(
        "migrate",
        help="bring the database to this version of callmon",
        description="Changes the tables of an older callmon's database to those of this"
        " one. Before it, back the database up with the callmon that made it, and stop"
        " every worker, watcher and server.",
    )
    parser.set_defaults(command="migrate", parser=parser)


def add_backup(add: AddParser) -> None:
    parser = add(
        "backup",
        help="write all there is into a folder, while everything runs",
        description="Writes the database, as it is at one moment, the settings without"
        " secrets and a list of the media into a new folder. What customers said is in it,"
        " and hashes of keys and passwords: only its owner can read it.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new or empty one")
    parser.add_argument(
        "--media", action="store_true", help="copy the recordings themselves too"
    )
    parser.set_defaults(command="backup", parser=parser)


def add_restore(add: AddParser) -> None:
    parser = add(
        "restore",
        help="bring a backup into an empty database",
        description="Checks every file of a backup against its sum, then fills the"
        " database and the media store of the settings, of whichever kind they are. The"
        " database has to be empty. What was in work is queued again.",
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="what `callmon backup` wrote"
    )
    parser.add_argument(
        "--check", action="store_true", help="only check the backup; write nothing"
    )
    parser.set_defaults(command="restore", parser=parser)
