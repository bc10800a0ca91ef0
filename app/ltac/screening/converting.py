"""The patient of a referral and the stays of the census: who was admitted here, who lies in a sister hospital.

An admission that matches one accepted referral exactly becomes its stay by itself. What is only like it is proposed to
a person.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import held_subject
from app.kernel.refusal import NotFound, Refused
from app.kernel.wording import birth_text, dated_text
from app.ltac.kind import is_long_term
from app.ltac.screening import queries
from app.ltac.screening.commands import add_step
from app.ltac.screening.events import LongTermReferralConverted, LongTermReferralUnlinked
from app.ltac.screening.models import LongTermReferral
from app.ltac.screening.queries import NO_REFERRAL, Referral
from app.ltac.screening.rules import calendar_days
from app.ltac.screening.terms import ReferralAction, ReferralState
from app.platform.work import Reading, Work

BEFORE = timedelta(days=1)
"""How long before its referral was written down a stay may have begun: papers follow patients."""
LATELY = timedelta(days=3)
"""How long after leaving a sister hospital a stay there still counts as the one just before."""
TAKEN = "This stay belongs to another referral already."
CANCELLED = "The admission was cancelled."


class OfStay(Protocol):
    """Anything that happened to a stay."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...


class Proposal(msgspec.Struct, frozen=True):
    """A stay of this hospital that may be the candidate's."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    family: str
    given: str
    born: str
    number: str
    visit_number: str
    unit: str
    start_at: datetime | None

    def words(self, zone: ZoneInfo, now: datetime) -> str:
        """Born, numbers, and since when: what tells two people of one name apart."""
        parts = [f"born {birth_text(self.born)}" if self.born else "", f"MRN {self.number}", self.unit]
        if self.start_at is not None:
            parts.append(f"admitted {dated_text(self.start_at, zone, now)}")
        return " · ".join(part for part in parts if part)


class Sister(msgspec.Struct, frozen=True):
    """A stay elsewhere in the installation that the reader may see, with its days in intensive care."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility: str
    days: list[date]
    still: bool


# A record number alone may belong to two people of two hospitals: the day of birth, where it is known, agrees too.
_EXACT = """
select r.id from encounter e
join patient p on p.id = e.patient_id join ltac_referral r on r.facility_id = e.facility_id
join ltac_referral_version v on v.referral_id = r.id and v.ended_at is null
where e.id = %(stay)s and e.status in ('admitted', 'on_leave') and e.patient_class = 'IP' and e.gone_at is null
  and coalesce(e.start_at, %(now)s) >= r.received_at - %(before)s
  and (select t.state from ltac_referral_step t where t.referral_id = r.id and t.ended_at is null
    order by t.made_at desc, t.id desc limit 1) = 'accepted'
  and (left(p.birth_text, 8) = to_char(v.birth, 'YYYYMMDD')
      and (lower(v.family), lower(v.given)) = (lower(p.family), lower(p.given))
    or v.record_number <> '' and lower(v.record_number) = lower(p.number)
      and (left(p.birth_text, 8) = to_char(v.birth, 'YYYYMMDD')
        or p.birth_text = '' and lower(v.family) = lower(p.family)))
limit 2
"""
_LIKE = """
select e.id, p.id, p.family, p.given, p.birth_text, p.number, e.visit_number, e.unit, e.start_at
from ltac_referral_version v join encounter e on e.facility_id = v.facility_id
join patient p on p.id = e.patient_id
where v.id = %(version)s and e.gone_at is null and e.patient_class = 'IP'
  and e.status in ('admitted', 'on_leave', 'discharged')
  and e.start_at >= %(since)s
  and (v.record_number <> '' and lower(v.record_number) = lower(p.number)
    or left(p.birth_text, 8) = to_char(v.birth, 'YYYYMMDD') and (lower(v.family) = lower(p.family)
      or lower(v.given) = lower(p.given))
    or (lower(v.family), lower(v.given)) = (lower(p.family), lower(p.given)))
  and not exists (select from ltac_referral_step t where t.encounter_id = e.id and t.ended_at is null
    and not exists (select from ltac_referral_step u where u.referral_id = t.referral_id and u.ended_at is null
      and u.action = 'unlink' and (u.made_at, u.id) > (t.made_at, t.id)))
order by e.start_at desc limit 5
"""
_SISTERS = """
select e.id, p.id, f.name, f.timezone, e.status in ('admitted', 'on_leave'), e.unit
from ltac_referral_version v join patient p on lower(p.number) = lower(v.record_number)
join encounter e on e.patient_id = p.id join facility f on f.id = e.facility_id
where v.id = %(version)s and v.record_number <> '' and e.facility_id <> v.facility_id and e.gone_at is null
  and left(p.birth_text, 8) = to_char(v.birth, 'YYYYMMDD') and lower(p.family) = lower(v.family)
  and f.kind = 'acute' and e.patient_class = 'IP' and (e.status in ('admitted', 'on_leave')
    or e.status = 'discharged' and e.discharge_at >= %(lately)s)
order by e.start_at desc nulls last limit 3
"""
_INTENSIVE = """
select m.encounter_id, m.since, m.until from movement m
join unit u on u.facility_id = m.facility_id and u.code = split_part(m.value, '^', 1) and u.kind = 'intensive'
where m.encounter_id = any(%s) and m.lane = 1 order by m.since
"""
_LINKED = """
select s.referral_id from ltac_referral_step s where s.encounter_id = %s and s.ended_at is null
  and not exists (select from ltac_referral_step t where t.referral_id = s.referral_id and t.ended_at is null
    and (t.made_at, t.id) > (s.made_at, s.id))
"""


def convert_on_admission(work: Work, event: OfStay) -> None:
    """Let the stay that began be that of the one accepted referral which matches it exactly."""
    if event.encounter_id is None or not is_long_term(work, event.encounter_id):
        return
    found = work.values(_EXACT, {"stay": event.encounter_id, "now": work.now, "before": BEFORE})
    if len(found) == 1:
        work.lock(LongTermReferral, found[0], NO_REFERRAL)
        held = queries.referral(work, found[0])
        if held.stands is ReferralState.ACCEPTED:
            _link(work, held, event.encounter_id, "exact match")


def release_on_cancel(work: Work, event: OfStay) -> None:
    """The admission never was: the referral is accepted again, and waits."""
    for key in work.values(_LINKED, (event.encounter_id,)):
        unlink(work, key, CANCELLED)


def link(work: Work, referral_id: uuid.UUID, encounter_id: uuid.UUID) -> None:
    """Say that a stay is that of the referral. Refused for one that does not resemble it, or is another's."""
    held_subject(work, encounter_id)  # of two who link it at once the second sees what the first did
    work.lock(LongTermReferral, referral_id, NO_REFERRAL)
    held = queries.referral(work, referral_id)
    if work.values(_LINKED, (encounter_id,)):
        raise Refused(TAKEN)
    if encounter_id not in {one.encounter_id for one in proposals(work, held)}:
        raise NotFound("There is no such stay here, or it lies outside what you may see.")
    _link(work, held, encounter_id, "person")


def unlink(work: Work, referral_id: uuid.UUID, reason: str) -> None:
    """Say that the stay is not that of the referral, with a reason. The referral is accepted again."""
    work.lock(LongTermReferral, referral_id, NO_REFERRAL)
    held = queries.referral(work, referral_id)
    before, patient = held.encounter_id, held.patient_id
    add_step(work, held, ReferralAction.UNLINK, {"reason": reason})
    work.record(
        LongTermReferralUnlinked(
            facility_id=held.facility_id, referral_id=held.id, serial=held.serial, encounter_id=before,
            patient_id=patient, because="cancelled" if reason == CANCELLED else "person",
        )
    )  # fmt: skip
    if before is not None:
        work.changed(held.facility_id, before)


def _link(work: Work, held: Referral, encounter_id: uuid.UUID, by: str) -> None:
    add_step(work, held, ReferralAction.ADMIT, {"encounter_id": encounter_id})
    patient = work.value("select patient_id from encounter where id = %s", (encounter_id,))
    work.record(
        LongTermReferralConverted(
            facility_id=held.facility_id, referral_id=held.id, serial=held.serial, encounter_id=encounter_id,
            patient_id=patient, by=by,
        )
    )  # fmt: skip
    work.changed(held.facility_id, encounter_id)


def proposals(db: Reading, held: Referral) -> list[Proposal]:
    """Stays of this hospital that may be the candidate's and belong to no referral; the latest first."""
    if held.stands is not ReferralState.ACCEPTED:
        return []
    return db.rows(Proposal, _LIKE, {"version": held.version_id, "since": held.received_at - BEFORE})


def sisters(db: Reading, held: Referral) -> list[Sister]:
    """Stays of the same person elsewhere in the installation that the reader may see: now, or left lately.

    The same record number, family name and day of birth: two hospitals may have given one number to two people. Only
    acute hospitals: days elsewhere are no evidence (Social Security Act 1886(d)).
    """
    found = db.rows(
        lambda *row: row, _SISTERS, {"version": held.version_id, "lately": db.now - LATELY}
    )  # fmt: skip
    spans: dict[uuid.UUID, list[tuple[datetime, datetime | None]]] = {}
    for stay, since, until in db.rows(lambda *row: row, _INTENSIVE, ([row[0] for row in found],)) if found else []:
        spans.setdefault(stay, []).append((since, until))
    return [
        Sister(stay, patient, name, calendar_days(spans.get(stay, ()), db.now, ZoneInfo(zone)),
               here and any(until is None or until > db.now for _, until in spans.get(stay, ())))
        for stay, patient, name, zone, here, _unit in found
    ]  # fmt: skip


def sister(db: Reading, held: Referral, encounter_id: uuid.UUID) -> Sister:
    """One of them; NotFound otherwise."""
    for one in sisters(db, held):
        if one.encounter_id == encounter_id:
            return one
    raise NotFound("There is no such stay, or it lies outside what you may see.")
