"""Vendors as lists show them: distance, network as of a day, published figures, financial interest. One statement each.

Whoever needs vendors elsewhere asks `vendor_brief`, `search` and `survey`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from app.discharge.terms import CareType
from app.discharge.vendors.rules import Box, Need, Offer, Position, box, removal
from app.discharge.vendors.terms import Capability, NetworkStanding, Order, Removal
from app.platform.work import Reading

MOST = 1500
"""Vendors that are looked at for one list. Where more match, the list has to be limited by distance first."""


class Listed(msgspec.Struct):
    """One vendor as a list shows it. `total`: how many matched, of which this is one."""

    vendor_id: uuid.UUID
    care_type: str
    ccn: str
    name: str
    address: str
    city: str
    state: str
    zip_code: str
    phone: str
    medicare: bool | None
    medicaid: bool | None
    beds: int | None
    stars_overall: float | None
    stars_health: float | None
    stars_staffing: float | None
    stars_quality: float | None
    data_on: date | None
    source: str
    capabilities: list[str]
    languages: list[str]
    serves: list[str]
    closed_on: date | None
    portal_wanted: bool
    miles: float | None
    network: str | None
    network_since: date | None
    interest: str | None
    interest_share: float | None
    email: str | None
    total: int

    @property
    def place(self) -> str:
        """`701 Monroe St, Russellville AL 35653`."""
        town = " ".join(part for part in (self.city, self.state, self.zip_code) if part)
        return ", ".join(part for part in (self.address, town) if part)

    @property
    def affiliated(self) -> bool:
        """Whether a financial interest has to be told."""
        return self.interest is not None

    def offer(self) -> Offer:
        """As the rules read it. Words that are no capability of ours any more are left out."""
        known = {one.value for one in Capability}
        return Offer(
            name=self.name, care_type=CareType(self.care_type), miles=self.miles, serves=self.serves,
            stars=self.stars_overall, medicare=self.medicare, medicaid=self.medicaid,
            capabilities=frozenset(Capability(one) for one in self.capabilities if one in known),
            languages=frozenset(self.languages), network=NetworkStanding(self.network) if self.network else None,
            closed_on=self.closed_on,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What a search asks for. An empty value asks nothing.

    Attributes:
        within: miles around `around`; without a place it asks nothing.
        payer_code: whose network is shown.
        in_network: only vendors with a contract with that payer, or case by case.
    """

    care_type: CareType | None = None
    text: str = ""
    state: str = ""
    around: Position | None = None
    within: float | None = None
    capabilities: frozenset[Capability] = frozenset()
    language: str = ""
    payer_code: str = ""
    in_network: bool = False
    medicaid: bool = False
    least_stars: float | None = None
    closed_too: bool = False
    order: Order = Order.DISTANCE
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search and how many there are in all."""

    rows: list[Listed]
    total: int


@dataclass(frozen=True, slots=True)
class Survey:
    """Who may be on a list and who not, with the reason. `far` are counted only.

    Attributes:
        whole: False where more vendors match than are looked at: limit the distance.
    """

    kept: list[Listed]
    removed: list[tuple[Listed, Removal]]
    far: int
    whole: bool

    def counts(self) -> dict[Removal, int]:
        """How many were left out, by reason."""
        found: dict[Removal, int] = {}
        for _one, why in self.removed:
            found[why] = found.get(why, 0) + 1
        if self.far:
            found[Removal.TOO_FAR] = found.get(Removal.TOO_FAR, 0) + self.far
        return {why: found[why] for why in Removal if why in found}


_AWAY = """2 * 3958.8 * asin(least(1.0, sqrt(power(sin(radians(lat - %(lat)s::float8) / 2), 2)
    + cos(radians(%(lat)s::float8)) * cos(radians(lat)) * power(sin(radians(lon - %(lon)s::float8) / 2), 2))))"""
_SELECT = """
with placed as (
  select w.id, w.name, w.stars_overall, w.serves, coalesce(w.latitude, z.latitude) as lat,
    coalesce(w.longitude, z.longitude) as lon
  from vendor_version w left join zip_centroid z on w.latitude is null and z.zip_code = left(w.zip_code, 5)
    and z.table_id = (select t.id from zip_table t where t.ended_at is null)
  where w.ended_at is null and {conditions}
), measured as (select *, case when %(lat)s::float8 is null then null else {away} end as miles from placed {boxed}),
hits as (select id, miles, count(*) over () as total from measured {within} order by {order} limit %(limit)s
  offset %(offset)s)
select w.vendor_id, w.care_type, v.ccn, w.name, w.address, w.city, w.state, w.zip_code, w.phone, w.medicare, w.medicaid,
  w.beds, w.stars_overall, w.stars_health, w.stars_staffing, w.stars_quality, w.data_on, w.source, w.capabilities,
  w.languages, w.serves, w.closed_on, w.portal_wanted, h.miles, k.standing, k.begins, i.kind, i.share::float8, c.value,
  h.total
from hits h join vendor_version w on w.id = h.id join vendor v on v.id = w.vendor_id
left join lateral (select k.standing, k.begins from vendor_contract k where k.vendor_id = w.vendor_id
  and k.ended_at is null and k.payer_code = %(payer)s and k.begins <= %(on)s and (k.ends is null or k.ends >= %(on)s)
  order by k.begins desc, k.made_at desc limit 1) k on true
left join lateral (select i.kind, i.share from vendor_interest i where i.vendor_id = w.vendor_id and i.ended_at is null
  and i.since <= %(on)s and (i.until is null or i.until >= %(on)s) order by i.share desc nulls last limit 1) i on true
left join lateral (select c.value from vendor_contact c where c.vendor_id = w.vendor_id and c.ended_at is null
  and c.kind = 'email' order by c.made_at limit 1) c on true
order by {outer_order}
"""
_CONTRACTED = """
exists (select from vendor_contract k where k.vendor_id = w.vendor_id and k.ended_at is null
  and k.payer_code = %(payer)s and k.begins <= %(on)s and (k.ends is null or k.ends >= %(on)s)
  and k.standing <> 'out_of_network')
"""
_ORDERS = {
    Order.DISTANCE: ("miles nulls last, lower(name), id", "h.miles nulls last, lower(w.name), w.id"),
    Order.QUALITY: (
        "stars_overall desc nulls last, miles nulls last, lower(name), id",
        "w.stars_overall desc nulls last, h.miles nulls last, lower(w.name), w.id",
    ),
    Order.NAME: ("lower(name), id", "lower(w.name), w.id"),
}
_BOXED = "where lat between %(south)s and %(north)s and lon between %(west)s and %(east)s"


def search(db: Reading, facility_id: int, sought: Sought, on: date) -> Found:
    """Vendors of a facility that match, in a neutral order; network and interest as of that day."""
    conditions, values = _conditions(sought)
    values |= {"facility": facility_id, "payer": sought.payer_code, "on": on}
    values |= {"limit": sought.limit, "offset": sought.offset}
    rows = _listed(db, conditions, values, _Frame(sought.around, sought.within, sought.order))
    return Found(rows, rows[0].total if rows else 0)


def _conditions(sought: Sought) -> tuple[list[str], dict[str, Any]]:
    found, values = ["w.facility_id = %(facility)s"], dict[str, Any]()

    def ask(condition: str, **more: Any) -> None:
        found.append(condition)
        values.update(more)

    if sought.care_type is not None:
        ask("w.care_type = %(care)s", care=sought.care_type.value)
    if sought.text:
        like = "%" + sought.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        ask(
            "(w.name ilike %(like)s or w.city ilike %(like)s or w.zip_code ilike %(like)s"
            " or w.vendor_id in (select v.id from vendor v where v.ccn = upper(%(text)s)))",
            like=like, text=sought.text,
        )  # fmt: skip
    if sought.state:
        ask("w.state = upper(%(state)s)", state=sought.state)
    if sought.capabilities:
        ask("w.capabilities @> %(capabilities)s", capabilities=sorted(sought.capabilities))
    if sought.language:
        ask("lower(%(language)s) = any(select lower(l) from unnest(w.languages) l)", language=sought.language)
    if sought.medicaid:
        ask("w.medicaid")
    if sought.least_stars is not None:
        ask("w.stars_overall >= %(stars)s", stars=sought.least_stars)
    if sought.in_network and sought.payer_code:
        ask(_CONTRACTED)
    if not sought.closed_too:
        ask("(w.closed_on is null or w.closed_on > %(on)s)")
    return found, values


@dataclass(frozen=True, slots=True)
class _Frame:
    """Around what a statement measures, how far, and in which order it answers."""

    around: Position | None = None
    within: float | None = None
    order: Order = Order.DISTANCE
    visits: str = ""  # a ZIP code that counts as reached where a vendor says that it serves it


def _listed(db: Reading, conditions: Sequence[str], values: dict[str, Any], frame: _Frame) -> list[Listed]:
    inner, outer = _ORDERS[frame.order]
    boxed = within = ""
    if frame.around is not None and frame.within is not None:
        limits = box(frame.around, frame.within)
        values |= {name: getattr(limits, name) for name in Box.__slots__} | {"within": frame.within}
        serves = " or %(visits)s = any(serves)" if frame.visits else ""
        values["visits"] = frame.visits
        boxed, within = _BOXED + serves, f"where miles <= %(within)s{serves}"
    around = frame.around
    values |= {"lat": around.latitude if around else None, "lon": around.longitude if around else None}
    query = _SELECT.format(
        conditions=" and ".join(conditions), away=_AWAY, boxed=boxed, within=within, order=inner, outer_order=outer
    )
    return db.rows(Listed, query, values)


def survey(db: Reading, facility_id: int, need: Need, around: Position | None, payer_code: str) -> Survey:
    """Everybody of a type in reach, parted into who may be listed and who not; both nearest first.

    Who is farther away than asked is counted, whatever else would speak against it.
    """
    zip_code = need.zip_code[:5] if need.zip_code[:5].isdigit() else ""
    values: dict[str, Any] = {
        "facility": facility_id, "payer": payer_code, "on": need.on, "care": need.care_type.value,
        "limit": MOST, "offset": 0,
    }  # fmt: skip
    conditions = ["w.facility_id = %(facility)s", "w.care_type = %(care)s"]
    found = _listed(db, conditions, values, _Frame(around, need.within, Order.DISTANCE, zip_code))
    total = found[0].total if found else 0
    every = db.value(
        "select count(*) from vendor_version where facility_id = %s and care_type = %s and ended_at is null",
        (facility_id, need.care_type.value),
    )
    kept: list[Listed] = []
    removed: list[tuple[Listed, Removal]] = []
    for one in found:
        why = removal(one.offer(), need)
        if why is None:
            kept.append(one)
        else:
            removed.append((one, why))
    return Survey(kept, removed, every - total, total <= MOST)


def vendor_brief(
    db: Reading, vendors: Sequence[uuid.UUID], *, payer_code: str = "", on: date | None = None
) -> dict[uuid.UUID, Listed]:
    """These vendors by key, with network and interest as of a day (today in UTC where none is named); no distance."""
    if not vendors:
        return {}
    values = {
        "vendors": list(vendors), "payer": payer_code, "on": on or db.now.date(), "limit": len(vendors), "offset": 0,
    }  # fmt: skip
    frame = _Frame(order=Order.NAME)
    return {one.vendor_id: one for one in _listed(db, ["w.vendor_id = any(%(vendors)s)"], values, frame)}


class Placed(msgspec.Struct):
    """Where a facility stands, and since when that is known here."""

    zip_code: str
    latitude: float
    longitude: float
    made_at: datetime

    @property
    def position(self) -> Position:
        """As the rules read it."""
        return Position(self.latitude, self.longitude)


def position_of(db: Reading, facility_id: int) -> Placed | None:
    """Where a facility stands; None where nobody has said."""
    found = db.rows(
        Placed,
        "select zip_code, latitude, longitude, made_at from facility_position"
        " where facility_id = %s and ended_at is null",
        (facility_id,),
    )
    return found[0] if found else None


def centroid(db: Reading, zip_code: str) -> Position | None:
    """The middle of a ZIP code; None where the table of centroids does not have it."""
    found = db.rows(
        Position,
        "select c.latitude, c.longitude from zip_centroid c join zip_table t on t.id = c.table_id"
        " where t.ended_at is null and c.zip_code = %s",
        (zip_code[:5],),
    )
    return found[0] if found else None


def around_of(db: Reading, facility_id: int, zip_code: str = "") -> Position | None:
    """Where distances are measured from: the ZIP code that is named, else where the facility stands."""
    if zip_code:
        return centroid(db, zip_code)
    placed = position_of(db, facility_id)
    return placed.position if placed is not None else None
