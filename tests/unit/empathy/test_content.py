from __future__ import annotations

import doctest

from callmon.empathy import content


def test_the_worked_examples_hold() -> None:
    result = doctest.testmod(content)
    assert (result.failed, result.attempted) == (0, 2)
