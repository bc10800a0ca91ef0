"""Finding a place: a list for the patient, referrals, answers of vendors, the choice, the payer, bed and ride."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

from app.demo.planners.answering import Answering
from app.demo.planners.booking import Booking
from app.demo.planners.desk import Course, Desk
from app.discharge.choice.commands import MakeList, RecordChoice, make_list, record_choice
from app.discharge.choice.queries import list_of
from app.discharge.choice.terms import Evidence, GivenHow, GivenTo
from app.discharge.referrals.asks import SendReferrals
from app.discharge.referrals.commands import send
from app.discharge.referrals.following.closing import close_all
from app.discharge.referrals.terms import ClosedBecause, ReferralState
from app.discharge.terms import CareType
from app.platform.work import Work

PLACES = frozenset({
    CareType.HOME_HEALTH, CareType.SNF, CareType.NF, CareType.IRF, CareType.LTCH, CareType.HOSPICE_HOME,
    CareType.HOSPICE_FACILITY,
})  # fmt: skip
_SOUGHT, _FOUND = 0.85, 0.85
_USUAL = ["stay", "plan", "assessment"]
_WIDENED_AFTER = timedelta(hours=22)
_OPEN = "select count(*) from referral where request_id = %s and ended_at is null and state = any(%s)"
_ACCEPTED = """
select vendor_id, referral_id from referral where request_id = %s and ended_at is null and state = 'accepted'
order by answered_at, vendor_name
"""
_NEEDS = "select count(*) from referral_request where encounter_id = %s and ended_at is null and state = 'open'"


class Placing:
    """Whoever looks for a place for one patient."""

    def __init__(self, desk: Desk, course: Course) -> None:
        self._desk, self._course = desk, course
        self._luck = desk.luck("place")
        self._list: uuid.UUID | None = None
        self._need: uuid.UUID | None = None
        self._asked: set[uuid.UUID] = set()
        self._answers = Answering(desk, course, self._luck, self._answered)
        self._chosen = False
        self._found = desk.subject.row.left_at is not None and self._luck.random() < _FOUND

    def begin(self) -> None:
        """Referrals go out some days before the departure; of present stays when the plan is made."""
        desk, course = self._desk, self._course
        if course.goes_to not in PLACES or self._luck.random() >= _SOUGHT:
            return
        left = desk.subject.row.left_at
        if left is not None:
            wanted = left - timedelta(hours=self._luck.randint(50, 110))
        else:
            wanted = (course.ready_at or course.begins) + timedelta(hours=self._luck.randint(-20, 50))
        at = desk.slot(max(wanted, course.begins + timedelta(hours=4)))
        desk.while_here(at, desk.manager, self._send)
        if left is not None:
            desk.add(desk.slot(left), desk.manager, self._close)

    def _send(self, work: Work) -> None:
        stay, care = self._desk.subject.id, self._course.goes_to
        self._list = make_list(work, stay, MakeList(care_type=care)).id
        self._ask(work, self._luck.randint(3, 6), first=True)

    def _ask(self, work: Work, count: int, *, first: bool) -> None:
        """Ask the next vendors of the list that the patient has seen."""
        assert self._list is not None, "the list was made first"
        left = [one.vendor_id for one in list_of(work, self._list).content.vendors if one.vendor_id not in self._asked]
        wanted = self._luck.sample(left, min(count, len(left)))
        if not wanted:
            return
        sections = _USUAL if self._desk.recent else []
        ask = SendReferrals(care_type=self._course.goes_to, vendors=wanted, sections=sections,
                            ready_on=self._later_day(work), message="Family asks for a place near.")  # fmt: skip
        made = send(work, self._desk.subject.id, ask, "Case management")
        self._need = made.request_id
        self._asked |= set(wanted)
        for number, one in enumerate(made.sent):
            self._answers.plan(work, one.referral_id, sure=number == 0 and (not first or self._found))
        if first:
            self._later(work, _WIDENED_AFTER, self._widen)

    def _later_day(self, work: Work) -> date:
        return max(self._course.ends, self._desk.subject.day(work.now))

    def _later(self, work: Work, wait: timedelta, deed: Callable[[Work], None]) -> None:
        self._desk.while_here(self._desk.slot(work.now + wait), self._desk.manager, deed)

    def _widen(self, work: Work) -> None:
        """Nobody accepts after a day: two more are asked."""
        good = [ReferralState.ACCEPTED.value, ReferralState.QUESTION.value]
        if self._need is not None and not self._chosen and not work.value(_OPEN, (self._need, good)):
            self._ask(work, 2, first=False)

    def _answered(self, work: Work) -> None:
        """Somebody accepts: the patient chooses, at once or a day later."""
        if not self._chosen:
            self._chosen = True
            waits = (1, 1, 2, 4) if self._found else (1, 2, 4, 8, 20, 30)
            self._later(work, timedelta(hours=self._luck.choice(waits)), self._choose)

    def _choose(self, work: Work) -> None:
        found = work.rows(lambda vendor, referral: (vendor, referral), _ACCEPTED, (self._need,))
        if not found:
            self._chosen = False
            return
        assert self._list is not None, "the list was made first"
        family = self._luck.random() < 0.15
        ask = RecordChoice(
            first=found[0][0], second=found[1][0] if len(found) > 1 else None, disclosed=True,
            given_to=GivenTo.REPRESENTATIVE if family else GivenTo.PATIENT, given_how=GivenHow.PAPER,
            recipient_name="Daughter" if family else "", relation="Daughter" if family else "", evidence=Evidence.PAPER,
        )  # fmt: skip
        record_choice(work, self._list, ask)
        Booking(self._desk, self._course, self._luck).begin(work, found[0][1])
        self._answers.maybe_withdraw(work, found[0][1])

    def _close(self, work: Work) -> None:
        """The patient has left: nobody needs to answer any more."""
        if work.value(_NEEDS, (self._desk.subject.id,)):
            close_all(work, [self._desk.subject.id], ClosedBecause.DISCHARGED)
