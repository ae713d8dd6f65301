"""Whatever a recording is called, the header is plain and on one line."""

from __future__ import annotations

import string

import pytest

from callmon.review.recordings.disposition import attachment

PLAIN = set(string.ascii_letters + string.digits + string.punctuation + " ")


@pytest.mark.parametrize(
    "name",
    [
        "call.wav",
        'a"b.wav',
        "a\r\nSet-Cookie: x=y.wav",
        "../../etc/passwd",
        "..",
        "",
        "ÄÖ 电话.wav",
        "\udcff.wav",
        "a\\b\0c.wav",
        "‮gpj.exe",
        "x" * 5000,
        ";filename=evil.html",
    ],
)
def test_no_name_leaves_the_header(name: str) -> None:
    header = attachment(name, "vtt")["Content-Disposition"]
    assert set(header) <= PLAIN
    assert len(header) < 1500
    assert header.count('"') == 2
    quoted = header.split('"')[1]
    assert quoted.endswith(".vtt")
    assert not set(quoted) & set("/\\;=:")
    assert not quoted.startswith(".")
