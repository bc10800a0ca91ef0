"""What the board of a unit reads: every bed that is taken, by a fixed number of statements however many there are."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from app.discharge.plan import queries as plans
from app.discharge.plan.items.queries import Item, items
from app.discharge.plan.lights.queries import lights_of
from app.discharge.plan.lights.rules import LightShown
from app.discharge.plan.queries import BarrierRow, Expected, Going, Look
from app.discharge.plan.terms import ItemPart, ItemState
from app.discharge.ready.queries import ready_since
from app.platform.work import Reading


class Bed(msgspec.Struct, frozen=True):
    """A bed that is taken by a stay that the reader may see. `began` is the first day of the stay."""

    id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    birth: str
    room: str
    bed: str
    began: date | None
    gmlos: float | None
    owner: str
    feed_at: datetime | None  # when the feed expects the patient to leave

    @property
    def place(self) -> str:
        """Room and bed, as the unit says them."""
        return "-".join(part for part in (self.room, self.bed) if part) or "no bed"


class UnitRow(msgspec.Struct, frozen=True):
    """A unit with the number of its described beds and of stays that the reader may see there."""

    code: str
    name: str
    beds: int
    taken: int
    mine: int


class Known(msgspec.Struct, frozen=True):
    """What the plan knows of the stays of a board, each by the key of its stay."""

    expected: Mapping[uuid.UUID, Expected]
    going: Mapping[uuid.UUID, Going]
    barriers: Mapping[uuid.UUID, Sequence[BarrierRow]]
    lights: Mapping[uuid.UUID, Sequence[LightShown]]
    next: Mapping[uuid.UUID, Item]
    looked: Mapping[uuid.UUID, Look]
    ready: Mapping[uuid.UUID, datetime]


_HERE = "e.facility_id = %s and e.status in ('admitted', 'on_leave') and e.gone_at is null"
_BEDS = f"""
select e.id, e.patient_id, p.family, p.given, p.birth_text, e.room, e.bed,
  (coalesce(least(e.observation_at, e.inpatient_at), e.start_at) at time zone f.timezone)::date, e.gmlos::float8,
  coalesce(u.display_name, ''),
  coalesce(case when e.pending_kind = 'discharge' then e.pending_at end, e.expected_discharge_at)
from encounter e join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id
left join assignment a on a.encounter_id = e.id and a.ended_at is null left join app_user u on u.id = a.user_id
where {_HERE} and e.unit = %s order by e.room, e.bed, e.id
"""
_UNITS = f"""
select coalesce(n.code, t.unit), coalesce(nullif(n.name, ''), n.code, t.unit), coalesce(n.beds, 0),
  coalesce(t.taken, 0)::int, coalesce(t.mine, 0)::int
from (select code, name, beds from unit where facility_id = %s) n full join (
  select e.unit, count(*) as taken, count(a.id) filter (where a.user_id = %s) as mine from encounter e
  left join assignment a on a.encounter_id = e.id and a.ended_at is null
  where {_HERE} and e.unit <> '' group by e.unit) t on t.unit = n.code
order by 1
"""
_KEPT_BACK = "select room, bed from restricted_stays() where facility_id = %s and unit = %s order by room, bed"


def beds_of(db: Reading, facility_id: int, unit: str) -> list[Bed]:
    """The stays of a unit by room and bed."""
    return db.rows(Bed, _BEDS, (facility_id, unit))


def units(db: Reading, facility_id: int) -> list[UnitRow]:
    """The units of a facility: those described, and those where somebody lies."""
    return db.rows(UnitRow, _UNITS, (facility_id, db.who.actor_id, facility_id))


def kept_back(db: Reading, facility_id: int, unit: str) -> list[str]:
    """Beds that are taken by protected stays, of which the reader may know no more."""
    rows = db.rows(lambda room, bed: "-".join(part for part in (room, bed) if part), _KEPT_BACK, (facility_id, unit))
    return [place or "no bed" for place in rows]


def known(db: Reading, stays: Sequence[uuid.UUID]) -> Known:
    """Everything that the plan knows of these stays."""
    steps: dict[uuid.UUID, Item] = {}
    for one in items(db, stays):
        if one.part is ItemPart.MILESTONE and one.state is ItemState.OPEN:
            kept = steps.get(one.encounter_id)
            if kept is None or (one.due_on or date.max) < (kept.due_on or date.max):
                steps[one.encounter_id] = one
    return Known(
        expected={one.encounter_id: one for one in plans.expected_dates(db, stays)},
        going={one.encounter_id: one for one in plans.dispositions(db, stays)},
        barriers=plans.open_barriers(db, stays),
        lights=lights_of(db, stays),
        next=steps,
        looked={one.encounter_id: one for one in plans.looks(db, stays)},
        ready=ready_since(db, stays),
    )
