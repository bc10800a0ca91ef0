"""Drafts of stays and of facilities, and how good the rules are that make them."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from app.avoidable_days.drafts.blind import without_kept
from app.avoidable_days.terms import DraftRule
from app.census.united import with_former
from app.kernel.refusal import NotFound
from app.platform.work import Reading

NOT_THERE = "There is no such draft, or it lies outside what you may see."
NO_LONGER = "This draft does not wait any more: the facts have changed, or a colleague has answered it."


class Draft(msgspec.Struct):
    """One version of a draft."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    facility_id: int
    day: date
    rule: str
    code: str
    phase: str
    party_kind: str
    party: str
    began_at: datetime
    evidence: str
    mark: str
    made_at: datetime
    ended_at: datetime | None
    ended_because: str


class Waiting(msgspec.Struct):
    """A draft that waits, with whose stay it is, ready for the list of a facility."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    timezone: str
    patient: str
    place: str
    owner: str
    day: date
    rule: str
    code: str
    phase: str
    party_kind: str
    party: str
    evidence: str


class Rejection(msgspec.Struct):
    """A rejected proposal."""

    id: uuid.UUID
    encounter_id: uuid.UUID
    day: date
    rule: str
    code: str
    reason: str
    note: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class Precision(msgspec.Struct):
    """What became of the proposals of one rule: confirmed as they were, changed, rejected, still waiting."""

    rule: str
    confirmed: int
    changed: int
    rejected: int
    waiting: int

    @property
    def answered(self) -> int:
        """Proposals that somebody has answered."""
        return self.confirmed + self.changed + self.rejected

    @property
    def share(self) -> float | None:
        """Confirmed as they were, of those answered; None where none was."""
        return self.confirmed / self.answered if self.answered else None


_COLUMNS = (
    "d.id, d.encounter_id, d.facility_id, d.day, d.rule, d.code, d.phase, d.party_kind, d.party, d.began_at,"
    " d.evidence, d.mark, d.made_at, d.ended_at, case when d.ended_at is null then '' else d.ended_because end"
)
_WAITING = """
select d.id, d.encounter_id, e.patient_id, d.facility_id, f.timezone,
  case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end,
  case when e.status = 'discharged' then 'discharged' else
    concat_ws(' ', nullif(e.unit, ''), nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end,
  coalesce(o.display_name, ''), d.day, d.rule, d.code, d.phase, d.party_kind, d.party, d.evidence
from avoidable_draft d join encounter e on e.id = d.encounter_id join patient p on p.id = e.patient_id
  join facility f on f.id = d.facility_id
  left join assignment a on a.encounter_id = e.id and a.ended_at is null
  left join app_user o on o.id = a.user_id
where d.facility_id = %(facility)s and d.ended_at is null and e.gone_at is null
  and (%(unit)s = '' or e.unit = %(unit)s) and (not %(mine)s or a.user_id = %(me)s)
order by e.unit, e.room, e.bed, p.family, p.given, d.encounter_id, d.day
"""
_REJECTIONS = """
select r.id, r.encounter_id, r.day, r.rule, r.code, r.reason, r.note, r.made_at, coalesce(m.display_name, ''),
  r.ended_at from avoidable_rejection r left join app_user m on m.id = r.made_by
where r.encounter_id = any(%s) order by r.day desc, r.made_at desc
"""
_PRECISION = """
select t.rule, sum(t.confirmed)::int, sum(t.changed)::int, sum(t.rejected)::int, sum(t.waiting)::int from (
  select a.rule, (a.origin = 'confirmed')::int as confirmed, (a.origin = 'changed')::int as changed, 0 as rejected,
    0 as waiting from avoidable_day a
  where a.facility_id = any(%(facilities)s) and a.ended_at is null and a.rule <> ''
    and a.day between %(first)s and %(last)s
  union all select r.rule, 0, 0, 1, 0 from avoidable_rejection r
  where r.facility_id = any(%(facilities)s) and r.ended_at is null and r.day between %(first)s and %(last)s
  union all select d.rule, 0, 0, 0, 1 from avoidable_draft d
  where d.facility_id = any(%(facilities)s) and d.ended_at is null and d.day between %(first)s and %(last)s
) t group by t.rule
"""
_BY_REASON = """
select r.rule, r.reason, count(*)::int from avoidable_rejection r
where r.facility_id = any(%s) and r.ended_at is null and r.day between %s and %s group by r.rule, r.reason
"""


def drafts_of(db: Reading, encounter_id: uuid.UUID) -> list[Draft]:
    """What waits for a stay, the latest day first."""
    stays = list(with_former(db, [encounter_id]))
    where = "where d.encounter_id = any(%s) and d.ended_at is null order by d.day desc"
    return without_kept(db, db.rows(Draft, f"select {_COLUMNS} from avoidable_draft d {where}", (stays,)))


def draft(db: Reading, draft_id: uuid.UUID) -> Draft:
    """One draft, waiting or not; NotFound outside the reader's scope."""
    found = without_kept(db, db.rows(Draft, f"select {_COLUMNS} from avoidable_draft d where d.id = %s", (draft_id,)))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def draft_on(db: Reading, encounter_id: uuid.UUID, day: date) -> Draft | None:
    """What waits for one day of a stay."""
    return next((one for one in drafts_of(db, encounter_id) if one.day == day), None)


def waiting(db: Reading, facility_id: int, *, unit: str = "", mine: uuid.UUID | None = None) -> list[Waiting]:
    """All drafts of a facility, of one unit or of one person's stays, together by stay in the order of the beds."""
    given = {"facility": facility_id, "unit": unit, "mine": mine is not None, "me": mine}
    return without_kept(db, db.rows(Waiting, _WAITING, given))


def rejections(db: Reading, encounter_id: uuid.UUID) -> list[Rejection]:
    """The rejected proposals of a stay, taken back ones too."""
    return db.rows(Rejection, _REJECTIONS, (list(with_former(db, [encounter_id])),))


def rejection(db: Reading, rejection_id: uuid.UUID) -> tuple[uuid.UUID, date, DraftRule, datetime | None]:
    """Stay, day and rule of a rejection, and when it was taken back; NotFound outside the reader's scope."""
    query = "select encounter_id, day, rule, ended_at from avoidable_rejection where id = %s"
    found = db.rows(lambda stay, day, rule, ended: (stay, day, DraftRule(rule), ended), query, (rejection_id,))
    if not found:
        raise NotFound(NOT_THERE)
    return found[0]


def rule_precision(db: Reading, facilities: Sequence[int], first: date, last: date) -> list[Precision]:
    """For each rule what became of its proposals for these days; rules that proposed nothing are there with zeros.

    Only what stands is counted: a confirmation that was struck out, and a rejection that was taken back, are none.
    """
    given = {"facilities": list(facilities), "first": first, "last": last}
    found = {one.rule: one for one in db.rows(Precision, _PRECISION, given)}
    return [found.get(rule.value, Precision(rule.value, 0, 0, 0, 0)) for rule in DraftRule]


def rejections_by_reason(db: Reading, facilities: Sequence[int], first: date, last: date) -> dict[tuple[str, str], int]:
    """How often proposals of a rule were rejected for a reason: by rule and reason."""
    rows = db.rows(lambda *row: row, _BY_REASON, (list(facilities), first, last))
    return {(rule, reason): count for rule, reason, count in rows}
