"""An analysis without what people say to a clerk and nobody else should keep."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from callmon.call import Analysis, Turn
from callmon.redaction.private import find_in_turns, put_out, redact, redact_turn
from callmon.redaction.spans import Span

FROM_TURNS: Final = (
    "suppressed",
    "opportunities",
    "responses",
    "agent_behaviours",
    "outcomes",
    "commitments",
    "findings",
    "commendations",
)
"""Parts of an analysis that repeat words of its turns."""
WORDS: Final = {"text", "quote", "summary", "cleared_by", "action", "deadline", "reason"}
"""Their fields that do."""
SHORTEST: Final = 3
"""Characters of a private part that is looked for elsewhere."""

Read = Mapping[int, tuple[Turn, Sequence[Span]]]
"""Turns and what is private in them, by index."""


def redacted(analysis: Analysis) -> Analysis:
    """The same with a name in brackets for each private part, such as `[card number]`."""
    private = find_in_turns(analysis.turns)
    both = list(zip(analysis.turns, private, strict=True))
    cleaner = _Cleaner({turn.index: (turn, spans) for turn, spans in both})
    changes: dict[str, Any] = {
        name: cleaner.clean(getattr(analysis, name)) for name in FROM_TURNS
    }
    turns = tuple(redact_turn(turn, spans) for turn, spans in both)
    return analysis.model_copy(update={**changes, "turns": turns})


class _Cleaner:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._kinds = {
            turn.text[span.first : span.last]: span.kind
            for turn, spans in read.values()
            for span in spans
            if span.last - span.first >= SHORTEST
        }
        longest_first = sorted(self._kinds, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest_first))
        self._known = re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") if pattern else None

    def clean(self, value: Any, *, turn: int | None = None) -> Any:
        """The value with the words in it cleaned; `turn` is where they were said."""
        if isinstance(value, tuple):
            return tuple(self.clean(each, turn=turn) for each in value)
        if not isinstance(value, BaseModel):
            return value
        turn = getattr(value, "turn", turn)
        changes = {}
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if isinstance(inner, str) and name in WORDS:
                changes[name] = self._text(inner, turn)
            elif isinstance(inner, tuple | BaseModel):
                changes[name] = self.clean(inner, turn=turn)
        return value.model_copy(update=changes)

    def _text(self, text: str, turn: int | None) -> str:
        if turn is not None and turn in self._read:
            said, spans = self._read[turn]
            at = said.text.find(text)
            if at >= 0:  # a quote, which may begin within a number
                return put_out(text, _cut(spans, at, at + len(text)))
        if self._known is not None:
            text = self._known.sub(lambda found: f"[{self._kinds[found[0]]}]", text)
        return redact(text)


def _cut(spans: Sequence[Span], first: int, last: int) -> list[Span]:
    """The spans within text[first:last], counted from its start."""
    return [
        Span(max(span.first, first) - first, min(span.last, last) - first, span.kind)
        for span in spans
        if span.first < last and first < span.last
    ]
