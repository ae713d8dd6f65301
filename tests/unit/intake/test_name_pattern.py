# ruff: noqa: DTZ001  times without an offset are what names carry

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callmon import intake
from callmon.errors import BadSettings
from callmon.intake.name_pattern import compile_pattern
from callmon.metadata import Metadata

README = Path(intake.__file__).with_name("README.md")


def read(pattern: str, name: str) -> Metadata:
    told = compile_pattern(pattern).read(name.split("/"))
    assert told.warnings == ()
    return told.metadata


def test_named_places_become_metadata() -> None:
    assert read(
        "{agent}_{queue}_{started:%Y%m%d-%H%M%S}.wav", "ann_sales_20261118-143000.wav"
    ) == Metadata(agent="ann", queue="sales", started=datetime(2026, 11, 18, 14, 30))


def test_a_place_reaches_to_the_whole_fixed_text_after_it() -> None:
    found = read("{queue}-{started:%Y%m%d-%H%M%S}", "tech-support-20261118-143000.mp3")
    assert found.queue == "tech-support"


def test_without_an_ending_in_the_pattern_any_ending_fits() -> None:
    assert read("{external_id}", "1743042317.12206.wav").external_id == "1743042317.12206"


def test_case_of_the_fixed_text_does_not_matter() -> None:
    assert read("Call-{agent}.wav", "CALL-Ann.WAV").agent == "Ann"


def test_unknown_places_become_labels_and_a_line_is_passed_over() -> None:
    found = read("{site}_{_}_{_}_{agent}.wav", "hq_1_2_ann.wav")
    assert found == Metadata(agent="ann", labels={"site": "hq"})


def test_folders_can_be_places() -> None:
    found = read("{team}/{agent}-{_}.wav", "calls/north/ann-17.wav")
    assert found == Metadata(agent="ann", team="north")


@pytest.mark.parametrize(
    ("form", "text", "moment"),
    [
        ("%Y-%m-%dT%H:%M:%S%z", "2026-11-18T14:30:00+0000",
         datetime(2026, 11, 18, 14, 30, tzinfo=UTC)),
        ("%Y%m%dT%H:%M_%Z", "20261118T14:30_UTC",
         datetime(2026, 11, 18, 14, 30, tzinfo=UTC)),
        ("%s", "1795012200", datetime.fromtimestamp(1795012200, UTC)),
        ("%d%b%y", "18Nov26", datetime(2026, 11, 18)),
        ("%I%p %d.%m.%Y", "02PM 18.11.2026", datetime(2026, 11, 18, 14)),
        ("%Y%j%%", "2026322%", datetime(2026, 11, 18)),
        ("%H%M%S%f %Y%m%d", "143000000001 20261118",
         datetime(2026, 11, 18, 14, 30, 0, 1)),
    ],
)  # fmt: skip
def test_times_are_read_by_their_format(form: str, text: str, moment: datetime) -> None:
    assert read(f"{{started:{form}}}x.wav", f"{text}x.wav").started == moment


@pytest.mark.parametrize(
    "name", ["other.wav", "ann_20269918-143000.wav", "ann\n_20261118-143000.wav.txt", ""]
)
def test_a_name_that_does_not_fit_leaves_a_warning(name: str) -> None:
    told = compile_pattern("{agent}_{started:%Y%m%d-%H%M%S}.wav").read([name])
    assert told.metadata == Metadata()
    assert len(told.warnings) == 1
    assert "\n" not in told.warnings[0]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{agent", "a brace"),
        ("agent}", "a brace"),
        ("call.wav", "places in braces"),
        ("{agent}{queue}", "nothing stands between"),
        ("{agent}_{agent}", "twice"),
        ("{ag ent}", "no place"),
        ("{}", "no place"),
        ("{started:%Q}", "%Y"),
        ("{started:%}", "%Y"),
        ("{started:%s.%f}", "whole time"),
        ("{a}" + "x" * 500, "500 characters"),
        ("-".join(f"{{a{i}}}" for i in range(40)), "at most 30"),
    ],
)
def test_a_wrong_pattern_is_refused_with_one_that_works(pattern: str, why: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(why)) as caught:
        compile_pattern(pattern)
    assert "would work" in str(caught.value)


def test_many_places_and_a_hostile_name_are_read_in_one_go() -> None:
    # With ordinary groups this takes longer than the universe is old.
    pattern = compile_pattern("-".join(f"{{a{i}}}" for i in range(30)) + "!")
    assert pattern.read(["-" * 5_000]).warnings
    assert pattern.read(["a-" * 5_000]).warnings


def test_every_example_in_the_readme_is_true() -> None:
    text = README.read_text(encoding="utf-8")
    examples = re.findall(r'name_pattern = "(.+)"\n# (.+)\n# -> (.+)\n', text)
    assert len(examples) >= 5
    for pattern, name, wanted in examples:
        found = read(pattern, name).model_dump(mode="json", exclude_defaults=True)
        labels = found.pop("labels", {})
        shown = ", ".join(f"{key} {value}" for key, value in {**found, **labels}.items())
        assert shown == wanted
