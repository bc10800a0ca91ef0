"""The figures of a long-term hospital: who left, who is there, and what follows for its averages and shares.

Read by the system over all stays of the hospital: a figure counts protected stays too. Two visits that are paid as one
stay are one discharge, under the later of the two.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.terms import DIED
from app.clocks.terms import Line
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.ltac.course.queries import weaning_standing
from app.ltac.course.terms import Outcome as Weaned
from app.ltac.days.queries import PaymentDays, standing
from app.ltac.days.rules import short_stay
from app.ltac.days.rules.absences import destination
from app.ltac.days.rules.averages import Leaver, Period, Present, cost_report_period
from app.ltac.days.rules.shares import Outcome, returned
from app.ltac.days.terms import Destination, Rate
from app.ltac.house.setting import USUAL_MONTH, first_month
from app.platform.work import Reading

_STAYS = """
select e.id, e.patient_id, e.status in ('admitted', 'on_leave'), e.disposition, e.discharge_at,
  coalesce((select d.expected_on from expected_date d where d.encounter_id = e.id and d.ended_at is null
    order by d.made_at desc, d.id desc limit 1), (e.expected_discharge_at at time zone %(zone)s::text)::date),
  (select min(n.start_at) from encounter n where n.patient_id = e.patient_id and n.id <> e.id and n.gone_at is null
    and n.patient_class = 'IP' and n.status <> 'cancelled' and n.start_at > e.discharge_at)
from encounter e
where e.facility_id = %(facility)s and e.gone_at is null and e.patient_class = 'IP'
  and (e.status in ('admitted', 'on_leave') or e.status = 'discharged' and e.discharge_at >= %(since)s)
order by e.id
"""


class Figure(StrEnum):
    """A figure of the page, by which its stays are opened."""

    AVERAGE = "average"  # days a discharge, by the rules that are switched on
    PAYMENT = "payment"  # discharges of original Medicare not paid site-neutral
    SHORT = "short"  # short stays at the standard rate
    WEANED = "weaned"  # off the ventilator at discharge, of those ventilated here
    BACK = "back"  # discharged to an acute hospital
    READMITTED = "readmitted"  # a new stay within thirty days


class _Row(msgspec.Struct, frozen=True):
    id: uuid.UUID
    patient_id: uuid.UUID
    here: bool
    disposition: str
    left_at: datetime | None
    expected: date | None
    back_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay as the figures see it. `outcome` is None while the patient is there."""

    id: uuid.UUID
    patient_id: uuid.UUID
    days: PaymentDays
    leaver: Leaver | None
    outcome: Outcome | None
    present: Present | None
    past_threshold: int | None = None

    @property
    def ready_days(self) -> int | None:
        """Whole days between medical readiness and the discharge; None where readiness was not recorded."""
        since = self.days.readiness.since
        if since is None or self.leaver is None:
            return None
        return (self.leaver.left - local_day(since, self.days.zone)).days


@dataclass(frozen=True, slots=True)
class House:
    """Everything that the figures of a hospital are made of."""

    today: date
    zone: ZoneInfo
    month: int
    month_set: bool
    stays: tuple[Stay, ...]

    @property
    def this(self) -> Period:
        """The cost-report period that holds today."""
        return cost_report_period(self.today, self.month)

    @property
    def last(self) -> Period:
        """The one before."""
        return cost_report_period(self.this.first - ONE_DAY, self.month)

    @property
    def leavers(self) -> list[Leaver]:
        """All discharges."""
        return [one.leaver for one in self.stays if one.leaver is not None]

    @property
    def present(self) -> list[Present]:
        """Everybody in the house."""
        return [one.present for one in self.stays if one.present is not None]

    def left_in(self, period: Period) -> list[Stay]:
        """Stays that ended in a period."""
        return [one for one in self.stays if one.leaver is not None and period.holds(one.leaver.left)]


def house(db: Reading, facility_id: int) -> House:
    """The stays of this and the last cost-report period, and those of today. `db` must see the whole hospital."""
    zone = ZoneInfo(str(db.value("select timezone from facility where id = %s", (facility_id,))))
    today, month = local_day(db.now, zone), first_month(db, facility_id)
    begun = cost_report_period(today, month or USUAL_MONTH).first
    since = start_of_day(cost_report_period(begun - ONE_DAY, month or USUAL_MONTH).first, zone)
    given = {"facility": facility_id, "zone": zone.key, "since": since}
    rows = {one.id: one for one in db.rows(_Row, _STAYS, given)}
    days = standing(db, list(rows))
    weaned = weaning_standing(db, list(days))
    found: dict[uuid.UUID, Stay] = {}
    for one in days.values():
        last = one.stay.visits[-1][0]
        if last in rows and last not in found:
            found[last] = _stay(rows[last], days.get(last, one), weaned[last].outcome if last in weaned else None)
    return House(today, zone, month or USUAL_MONTH, month is not None, tuple(found.values()))


def line_of(days: PaymentDays) -> Line:
    """Who pays, as the averages sort it: original Medicare or its plans before others."""
    for line in (Line.MEDICARE_FFS, Line.MEDICARE_ADVANTAGE):
        if line in days.lines:
            return line
    return days.lines[0] if days.lines else Line.OTHER


def _stay(row: _Row, days: PaymentDays, weaned: Weaned | None) -> Stay:
    key, line, rate = str(row.id), line_of(days), days.site_neutral.status
    if row.here or days.stay.ended_at is None:
        present = Present(
            key=key, days=days.covered_days + days.noncovered_days, away=days.days_away, expected=row.expected,
            mean=days.threshold.mean, line=line, rate=rate,
        )  # fmt: skip
        return Stay(row.id, row.patient_id, days, None, None, present)
    left = local_day(days.stay.ended_at, days.zone)
    leaver = Leaver(
        key=key, left=left, covered=days.covered_days, noncovered=days.noncovered_days, away=days.days_away,
        line=line, rate=rate,
    )  # fmt: skip
    day = days.threshold_day
    return Stay(
        row.id, row.patient_id, days, leaver, _outcome(row, days, weaned, left), None,
        None if day is None or rate is not Rate.STANDARD else days.covered_days - day,
    )  # fmt: skip


def _outcome(row: _Row, days: PaymentDays, weaned: Weaned | None, left: date) -> Outcome:
    never = weaned in (None, Weaned.NEVER_VENTILATED)
    standard = days.site_neutral.status is Rate.STANDARD
    return Outcome(
        key=str(row.id), left=left, died=row.disposition in DIED,
        short_stay=short_stay.short(days.covered_days, days.threshold) if standard else None,
        weaned=None if never else weaned is Weaned.WEANED,
        to_acute=destination(row.disposition) is Destination.ACUTE,
        back_on=None if row.back_at is None else local_day(row.back_at, days.zone),
    )  # fmt: skip


def hits(figure: Figure, stay: Stay, today: date) -> bool | None:
    """Whether a discharge counts as a hit of a share; None where it is in neither part of it."""
    one, leaver = stay.outcome, stay.leaver
    if one is None or leaver is None:
        return None
    if figure is Figure.PAYMENT:
        decided = leaver.line is Line.MEDICARE_FFS and leaver.rate in (Rate.STANDARD, Rate.SITE_NEUTRAL)
        return leaver.rate is Rate.STANDARD if decided else None
    if figure is Figure.SHORT:
        return one.short_stay
    if figure is Figure.WEANED:
        return one.weaned
    if figure is Figure.BACK:
        return one.to_acute
    return returned(one, today) if figure is Figure.READMITTED and not one.died and not one.to_acute else None


def standard_rate(stays: Sequence[Stay]) -> list[Outcome]:
    """The discharges among which short stays are counted: at the standard rate."""
    return [one.outcome for one in stays if one.outcome is not None and one.days.site_neutral.status is Rate.STANDARD]


class Named(msgspec.Struct, frozen=True):
    """A stay as a list names it, where the reader may see it."""

    id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str


def named(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Named]:
    """Names of those of these stays that the reader may see."""
    query = (
        "select e.id, e.patient_id, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')),"
        " concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), ''))"
        " from encounter e join patient p on p.id = e.patient_id where e.id = any(%s)"
    )
    rows: list[Any] = db.rows(Named, query, (list(stays),))
    return {one.id: one for one in rows}
