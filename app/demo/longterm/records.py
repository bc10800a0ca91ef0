"""What is recorded of a long-term stay: validation, orientation, conferences, wounds, transfers back."""

import uuid
from datetime import timedelta
from random import Random

from app.demo.longterm.desk import MANAGER, NURSE, Desk
from app.demo.longterm.subjects import TO_ACUTE
from app.ltac.course.commands import record_course
from app.ltac.course.forms import (
    CheckWound,
    FindWound,
    HoldConference,
    OrientFamily,
    TransferBack,
    ValidateAdmission,
)
from app.ltac.course.terms import GoalStatus, Origin, Preventability, Stage, TransferReason, WoundKind
from app.platform.work import Work

_WEEK = timedelta(days=7)
_NOT_MET, _UNVALIDATED, _UNTOLD, _NOBODY, _MISSED, _OTHER_WOUND = 0.04, 0.04, 0.05, 0.06, 0.05, 0.15
_SITES = {
    "L89": ("Sacrum", WoundKind.PRESSURE, Stage.FOUR), "L97": ("Right heel", WoundKind.DIABETIC, None),
    "M86": ("Right ankle", WoundKind.SURGICAL, None), "T81": ("Midline incision", WoundKind.SURGICAL, None),
    "T84": ("Right hip incision", WoundKind.SURGICAL, None),
}  # fmt: skip
_OTHERS = (("Left heel", Stage.TWO), ("Sacrum", Stage.TWO), ("Sacrum", Stage.THREE), ("Right hip", Stage.DEEP_TISSUE))
_CRITERIA = (
    "Ventilator weaning with a physician seeing the patient every day.",
    "Wound of full thickness with infection; daily skilled care and a physician every day.",
    "Several active conditions that a physician has to treat every day.",
)
_DECIDED = (
    "Go on as planned; look at everything again in a week.",
    "More hours out of bed from tomorrow on; the family learns the care.",
    "Lower level of care to be asked for; placement looks at two places.",
    "Antibiotics until Friday, then blood tests.",
    "Family meeting on goals of care this week.",
)  # fmt: skip
_BARRIERS = ("", "", "Plan of the payer has not answered", "No place with dialysis found yet", "Nobody at home by day")
_TRANSFERS = (
    (TransferReason.RESPIRATORY, 30), (TransferReason.SEPSIS, 30), (TransferReason.BLEEDING, 12),
    (TransferReason.CARDIAC, 14), (TransferReason.PROCEDURE, 8), (TransferReason.DEVICE, 6),
)  # fmt: skip
_JUDGED = (Preventability.DEFINITELY_NOT, Preventability.PROBABLY_NOT, Preventability.PROBABLY_NOT,
           Preventability.POSSIBLY, Preventability.PROBABLY)  # fmt: skip


class Records:
    """Whoever records for one stay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("records")

    def begin(self) -> None:
        """Note what is recorded in the first days, each week, and at the end."""
        desk = self._desk
        fresh = desk.subject.row.began_at >= desk.house.start
        if fresh and self._luck.random() >= _UNVALIDATED:
            desk.while_here(desk.slot(desk.begins + timedelta(hours=self._luck.randint(4, 30))), NURSE, self._validate)
        if fresh and self._luck.random() >= _UNTOLD:
            desk.while_here(desk.slot(desk.begins + timedelta(hours=self._luck.randint(8, 54))), MANAGER, self._orient)
        self._plan_conferences()
        self._plan_wounds()
        left = desk.subject.row.left_at
        if left is not None and desk.subject.row.disposition == TO_ACUTE:
            desk.add(desk.slot(left), MANAGER, self._transfer)

    # --- the first days ----------------------------------------------------------------------------------------------

    def _validate(self, work: Work) -> None:
        met = self._luck.random() >= _NOT_MET
        criterion = _CRITERIA[0] if self._desk.subject.ventilated else self._luck.choice(_CRITERIA[1:])
        options = "" if met else "Skilled nursing facility with daily therapy; home with infusion."
        ask = ValidateAdmission(met=met, criterion=criterion, judged_by="Ramon Castell, MD", options=options)
        record_course(work, self._desk.subject.id, ask)

    def _orient(self, work: Work) -> None:
        if self._luck.random() < _NOBODY:
            ask = OrientFamily(given=False, reason="No family could be reached; a letter was sent.")
        else:
            ask = OrientFamily(to_whom=self._luck.choice(("Daughter", "Wife", "Husband", "Son", "Patient and sister")),
                               topics="Goals of the stay, visiting, weekly conference, what comes after.")  # fmt: skip
        record_course(work, self._desk.subject.id, ask)

    # --- each week ---------------------------------------------------------------------------------------------------

    def _plan_conferences(self) -> None:
        """On one weekday of each unit's week, the first within seven days of the admission."""
        desk = self._desk
        at, number = desk.subject.row.began_at + timedelta(days=5, hours=20), 1
        while at < desk.ends:
            slot = desk.end_of_shift(desk.subject.day(at))
            if slot >= desk.begins and self._luck.random() >= _MISSED and (desk.recent or number == 1):
                desk.while_here(slot, MANAGER, lambda work, number=number: self._confer(work, number))
            at, number = at + _WEEK, number + 1

    def _confer(self, work: Work, number: int) -> None:
        ventilated = self._desk.subject.ventilated
        status = GoalStatus.NEW if number == 1 else self._luck.choice((GoalStatus.ON_THE_WAY, GoalStatus.ON_THE_WAY,
                                                                       GoalStatus.STALLED, GoalStatus.MET))  # fmt: skip
        ask = HoldConference(
            physician="Attending of the unit", nursing="Charge nurse",
            respiratory="RT of the unit" if ventilated else "", rehabilitation="PT and OT",
            case_management="Lena Whitacre", goal_medical="Infection treated, no fever", status_medical=status,
            goal_respiratory="Collar by day" if ventilated else "", status_respiratory=status,
            goal_rehabilitation="Sits at the edge of the bed for ten minutes", status_rehabilitation=status,
            goal_discharge="Place for the time after is known", decided=self._luck.choice(_DECIDED),
            barriers=self._luck.choice(_BARRIERS), next_on=self._desk.subject.day(work.now) + _WEEK,
        )  # fmt: skip
        record_course(work, self._desk.subject.id, ask)

    # --- wounds ------------------------------------------------------------------------------------------------------

    def _plan_wounds(self) -> None:
        luck, code = self._desk.luck("wounds"), self._desk.subject.code[:3]
        if code in _SITES:
            site, kind, stage = _SITES[code]
            self._plan_wound(luck, FindWound(site=site, kind=kind, treatment="Dressing every day"), stage)
        if luck.random() < _OTHER_WOUND:
            site, stage = luck.choice(_OTHERS)
            origin = luck.choice((Origin.PRESENT, Origin.PRESENT, Origin.ACQUIRED))
            self._plan_wound(luck, FindWound(site=site, origin=origin, treatment="Turned every two hours"), stage)

    def _plan_wound(self, luck: Random, ask: FindWound, stage: Stage | None) -> None:
        late = timedelta(days=luck.randint(6, 12)) if ask.origin is Origin.ACQUIRED else timedelta(hours=3)
        size = (luck.uniform(3, 9), luck.uniform(2, 6), luck.uniform(0.3, 2.5))
        shrinks = luck.uniform(0.72, 1.04)

        def find(work: Work) -> None:
            wound = record_course(work, self._desk.subject.id, ask).record_id
            self._check(work, wound, stage, size, shrinks)

        self._desk.while_here(self._desk.slot(self._desk.begins + late), MANAGER, find)

    def _check(
        self, work: Work, wound: uuid.UUID, stage: Stage | None, size: tuple[float, float, float], shrinks: float
    ) -> None:
        length, width, depth = (round(part, 1) for part in size)
        ask = CheckWound(wound=wound, stage=stage, length=length, width=width, depth=depth,
                         next_on=self._desk.subject.day(work.now) + _WEEK)  # fmt: skip
        record_course(work, self._desk.subject.id, ask)
        smaller = (size[0] * shrinks, size[1] * shrinks, size[2] * shrinks)
        at = self._desk.slot(work.now + _WEEK - timedelta(hours=3))
        self._desk.while_here(at, MANAGER, lambda work: self._check(work, wound, stage, smaller, shrinks))

    # --- the end -----------------------------------------------------------------------------------------------------

    def _transfer(self, work: Work) -> None:
        left = self._desk.subject.row.left_at
        assert left is not None, "it is recorded of those who left"
        local = left.astimezone(self._desk.subject.zone)
        reason = self._luck.choices([one for one, _ in _TRANSFERS], [share for _, share in _TRANSFERS])[0]
        judged = self._luck.choice(_JUDGED)
        ask = TransferBack(
            on=local.date(), at=local.time().replace(second=0, microsecond=0), reason=reason,
            planned=reason is TransferReason.PROCEDURE, preventable=judged,
            judged_because="Looked at by the team in its next conference.", where="Tamarack Bay Hospital",
        )  # fmt: skip
        record_course(work, self._desk.subject.id, ask)
