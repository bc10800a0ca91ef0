"""Codes of our own stays that no map and no list knows, and those that somebody put into a category."""

import uuid
from datetime import date, datetime

import msgspec

from app.metrics.value_sets import queries
from app.metrics.value_sets.maps import CategoryMaps
from app.platform.work import Reading

# What stands in the final coding of a stay, else what the feed said: the same choice as in coded.py, for all stays that
# the measure looks at (R0: inpatients of acute and critical access hospitals).
_CODES = """
with principal as (
  select c.encounter_id, c.principal_dx as code from coded_stay c where c.ended_at is null
  union all
  (select distinct on (d.encounter_id) d.encounter_id, upper(replace(d.code, '.', '')) from diagnosis d
   where d.code <> '' and not exists (
     select from coded_stay c where c.encounter_id = d.encounter_id and c.ended_at is null)
   order by d.encounter_id, d.kind = 'F' desc, d.kind = 'W' desc, d.kind <> 'A' desc, d.rank)
), had as (
  select 'dx' as system, encounter_id, code from principal
  union all
  select distinct 'px', p.encounter_id, p.px from coded_procedure p
  join coded_stay c on c.id = p.coded_stay_id and c.ended_at is null
)
select h.system, h.code, count(*)::int as stays,
  min((coalesce(e.discharge_at, e.start_at) at time zone f.timezone)::date) as first_on,
  max((coalesce(e.discharge_at, e.start_at) at time zone f.timezone)::date) as last_on
from had h join encounter e on e.id = h.encounter_id join facility f on f.id = e.facility_id
where f.kind in ('acute', 'cah') and e.patient_class = 'IP'
  and e.gone_at is null and e.status not in ('preadmit', 'cancelled')
group by h.system, h.code order by stays desc, h.system, h.code
"""
_PLACED = """
select c.id, c.system, c.code, c.ccs, c.reason, c.made_at, coalesce(u.display_name, '') as made_by
from code_category c left join app_user u on u.id = c.made_by
where c.ended_at is null order by c.made_at desc, c.id
"""
_ENTRY = """
select c.id, c.system, c.code, c.ccs, c.reason, c.made_at, coalesce(u.display_name, '') as made_by
from code_category c left join app_user u on u.id = c.made_by where c.id = %s and c.ended_at is null
"""
NO_ENTRY = "There is no such entry here, or it was taken back already."
_STANDING = "select id, ccs from code_category where system = %s and code = %s and ended_at is null"


class SeenCode(msgspec.Struct):
    """A code, how many inpatient stays have it, and the days of the first and last of them (of departure, if left)."""

    system: str
    code: str
    stays: int
    first_on: date | None
    last_on: date | None


class PlacedCode(msgspec.Struct):
    """A code that somebody put into a category, when and why."""

    id: uuid.UUID
    system: str
    code: str
    ccs: int
    reason: str
    made_at: datetime
    made_by: str


class Standing(msgspec.Struct):
    """The entry of a code that stands."""

    id: uuid.UUID
    ccs: int


def without_category(db: Reading, maps: CategoryMaps) -> list[SeenCode]:
    """Codes of the stays in the reader's scope that neither map nor list knows, the most frequent first."""
    known = {system: known_codes(db, system, maps) | set(queries.placed(db, system)) for system in ("dx", "px")}
    return [one for one in db.rows(SeenCode, _CODES) if one.code and one.code not in known[one.system]]


def known_codes(db: Reading, system: str, maps: CategoryMaps) -> frozenset[str]:
    """Codes that the published map knows, and those that a list of the vintage in use names by themselves."""
    lists = ["dx_ccs", "pr4_cm"] if system == "dx" else ["px_ccs", "pr3_pcs", "surgery_pcs"]
    listed = db.values(
        "select distinct c.code from value_set_code c join value_set_vintage v on v.id = c.vintage_id"
        " where v.vintage = %s and v.ended_at is null and c.list = any(%s)",
        (queries.in_use(db), lists),
    )
    table = maps.dx if system == "dx" else maps.px
    return frozenset(table["code"].to_list()) | frozenset(listed)


def placed_codes(db: Reading) -> list[PlacedCode]:
    """What people said of codes and stands, the newest first."""
    return db.rows(PlacedCode, _PLACED)


def entry(db: Reading, placing_id: uuid.UUID) -> PlacedCode:
    """One entry that stands; NotFound otherwise."""
    return db.one(PlacedCode, _ENTRY, (placing_id,), missing=NO_ENTRY)


def standing(db: Reading, system: str, code: str) -> Standing | None:
    """The entry of a code that stands, if there is one."""
    found = db.rows(Standing, _STANDING, (system, code))
    return found[0] if found else None
