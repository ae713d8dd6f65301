"""Where the data that the product is measured on lies; it is no part of the project."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Beside the checkout, where the tests look for it too."""


def add_data_argument(parser: argparse.ArgumentParser, *, holds: str) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        help=f"folder with {holds} (default: the one that CALLMON_SHARED names,"
        " else ../shared/data beside the checkout)",
    )


def usual_folder() -> Path:
    return Path(os.environ.get("CALLMON_SHARED") or BESIDE)


def data_folder(named: Path | None) -> Path:
    """The folder that was named, or the usual one; ends the program where none is there."""
    folder = named or usual_folder()
    if not folder.is_dir():
        sys.exit(
            f"There is no folder {folder}. The data to measure on is no part of the"
            " project: name its folder with --data, or in CALLMON_SHARED."
        )
    return folder
