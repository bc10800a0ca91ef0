"""Criteria sets as a facility has them: the shipped ones and its own, on a day or by id and version."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from app.platform.work import Reading
from app.reviews.criteria import library
from app.reviews.criteria.reading import from_json
from app.reviews.criteria.terms import CriteriaSet, ReviewKind

NO_SET = "There is no such criteria set, or it belongs to another facility."


class SetRow(msgspec.Struct):
    """A version of an own set."""

    id: uuid.UUID
    facility_id: int
    set_id: str
    version: str
    title: str
    begins: date
    definition: dict[str, Any]
    made_at: datetime
    made_by: str
    last_day: date | None
    ended_at: datetime | None
    ended_by: str

    @property
    def held(self) -> CriteriaSet:
        """The set that it describes."""
        return from_json(self.definition)

    def stands(self, on: date) -> bool:
        """Whether it is in force on that day, later versions apart."""
        return self.held.holds(on) and (self.last_day is None or on <= self.last_day)


_ROWS = """
select c.id, c.facility_id, c.set_id, c.version, c.title, c.begins, c.definition, c.made_at,
  coalesce(m.display_name, ''), c.last_day, c.ended_at, coalesce(f.display_name, '')
from criteria_set c left join app_user m on m.id = c.made_by left join app_user f on f.id = c.ended_by
where c.facility_id = %s
"""


def own_sets(db: Reading, facility_id: int) -> list[SetRow]:
    """Every version of every own set of a facility, by id, the latest first."""
    return db.rows(SetRow, f"{_ROWS} order by c.set_id, c.begins desc, c.made_at desc", (facility_id,))


def in_force(rows: Iterable[SetRow], on: date) -> list[SetRow]:
    """Of each set the version with the latest begin by that day, when it has not been ended before it.

    A version that was ended before its first day was never in use, and hides none.
    """
    latest: dict[str, SetRow] = {}
    for row in rows:
        used = row.last_day is None or row.last_day >= row.begins
        if used and row.begins <= on and (row.set_id not in latest or latest[row.set_id].begins < row.begins):
            latest[row.set_id] = row
    return [row for row in latest.values() if row.stands(on)]


def sets_for(db: Reading, facility_id: int, kind: ReviewKind, on: date) -> list[CriteriaSet]:
    """What a review of that kind may use on a local day: the shipped sets, then those of the facility."""
    own = [row.held for row in in_force(own_sets(db, facility_id), on)]
    return [*library.sets_for(kind, on), *(one for one in own if kind in one.applies_to)]


def get(db: Reading, facility_id: int, set_id: str, version: str) -> CriteriaSet:
    """One version, shipped or own, in force or not: a review keeps its version. NotFound when there is none."""
    try:
        return library.get(set_id, version)
    except library.UnknownSet:
        query = f"{_ROWS} and c.set_id = %s and c.version = %s"
        return db.one(SetRow, query, (facility_id, set_id, version), NO_SET).held
