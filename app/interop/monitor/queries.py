"""What the interface monitor reads: feeds, their day, what waits, what was refused, what a person should look at."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import msgspec

from app.kernel.refusal import NotFound
from app.platform.work import Reading

PAGE = 50
NO_MESSAGE = "There is no such message, or it belongs to another facility."


class FeedLine(msgspec.Struct, frozen=True):
    """One feed: when it last spoke and what waits behind it."""

    facility_id: int
    code: str
    name: str
    timezone: str
    port: int | None
    silent_after_minutes: int
    last_at: datetime | None
    waiting: int
    waiting_since: datetime | None


class Answered(msgspec.Struct, frozen=True):
    """How many messages of a feed were answered with one code today."""

    facility_id: int
    code: str
    count: int


class KindCount(msgspec.Struct, frozen=True):
    """How many open exceptions there are of one kind."""

    kind: str
    count: int


class ExceptionLine(msgspec.Struct, frozen=True):
    """One open exception. The ids of stay and patient are None where this reader may not see them."""

    id: uuid.UUID
    kind: str
    subject: str
    facility: str
    timezone: str
    opened_at: datetime
    message_id: int | None
    encounter_id: uuid.UUID | None
    patient_id: uuid.UUID | None


class ClockFaultLine(msgspec.Struct, frozen=True):
    """A stay whose deadlines could not be computed, with the place in the program that failed."""

    encounter_id: uuid.UUID
    facility: str
    timezone: str
    error: str
    opened_at: datetime


class ProblemLine(msgspec.Struct, frozen=True):
    """One stored message that is not applied."""

    message_id: int
    kind: str
    sentence: str
    facility: str
    timezone: str
    opened_at: datetime
    sending_facility: str
    event: str


class MessageLine(msgspec.Struct, frozen=True):
    """One stored message with what became of it."""

    id: int
    facility_id: int | None
    facility: str
    timezone: str
    charset: str
    authority: str
    received_at: datetime
    source: str
    origin: str
    sending_application: str
    sending_facility: str
    control_id: str
    event: str
    ack: str
    refusal: str
    sentence: str
    raw: bytes
    applied: bool
    waiting: bool
    problem: str
    keys: list[str]


_FEEDS = """
select f.facility_id, p.code, p.name, p.timezone, f.port, f.silent_after_minutes,
  (select m.received_at from inbound_message m where m.facility_id = f.facility_id and m.source not in
    ('census', 'repair') order by m.received_at desc limit 1),
  (select count(*) from inbound_pending w where w.facility_id = f.facility_id),
  (select m.received_at from inbound_message m where m.id =
    (select min(w.message_id) from inbound_pending w where w.facility_id = f.facility_id))
from feed f join facility p on p.id = f.facility_id order by p.name
"""
_TODAY = """
select m.facility_id, coalesce(nullif(m.ack, ''), '?'), count(*) from inbound_message m
where m.received_at >= %s and m.facility_id = %s group by 1, 2 order by 2
"""
_EXCEPTIONS = """
select x.id, x.kind, x.subject, coalesce(f.name, ''), coalesce(f.timezone, ''), x.opened_at, x.message_id, e.id,
  coalesce(e.patient_id, p.id)
from census_exception x left join facility f on f.id = x.facility_id left join encounter e on e.id = x.encounter_id
  left join patient p on p.id = x.patient_id
where x.closed_at is null and (%(kind)s = '' or x.kind = %(kind)s)
order by x.opened_at desc, x.id limit %(most)s offset %(skip)s
"""
_PROBLEMS = """
select b.message_id, b.kind, b.sentence, coalesce(f.name, ''), coalesce(f.timezone, ''), b.opened_at,
  m.sending_facility, m.event
from inbound_problem b join inbound_message m on m.id = b.message_id left join facility f on f.id = b.facility_id
where b.closed_at is null order by b.opened_at desc, b.message_id desc limit %s
"""
_MESSAGE = """
select m.id, m.facility_id, coalesce(f.name, ''), coalesce(f.timezone, ''), coalesce(d.charset, 'cp1252'),
  coalesce(d.authority, ''),
  m.received_at, m.source, m.origin, m.sending_application, m.sending_facility, m.control_id, m.event, m.ack, m.refusal,
  m.sentence, m.raw, exists (select from adt_fact a where a.message_id = m.id),
  exists (select from inbound_pending w where w.message_id = m.id),
  coalesce((select b.sentence from inbound_problem b where b.message_id = m.id and b.closed_at is null), ''),
  coalesce((select a.keys from adt_fact a where a.message_id = m.id), '{}')
from inbound_message m left join facility f on f.id = m.facility_id left join feed d on d.facility_id = m.facility_id
where m.id = %s
"""
# Whom a message is about: the patients whose numbers it names, and whether one of the stays it names is protected.
_ABOUT = """
with keys as (select unnest(%(keys)s::text[]) as key)
select p.id from keys k join patient p on k.key = 'P:' || p.authority || '|' || p.number
union
select e.patient_id from keys k join encounter e on k.key = 'V:' || e.authority || '|' || e.visit_number
"""


_CLOCK_FAULTS = """
select x.encounter_id, f.name, f.timezone, x.error, x.opened_at
from clock_fault x join facility f on f.id = x.facility_id where x.closed_at is null
order by x.opened_at desc limit %s
"""


def feeds(db: Reading) -> list[FeedLine]:
    """Every feed in scope."""
    return db.rows(FeedLine, _FEEDS)


def answered_since(db: Reading, facility_id: int, midnight: datetime) -> list[Answered]:
    """A feed's messages since its local midnight, by acknowledgement code."""
    return db.rows(Answered, _TODAY, (midnight, facility_id))


def kinds(db: Reading) -> list[KindCount]:
    """Open exceptions by kind, the most frequent first."""
    return db.rows(
        KindCount,
        "select kind, count(*) from census_exception where closed_at is null group by kind order by 2 desc, 1",
    )


def exceptions(db: Reading, kind: str, skip: int) -> list[ExceptionLine]:
    """One page of open exceptions, the latest first."""
    return db.rows(ExceptionLine, _EXCEPTIONS, {"kind": kind, "most": PAGE, "skip": skip})


def problems(db: Reading) -> tuple[list[ProblemLine], int]:
    """The latest messages that are parked or failed, and how many there are in all."""
    total = db.value("select count(*) from inbound_problem where closed_at is null")
    return db.rows(ProblemLine, _PROBLEMS, (PAGE,)), int(total or 0)


def clock_faults(db: Reading) -> list[ClockFaultLine]:
    """Stays whose deadlines could not be computed, the latest first."""
    return db.rows(ClockFaultLine, _CLOCK_FAULTS, (PAGE,))


def message(db: Reading, message_id: int) -> MessageLine:
    """One stored message; NotFound when there is none in scope."""
    return db.one(MessageLine, _MESSAGE, (message_id,), missing=NO_MESSAGE)


def patients_named(db: Reading, keys: Sequence[str]) -> set[uuid.UUID]:
    """Patients, in scope, whom a message with these numbers is about."""
    return set(db.values(_ABOUT, {"keys": list(keys)}))


def require_message(db: Reading, message_id: int) -> None:
    """Raise NotFound unless the message is in scope."""
    if db.value("select true from inbound_message where id = %s", (message_id,)) is None:
        raise NotFound(NO_MESSAGE)
