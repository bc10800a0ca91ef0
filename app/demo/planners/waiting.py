"""Lost days of a stay: drafts of the rules confirmed, changed or rejected some mornings later, some entered by hand."""

from datetime import date, datetime, time, timedelta

from app.avoidable_days import queries
from app.avoidable_days.commands import RecordDay, RecordDelay, record_day, record_delay
from app.avoidable_days.drafts.commands import RejectDraft, confirm_draft, reject_draft
from app.avoidable_days.drafts.queries import Draft, drafts_of
from app.avoidable_days.drafts.storing import refresh
from app.avoidable_days.events import DraftsComputed
from app.avoidable_days.presence import stay_days
from app.avoidable_days.terms import DraftRule, RejectReason
from app.demo.planners.desk import DRAFTS, Course, Desk
from app.demo.planners.planning import Wait
from app.kernel.days import ONE_DAY, instant_of
from app.platform.work import Work

CONFIRMED, CHANGED, REJECTED = 0.70, 0.15, 0.10
"""Shares of the drafts; what is left waits on."""
_BY_HAND, _DELAYED, _NOT_MET = 0.03, 0.03, 0.5
_OTHERS = ("PH-07", "HS-15", "HS-10", "PA-02", "PF-03", "PY-05", "HS-12")
_PROGRESS = ("HS-05", "HS-02", "PH-03", "HS-10", "HS-11")
_REASONS = (RejectReason.NEEDED, RejectReason.WRONG_FACTS, RejectReason.DUPLICATE, RejectReason.OTHER_REASON)
_ANSWERED_AFTER = 2  # mornings after the lost midnight


class Waiting:
    """Whoever answers for the lost days of one stay."""

    def __init__(self, desk: Desk, course: Course, waits: list[Wait]) -> None:
        self._desk, self._course, self._waits = desk, course, waits
        self._luck = desk.luck("days")

    def begin(self) -> None:
        """Each night that was lost is proposed in the morning, and answered on the day after."""
        for day in sorted(self._nights()):
            self._desk.add(self._morning(day + ONE_DAY), DRAFTS, self._propose)
            self._desk.add(self._morning(day + timedelta(days=_ANSWERED_AFTER)), self._desk.manager,
                           lambda work, day=day: self._answer(work, day))  # fmt: skip
        if self._luck.random() < _BY_HAND:
            self._desk.add(self._morning(self._desk.subject.day(self._course.begins) + 3 * ONE_DAY),
                           self._desk.manager, self._enter)  # fmt: skip
        if self._luck.random() < _DELAYED:
            at = self._desk.slot(self._course.begins + timedelta(hours=20))
            self._desk.while_here(at, self._desk.manager, self._delay)

    def _morning(self, day: date) -> datetime:
        zone = self._desk.subject.zone
        return self._desk.slot(instant_of(day, time(8, 0), zone))

    def _nights(self) -> set[date]:
        """Nights in which something is open that may cost the day."""
        until = self._desk.subject.row.left_at or self._desk.house.until
        spans = [(one.since, one.until or until) for one in self._waits]
        if self._course.ready_at is not None:
            spans.append((self._course.ready_at, until))
        found: set[date] = set()
        for since, end in spans:
            day, last = self._desk.subject.day(since), self._desk.subject.day(min(end, until))
            while day < last:
                found.add(day)
                day += ONE_DAY
        return found

    def _propose(self, work: Work) -> None:
        made = refresh(work, [self._desk.subject.id])
        if work.written:
            work.record(DraftsComputed(stays=1, changed=made))

    def _answer(self, work: Work, day: date) -> None:
        """Answer what is proposed for this night or an earlier one; an answer may end other proposals."""
        answered = False
        for one in sorted(drafts_of(work, self._desk.subject.id), key=lambda one: one.day):
            if one.day <= day and (not answered or self._stands(work, one)):
                self._answer_one(work, one)
                answered = True

    def _stands(self, work: Work, one: Draft) -> bool:
        return any(other.id == one.id for other in drafts_of(work, one.encounter_id))

    def _answer_one(self, work: Work, one: Draft) -> None:
        chance = self._luck.random()
        if one.rule == DraftRule.APPEAL or chance < CONFIRMED:
            confirm_draft(work, one.id)
        elif chance < CONFIRMED + CHANGED:
            code = self._luck.choice([code for code in _OTHERS if code != one.code])
            words = "The team agreed at rounds that this was what kept the patient."
            record_day(work, one.encounter_id, RecordDay(day=one.day, code=code, override=words, explanation=words))
        elif chance < CONFIRMED + CHANGED + REJECTED:
            reject_draft(work, one.id, RejectDraft(reason=self._luck.choice(_REASONS)))

    def _enter(self, work: Work) -> None:
        """A day that no rule proposes: a service was waited for while the patient was still acute."""
        stay = self._desk.subject.id
        days = stay_days(work, [stay]).get(stay)
        day = self._desk.subject.day(work.now) - ONE_DAY
        if days is None or days.why_not(day) or days.is_held(day) or self._known(work, day):
            return
        record_day(work, stay, RecordDay(day=day, code=self._luck.choice(_PROGRESS),
                                         explanation="The test was put off to the next day."))  # fmt: skip

    def _known(self, work: Work, day: date) -> bool:
        stay = self._desk.subject.id
        entries = (one.day for one in queries.standing_entries(work, stay))
        return day in {*entries, *(one.day for one in drafts_of(work, stay))}

    def _delay(self, work: Work) -> None:
        since, until = (work.now - timedelta(hours=hours) for hours in (4, 1))
        local = [at.astimezone(self._desk.subject.zone) for at in (since, until)]
        ask = RecordDelay(
            since_on=local[0].date(), since_at=local[0].time(), until_on=local[1].date(), until_at=local[1].time(),
            code=self._luck.choice(("HS-02", "HS-11", "PA-09")), explanation="Waited for a slot.",
        )  # fmt: skip
        if since >= self._course.begins:
            record_delay(work, self._desk.subject.id, ask)
