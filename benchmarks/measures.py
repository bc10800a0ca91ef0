"""Measures of a large hospital: `python -m benchmarks.measures [stays]`.

Stays of three years in one hospital of 1,000 beds (150,000 by default), made up by SQL. Measured are the computation of
everything, a touched patient brought up to date, the questions that pages ask, and Control and pages of measures
against the budget of the worklist page: twice the floor of `benchmarks.page`, taken on the same server in the same run.
The first answer after a start is printed beside the median. Figures of two machines, or of two runs, must not be
compared.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psutil
import psycopg

from app import reactions
from app.main import create_app
from app.metrics.store import listing, queries
from app.metrics.store.refresh import bring_up_to_date, recompute
from app.metrics.store.touching import touch
from app.metrics.terms import MeasureId, Period
from app.platform import work
from app.platform.db import open_engine
from app.platform.now import now
from app.platform.work import Reading, begin, everywhere, reading
from app.settings import Settings
from benchmarks import page
from benchmarks._machine import machine
from tests.support.world import World

STAYS = 150_000
DAYS = 1096
ACTOR = everywhere("bench")
# A patient has two or three stays; nine in ten are inpatient; ten diagnoses and groups; forty units, a hundred doctors.
_FILL = """
create temporary table made as
select n, uuidv7() as id, (n * 7919::bigint) %% (%(stays)s * 2 / 5) as person,
  %(now)s::timestamptz - make_interval(hours => (n::bigint * %(days)s * 24 / %(stays)s)::int, mins => (n * 37) %% 60)
    as start_at,
  (array[26, 41, 55, 70, 92, 101, 118, 140, 190, 260])[1 + (n * 31) %% 10] + n %% 9 as hours,
  case when n %% 10 = 0 then 'OBS' else 'IP' end as class, 'U' || (n * 13) %% 40 as unit,
  (array['Medicine', 'Surgery', 'Cardiology', 'Neurology', 'Orthopedics'])[1 + (n * 17) %% 5] as service,
  1 + (n * 29) %% 100 as doctor, 1 + (n * 11) %% 9 as payer,
  (array['291', '871', '194', '065', '378', '690', '470', '247', '603', '392'])[1 + (n * 23) %% 10] as drg,
  (array['I50.9', 'A41.9', 'J18.9', 'I63.9', 'K92.2', 'N39.0', 'M17.11', 'I21.4', 'L03.115', 'K52.9'])[
    1 + (n * 23) %% 10] as code
from generate_series(1, %(stays)s) n;
create temporary table person as
select n, uuidv7() as id from generate_series(0, %(stays)s * 2 / 5 - 1) n;
insert into patient (id, authority, number, facility_ids, family, given, birth_text, sex)
select id, 'NORTH', 'M' || n, array[%(facility)s::smallint], 'Sample' || n, 'Person',
  (19200101 + (n * 13) %% 60 * 10000)::text, 'F' from person;
insert into encounter (id, facility_id, authority, visit_number, patient_id, home_patient_id, status, patient_class,
  start_at, admit_at, inpatient_at, observation_at, class_since, discharge_at, disposition, unit, room, bed, location,
  last_location, service, attending_number, attending_name, payer_code, payer_name, drg, updated_at)
select m.id, %(facility)s, 'NORTH', 'V' || m.n, p.id, p.id,
  case when s.done then 'discharged' else 'admitted' end, class, start_at, start_at,
  case when class = 'IP' then start_at end, case when class = 'OBS' then start_at end, start_at,
  case when s.done then start_at + make_interval(hours => hours) end,
  case when not s.done then '' when m.n %% 50 = 0 then '20' when m.n %% 7 = 0 then '03' else '01' end,
  unit, '1', 'A', unit || '^1^A', unit || '^1^A', service, 'D' || doctor, 'Doctor ' || doctor, 'P' || payer,
  'Payer ' || payer, drg, %(now)s
from made m join person p on p.n = m.person
cross join lateral (select start_at + make_interval(hours => hours) < %(now)s as done) s;
insert into movement (encounter_id, stay_serial, facility_id, lane, value, label, since, until)
select e.id, e.serial, e.facility_id, k.lane, k.value, k.label, e.start_at, e.discharge_at from encounter e cross join
  lateral (values (1, e.location, ''), (2, e.patient_class, ''), (3, e.attending_number, e.attending_name),
    (4, e.service, '')) k (lane, value, label);
insert into diagnosis (encounter_id, facility_id, rank, code, kind)
select id, %(facility)s, 1, code, 'F' from made;
insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name)
select id, %(facility)s, 1, 'P' || payer, 'Payer ' || payer from made;
insert into unit (facility_id, code, name, kind, beds)
select %(facility)s, 'U' || n, 'Unit ' || n, 'ward', 25 from generate_series(0, 39) n;
analyze
"""


def fill(world: World, stays: int) -> None:
    """The stays of three years, as a fold would have left them; past the audit trail, which is not measured here."""
    given = {"stays": stays, "days": DAYS, "now": now(), "facility": world.facility["NORTH"]}
    with psycopg.connect(world.addresses.owner) as owner, psycopg.ClientCursor(owner) as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(_FILL, given)


def timed(what: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def touched(number: int) -> float:
    """Seconds of bringing one touched patient up to date; the touch itself is not counted."""
    with begin(ACTOR) as writing:
        patient = writing.value(
            "select patient_id from encounter order by visit_number offset %s limit 1", (number * 37,)
        )
        touch(writing, patients=[patient])
    return timed(bring_up_to_date)


def asked(world: World, question: Callable[[Reading], object], times: int = 9) -> str:
    """Milliseconds of the first time on a fresh connection, and the median of the others."""
    work.engine().dispose()
    found = []
    for _ in range(times):
        with reading(world.viewer("dora")) as db:
            found.append(timed(lambda db=db: question(db)) * 1000)  # type: ignore[misc]
    return f"first {found[0]:7.1f} ms, then {statistics.median(found[1:]):7.1f} ms"


def questions() -> dict[str, Callable[[Reading], object]]:
    """What pages ask: whole figures, a year in months, everything split, cases."""
    today = now().date()
    year, all_time = Period(today - timedelta(days=365), today), Period(today - timedelta(days=DAYS), today)
    month = Period(today - timedelta(days=30), today)
    readmission, los = MeasureId.READMISSION, MeasureId.LENGTH_OF_STAY
    return {
        "figure of a month, every measure": lambda db: [queries.figures(db, one, month) for one in MeasureId],
        "months of three years": lambda db: queries.series(db, readmission, all_time),
        "a year by five dimensions": lambda db: queries.split(db, readmission, year),
        "three years by five dimensions": lambda db: queries.split(db, readmission, all_time),
        "exclusions of three years": lambda db: queries.exclusions(db, readmission, all_time),
        "values of a year": lambda db: queries.values(db, los, year),
        "median of a year": lambda db: queries.figures(db, MeasureId.ORDER_TO_DEPARTURE, year),
        "first page of cases": lambda db: listing.cases(db, readmission, year),
        "page 300 of cases": lambda db: listing.cases(db, readmission, all_time, page=300),
    }


def main(stays: int = STAYS) -> None:
    print(f"{machine()}; load {psutil.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name, page.database(Path(name)) as addresses:
        work.connect(open_engine(addresses.app, size=2))
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        world = World(addresses)
        print(f"{stays} stays made in {timed(lambda: fill(world, stays)):.1f} s")
        report(world)
        pages(world, Settings(home=Path(name), secure_cookies=False, requests_per_minute=10_000_000))


def report(world: World) -> None:
    """Everything anew twice, patients one by one, and the questions."""
    for text in ("everything, from nothing", "everything, again"):
        print(f"{text}: {timed(recompute):.1f} s")
        with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
            owner.execute("vacuum analyze")  # as the server does by itself within a minute
    with psycopg.connect(world.addresses.owner) as owner:
        cases, days, size = owner.execute(
            "select (select count(*) from measure_case), (select count(*) from measure_day),"
            " pg_size_pretty(pg_total_relation_size('measure_case'))"
        ).fetchone() or (0, 0, "")
    print(f"{cases} cases ({size}), {days} days")
    times = [touched(number) * 1000 for number in range(24)]
    print(f"a touched patient: {statistics.median(times):.1f} ms, the slowest {max(times):.1f} ms")
    for text, question in questions().items():
        print(f"{text:32} {asked(world, question)}")


def pages(world: World, settings: Settings) -> None:
    """Control and pages of measures, the first answer of a fresh server and the median of others, in budgets."""
    today = now().date()
    years = f"first={today - timedelta(days=DAYS)}&last={today}"
    paths = {
        "Control": ("/control", 4),
        "readmissions, as it opens": ("/measures/readmission", 20),
        "readmissions, three years": (f"/measures/readmission?{years}", 20),
        "length of stay, three years": (f"/measures/los?{years}", 20),
        "order to departure, three years": (f"/measures/order_to_departure?{years}", 20),
        "cases of readmissions": (f"/measures/readmission/cases?{years}", 20),
        "all measures": ("/measures", 20),
    }
    cookie = world.cookie("dora")
    app = create_app(settings, world.addresses)
    with page.served(app) as port:
        body = page.Client(port, cookie).get("/worklists/inpatient")
    app = create_app(settings, world.addresses)
    for route in page.floor_routes(world, body, world.addresses):
        app.register(route)
    with page.served(app) as port:
        client = page.Client(port, cookie)
        found = {text: page.timed(client, path, 1) for text, (path, _) in paths.items()}
        page.timed(client, "/floor", 20)
        floor: list[float] = []
        for _ in range(7):
            floor += page.timed(client, "/floor", 5)
            for text, (path, _limit) in paths.items():
                found[text] += page.timed(client, path, 1)
    budget = 2 * statistics.median(floor)
    print(f"budget of the worklist page (two floors): {budget:.1f} ms")
    for text, (_, limit) in paths.items():
        first, others = found[text][0] / budget, statistics.median(found[text][1:]) / budget
        print(f"{text:32} first {first:6.2f}, then {others:6.2f} budgets of {limit}")


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:2]))
