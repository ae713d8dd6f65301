"""Measures the product on labelled data, one part at a time.

python scripts/evaluate.py tone [--data FOLDER]
python scripts/evaluate.py empathy [--data FOLDER] [--json]
"""

from __future__ import annotations

import argparse

import evaluate_empathy
import evaluate_roles
import evaluate_samples
import evaluate_tone
import evaluate_voices

PARTS = {
    "samples": (
        evaluate_samples,
        "words and findings of the sample calls, from their sound",
    ),
    "roles": (evaluate_roles, "who is taken for the agent, on dialogues"),
    "voices": (evaluate_voices, "two voices told apart in one channel"),
    "tone": (evaluate_tone, "raised against not raised voices, on acted emotion"),
    "empathy": (evaluate_empathy, "opportunities, outcomes and findings, on dialogues"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the product on labelled data.")
    parts = parser.add_subparsers(required=True, metavar="PART")
    for name, (module, words) in PARTS.items():
        part = parts.add_parser(name, help=words)
        module.add_arguments(part)
        part.set_defaults(run=module.run)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
