"""One stay as the simulated nurses work on it: they know what the census knew then, and do what the engine says (pure).

Nobody looks ahead. What is planned for a later round is thought over again whenever something becomes known.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import NamedTuple

import msgspec

from app.clocks.engine import obligations
from app.clocks.facts import Event, Record
from app.clocks.gather import Known, Lent
from app.clocks.terms import Copy, EventKind, NoticeKind, Obligation, RecordKind
from app.demo.nurses.appeals import Appeal, Step, appeal_after, steps_after_records
from app.demo.nurses.deeds import Deed, mistake, notice
from app.demo.nurses.rounds import Round, moment_in, rounds
from app.demo.nurses.staff import Staff
from app.kernel.days import local_day
from app.notices.appeals.terms import AppealStep
from app.notices.queries import OF_RULE

RECORDS = "N-QIO-REC"
PRESENT = ("admitted", "on_leave")
FORGOTTEN, MISTAKEN, PROMPT, AT_WEEKENDS = 0.03, 0.012, 0.65, 0.25
_AHEAD = 10  # rounds that a nurse thinks ahead
_WANTED = {"N-IM2": timedelta(hours=-30), "N-MOON": timedelta(hours=10)}
"""When a notice comes to mind, from the start of its clock on: the day before departure; a night in observation."""
_EVENTS = {
    AppealStep.CALL: EventKind.QIO_NOTIFIED,
    AppealStep.COMPLETE: EventKind.QIO_RECORDS_COMPLETE,
    AppealStep.TELL: EventKind.QIO_DECISION_NOTIFIED,
}


class Visit(NamedTuple):
    """What a nurse means to do at an instant, in which round, and why."""

    at: datetime
    round: Round
    owed: Obligation


class Casework:
    """The work on one stay until an instant."""

    def __init__(self, course: Sequence[Known], staff: Staff) -> None:
        self._course, self._staff = course, staff
        self._known = course[0]
        self._stay = course[0].found.id
        self._zone = course[0].found.zone
        self._now = course[0].since
        self._events: list[Event] = []
        self._records: list[Record] = []
        self._steps: list[Step] = []
        self._appeal: Appeal | None = None
        self._deeds: list[Deed] = []
        self._asked_in_vain: object = None

    def deeds(self) -> list[Deed]:
        """All that was done and has been recorded, in the order of doing."""
        ends = [one.since for one in self._course[1:]]
        for known, until in zip(self._course, [*ends, self._staff.until], strict=True):
            self._known = known
            self._now = max(self._now, known.since)
            if known.found.status in PRESENT and self._now < until:
                self._work_until(until)
        return [one for one in self._deeds if one.entered <= self._staff.until]

    def _work_until(self, until: datetime) -> None:
        while True:
            visit = self._next_visit()
            step = self._steps[0] if self._steps else None
            if step is not None and (visit is None or step.at <= visit.at):
                if step.at >= until:
                    return
                self._take(self._steps.pop(0))
            elif visit is None or visit.at >= until:
                return
            else:
                self._now = visit.at
                self._do(visit)

    def _owed(self) -> list[Obligation]:
        lent = Lent(self._stay, tuple(self._events), tuple(self._records))
        facts = msgspec.structs.replace(self._known.found, now=self._now, lent=(lent,)).facts()
        found = [one for one in obligations(facts) if one.open and (one.rule in OF_RULE or one.rule == RECORDS)]
        if any(one.rule == "N-IM1" for one in found):  # a follow-up copy follows: the first one may serve for both
            found = [one for one in found if one.rule != "N-IM2"]
        return found

    def _next_visit(self) -> Visit | None:
        found = self._known.found
        state = (found.stay, found.classes, found.coverage, len(self._records), len(self._events))
        if self._asked_in_vain == state:
            return None
        owed = self._owed()
        visits = [visit for one in owed if (visit := self._plan(one)) is not None]
        self._asked_in_vain = None if owed else state
        return min(visits, key=lambda visit: visit.at, default=None)

    def _plan(self, owed: Obligation) -> Visit | None:
        if owed.rule == "N-IM2" and owed.due_at is None:
            return None
        random = self._luck(owed)
        after = max(self._now, owed.earliest_at or self._now)
        if owed.rule in _WANTED and owed.start_at is not None:
            wanted = owed.start_at + _WANTED[owed.rule]
            after = max(after, min(wanted, owed.due_at or wanted))
        if owed.due_at is not None and random.random() < FORGOTTEN:
            after = max(after, owed.due_at)
        chosen = self._choose(after, owed.due_at, random)
        return Visit(moment_in(chosen, after, owed.due_at, random), chosen, owed)

    def _choose(self, after: datetime, due: datetime | None, random: Random) -> Round:
        """The first round in time that suits; the last one before the deadline always does, the next one after it."""
        ahead = list(islice(rounds(self._person, after, self._zone), _AHEAD))
        minute = timedelta(minutes=2)
        timely = [one for one in ahead if due is not None and max(one.begins, after) + minute < due]
        if due is not None and not timely:
            return ahead[0]
        for one in (timely or ahead)[:-1]:
            if random.random() < (AT_WEEKENDS if one.weekend else PROMPT):
                return one
        return (timely or ahead)[-1]

    def _luck(self, owed: Obligation) -> Random:
        start = owed.start_at.isoformat() if owed.start_at is not None else ""
        done = len(self._deeds) if owed.rule != "N-IM1" else sum(1 for one in self._deeds if one.strike)
        return Random(f"{self._staff.seed} {self._stay_number} {owed.rule} {start} {done}")

    @property
    def _stay_number(self) -> str:
        return self._staff.number_of(self._stay)

    @property
    def _person(self) -> str:
        return self._staff.of_unit(self._known.unit)

    def _do(self, visit: Visit) -> None:
        if not any((one.rule, one.subject) == (visit.owed.rule, visit.owed.subject) for one in self._owed()):
            return
        if visit.owed.rule == RECORDS:
            self._send(visit)
            return
        kind, copy = OF_RULE[visit.owed.rule]
        random = Random(f"{self._staff.seed} {self._stay_number} {kind} {visit.at.isoformat()}")
        self._deeds.append(
            Deed(
                stay=self._stay, person=self._person, entered=self._entered(visit.round.entered), at=visit.at,
                give=notice(kind, copy, visit.at, self._zone, random), kind=kind, copy=copy,
                owed_from=visit.owed.earliest_at, due_at=visit.owed.due_at,
            )
        )  # fmt: skip
        if random.random() < MISTAKEN and self._struck(visit, kind, copy, random):
            return
        self._records.append(Record(kind=RecordKind.NOTICE, at=visit.at, notice=kind, copy=copy))
        if visit.owed.rule == "N-IM2" and self._appeal is None:
            self._think_of_appeal(visit, random)

    def _entered(self, at: datetime) -> datetime:
        """What happened before the program was there was entered on its first day."""
        return at if at > self._staff.start else next(rounds(self._person, self._staff.start, self._zone)).entered

    def _struck(self, visit: Visit, kind: NoticeKind, copy: Copy | None, random: Random) -> bool:
        """Whether somebody notices by the next round that the record is wrong, and strikes it out."""
        following = next(rounds(self._person, visit.round.entered, self._zone)).entered
        if visit.round.entered <= self._staff.start or following > self._staff.until:
            return False
        self._deeds.append(
            Deed(
                stay=self._stay, person=self._person, entered=following, at=visit.at, strike=mistake(random),
                kind=kind, copy=copy,
            )
        )  # fmt: skip
        self._now = following
        return True

    def _send(self, visit: Visit) -> None:
        assert self._appeal is not None
        self._take(Step(visit.at, AppealStep.SEND))
        self._records.append(Record(kind=RecordKind.RECORDS_SENT, at=visit.at, subject=visit.owed.subject))
        self._steps = list(steps_after_records(self._appeal, visit.at))

    def _think_of_appeal(self, visit: Visit, random: Random) -> None:
        leaves = visit.owed.start_at
        if leaves is None or visit.round.entered <= self._staff.start:
            return
        left = self._course[-1].found.discharge_at
        self._appeal = appeal_after(visit.at, local_day(leaves, self._zone), self._staff.until, left, random)
        if self._appeal is not None:
            self._steps = list(self._appeal.first_steps())

    def _take(self, step: Step) -> None:
        assert self._appeal is not None
        self._now = max(self._now, step.at)
        person = self._person
        entered = next(one.entered for one in rounds(person, step.at - timedelta(minutes=15), self._zone)
                       if one.entered >= step.at)  # fmt: skip
        self._deeds.append(
            Deed(
                stay=self._stay, person=person, entered=entered, at=step.at, step=step.what, favors=step.favors,
                discharge_on=self._appeal.discharge_on,
            )
        )  # fmt: skip
        if step.what in _EVENTS:
            self._events.append(Event(kind=_EVENTS[step.what], at=step.at, subject="appeal"))


def casework(course: Sequence[Known], staff: Staff) -> list[Deed]:
    """What nurses did for this stay; nothing for one that never was inpatient or in observation."""
    if not any(row.value in ("IP", "OBS") for known in course for row in known.found.classes):
        return []
    return Casework(course, staff).deeds()


def instants(deeds: Sequence[Deed]) -> Iterator[datetime]:
    """When the deeds were recorded."""
    return (one.entered.astimezone(UTC) for one in deeds)
