"""Where a webhook may go: no target may make us ask inside a network for somebody else.

The name is resolved here, the addresses are looked at, and the one that was looked at is
the one that is connected to: a name that is resolved again may have moved meanwhile.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

MOST_CHARACTERS: Final = 2000

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NEVER: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.0.0/16",  # link-local; the metadata service of most clouds
            "fe80::/10",
            "fd00:ec2::/32",  # the metadata service of AWS
            "100.100.100.200/32",  # of Alibaba
            "168.63.129.16/32",  # of Azure
            "192.0.0.192/32",  # of Oracle
        ),
    )
)
"""Refused even where private networks are allowed: services that hand out credentials."""

WITHIN: Final = tuple(
    # The prefix, and at which byte of the address the IPv4 address stands in it.
    (ipaddress.IPv6Network(network), at)
    for network, at in (
        ("64:ff9b::/96", 12),  # NAT64, RFC 6052
        ("::/96", 12),  # RFC 4291, out of use
        ("2002::/16", 2),  # 6to4, RFC 3056
    )
)
TEREDO: Final = ipaddress.IPv6Network("2001::/32")
LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")


class Refused(Exception):
    """This target is not asked; the message says why, for people."""


def check_url(url: str, *, private: bool) -> None:
    """Raises Refused for a URL that is none of ours to call."""
    if len(url) > MOST_CHARACTERS or not url.isascii() or not url.isprintable():
        raise Refused(
            "The URL has characters that do not belong into one, or is longer than"
            f" {MOST_CHARACTERS} of them."
        )
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Refused("This is no URL. https://example.com/hook would work.") from None
    schemes = ("https", "http") if private else ("https",)
    if parts.scheme not in schemes or not host or port == 0:
        raise Refused(
            f"The URL has to begin with {' or '.join(f'{each}://' for each in schemes)} and"
            " name a host."
        )
    if "@" in parts.netloc or "\\" in url or " " in url or parts.fragment:
        raise Refused(
            "The URL holds a user name, a fragment or signs that are read in two ways."
            " Leave them out; who sends is told by the signature."
        )


def choose(addresses: Sequence[str], *, private: bool) -> str:
    """The address to connect to. Raises Refused when one of them is not to be asked."""
    if not addresses:
        raise Refused("The name of the target has no address.")
    for each in addresses:
        check_address(each, private=private)
    return addresses[0]


def check_address(text: str, *, private: bool) -> None:
    """Raises Refused for an address that is not to be asked."""
    if "%" in text:
        raise Refused("The target has an address of one network card alone.")
    try:
        address = meant(ipaddress.ip_address(text))
    except ValueError:
        raise Refused("The target has no address of the internet.") from None
    if any(address in network for network in NEVER):
        raise Refused(
            "The target is where machines ask for their own credentials, or has an address"
            " of one wire alone (link-local). That is never asked."
        )
    # ::1 is within a range that is reserved.
    reserved = address.is_reserved and not address.is_loopback
    if address.is_multicast or address.is_unspecified or reserved:
        raise Refused("The target has an address that is nobody's in particular.")
    if not private and not address.is_global:
        raise Refused(
            "The target is inside a private network or on this machine. An admin can allow"
            " that with the setting webhook_private."
        )


def meant(address: Address) -> Address:
    """The address that is reached in the end: an IPv4 address within one of IPv6."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in TEREDO or address in LOCAL_NAT64:
        raise ValueError("a way into an IPv4 network that cannot be told from outside")
    for network, at in WITHIN:
        if address in network and int(address) > 1:  # ::1 is this machine
            return ipaddress.IPv4Address(address.packed[at : at + 4])
    return address
