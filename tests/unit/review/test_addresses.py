"""Webhooks do not go where only we can go."""

from __future__ import annotations

import pytest

from callmon.review.webhooks.addresses import Refused, check_address, check_url, choose

PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:a00:1::1",
    "0.0.0.1",
)
NEVER = (
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "2001:0:1::1",
    "nonsense",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked(address: str) -> None:
    check_address(address, private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_asked_only_where_that_is_allowed(address: str) -> None:
    with pytest.raises(Refused, match="private network"):
        check_address(address, private=False)
    if address != "0.0.0.1":
        check_address(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_asked(address: str) -> None:
    with pytest.raises(Refused):
        check_address(address, private=True)


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused):
        choose([PUBLIC[0], "10.0.0.1"], private=False)
    assert choose(PUBLIC, private=False) == PUBLIC[0]
    with pytest.raises(Refused):
        choose([], private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "ftp://example.com",
        "https://",
        "https:///path",
        "https://user:secret@example.com/",
        "https://example.com:99999/",
        "https://example.com:0/",
        "https://example.com/#part",
        "https://example.com\\@10.0.0.1/",
        "https://exa mple.com/",
        "https://exämple.com/",
        "https://example.com/\r\nX: y",
        "https://[::1",
        "https://example.com/" + "a" * 2000,
        "",
    ],
)
def test_urls_that_are_read_in_two_ways_are_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url, private=False)


def test_plain_http_is_for_private_networks() -> None:
    check_url("https://example.com:8443/hook?a=b", private=False)
    check_url("http://10.0.0.1:8080/hook", private=True)
