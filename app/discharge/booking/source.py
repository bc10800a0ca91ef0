"""What the clocks learn from bookings: requests to payers, PASRR, what is booked, what starts after the hospital."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import EventKind, RecordKind
from app.discharge.booking import queries
from app.discharge.booking.queries import Booked, Request, Told
from app.discharge.booking.terms import BookingState, DecisionState
from app.discharge.eligibility.terms import LevelOne, LevelTwo, Question
from app.discharge.terms import CareType
from app.kernel.days import instant_of
from app.platform.work import Reading

RULES = frozenset({"PA-AUTH", "PA-HHF2F", "PA-DME6M"})
"""Rules whose closing record is made here. Other rules of care after the hospital get facts, and nobody here closes
them."""

PAYER_CODE, PASRR_CODE = "PY-02", "SL-03"
"""Avoidable-day codes of waiting for the payer's decision, and for PASRR Level II."""
NOON = time(12, 0)
"""When a day that somebody recorded is taken to begin for the clocks, so that its own day is meant in every zone."""
END_OF_DAY = time(23, 59, 59)
_STAYS = """
select e.id, f.timezone, case when e.status = 'discharged' then e.discharge_at end
from encounter e join facility f on f.id = e.facility_id where e.id = any(%s)
"""
_ASKED = """
select distinct on (a.encounter_id) a.encounter_id, a.on_day from eligibility_answer a
where a.encounter_id = any(%s) and a.question = 'pasrr_level_two' and a.answer = 'asked' and a.on_day is not null
  and (a.ended_at is null or a.ended_because = 'replaced') order by a.encounter_id, a.made_at desc, a.id desc
"""
_K, _R, _Q = EventKind, RecordKind, Question
_DECIDED = (DecisionState.APPROVED, DecisionState.DENIED, DecisionState.NOT_REQUIRED)
_HELD = (BookingState.BOOKED, BookingState.CONFIRMED)
_VISITS = (_Q.HH_FACE_TO_FACE, _Q.DME_FACE_TO_FACE)


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a query for each table."""
    booked: dict[uuid.UUID, list[Booked]] = {}
    for one in queries.bookings(db, encounter_ids):
        booked.setdefault(one.encounter_id, []).append(one)
    asked: dict[uuid.UUID, list[Request]] = {}
    for request in queries.requests(db, encounter_ids):
        asked.setdefault(request.encounter_id, []).append(request)
    told = queries.answers(db, encounter_ids)
    stays = [*dict.fromkeys([*booked, *asked, *told])]
    if not stays:
        return
    known = {key: (ZoneInfo(zone), left) for key, zone, left in db.rows(lambda *row: row, _STAYS, (stays,))}
    level_two = _asked_on(db, stays) if told else {}
    for stay in stays:
        if stay not in known:
            continue
        zone, left = known[stay]
        events, records = list(_requests(asked.get(stay, ()))), list(_decisions(asked.get(stay, ())))
        events += _booked(booked.get(stay, ()), told.get(stay, {}), zone)
        events += _home_health(booked.get(stay, ()), left)
        events += _told(told.get(stay, {}), level_two.get(stay), zone)
        records += _outcomes(told.get(stay, {}), zone)
        yield Lent(stay, tuple(events), tuple(records))


def _asked_on(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, date]:
    """On which day the state was asked for Level II, as it was last corrected, also where it has answered since."""
    belongs = with_former(db, stays)
    found: dict[uuid.UUID, date] = {}
    for key, day in db.rows(lambda key, day: (key, day), _ASKED, (list(belongs),)):
        found[belongs[key]] = min(day, found.get(belongs[key], day))
    return found


def _requests(asked: Sequence[Request]) -> Iterator[Event]:
    for one in asked:
        if one.state is not DecisionState.WITHDRAWN:
            yield Event(
                kind=_K.POST_ACUTE_REQUESTED, at=one.asked_at, to=one.care_type.value, until=one.due_at,
                expedited=one.expedited, subject=str(one.authorization_id), code=PAYER_CODE, party=one.payer_name,
            )  # fmt: skip


def _decisions(asked: Sequence[Request]) -> Iterator[Record]:
    for one in asked:
        if one.state in _DECIDED and one.decided_at is not None:
            yield Record(kind=_R.POST_ACUTE_DECISION, at=one.decided_at, subject=str(one.authorization_id))


def _booked(booked: Sequence[Booked], told: Mapping[Question, Told], zone: ZoneInfo) -> Iterator[Event]:
    """What vendors hold, and what began there."""
    exempted = told.get(_Q.PASRR_EXEMPTED)
    for one in booked:
        subject = str(one.booking_id)
        if one.state in _HELD and one.pick_up_at is not None:
            yield Event(kind=_K.DEPARTURE_BOOKED, at=one.made_at, until=one.pick_up_at, subject=subject,
                        party=one.vendor_name)  # fmt: skip
        elif one.state in _HELD and one.starts_on is not None:
            yield Event(kind=_K.BED_BOOKED, at=one.made_at, to=one.care_type.value, subject=subject,
                        until=_at(one.starts_on, zone, END_OF_DAY), party=one.vendor_name)  # fmt: skip
        if one.state is BookingState.ARRIVED:
            kind = {CareType.IRF: _K.REHABILITATION_ADMISSION}.get(one.care_type)
            if one.care_type in (CareType.SNF, CareType.NF) and exempted is not None and exempted.answer == "yes":
                kind = _K.NURSING_FACILITY_ADMISSION
            if kind is not None:
                yield Event(kind=kind, at=one.at, subject=subject)


def _home_health(booked: Sequence[Booked], left: datetime | None) -> Iterator[Event]:
    """From the booking or the return home, whichever is later: 42 CFR 484.55(a)(1)."""
    for one in booked:
        if left is not None and one.care_type is CareType.HOME_HEALTH and one.stands:
            yield Event(kind=_K.HOME_HEALTH_REFERRAL, at=max(one.made_at, left), subject=str(one.booking_id))


def _told(told: Mapping[Question, Told], asked: date | None, zone: ZoneInfo) -> Iterator[Event]:
    """What starts by an answer: the state's evaluation, care at home, a hospice period, an order of equipment."""
    first, second = told.get(_Q.PASRR_LEVEL_ONE), told.get(_Q.PASRR_LEVEL_TWO)
    if asked is not None and second is not None and first is not None and first.answer == LevelOne.POSITIVE:
        yield Event(kind=_K.PASRR_LEVEL_TWO, at=_at(asked, zone), code=PASRR_CODE, subject="pasrr",
                    party="State PASRR authority")  # fmt: skip
    for question, kind in _STARTS.items():
        answer = told.get(question)
        if answer is not None and answer.on_day is not None:
            yield Event(kind=kind, at=_at(answer.on_day, zone), subject=question.value)


_STARTS = {
    _Q.HH_START: _K.HOME_HEALTH_START,
    _Q.HOSPICE_ELECTION: _K.HOSPICE_PERIOD_START,
    _Q.DME_ORDER: _K.EQUIPMENT_ORDERED,
}


def _outcomes(told: Mapping[Question, Told], zone: ZoneInfo) -> Iterator[Record]:
    second = told.get(_Q.PASRR_LEVEL_TWO)
    if second is not None and second.on_day is not None and second.answer != LevelTwo.ASKED:
        yield Record(kind=_R.PASRR_OUTCOME, at=_at(second.on_day, zone), subject="pasrr")
    for question in _VISITS:
        answer = told.get(question)
        if answer is not None and answer.on_day is not None:
            yield Record(kind=_R.VISIT, at=_at(answer.on_day, zone), subject=question.value)


def _at(day: date, zone: ZoneInfo, hour: time = NOON) -> datetime:
    return instant_of(day, hour, zone)
