"""Referrals of a period and the patients who left for vendors, for a facility, by two queries."""

import uuid
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.census.terms import DIED
from app.discharge.scorecards.rules import Asked, Placed
from app.kernel.days import ONE_DAY, start_of_day
from app.platform.work import Reading

WATCHED_DAYS = 30
"""Days after departure in which an inpatient stay counts as a readmission."""


class Period(msgspec.Struct, frozen=True):
    """Days of a facility, both included, and one type of care; empty for all."""

    facility_id: int
    zone: ZoneInfo
    first: date
    last: date
    care_type: str = ""

    def values(self, now: datetime) -> dict[str, object]:
        """The period as the statements take it."""
        return {
            "facility": self.facility_id, "zone": str(self.zone), "care": self.care_type, "now": now,
            "begins": start_of_day(self.first, self.zone), "ends": start_of_day(self.last + ONE_DAY, self.zone),
            "watched": timedelta(days=WATCHED_DAYS), "died": sorted(DIED),
        }  # fmt: skip


class ReferralRow(msgspec.Struct, frozen=True):
    """A referral of the period with its stay."""

    referral_id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    patient: str
    asked: Asked
    state: str


class PlacedRow(msgspec.Struct, frozen=True):
    """A patient who left for a vendor."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    patient: str
    discharge_at: datetime
    placed: Placed


# Who was told that no answer is needed any more has not been silent since.
_REFERRALS = """
select r.referral_id, r.encounter_id, e.patient_id, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')),
  r.vendor_id, r.vendor_name, r.care_type, r.sent_at, r.opened_at, r.answered_at, r.decline_reason,
  extract(isodow from r.sent_at at time zone %(zone)s) >= 6,
  r.opened_at is not null and r.answered_at is null
    and coalesce(r.due_at < case when r.state in ('closed', 'cancelled') then r.made_at else %(now)s end, false),
  r.state
from referral r join encounter e on e.id = r.encounter_id join patient p on p.id = e.patient_id
where r.facility_id = %(facility)s and r.ended_at is null and r.sent_at >= %(begins)s and r.sent_at < %(ends)s
  and (%(care)s = '' or r.care_type = %(care)s)
order by r.sent_at, r.referral_id
"""
# Only patients whose thirty days are over: a share of the others would rise by itself. Each counts once for a vendor,
# however often it was booked, and who died has not left for one.
_PLACED = """
select distinct on (e.discharge_at, e.id, b.vendor_id, b.care_type) e.id, e.patient_id,
  concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), e.discharge_at,
  b.vendor_id, b.vendor_name, b.care_type,
  exists (select from encounter n where n.patient_id = e.patient_id and n.id <> e.id and n.gone_at is null
    and n.status <> 'cancelled' and n.inpatient_at > e.discharge_at
    and n.inpatient_at <= e.discharge_at + %(watched)s)
from booking b join encounter o on o.id = b.encounter_id
  join encounter e on e.id = case when o.gone_at is null then o.id else coalesce(o.united_into_id, o.id) end
  join patient p on p.id = e.patient_id
where b.facility_id = %(facility)s and b.ended_at is null and b.state in ('booked', 'confirmed', 'arrived')
  and b.vendor_id is not null and b.care_type not in ('transport', 'dme', 'infusion')
  and e.status = 'discharged' and e.disposition <> all(%(died)s)
  and e.discharge_at >= %(begins)s and e.discharge_at < %(ends)s
  and e.discharge_at + %(watched)s <= %(now)s and (%(care)s = '' or b.care_type = %(care)s)
order by e.discharge_at, e.id, b.vendor_id, b.care_type, b.made_at
"""


def referrals(db: Reading, period: Period) -> list[ReferralRow]:
    """Referrals that were sent in the period."""

    def shape(key: uuid.UUID, stay: uuid.UUID, patient_id: uuid.UUID, patient: str, *rest: object) -> ReferralRow:
        *told, weekend, silent, state = rest
        names = ("vendor_id", "vendor", "care_type", "sent_at", "opened_at", "answered_at", "decline_reason")
        asked = Asked(**dict(zip(names, told, strict=True)), weekend=weekend, silent=silent)  # type: ignore[arg-type]
        return ReferralRow(key, stay, patient_id, patient, asked, str(state))

    return db.rows(shape, _REFERRALS, period.values(db.now))


def placed(db: Reading, period: Period) -> list[PlacedRow]:
    """Patients who left in the period for a vendor that was booked."""

    def shape(stay: uuid.UUID, patient_id: uuid.UUID, patient: str, left: datetime, *rest: object) -> PlacedRow:
        vendor_id, vendor, care, returned = rest
        one = Placed(vendor_id=vendor_id, vendor=vendor, care_type=care, returned=returned)  # type: ignore[arg-type]
        return PlacedRow(stay, patient_id, patient, left, one)

    return db.rows(shape, _PLACED, period.values(db.now))
