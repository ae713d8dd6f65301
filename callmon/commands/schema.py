"""`callmon schema`."""

from __future__ import annotations

import argparse
import sys

from callmon.schema import PATH


def run(arguments: argparse.Namespace) -> int:  # noqa: ARG001
    sys.stdout.write(PATH.read_text(encoding="utf-8"))
    return 0
