"""The page of the measures: figures over a time, and the stays behind each of them."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Response

from app.clocks.settings.line_pages import place_of
from app.discharge.illness.measures.rules import (
    Counted,
    Course,
    Measure,
    consults,
    goals,
    hospice,
    median_hours,
    share,
)
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
SPANS = (30, 90, 365)
_DIED = ("20", "40", "41", "42")
_COURSES = """
select e.id, e.patient_id, coalesce(nullif(concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), ''),
    'Name not sent'), c.first_found_at,
  coalesce((select min(v.ordered_at) from illness_case v where v.encounter_id = e.id and v.state in ('seen', 'closed')),
    c.ordered_at), i.since, coalesce(i.days, 0),
  array(select a.made_at from advance_care a where a.encounter_id = e.id and a.goals <> ''
    union all select m.held_at from illness_meeting m where m.encounter_id = e.id and m.ended_at is null
      and m.state = 'held' and m.agreed <> ''
    union all select s.signed_at from assessment s where s.encounter_id = e.id and s.ended_at is null
      and s.state = 'signed' and s.content ->> 'goals' <> ''),
  case when e.status = 'discharged' and e.disposition = any(%(died)s) then e.discharge_at end,
  (select min(m.held_at) from illness_meeting m where m.encounter_id = e.id and m.ended_at is null
    and m.state = 'held' and m.hospice_considered)
from encounter e join patient p on p.id = e.patient_id
  left join illness_case c on c.encounter_id = e.id and c.ended_at is null and c.state <> 'gone'
  left join lateral (select min(m.since) as since, floor(sum(extract(epoch from
      least(coalesce(m.until, %(now)s::timestamptz), %(now)s::timestamptz) - m.since)) / 86400)::int as days
    from movement m join unit w on w.facility_id = m.facility_id and w.code = split_part(m.value, '^', 1)
      and w.kind = 'intensive'
    where m.encounter_id = e.id and m.lane = 1 and m.since < %(now)s::timestamptz) i on true
where e.facility_id = %(facility)s and e.gone_at is null and e.patient_class in ('IP', 'OBS')
  and e.status in ('admitted', 'on_leave', 'discharged')
  and coalesce(e.discharge_at, %(now)s::timestamptz) >= %(since)s::timestamptz and e.start_at <= %(now)s::timestamptz
order by p.family, p.given, e.id
"""


class _Row(msgspec.Struct):
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    found_at: datetime | None
    ordered_at: datetime | None
    intensive_since: datetime | None
    intensive_days: int
    goals_at: list[datetime]
    died_at: datetime | None
    hospice_at: datetime | None


def courses(db: Reading, facility_id: int, since: datetime) -> list[Course]:
    """The stays of a facility that lie in a time, as the measures read them."""
    values = {"facility": facility_id, "since": since, "now": db.now, "died": list(_DIED)}
    return [
        Course(row.encounter_id, row.patient_id, row.name, row.found_at, row.ordered_at, row.intensive_since,
               row.intensive_days, tuple(row.goals_at), row.died_at, row.hospice_at)
        for row in db.rows(_Row, _COURSES, values)
    ]  # fmt: skip


@get("/serious-illness/measures", permission=Permission.AVOIDABLE_DAY_STUDY, sync_to_thread=True)
def show(request: Asked, days: FromQuery[int] = 90, of: FromQuery[str] = "") -> Response[bytes]:
    """Three figures; each opens the stays that it counts."""
    viewer = the_viewer(request)
    place = place_of(viewer, Permission.AVOIDABLE_DAY_STUDY)
    span = days if days in SPANS else 90
    with reading(viewer) as db:
        found = courses(db, place.id, db.now - timedelta(days=span))
        now = db.now
    lists = {Measure.CONSULT: consults(found), Measure.GOALS: goals(found, now), Measure.HOSPICE: hospice(found)}
    chosen = Measure(of) if of in set(Measure) else None
    shown = lists[chosen] if chosen else []
    tiles = [
        _tile(Measure.CONSULT, "Hours to a consult", span, lists[Measure.CONSULT], _hours(found)),
        _tile(Measure.GOALS, "Goals by day 9 of intensive care", span, lists[Measure.GOALS], ""),
        _tile(Measure.HOSPICE, "Hospice considered before death", span, lists[Measure.HOSPICE], ""),
    ]
    context: dict[str, Any] = {
        "place": place.name, "tiles": [tile | {"current": tile["of"] == of} for tile in tiles],
        "days": span, "spans": list(SPANS), "of": chosen.value if chosen else "",
        "rows": [{"href": f"/encounters/{one.course.encounter_id}/illness", "name": one.course.name, "words": one.words}
                 for one in shown],
    }  # fmt: skip
    patients = sorted({one.course.patient_id for one in shown}, key=str)
    return page(request, "discharge/illness/measures.html", discloses=patients or NO_PHI,
                title="Serious illness, measures", **context)  # fmt: skip


def _hours(found: Sequence[Course]) -> str:
    middle = median_hours(found)
    return f"{middle:.0f} h" if middle is not None else "–"


def _tile(one: Measure, label: str, span: int, counted: Sequence[Counted], figure: str) -> dict[str, str]:
    met, over = share(counted)
    text = figure or (f"{round(100 * met / over)} %" if over else "–")
    rest = f"{met} of {over}" if one is not Measure.CONSULT else f"median of {met}, {len(counted)} with signs"
    waits = len(counted) - over
    if one is Measure.GOALS and waits:
        rest += f", {waits} still in time"
    return {"href": f"/serious-illness/measures?days={span}&of={one.value}", "title": label, "figure": text,
            "context": rest, "of": one.value}  # fmt: skip


ROUTES = [show]
