"""Payment days of stays as they stand: threshold with readiness, absences, rate, benefit days."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.rules.benefits import Amounts
from app.clocks.terms import Line
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.ltac import lent
from app.ltac.days import evidence
from app.ltac.days.gather import Entry, Found, Gathered, gather
from app.ltac.days.rules import absences, benefit, counting, rate, short_stay
from app.ltac.days.terms import (
    Absence,
    BenefitPosition,
    DayKind,
    EarlierUse,
    EntryKind,
    PaymentStay,
    RateEvidence,
    RateStanding,
    ReserveChoice,
    Threshold,
    UsedStay,
    Verdict,
)
from app.platform.work import Reading
from app.regulations import part_a
from app.regulations.drg import fiscal_year

NOT_LONG_TERM = "Payment days are counted in long-term hospitals only."
USE_NOT_TOLD = "Earlier use of benefit days is not recorded."
PAYER_NOT_TOLD = "Nobody has told who pays, so no benefit days are counted."
NOT_MEDICARE = "Not paid by original Medicare, so no benefit days are counted."


class Readiness(msgspec.Struct, frozen=True):
    """The clinical word beside a threshold: since when the patient is ready, and for where, in words."""

    since: datetime | None
    destination: str


class PaymentDays(msgspec.Struct, frozen=True, kw_only=True):
    """Where one stay stands.

    Attributes:
        day: calendar day of the stay, days away included.
        covered_days: days in the house that Part A pays, with today.
        threshold: the short-stay threshold; never shown without `readiness` (templates/_threshold.html).
        interruption: the absence that lasts, while a return could still be the same stay.
        benefit: None where `why_no_benefit` says why.
    """

    encounter_id: uuid.UUID
    zone: ZoneInfo
    stay: PaymentStay
    stay_days: tuple[date, ...]
    day: int
    covered_days: int
    noncovered_days: int
    days_away: int
    lines: tuple[Line, ...]
    threshold: Threshold
    interruption: Absence | None
    site_neutral: RateStanding
    readiness: Readiness
    benefit: BenefitPosition | None
    why_no_benefit: str = ""
    evidence_sources: tuple[str, ...] = ()

    @property
    def threshold_day(self) -> int | None:
        """The first covered day past the threshold."""
        return self.threshold.threshold_day

    @property
    def why_unknown(self) -> str:
        """Why there is no threshold."""
        return self.threshold.why_unknown

    @property
    def threshold_on(self) -> date | None:
        """The date of the first covered day past the threshold, if the patient stays without a break.

        None where Part A ends before that day comes: days that it does not pay do not count.
        """
        if self.threshold_day is None or self.stay.ended_at is not None:
            return None
        if self.covered_days >= self.threshold_day:
            return self.stay_days[self.threshold_day - 1]
        if self.noncovered_days:
            return None
        on = self.last_day + timedelta(days=self.threshold_day - self.covered_days)
        ends = dict(self.benefit.ahead).get(DayKind.EXHAUSTED) if self.benefit else None
        return on if ends is None or on < ends else None

    @property
    def last_day(self) -> date:
        """The last day of the stay that was counted: today while the patient is there."""
        return self.stay_days[-1]


def standing(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, PaymentDays]:
    """Where these stays stand; those of other than long-term hospitals are missing. A fixed number of statements."""
    return standing_of(db, gather(db, encounter_ids))


def standing_of(db: Reading, found: Gathered) -> dict[uuid.UUID, PaymentDays]:
    """The same from what was gathered."""
    keys = list(found.stays)
    if not keys:
        return {}
    ready, going = lent.ready_since(db, keys), lent.destinations(db, keys)
    told = evidence.of_visits(db, [visit for one in found.stays.values() for visit in one.visits])
    return {
        key: _standing(db.now, found, one, told, Readiness(ready.get(key), going.get(key, "")))
        for key, one in found.stays.items()
    }


def _standing(
    now: datetime, found: Gathered, one: Found, told: Mapping[uuid.UUID, RateEvidence], readiness: Readiness
) -> PaymentDays:
    key, zone = one.row.id, one.zone
    stay = absences.payment_stay(one.visits, key, now, zone)
    last = stay.absences[-1] if stay.absences else None
    interruption = last if last is not None and last.verdict is Verdict.AWAY else None
    keys = [visit for visit, _ in stay.visits]
    known = evidence.merged([told[key] for key in keys if key in told], one.newest(EntryKind.EVIDENCE, keys))
    paid = rate.rate_of(
        rate.Known(
            lines=one.lines, preceded=known.preceded, intensive_days=known.intensive_days,
            ventilator_hours=known.ventilator_hours, hours_open=known.hours_open, drg=one.drg,
            excluded=known.excluded, ended=stay.ended_at is not None and interruption is None,
        )
    )  # fmt: skip
    position, why = _benefit(one, stay, now)
    days = counting.days_in_house(stay, now, zone)
    covered = counting.covered_days(days, benefit.exhausted_from(position))
    return PaymentDays(
        encounter_id=key, zone=zone, stay=stay, day=counting.ordinal(stay, now, zone), covered_days=covered,
        noncovered_days=len(days) - covered, days_away=absences.days_away(stay, local_day(now, zone), zone),
        lines=one.lines, threshold=short_stay.applies(_threshold(found, one, stay, now), paid.status),
        interruption=interruption, site_neutral=paid,
        readiness=readiness, benefit=position, why_no_benefit=why, evidence_sources=known.sources, stay_days=days,
    )  # fmt: skip


def _threshold(found: Gathered, one: Found, stay: PaymentStay, now: datetime) -> Threshold:
    """By the table of the fiscal year of discharge; while the patient is there, of today."""
    on = local_day(stay.ended_at or now, one.zone)
    group = found.groups.find("MS-LTC-DRG", one.drg, on) if one.drg else None
    year = fiscal_year(on)
    if group is None:
        loaded = year if found.groups.has_year("MS-LTC-DRG", year) else None
        return short_stay.threshold(one.drg, None, loaded, year)
    return short_stay.threshold(one.drg, group.gmlos, group.fiscal_year, year)


def _benefit(one: Found, stay: PaymentStay, now: datetime) -> tuple[BenefitPosition | None, str]:
    """The position of benefit days, or why there is none."""
    if not one.lines:
        return None, PAYER_NOT_TOLD
    if Line.MEDICARE_FFS not in one.lines:
        return None, NOT_MEDICARE
    keys = [key for key, _ in stay.visits]
    entry = one.newest(EntryKind.EARLIER_USE, keys)
    if entry is None:
        return None, USE_NOT_TOLD
    use = earlier_use(entry)
    chosen = one.newest(EntryKind.RESERVE_CHOICE, keys)
    choice = ReserveChoice(chosen.content["choice"]) if chosen else None
    before = list(_before(one, stay, use, now))
    amounts = {year: Amounts(of.deductible, of.coinsurance, of.reserve) for year, of in part_a.amounts().items()}
    return benefit.position(use, before, counting.hospital_days(stay, now, one.zone), amounts, choice), ""


def earlier_use(entry: Entry) -> EarlierUse:
    """What an entry tells of earlier use."""
    told = {name: entry.content.get(name) for name in EarlierUse.__struct_fields__}
    return msgspec.convert({name: value for name, value in told.items() if value is not None}, EarlierUse)


def _before(one: Found, stay: PaymentStay, use: EarlierUse, now: datetime) -> Iterable[UsedStay]:
    """Stays of this patient known here that began after the check and ended before this stay."""
    known = [(other, one.zone) for other in absences.payment_stays(one.visits, now, one.zone)]
    for visit, zone in one.others:
        known += [(other, zone) for other in absences.payment_stays([visit], now, zone)]
    for other, zone in known:
        over = other.ended_at is not None and other.ended_at <= stay.began_at and other.presences != stay.presences
        if over and local_day(other.began_at, zone) > use.as_of:
            yield counting.hospital_days(other, now, zone)


def payment_stay_of(db: Reading, encounter_id: uuid.UUID) -> PaymentStay:
    """What is paid as one stay around this one; NotFound where payment days are not counted."""
    found = gather(db, [encounter_id]).stays.get(encounter_id)
    if found is None:
        raise NotFound(NOT_LONG_TERM)
    return absences.payment_stay(found.visits, encounter_id, db.now, found.zone)
