from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from callmon.empathy.rubric import Guided, Rubric
from callmon.empathy.rubric_file import load_rubric
from callmon.guide.contents import make_guide
from callmon.guide.show import print_guide, render


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric()


@pytest.fixture(scope="module")
def hostile(rubric: Rubric) -> Rubric:
    """A rubric whose words try to be markup and to steer the terminal."""
    entry = Guided.model_validate(
        {
            "name": "apology",
            "title": "<script>alert(1)</script>",
            "holds": "\x1b[31m[bold]{{ 7 * 7 }}\u202e",
            "good": [{"words": "<img src=x onerror=alert(1)>", "why": "[red]why[/red]"}],
        }
    )
    return rubric.model_copy(update={"guide": (entry,)})


def printed(rubric: Rubric) -> str:
    out = io.StringIO()
    print_guide(make_guide(rubric), Console(file=out, width=10_000))
    return out.getvalue()


def test_the_page_asks_for_nothing_outside_itself(rubric) -> None:
    page = render(make_guide(rubric))
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert "<script" not in page


def test_the_page_and_the_text_hold_the_same(rubric) -> None:
    guide = make_guide(rubric)
    text = printed(rubric)
    page = render(guide)
    for behaviour in guide.behaviours:
        for example in (*behaviour.entry.good, *behaviour.entry.weak):
            assert f"“{example.words}” – {example.why}" in text
            assert example.why.replace("'", "&#39;") in page
    for finding in guide.findings:
        assert f"({finding.kind}; severity " in text
        assert f">{finding.kind}<" in page
    for limit in guide.limits:
        assert f"{limit.name} = {limit.value}" in text
        assert f"<code>{limit.name}</code>" in page


def test_every_place_that_the_contents_name_is_there(rubric) -> None:
    page = render(make_guide(rubric))
    targets = re.findall(r'href="#([\w-]+)"', page)
    assert len(targets) >= 6
    assert all(f'id="{target}"' in page for target in targets)


def test_words_of_a_rubric_are_only_words_on_the_page(hostile) -> None:
    page = render(make_guide(hostile))
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_words_of_a_rubric_do_not_steer_the_terminal(hostile) -> None:
    text = printed(hostile)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]why[/red]" in text
