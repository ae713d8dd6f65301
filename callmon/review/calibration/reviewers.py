"""How each reviewer judges: beside the others, and beside their own earlier verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from callmon import agreement
from callmon.agreement import Range
from callmon.call import Value
from callmon.review.calibration.estimates import NOTHING, Estimate
from callmon.store.reviews.calibration import Labelled
from callmon.store.reviews.subjects import Label

RECENT = timedelta(weeks=4)
"""What is newest is compared with what was before."""


class Week(Value):
    """A reviewer's verdicts on findings of one week's calls."""

    week: date
    """Its Monday."""
    judged: int
    confirmed: int
    expected: float | None
    """The share that the other reviewers confirm of findings of these kinds; null where
    they judged none of them."""


class Drift(Value):
    """How a reviewer's confirming changed in the last four weeks of calls."""

    value: float
    """The share confirmed then, less the share before."""
    interval: Range
    """95 % interval, Newcombe 1998, method 10."""
    expected: float
    """By how much it would have changed with the kinds of findings alone, had they
    confirmed as the other reviewers do."""
    drifting: bool
    """Whether `expected` lies outside the interval."""


class ReviewerView(Value):
    """One reviewer's verdicts in numbers."""

    reviewer: str
    judged: int
    """Moments, findings and controls."""
    blind: int
    """How many of them without the machine's label."""
    seconds: float | None
    """Median time for one."""
    with_others: Estimate
    """Cohen's kappa with other reviewers, over all pairs of labels of the same moment."""
    agreeing: Estimate
    """Share of these pairs that are the same."""
    confirmed: Estimate
    """Share of the machine's findings that this reviewer confirms."""
    weeks: tuple[Week, ...]
    drift: Drift | None
    """Null without verdicts on both sides, or without other reviewers to compare with."""


def reviewers(
    counted: Iterable[Labelled], *, only: Collection[str] | None = None
) -> list[ReviewerView]:
    """Each of those who gave labels, or of `only`, by id. `counted` is of `counting`."""
    by_reviewer: defaultdict[str, list[Labelled]] = defaultdict(list)
    by_subject: defaultdict[str, list[Labelled]] = defaultdict(list)
    for each in counted:
        by_reviewer[each.reviewer].append(each)
        by_subject[each.subject].append(each)
    return [
        _reviewer(name, by_reviewer[name], by_subject, _expected(name, by_reviewer))
        for name in sorted(set(by_reviewer) if only is None else set(only))
    ]


def _reviewer(
    name: str,
    own: Sequence[Labelled],
    by_subject: Mapping[str, Sequence[Labelled]],
    expected: Mapping[Label, float],
) -> ReviewerView:
    findings = [each for each in own if each.machine != "none"]
    seconds = [each.seconds for each in own if each.seconds is not None]
    kappa, agreeing = _beside(own, by_subject)
    return ReviewerView(
        reviewer=name,
        judged=len(own),
        blind=sum(each.blind for each in own),
        seconds=median(seconds) if seconds else None,
        with_others=kappa,
        agreeing=agreeing,
        confirmed=_share(*_hits(findings)),
        weeks=_weeks(findings, expected),
        drift=_drift(findings, expected),
    )


def _beside(
    own: Iterable[Labelled], by_subject: Mapping[str, Sequence[Labelled]]
) -> tuple[Estimate, Estimate]:
    by_call: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for each in own:
        for other in by_subject[each.subject]:
            if other.reviewer != each.reviewer:
                by_call[each.recording_id].append((each.label, other.label))
    tables = [agreement.contingency(by_call[call]) for call in sorted(by_call)]
    pairs = [pair for call in by_call.values() for pair in call]
    if not pairs:
        return NOTHING, NOTHING
    kappa = Estimate(
        value=agreement.kappa(agreement.added(tables)),
        interval=agreement.bootstrap(tables, agreement.kappa),
        n=len(pairs),
    )
    return kappa, _share(sum(one == two for one, two in pairs), len(pairs))


def _expected(
    name: str, by_reviewer: Mapping[str, Sequence[Labelled]]
) -> dict[Label, float]:
    """The share of findings of each kind that the other reviewers confirm."""
    judged: Counter[Label] = Counter()
    confirmed: Counter[Label] = Counter()
    for reviewer, theirs in by_reviewer.items():
        if reviewer != name:
            judged.update(each.machine for each in theirs)
            confirmed.update(e.machine for e in theirs if e.label == e.machine)
    return {kind: confirmed[kind] / number for kind, number in judged.items()}


def _weeks(
    findings: Iterable[Labelled], expected: Mapping[Label, float]
) -> tuple[Week, ...]:
    weeks: defaultdict[date, list[Labelled]] = defaultdict(list)
    for each in findings:
        weeks[each.made.week].append(each)
    return tuple(
        Week(
            week=week,
            judged=len(judged),
            confirmed=_hits(judged)[0],
            expected=_mean(judged, expected),
        )
        for week, judged in sorted(weeks.items())
    )


def _drift(findings: Sequence[Labelled], expected: Mapping[Label, float]) -> Drift | None:
    if not findings:
        return None
    border = max(each.made.week for each in findings) - RECENT
    recent = [each for each in findings if each.made.week > border]
    before = [each for each in findings if each.made.week <= border]
    now, then = _mean(recent, expected), _mean(before, expected)
    if now is None or then is None:
        return None
    value, interval = agreement.difference(_hits(recent), _hits(before))
    low, high = interval
    return Drift(
        value=value,
        interval=interval,
        expected=now - then,
        drifting=not low <= now - then <= high,
    )


def _hits(findings: Sequence[Labelled]) -> tuple[int, int]:
    return sum(each.label == each.machine for each in findings), len(findings)


def _mean(findings: Sequence[Labelled], expected: Mapping[Label, float]) -> float | None:
    shares = [expected[each.machine] for each in findings if each.machine in expected]
    return sum(shares) / len(shares) if shares else None


def _share(hits: int, trials: int) -> Estimate:
    if not trials:
        return NOTHING
    share = hits / trials
    return Estimate(value=share, interval=agreement.wilson(share, trials), n=trials)
