"""What distributing needs to know of a facility: its stays with their expected minutes, people, rules, absences."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.platform.reads.together import Question, together
from app.platform.work import Reading
from app.worklists.assignment.people import HOLDERS
from app.worklists.assignment.rules.deciding import Rule
from app.worklists.assignment.rules.minutes import Expected, StayFacts, Table, expected_minutes, table_of

_BEGAN = "coalesce(least(e.observation_at, e.inpatient_at), e.start_at)"
_FACTS = (
    "select e.id, e.unit, e.service, e.payer_code, e.patient_class,"
    f" %(today)s::date - ({_BEGAN} at time zone %(zone)s::text)::date + 1,"
    " e.gmlos, (e.expected_discharge_at at time zone %(zone)s::text)::date - %(today)s::date, e.pending_kind,"
    " (extract(epoch from %(now)s::timestamptz - coalesce(e.observation_at, e.class_since, e.start_at))"
    " / 3600)::float8,"
    " case when p.birth_text ~ '^[0-9]{8}' then (%(today_number)s::int - left(p.birth_text, 8)::int) / 10000 end,"
    " e.payer_code <> '' or e.payer_name <> '', w.kind is not distinct from 'intensive',"
    " (select count(*)::int from encounter o where o.patient_id = e.patient_id and o.patient_class = 'IP'"
    " and o.gone_at is null and o.start_at > %(now)s::timestamptz - interval '365 days'),"
    " e.patient_id, e.sensitivity, a.id, a.user_id, a.assigned_at, a.covers_for, a.returns_at"
    " from encounter e join patient p on p.id = e.patient_id"
    " left join unit w on w.facility_id = e.facility_id and w.code = e.unit"
    " left join assignment a on a.encounter_id = e.id and a.ended_at is null"
    " where e.facility_id = %(facility)s and e.status in ('admitted', 'on_leave')"
)
_WORKED_ON = " and (e.patient_class in ('IP', 'OBS') or a.id is not null)"


class HeldBy(msgspec.Struct, frozen=True, gc=False):
    """The open assignment of a stay."""

    id: uuid.UUID
    user_id: uuid.UUID
    since: datetime
    covers_for: uuid.UUID | None
    returns_at: datetime | None


class Gathered(msgspec.Struct, frozen=True):
    """A stay in the house: its facts, what it takes today, and whose it is."""

    facts: StayFacts
    patient_id: uuid.UUID
    sensitivity: str
    expected: Expected
    held: HeldBy | None


class Colleague(msgspec.Struct, frozen=True):
    """Somebody who may have stays in the facility; `away_until` is the last day of an absence that covers today."""

    id: uuid.UUID
    name: str
    away_until: date | None


@dataclass(frozen=True)
class Situation:
    """A facility at one instant: everything that a distribution is decided from."""

    facility_id: int
    zone: str
    today: date
    table: Table
    stays: list[Gathered]
    people: dict[uuid.UUID, Colleague]
    rules: list[Rule]

    def minutes(self) -> dict[uuid.UUID, int]:
        """Expected minutes of everybody who may have stays, also of those who have none."""
        found = dict.fromkeys(self.people, 0)
        for stay in self.stays:
            if stay.held is not None:
                found[stay.held.user_id] = found.get(stay.held.user_id, 0) + stay.expected.minutes
        return found

    def without_owner(self) -> list[Gathered]:
        """Stays that nobody has, or somebody who may have stays here no more."""
        return [stay for stay in self.stays if stay.held is None or stay.held.user_id not in self.people]

    def present(self) -> list[Colleague]:
        """Who is not away today."""
        return [one for one in self.people.values() if one.away_until is None]


def zone_of(db: Reading, facility_id: int) -> str:
    """The time zone of a facility."""
    found: str = db.value("select timezone from facility where id = %s", (facility_id,))
    return found


def situation(db: Reading, facility_id: int) -> Situation:
    """All stays in the house that somebody has or should have, and who there is to have them."""
    values = _values(db, facility_id)
    own = db.value("select minutes from work_minutes where facility_id = %s and ended_at is null", (facility_id,))
    table = table_of(own or {})
    found: list[list[Any]] = together(
        db,
        [
            Question(_shaper(table), _FACTS + _WORKED_ON, values),
            Question(Colleague, _PEOPLE, values | {"holders": HOLDERS}),
            Question(_rule, _RULES, values),
        ],
    )
    stays, people, rules = found
    return Situation(facility_id, values["zone"], values["today"], table, stays, {one.id: one for one in people}, rules)


def expected_by_stay(db: Reading, facility_id: int, only: Collection[uuid.UUID] | None = None) -> dict[str, Expected]:
    """Expected minutes by stay (its id as text), of all stays in the house or of some of them."""
    values = _values(db, facility_id)
    own = db.value("select minutes from work_minutes where facility_id = %s and ended_at is null", (facility_id,))
    query = _FACTS + (" and e.id = any(%(only)s::uuid[])" if only is not None else _WORKED_ON)
    found = db.rows(_shaper(table_of(own or {})), query, values | {"only": list(only or ())})
    return {str(one.facts.id): one.expected for one in found}


def work_of(db: Reading, facility_id: int, user_id: uuid.UUID) -> tuple[int, int]:
    """How many stays in the house a person has, and their expected minutes today."""
    values = _values(db, facility_id)
    own = db.value("select minutes from work_minutes where facility_id = %s and ended_at is null", (facility_id,))
    query = _FACTS + " and a.user_id = %(user)s"
    found = db.rows(_shaper(table_of(own or {})), query, values | {"user": user_id})
    return len(found), sum(one.expected.minutes for one in found)


def held_before(db: Reading, stays: Collection[uuid.UUID]) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """Who had these stays earlier and has them no more."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}

    def take(stay: uuid.UUID, person: uuid.UUID) -> None:
        found.setdefault(stay, set()).add(person)

    db.rows(
        take,
        "select distinct encounter_id, user_id from assignment where encounter_id = any(%s) and ended_at is not null",
        (list(stays),),
    )
    return {stay: frozenset(people) for stay, people in found.items()}


_PEOPLE = (
    "select u.id, u.display_name, (select max(b.last_day) from absence b where b.user_id = u.id"
    " and b.facility_id = %(facility)s and b.ended_at is null and %(today)s::date between b.first_day and b.last_day)"
    " from app_user u where u.active and exists (select 1 from role_grant g where g.user_id = u.id"
    " and g.role = any(%(holders)s::text[]) and (g.facility_id is null or g.facility_id = %(facility)s))"
    " order by lower(u.display_name), u.id"
)
_RULES = (
    "select id, (row_number() over (order by place, id))::int, name, units, services, payers, classes, people"
    " from assignment_rule where facility_id = %(facility)s and ended_at is null order by place, id"
)


def rules_of(db: Reading, facility_id: int) -> list[Rule]:
    """The rules of a facility that are in force, in their order."""
    return db.rows(_rule, _RULES, {"facility": facility_id})


def _values(db: Reading, facility_id: int) -> dict[str, Any]:
    zone = zone_of(db, facility_id)
    today = db.now.astimezone(ZoneInfo(zone)).date()
    return {
        "now": db.now,
        "today": today,
        "today_number": today.year * 10000 + today.month * 100 + today.day,
        "zone": zone,
        "facility": facility_id,
    }


def _rule(*values: Any) -> Rule:
    key, place, name, units, services, payers, classes, people = values
    return Rule(
        key, place, name, frozenset(units), frozenset(services), frozenset(payers), frozenset(classes), tuple(people)
    )


def _shaper(table: Table) -> Any:
    fields = len(StayFacts.__struct_fields__)

    def shape(*values: Any) -> Gathered:
        facts = StayFacts(*values[:fields])
        patient, sensitivity, held, *rest = values[fields:]
        return Gathered(
            facts, patient, sensitivity, expected_minutes(facts, table), HeldBy(held, *rest) if held else None
        )

    return shape
