"""One referral from its arrival to its end, as the simulated people work on it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from app.clocks.terms import Line
from app.demo.hospital import LINES, Payer
from app.demo.longterm.desk import MANAGER
from app.demo.reviewers.agenda import Agenda
from app.demo.reviewers.hours import Shift, following
from app.ltac.screening.commands import decide, receive, record_screening, set_authorization
from app.ltac.screening.forms import Decide, Screen, SetPayer, TakeReferral
from app.ltac.screening.terms import Advice, DeclineReason, EndReason, Need, PayerState, ReferralAction, Sex, Told
from app.platform.work import Work

SISTER = ("Tamarack Bay Hospital", "240990", "Theo Brandvold")
ELSEWHERE = (
    ("Hollis Point Medical Center", "240991", "Brenna Stroud"), ("Tarn Valley Hospital", "240992", "Callum Yates"),
    ("Larkspur General Hospital", "240993", "Delphine Orr"), ("Copperfield Regional", "240994", "Edmund Vail"),
)  # fmt: skip
"""Acute hospitals around, all invented: name, certification number, who refers there."""
_ASKS_NOBODY = frozenset({Line.MEDICARE_FFS, Line.MEDICAID_FFS, Line.SELF_PAY})
WITHDRAWN = (EndReason.BETTER, EndReason.WORSE, EndReason.CHOICE)
_CONTACT = "555-0177"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whom a hospital refers.

    Attributes:
        received_at: when the referral came.
        intensive: days in intensive care as told; None when nobody told.
        unsure: the referrer has not said everything.
    """

    family: str
    given: str
    born: date
    sex: str
    received_at: datetime
    zone: ZoneInfo
    drg: str
    payer: Payer | None
    member: str = ""
    sister: bool = False
    number: str = ""
    unit: str = ""
    intensive: tuple[date, ...] | None = None
    ventilated: bool = False
    unsure: bool = False
    needs: tuple[Need, ...] = field(default=(Need.COMPLEX,))


@dataclass(frozen=True, slots=True)
class End:
    """What becomes of a referral after so many hours; without an action it stays open, screened or not."""

    action: ReferralAction | None
    hours: float = 0
    why: DeclineReason | None = None
    bed: str = ""
    bed_on: date | None = None
    screened: bool = True
    then: Callable[[Work, uuid.UUID], object] | None = None
    """Done by the same person in the same turn, once the decision stands."""


class Referring:
    """Whoever takes one referral in and works on it."""

    def __init__(self, agenda: Agenda, house: int, stay: uuid.UUID, luck: Random) -> None:
        self._agenda, self._house, self._stay, self._luck = agenda, house, stay, luck

    def begin(self, one: Candidate, end: End) -> None:
        """Note all that is done about this person."""
        self._agenda.add(one.received_at, MANAGER, self._stay, lambda work: self._take(work, one, end))

    def _take(self, work: Work, one: Candidate, end: End) -> None:
        name, number, contact = SISTER if one.sister else self._luck.choice(ELSEWHERE)
        ask = TakeReferral(
            family=one.family, given=one.given, birth=one.born, sex=Sex(one.sex if one.sex in ("F", "M") else ""),
            record_number=one.number, from_name=name, from_ccn=number, from_place=one.unit, contact=contact,
            contact_reach=_CONTACT, needs=list(one.needs), drg=one.drg, same_again=True,
            line=LINES[one.payer.line] if one.payer else None, payer_name=one.payer.name if one.payer else "",
            member_number=one.member,
            wanted_on=(one.received_at + timedelta(days=self._luck.randint(1, 3))).astimezone(one.zone).date(),
        )  # fmt: skip
        key = receive(work, self._house, ask).id
        if end.screened:
            self._later(one, self._luck.uniform(0.5, 4), lambda work: self._screen(work, key, one))
            if one.payer is not None and LINES[one.payer.line] not in _ASKS_NOBODY:
                self._later(one, self._luck.uniform(1, 5), lambda work: self._ask_payer(work, key, one, end))
        if end.action is not None:
            self._later(one, end.hours, lambda work: self._decide(work, key, end))

    def _later(self, one: Candidate, hours: float, deed: Callable[[Work], object]) -> None:
        """Note what is done so many hours after the referral came: such a house answers at night too."""
        at = one.received_at + timedelta(hours=hours)
        self._agenda.add(at, MANAGER, self._stay, deed)

    def _screen(self, work: Work, key: uuid.UUID, one: Candidate) -> None:
        luck = self._luck
        days = one.intensive
        medicare = one.payer is not None and LINES[one.payer.line] is Line.MEDICARE_FFS
        ask = Screen(
            acute=Told.YES, direct=Told.UNKNOWN if one.unsure else Told.YES, excluded=Told.NO,
            intensive="" if days is None else "days" if days else "none",
            intensive_more=", ".join(day.isoformat() for day in days or ()),
            ventilator_hours=luck.choice((120, 240, 336)) if one.ventilated else 0 if luck.random() < 0.7 else None,
            ventilator_basis="Weaning plan of the referrer" if one.ventilated else "",
            ventilator_day=luck.randint(6, 24) if one.ventilated else None,
            trach=Told.YES if one.ventilated else Told.NO,
            benefit_left=luck.choice((86, 79, 66, 52, 41, 24)) if medicare else None,
            reserve_left=luck.choice((60, 60, 44)) if medicare else None,
            benefit_source="Eligibility check" if medicare else "",
            dialysis=Told.YES if luck.random() < 0.12 else Told.NO,
            wounds="Sacrum, stage 3" if Need.WOUND in one.needs else "",
            lines=luck.choice(("", "PICC", "Central line")),
            isolation=luck.choice(("", "", "", "Contact")), expected_days=luck.randint(18, 38), complex=Told.YES,
            advice=Advice.ASK if one.unsure else Advice.ACCEPT,
        )  # fmt: skip
        record_screening(work, key, ask)

    def _ask_payer(self, work: Work, key: uuid.UUID, one: Candidate, end: End) -> None:
        set_authorization(work, key, SetPayer(state=PayerState.ASKED, said="Sent with the record"))
        if end.action is None:
            return
        denied = end.why is DeclineReason.PAYER
        answer = SetPayer(state=PayerState.DENIED, said="Lower level would do") if denied else SetPayer(
            state=PayerState.APPROVED, payer_number=f"LA{self._luck.randint(100_000, 999_999)}", days=7)  # fmt: skip
        hours = max(end.hours - 0.5, 5.5)
        self._later(one, hours, lambda work: set_authorization(work, key, answer))

    def _decide(self, work: Work, key: uuid.UUID, end: End) -> None:
        assert end.action is not None, "only what ends is decided"
        said = "Bed held until noon" if end.action is ReferralAction.ACCEPT else ""
        ended = None
        if end.action is ReferralAction.WITHDRAW:
            ended = self._luck.choice(WITHDRAWN)
        decide(work, key, Decide(action=end.action, declined=end.why, ended=ended, bed=end.bed, bed_on=end.bed_on,
                                 said=said))  # fmt: skip
        if end.then is not None:
            end.then(work, key)


def office_hour(after: datetime, zone: ZoneInfo, luck: Random) -> datetime:
    """Some time in the shift that follows an instant: referrals come by day."""
    return following(Shift.NURSE, after, zone) + timedelta(minutes=luck.randint(0, 100))
