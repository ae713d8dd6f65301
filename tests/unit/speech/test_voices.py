from callmon.call import Activity, Interval, Segment
from callmon.speech.voices import match_voices


def voice(speaker: str, *times: tuple[float, float]) -> Activity:
    intervals = tuple(Interval(start=start, end=end) for start, end in times)
    return Activity(speaker=speaker, channel=0, intervals=intervals)


def segment(speaker: str, start: float | None, end: float | None) -> Segment:
    return Segment(speaker=speaker, start=start, end=end, text="hello")


def test_a_label_takes_the_voice_that_speaks_at_its_times() -> None:
    voices = (voice("left", (0, 4), (10, 14)), voice("right", (5, 9)))
    named = match_voices([segment("Client", 5.2, 8.8), segment("Rep", 0.1, 3.9)], voices)
    assert [s.speaker for s in named] == ["right", "left"]


def test_two_labels_never_share_a_voice() -> None:
    voices = (voice("left", (0, 10)), voice("right", (10, 11)))
    named = match_voices(
        [segment("A", 0, 6), segment("B", 6, 9), segment("B", 10, 11)], voices
    )
    assert [s.speaker for s in named] == ["left", "right", "right"]


def test_a_label_without_times_keeps_its_name() -> None:
    named = match_voices([segment("Client", None, None)], (voice("left", (0, 4)),))
    assert named[0].speaker == "Client"


def test_a_label_heard_while_nobody_speaks_keeps_its_name() -> None:
    named = match_voices([segment("IVR", 20, 24)], (voice("left", (0, 4)),))
    assert named[0].speaker == "IVR"


def test_a_silent_customer_does_not_get_the_agents_voice() -> None:
    voices = (voice("left", (0, 10)),)
    named = match_voices([segment("Rep", 0, 9), segment("Client", 8, 10)], voices)
    assert [s.speaker for s in named] == ["left", "Client"]


def test_a_label_without_a_voice_never_passes_for_one() -> None:
    voices = (voice("speaker 1", (0, 4)),)
    named = match_voices([segment("speaker 2", 0, 4), segment("speaker 1", 8, 9)], voices)
    assert [s.speaker for s in named] == ["speaker 1", "speaker 1 (transcript)"]
