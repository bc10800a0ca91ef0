"""What vendors do with referrals: open, ask, accept, decline, withdraw, through their link or by telephone."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from random import Random

from app.demo.planners.desk import Course, Desk
from app.discharge.referrals.asks import Accept, Decline, Question, Say, Told
from app.discharge.referrals.commands import reply
from app.discharge.referrals.following.answering import (
    accept,
    ask_hospital,
    decline,
    open_referral,
    record_told,
    withdraw,
)
from app.discharge.referrals.terms import Channel, DeclineReason
from app.discharge.terms import CareType
from app.platform.work import Work

VENDOR = "vendor"
"""Who acts through the links of vendors."""
_ACCEPTS, _DECLINES, _ASKS, _BY_PHONE, _WITHDRAWS = 0.42, 0.36, 0.10, 0.3, 0.05
_HOURS = {CareType.HOME_HEALTH: (1, 8), CareType.IRF: (4, 34), CareType.LTCH: (6, 40)}
_USUAL_HOURS = (1, 26)
_REASONS = (
    (DeclineReason.NO_BED, "No bed before next week."), (DeclineReason.CANNOT_GIVE, "Drug cost is above the rate."),
    (DeclineReason.PAYER, "Not in the network of this plan."), (DeclineReason.ISOLATION, "Closed for an outbreak."),
    (DeclineReason.AREA, "Outside the area that we serve."), (DeclineReason.BEHAVIOR, "We have no secured unit."),
)  # fmt: skip
_SHARES = (46, 18, 14, 8, 6, 8)
_STATE = "select state from referral where referral_id = %s and ended_at is null"
_WAITING = ("sent", "opened", "question")


class Answering:
    """The vendors that are asked about one patient."""

    def __init__(self, desk: Desk, course: Course, luck: Random, accepted: Callable[[Work], None]) -> None:
        self._desk, self._course, self._luck, self._accepted = desk, course, luck, accepted

    def plan(self, work: Work, referral: uuid.UUID, *, sure: bool) -> None:
        """Note what this vendor will do. `sure`: it accepts."""
        chance = 0.0 if sure else self._luck.random()
        if chance >= _ACCEPTS + _DECLINES:
            if self._luck.random() < 0.5:
                self._later(work, 5, VENDOR, lambda work: open_referral(work, referral))
            return
        takes, by_phone = chance < _ACCEPTS, self._luck.random() < _BY_PHONE
        begin, end = _HOURS.get(self._course.goes_to, _USUAL_HOURS)
        hours = self._luck.randint(begin, end)
        if by_phone:
            self._later(work, hours, self._desk.manager, lambda work: self._tell(work, referral, takes=takes))
        elif self._luck.random() < _ASKS:
            self._later(work, hours, VENDOR, lambda work: self._question(work, referral, takes=takes))
        else:
            self._later(work, hours, VENDOR, lambda work: self._answer(work, referral, takes=takes))

    def _later(self, work: Work, hours: int, person: str, deed: Callable[[Work], object]) -> None:
        self._desk.while_here(self._desk.slot(work.now + timedelta(hours=hours)), person, deed)

    def _question(self, work: Work, referral: uuid.UUID, *, takes: bool) -> None:
        if self._state(work, referral) not in _WAITING:
            return
        open_referral(work, referral)
        ask_hospital(work, referral, Question(said="Which wound care is needed?", answered_by="Intake desk"))
        self._later(work, 1, self._desk.manager, lambda work: self._reply(work, referral))
        self._later(work, 6, VENDOR, lambda work: self._answer(work, referral, takes=takes))

    def _reply(self, work: Work, referral: uuid.UUID) -> None:
        if self._state(work, referral) == "question":
            reply(work, referral, Say(said="A dressing once a day; supplies go along."), "Case management")

    def _answer(self, work: Work, referral: uuid.UUID, *, takes: bool) -> None:
        if self._state(work, referral) not in _WAITING:
            return
        open_referral(work, referral)
        if takes:
            offered = max(self._course.ends, self._desk.subject.day(work.now))
            accept(work, referral, Accept(offered_on=offered, said="Private room.", answered_by="Intake desk"))
            self._accepted(work)
        else:
            reason, words = self._luck.choices(_REASONS, _SHARES)[0]
            decline(work, referral, Decline(decline_reason=reason, said=words, answered_by="Intake desk"))

    def _tell(self, work: Work, referral: uuid.UUID, *, takes: bool) -> None:
        if self._state(work, referral) not in _WAITING:
            return
        reason, words = self._luck.choices(_REASONS, _SHARES)[0]
        offered = max(self._course.ends, self._desk.subject.day(work.now))
        if takes:
            ask = Told(answer="accept", channel=Channel.PHONE, answered_by="Intake desk", offered_on=offered)
        else:
            ask = Told(answer="decline", channel=Channel.FAX, answered_by="Intake desk", decline_reason=reason,
                       said=words)  # fmt: skip
        record_told(work, referral, ask)
        if takes:
            self._accepted(work)

    def maybe_withdraw(self, work: Work, referral: uuid.UUID) -> None:
        """Now and then a vendor that was chosen takes its word back."""
        if self._luck.random() < _WITHDRAWS and self._desk.subject.row.left_at is None:
            self._later(work, 20, VENDOR, lambda work: self._take_back(work, referral))

    def _take_back(self, work: Work, referral: uuid.UUID) -> None:
        if self._state(work, referral) == "accepted":
            withdraw(work, referral, Decline(said="The bed went to a patient of our own.", answered_by="Intake desk"))

    def _state(self, work: Work, referral: uuid.UUID) -> str:
        return str(work.value(_STATE, (referral,)))
