"""What made-up people say of the calls, said as everybody says it: through the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

from callmon.call import FindingKind
from callmon.demo.people import REVIEWERS
from callmon.review.access.principal import Asking
from callmon.review.calibration.rounds import (
    BeginningRound,
    begin_round,
    close_round,
    list_round_moments,
)
from callmon.review.findings.assigning import Assigning, assign_finding
from callmon.review.findings.coaching import Writing, write_coaching_note
from callmon.review.findings.disputing import (
    Disputing,
    Resolving,
    dispute_finding,
    resolve_dispute,
)
from callmon.review.findings.moments import AddingMoment, add_moment
from callmon.review.findings.queue import list_findings
from callmon.review.findings.verdicts import GivenVerdict, give_verdict
from callmon.review.findings.views import FindingView
from callmon.review.reports.promises import PromiseMark, list_promises, mark_promise
from callmon.review.site import Site
from callmon.store.reviews.subjects import Label

LIKE_THE_SCRIPT: Final = 0.9
"""How often a reviewer says what the sample's author meant. People who code calls with one
guide agree about as often; were it always, there would be nothing to calibrate."""
UNSURE: Final = 0.05
OTHERWISE: Final[tuple[Label, ...]] = ("none", "missed_empathy", "no_mirroring")
NOT_RAISED: Final = "I would not raise this: the answer is good enough for me."
UNHEARD: Final = "To me the customer sounds upset here."
COACH: Final = (
    "Listen from here once more. What would the customer have liked to hear from you just"
    " then?"
)
REPLY: Final = "That I had understood them. I will say so first next time."
DISPUTE: Final = "I think I did answer this. Please listen to the half minute after it."
STANDS: Final = "Listened to with Sam: the answer comes, but it is about something else."


class Clock:
    """The time of what is being done."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Review:
    """What is said, in the order of time."""

    def __init__(
        self,
        site: Site,
        people: Mapping[str, Asking],
        meant: Mapping[str, frozenset[FindingKind]],
        rng: Random,
        *,
        at: datetime,
    ) -> None:
        """`meant` is filled as calls come in: the kinds that each call, by its id, was
        written to have."""
        self._clock = Clock(at)
        self._site = replace(site, now=self._clock)
        self._people = people
        self._meant = meant
        self._rng = rng
        self._in_round: set[tuple[str, float | None]] = set()

    def at(self, moment: datetime) -> None:
        self._clock.at = moment

    def decide(self, *, share: float) -> None:
        """Reviewers decide on a share of what is open, one after the other; one control
        stays in the queue, to be seen there."""
        for login in REVIEWERS:
            who = self._people[login]
            items = list_findings(self._site, who, state=["open"], limit=200).items
            items = [each for each in items if _place(each) not in self._in_round]
            shown = next((each for each in items if each.blind), None)
            for finding in items:
                if finding is not shown and self._rng.random() < share:
                    self._judge(who, finding, truth=self._truth(finding))

    def add_a_miss(self) -> None:
        """A reviewer marks a moment of which nothing was raised."""
        rita = self._people["rita"]
        items = list_findings(self._site, rita, limit=200).items
        passed = next(each for each in items if each.blind and each.start is not None)
        adding = AddingMoment(kind="missed_empathy", at=passed.start, note=UNHEARD)
        add_moment(self._site, rita, passed.recording_id, adding)
        self._clock.pass_by(60)

    def coach(self, *, agent: str, notes: int) -> list[FindingView]:
        """A supervisor shares new calls with their agent, by a note each; about what."""
        sam, new = self._people["sam"], self._clock.at - timedelta(weeks=3)
        items = list_findings(self._site, sam, agent=agent, since=new, limit=200).items
        about: dict[str, FindingView] = {}
        for finding in items:
            if not finding.blind:
                about.setdefault(finding.recording_id, finding)
        chosen = list(about.values())[:notes]
        for finding in chosen:
            write_coaching_note(self._site, sam, finding.id, Writing(text=COACH))
            self._clock.pass_by(240)
        return chosen

    def answer(self, notes: list[FindingView], *, settle: bool) -> None:
        """The agent answers the first note and disputes the second; `settle` decides it."""
        ann, ada = self._people["ann"], self._people["ada"]
        first, second = notes[:2]
        write_coaching_note(self._site, ann, first.id, Writing(text=REPLY))
        self._clock.pass_by(300)
        disputing = Disputing(reason=DISPUTE, proposed="none")
        dispute_finding(self._site, ann, second.id, disputing)
        self._clock.pass_by(3600)
        if settle:
            assert second.machine is not None
            stands = Resolving(kind=second.machine.kind, note=STANDS)
            resolve_dispute(self._site, ada, second.id, stands)

    def calibrate(self, name: str, *, finished: bool) -> None:
        """A round: all judge the same moments of the last week, before anybody else does.
        Of one that is not finished only the first has judged all, and the second half."""
        sam = self._people["sam"]
        new = self._clock.at - timedelta(weeks=1)
        items = list_findings(self._site, sam, since=new, limit=200).items
        # Every second one: of all grades some stay in the queue.
        findings = [each.id for each in items if not each.blind][1::2]
        controls = [each.id for each in items if each.blind][1:]
        begun = begin_round(
            self._site,
            sam,
            BeginningRound(
                name=name,
                findings=(*findings, *controls),
                reviewers=tuple(self._people[login].id for login in REVIEWERS),
                deadline=self._clock.at + timedelta(days=10),
            ),
        )
        shown = list_round_moments(self._site, sam, begun.id).items
        for place, login in enumerate(REVIEWERS):
            who = self._people[login]
            mine = list_round_moments(self._site, who, begun.id).items
            pairs = list(zip(mine, shown, strict=True))
            if not finished:
                pairs = pairs[: (len(pairs), len(pairs) // 2, 0)[place]]
            for moment, labelled in pairs:
                self._judge(who, moment, truth=self._truth(labelled))
        if finished:
            close_round(self._site, sam, begun.id)
        else:
            self._in_round = {_place(each) for each in shown}

    def hand_out(self, *, number: int) -> None:
        """A supervisor gives open findings to a reviewer."""
        sam, rita = self._people["sam"], self._people["rita"]
        items = list_findings(self._site, sam, state=["open"], limit=number).items
        for finding in items:
            assign_finding(self._site, sam, finding.id, Assigning(to=rita.id))
            self._clock.pass_by(5)

    def look_after_promises(self) -> None:
        """Of those that are overdue a reviewer found half kept, and one of ten broken."""
        rita = self._people["rita"]
        for promise in list_promises(self._site, rita, state=["overdue"], limit=200).items:
            drawn = self._rng.random()
            if drawn < 0.6:
                mark = PromiseMark(state="kept" if drawn < 0.5 else "broken")
                mark_promise(self._site, rita, promise.id, mark)
                self._clock.pass_by(30)

    def _truth(self, finding: FindingView) -> Label:
        """What the call was written to have there."""
        if finding.machine is None or finding.machine.kind == "none":
            return "none"
        kind = finding.machine.kind
        return kind if kind in self._meant[finding.recording_id] else "none"

    def _judge(self, who: Asking, finding: FindingView, *, truth: Label) -> None:
        seconds = self._rng.randint(12, 60)
        self._clock.pass_by(seconds + 3)
        verdict = self._verdict(finding, truth=truth)
        verdict = verdict.model_copy(update={"seconds": float(seconds)})
        give_verdict(self._site, who, finding.id, verdict)

    def _verdict(self, finding: FindingView, *, truth: Label) -> GivenVerdict:
        if self._rng.random() < UNSURE:
            return GivenVerdict(verdict="unsure")
        label = truth
        if self._rng.random() > LIKE_THE_SCRIPT:
            label = self._rng.choice([each for each in OTHERWISE if each != truth])
        if finding.blind:
            return GivenVerdict(kind=label)
        assert finding.machine is not None
        if label == finding.machine.kind:
            return GivenVerdict(verdict="agree")
        note = NOT_RAISED if label == "none" else None
        return GivenVerdict(verdict="disagree", kind=label, note=note)


def _place(finding: FindingView) -> tuple[str, float | None]:
    """Where it is: unlike its id the same for all, whether its label is hidden or not."""
    return finding.recording_id, finding.start
