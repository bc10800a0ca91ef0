"""The proposals of each rule with what became of them, one row each: what the counts of the report add up."""

import uuid
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec

from app.avoidable_days.terms import DraftRule
from app.platform.work import Reading


class Answer(StrEnum):
    """What became of a proposal."""

    CONFIRMED = "confirmed"  # recorded as it was proposed
    CHANGED = "changed"  # corrected, and then recorded
    REJECTED = "rejected"  # rejected with a reason
    WAITING = "waiting"  # nobody has answered yet


class Proposed(msgspec.Struct, frozen=True):
    """A proposal of one rule for one day; `reason` says why it was rejected, `code` what stands or was proposed."""

    rule: str
    answer: str
    reason: str
    day: date
    code: str
    proposed: str
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    visit: str


# The same rows as those that `drafts.queries.rule_precision` counts.
_PROPOSED = """
select t.rule, t.answer, t.reason, t.day, t.code, t.proposed, e.id, e.patient_id,
  case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end, e.visit_number
from (
  select a.rule, a.origin as answer, '' as reason, a.day, a.code, a.proposed, a.encounter_id from avoidable_day a
  where a.facility_id = %(facility)s and a.ended_at is null and a.rule <> ''
    and a.day between %(first)s and %(last)s
  union all select r.rule, 'rejected', r.reason, r.day, r.code, r.code, r.encounter_id from avoidable_rejection r
  where r.facility_id = %(facility)s and r.ended_at is null and r.day between %(first)s and %(last)s
  union all select d.rule, 'waiting', '', d.day, d.code, d.code, d.encounter_id from avoidable_draft d
  where d.facility_id = %(facility)s and d.ended_at is null and d.day between %(first)s and %(last)s
) t join encounter e on e.id = t.encounter_id join patient p on p.id = e.patient_id
where (%(rule)s = '' or t.rule = %(rule)s) and (%(answer)s = '' or t.answer = %(answer)s)
  and (%(reason)s = '' or t.reason = %(reason)s)
order by t.day desc, e.id
"""


class AskProposed(msgspec.Struct, frozen=True):
    """Of which rule, with which answer and reason; empty for all."""

    rule: DraftRule | None
    answer: str = ""
    reason: str = ""


def proposed(db: Reading, facility_id: int, days: tuple[date, date], ask: AskProposed) -> Sequence[Proposed]:
    """The proposals that a count adds up, the latest day first."""
    given = {
        "facility": facility_id, "first": days[0], "last": days[1], "rule": ask.rule.value if ask.rule else "",
        "answer": ask.answer, "reason": ask.reason,
    }  # fmt: skip
    return db.rows(Proposed, _PROPOSED, given)
