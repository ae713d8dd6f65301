"""What tells the voices of one channel apart: the seam between its two ways."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from callmon.call import Activity, Audio


class Diarizer(Protocol):
    """Anything that shares out the speech of one channel between its voices."""

    @property
    def name(self) -> str:
        """As the document of the analysis names it."""

    def separate(
        self,
        audio: Audio,
        heard: Activity,
        *,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Activity, ...]:
        """The activity of each voice heard in one channel, at least one.

        The voices are `speaker 1`, `speaker 2`, ... in order of first speech. Together
        they have exactly the time of `heard` inside the recording, none of it twice.
        """
        ...
