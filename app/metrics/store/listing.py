"""The cases behind a figure: those whose stay the reader may see, and how many others there are."""

import uuid
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from app.kernel.refusal import Refused
from app.metrics.store.queries import EVERYTHING, conditions_of
from app.metrics.terms import Filter, MeasureId, Period
from app.platform.work import Reading

PAGE = 100
"""Cases of one page."""


class Among(StrEnum):
    """Which of the cases of a period are listed."""

    COUNTED = "counted"  # those that the figure counts
    HITS = "hits"  # counted ones with something in the numerator
    EXCLUDED = "excluded"  # those that are left out, for whatever reason
    ALL = "all"  # counted ones and others


class Which(msgspec.Struct, frozen=True):
    """Which cases are asked for; with `reason` only those that are left out for it (a code of the definition)."""

    where: Filter = EVERYTHING
    among: Among = Among.COUNTED
    reason: str = ""


ALL_COUNTED = Which()


class Case(msgspec.Struct, frozen=True):
    """One case as a list shows it. `excluded` is the code of the reason, empty where it is counted."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    record_id: uuid.UUID | None
    facility_id: int
    day: date
    excluded: str
    numerator: float | None
    denominator: float | None
    value: float | None
    unit: str
    service: str
    attending: str
    payer: str
    vendor: str
    detail: dict[str, Any]
    visit_number: str
    family: str
    given: str


class Cases(msgspec.Struct, frozen=True):
    """One page of cases.

    Attributes:
        total: all of them, hidden ones too: the number that the figure names.
        hidden: how many belong to stays that the reader may not see.
    """

    rows: list[Case]
    total: int
    hidden: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-(self.total - self.hidden) // PAGE))


_COUNT = """
select (select count(*) from measure_case d where {conditions}),
  (select count(*) from measure_case d where {conditions} and d.encounter_id = any((select app_hidden_stays())::uuid[]))
"""
# The page is cut by the index alone before rows, stays and patients are looked up: a year has fifty thousand cases.
# Of a return to a stay that the reader may not see nothing is told but that the figure counts it; of one to a hospital
# out of the reader's reach not the stay.
_ROWS = """
select c.encounter_id, e.patient_id, c.record_id, c.facility_id, c.day, c.excluded, c.numerator, c.denominator,
  c.value, c.unit, c.service, c.attending, c.payer, c.vendor,
  case when (c.detail ->> 'returned')::uuid = any((select app_hidden_stays())::uuid[])
      then c.detail - '{{returned,returned_to,days,planned,planned_rule,still_there}}'::text[]
    when r.id is null then c.detail - 'returned' else c.detail end,
  e.visit_number, p.family, p.given
from (
  select d.encounter_id, d.measure, d.day, d.record_id from measure_case d
  where {conditions} and not (d.encounter_id = any((select app_hidden_stays())::uuid[]))
  order by d.day desc, d.encounter_id, d.record_id limit {limit} offset %(skipped)s
) k join measure_case c on c.encounter_id = k.encounter_id and c.measure = k.measure and c.day = k.day
  and c.record_id is not distinct from k.record_id
join encounter e on e.id = c.encounter_id join patient p on p.id = e.patient_id
left join encounter r on r.id = (c.detail ->> 'returned')::uuid
order by c.day desc, c.encounter_id, c.record_id
"""
_AMONG = {
    Among.COUNTED: " and d.counted",
    Among.HITS: " and d.counted and d.numerator > 0",
    Among.EXCLUDED: " and not d.counted",
    Among.ALL: "",
}


def cases(db: Reading, measure: MeasureId, period: Period, which: Which = ALL_COUNTED, page: int = 1) -> Cases:
    """A page of the cases behind a figure, the latest first."""
    page = max(1, page)
    return _cut(db, *_conditions(measure, period, which), page)


def every_case(db: Reading, measure: MeasureId, period: Period, which: Which, most: int) -> Cases:
    """All cases behind a figure as one page, for a file; Refused where there are more than `most`."""
    conditions, values = _conditions(measure, period, which)
    found = db.value(f"select count(*) from measure_case d where {conditions}", values)
    if found > most:
        raise Refused(f"A file holds up to {most:,} cases, here are {found:,}. Choose fewer days.")
    return _cut(db, conditions, values, 1, most)


def _conditions(measure: MeasureId, period: Period, which: Which) -> tuple[str, dict[str, Any]]:
    conditions, values = conditions_of(measure, period, which.where)
    conditions += _AMONG[which.among]
    if which.reason:
        conditions += " and d.excluded = %(reason)s"
        values["reason"] = which.reason
    return conditions, values


def _cut(db: Reading, conditions: str, values: dict[str, Any], page: int, most: int = PAGE) -> Cases:
    total, hidden = db.one(_pair, _COUNT.format(conditions=conditions), values)
    values["skipped"] = (page - 1) * most
    rows = db.rows(Case, _ROWS.format(conditions=conditions, limit=most), values)
    return Cases(rows, total, hidden, page)


def _pair(total: int, hidden: int) -> tuple[int, int]:
    return total, hidden
