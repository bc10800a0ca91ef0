"""A list as of an earlier instant against the same list now: `python -m benchmarks.as_of [stays] [rounds]`.

In one run on one server, with a year of versions behind the house: all that a list page asks, through the doors of the
program, as it stands and as it stood some months ago. Printed are medians and their ratio.
"""

import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

import psycopg

from app import reactions
from app.platform import work
from app.platform.db import open_engine
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import reading
from app.security.permissions import Permission
from app.worklists import queries
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from benchmarks.page import database, fill
from tests.support.world import World

DAYS, LENGTH, VERSIONS = 365, 5, 12
_STAY = """
  facility_id, authority, visit_number, account_number, patient_id, home_patient_id, patient_class, start_at, admit_at,
  inpatient_at, observation_at, class_since, discharge_precise, disposition, unit, room, bed, place_facility,
  last_location, service, attending_number, attending_name, admit_source, admit_type, admit_reason, financial_class,
  payer_code, payer_name, drg, gmlos, expected_discharge_at, pending_kind, pending_location, pending_at, sensitivity,
  inferred, first_message_id"""
_PERSON = """
  authority, number, facility_ids, status, merged_into_id, family, given, middle, suffix, birth_text, sex, deceased,
  zip_code, phone, language, sensitivity, identifiers"""


def remember(addresses: Addresses, stays: int) -> None:
    """A year of stays behind the house, each in a dozen versions, as many at a time as there are stays now."""
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        over = "encounter e where e.status = 'discharged'"
        owner.execute(f"delete from movement m where exists (select from {over} and e.id = m.encounter_id)")
        owner.execute(f"delete from {over}")
        again = _STAY.replace("visit_number", "e.visit_number || chr(45) || n")
        many = stays * DAYS // LENGTH
        owner.execute(
            f"insert into encounter (status, discharge_at, location, updated_at, {_STAY}) select 'discharged',"
            f" now() - interval '1 year', '', now(), {again} from encounter e,"
            " generate_series(1, %s) n where e.status = 'admitted'",
            (many // stays,),
        )
        moment = f"now() - make_interval(days => {12 + LENGTH}, secs => e.serial::bigint * 7919 % 30000000)"
        step = f"make_interval(secs => {LENGTH * 86400 // VERSIONS})"
        owner.execute(
            f"insert into encounter_known (encounter_id, serial, status, location, known_from, known_until, {_STAY})"
            f" select e.id, e.serial, case when n < {VERSIONS} then 'admitted' else 'discharged' end, e.last_location,"
            f" b.begun + n * {step}, case when n < {VERSIONS} then b.begun + (n + 1) * {step} else 'infinity' end,"
            f" {_STAY} from encounter e cross join lateral (select {moment} as begun) b,"
            f" generate_series(0, {VERSIONS}) n where e.status = 'discharged'"
        )
        owner.execute(
            "update encounter e set discharge_at = k.known_from from encounter_known k"
            " where k.encounter_id = e.id and k.status = 'discharged'"
        )
        owner.execute(
            f"insert into encounter_known (encounter_id, serial, status, location, known_from, known_until, {_STAY})"
            f" select id, serial, status, location, start_at, 'infinity', {_STAY} from encounter"
            " where status = 'admitted'"
        )
        owner.execute(
            f"insert into patient_known (patient_id, known_from, known_until, {_PERSON})"
            f" select id, now() - interval '2 years', 'infinity', {_PERSON} from patient"
        )
        _deeds(owner, step)
        owner.execute("vacuum analyze")


def _deeds(owner: psycopg.Connection[tuple[object, ...]], step: str) -> None:
    """Four of five stays had an owner, one of three a note."""
    first = "encounter_known k where k.status = 'admitted' and k.known_until < now()"
    owner.execute(
        "insert into assignment (encounter_id, facility_id, user_id, assigned_at, ended_at) select k.encounter_id,"
        f" k.facility_id, (select id from app_user order by name limit 1), min(k.known_from) + {step},"
        f" max(k.known_until) from {first} and k.serial % 5 <> 0 group by 1, 2"
    )
    owner.execute(
        "with written as (insert into note (encounter_id, facility_id, text, pinned, written_at, written_by)"
        " select k.encounter_id, k.facility_id, 'Daughter decides, calls back after four', k.serial % 4 = 0,"
        f" min(k.known_from), (select id from app_user order by name limit 1) from {first} and k.serial % 3 = 0"
        " group by 1, 2, 4 returning note.*)"
        " insert into row_change (at, actor, table_name, row_key, facility_id, encounter_id, operation, new)"
        " select w.written_at, 'bench', 'note', w.id, w.facility_id, w.encounter_id, 'insert', to_jsonb(w)"
        " from written w"
    )


def timed(world: World, as_of: datetime | None) -> tuple[float, int]:
    """Milliseconds for all that a list page asks, and how many rows it found."""
    viewer = world.viewer("dana").acting(Permission.STAY_LIST)
    start = time.perf_counter()
    with reading(viewer, as_of=as_of) as db:
        ask = queries.Ask(REGISTRY, REGISTRY.lists["inpatient"], View("inpatient"), db, viewer)
        found = queries.everything(ask, [])
    return (time.perf_counter() - start) * 1000, len(found.rows)


def main(stays: int = 400, rounds: int = 60) -> None:
    with tempfile.TemporaryDirectory(prefix="daybook-bench-") as name, database(Path(name)) as addresses:
        work.connect(open_engine(addresses.app))
        work.install(reactions.REACTIONS, reactions.LAST_STEPS)
        world = World(addresses)
        fill(world, stays)
        remember(addresses, stays)
        cases = {"now": None} | {f"{days} d ago": now() - timedelta(days=days) for days in (1, 20, 100, 300)}
        found: dict[str, list[float]] = {case: [] for case in cases}
        shown = {}
        for number in range(rounds + 8):
            for case, moment in cases.items():
                milliseconds, shown[case] = timed(world, moment)
                if number >= 8:
                    found[case].append(milliseconds)
        base = statistics.median(found["now"])
        for case, times in found.items():
            middle = statistics.median(times)
            print(f"{case:10} {shown[case]:4} stays  p50 {middle:7.2f} ms  {middle / base:5.2f} x now")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
