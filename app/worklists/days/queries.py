"""Sheets of days as their pages show them. Row policies decide which lines exist for the reader."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.platform.work import Reading

NAME = (
    "case when p.family = '' and p.given = '' then 'Name not sent'"
    " else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end"
)


class Sheet(msgspec.Struct):
    """One edition of a facility's day. `stays` counts all of them, also those that the reader may not see."""

    id: uuid.UUID
    day: date
    edition: int
    due_at: datetime
    built_at: datetime
    built_by: str
    assigned: int
    stays: int


class Line(msgspec.Struct):
    """One stay on a sheet. `owner_id` is empty for stays that nobody had."""

    stay_id: str
    patient_id: uuid.UUID
    owner_id: str
    owner: str
    place: int
    name: str
    bed: str
    due_text: str
    due_what: str
    patient_class: str
    day_of_stay: int | None
    chips: list[str]
    minutes: int | None
    snoozed: bool


class Standing(msgspec.Struct, frozen=True):
    """Where a stay stood on one day: on whose list, at which place, among how many, and why."""

    day: date
    owner: str
    place: int
    among: int
    due_text: str
    due_what: str
    chips: list[str]


_SHEET = (
    "select s.id, s.day, s.edition, s.due_at, s.built_at, coalesce(u.display_name, ''), s.assigned, s.stays"
    " from day_sheet s left join app_user u on u.id = s.built_by where s.facility_id = %(facility)s"
    " and s.built_at <= %(now)s"
)
_LINES = (
    "select e.id::text, e.patient_id, coalesce(l.user_id::text, ''), coalesce(u.display_name, ''), l.place,"
    f" {NAME}, l.bed, l.due_text, l.due_what, l.patient_class, l.day_of_stay, l.chips, l.minutes, l.snoozed"
    " from day_sheet_line l join encounter e on e.id = l.encounter_id join patient p on p.id = e.patient_id"
    " left join app_user u on u.id = l.user_id where l.sheet_id = %s"
    " order by l.user_id is null, lower(u.display_name), l.user_id, l.place"
)
# Of each day its last edition; what stood on a stay that turned out to be part of this one counts too.
_STANDING = (
    "select distinct on (s.day) s.day, coalesce(u.display_name, ''), l.place, (select count(*)::int"
    " from day_sheet_line o where o.sheet_id = s.id and o.user_id is not distinct from l.user_id),"
    " l.due_text, l.due_what, l.chips from day_sheet_line l join day_sheet s on s.id = l.sheet_id"
    " left join app_user u on u.id = l.user_id where s.built_at <= %(now)s"
    " and (l.encounter_id = %(stay)s or l.encounter_id in (select o.id from public.encounter o"
    " where o.united_into_id = %(stay)s)) order by s.day desc, s.edition desc, l.encounter_id = %(stay)s desc"
)


def editions(db: Reading, facility_id: int, day: date | None) -> list[Sheet]:
    """The sheets of a day, the newest edition first; without a day those of the newest day."""
    wanted = (
        " and s.day = coalesce(%(day)s::date, (select max(day) from day_sheet where facility_id = %(facility)s"
        " and built_at <= %(now)s)) order by s.edition desc"
    )
    return db.rows(Sheet, _SHEET + wanted, {"facility": facility_id, "day": day, "now": db.now})


def neighbours(db: Reading, facility_id: int, day: date) -> tuple[date | None, date | None]:
    """The days before and after this one that have a sheet."""
    query = (
        "select max(day) filter (where day < %(day)s), min(day) filter (where day > %(day)s) from day_sheet"
        " where facility_id = %(facility)s and built_at <= %(now)s"
    )
    return db.one(lambda *days: days, query, {"facility": facility_id, "day": day, "now": db.now})


def lines(db: Reading, sheet_id: uuid.UUID) -> list[Line]:
    """The lines of a sheet that the reader may see, by person, those that nobody had last."""
    return db.rows(Line, _LINES, (sheet_id,))


def standings(db: Reading, encounter_id: uuid.UUID) -> list[Standing]:
    """The places of a stay on people's lists, the latest day first."""
    return db.rows(Standing, _STANDING, {"stay": encounter_id, "now": db.now})


def zone_of_stay(db: Reading, encounter_id: uuid.UUID) -> ZoneInfo:
    """The zone of the stay's facility; NotFound outside the reader's scope."""
    found = db.one(
        lambda zone: zone,
        "select f.timezone from encounter e join facility f on f.id = e.facility_id where e.id = %s",
        (encounter_id,),
        missing="There is no such stay, or it lies outside what you may see.",
    )
    return ZoneInfo(found)
