"""Measures how long the product takes, one part at a time.

python scripts/benchmark.py api [--findings N] [--url URL] [--clients N]
python scripts/benchmark.py call [CALL...] [--asr MODEL]
python scripts/benchmark.py speech [CALL...] [--asr MODEL] [--json]
python scripts/benchmark.py capacity [--calls N]
python scripts/benchmark.py empathy [--model FOLDER] [--json]
python scripts/benchmark.py intake [--uploads N] [--files N] [--database URL]
python scripts/benchmark.py memory [--minutes M...]
python scripts/benchmark.py pages [--findings N] [--url URL]
python scripts/benchmark.py scale [--workers N...] [--chaos] [--backlog N]
python scripts/benchmark.py store [--findings N] [--url URL]
python scripts/benchmark.py tone [CALL...]
"""

from __future__ import annotations

import argparse

import benchmark_api
import benchmark_call
import benchmark_capacity
import benchmark_empathy
import benchmark_intake
import benchmark_memory
import benchmark_pages
import benchmark_scale
import benchmark_speech
import benchmark_store
import benchmark_tone

PARTS = {
    "api": (benchmark_api, "the main reads of the API with a million findings"),
    "call": (benchmark_call, "every stage, in seconds per minute of call"),
    "capacity": (benchmark_capacity, "what calls take up on disks and in databases"),
    "empathy": (benchmark_empathy, "the judgement of a ten-minute call's words"),
    "intake": (benchmark_intake, "recordings that come in, by upload and folder"),
    "memory": (benchmark_memory, "peak memory by the length of the call"),
    "pages": (benchmark_pages, "the review pages, on the server and in a browser"),
    "scale": (benchmark_scale, "many workers on one PostgreSQL, and what goes wrong"),
    "speech": (benchmark_speech, "speech to text, beside plain faster-whisper"),
    "store": (benchmark_store, "what reviewers ask of a million findings"),
    "tone": (benchmark_tone, "the customer's voice, beside openSMILE and pyin"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures how long the product takes.")
    parts = parser.add_subparsers(required=True, metavar="PART")
    for name, (module, words) in PARTS.items():
        part = parts.add_parser(name, help=words)
        module.add_arguments(part)
        part.set_defaults(run=module.run)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
