"""The day ledger of a large hospital for a year: `python -m benchmarks.ledger [beds] [days]`.

Every bed is taken every night; a stay lasts five nights in two units. Nine in ten are reviewed every second day, most
have an authorization, one in ten a request that waits, one in five an avoidable day. Measured is the whole of `daybook
export ledger`: facts out of the tables, lanes, file. The floor is reading the movements alone. Printed is processor
time, here and of the server, because that is what a busy machine has less of.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import psycopg

from app.census.exports import Form
from app.ledger.checking import Checked, check
from app.ledger.exporting import AskLedger, export_ledger
from app.platform import work
from app.platform.db import open_engine
from app.platform.work import everywhere, reading
from benchmarks._machine import machine
from benchmarks.ingest import database
from tests.support.world import World

T = TypeVar("T")
NIGHTS = 5
WHO = everywhere("bench")
# A stay begins at 15:00 of its first day in Chicago and ends at 11:00 of its last. Stays of one bed follow each other.
_STAYS = f"""
create temporary table made as
select gen_random_uuid() as stay, gen_random_uuid() as patient, gen_random_uuid() as asked, b as bed, n as turn,
  (date '2025-03-05' + n * {NIGHTS} + b %% {NIGHTS}) as first, b * 10000 + n as number
from generate_series(1, %(beds)s) b, generate_series(0, %(days)s / {NIGHTS} - 1) n
"""
_FILL = (
    "insert into patient (id, authority, number, facility_ids, family, given) select patient, 'NORTH', 'M' || number,"
    " array[%(place)s::smallint], 'Sample', 'Person' from made",
    "insert into encounter (id, facility_id, authority, visit_number, patient_id, home_patient_id, status,"
    " patient_class, start_at, inpatient_at, discharge_at, gmlos, updated_at) select stay, %(place)s, 'NORTH',"
    " 'V' || number, patient, patient, 'discharged', 'IP', first + interval '21 hours', first + interval '21 hours',"
    f" first + {NIGHTS} + interval '17 hours', 3.7, now() from made",
    "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until) select m.stay, e.serial,"
    f" %(place)s, 2, 'IP', first + interval '21 hours', first + {NIGHTS} + interval '17 hours'"
    " from made m join encounter e on e.id = m.stay",
    "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until) select m.stay, e.serial,"
    " %(place)s, 1, 'U' || m.bed %% 40 || '^' || m.bed || '^A', first + interval '21 hours',"
    " first + interval '69 hours'"
    " from made m join encounter e on e.id = m.stay",
    "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until) select m.stay, e.serial,"
    f" %(place)s, 1, 'U' || (m.bed + 1) %% 40 || '^' || m.bed || '^B', first + interval '69 hours', first + {NIGHTS}"
    " + interval '17 hours' from made m join encounter e on e.id = m.stay",
    "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name) select stay, %(place)s, 1, 'BLUE',"
    " 'BLUE PPO' from made",
    "insert into review (review_id, encounter_id, facility_id, kind, for_day, state, set_id, set_version, override,"
    " outcome, next_review_on, started_at, signed_at, made_at, ended_because) select gen_random_uuid(), stay,"
    " %(place)s, 'continued_stay', first + d, 'signed', 'aep_day', '2', 'none', 'met', first + d + 2,"
    " first + d + interval '22 hours', first + d + interval '22 hours', first + d + interval '22 hours', ''"
    " from made, generate_series(0, 4, 2) d where number %% 10 > 0",
    "insert into payer_authorization (id, encounter_id, facility_id, payer_code, payer_name, made_at, ended_because)"
    " select asked, stay, %(place)s, 'BLUE', 'BLUE PPO', first + interval '22 hours', '' from made"
    " where number %% 7 > 0",
    "insert into payer_standing (authorization_id, encounter_id, facility_id, state, firsts, untils, made_at)"
    " select asked, stay, %(place)s, 'approved', array[first], array[first + 4], first + interval '23 hours' from made"
    " where number %% 7 > 0",
    "insert into payer_request (request_id, authorization_id, encounter_id, facility_id, event_trace,"
    " certification_type, service_level, service_type, first_day, until_day, channel, asked_at, made_at,"
    " ended_because) select gen_random_uuid(), asked, stay, %(place)s, 'T' || number, 'I', 'E', '1', first,"
    f" first + case when number %% 10 = 0 then {NIGHTS} else 4 end, 'portal', first + interval '22 hours',"
    " first + interval '22 hours', '' from made where number %% 7 > 0",
    "insert into avoidable_day (entry_id, encounter_id, facility_id, day, code, weight, amount, phase, party_kind,"
    " controllable, origin, recorded_at, made_at, ended_because) select gen_random_uuid(), stay, %(place)s, first + 4,"
    " 'PA-01', 'primary', 1, 'post_ready', 'vendor', 'N', 'manual', first + 5, first + 5, '' from made"
    " where number %% 5 = 0",
)


def fill(world: World, beds: int, days: int) -> None:
    """Rows as the program would have left them, without its triggers: a year by commands would take hours."""
    asked = {"beds": beds, "days": days, "place": world.facility["NORTH"]}
    with psycopg.connect(world.addresses.owner, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute(_STAYS, asked)
        for statement in _FILL:
            owner.execute(statement, asked)
        owner.execute("vacuum analyze")


def measured(step: Callable[[], T]) -> tuple[T, str]:
    """What a step gave, and its processor time here and in the server's processes."""
    with reading(WHO) as view:
        backend = psutil.Process(int(view.value("select pg_backend_pid()")))
    began, own, other = time.perf_counter(), time.process_time(), sum(backend.cpu_times()[:2])
    given = step()
    own, other = time.process_time() - own, sum(backend.cpu_times()[:2]) - other
    wall = time.perf_counter() - began
    return given, f"{own + other:6.2f} s CPU ({own:.2f} here, {other:.2f} PostgreSQL), {wall:.2f} s on the clock"


def _movements() -> int:
    with reading(WHO) as view:
        return len(view.rows(lambda *row: row, "select encounter_id, lane, value, since, until from movement"))


def main(beds: int = 1000, days: int = 365) -> None:
    print(machine())
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as folder, database(Path(folder)) as addresses:
        engine = open_engine(addresses.app, size=1)
        work.connect(engine)
        world = World(addresses)
        fill(world, beds, days)
        count, cost = measured(_movements)
        print(f"the movements alone, {count} rows: {cost}")
        for form in Form:
            data, cost = measured(lambda form=form: export_ledger(AskLedger("NORTH", form)))  # type: ignore[misc]
            print(f"{form:7} {cost}, {len(data) / 2**20:.1f} MiB")
        found, cost = measured(_checked)
        print(f"doctor  {cost}, {found.midnights} midnights of {found.stays} stays, {len(found.broken)} broken")
        engine.dispose()


def _checked() -> Checked:
    with reading(WHO) as view:
        return check(view)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
