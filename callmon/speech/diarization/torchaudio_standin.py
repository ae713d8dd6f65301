"""Makes torchaudio importable where its compiled part cannot be loaded.

There is one wheel of torchaudio for Linux, and its compiled part is linked against CUDA.
With the CPU build of torch it cannot be loaded, so that neither torchaudio nor
pyannote.audio can be imported, although pyannote.audio uses nothing but the part written
in Python (filter banks, resampling).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

EXTENSION = "torchaudio._extension"


def ensure_torchaudio() -> None:
    """Imports torchaudio, without its compiled part where that does not load."""
    try:
        import torchaudio
    except (OSError, RuntimeError):  # No CUDA libraries, or those of another version.
        sys.modules[EXTENSION] = _without_compiled_part()
        import torchaudio  # noqa: F401


def _without_compiled_part() -> ModuleType:
    """What torchaudio's own `_extension` is where the compiled part was not built."""

    def fail(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*_arguments: object, **_options: object) -> Any:
            raise RuntimeError(
                f"{function.__name__} needs the compiled part of torchaudio, which"
                " cannot be loaded here"
            )

        return call

    standin = ModuleType(EXTENSION)
    vars(standin).update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=fail,
    )
    return standin
