"""How talks with payers' physicians ended: one row for each signed answer that stands, and shares of groups of them."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.advisor.talks.rules import Share
from app.advisor.terms import Outcome, PayerReason
from app.platform.work import Reading

WON = frozenset({Outcome.OVERTURNED, Outcome.PARTLY})


class Ended(msgspec.Struct):
    """One talk that was answered, held or not."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    payer_code: str
    payer: str
    payer_reason: str
    outcome: str
    reason: str
    decided_at: datetime
    decided_by_id: uuid.UUID | None
    decided_by: str

    @property
    def held(self) -> bool:
        """Whether the physicians spoke."""
        return self.outcome != Outcome.NOT_HELD

    @property
    def won(self) -> bool:
        """Whether the denial was taken back, in full or in part."""
        return self.outcome in WON

    @property
    def why(self) -> PayerReason:
        """Why the payer had denied."""
        return PayerReason(self.payer_reason)


_ENDED = """
select e.id, e.patient_id, coalesce(nullif(p.family, ''), 'Name not sent'), t.payer_code,
  coalesce(nullif(t.payer_name, ''), nullif(t.payer_code, ''), 'Payer not sent'), t.payer_reason,
  d.outcome, d.reason, d.decided_at, d.decided_by, coalesce(u.display_name, '')
from escalation_decision d join peer_talk t on t.escalation_id = d.escalation_id and t.ended_at is null
  join encounter e on e.id = coalesce((select g.united_into_id from encounter g
    where g.id = d.encounter_id and g.gone_at is not null), d.encounter_id)
  join patient p on p.id = e.patient_id
  left join app_user u on u.id = d.decided_by
where d.facility_id = %s and d.ended_at is null and d.outcome in ('overturned', 'partly', 'upheld', 'not_held')
  and d.decided_at >= %s order by d.decided_at desc, d.id
"""


def ended(db: Reading, facility_id: int, since: datetime) -> list[Ended]:
    """Every answered talk of a facility since then, the latest first."""
    return db.rows(Ended, _ENDED, (facility_id, since))


def share(talks: Iterable[Ended]) -> Share:
    """The share that was won of those that were held."""
    held = [one for one in talks if one.held]
    return Share(sum(one.won for one in held), len(held))


def payer_key(one: Ended) -> str:
    """What tells a payer from another: its code, which may have several spellings; without one its name."""
    return one.payer_code or one.payer


def by(talks: Sequence[Ended], mine: uuid.UUID | None = None) -> list[tuple[tuple[str, str, PayerReason], list[Ended]]]:
    """Talks by payer and reason, the most frequent group first; `mine` keeps those of one person."""
    groups: dict[tuple[str, str, PayerReason], list[Ended]] = {}
    names: dict[str, str] = {}
    for one in talks:
        if mine is None or one.decided_by_id == mine:
            name = names.setdefault(payer_key(one), one.payer)
            groups.setdefault((payer_key(one), name, one.why), []).append(one)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def zone_of(name: str) -> ZoneInfo:
    """The zone of a facility by its name."""
    return ZoneInfo(name)


def first_day(on: date) -> date:
    """The figures go back to the first day of the month a year before."""
    return date(on.year - 1, on.month, 1)
