"""What the clocks learn from notices: deliveries that stand, last covered days, and the steps of appeals."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.facts import Event, Record
from app.clocks.gather import Lent
from app.clocks.terms import Copy, EventKind, NoticeKind, RecordKind
from app.kernel.days import instant_of
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


class _Step(msgspec.Struct):
    encounter_id: uuid.UUID
    appeal_id: uuid.UUID
    kind: str
    step: str
    at: datetime


class _Day(msgspec.Struct):
    encounter_id: uuid.UUID
    last_day: date
    timezone: str


_DELIVERIES = """
select encounter_id, kind, which_copy, delivered_at from notice_delivery
where encounter_id = any(%s) and ended_at is null
"""
_STEPS = """
select s.encounter_id, s.appeal_id, a.kind, s.step, s.at from qio_appeal_step s join qio_appeal a on a.id = s.appeal_id
where s.encounter_id = any(%s) and s.ended_at is null
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
    """What stands for each of these stays, by three queries."""
    wanted = list(encounter_ids)
    records: dict[uuid.UUID, list[Record]] = {}
    events: dict[uuid.UUID, list[Event]] = {}
    for one in db.rows(_Delivery, _DELIVERIES, (wanted,)):
        made = Record(
            kind=RecordKind.NOTICE,
            at=one.delivered_at,
            notice=NoticeKind(one.kind),
            copy=Copy(one.which_copy) if one.which_copy else None,
        )
        records.setdefault(one.encounter_id, []).append(made)
    for step in db.rows(_Step, _STEPS, (wanted,)):
        if step.step == AppealStep.SEND:
            sent = Record(kind=RecordKind.RECORDS_SENT, at=step.at, subject=str(step.appeal_id))
            records.setdefault(step.encounter_id, []).append(sent)
        elif (kind := _event(step)) is not None:
            told = Event(kind=kind, at=step.at, subject=str(step.appeal_id))
            events.setdefault(step.encounter_id, []).append(told)
    for day in db.rows(_Day, _DAYS, (wanted,)):
        at = instant_of(day.last_day, time(0, 0), ZoneInfo(day.timezone))
        events.setdefault(day.encounter_id, []).append(Event(kind=EventKind.LAST_COVERED_DAY, at=at))
    for stay in {*records, *events}:
        yield Lent(stay, tuple(events.get(stay, ())), tuple(records.get(stay, ())))


def _event(step: _Step) -> EventKind | None:
    match step.step:
        case AppealStep.CALL:
            return _CALLS[AppealKind(step.kind)]
        case AppealStep.COMPLETE:
            return EventKind.QIO_RECORDS_COMPLETE
        case AppealStep.TELL:
            return EventKind.QIO_DECISION_NOTIFIED
    return None
