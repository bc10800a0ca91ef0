"""The sums of days: always what a grouping of the cases gives."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from app.platform.work import Reading, Work


class Day(NamedTuple):
    """One measure on one local day of a facility."""

    facility_id: int
    measure: str
    day: date


SUMS = """
  count(*) filter (where c.counted)::int as cases, count(*) filter (where not c.counted)::int as excluded,
  coalesce(sum(c.numerator) filter (where c.counted), 0) as numerator,
  coalesce(sum(c.denominator) filter (where c.counted), 0) as denominator,
  coalesce(sum(c.value) filter (where c.counted), 0) as total,
  coalesce(sum(ln(coalesce(c.value, c.numerator)))
    filter (where c.counted and coalesce(c.value, c.numerator) > 0), 0) as logs,
  coalesce(sum(ln(c.denominator)) filter (where c.counted and c.denominator > 0), 0) as logs_expected
"""
"""What is added up over cases `c`."""
NAMES = "cases, excluded, numerator, denominator, total, logs, logs_expected"
_ASKED = "unnest(%(facilities)s::smallint[], %(measures)s::text[], %(days)s::date[]) as k (facility_id, measure, day)"
_FORGET = f"""
delete from measure_day d using {_ASKED}
where d.facility_id = k.facility_id and d.measure = k.measure and d.day = k.day
"""
_ADD_UP = f"""
insert into measure_day (facility_id, measure, day, dimension, member, {NAMES}, computed_at)
select c.facility_id, c.measure, c.day, '', '', {SUMS}, %(now)s
from {_ASKED} join measure_case c on c.facility_id = k.facility_id and c.measure = k.measure and c.day = k.day
group by c.facility_id, c.measure, c.day
"""
_DIFFERING = f"""
with grouped as (select c.facility_id, c.measure, c.day, {SUMS} from measure_case c group by 1, 2, 3)
select coalesce(g.facility_id, d.facility_id), coalesce(g.measure, d.measure), coalesce(g.day, d.day)
from grouped g full join measure_day d on d.facility_id = g.facility_id and d.measure = g.measure and d.day = g.day
where d.cases is distinct from g.cases or d.excluded is distinct from g.excluded or d.dimension <> ''
  or {
    " or ".join(
        f"abs(d.{name} - g.{name}) > 1e-9 * greatest(1, abs(g.{name}))"
        for name in ("numerator", "denominator", "total", "logs", "logs_expected")
    )
}
"""


def add_up(work: Work, days: Iterable[Day]) -> None:
    """Make the sums of these days anew from the cases that stand now."""
    wanted = sorted(set(days))
    if not wanted:
        return
    given = {
        "facilities": [one.facility_id for one in wanted],
        "measures": [one.measure for one in wanted],
        "days": [one.day for one in wanted],
        "now": work.now,
    }
    work.write("measure_day", _FORGET, given)
    work.write("measure_day", _ADD_UP, given)


def differing(view: Reading) -> list[Day]:
    """Days whose stored sums are others than a grouping of the cases gives. Sums of fractions may differ in the order
    of addition, which is no difference."""
    return view.rows(Day, _DIFFERING)
