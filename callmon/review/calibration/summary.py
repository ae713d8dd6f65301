"""The numbers of a calibration, from labels, flags and moments that were passed by."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar, get_args

from callmon import agreement
from callmon.call import FindingKind, Rung, Value
from callmon.review.calibration import estimates
from callmon.review.calibration.estimates import NOTHING, Estimate, Judged
from callmon.review.calibration.reviewers import ReviewerView, reviewers
from callmon.store.reviews.calibration import (
    Decided,
    Flags,
    Labelled,
    Made,
    Passed,
    judged_analyses,
)

KINDS: Final[tuple[FindingKind, ...]] = get_args(FindingKind)
RUNGS: Final[tuple[Rung, ...]] = get_args(Rung)

Group = TypeVar("Group", bound=Hashable)


class DisputeCounts(Value):
    """What became of disputes."""

    begun: int
    kept: int
    """Decided so that the finding stands."""
    changed: int
    """Decided so that it becomes another kind, or none."""
    open: int


class Quality(Value):
    """How well findings of one kind, or of all, are raised."""

    flags: int
    """Findings that the machine raised."""
    judged: int
    """Of them, how many a reviewer decided on."""
    precision: Estimate
    """Share of the judged ones that reviewers confirm, with Wilson's interval."""
    confirmed: Estimate
    """How many of all findings they would confirm."""
    missed: Estimate
    """How many moments should have been raised and were not, from blind controls."""
    recall: Estimate
    """`confirmed / (confirmed + missed)`."""
    kappa: Estimate
    """Cohen's kappa between machine and reviewers; the interval is a bootstrap."""
    alpha: Estimate
    """Krippendorff's alpha among reviewers, nominal; the interval is a bootstrap."""
    added: int
    """Moments that reviewers added by themselves; they are not in `missed`, which is an
    estimate of all there are."""
    disputes: DisputeCounts


class KindQuality(Quality):
    """Of one kind: right is only what reviewers call so too."""

    kind: FindingKind


class QualityPart(Value):
    """Precision and recall of a part of the whole."""

    judged: int
    precision: Estimate
    recall: Estimate


class WeekPart(QualityPart):
    """Of one week's calls."""

    week: date
    """Its Monday."""


class VersionPart(QualityPart):
    """Of what one version of rubric and models judged."""

    callmon: str
    rubric: str
    models: dict[str, str | None]


class RulePart(Value):
    """Of findings that rest on one rule; a finding may rest on several."""

    rule: str
    """Its id in the rubric, `model`, or `voice`."""
    precision: Estimate
    disputes: DisputeCounts


class ControlCounts(Value):
    """The blind controls that misses are estimated from."""

    moments: int
    """Customer moments that were not flagged, in calls that controls were drawn from."""
    judged: int
    """Controls that a reviewer decided on."""
    missed: int
    """Of them, how many should have been raised."""


class CalibrationView(Value):
    """How well the machine judges."""

    since: datetime
    until: datetime
    total: Quality
    """Of all kinds: right is a moment at which there was something to raise, whatever kind
    reviewers call it."""
    kinds: tuple[KindQuality, ...]
    """Those of which there is a finding, a label or a missed moment."""
    rungs: Estimate
    """Krippendorff's alpha among reviewers, ordinal, of the rung of the response ladder."""
    controls: ControlCounts
    blind: Estimate
    """Share of the labels that were given without the machine's; the others are drawn
    toward it, so that precision, recall and kappa look better than they are."""
    weeks: tuple[WeekPart, ...]
    versions: tuple[VersionPart, ...]
    rules: tuple[RulePart, ...]
    reviewers: tuple[ReviewerView, ...]


def summary(
    *,
    since: datetime,
    until: datetime,
    given: Sequence[Labelled],
    flags: Sequence[Flags],
    passed: Sequence[Passed],
    decided: Sequence[Decided],
    added: Mapping[FindingKind, int],
) -> CalibrationView:
    """Everything that was counted, as numbers with their intervals."""
    counted = estimates.counting(given)
    often = Counter(each.subject for each in counted)
    shared = [each for each in counted if often[each.subject] > 1]
    # Of a call that was analysed again only one analysis counts for the machine.
    of_call = judged_analyses(given)
    measured = [e for e in given if e.analysis_id == of_call.get(e.recording_id)]
    judged = estimates.settled(measured, decided)
    seen = {each.kind for each in flags} | {each.label for each in judged} | set(added)
    whole = estimates.sample(judged, flags, passed)

    def quality(kind: FindingKind | None) -> Quality:
        flagged = [each for each in whole.findings if kind in (None, each.machine)]
        return Quality(
            flags=sum(each.number for each in flags if kind in (None, each.kind)),
            judged=len(flagged),
            precision=estimates.precision(flagged, kind),
            confirmed=estimates.confirmed(whole, kind),
            missed=estimates.missed(whole, kind),
            recall=estimates.recall(whole, kind),
            kappa=estimates.with_machine(whole, kind),
            alpha=estimates.among_reviewers(shared, kind),
            added=sum(n for each, n in added.items() if kind in (None, each)),
            disputes=_disputes(each for each in decided if kind in (None, each.machine)),
        )

    kinds = [kind for kind in KINDS if kind in seen]
    return CalibrationView(
        since=since,
        until=until,
        total=quality(None),
        kinds=tuple(KindQuality(kind=kind, **dict(quality(kind))) for kind in kinds),
        rungs=estimates.among_rungs(shared, RUNGS),
        controls=ControlCounts(
            moments=whole.moments,
            judged=len(whole.controls),
            missed=sum(each.label != "none" for each in whole.controls),
        ),
        blind=_blind(counted),
        weeks=tuple(
            WeekPart(week=week, **dict(part))
            for week, part in _parts(
                measured, flags, passed, decided, lambda made: made.week
            )
        ),
        versions=tuple(
            VersionPart(
                callmon=version[0],
                rubric=version[1],
                models=json.loads(version[2]),
                **dict(part),
            )
            for version, part in _parts(measured, flags, passed, decided, _version)
        ),
        rules=_rules(measured, judged, decided),
        reviewers=tuple(reviewers(counted)),
    )


def _version(made: Made) -> tuple[str, str, str]:
    return made.callmon, made.rubric, made.models


def _parts(
    given: Iterable[Labelled],
    flags: Iterable[Flags],
    passed: Iterable[Passed],
    decided: Sequence[Decided],
    group: Callable[[Made], Group],
) -> list[tuple[Group, QualityPart]]:
    """Precision and recall of each group, in the groups' order."""
    labels: defaultdict[Group, list[Labelled]] = defaultdict(list)
    flagged: defaultdict[Group, list[Flags]] = defaultdict(list)
    moments: defaultdict[Group, list[Passed]] = defaultdict(list)
    for label in given:
        labels[group(label.made)].append(label)
    for flag in flags:
        flagged[group(flag.made)].append(flag)
    for call in passed:
        moments[group(call.made)].append(call)
    parts = []
    for key in sorted({*labels, *flagged}):  # type: ignore[type-var]
        judged = estimates.settled(labels[key], decided)
        of = estimates.sample(judged, flagged[key], moments[key])
        part = QualityPart(
            judged=len(judged),
            precision=estimates.precision(judged),
            recall=estimates.recall(of),
        )
        parts.append((key, part))
    return parts


def _rules(
    given: Iterable[Labelled], judged: Iterable[Judged], decided: Sequence[Decided]
) -> tuple[RulePart, ...]:
    rules_of = {each.subject: each.rules for each in given}
    by_rule: defaultdict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        for rule in rules_of[each.subject]:
            by_rule[rule].append(each)
    disputed: defaultdict[str, list[Decided]] = defaultdict(list)
    for dispute in decided:
        for rule in dispute.rules:
            disputed[rule].append(dispute)
    return tuple(
        RulePart(
            rule=rule,
            precision=_strict(by_rule[rule]),
            disputes=_disputes(disputed[rule]),
        )
        for rule in sorted({*by_rule, *disputed})
    )


def _strict(judged: Sequence[Judged]) -> Estimate:
    """Right is only the very kind: the rule said which."""
    if not judged:
        return NOTHING
    share = sum(each.label == each.machine for each in judged) / len(judged)
    interval = agreement.wilson(share, len(judged))
    return Estimate(value=share, interval=interval, n=len(judged))


def _disputes(decided: Iterable[Decided]) -> DisputeCounts:
    decided = list(decided)
    ended = [each for each in decided if each.label is not None]
    kept = sum(each.label == each.machine for each in ended)
    return DisputeCounts(
        begun=len(decided),
        kept=kept,
        changed=len(ended) - kept,
        open=len(decided) - len(ended),
    )


def _blind(counted: Sequence[Labelled]) -> Estimate:
    if not counted:
        return NOTHING
    share = sum(each.blind for each in counted) / len(counted)
    return Estimate(value=share, interval=None, n=len(counted))
