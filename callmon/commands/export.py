"""`callmon export`: a transcript in another form."""

from __future__ import annotations

import argparse
import sys

from callmon.commands.output import write_text
from callmon.speech.roles.roles import assign_roles
from callmon.speech.transcripts.exports import to_json, to_srt, to_text, to_vtt
from callmon.speech.transcripts.transcripts import read_transcript
from callmon.speech.turns import build_turns

FORMS = {"vtt": to_vtt, "srt": to_srt, "json": to_json, "text": to_text}


def run(arguments: argparse.Namespace) -> int:
    segments = read_transcript(arguments.file)
    turns = build_turns(segments, assign_roles(segments), ())
    text = FORMS[arguments.form](turns)
    if arguments.output is None:
        sys.stdout.write(text)
    else:
        write_text(arguments.output, text)
    return 0
