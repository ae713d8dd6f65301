"""Switches off what the speech libraries would tell their makers."""

from __future__ import annotations

import os


def switch_off_telemetry() -> None:
    """To be called before pyannote.audio is imported, and before each use of it.

    By default pyannote.audio 4 sends a span for every file (its duration, the number of
    speakers), and the hub's client sends the names of what is loaded. What the
    environment says makes no difference: nothing of a call leaves this machine.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

    from huggingface_hub import constants

    # It was read from the environment when faster-whisper imported the library.
    constants.HF_HUB_DISABLE_TELEMETRY = True
