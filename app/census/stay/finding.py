"""Finding a patient: what was typed, read as a name, a number or a place; and what it finds."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from app.platform.work import Reading

MOST = 50  # results on the page
CANDIDATES = 400  # looked at before open stays are put first
RECENT = 10
RECENT_VIEWS = 500  # of the reader's own latest views, in which the recent patients are looked for
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed: names (family and given may be in either order), a number, a place (unit, room, bed)."""

    names: tuple[tuple[str, str], ...] = ()
    number: str = ""
    place: str = ""

    @property
    def empty(self) -> bool:
        return not (self.names or self.number or self.place)


class Found(msgspec.Struct, frozen=True):
    """One stay that was found."""

    id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    middle: str
    birth_text: str
    sex: str
    number: str
    visit_number: str
    unit: str
    room: str
    bed: str
    patient_class: str
    status: str
    start_at: datetime | None
    discharge_at: datetime | None
    discharge_precise: bool
    facility: str
    timezone: str
    exact: bool
    open: bool


class Restricted(msgspec.Struct, frozen=True):
    """A protected stay that was found by its number or its place; nothing of the person."""

    id: uuid.UUID
    facility_id: int
    unit: str
    room: str
    bed: str
    patient_class: str


def read(text: str) -> Asked:
    """Understand what was typed. Anything with a digit may be a number or a place; words are names.

    `Reyes, Al` is family and given; `Al Reyes` is tried in both orders, and as a family name of two words.
    """
    said = " ".join(text.lower().replace("\x00", "").split())[:80]
    packed = re.sub(r"[^0-9a-z]", "", said)
    if len(packed) < _SHORTEST and not (packed == "" and len(said) >= _SHORTEST):
        return Asked()
    if any(sign.isdigit() for sign in said):
        return Asked(number=said, place=packed)
    if "," in said:
        family, _, given = (part.strip() for part in said.partition(","))
        return Asked(names=((family, given),) if family else ())
    first, _, rest = said.partition(" ")
    if not rest:
        return Asked(names=((said, ""),), place=packed)
    front, _, last = said.rpartition(" ")
    return Asked(names=tuple(dict.fromkeys([(said, ""), (last, front), (first, rest)])))


_FOUND = """
with hit as (
  select e.id, false as exact, false as placed
    from find_patients(%(families)s::text[], %(givens)s::text[], %(candidates)s) f
    join encounter e on e.patient_id = f
  union all
  select id, exact, false from find_numbers(%(number)s, %(candidates)s)
  union all
  select e.id, false, true from encounter e
  where %(place)s <> '' and e.status in ('registered', 'admitted', 'on_leave')
    and e.facility_id = any((select app_facilities())::smallint[]) and """
_PLACE = (
    "(regexp_replace(lower({0}unit || {0}room || {0}bed), '[^0-9a-z]', '', 'g') ^@ %(place)s"
    " or regexp_replace(lower({0}room || {0}bed), '[^0-9a-z]', '', 'g') ^@ %(place)s)"
)
_REST = """
), best as (select id, bool_or(exact) as exact, bool_or(placed) as placed from hit group by id)
select e.id, e.patient_id, p.family, p.given, p.middle, p.birth_text, p.sex, p.number, e.visit_number,
  coalesce(nullif(u.name, ''), e.unit), e.room, e.bed, e.patient_class, e.status, e.start_at, e.discharge_at,
  e.discharge_precise, f.name, f.timezone, b.exact, e.status in ('registered', 'admitted', 'on_leave') as open
from best b join encounter e on e.id = b.id join patient p on p.id = e.patient_id
  join facility f on f.id = e.facility_id
  left join unit u on u.facility_id = e.facility_id and u.code = e.unit
where e.status <> 'cancelled' and e.gone_at is null
order by open desc, b.exact desc, b.placed desc,
  case when e.status in ('registered', 'admitted', 'on_leave') then lower(p.family) end,
  case when e.status in ('registered', 'admitted', 'on_leave') then lower(p.given) end, e.start_at desc nulls last, e.id
limit %(most)s
"""
_SEARCH = _FOUND + _PLACE.format("e.") + _REST
_RESTRICTED = (
    "select r.id, r.facility_id, coalesce(nullif(u.name, ''), r.unit), r.room, r.bed, r.patient_class"
    " from restricted_stays() r left join unit u on u.facility_id = r.facility_id and u.code = r.unit"
    " where (%(number)s <> '' and (lower(r.number) = %(number)s or lower(r.visit_number) = %(number)s))"
    " or (%(place)s <> '' and " + _PLACE.format("r.") + ") order by r.unit, r.room, r.bed, r.id limit %(most)s"
)
_RECENT = """
with mine as (
  select patients[1] as patient_id, id from phi_access
  where actor_id = %(who)s and cardinality(patients) = 1 and route = any(%(routes)s) order by id desc limit %(views)s
), latest as (select patient_id, max(id) as last from mine group by patient_id order by last desc limit %(most)s)
select e.id, e.patient_id, p.family, p.given, p.middle, p.birth_text, p.sex, p.number, e.visit_number,
  coalesce(nullif(u.name, ''), e.unit), e.room, e.bed, e.patient_class, e.status, e.start_at, e.discharge_at,
  e.discharge_precise, f.name, f.timezone, false, e.status in ('registered', 'admitted', 'on_leave')
from latest l join lateral (
    select * from encounter s where s.patient_id = l.patient_id and s.status <> 'cancelled' and s.gone_at is null
    order by s.status in ('registered', 'admitted', 'on_leave') desc, s.start_at desc nulls last limit 1) e on true
  join patient p on p.id = e.patient_id join facility f on f.id = e.facility_id
  left join unit u on u.facility_id = e.facility_id and u.code = e.unit
order by l.last desc
"""
# What opening a stay is called in the trail of disclosures; what a page asks for by itself does not count.
_OPENED = ["GET /encounters/{encounter_id}"] + [
    f"GET /encounters/{{{name}}}/{part}"
    for name, part in (("encounter_id", "timeline"), ("encounter_id", "history"), ("stay_id", "notes"))
]


def find(db: Reading, asked: Asked) -> list[Found]:
    """Stays in scope that fit, open ones first; one more than the page shows tells that there are more."""
    return db.rows(Found, _SEARCH, _parameters(asked, MOST + 1))


def restricted(db: Reading, asked: Asked) -> list[Restricted]:
    """Protected stays with exactly this number, or in this place."""
    if not (asked.number or asked.place):
        return []
    return db.rows(Restricted, _RESTRICTED, _parameters(asked, MOST))


def recent(db: Reading, user_id: uuid.UUID) -> list[Found]:
    """The patients whose stays this person opened last, each with the open or else the latest stay."""
    return db.rows(Found, _RECENT, {"who": user_id, "routes": _OPENED, "views": RECENT_VIEWS, "most": RECENT})


def only_one(asked: Asked, found: list[Found], hidden: list[Restricted]) -> Found | None:
    """The stay to open at once: the one whose MRN or visit number was typed in full."""
    exact = [one for one in found if one.exact]
    open_ones = [one for one in exact if one.open]
    if not asked.number or hidden:
        return None
    if len(open_ones) == 1:
        return open_ones[0]
    return exact[0] if len(exact) == 1 else None


def _parameters(asked: Asked, most: int) -> dict[str, Any]:
    return {
        "families": [family for family, _given in asked.names], "givens": [given for _family, given in asked.names],
        "number": asked.number, "place": asked.place, "candidates": CANDIDATES, "most": most,
    }  # fmt: skip
