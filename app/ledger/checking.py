"""Whether the ledger equals the tables it is made from: asked by `daybook doctor --ledger` and by tests.

The same midnights are counted a second time by the database, from the same rows in another way: how many days of the
calendar lie between the first movement and the departure, and who lay in which unit at each midnight.
"""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from app.ledger.exporting import AT_ONCE, ledgers
from app.ledger.rules import LedgerDay, adds_up, sums
from app.ledger.terms import Occupied
from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Broken:
    """A stay whose ledger does not fit, and what is wrong, without any data of the patient."""

    encounter_id: uuid.UUID
    what: str


class Checked(msgspec.Struct):
    """What was looked at."""

    stays: int = 0
    midnights: int = 0
    placeless: int = 0  # midnights for which no movement names a place
    broken: list[Broken] = []


_ALL = """
select e.id from encounter e where e.gone_at is null and e.status not in ('preadmit', 'cancelled') order by e.id
"""
# A stay ends as its timeline does: where only the day is known, right after the last movement at the earliest.
_PERIODS = """
with stay as (
  select e.id, f.timezone as zone,
    case when e.status = 'discharged' and e.discharge_at is not null then least(%(now)s,
      case when e.discharge_precise then e.discharge_at else greatest(e.discharge_at,
        (select max(m.since) + interval '1 second' from movement m where m.encounter_id = e.id and m.lane in (1, 2, 5)))
      end) else %(now)s end as ends
  from encounter e join facility f on f.id = e.facility_id where e.id = any(%(stays)s)
)
"""
_LENGTHS = f"""{_PERIODS}
select s.id, (s.ends at time zone s.zone)::date - (min(m.since) at time zone s.zone)::date
from stay s join movement m on m.encounter_id = s.id and m.lane in (1, 2) and m.since < s.ends
group by s.id, s.ends, s.zone
"""
_PLACES = f"""{_PERIODS}
select s.id, n.day, split_part(m.value, '^', 1)
from stay s join movement m on m.encounter_id = s.id and m.lane = 1 and m.since < s.ends
  cross join lateral (select least(coalesce(m.until, s.ends), s.ends) as until) t
  cross join lateral (
    select d::date as day, ((d::date + 1)::timestamp at time zone s.zone) as at
    from generate_series((m.since at time zone s.zone)::date, (t.until at time zone s.zone)::date, '1 day') d) n
where n.at > m.since and n.at <= t.until
  and not exists (select from movement l where l.encounter_id = s.id and l.lane = 5 and l.since < n.at
    and n.at <= least(coalesce(l.until, s.ends), s.ends))
"""


def check(view: Reading) -> Checked:
    """Every stay in scope. Reads only."""
    stays = view.values(_ALL)
    found = Checked(stays=len(stays))
    for first in range(0, len(stays), AT_ONCE):
        part = stays[first : first + AT_ONCE]
        found.broken += _broken(view, part, found)
    return found


def _broken(view: Reading, stays: Sequence[uuid.UUID], found: Checked) -> Iterator[Broken]:
    asked = {"stays": list(stays), "now": view.now}
    lengths = dict(view.rows(_pair, _LENGTHS, asked))
    places: dict[uuid.UUID, Counter[tuple[str, date]]] = {}
    for key, day, unit in view.rows(_placed, _PLACES, asked):
        places.setdefault(key, Counter())[unit, day] += 1
    for key, days in ledgers(view, stays):
        found.midnights += len(days)
        found.placeless += sum(_placeless(one) for one in days)
        if not adds_up(sums(days)):
            yield Broken(key, "the parts of a lane do not add up to its midnights")
        if len(days) != lengths.get(key, 0):
            yield Broken(key, "its midnights are not the days between its first movement and its end")
        if _units(days) != places.get(key, Counter()):
            yield Broken(key, "it is not in the midnight census of the units where its movements put it")


def _units(days: Sequence[LedgerDay]) -> Counter[tuple[str, date]]:
    return Counter((one.unit, one.day) for one in days if one.unit and one.occupied is not Occupied.AWAY)


def _placeless(one: LedgerDay) -> bool:
    return not one.unit and one.occupied is not Occupied.AWAY


def _pair(key: uuid.UUID, count: int) -> tuple[uuid.UUID, int]:
    return key, count


def _placed(key: uuid.UUID, day: date, unit: str) -> tuple[uuid.UUID, date, str]:
    return key, day, unit
