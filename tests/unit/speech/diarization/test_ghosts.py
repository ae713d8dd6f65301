"""Claims of voices become shares of what was heard."""

from __future__ import annotations

from callmon.call import Interval
from callmon.speech.diarization.ghosts import is_ghost, share_out


def times(*edges: tuple[float, float]) -> tuple[Interval, ...]:
    return tuple(Interval(start=start, end=end) for start, end in edges)


def test_each_voice_has_what_it_claims() -> None:
    claims = {"a": times((0, 4)), "b": times((4, 9))}
    assert share_out(times((0, 9)), claims) == [times((0, 4)), times((4, 9))]


def test_voices_come_in_order_of_first_speech() -> None:
    claims = {"a": times((5, 9)), "b": times((0, 5))}
    assert share_out(times((0, 9)), claims) == [times((0, 5)), times((5, 9))]


def test_claims_where_nobody_is_heard_are_cut_off() -> None:
    claims = {"a": times((0, 4)), "b": times((4, 9))}
    assert share_out(times((1, 3), (6, 8)), claims) == [times((1, 3)), times((6, 8))]


def test_speech_that_nobody_claims_goes_to_the_nearest_voice() -> None:
    heard = times((0, 3), (3.5, 4), (6, 6.5), (7, 10))
    claims = {"a": times((0, 3)), "b": times((7, 10))}
    assert share_out(heard, claims) == [
        times((0, 3), (3.5, 4)),
        times((6, 6.5), (7, 10)),
    ]


def test_of_two_as_near_the_earlier_has_it_whole() -> None:
    claims = {"a": times((0, 3)), "b": times((5, 8))}
    assert share_out(times((0, 8)), claims) == [times((0, 5)), times((5, 8))]


def test_a_ghost_is_given_to_the_voice_beside_it() -> None:
    claims = {
        "a": times((0, 40)),
        "ghost": times((40.0, 40.5)),
        "b": times((41, 80)),
    }
    heard = times((0, 40), (40, 40.5), (41, 80))
    assert share_out(heard, claims) == [times((0, 40.5)), times((41, 80))]


def test_an_announcement_and_a_second_agent_stay_voices() -> None:
    claims = {
        "announcement": times((0, 3)),
        "a": times((3, 200)),
        "b": times((200, 400)),
        "c": times((400, 440)),
    }
    assert len(share_out(times((0, 440)), claims)) == 4


def test_time_claimed_twice_stays_with_the_one_who_speaks_less() -> None:
    claims = {"a": times((0, 10)), "b": times((4, 6.5))}
    assert share_out(times((0, 10)), claims) == [
        times((0, 4), (6.5, 10)),
        times((4, 6.5)),
    ]


def test_without_claims_there_is_one_voice() -> None:
    assert share_out(times((0, 2), (3, 4)), {}) == [times((0, 2), (3, 4))]


def test_claims_beside_all_speech_are_none() -> None:
    assert share_out(times((0, 2)), {"a": times((5, 8))}) == [times((0, 2))]


def test_without_speech_the_one_voice_is_silent() -> None:
    assert share_out((), {"a": times((0, 1))}) == [()]


def test_of_many_ghosts_the_one_who_speaks_most_is_the_voice() -> None:
    claims = {str(n): times((n, n + 0.5)) for n in range(100)}
    claims["most"] = times((100, 100.9))
    assert share_out(times((0, 101)), claims) == [times((0, 101))]


def test_a_voice_is_a_ghost_by_share_and_by_longest_stretch() -> None:
    other = times((0, 990))
    assert is_ghost(times((990, 991)), [other, times((990, 991))])
    assert not is_ghost(times((990, 993)), [other, times((990, 993))])
    short = times((10, 11))
    assert not is_ghost(short, [times((0, 10)), short])
