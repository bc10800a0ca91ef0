"""Talks about a stay: signs of serious illness and what follows, weekly conferences, the review of complex cases."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from app.demo.nurses.staff import LEAD
from app.demo.plan import Plan
from app.demo.planners.desk import SOCIAL_WORKER, Course, Desk
from app.discharge.illness.commands import answer_signs, hold_meeting, record_planning, tell_sign
from app.discharge.illness.forms import AnswerSigns, HoldMeeting, RecordPlanning, TellSign
from app.discharge.illness.queries import cases
from app.discharge.illness.terms import Basis, CaseAction, CodeStatus, Document, MeetingOutcome, Sign, WhyNot
from app.discharge.rounds.cases import PutOnList, ReviewCase, put_on_list, review_case
from app.discharge.rounds.commands import (
    BeginConference,
    SetAction,
    StepAction,
    WriteNote,
    begin_conference,
    set_action,
    step_action,
    write_note,
)
from app.discharge.rounds.terms import ActionStep
from app.kernel.days import ONE_DAY, instant_of, local_day
from app.platform.work import Who, Work, begin, everywhere, reading

Held = Mapping[tuple[str, str], Sequence[tuple[datetime, uuid.UUID]]]
"""The conferences of each unit by facility and unit: when, and their keys."""
_WHO = everywhere("demo")
_WEEKS, _WEDNESDAY, _HOUR, _LASTS = 4, 2, time(14, 0), timedelta(minutes=40)
_UNITS = "select f.id, f.code, u.code from unit u join facility f on f.id = u.facility_id order by f.code, u.code"
_CONFERENCES = """
select f.code, c.unit, c.held_at, c.id from conference c join facility f on f.id = c.facility_id
where c.ended_at is null order by c.held_at
"""
_WITHOUT = frozenset({"ED", "OBS"})
_LONG = timedelta(days=10)
_TOLD, _SPOKEN_OF, _FINISHED = 0.06, 0.5, 0.75
_TASKS = ("Call the daughter about the stairs", "Ask for the walking test", "Find out who signs for the patient",
          "Send the notes to the plan", "Ask the pharmacy for the price")  # fmt: skip
_WORDS = ("Waits for a place; two vendors still think.", "Goes on well; home at the end of the week.",
          "Family wants to speak with the physician.", "Therapy sees the patient today.")  # fmt: skip


def hold_conferences(plan: Plan, people: Mapping[str, Who], units: Mapping[str, str]) -> Held:
    """Every unit with a case manager confers on Wednesdays; the last weeks are on record. Returns all of them.

    Nobody leads two at once. Writing a note holds its conference until the end of the transaction, and what is done
    about some stays is one: only with an hour for each do all of them take their conferences in the same order.
    """
    with reading(_WHO) as view:
        known = bool(view.value("select true from conference limit 1"))
        places = view.rows(lambda *row: row, _UNITS)
    today = local_day(plan.now, plan.zone)
    first = today - timedelta(days=(today.weekday() - _WEDNESDAY) % 7)
    for week in [] if known else range(_WEEKS):
        begins = instant_of(first - timedelta(weeks=week), _HOUR, plan.zone)
        led = Counter[str]()
        for house, _, unit in places:
            if unit not in units or unit in _WITHOUT:
                continue
            at = begins + led[units[unit]] * _LASTS
            led[units[unit]] += 1
            if plan.start < at <= plan.now:
                with begin(people[units[unit]], at=at) as work:
                    ask = BeginConference(people="Case management, nursing, therapy, pharmacy")
                    begin_conference(work, (house, unit), ask, plan.zone)
    found: dict[tuple[str, str], list[tuple[datetime, uuid.UUID]]] = {}
    with reading(_WHO) as view:
        for code, unit, at, key in view.rows(lambda *row: row, _CONFERENCES):
            found.setdefault((code, unit), []).append((at, key))
    return found


class Talks:
    """Those who talk about one patient."""

    def __init__(self, desk: Desk, course: Course, held: Held) -> None:
        self._desk, self._course, self._held = desk, course, held
        self._luck = desk.luck("talks")

    def begin(self) -> None:
        """Conferences while the patient is here, reviews of long stays, what follows from signs of serious illness."""
        desk, course, row = self._desk, self._course, self._desk.subject.row
        for at, key in self._held.get((row.facility, row.unit), ()):
            if at > course.begins and self._luck.random() < _SPOKEN_OF:
                desk.while_here(at, desk.manager, lambda work, key=key: self._confer(work, key))
        at = desk.slot(course.begins + _LONG)
        if desk.recent and self._luck.random() < 0.6:
            desk.while_here(at, LEAD, self._put_on)
        # A stay that has ended opens no question, so that only present ones have answers.
        if row.left_at is None and self._luck.random() < _TOLD:
            desk.while_here(desk.slot(course.begins + timedelta(hours=30)), desk.manager, self._tell)

    # --- conferences and complex cases --------------------------------------------------------------------------------

    def _confer(self, work: Work, key: uuid.UUID) -> None:
        stay, due = self._desk.subject.id, self._day(work) + timedelta(days=self._luck.randint(1, 4))
        write_note(work, key, stay, WriteNote(said=self._luck.choice(_WORDS)))
        if self._luck.random() < 0.5:
            ask = SetAction(what=self._luck.choice(_TASKS), owner="Case management", due_on=due, conference_id=key)
            made = set_action(work, stay, ask).action_id
            if self._luck.random() < _FINISHED:
                at = self._desk.slot(work.now + timedelta(hours=self._luck.randint(10, 60)))
                self._desk.add(at, self._desk.manager,
                               lambda work: step_action(work, made, ActionStep.FINISH, StepAction()))  # fmt: skip

    def _day(self, work: Work) -> date:
        return self._desk.subject.day(work.now)

    def _put_on(self, work: Work) -> None:
        put_on_list(work, self._desk.subject.id, PutOnList(owner="Ruth Engstrom"))
        self._later(work, timedelta(days=4), LEAD, self._review)

    def _review(self, work: Work) -> None:
        ask = ReviewCase(owner="Ruth Engstrom", barrier=self._luck.choice(_WORDS),
                         next_step=self._luck.choice(_TASKS), due_on=self._day(work) + 7 * ONE_DAY)  # fmt: skip
        review_case(work, self._desk.subject.id, ask)
        self._later(work, timedelta(days=6, hours=18), LEAD, self._review)

    def _later(self, work: Work, wait: timedelta, person: str, deed: Callable[[Work], None]) -> None:
        self._desk.while_here(self._desk.slot(work.now + wait), person, deed)

    # --- serious illness ----------------------------------------------------------------------------------------------

    def _tell(self, work: Work) -> None:
        sign = self._luck.choice((Sign.SYMPTOMS, Sign.NO_GOALS, Sign.COMPLEX_CARE, Sign.DISTRESS))
        tell_sign(work, self._desk.subject.id, TellSign(sign=sign, evidence="Said at the bedside by the family"))
        self._later(work, timedelta(hours=2), self._desk.manager, self._answer)

    def _answer(self, work: Work) -> None:
        stay, chance = self._desk.subject.id, self._luck.random()
        if stay not in cases(work, [stay]):
            return
        if chance < 0.15:
            answer_signs(work, stay, AnswerSigns(action=CaseAction.DISMISS, why=WhyNot.KNOWN_ALREADY))
            return
        if chance < 0.35:
            ask = AnswerSigns(action=CaseAction.DEFER, why=WhyNot.TEAM_TALKS, return_on=self._day(work) + 6 * ONE_DAY)
            answer_signs(work, stay, ask)
            return
        answer_signs(work, stay, AnswerSigns(action=CaseAction.ORDER_CONSULT))
        self._later(work, timedelta(hours=self._luck.randint(6, 22)), self._desk.manager, self._see)
        self._later(work, timedelta(hours=self._luck.randint(26, 60)), SOCIAL_WORKER, self._meet)

    def _see(self, work: Work) -> None:
        answer_signs(work, self._desk.subject.id, AnswerSigns(action=CaseAction.SEE))

    def _meet(self, work: Work) -> None:
        stay = self._desk.subject.id
        status = CodeStatus.DNR if self._luck.random() < 0.5 else CodeStatus.FULL
        planning = RecordPlanning(
            documents=[Document.DIRECTIVE], documents_seen=[Document.DIRECTIVE], code_status=status,
            surrogate="Daughter", basis=Basis.APPOINTED, goals="Comfort, and to be at home.",
        )  # fmt: skip
        record_planning(work, stay, planning)
        outcome = self._luck.choice((MeetingOutcome.GOALS_AGREED, MeetingOutcome.TRIAL, MeetingOutcome.COMFORT))
        ask = HoldMeeting(present="Patient, daughter, attending", outcome=outcome, minutes=self._luck.randint(20, 50),
                          agreed="Treatment goes on and is looked at again.", hospice_considered=True)  # fmt: skip
        hold_meeting(work, stay, ask)
