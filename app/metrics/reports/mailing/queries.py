"""Who may be sent reports of a facility, when a report is sent, and what became of each mail."""

import uuid
from datetime import date, datetime

import msgspec

from app.metrics.reports.terms import Rhythm
from app.platform.work import Reading
from app.security.permissions import ROLES, Permission

LAST_MAILS = 60
_ROLES = [role.value for role, text in ROLES.items() if Permission.MEASURE_SEE in text.permissions]


class Reader(msgspec.Struct, frozen=True):
    """Somebody who may see measures of a facility; the address is empty where none is known."""

    user_id: uuid.UUID
    name: str
    address: str


class Schedule(msgspec.Struct, frozen=True):
    """The version of a schedule that stands, or the last one of a report that is not sent by itself any more."""

    id: uuid.UUID
    report_id: uuid.UUID
    facility_id: int
    rhythm: Rhythm
    on_day: int
    at_hour: int
    people: list[str]
    made_at: datetime
    made_by: uuid.UUID | None
    author: str
    ended_at: datetime | None


class Mail(msgspec.Struct, frozen=True):
    """What became of one mail."""

    delivery_id: uuid.UUID
    report_id: uuid.UUID
    facility_id: int
    user_id: uuid.UUID
    name: str
    address: str
    due_at: datetime
    first: date | None
    last: date | None
    state: str
    fault: str
    attempts: int
    made_at: datetime


_READERS = """
select u.id, u.display_name, coalesce(a.address, '') from app_user u
left join report_address a on a.user_id = u.id and a.ended_at is null
where u.active and exists (select from role_grant g where g.user_id = u.id and g.role = any(%(roles)s)
  and (g.facility_id is null or g.facility_id = %(facility)s))
order by lower(u.display_name), u.id
"""
_SCHEDULES = """
select distinct on (s.report_id) s.id, s.report_id, s.facility_id, s.rhythm, s.on_day, s.at_hour, s.people, s.made_at,
  s.made_by, coalesce(m.display_name, ''), s.ended_at
from report_schedule s left join app_user m on m.id = s.made_by where s.facility_id = any(%(facilities)s)
order by s.report_id, s.made_at desc, s.id desc
"""
_MAIL = """
select d.delivery_id, d.report_id, d.facility_id, d.user_id, u.display_name, d.address, d.due_at, d.first, d.last,
  d.state, d.fault, d.attempts, d.made_at
from report_delivery d join app_user u on u.id = d.user_id
"""
_MAILS = f"""{_MAIL}
where d.facility_id = %(facility)s and d.ended_at is null and (%(report)s::uuid is null or d.report_id = %(report)s)
order by d.due_at desc, lower(u.display_name), d.id limit %(most)s
"""


def readers(db: Reading, facility_id: int) -> dict[uuid.UUID, Reader]:
    """Everybody who may see measures of the facility today, by name."""
    rows = db.rows(Reader, _READERS, {"facility": facility_id, "roles": _ROLES})
    return {one.user_id: one for one in rows}


def schedules(db: Reading, facilities: list[int]) -> dict[uuid.UUID, Schedule]:
    """The last version of the schedule of each report that ever had one."""
    return {one.report_id: one for one in db.rows(_schedule, _SCHEDULES, {"facilities": facilities})}


def _schedule(key: uuid.UUID, report_id: uuid.UUID, facility_id: int, rhythm: str, *rest: object) -> Schedule:
    return Schedule(key, report_id, facility_id, Rhythm(rhythm), *rest)  # type: ignore[arg-type]


def mails(db: Reading, facility_id: int, report_id: uuid.UUID | None = None) -> list[Mail]:
    """The last mails of a facility, or of one report, the latest first."""
    return db.rows(Mail, _MAILS, {"facility": facility_id, "report": report_id, "most": LAST_MAILS})


def mail_of(db: Reading, delivery_id: uuid.UUID) -> Mail:
    """One mail as it stands."""
    return db.one(Mail, f"{_MAIL} where d.delivery_id = %s and d.ended_at is null", (delivery_id,))


class LastTime(msgspec.Struct, frozen=True):
    """The last time a report was sent: how many mails the server took, how many failed, how many are under way."""

    report_id: uuid.UUID
    due_at: datetime
    sent: int
    failed: int
    open: int


_LAST_TIMES = """
select d.report_id, d.due_at, count(*) filter (where d.state = 'sent'), count(*) filter (where d.state = 'failed'),
  count(*) filter (where d.state in ('waiting', 'sending'))
from report_delivery d join (
  select report_id, max(due_at) as due_at from report_delivery where facility_id = %(facility)s group by 1
) m on m.report_id = d.report_id and m.due_at = d.due_at
where d.facility_id = %(facility)s and d.ended_at is null group by 1, 2
"""


def last_times(db: Reading, facility_id: int) -> dict[uuid.UUID, LastTime]:
    """The last time of each report that ever was sent."""
    return {one.report_id: one for one in db.rows(LastTime, _LAST_TIMES, {"facility": facility_id})}


def own_address(db: Reading, user_id: uuid.UUID) -> str:
    """Where reports reach a person, empty where it is not known."""
    return db.value("select address from report_address where user_id = %s and ended_at is null", (user_id,)) or ""
