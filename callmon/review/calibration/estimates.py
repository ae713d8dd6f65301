"""How often the machine is right, and how much it misses: estimates with their intervals.

Reviewers judge some of the findings and some controls. Each that was judged stands for
others: a finding for those of its kind and severity (the queue shows the grave ones
first), a control for as many moments as its probability says. The weights are those of
post-stratification and of Hájek's ratio (Särndal, Swensson and Wretman, "Model Assisted
Survey Sampling", 1992, sections 5.7 and 7.6).

The numbers are about the judgement of calls like these, so that an interval does not
shrink to nothing when all of them were judged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

from callmon import agreement
from callmon.agreement import Range
from callmon.call import FindingKind, Severity, Value
from callmon.store.reviews.calibration import Decided, Flags, Labelled, Passed
from callmon.store.reviews.subjects import Label

Stratum = tuple[Label, Severity | None]


class Estimate(Value):
    """A number from a sample."""

    value: float | None
    """Null where there is nothing to estimate it from."""
    interval: Range | None
    """95 % confidence interval; null where none can be given."""
    n: int
    """Judgements that it rests on."""


NOTHING = Estimate(value=None, interval=None, n=0)


@dataclass(frozen=True)
class Judged:
    """A finding or a control, with the label that counts."""

    subject: str
    call: str
    machine: Label
    label: Label
    severity: Severity | None
    probability: float | None
    """Of a control; null for a finding."""


@dataclass(frozen=True)
class Sample:
    """What was judged, and how much it stands for."""

    judged: Sequence[Judged]
    flags: Mapping[Stratum, int]
    """Findings of calls that controls were drawn from, by kind and severity."""
    moments: int
    """Customer moments of those calls that were not flagged."""

    @cached_property
    def weights(self) -> dict[str, float]:
        """How many findings or moments each one stands for, by subject."""
        strata = Counter((each.machine, each.severity) for each in self.findings)
        # A kind of which a severity was not judged is stood for by its others.
        covered: Counter[Label] = Counter()
        whole: Counter[Label] = Counter()
        for (kind, severity), number in self.flags.items():
            whole[kind] += number
            covered[kind] += number if strata[kind, severity] else 0
        found = {
            each.subject: self.flags.get((each.machine, each.severity), 0)
            / strata[each.machine, each.severity]
            * whole[each.machine]
            / max(covered[each.machine], 1)
            for each in self.findings
        }
        inverse = {
            each.subject: 1 / each.probability for each in self.judged if each.probability
        }
        total = sum(inverse.values())
        drawn = {subject: self.moments * w / total for subject, w in inverse.items()}
        return found | drawn

    @cached_property
    def findings(self) -> list[Judged]:
        return [each for each in self.judged if each.probability is None]

    @cached_property
    def controls(self) -> list[Judged]:
        return [each for each in self.judged if each.probability is not None]


def counting(given: Iterable[Labelled]) -> list[Labelled]:
    """The one label of each reviewer on each subject that counts.

    The first that was given blind, since what comes after has seen the machine's; else the
    newest.
    """
    counts: dict[tuple[str, str], Labelled] = {}
    for each in sorted(given, key=lambda each: each.id):
        before = counts.get((each.subject, each.reviewer))
        if before is None or not before.blind:
            counts[each.subject, each.reviewer] = each
    return list(counts.values())


def settled(given: Iterable[Labelled], decided: Iterable[Decided] = ()) -> list[Judged]:
    """One label for each subject: what a dispute ended in, else the newest that counts.

    Labels of a calibration round are left out: they measure reviewers, and a subject that
    many were made to judge would not be one drawn like the others.
    """
    newest: dict[str, Labelled] = {}
    for each in counting(each for each in given if each.round_id is None):
        if each.subject not in newest or newest[each.subject].id < each.id:
            newest[each.subject] = each
    ended = {each.subject: each.label for each in decided if each.label is not None}
    return [
        Judged(
            subject=each.subject,
            call=each.recording_id,
            machine=each.machine,
            label=ended.get(each.subject, each.label),
            severity=each.severity,
            probability=each.probability,
        )
        for each in newest.values()
    ]


def sample(
    judged: Sequence[Judged], flags: Iterable[Flags], passed: Iterable[Passed]
) -> Sample:
    """Of what was judged and what there is."""
    strata: Counter[Stratum] = Counter()
    for each in flags:
        strata[each.kind, each.severity] += each.number if each.drawn else 0
    return Sample(judged=judged, flags=strata, moments=sum(each.moments for each in passed))


def precision(judged: Iterable[Judged], kind: FindingKind | None = None) -> Estimate:
    """Of the judged findings of a kind, the share that reviewers see so too.

    Without a kind: of all, the share at which there was something to raise, whatever kind
    they call it. The interval is Wilson's.
    """
    flagged = [each for each in judged if _raised(each.machine, kind)]
    if not flagged:
        return NOTHING
    share = sum(_raised(each.label, kind) for each in flagged) / len(flagged)
    return Estimate(
        value=share, interval=agreement.wilson(share, len(flagged)), n=len(flagged)
    )


def missed(of: Sample, kind: FindingKind | None = None) -> Estimate:
    """How many moments should have been raised (as this kind) and were not.

    Estimated from controls by inverse probability; for a kind, moments that were raised as
    another one count too. The interval is Wilson's at the effective size of the weighted
    sample, and for the sum that of Zou and Donner, "Construction of confidence limits about
    effect measures", 2008.
    """
    if not of.controls or not of.moments:
        return NOTHING
    unseen = _total(of, of.controls, kind)
    if kind is None:
        return unseen
    others = [each for each in of.findings if each.machine != kind]
    return _sum(unseen, _total(of, others, kind)) if others else unseen


def confirmed(of: Sample, kind: FindingKind | None = None) -> Estimate:
    """How many findings (of a kind) reviewers would see so too, had they judged all."""
    if not any(_raised(label, kind) for label, _ in of.flags):
        return Estimate(value=0.0, interval=(0.0, 0.0), n=0)
    return _total(of, [each for each in of.findings if _raised(each.machine, kind)], kind)


def recall(of: Sample, kind: FindingKind | None = None) -> Estimate:
    """Confirmed findings as a share of them and of what was missed.

    The interval is that of the ratio missed / confirmed (Newcombe's MOVER-R, 2016), turned
    into a share; it is honest too where no control was found to be missed.
    """
    right, wrong = confirmed(of, kind), missed(of, kind)
    if right.value is None or wrong.value is None:
        return NOTHING
    assert right.interval is not None
    assert wrong.interval is not None
    both = right.value + wrong.value
    n = right.n + wrong.n
    if not both:
        return Estimate(value=None, interval=None, n=n)
    if right.interval[0] <= 0:
        # No ratio to zero: the ends of both, which is wider than need be.
        high = right.interval[1] / (right.interval[1] + wrong.interval[0])
        return Estimate(value=right.value / both, interval=(0.0, high), n=n)
    low, high = agreement.ratio(wrong.value, wrong.interval, right.value, right.interval)
    return Estimate(value=right.value / both, interval=(1 / (1 + high), 1 / (1 + low)), n=n)


def with_machine(of: Sample, kind: FindingKind | None = None) -> Estimate:
    """Cohen's kappa between machine and reviewers, over all moments.

    Findings and controls have the weights of what they stand for. For a kind the question
    is whether it is raised; without one, which kind is, or `none`. The interval is a
    bootstrap over calls.
    """
    if not of.findings or not of.controls:
        return NOTHING
    by_call: defaultdict[str, defaultdict[tuple[str, str], float]]
    by_call = defaultdict(lambda: defaultdict(float))
    for each in of.judged:
        pair = (_asked(each.machine, kind), _asked(each.label, kind))
        by_call[each.call][pair] += of.weights[each.subject]
    tables = [by_call[call] for call in sorted(by_call)]
    return Estimate(
        value=agreement.kappa(agreement.added(tables)),
        interval=agreement.bootstrap(tables, agreement.kappa),
        n=len(of.judged),
    )


def among_reviewers(
    counted: Iterable[Labelled], kind: FindingKind | None = None
) -> Estimate:
    """Krippendorff's alpha, nominal, over subjects that several reviewers judged.

    `counted` is what `counting` gives, here and in `among_rungs`.
    """
    return _alpha(
        ((each.subject, each.recording_id), _asked(each.label, kind)) for each in counted
    )


def among_rungs(counted: Iterable[Labelled], order: Sequence[str]) -> Estimate:
    """Krippendorff's alpha, ordinal, of the rungs of the response ladder they gave."""
    return _alpha(
        (
            ((each.subject, each.recording_id), each.rung)
            for each in counted
            if each.rung is not None
        ),
        order=order,
    )


def _alpha(
    values: Iterable[tuple[tuple[str, str], str]], *, order: Sequence[str] = ()
) -> Estimate:
    units: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for unit, value in values:
        units[unit].append(value)
    by_call: defaultdict[str, list[agreement.Cells[str]]] = defaultdict(list)
    shared = [(call, labels) for (_, call), labels in units.items() if len(labels) > 1]
    for call, labels in shared:
        by_call[call].append(agreement.coincidences(labels))
    if not by_call:
        return NOTHING
    tables = [agreement.added(by_call[call]) for call in sorted(by_call)]

    def statistic(cells: agreement.Cells[str]) -> float | None:
        if order:
            return agreement.alpha(cells, metric="ordinal", order=order)
        return agreement.alpha(cells)

    return Estimate(
        value=statistic(agreement.added(tables)),
        interval=agreement.bootstrap(tables, statistic),
        n=len(shared),
    )


def _raised(label: Label, kind: FindingKind | None) -> bool:
    return label != "none" if kind is None else label == kind


def _asked(label: Label, kind: FindingKind | None) -> str:
    if kind is None:
        return label
    return kind if label == kind else "other"


def _total(of: Sample, judged: Sequence[Judged], kind: FindingKind | None) -> Estimate:
    """Of all that these stand for, how many reviewers would raise (as this kind)."""
    weights = [of.weights[each.subject] for each in judged]
    whole = sum(weights)
    if not whole:
        return NOTHING
    hits = (w for w, each in zip(weights, judged, strict=True) if _raised(each.label, kind))
    share = sum(hits) / whole
    low, high = agreement.wilson(share, agreement.effective(weights))
    return Estimate(
        value=share * whole, interval=(low * whole, high * whole), n=len(judged)
    )


def _sum(one: Estimate, two: Estimate) -> Estimate:
    """Of two independent estimates."""
    if two.value is None or one.value is None:
        return one
    assert one.interval is not None
    assert two.interval is not None
    value = one.value + two.value
    below = sqrt((one.value - one.interval[0]) ** 2 + (two.value - two.interval[0]) ** 2)
    above = sqrt((one.interval[1] - one.value) ** 2 + (two.interval[1] - two.value) ** 2)
    return Estimate(value=value, interval=(value - below, value + above), n=one.n + two.n)
