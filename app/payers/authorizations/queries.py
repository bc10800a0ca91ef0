"""Authorizations of stays: requests and answers in versions, where each stands, the days that payers authorized."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.payers.authorizations.rules import WAITING, Standing, Step, standing
from app.payers.authorizations.terms import AuthorizationState, EndReason
from app.payers.requests.rules import Bounds, beyond, covered, joined
from app.payers.requests.terms import Action, CertificationType, Days, Decision, ReviewRequest, ServiceLevel
from app.platform.work import Reading

NOT_THERE = "There is no such authorization, or it lies outside what you may see."


class AskedVersion(msgspec.Struct):
    """One version of a request."""

    id: uuid.UUID
    request_id: uuid.UUID
    authorization_id: uuid.UUID
    event_trace: str
    certification_type: str
    service_level: str
    service_type: str
    expedited: bool
    first_day: date | None
    until_day: date | None
    level_of_care: str
    channel: str
    to_whom: str
    authorization_number: str
    reference: str
    message: str
    asked_at: datetime
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def days(self) -> Days | None:
        """The days that were asked."""
        return Days(self.first_day, self.until_day) if self.first_day and self.until_day else None

    @property
    def request(self) -> ReviewRequest:
        """As the rules and the exchange see it; the stay's own facts are not part of it."""
        return ReviewRequest(
            event_trace=self.event_trace, certification_type=CertificationType(self.certification_type),
            service_level=ServiceLevel(self.service_level), service_type=self.service_type, days=self.days,
            authorization_number=self.authorization_number, reference=self.reference, message=self.message,
        )  # fmt: skip

    @property
    def stands(self) -> bool:
        """Whether this version counts."""
        return self.ended_at is None


class AnswerVersion(msgspec.Struct):
    """One version of an answer."""

    id: uuid.UUID
    decision_id: uuid.UUID
    authorization_id: uuid.UUID
    request_id: uuid.UUID | None
    action: str
    authorization_number: str
    reference: str
    firsts: list[date]
    untils: list[date]
    quantity: int | None
    reasons: list[str]
    issued_on: date | None
    decided_at: datetime | None
    received_at: datetime
    channel: str
    from_whom: str
    more_follows: bool
    text: str
    made_at: datetime
    made_by: str
    made_because: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    ended_reason: str

    @property
    def decision(self) -> Decision:
        """As the rules and the exchange see it."""
        return Decision(
            action=Action(self.action), authorization_number=self.authorization_number, reference=self.reference,
            ranges=days_of(self.firsts, self.untils), quantity=self.quantity, reasons=tuple(self.reasons),
            issued_on=self.issued_on, decided_at=self.decided_at, more_follows=self.more_follows, text=self.text,
        )  # fmt: skip

    @property
    def stands(self) -> bool:
        """Whether this version counts."""
        return self.ended_at is None


V = TypeVar("V", AskedVersion, AnswerVersion)


class Head(msgspec.Struct):
    """One authorization, without its requests and answers."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    timezone: str
    payer_code: str
    payer_name: str
    plan_code: str
    made_at: datetime
    ended_at: datetime | None
    ended_because: str
    ended_reason: str
    began_at: datetime | None
    left_at: datetime | None

    def bounds(self, said_at: datetime) -> Bounds:
        """The days of the stay for an answer that came then: one that came before the departure could not know it."""
        zone = ZoneInfo(self.timezone)
        left = self.left_at if self.left_at is not None and self.left_at <= said_at else None
        return Bounds(
            local_day(self.began_at, zone) if self.began_at is not None else None,
            local_day(left, zone) if left is not None else None,
        )

    @property
    def payer(self) -> str:
        """What a page calls the payer."""
        return self.payer_name or self.payer_code


class Authorization(msgspec.Struct):
    """An authorization with everything that was asked and answered, standing and not."""

    head: Head
    asked: list[AskedVersion]
    answers: list[AnswerVersion]

    @property
    def id(self) -> uuid.UUID:
        """Its key."""
        return self.head.id

    @property
    def steps(self) -> list[Step]:
        """What stands of it, as the rules see it."""
        found = [Step(at=one.asked_at, key=str(one.request_id), request=one.request)
                 for one in self.asked if one.stands]  # fmt: skip
        return found + [
            Step(at=one.received_at, key=str(one.decision_id), decision=one.decision, to=str(one.request_id or ""))
            for one in self.answers
            if one.stands
        ]

    @property
    def standing(self) -> Standing:
        """Where it stands. Answers that name days outside the stay are for a person, as those that are unclear."""
        found = standing(self.steps)
        if self.head.ended_at is not None:
            return Standing(AuthorizationState.STRUCK_OUT, type(found.days)(), self.head.ended_at)
        outside = [text for one in self.answers if one.stands and (text := self._outside(one))]
        days = replace(found.days, contradictions=(*found.days.contradictions, *outside))
        return replace(found, days=days)

    def _outside(self, one: AnswerVersion) -> str:
        asked = next((each.request for each in self.asked if each.stands and each.request_id == one.request_id), None)
        return beyond(covered(one.decision, asked).ranges, self.head.bounds(one.received_at))

    @property
    def number(self) -> str:
        """The payer's number of it, as it was named last."""
        told = [(one.received_at, one.authorization_number) for one in self.answers if one.stands]
        told += [(one.asked_at, one.authorization_number) for one in self.asked if one.stands]
        return max((one for one in told if one[1]), default=(None, ""))[1]

    @property
    def open_request(self) -> AskedVersion | None:
        """The last request that stands: the one that an answer most likely answers."""
        standing_ones = [one for one in self.asked if one.stands and one.certification_type != CertificationType.CANCEL]
        return max(standing_ones, key=lambda one: (one.asked_at, one.made_at), default=None)


class Kept(msgspec.Struct):
    """Where an authorization stands, as it is stored for lists."""

    authorization_id: uuid.UUID
    encounter_id: uuid.UUID
    payer_code: str
    payer_name: str
    state: str
    since: datetime | None
    authorization_number: str
    firsts: list[date]
    untils: list[date]
    through: date | None
    ask_by: datetime | None
    known_at: datetime | None
    contradiction: str

    @property
    def ranges(self) -> tuple[Days, ...]:
        """The days that are authorized."""
        return days_of(self.firsts, self.untils)

    @property
    def waiting(self) -> bool:
        """Whether an answer of the payer is awaited."""
        return self.state in WAITING


_HEADS = """
select a.id, a.encounter_id, a.facility_id, e.patient_id, f.timezone, a.payer_code, a.payer_name, a.plan_code,
  a.made_at, a.ended_at, case when a.ended_at is null then '' else a.ended_because end,
  case when a.ended_at is null then '' else a.ended_reason end,
  case when w.status not in ('preadmit', 'cancelled') then w.start_at end,
  case when w.status = 'discharged' then w.discharge_at end
from payer_authorization a join encounter e on e.id = a.encounter_id join facility f on f.id = a.facility_id
  join encounter w on w.id = case when e.gone_at is null then e.id else coalesce(e.united_into_id, e.id) end
"""
_ASKED = """
select r.id, r.request_id, r.authorization_id, r.event_trace, r.certification_type, r.service_level, r.service_type,
  r.expedited, r.first_day, r.until_day, r.level_of_care, r.channel, r.to_whom, r.authorization_number, r.reference,
  r.message, r.asked_at, r.made_at, coalesce(m.display_name, ''), r.made_because, r.ended_at,
  coalesce(x.display_name, ''), case when r.ended_at is null then '' else r.ended_because end,
  case when r.ended_at is null then '' else r.ended_reason end
from payer_request r left join app_user m on m.id = r.made_by left join app_user x on x.id = r.ended_by
where r.authorization_id = any(%s) order by r.asked_at, r.made_at, r.id
"""
_ASKED_DAYS = """
select r.authorization_id, r.first_day, r.until_day from payer_request r
where r.encounter_id = any(%s) and r.ended_at is null and r.certification_type <> '3'
  and r.first_day is not null and r.until_day is not null
"""
_ANSWERS = """
select d.id, d.decision_id, d.authorization_id, d.request_id, d.action, d.authorization_number, d.reference, d.firsts,
  d.untils, d.quantity, d.reasons, d.issued_on, d.decided_at, d.received_at, d.channel, d.from_whom, d.more_follows,
  d.text, d.made_at, coalesce(m.display_name, ''), d.made_because, d.ended_at, coalesce(x.display_name, ''),
  case when d.ended_at is null then '' else d.ended_because end,
  case when d.ended_at is null then '' else d.ended_reason end
from payer_decision d left join app_user m on m.id = d.made_by left join app_user x on x.id = d.ended_by
where d.authorization_id = any(%s) order by d.received_at, d.made_at, d.id
"""
_KEPT = """
select s.authorization_id, s.encounter_id, a.payer_code, a.payer_name, s.state, s.since, s.authorization_number,
  s.firsts, s.untils, s.through, s.ask_by, s.known_at, s.contradiction
from payer_standing s join payer_authorization a on a.id = s.authorization_id
where s.encounter_id = any(%s) and s.ended_at is null and s.state <> 'struck_out'
order by s.encounter_id, s.through desc nulls last, a.made_at
"""


def days_of(firsts: Iterable[date], untils: Iterable[date]) -> tuple[Days, ...]:
    """Ranges out of their stored ends."""
    return tuple(Days(first, until) for first, until in zip(firsts, untils, strict=True))


def authorizations(db: Reading, encounter_id: uuid.UUID) -> list[Authorization]:
    """All authorizations of a stay and of its parts, the first one first."""
    stays = list(with_former(db, [encounter_id]))
    return _filled(db, db.rows(Head, f"{_HEADS} where a.encounter_id = any(%s) order by a.made_at, a.id", (stays,)))


def authorization(db: Reading, authorization_id: uuid.UUID) -> Authorization:
    """One of them; NotFound outside the reader's scope."""
    found = _filled(db, db.rows(Head, f"{_HEADS} where a.id = %s", (authorization_id,)))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def _filled(db: Reading, heads: Sequence[Head]) -> list[Authorization]:
    keys = [one.id for one in heads]
    found = {one.id: Authorization(one, [], []) for one in heads}
    if keys:
        for asked in db.rows(AskedVersion, _ASKED, (keys,)):
            found[asked.authorization_id].asked.append(asked)
        for answer in db.rows(AnswerVersion, _ANSWERS, (keys,)):
            found[answer.authorization_id].answers.append(answer)
    return list(found.values())


def some(db: Reading, authorization_ids: Sequence[uuid.UUID]) -> list[Authorization]:
    """These authorizations, whichever stays they belong to."""
    keys = list(authorization_ids)
    return _filled(db, db.rows(Head, f"{_HEADS} where a.id = any(%s) order by a.made_at, a.id", (keys,)))


def asked_days(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Days, ...]]:
    """The days that requests ask for that stand, by authorization, for these very stays; one query for all of them."""
    found: dict[uuid.UUID, list[Days]] = {}
    with db.connection.cursor() as cursor:
        rows = cursor.execute(db.worded(_ASKED_DAYS), (list(stays),)).fetchall()
    for key, first, until in rows:
        found.setdefault(key, []).append(Days(first, until))
    return {key: joined(ranges) for key, ranges in found.items()}


def request_by_trace(db: Reading, event_trace: str) -> AskedVersion | None:
    """The standing request with our own number, which an answer repeats; None where we never sent it."""
    key = db.value(
        "select authorization_id from payer_request where event_trace = %s and ended_at is null", (event_trace,)
    )
    if key is None:
        return None
    return next((one for one in authorization(db, key).asked if one.event_trace == event_trace and one.stands), None)


def asked_version(db: Reading, request_id: uuid.UUID) -> AskedVersion:
    """The version of a request that stands, or the last one that did; NotFound outside the reader's scope."""
    key = db.value("select authorization_id from payer_request where request_id = %s limit 1", (request_id,))
    found = [one for one in authorization(db, key).asked if one.request_id == request_id] if key else []
    return _latest(found)


def answer_version(db: Reading, decision_id: uuid.UUID) -> AnswerVersion:
    """The version of an answer that stands, or the last one that did; NotFound outside the reader's scope."""
    key = db.value("select authorization_id from payer_decision where decision_id = %s limit 1", (decision_id,))
    found = [one for one in authorization(db, key).answers if one.decision_id == decision_id] if key else []
    return _latest(found)


def _latest(found: list[V]) -> V:
    if not found:
        raise NotFound(NOT_THERE)
    return max(found, key=lambda one: (one.stands, one.ended_because != EndReason.AMENDED, one.made_at))


def kept(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Kept]]:
    """Where the authorizations of these stays stand, the one that reaches farthest first; parts count for the whole."""
    belongs = with_former(db, stays)
    found: dict[uuid.UUID, list[Kept]] = {}
    for one in db.rows(Kept, _KEPT, (list(belongs),)):
        found.setdefault(belongs[one.encounter_id], []).append(one)
    return found


def days_authorized(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[Days, ...]]:
    """The days that payers have authorized for these stays, whichever payer, in order."""
    return {
        stay: joined(days for one in found if one.state != AuthorizationState.CANCELLED for days in one.ranges)
        for stay, found in kept(db, stays).items()
    }
