"""The simulated people of discharge planning: what they leave behind is consistent, seen by SQL of its own."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.demo import run
from app.demo.plan import Plan
from app.demo.planners.registry import OWN, VENDORS
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.interop.inbox import drain
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading

NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)
FOUND_NOTHING = {
    "a referral before its admission": """
        select 1 from referral r join encounter e on e.id = r.encounter_id where r.sent_at < e.start_at""",
    "a referral sent after the departure": """
        select 1 from referral r join encounter e on e.id = r.encounter_id
        where r.action = 'send' and e.status = 'discharged' and r.sent_at > e.discharge_at""",
    "an open referral of somebody who left": """
        select 1 from referral r join encounter e on e.id = r.encounter_id where e.status = 'discharged'
          and e.discharge_at < %(now)s::timestamptz - interval '2 days' and r.ended_at is null
          and r.state in ('sent', 'opened', 'question')""",
    "an answer before the referral": "select 1 from referral where answered_at < sent_at",
    "a bed booked without a choice before it": """
        select 1 from booking b where b.referral_id is not null and b.action = 'book' and not exists
          (select from choice c where c.encounter_id = b.encounter_id and c.made_at <= b.made_at
            and b.vendor_id = any(c.vendors))""",
    "an entry outside the stay": """
        select 1 from avoidable_day a join encounter e on e.id = a.encounter_id join facility f on f.id = e.facility_id
        where a.day < (e.start_at at time zone f.timezone)::date
          or a.day >= (coalesce(case when e.status = 'discharged' then e.discharge_at end, %(now)s)
            at time zone f.timezone)::date""",
    "two primary reasons for one day": """
        select 1 from avoidable_day where ended_at is null and weight = 'primary'
        group by encounter_id, day having count(*) > 1""",
    "a call before the discharge": """
        select 1 from follow_up_call c join encounter e on e.id = c.encounter_id where c.at < e.discharge_at""",
    "an expected date before the stay began": """
        select 1 from expected_date x join encounter e on e.id = x.encounter_id join facility f on f.id = e.facility_id
        where x.expected_on < (e.start_at at time zone f.timezone)::date""",
    "an order before the patient was ready": """
        select 1 from readiness o where o.kind = 'ordered' and not exists
          (select from readiness r where r.encounter_id = o.encounter_id and r.kind = 'ready' and r.at <= o.at)""",
    "something recorded in the future": "select 1 from plan_barrier where made_at > %(now)s",
    "somebody who leads two conferences at once": """
        select 1 from conference where ended_at is null group by made_by, held_at having count(*) > 1""",
    "a referral to somebody who died": """
        select 1 from referral r join encounter e on e.id = r.encounter_id where e.disposition = '20'""",
}
SOMETHING = (
    "screening", "assessment", "expected_date", "plan_disposition", "plan_item", "plan_barrier", "readiness",
    "avoidable_day", "referral", "choice", "booking", "teaching_record", "departure_item", "follow_up_call",
)  # fmt: skip


def value(query: str) -> Any:
    with reading(everywhere("test"), at=NOW) as db:
        return db.value(query, {"now": NOW})


def test_what_the_planners_leave_behind_is_consistent(database: Addresses, tmp_path: Path) -> None:
    plan = Plan(seed=4, beds=20, ltch_beds=4, days=12, now=NOW)
    simulation, progress, memory = simulate(plan), Progress(plan), Memory(tmp_path)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, lambda *_: None)
    run.name_lines(simulation)
    run.give_notices(simulation, memory, progress, lambda *_: None)
    run.make_plans(simulation, memory, progress, lambda *_: None)
    run._send(list(simulation.history_by_stay()))
    while drain():
        pass
    run.give_notices(simulation, memory, progress, lambda *_: None)
    run.make_plans(simulation, memory, progress, lambda *_: None)

    assert value("select count(*) from vendor") == 2 * len(VENDORS)
    assert value("select count(*) from vendor_interest") == 2, OWN
    assert {name: value(f"select count(*) > 0 from {name}") for name in SOMETHING} == dict.fromkeys(SOMETHING, True)
    faults = {what: value(f"select count(*) from ({query}) found") for what, query in FOUND_NOTHING.items()}
    assert faults == dict.fromkeys(FOUND_NOTHING, 0)

    before = {name: value(f"select count(*) from {name}") for name in SOMETHING}
    progress.planned = None
    run.make_plans(simulation, memory, progress, lambda *_: None)
    assert {name: value(f"select count(*) from {name}") for name in SOMETHING} == before, "nobody plans twice"
