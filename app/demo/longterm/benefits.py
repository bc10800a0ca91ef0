"""What is recorded about payment days: earlier use, the choice about reserve days, where patients were while away."""

from datetime import date, datetime, timedelta

from app.demo.longterm.desk import MANAGER, Desk
from app.ltac.days.commands import record_entry
from app.ltac.days.forms import AwayForm, EarlierUseForm, EvidenceForm, ReserveForm
from app.ltac.days.terms import Destination, ReserveChoice, Told
from app.platform.work import Work

MEDICARE = "MCRAB"
_CHECKED, _TOLD_AWAY, _KEPT = 0.85, 0.8, 0.25
_USED = ((8, 25), (20, 45), (35, 62), (55, 88))
_SHARES = (46, 28, 16, 10)
_RESERVES = (60, 60, 60, 60, 48, 31, 7)
_TALKED_AT = 80  # day of the benefit period on which reserve days are talked about
_LONGEST = 90
_PLACES = ((Destination.ACUTE, "Tamarack Bay Hospital"), (Destination.ACUTE, "Tamarack Bay Hospital"),
           (Destination.HOME, "Home of the daughter"))  # fmt: skip


class Benefits:
    """Whoever keeps the payment days of one stay."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._luck = desk.luck("benefits")

    def begin(self) -> None:
        """The eligibility check on the day after the admission, what follows from it, and each absence."""
        desk, subject = self._desk, self._desk.subject
        first = desk.slot(desk.begins + timedelta(hours=3))
        if subject.payer is not None and subject.payer.plan == MEDICARE:
            if self._luck.random() < _CHECKED:
                used = self._luck.randint(*self._luck.choices(_USED, _SHARES)[0])
                desk.while_here(first, MANAGER, lambda work: self._check(work, used))
                self._plan_choice(used)
            if subject.row.began_at < desk.house.start or subject.before.returns:
                desk.while_here(first, MANAGER, self._prove)
        for left, back in subject.leaves:
            if self._luck.random() < _TOLD_AWAY:
                self._plan_away(left, back)

    def _check(self, work: Work, used: int) -> None:
        """The patient comes from a hospital: its days are used days of the period."""
        came = self._desk.subject.day(self._desk.subject.row.began_at)
        began = came - timedelta(days=used + self._luck.randint(0, 20))
        ask = EarlierUseForm(
            as_of=came, source=self._luck.choice((Told.ELIGIBILITY, Told.ELIGIBILITY, Told.CONTRACTOR)), used=used,
            reserve_left=self._luck.choice(_RESERVES), period_began=began, last_out=came,
        )  # fmt: skip
        record_entry(work, self._desk.subject.id, ask)

    def _plan_choice(self, used: int) -> None:
        """Some days before the ninetieth the patient is asked about reserve days."""
        after = self._desk.subject.row.began_at + timedelta(days=max(1, _TALKED_AT - used))
        if used < _LONGEST:
            self._desk.while_here(self._desk.slot(after), MANAGER, self._choose)

    def _choose(self, work: Work) -> None:
        keeps = self._luck.random() < _KEPT
        ask = ReserveForm(choice=ReserveChoice.KEEP if keeps else ReserveChoice.USE, told_on=self._today(work),
                          agreed_with="Patient and daughter")  # fmt: skip
        record_entry(work, self._desk.subject.id, ask)

    def _today(self, work: Work) -> date:
        return self._desk.subject.day(work.now)

    def _prove(self, work: Work) -> None:
        """Of stays without a referral somebody reads the record of the acute hospital."""
        ask = EvidenceForm(preceded="yes", intensive_days=self._luck.choice((0, 2, 4, 6, 9)), excluded="no",
                           source="Discharge record of the acute hospital")  # fmt: skip
        record_entry(work, self._desk.subject.id, ask)

    def _plan_away(self, left: datetime, back: datetime | None) -> None:
        to, place = self._luck.choice(_PLACES)
        ask = AwayForm(left_at=left, to=to, place=place)
        at = self._desk.slot(left + timedelta(hours=2) if back is None else back)
        self._desk.add(at, MANAGER, lambda work: record_entry(work, self._desk.subject.id, ask))
