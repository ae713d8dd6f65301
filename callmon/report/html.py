"""The report as one self-contained HTML page, for one call and for a list of calls.

The page needs no network and asks for none: a Content-Security-Policy forbids every
source but its own style and script, by their hashes, and media in `data:` addresses.
Everything from the analysis is taken as hostile: it is escaped by Jinja2 and, at the
one place where values enter the page, freed of characters that steer the reader.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from callmon import __version__, intervals
from callmon.call import Analysis, OutcomeName, Score, Severity
from callmon.report import moments, picture, transcript, wording

if TYPE_CHECKING:
    from jinja2 import Environment

AUDIO_TYPE: Final = re.compile(r"audio/[a-z0-9][a-z0-9.+-]*")
MOST_FACTS: Final = 12
"""Of the metadata that came with the recording; the rest is in the document."""
LONGEST_FACT: Final = 200


def render(
    analysis: Analysis, *, audio: bytes | None = None, audio_type: str = "audio/ogg"
) -> str:
    """The page for one call.

    With `audio`, a browser plays from any time that is clicked; without it, such a
    click goes to the turn. Raises ValueError if `audio_type` is not like `audio/ogg`.
    """
    from markupsafe import Markup

    if not AUDIO_TYPE.fullmatch(audio_type):
        raise ValueError(f"audio_type is {audio_type!r}; it must look like 'audio/ogg'")
    seen_moments = moments.moments(analysis)
    seen_findings = moments.findings(analysis, seen_moments)
    sound = None
    if audio is not None:
        # Letters of base64 need no escaping, and a call has millions of them.
        sound = Markup(f"data:{audio_type};base64,{b64encode(audio).decode()}")  # noqa: S704
    return (
        _environment()
        .get_template("call.html")
        .render(
            analysis=analysis,
            facts=_facts(analysis),
            talk=_talk(analysis),
            speakers={t.index: wording.PARTIES[t.party] for t in analysis.turns},
            metadata=_metadata(analysis.recording.metadata),
            moments=seen_moments,
            findings=seen_findings,
            lines=transcript.lines(analysis, seen_moments, seen_findings),
            picture=picture.draw(analysis, seen_moments, seen_findings),
            sentence=moments.score_sentence(analysis),
            was_judged=moments.was_judged(analysis),
            is_hidden=moments.is_hidden(analysis),
            remarks=moments.score_remarks(analysis),
            parts=moments.score_parts(analysis),
            audio=sound,
            version=analysis.versions.callmon,
        )
    )


def render_index(entries: Sequence[tuple[Analysis, str]]) -> str:
    """The page over several calls, each with the relative path of its own page."""
    rows = tuple(
        IndexRow(
            analysis=analysis,
            # Behind "./" and with ":" quoted, no path can name another site or scheme.
            href="./" + quote(path, safe="/", errors="replace"),
            sentence=moments.score_sentence(analysis),
            severities=Counter(finding.severity for finding in analysis.findings),
        )
        for analysis, path in entries
    )
    return (
        _environment()
        .get_template("index.html")
        .render(
            rows=rows,
            total=_total(analysis.score for analysis, _ in entries),
            opinions=any("opinion" in a.versions.models for a, _ in entries),
            version=__version__,
        )
    )


def page(template: str, **values: object) -> str:
    """A page that is about no call, in the same style and under the same policy."""
    return _environment().get_template(template).render(version=__version__, **values)


def policy() -> str:
    """The Content-Security-Policy that every page states itself, for a server to send."""
    return str(_environment().globals["policy"])


@dataclass(frozen=True)
class IndexRow:
    """One call in the list."""

    analysis: Analysis
    href: str
    sentence: str
    severities: Mapping[Severity, int]


@dataclass(frozen=True)
class Fact:
    """One line about the call."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class TalkShare:
    """One party's part of the bar of talk, which is 100 wide."""

    party: str
    seconds: float
    share: float
    before: float
    width: float


def _talk(analysis: Analysis) -> tuple[TalkShare, ...]:
    talk = analysis.dynamics.talk if analysis.dynamics else {}
    spoken = [(party, talk[party]) for party in wording.PARTIES if talk.get(party)]
    total = sum(seconds for _, seconds in spoken)
    shares: list[TalkShare] = []
    before = 0.0
    for party, seconds in spoken:
        width = round(100 * seconds / total, 2)
        shares.append(
            TalkShare(
                party=party,
                seconds=seconds,
                share=seconds / total,
                before=round(before, 2),
                width=width,
            )
        )
        before += width
    return tuple(shares)


def _facts(analysis: Analysis) -> tuple[Fact, ...]:
    recording, dynamics = analysis.recording, analysis.dynamics
    facts: list[Fact] = []
    if recording.duration is not None:
        facts.append(Fact("Length", wording.clock(recording.duration)))
    if recording.channels is not None:
        facts.append(Fact("Channels", str(recording.channels)))
    if dynamics is not None:
        longest = dynamics.longest_silence
        facts.append(
            Fact(
                "Silence",
                wording.amount(dynamics.silence),
                f"longest {wording.amount(longest.duration)}" if longest else "",
            )
        )
        if dynamics.hold:
            facts.append(Fact("On hold", wording.amount(intervals.seconds(dynamics.hold))))
        if dynamics.redacted:
            cut_out = wording.amount(intervals.seconds(dynamics.redacted))
            facts.append(Fact("Cut out", cut_out, "not counted"))
        facts.append(
            Fact(
                "Two voices at once",
                wording.amount(dynamics.overlap),
                wording.interruptions(dynamics),
            )
        )
        facts += [
            Fact(f"{name} answers", wording.latency(median), "median")
            for party, name in wording.PARTIES.items()
            if (median := dynamics.response_latency.get(party)) is not None
        ]
        if dynamics.agent_words_per_minute is not None:
            pace = f"{dynamics.agent_words_per_minute:.0f} words/min"
            facts.append(Fact("Agent's pace", pace))
    if analysis.voice is not None:
        went = wording.trend(analysis.voice)
        facts.append(Fact("Customer’s voice", went, wording.ends(analysis.voice)))
    if recording.duration is None:
        facts.append(Fact("Source", "Transcript only", "no voice was heard"))
    facts.append(Fact("Turns", str(len(analysis.turns))))
    language = recording.metadata.get("language")
    if isinstance(language, str):
        facts.append(Fact("Language", language))
    return tuple(facts)


def _metadata(metadata: Mapping[str, Any]) -> tuple[Fact, ...]:
    """What came with the recording, as far as it is plain words or numbers."""
    plain = [
        Fact(key.replace("_", " ")[:LONGEST_FACT], str(value)[:LONGEST_FACT])
        for key, value in metadata.items()
        if key != "language" and isinstance(value, str | int | float)
    ]
    return tuple(plain[:MOST_FACTS])


def _total(scores: Iterable[Score]) -> Counter[OutcomeName]:
    """How all moments of several calls came out."""
    total: Counter[OutcomeName] = Counter()
    for score in scores:
        total.update(met=score.met, partial=score.partial, missed=score.missed)
    return total


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    folder = files("callmon.report") / "templates"
    style = (folder / "report.css").read_text("utf-8")
    script = (folder / "report.js").read_text("utf-8")
    environment = Environment(
        loader=PackageLoader("callmon.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style=style, script=script),
        words=wording,
    )
    environment.filters.update(
        clock=wording.clock, amount=wording.amount, percent=wording.percent
    )
    return environment


def _harmless_value(value: object) -> object:
    """The one place through which every value enters a page."""
    from markupsafe import Markup

    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.harmless(value)
    return value


def _policy(*, style: str, script: str) -> str:
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"media-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
