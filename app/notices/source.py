"""What the clocks learn from notices: deliveries that stand, last covered days, and the steps of appeals."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.rules.notices import UNPROTECTED
from app.clocks.terms import Copy, EventKind, NoticeKind, RecordKind
from app.kernel.days import instant_of
from app.notices.appeals.queries import Case, cases_among
from app.notices.appeals.rules import Happened
from app.notices.appeals.terms import AppealKind, AppealStep
from app.platform.work import Reading

RULES = frozenset({
    "N-IM1", "N-IM2", "N-MOON", "N-MCSN", "N-DND", "N-QIO-REC", "N-QIO-DEC", "N-LIAB", "N-MCSN-REC", "N-NOMNC",
})  # fmt: skip
"""Rules whose closing record is made here."""


class _Delivery(msgspec.Struct):
    encounter_id: uuid.UUID
    kind: str
    which_copy: str
    delivered_at: datetime


class _Day(msgspec.Struct):
    encounter_id: uuid.UUID
    last_day: date
    timezone: str


_DELIVERIES = """
select encounter_id, kind, which_copy, delivered_at from notice_delivery
where encounter_id = any(%s) and ended_at is null
"""
_DAYS = """
select d.encounter_id, d.last_day, f.timezone from notice_covered_day d join facility f on f.id = d.facility_id
where d.encounter_id = any(%s) and d.ended_at is null
"""
_CALLS = {
    AppealKind.DISCHARGE: EventKind.QIO_NOTIFIED,
    AppealKind.STATUS: EventKind.QIO_STATUS_NOTIFIED,
}


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """What stands for each of these stays, by a query for each kind of record."""
    belongs = with_former(db, encounter_ids)
    wanted = list(belongs)
    records: dict[uuid.UUID, list[Record]] = {}
    events: dict[uuid.UUID, list[Event]] = {}
    for one in db.rows(_Delivery, _DELIVERIES, (wanted,)):
        made = Record(
            kind=RecordKind.NOTICE,
            at=one.delivered_at,
            notice=NoticeKind(one.kind),
            copy=Copy(one.which_copy) if one.which_copy else None,
        )
        records.setdefault(belongs[one.encounter_id], []).append(made)
    for case in cases_among(db, belongs):
        for step in case.standing:
            if step.step is AppealStep.SEND:
                sent = Record(kind=RecordKind.RECORDS_SENT, at=step.at, subject=str(case.id))
                records.setdefault(case.encounter_id, []).append(sent)
            elif (told := _event(step, case)) is not None:
                events.setdefault(case.encounter_id, []).append(told)
    for day in db.rows(_Day, _DAYS, (wanted,)):
        at = instant_of(day.last_day, time(0, 0), ZoneInfo(day.timezone))
        events.setdefault(belongs[day.encounter_id], []).append(Event(kind=EventKind.LAST_COVERED_DAY, at=at))
    for stay in {*records, *events}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


def _event(step: Happened, case: Case) -> Event | None:
    subject = str(case.id)
    match step.step:
        case AppealStep.CALL:
            taken_back = next((one.at for one in case.standing if one.step is AppealStep.WITHDRAW), None)
            to = "" if case.in_time else UNPROTECTED
            return Event(kind=_CALLS[AppealKind(case.kind)], at=step.at, subject=subject, to=to, until=taken_back)
        case AppealStep.COMPLETE:
            to = "" if case.in_time else UNPROTECTED
            return Event(kind=EventKind.QIO_RECORDS_COMPLETE, at=step.at, subject=subject, to=to)
        case AppealStep.TELL:
            to = UNPROTECTED if case.hold is None else ""
            return Event(kind=EventKind.QIO_DECISION_NOTIFIED, at=step.at, subject=subject, to=to)
    return None
