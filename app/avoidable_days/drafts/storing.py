"""Drafts as a table, in versions: computed anew when a stay's facts change, and after each midnight by the sweep.

Midnights pass without anything being recorded, so that every hour the stays of all facilities are computed in batches,
which finds yesterday's lost days wherever it has become today.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from app.avoidable_days.drafts.rules import Proposal, Rejected, propose
from app.avoidable_days.drafts.settling import settle
from app.avoidable_days.events import DraftsComputed
from app.avoidable_days.presence import readable, stay_days
from app.avoidable_days.reasons.queries import wordings
from app.avoidable_days.reasons.rules import on_day
from app.avoidable_days.rules import StayDays
from app.avoidable_days.terms import DraftEnd, DraftRule, RejectReason
from app.census.events import EncountersUnited, StayEvent
from app.census.united import with_former
from app.clocks.commands import FAULTS, gathered, named, shown_rules
from app.clocks.facts import StayFacts
from app.clocks.gather import Found
from app.clocks.upkeep.sweeping import batches
from app.kernel.days import local_day
from app.platform.work import Work, begin, everywhere, reading

SWEEP, SWEEP_BATCH = "avoidable_days.sweep", "avoidable_days.sweep_batch"
_ACTOR = everywhere("avoidable_days")
COLUMNS = ("rule", "code", "phase", "party_kind", "party", "began_at", "evidence", "mark")
_CURRENT = (
    f"select id, encounter_id, day, {', '.join(COLUMNS)} from avoidable_draft"
    " where encounter_id = any(%s) and ended_at is null"
)
_TAKEN = """
select encounter_id, day from avoidable_day
where encounter_id = any(%s) and ended_at is null and weight = 'primary'
"""
_REJECTED = """
select encounter_id, day, rule, mark, reason from avoidable_rejection where encounter_id = any(%s) and ended_at is null
"""
_HAVE_DRAFTS = "select distinct encounter_id from avoidable_draft where encounter_id = any(%s) and ended_at is null"
_INSERT = f"""
insert into avoidable_draft (encounter_id, facility_id, made_at, day, {", ".join(COLUMNS)})
values (%s, %s, %s, %s, {", ".join(["%s"] * len(COLUMNS))})
"""


class _Kept(NamedTuple):
    id: uuid.UUID
    encounter_id: uuid.UUID
    day: date
    values: tuple[object, ...]


class _Rejection(msgspec.Struct):
    encounter_id: uuid.UUID
    day: date
    rule: str
    mark: str
    reason: str


def follow_named(work: Work) -> None:
    """Last step of a transaction: the drafts of the stays whose facts it changed.

    What the feed tells brings no new reason to propose anything, so that it concerns only stays that have drafts, and
    those of which two become one; a midnight that has passed meanwhile is the sweep's. Nothing happens while no clock
    is computed either.
    """
    if not shown_rules() or not work.recorded:
        return
    fed: set[uuid.UUID] = set()
    told: set[uuid.UUID] = set()
    for event in work.recorded:
        if isinstance(event, EncountersUnited):
            told |= {key for key in (event.encounter_id, event.former_id) if key is not None}
        elif event.encounter_id is not None:
            (fed if isinstance(event, StayEvent) else told).add(event.encounter_id)
    told &= named(work)
    if only_fed := list(fed - told):
        told |= set(work.values(_HAVE_DRAFTS, (only_fed,)))
    if wanted := sorted(told):
        refresh(work, wanted)


def refresh(work: Work, stays: Sequence[uuid.UUID]) -> int:
    """Compute the drafts of these stays now and store the difference. Returns how many versions were made.

    What is recorded for their days follows the facts too. A stay whose facts cannot be read keeps what was stored of
    it; the clocks say that it has a fault.
    """
    found = gathered(work, stays)
    facts = readable(found)
    days = stay_days(work, list(facts), facts)
    belongs = with_former(work, list(facts))
    changed = settle(work, days, belongs)
    made, differing = _store(work, found, _proposed(work, found, facts, days, belongs))
    for stay in changed | differing:
        work.changed(found[stay].facility_id, stay)
    return made


def _store(
    work: Work, found: Mapping[uuid.UUID, Found], proposed: Mapping[uuid.UUID, Mapping[date, Proposal]]
) -> tuple[int, set[uuid.UUID]]:
    """End what is not proposed any more and keep what is new; how many versions that made, and of which stays."""
    over: list[uuid.UUID] = []
    same: set[tuple[uuid.UUID, date]] = set()
    changed: set[uuid.UUID] = set()
    for kept in work.rows(_kept, _CURRENT, (list(found),)):
        if kept.encounter_id not in proposed:
            continue
        now = proposed[kept.encounter_id].get(kept.day)
        if now is not None and _values(now) == kept.values:
            same.add((kept.encounter_id, kept.day))
        else:
            over.append(kept.id)
            changed.add(kept.encounter_id)
    if over:
        work.write(
            "avoidable_draft",
            "update avoidable_draft set ended_at = %s, ended_because = %s where id = any(%s)",
            (work.now, DraftEnd.GONE.value, over),
        )
    fresh: list[tuple[Any, ...]] = [
        (stay, found[stay].facility_id, work.now, day, *_values(one))
        for stay, days in proposed.items()
        for day, one in days.items()
        if (stay, day) not in same
    ]
    if fresh:
        work.write_many("avoidable_draft", _INSERT, fresh)
    return len(fresh), changed.union(row[0] for row in fresh)


def _proposed(
    work: Work,
    found: Mapping[uuid.UUID, Found],
    facts: Mapping[uuid.UUID, StayFacts],
    days: Mapping[uuid.UUID, StayDays],
    belongs: Mapping[uuid.UUID, uuid.UUID],
) -> dict[uuid.UUID, dict[date, Proposal]]:
    """The proposals of each stay by day; of one that cannot be computed nothing at all, of one that is gone none."""
    taken: dict[uuid.UUID, set[date]] = {}
    for part, day in work.rows(lambda part, day: (part, day), _TAKEN, (list(belongs),)):
        taken.setdefault(belongs[part], set()).add(day)
    rejected: dict[uuid.UUID, list[Rejected]] = {}
    for one in work.rows(_Rejection, _REJECTED, (list(belongs),)):
        needed = one.reason == RejectReason.NEEDED
        again = Rejected(one.day, DraftRule(one.rule), one.mark, needed)
        rejected.setdefault(belongs[one.encounter_id], []).append(again)
    own = wordings(work, {one.facility_id for one in found.values()})
    made: dict[uuid.UUID, dict[date, Proposal]] = {key: {} for key, one in found.items() if not one.status}
    for key, read in facts.items():
        if key not in days:
            made[key] = {}
            continue
        today = local_day(work.now, found[key].zone)
        reasons = on_day((one.reason for one in own[found[key].facility_id]), today)
        usable = {code: reason for code, reason in reasons.items() if not reason.retired}
        try:
            proposals = propose(read, days[key], usable, taken.get(key, set()), rejected.get(key, ()))
        except FAULTS:
            continue
        made[key] = {one.day: one for one in proposals}
    return made


def _values(one: Proposal) -> tuple[object, ...]:
    return (
        one.rule.value, one.code, one.phase.value, one.party_kind.value, one.party, one.began_at, one.evidence,
        one.mark,
    )  # fmt: skip


def _kept(id: uuid.UUID, encounter_id: uuid.UUID, day: date, *values: object) -> _Kept:
    return _Kept(id, encounter_id, day, values)


# --- after each midnight ---------------------------------------------------------------------------------------------


def sweep(at: datetime | None = None) -> int:
    """Compute the drafts of all stays now, one batch after the other. Returns the number of stays."""
    with reading(_ACTOR, at=at) as view:
        found = list(batches(view))
    for stays in found:
        sweep_batch([str(stay) for stay in stays], at=at)
    return sum(map(len, found))


def sweep_batch(stays: list[str], *, at: datetime | None = None) -> None:
    """Job: compute the drafts of these stays. Safe to run twice; what has not changed is not written."""
    with begin(_ACTOR, at=at) as work:
        made = refresh(work, [uuid.UUID(stay) for stay in stays])
        if work.written:
            work.record(DraftsComputed(stays=len(stays), changed=made))


def plan_sweep() -> None:
    """Job: put all batches into the queue; those that begin with the same stay once."""
    with begin(_ACTOR) as work:
        for stays in batches(work):
            work.later(SWEEP_BATCH, once=f"{SWEEP_BATCH} {stays[0]}", stays=[str(stay) for stay in stays])
