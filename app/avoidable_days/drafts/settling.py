"""What is recorded for a day follows the facts until the day is locked: its phase, and that a date counts once.

Readiness is often written down afterwards, and two numbers may turn out to be one stay. What somebody recorded is not
rewritten for that: another version follows it, which says why.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from app.avoidable_days.events import AvoidableDayAmended
from app.avoidable_days.rules import StayDays, is_locked
from app.avoidable_days.terms import EntryEnd, Weight
from app.platform.work import Work

READINESS = "Readiness at this midnight is known otherwise now."
UNITED = "This number became part of a stay that has its reason for this day; no day counts twice."
_PRIMARY = Weight.PRIMARY.value
_STANDING = """
select a.id, a.entry_id, a.encounter_id, e.patient_id, a.facility_id, a.day, a.code, a.weight, a.phase
from avoidable_day a join encounter e on e.id = a.encounter_id
where a.encounter_id = any(%s) and a.ended_at is null order by a.recorded_at, a.id
"""
_KEPT = (
    "entry_id, encounter_id, facility_id, day, code, hours, party_kind, party, controllable, controllable_because,"
    " explanation, override, origin, rule, proposed, evidence, recorded_at, recorded_by, validated_by, lock_reason"
)
_END = """
update avoidable_day set ended_at = %s, ended_by = %s, ended_because = %s, ended_reason = %s where id = %s
"""
_NEXT = f"""
insert into avoidable_day ({_KEPT}, weight, amount, phase, made_at, made_by, made_because)
select {_KEPT}, w.weight, case when w.weight = 'primary' then amount else 0 end, %(phase)s, %(now)s, %(by)s,
  %(because)s
from avoidable_day a cross join (select %(weight)s::varchar as weight) w where a.id = %(id)s
"""


class _Entry(NamedTuple):
    id: uuid.UUID
    entry_id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    day: date
    code: str
    weight: str
    phase: str


def settle(work: Work, days: Mapping[uuid.UUID, StayDays], belongs: Mapping[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    """Bring what stands for these stays and their parts in line with the facts; returns the stays with another version.

    The phase of a locked day stays as it was. Of two primary reasons of one date that of the whole stay counts.
    """
    changed: set[uuid.UUID] = set()
    standing = work.rows(_Entry, _STANDING, ([part for part, whole in belongs.items() if whole in days],))
    twice = set(_twice(standing, belongs))
    for one in standing:
        stay = belongs[one.encounter_id]
        phase = _phase(one, days[stay])
        if one.id not in twice and phase == one.phase:
            continue
        weight = Weight.CONTRIBUTING.value if one.id in twice else one.weight
        _follow(work, one._replace(weight=weight, phase=phase), UNITED if one.id in twice else READINESS)
        changed.add(stay)
    return changed


def _phase(one: _Entry, days: StayDays) -> str:
    if is_locked(one.day, days.today) or days.why_not(one.day):
        return one.phase
    return days.phase(one.day).value


def _twice(standing: Sequence[_Entry], belongs: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[uuid.UUID]:
    """Primary reasons of dates that have one already: the stay's own counts, else the one that was recorded first."""
    taken: set[tuple[uuid.UUID, date]] = set()
    for one in sorted(standing, key=lambda one: one.encounter_id != belongs[one.encounter_id]):
        if one.weight == _PRIMARY:
            place = belongs[one.encounter_id], one.day
            if place in taken:
                yield one.id
            taken.add(place)


def _follow(work: Work, one: _Entry, because: str) -> None:
    by = work.who.actor_id
    work.write("avoidable_day", _END, (work.now, by, EntryEnd.AMENDED.value, because, one.id))
    given = {"id": one.id, "weight": one.weight, "phase": one.phase, "now": work.now, "by": by, "because": because}
    work.write("avoidable_day", _NEXT, given)
    work.record(
        AvoidableDayAmended(
            encounter_id=one.encounter_id, patient_id=one.patient_id, facility_id=one.facility_id,
            entry_id=one.entry_id, day=one.day, code=one.code, code_before=one.code, locked=False,
        )
    )  # fmt: skip
