"""The plan of a stay: screen, evaluation, expected date, disposition, goals and milestones, readiness, barriers."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.demo.planners.desk import SOCIAL_WORKER, Course, Desk
from app.discharge.assessment.commands import record_screen, sign_assessment
from app.discharge.assessment.forms import RecordScreen, WriteAssessment
from app.discharge.assessment.terms import Discussed, Need
from app.discharge.plan.barriers.commands import MoveBarrier, RaiseBarrier, move_barrier, raise_barrier
from app.discharge.plan.commands import (
    LookAtPlan,
    SetDisposition,
    SetExpectedDate,
    look_at_plan,
    set_disposition,
    set_expected_date,
)
from app.discharge.plan.items.commands import AddItem, MoveItem, add_item, move_item
from app.discharge.plan.terms import BarrierAction, Confidence, DateReason, ItemAction, ItemPart
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.discharge.terms import BarrierKind, CareType, Discipline, MilestoneKind
from app.kernel.days import ONE_DAY, instant_of
from app.platform.work import Work

_K = BarrierKind
_SCREENED_LATE, _NOT_SCREENED, _PASSED = 0.05, 0.03, 0.06
_SECOND_CHOICE = {
    CareType.HOME: CareType.HOME_HEALTH, CareType.HOME_HEALTH: CareType.SNF, CareType.SNF: CareType.HOME_HEALTH,
    CareType.IRF: CareType.SNF, CareType.LTCH: CareType.SNF, CareType.HOSPICE_HOME: CareType.HOSPICE_FACILITY,
}  # fmt: skip
_ACUTE_WAITS = (_K.CONSULT, _K.IMAGING, _K.PROCEDURE, _K.THERAPY, _K.TRANSITION, _K.MEDICINE)
"""What patients wait for while they still need the hospital."""
_HOME = (_K.RIDE, _K.CAREGIVER, _K.HOME, _K.EQUIPMENT, _K.MEDICINE, _K.TEACHING, _K.ORDER)
_LAST_WAITS = {
    CareType.HOME_HEALTH: (_K.HOME_HEALTH, _K.CAREGIVER, _K.EQUIPMENT, _K.TEACHING),
    CareType.SNF: (_K.FACILITY_BED, _K.FACILITY_DECLINES, _K.PAYER, _K.CHOICE, _K.PASRR),
    CareType.NF: (_K.MEDICAID, _K.DOCUMENTS, _K.GUARDIAN, _K.FACILITY_BED),
    CareType.IRF: (_K.REHABILITATION, _K.PAYER, _K.CHOICE),
    CareType.LTCH: (_K.LONG_TERM_CARE, _K.PAYER),
    CareType.HOSPICE_HOME: (_K.HOSPICE, _K.GOALS, _K.EQUIPMENT),
    CareType.HOSPICE_FACILITY: (_K.HOSPICE, _K.GOALS),
}
"""What patients wait for who do not."""
_ACUTE_SHARE, _LAST_SHARE, _WITH_TERM = 0.22, 0.7, 0.6
_DETAILS = {
    _K.CONSULT: "Asked this morning, no answer yet.", _K.PAYER: "Sent with therapy notes, no answer.",
    _K.IMAGING: "On the list, no slot named.", _K.FACILITY_BED: "Two facilities hope for a bed this week.",
    _K.RIDE: "Daughter comes after work.", _K.CAREGIVER: "Son is asked whether he can stay for a week.",
    _K.EQUIPMENT: "Bed and commode are ordered.", _K.THERAPY: "Walking test is open.",
}  # fmt: skip
_GOALS = (
    ("Climbs a flight of stairs with a rail", "Walking test with therapy"),
    ("Walks to the bathroom without help", "Seen by nursing twice"),
    ("Gives own injections", "Shown back on two days"),
)
_DOMAIN_POINTS = ("walking", "self_care", "decline", "equipment", "medicines", "lives_alone", "stairs", "wound")


class Wait(NamedTuple):
    """A barrier of the course: its kind, when it is raised, when it is out of the way (None: it is not)."""

    kind: BarrierKind
    since: datetime
    until: datetime | None


class Planning:
    """Whoever plans for one stay."""

    def __init__(self, desk: Desk, course: Course) -> None:
        self._desk, self._course = desk, course
        self._luck = desk.luck("plan")

    def begin(self) -> list[Wait]:
        """Note everything that comes; returns what the patient waits for, for whoever counts lost days."""
        desk, course = self._desk, self._course
        if self._luck.random() >= _NOT_SCREENED:
            late = timedelta(days=2) if self._luck.random() < _SCREENED_LATE else timedelta(0)
            self._desk.while_here(desk.slot(course.begins + late), desk.manager, self._screen)
        self._dates()
        self._readiness()
        waits = self._waits()
        for one in waits:
            desk.while_here(one.since, self._owner(one.kind), lambda work, one=one: self._raise(work, one))
        return waits

    # --- screen and evaluation ----------------------------------------------------------------------------------------

    def _screen(self, work: Work) -> None:
        needs = [need for need, chance in self._chances(work.now) if self._luck.random() < chance]
        record_screen(work, self._desk.subject.id, RecordScreen(needs=needs))
        at = self._desk.slot(work.now)
        if needs and self._luck.random() < 0.92:
            self._desk.while_here(at, self._desk.manager, self._evaluate)
        else:
            self._desk.while_here(at, self._desk.manager, self._decide_place)

    def _chances(self, now: datetime) -> list[tuple[Need, float]]:
        old = self._desk.subject.age(now) >= 80
        away = self._course.goes_to is not CareType.HOME
        return [
            (Need.AGE, 1.0 if old else 0.0), (Need.FUNCTION, 0.75 if away else 0.1), (Need.ALONE, 0.18),
            (Need.CRITICAL, 0.8 if self._desk.subject.row.unit == "ICU" else 0.03), (Need.EQUIPMENT, 0.12),
            (Need.COGNITION, 0.12 if old else 0.03), (Need.HOUSING, 0.02),
        ]  # fmt: skip

    def _evaluate(self, work: Work) -> None:
        place = self._course.goes_to
        ask = WriteAssessment(
            points=self._luck.sample(_DOMAIN_POINTS, self._luck.randint(1, 4)),
            notes={"functional": "Walked alone before this stay; needs one person now."},
            caregiver="Daughter lives ten minutes away and can come in the evening.",
            goals="Wants to be at home as soon as that is safe.",
            preferences="Near the family.", services=[place.value],
            discussed=Discussed.BOTH if self._luck.random() < 0.4 else Discussed.PATIENT, discussed_with="Patient",
        )  # fmt: skip
        sign_assessment(work, self._desk.subject.id, ask)
        self._decide_place(work)
        self._items(work)

    def _decide_place(self, work: Work) -> None:
        place = self._course.goes_to
        ask = SetDisposition(going_to=place, backup=_SECOND_CHOICE.get(place), agreed_with="Patient")
        set_disposition(work, self._desk.subject.id, ask)

    def _items(self, work: Work) -> None:
        stay, wording = self._desk.subject.id, self._luck.choice(_GOALS)
        by = max(self._course.ends, self._desk.subject.day(work.now))
        asked = [AddItem(part=ItemPart.GOAL, wording=wording[0], measure=wording[1], due_on=by)]
        kinds = self._luck.sample((MilestoneKind.THERAPY_EVALUATION, MilestoneKind.MEDICINES, MilestoneKind.LINES_OUT,
                                   MilestoneKind.TEACHING), 2)  # fmt: skip
        asked += [AddItem(part=ItemPart.MILESTONE, kind=kind) for kind in kinds]
        if self._luck.random() < 0.3:
            task = "Ask the family for the key of the house"
            asked.append(AddItem(part=ItemPart.TASK, wording=task, discipline=Discipline.SOCIAL_WORK, due_on=by))
        for ask in asked:
            made = add_item(work, stay, ask).item_id
            wait = timedelta(hours=self._luck.randint(10, 70))
            if self._luck.random() < 0.85:
                self._desk.while_here(
                    self._desk.slot(work.now + wait), self._desk.manager,
                    lambda work, made=made: move_item(work, made, MoveItem(action=ItemAction.FINISH)),
                )  # fmt: skip

    # --- the expected date --------------------------------------------------------------------------------------------

    def _dates(self) -> None:
        """Set on the first morning, looked at every other day, moved where it is over or the course says otherwise."""
        desk, course = self._desk, self._course
        error = self._luck.choice((0, 0, 1, 1, 2, 3))
        first = max(desk.subject.day(course.begins) + ONE_DAY, course.ends - timedelta(days=error))
        desk.while_here(course.begins, desk.manager, lambda work: self._expect(work, first))
        at, expected = course.begins, first
        passed = desk.subject.row.left_at is None and self._luck.random() < _PASSED
        last = desk.house.until - timedelta(days=3) if passed else desk.house.until
        while True:
            at = desk.slot(instant_of(desk.subject.day(at) + ONE_DAY, time(8, 0), desk.subject.zone))
            if at > last or not desk.subject.here(at):
                return
            day = desk.subject.day(at)
            if expected <= day and course.ends > day:
                expected = min(course.ends, day + timedelta(days=self._luck.randint(1, 2)))
                desk.add(at, desk.manager, lambda work, to=expected: self._expect(work, to))
            elif (day - desk.subject.day(course.begins)).days % 2 == 0:
                desk.add(at, desk.manager, lambda work: look_at_plan(work, desk.subject.id, LookAtPlan()))

    def _expect(self, work: Work, on: date) -> None:
        because = self._luck.choice((DateReason.CLINICAL, DateReason.CLINICAL, DateReason.PLACEMENT, DateReason.PAYER))
        ask = SetExpectedDate(expected_on=on, because=because, confidence=self._luck.choice(list(Confidence)))
        set_expected_date(work, self._desk.subject.id, ask)

    # --- readiness and what is in the way -----------------------------------------------------------------------------

    def _readiness(self) -> None:
        course = self._course
        for at, kind in ((course.ready_at, StatementKind.READY), (course.ordered_at, StatementKind.ORDERED)):
            if at is not None:
                self._desk.while_here(at, self._desk.manager, lambda work, kind=kind: self._state(work, kind))

    def _state(self, work: Work, kind: StatementKind) -> None:
        physician = self._desk.subject.row.attending or "Attending physician"
        state(work, self._desk.subject.id, State(kind=kind, physician=physician[:120]), own=False)

    def _waits(self) -> list[Wait]:
        desk, course, luck = self._desk, self._course, self._luck
        found: list[Wait] = []
        ready = course.ready_at or desk.subject.row.left_at or desk.house.until
        if ready - course.begins > timedelta(days=2) and luck.random() < _ACUTE_SHARE:
            since = desk.slot(course.begins + timedelta(hours=luck.randint(6, 40)))
            until = desk.slot(since + timedelta(hours=luck.randint(5, 44)))
            if since < ready:
                found.append(Wait(luck.choice(_ACUTE_WAITS), since, min(until, ready)))
        if course.ready_at is not None and luck.random() < _LAST_SHARE:
            since = max(course.begins, desk.slot(course.ready_at - timedelta(hours=luck.choice((1, 1, 20, 30)))))
            kind = luck.choice(_LAST_WAITS.get(course.goes_to, _HOME))
            left = desk.subject.row.left_at
            ends = desk.slot(left - timedelta(hours=luck.randint(5, 12))) if left is not None else None
            if left is None or since < left:
                found.append(Wait(kind, since, ends))
        return found

    def _owner(self, kind: BarrierKind) -> str:
        return SOCIAL_WORKER if kind.usual_owner is Discipline.SOCIAL_WORK else self._desk.manager

    def _raise(self, work: Work, one: Wait) -> None:
        desk = self._desk
        due = desk.subject.day(work.now) + timedelta(days=self._luck.randint(1, 4))
        term = due if self._luck.random() < _WITH_TERM else None
        ask = RaiseBarrier(kind=one.kind, detail=_DETAILS.get(one.kind, ""), due_on=term)
        made = raise_barrier(work, desk.subject.id, ask).barrier_id
        if one.until is not None:
            at = max(desk.slot(work.now), one.until)
            if desk.subject.row.left_at is not None and at >= desk.subject.row.left_at:
                at = desk.slot(desk.subject.row.left_at)
            desk.add(at, self._owner(one.kind), lambda work: self._resolve(work, made))

    def _resolve(self, work: Work, made: uuid.UUID) -> None:
        left = self._desk.subject.row.left_at
        ask = MoveBarrier(action=BarrierAction.RESOLVE, note="Settled.")
        if left is not None and left < work.now:  # written down afterwards: it was out of the way when the patient left
            local = left.astimezone(self._desk.subject.zone)
            ask = ask.model_copy(update={"on": local.date(), "at": local.time().replace(second=0, microsecond=0)})
        move_barrier(work, made, ask)
