"""Denials that came from what one person signed: a review, or an answer to a question."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec

from app.payers.authorizations.queries import days_of
from app.payers.denials.rules import count, total, total_text
from app.payers.denials.terms import DenialOutcome
from app.platform.work import Reading


class Result(msgspec.Struct):
    """One denial, and what of mine it came from: a review, an opinion or both."""

    denial_id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    kind: str
    payer: str
    firsts: list[date]
    untils: list[date]
    amount: Decimal | None
    notice_at: datetime
    timezone: str
    state: str
    outcome: str
    recovered_amount: Decimal | None
    reviewed: bool
    opined: bool

    @property
    def days(self) -> int:
        """How many days were denied."""
        return count(days_of(self.firsts, self.untils))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many denials ended one way, with their days and money; `n` of all is beside it on the page."""

    outcome: DenialOutcome | None
    reviewed: int
    opined: int
    n: int
    days: int
    amount: Decimal
    at_risk: str
    recovered: Decimal


_RESULTS = """
select d.denial_id, e.id, e.patient_id, case when p.family = '' and p.given = '' then 'Name not sent'
    else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end,
  d.kind, coalesce(nullif(d.payer_name, ''), d.payer_code), d.firsts, d.untils, d.amount, d.notice_at, f.timezone,
  d.state, d.outcome, d.recovered_amount, coalesce(r.mine, false), coalesce(x.mine, false)
from denial d join encounter e on e.id = d.encounter_id join patient p on p.id = e.patient_id
  join facility f on f.id = d.facility_id
  left join lateral (select r.signed_by = %(me)s as mine from review r
    where r.review_id = d.review_id and r.ended_at is null) r on true
  left join lateral (select x.decided_by = %(me)s as mine from escalation_decision x
    where x.escalation_id = d.escalation_id and x.ended_at is null
      and x.outcome not in ('more_information', 'ask_attending', 'peer_to_peer')
    order by x.decided_at desc limit 1) x on true
where d.ended_at is null and d.state <> 'struck_out' and d.facility_id = any(%(facilities)s) and (r.mine or x.mine)
order by d.notice_at desc, d.id
"""


def results(db: Reading, person: uuid.UUID | None, facilities: Sequence[int]) -> list[Result]:
    """The denials that came from what this person signed in these hospitals, the latest notice first."""
    return db.rows(Result, _RESULTS, {"me": person, "facilities": list(facilities)})


def tallies(found: Sequence[Result]) -> list[Tally]:
    """The same by outcome; what is still open comes last. Every denial is counted once."""
    ways: list[DenialOutcome | None] = [*DenialOutcome, None]
    return [one for one in (_tally(found, way) for way in ways) if one.n]


def everything(found: Sequence[Result]) -> Tally:
    """The sum under the rows."""
    return _sum(found, None)


def _tally(found: Sequence[Result], way: DenialOutcome | None) -> Tally:
    return _sum([one for one in found if one.outcome == (way.value if way is not None else "")], way)


def _sum(found: Sequence[Result], way: DenialOutcome | None) -> Tally:
    return Tally(
        way, sum(one.reviewed for one in found), sum(one.opined for one in found), len(found),
        sum(one.days for one in found), total(one.amount for one in found),
        total_text([one.amount for one in found]),
        total(one.recovered_amount for one in found),
    )  # fmt: skip
