"""Addresses; what happens on the line is in tests/integration/test_second_opinion.py."""

from __future__ import annotations

import pytest

from callmon.opinion.endpoint import is_private


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "100.64.0.7", "fd00::1"],
)
def test_addresses_of_this_machine_and_of_private_networks_are_private(
    address: str,
) -> None:
    assert is_private(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert not is_private(address)
