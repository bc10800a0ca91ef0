"""Asking the payer of a stay for days, and recording what it answers, by telephone or from its portal."""

import uuid
from datetime import date, datetime, timedelta

from app.demo.reviewers import answers
from app.demo.reviewers.answers import Answer
from app.demo.reviewers.desk import Desk
from app.demo.reviewers.disputes import Disputes
from app.demo.reviewers.hours import SATURDAY, Shift, on_day
from app.kernel.days import ONE_DAY
from app.payers.authorizations.commands import record_decision, request_authorization, say_not_required
from app.payers.authorizations.forms import AskPayer, Received
from app.payers.authorizations.terms import Channel
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.models import Request
from app.payers.requests.terms import Action, CertificationType, Days, Decision, ServiceLevel
from app.platform.work import Work

_SOON = timedelta(minutes=45)
_GOING_HOME = timedelta(hours=9)
"""A departure that is so near is known in the house."""
_FORGOTTEN, _CALLED, _URGENT = 0.05, 0.15, 0.4
_CHANNELS = (Channel.PORTAL, Channel.PORTAL, Channel.CALL, Channel.FAX)
_ANSWERED = (Channel.PORTAL, Channel.CALL)
_CLERKS = ("Dana at intake", "Robin at intake", "Case reviewer on duty")
_MOST_EXTENSIONS = 8


class Requests:
    """The requests for one stay."""

    def __init__(self, desk: Desk, disputes: Disputes) -> None:
        self._desk, self._disputes = desk, disputes
        self._luck = desk.luck("requests")
        self._authorization: uuid.UUID | None = None
        self._asked = 0
        self._planned: set[date] = set()

    def begin(self) -> None:
        """The payer is told of the admission, and asked for the first days."""
        ordered = self._desk.subject.row.ordered_at
        if ordered is None or not self._desk.subject.asks_payer:
            return
        at = self._desk.from_start(ordered) + _SOON
        if self._luck.random() < _FORGOTTEN:
            at += ONE_DAY
        deed = self._tell_secondary if self._desk.subject.secondary else self._ask_first
        self._desk.add(self._desk.next_for(Shift.NURSE, at), self._desk.nurse, deed)

    def _tell_secondary(self, work: Work) -> None:
        """Who pays what another leaves is told of the admission, and needs no authorization."""
        subject = self._desk.subject
        assert subject.payer is not None
        said = "Told of the admission. They pay after the first payer and need no authorization."
        log_contact(
            work, subject.id,
            LogContact(payer=subject.payer.key, said=said, person=self._luck.choice(_CLERKS), notified=True),
        )  # fmt: skip
        say_not_required(work, subject.id, subject.payer.key, Decision(action=Action.NOT_REQUIRED),
                         Received(at=work.now, channel=Channel.CALL, unasked=True))  # fmt: skip

    def _ask_first(self, work: Work) -> None:
        subject = self._desk.subject
        days = answers.days_to_ask(subject, subject.ordered_on, self._luck)
        reached = subject.day(self._desk.house.start) + ONE_DAY  # of who was here before the program, until now
        if days.until < reached:
            days = Days(days.first, reached)
        if self._luck.random() < _CALLED:
            said = "Told of the admission. They want the first clinicals on the portal."
            log_contact(work, subject.id, LogContact(said=said, person=self._luck.choice(_CLERKS), notified=True))
        self._ask(work, CertificationType.INITIAL, days)

    def _ask(self, work: Work, kind: CertificationType, days: Days) -> None:
        assert self._desk.subject.payer is not None
        emergency = self._luck.random() < _URGENT
        made = request_authorization(
            work,
            self._desk.subject.id,
            AskPayer(
                authorization_id=self._authorization, payer=self._desk.subject.payer.key, certification_type=kind,
                service_level=ServiceLevel.EMERGENCY if emergency else ServiceLevel.URGENT, expedited=emergency,
                first_day=days.first, last_day=days.until - ONE_DAY, channel=self._luck.choice(_CHANNELS),
            ),
        )  # fmt: skip
        self._authorization = made.authorization_id
        self._asked += 1
        self._await(work.now, made, days, answers.first_answer(self._desk.subject, days, self._luck))

    def _await(self, since: datetime, request: Request, days: Days, answer: Answer) -> None:
        came = since + answer.after
        at = self._desk.next_for(Shift.NURSE, came)
        self._desk.add(at, self._desk.nurse, lambda work: self._take(work, request, days, (answer.decision, came)))

    def _take(self, work: Work, request: Request, days: Days, heard: tuple[Decision, datetime]) -> None:
        decision, came = heard
        received = Received(at=came, channel=self._luck.choice(_ANSWERED), from_whom=self._luck.choice(_CLERKS),
                            request_id=request.request_id)  # fmt: skip
        made = record_decision(work, request.authorization_id, decision, received)
        if decision.action is Action.PENDED:
            self._send_notes(work, request.authorization_id)
            self._await(work.now, request, days, answers.second_answer(days, self._luck))
            return
        if decision.action is Action.CERTIFIED:
            self._plan_extension(work.now, days.until)
            return
        self._disputes.of_answer(work, made.decision_id, lambda work: self._won(work, request, days))
        if decision.action is Action.MODIFIED:
            self._plan_extension(work.now, days.until)

    def _send_notes(self, work: Work, authorization_id: uuid.UUID) -> None:
        """What the payer awaits is sent, and followed up on the next day."""
        follow = on_day(Shift.NURSE, self._desk.subject.day(work.now) + ONE_DAY, work.now, self._desk.subject.zone)
        log_contact(
            work, self._desk.subject.id,
            LogContact(
                channel=Channel.FAX, said="Progress notes and labs of the last two days sent as asked.",
                follow_on=self._desk.subject.day(follow), authorization_id=authorization_id,
            ),
        )  # fmt: skip
        self._desk.add(follow, self._desk.nurse, lambda work: self._follow_up(work, authorization_id))

    def _follow_up(self, work: Work, authorization_id: uuid.UUID) -> None:
        said = self._luck.choice(("The notes have arrived; a nurse of theirs reads them today.",
                                  "They have all they need. An answer comes on the portal."))  # fmt: skip
        ask = LogContact(said=said, person=self._luck.choice(_CLERKS), authorization_id=authorization_id)
        log_contact(work, self._desk.subject.id, ask)

    def _won(self, work: Work, request: Request, days: Days) -> None:
        """The payer took its denial back after a talk: the days are authorized with the next look at its portal."""
        came = work.now + timedelta(hours=1)
        decision = answers.taken_back(days, self._luck)
        at = self._desk.next_for(Shift.NURSE, came)
        self._desk.add(at, self._desk.nurse, lambda work: self._take(work, request, days, (decision, came)))

    def _plan_extension(self, now: datetime, until: date) -> None:
        """Further days are asked for on the last covered working day, of who will still be here."""
        if self._asked > _MOST_EXTENSIONS or until in self._planned:
            return
        self._planned.add(until)
        day = until - ONE_DAY
        while day.weekday() >= SATURDAY:
            day -= ONE_DAY
        if self._luck.random() < _FORGOTTEN:
            day = until
        at = on_day(Shift.NURSE, day, now, self._desk.subject.zone)
        if self._desk.subject.here(at + _GOING_HOME):
            self._desk.add(at, self._desk.nurse, lambda work: self._extend(work, until))

    def _extend(self, work: Work, first: date) -> None:
        self._ask(work, CertificationType.EXTENSION, answers.days_to_ask(self._desk.subject, first, self._luck))
