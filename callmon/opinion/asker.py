"""The seam to a language model: something that can be asked, and how it can fail."""

from __future__ import annotations

from typing import Protocol

from callmon.errors import Transient


class NoAnswer(Transient):
    """The model was asked and could not answer; the message says what was seen."""


class Asker(Protocol):
    """A language model that answers a prompt with text."""

    @property
    def name(self) -> str:
        """Of the model, as reports show it."""

    def ask(self, system: str, user: str) -> str:
        """The model's text; raises NoAnswer."""
