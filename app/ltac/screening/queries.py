"""What is known of referrals: where each stands, what was screened, what the payer said. Three statements for any."""

import re
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.clocks.terms import Line
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.ltac.screening.rules import Judged, Told412, judged
from app.ltac.screening.terms import Advice, DaysSource, PayerState, ReferralState, Told
from app.platform.work import Reading

NO_REFERRAL = "There is no such referral, or it lies outside what you may see."


class Referral(msgspec.Struct, frozen=True):
    """A referral as it stands. `action` to `stepped_by_name` are of its last step; `patient_id` of its stay here."""

    id: uuid.UUID
    serial: int
    facility_id: int
    timezone: str
    received_at: datetime
    version_id: uuid.UUID
    family: str
    given: str
    birth: date
    sex: str
    record_number: str
    from_name: str
    from_ccn: str
    from_place: str
    contact: str
    contact_reach: str
    needs: list[str]
    wanted_on: date | None
    answer_by: datetime
    line: str
    payer_name: str
    member_number: str
    drg: str
    note: str
    state: str
    action: str
    reason: str
    said: str
    bed: str
    bed_on: date | None
    encounter_id: uuid.UUID | None
    stepped_at: datetime | None
    stepped_by: uuid.UUID | None
    stepped_by_name: str
    answered_at: datetime | None
    patient_id: uuid.UUID | None

    @property
    def stands(self) -> ReferralState:
        """Where the referral stands."""
        return ReferralState(self.state)

    @property
    def source(self) -> str:
        """The referring hospital as addresses name it: by its certification number, else by its name."""
        return source_key(self.from_ccn, self.from_name)

    @property
    def who_pays(self) -> Line | None:
        """The line of business, where it was told."""
        return Line(self.line) if self.line else None

    @property
    def hidden(self) -> bool:
        """Whether the stay that the referral became is one that the reader may not see."""
        return self.encounter_id is not None and self.patient_id is None


class Screened(msgspec.Struct, frozen=True):
    """What the screening knows, as it was recorded last."""

    referral_id: uuid.UUID
    acute: Told
    direct: Told
    excluded: Told
    intensive: list[date] | None
    intensive_source: DaysSource
    intensive_stay_id: uuid.UUID | None
    still_intensive: bool
    ventilator_hours: int | None
    ventilator_basis: str
    benefit_left: int | None
    reserve_left: int | None
    benefit_source: str
    ventilator_day: int | None
    trach: Told
    dialysis: Told
    wounds: str
    lines: str
    isolation: str
    expected_days: int | None
    complex: Told
    advice: Advice
    remark: str
    made_at: datetime
    made_by_name: str


class Authorized(msgspec.Struct, frozen=True):
    """Where the payer's authorization stands."""

    referral_id: uuid.UUID
    state: PayerState
    payer_number: str
    days: int | None
    said: str
    made_at: datetime
    made_by_name: str


class Evidence(msgspec.Struct, frozen=True):
    """What came with the referral of a stay: the evidence for the payment rate, and days of the benefit as told."""

    referral_id: uuid.UUID
    serial: int
    from_name: str
    judged: Judged
    intensive: tuple[date, ...] | None
    intensive_source: DaysSource
    ventilator_hours: int | None
    ventilator_basis: str
    benefit_left: int | None
    reserve_left: int | None
    benefit_source: str
    screened_at: datetime


_REFERRALS = """
select r.id, r.serial, r.facility_id, f.timezone, r.received_at, v.id, v.family, v.given, v.birth, v.sex,
  v.record_number, v.from_name, v.from_ccn, v.from_place, v.contact, v.contact_reach, v.needs, v.wanted_on,
  v.answer_by, v.line, v.payer_name, v.member_number, v.drg, v.note, coalesce(s.state, 'received'),
  coalesce(s.action, ''), coalesce(s.reason, ''), coalesce(s.said, ''), coalesce(s.bed, ''), s.bed_on,
  s.encounter_id, s.made_at, s.made_by, coalesce(u.display_name, ''), d.answered_at, e.patient_id
from ltac_referral r
join facility f on f.id = r.facility_id
join ltac_referral_version v on v.referral_id = r.id and v.ended_at is null
left join lateral (select * from ltac_referral_step t where t.referral_id = r.id and t.ended_at is null
  order by t.made_at desc, t.id desc limit 1) s on true
left join lateral (select min(t.made_at) as answered_at from ltac_referral_step t where t.referral_id = r.id
  and t.ended_at is null and t.action in ('accept', 'decline')) d on true
left join app_user u on u.id = s.made_by
left join encounter e on e.id = s.encounter_id
where {} order by v.answer_by, r.serial
"""
_SCREENED = """
select c.referral_id, c.acute, c.direct, c.excluded, c.intensive, c.intensive_source, c.intensive_stay_id,
  c.still_intensive, c.ventilator_hours, c.ventilator_basis, c.benefit_left, c.reserve_left, c.benefit_source,
  c.ventilator_day, c.trach, c.dialysis, c.wounds, c.lines, c.isolation, c.expected_days, c.complex, c.advice,
  c.remark, c.made_at, coalesce(u.display_name, '')
from ltac_screening c left join app_user u on u.id = c.made_by
where c.referral_id = any(%s) and c.ended_at is null
"""
_AUTHORIZED = """
select a.referral_id, a.state, a.payer_number, a.days, a.said, a.made_at, coalesce(u.display_name, '')
from ltac_authorization a left join app_user u on u.id = a.made_by
where a.referral_id = any(%s) and a.ended_at is null
"""
_OPEN = "('received', 'screening', 'accepted')"


def source_key(ccn: str, name: str) -> str:
    """A referring hospital as addresses name it."""
    return ccn or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def open_referrals(db: Reading, facility_id: int) -> list[Referral]:
    """Referrals about which somebody still has to do something: those that wait by their answer, then the accepted."""
    where = f"r.facility_id = %s and coalesce(s.state, 'received') in {_OPEN}"
    found = db.rows(Referral, _REFERRALS.format(where), (facility_id,))
    return sorted(found, key=lambda one: not one.stands.waits)


def decided_since(db: Reading, facility_id: int, since: datetime) -> list[Referral]:
    """Referrals that are decided, of those decided since that instant; the last decision first."""
    where = f"r.facility_id = %s and s.state not in {_OPEN} and s.made_at >= %s"
    found = db.rows(Referral, _REFERRALS.format(where), (facility_id, since))
    return sorted(found, key=lambda one: one.stepped_at or one.received_at, reverse=True)


def received_between(db: Reading, facility_id: int, since: datetime, until: datetime) -> list[Referral]:
    """Referrals that came in from one instant to before another one."""
    where = "r.facility_id = %s and r.received_at >= %s and r.received_at < %s"
    return db.rows(Referral, _REFERRALS.format(where), (facility_id, since, until))


def referral(db: Reading, referral_id: uuid.UUID) -> Referral:
    """One referral; NotFound outside the reader's scope, once it is struck out, and where its stay is hidden."""
    found = db.one(Referral, _REFERRALS.format("r.id = %s"), (referral_id,), missing=NO_REFERRAL)
    if found.hidden:
        raise NotFound(NO_REFERRAL)
    return found


def screened(db: Reading, referral_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Screened]:
    """What the screening knows, by referral; one that nobody screened is missing."""
    return {one.referral_id: one for one in db.rows(_screened, _SCREENED, (list(referral_ids),))}


def mark_of(told: Screened | None) -> str:
    """What tells one version of a screening from another."""
    return "none" if told is None else told.made_at.isoformat()


def authorized(db: Reading, referral_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Authorized]:
    """Where the payer's authorization stands, by referral; one that nobody recorded is missing."""

    def shape(key: uuid.UUID, state: str, *rest: object) -> Authorized:
        return Authorized(key, PayerState(state), *rest)  # type: ignore[arg-type]

    return {one.referral_id: one for one in db.rows(shape, _AUTHORIZED, (list(referral_ids),))}


def _screened(*row: Any) -> Screened:
    return msgspec.convert(dict(zip(Screened.__struct_fields__, row, strict=True)), Screened)


def rate_of(one: Referral, found: Screened | None, today: date) -> Judged:
    """What the evidence speaks for."""
    if found is None:
        return judged(Told412(line=one.who_pays), today)
    told = Told412(
        line=one.who_pays, acute=found.acute, direct=found.direct, excluded=found.excluded, intensive=found.intensive,
        still_intensive=found.still_intensive, ventilator=found.ventilator_hours,
    )  # fmt: skip
    return judged(told, today)


def evidence_of(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Evidence]:
    """What came with the referrals of these stays, by stay; one without a screened referral is missing."""
    belongs = with_former(db, encounter_ids)
    found = db.rows(Referral, _REFERRALS.format("s.encounter_id = any(%s) and s.action = 'admit'"), (list(belongs),))
    told = screened(db, [one.id for one in found])
    return {
        belongs[one.encounter_id]: _evidence(one, told[one.id], db.now)
        for one in found
        if one.encounter_id is not None and one.id in told
    }


def _evidence(one: Referral, told: Screened, now: datetime) -> Evidence:
    today = local_day(now, ZoneInfo(one.timezone))
    return Evidence(
        referral_id=one.id, serial=one.serial, from_name=one.from_name, judged=rate_of(one, told, today),
        intensive=None if told.intensive is None else tuple(told.intensive), intensive_source=told.intensive_source,
        ventilator_hours=told.ventilator_hours, ventilator_basis=told.ventilator_basis, benefit_left=told.benefit_left,
        reserve_left=told.reserve_left, benefit_source=told.benefit_source, screened_at=told.made_at,
    )  # fmt: skip


class Happened(msgspec.Struct, frozen=True):
    """One entry of a referral's history; `undone` says that it does not stand any more."""

    at: datetime
    who: str
    kind: str
    what: str
    said: str
    undone: bool


_HISTORY = """
select h.at, coalesce(u.display_name, ''), h.kind, h.what, h.said, h.undone from (
  select made_at as at, made_by as who, 'step' as kind, action as what,
    concat_ws('; ', nullif(reason, ''), nullif(said, ''), nullif(bed, '')) as said, ended_at is not null as undone
    from ltac_referral_step where referral_id = %(key)s and action <> 'screen'
  union all select made_at, made_by, 'version', case when row_number() over (order by made_at) = 1 then 'received'
    else 'corrected' end, '', false from ltac_referral_version where referral_id = %(key)s
  union all select made_at, made_by, 'screening', intensive_source, '', false from ltac_screening
    where referral_id = %(key)s
  union all select made_at, made_by, 'payer', state, concat_ws('; ', nullif(payer_number, ''),
    days || ' days', nullif(said, '')), false from ltac_authorization where referral_id = %(key)s
) h left join app_user u on u.id = h.who order by h.at desc, h.kind
"""


def history(db: Reading, referral_id: uuid.UUID) -> list[Happened]:
    """What happened to a referral, the latest first."""
    return db.rows(Happened, _HISTORY, {"key": referral_id})


def known_sources(db: Reading, facility_id: int) -> list[str]:
    """Names that a referring hospital may have: acute vendors, hospitals of this installation, names used before."""
    query = (
        "select name from (select w.name from vendor v join vendor_version w on w.vendor_id = v.id"
        " and w.ended_at is null where v.facility_id = %(own)s and w.care_type = 'acute' and w.closed_on is null"
        " union select name from facility where id <> %(own)s and kind <> 'ltch'"
        " union select from_name from ltac_referral_version where facility_id = %(own)s and ended_at is null) s"
        " where name <> '' order by lower(name) limit 200"
    )
    return db.values(query, {"own": facility_id})


def long_term_names(db: Reading, facility_ids: Sequence[int]) -> list[str]:
    """Names of the long-term hospitals among them."""
    query = "select name from facility where kind = 'ltch' and id = any(%s) order by name"
    return db.values(query, (list(facility_ids),))
