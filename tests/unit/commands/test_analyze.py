"""Which word on the agent's channel holds: the command line's, else the settings'."""

from __future__ import annotations

import argparse

import pytest

from callmon.commands.analyze import _agent, _agent_channel
from callmon.settings import Settings


def given(channel: str | None = None, speaker: int | None = None) -> argparse.Namespace:
    return argparse.Namespace(agent_channel=channel, agent_speaker=speaker)


@pytest.mark.parametrize(
    ("arguments", "named", "by_settings"),
    [
        (given(), None, "left"),
        (given("auto"), None, None),
        (given("right"), "right", "left"),
        (given(speaker=3), "speaker 3", "left"),
    ],
)
def test_the_command_line_comes_before_the_settings(
    arguments: argparse.Namespace, named: str | None, by_settings: str | None
) -> None:
    assert _agent(arguments) == named
    assert _agent_channel(arguments, Settings(agent_channel="left")) == by_settings


def test_nothing_said_anywhere_leaves_it_to_the_words() -> None:
    assert _agent(given()) is None
    assert _agent_channel(given(), Settings()) is None
