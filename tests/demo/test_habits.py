"""The simulated people live a day: their lists were looked at, their mornings are built, a little is put aside."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.demo import habits, run
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading

NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)  # 09:41 in Chicago


def test_a_demonstration_begins_with_a_built_day_and_a_past(database: Addresses, tmp_path: Path) -> None:
    plan = Plan(seed=3, beds=20, days=5, now=NOW)
    simulation, progress = simulate(plan), Progress(plan)
    run.furnish(simulation)
    run.feed_open_stays(simulation, Memory(tmp_path), progress, lambda *_: None)
    run.assign_stays(simulation)

    habits.live_a_day(simulation)
    for _ in range(2):  # a run that was cut off goes on without building a day twice
        habits.build_present_day(simulation)
        habits.build_earlier_days(simulation)

    with reading(everywhere("test")) as db:
        sheets = db.connection.execute(
            "select f.code, s.day, s.edition, s.built_at - s.due_at, s.stays from day_sheet s"
            " join facility f on f.id = s.facility_id order by f.code, s.day"
        ).fetchall()
        later = db.value(
            "select count(*) from day_sheet_line l join day_sheet s on s.id = l.sheet_id"
            " join encounter e on e.id = l.encounter_id where e.start_at > s.built_at"
        )
        aside = db.value("select count(*) from snooze where ended_at is null")
        seen = db.value("select count(*) from phi_access where at < %s", (NOW - timedelta(hours=10),))
    assert {(edition, late) for _, _, edition, late, _ in sheets} == {(1, timedelta(0))}
    assert len({day for _, day, *_ in sheets}) == habits.MORNINGS and sum(sheet[4] for sheet in sheets) > 0
    assert later == 0, "a sheet of an earlier morning knows nothing of who came later"
    assert aside > 0 and seen > 0
