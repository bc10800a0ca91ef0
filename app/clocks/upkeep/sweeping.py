"""What time alone changes: every open stay is computed anew, in batches that are jobs of their own.

A batch that fails is tried again by the queue and holds up no other; a worker that dies leaves the rest in the queue.
"""

import hashlib
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app import regulations
from app.clocks import rules
from app.clocks.commands import refresh, shown_rules
from app.clocks.events import ClocksSwept, RulesTaken
from app.kernel import deadlines
from app.kernel.events import Event
from app.platform.work import Reading, Work, begin, engine, everywhere, reading

BATCH = 100
"""Stays of one transaction: nobody else changes them while it runs, so it stays short."""
SWEEP, SWEEP_BATCH = "clocks.sweep", "clocks.sweep_batch"
_ACTOR = everywhere("clocks")
OF_LATE = """(e.status in ('registered', 'admitted', 'on_leave')
  or (e.status = 'discharged' and e.discharge_at > %(now)s::timestamptz - interval '60 days'))"""
"""Stays for which time or another stay may still change what is owed."""
_STAYS = f"""
select e.id from encounter e where {OF_LATE}
union select o.encounter_id from obligation o where o.ended_at is null and o.required and o.closed_at is null
union select x.encounter_id from clock_fault x where x.closed_at is null
order by 1
"""
_AMONG = "select id from encounter where id = any(%s) and facility_id = %s order by id"
_followed: set[str] = set()


def batches(view: Reading, facility_id: int | None = None) -> Iterator[list[uuid.UUID]]:
    """The stays that something may still be owed for, of one facility or of all."""
    stays: list[uuid.UUID] = view.values(_STAYS, {"now": view.now})
    if facility_id is not None:
        stays = view.values(_AMONG, (stays, facility_id))
    for start in range(0, len(stays), BATCH):
        yield stays[start : start + BATCH]


def sweep(at: datetime | None = None) -> int:
    """Compute the clocks of all these stays now, one batch after the other. Returns the number of stays."""
    with reading(_ACTOR, at=at) as view:
        found = list(batches(view))
    for stays in found:
        sweep_batch([str(stay) for stay in stays], at=at)
    return sum(map(len, found))


def sweep_batch(stays: list[str], *, at: datetime | None = None) -> None:
    """Job: compute the clocks of these stays. Safe to run twice; what has not changed is not written."""
    with begin(_ACTOR, at=at) as work:
        made = refresh(work, [uuid.UUID(stay) for stay in stays])
        if work.written:
            work.record(ClocksSwept(stays=len(stays), changed=made))


def plan_sweep(facility_id: int | None = None) -> None:
    """Job: put all batches of a facility, or of all, into the queue; those that begin with the same stay once."""
    with begin(_ACTOR) as work:
        for stays in batches(work, facility_id):
            work.later(SWEEP_BATCH, once=f"{SWEEP_BATCH} {stays[0]}", stays=[str(stay) for stay in stays])


def ask_for_sweep(work: Work, facility_id: int | None = None) -> None:
    """Have everything of a facility, or of all, computed anew after this transaction."""
    if facility_id is None:
        work.later(SWEEP, once=SWEEP)
    else:
        work.later(SWEEP, once=f"{SWEEP} {facility_id}", facility_id=facility_id)


def sweep_after(work: Work, happened: Event) -> None:
    """Reaction: what happened to a facility may change what is owed in all of it."""
    ask_for_sweep(work, getattr(happened, "facility_id", None))


def digest_of_rules() -> str:
    """A mark of everything in the program that decides what is owed: the law as data, the rules, what is shown."""
    mark = hashlib.sha256()
    clocks, kernel = Path(rules.__file__).parents[1], Path(deadlines.__file__).parent
    for folder in (regulations.DATA, clocks, clocks / "rules", kernel):
        for path in sorted(folder.iterdir()):
            if path.suffix in (".py", ".toml"):
                mark.update(path.read_bytes())
    mark.update(" ".join(sorted(shown_rules())).encode())
    return mark.hexdigest()


def follow_rules() -> bool:
    """Standing duty: once after the rules of the program changed, everything is computed anew. Never more to do.

    The search for the last mark may read the whole trail, so a process asks once for its database.
    """
    database = str(engine().url)
    if database not in _followed:
        present = digest_of_rules()
        with begin(_ACTOR) as work:
            query = "select facts ->> 'digest' from audit_event where name = %s order by id desc limit 1"
            if work.value(query, (RulesTaken.name,)) != present:
                work.record(RulesTaken(digest=present))
                ask_for_sweep(work)
        _followed.add(database)
    return False
