"""The simulated people of the long-term hospital, and the codings: consistent, seen by SQL of its own."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.demo import run
from app.demo.cast import cast
from app.demo.hospital import LTCH
from app.demo.longterm import groups
from app.demo.longterm.codings import AFTER, code_stays
from app.demo.plan import Plan
from app.demo.run import Memory, Progress
from app.demo.simulation import simulate
from app.interop.inbox import drain
from app.ltac.days.queries import standing
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from app.regulations.drg import fiscal_year
from app.security.permissions import ROLES, Permission

NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)
PLAN = Plan(seed=4, beds=20, ltch_beds=10, days=20, now=NOW)
STATE = """
select r.*, v.answer_by, v.family, v.given, v.birth, coalesce((select t.state from ltac_referral_step t
    where t.referral_id = r.id and t.ended_at is null order by t.made_at desc, t.id desc limit 1), 'received') as state,
  (select t.encounter_id from ltac_referral_step t where t.referral_id = r.id and t.ended_at is null
    and t.action = 'admit') as stay,
  (select min(t.made_at) from ltac_referral_step t where t.referral_id = r.id and t.action = 'admit') as admitted_at
from ltac_referral r join ltac_referral_version v on v.referral_id = r.id and v.ended_at is null
"""
FOUND_NOTHING = {
    "charted on a day outside of the stay": """
        select 1 from weaning_day w join encounter e on e.id = w.encounter_id join facility f on f.id = e.facility_id
        where w.day < (e.start_at at time zone f.timezone)::date
          or w.day > (coalesce(case when e.status = 'discharged' then e.discharge_at end, %(now)s)
            at time zone f.timezone)::date""",
    "charted while the patient was away": """
        select 1 from weaning_day w join movement m on m.encounter_id = w.encounter_id and m.lane = 5
        where w.made_at >= m.since and (m.until is null or w.made_at < m.until)""",
    "charted of a patient who never lay in the ventilator unit": """
        select 1 from weaning_day w where not exists (select from movement m where m.encounter_id = w.encounter_id
          and m.lane = 1 and split_part(m.value, '^', 1) = 'LV')""",
    "charted for another day than today": """
        select 1 from weaning_day w join facility f on f.id = w.facility_id
        where w.day <> (w.made_at at time zone f.timezone)::date
        union all select 1 from therapy_day t join facility f on f.id = t.facility_id
        where t.day <> (t.made_at at time zone f.timezone)::date""",
    "charted twice for one day": """
        select 1 from weaning_day where ended_at is null group by encounter_id, day having count(*) > 1""",
    "therapy on a day of the weekend": "select 1 from therapy_day where extract(isodow from day) > 5",
    "more therapy than a day has": """
        select 1 from therapy_day where ended_at is null group by encounter_id, day having sum(minutes) > 1440""",
    "recorded of another hospital": """
        select 1 from long_term_record r join encounter e on e.id = r.encounter_id
        join facility f on f.id = e.facility_id where f.kind <> 'ltch'""",
    "recorded before it took place": "select 1 from long_term_record where made_at < at",
    "recorded before the admission": """
        select 1 from long_term_record r join encounter e on e.id = r.encounter_id where r.at < e.start_at""",
    "two validations of one stay": """
        select 1 from long_term_record where kind = 'validation' and ended_at is null
        group by encounter_id having count(*) > 1""",
    "a transfer back of somebody who went elsewhere": """
        select 1 from long_term_record r join encounter e on e.id = r.encounter_id
        where r.kind = 'transfer' and e.disposition <> '02'""",
    "an assessment without its wound": """
        select 1 from long_term_record c where c.kind = 'wound_check' and not exists
          (select from long_term_record w where w.record_id = c.about_id and w.kind = 'wound' and w.at <= c.at)""",
    "earlier use told of whom original Medicare does not pay": """
        select 1 from payment_day_entry d where d.kind = 'earlier_use' and not exists
          (select from coverage c where c.encounter_id = d.encounter_id and c.payer_code = 'CMS')""",
    "a referral that became a stay of somebody else": f"""
        select 1 from ({STATE}) r join encounter e on e.id = r.stay join patient p on p.id = e.patient_id
        where (lower(r.family), lower(r.given), to_char(r.birth, 'YYYYMMDD'))
          <> (lower(p.family), lower(p.given), left(p.birth_text, 8))""",
    "a referral that came after the patient": f"""
        select 1 from ({STATE}) r join encounter e on e.id = r.stay
        where r.received_at > e.start_at or r.admitted_at < e.start_at""",
    "two referrals for one stay": f"""
        select 1 from ({STATE}) r where r.stay is not null group by r.stay having count(*) > 1""",
    "an accepted patient who was admitted long ago": f"""
        select 1 from ({STATE}) r where r.state = 'accepted' and r.received_at < %(now)s - interval '5 days'""",
    "something recorded in the future": """
        select 1 from long_term_record where made_at > %(now)s
        union all select 1 from weaning_day where made_at > %(now)s
        union all select 1 from payment_day_entry where made_at > %(now)s
        union all select 1 from ltac_referral_step where made_at > %(now)s""",
    "coded before it ended": """
        select 1 from coded_stay c join encounter e on e.id = c.encounter_id join facility f on f.id = e.facility_id
        where e.status <> 'discharged' or c.coded_on < (e.discharge_at at time zone f.timezone)::date""",
    "a coding of another disposition than the feed told": """
        select 1 from coded_stay c join encounter e on e.id = c.encounter_id
        where c.ended_at is null and c.disposition <> '' and c.disposition <> e.disposition""",
}  # fmt: skip
SOMETHING = (
    "weaning_day", "therapy_day", "long_term_record", "payment_day_entry", "ltac_referral", "ltac_screening",
    "ltac_authorization", "coded_stay", "coded_procedure", "measure_case", "measure_day",
)  # fmt: skip


def value(query: str) -> Any:
    with reading(everywhere("test"), at=NOW) as db:
        return db.value(query, {"now": NOW})


def states() -> dict[str, int]:
    with reading(everywhere("test"), at=NOW) as db:
        query = f"select state, count(*) from ({STATE}) r group by 1"
        return dict(db.connection.execute(query).fetchall())


def test_what_the_long_term_hospital_leaves_behind_is_consistent(database: Addresses, tmp_path: Path) -> None:
    simulation, progress, memory = simulate(PLAN), Progress(PLAN), Memory(tmp_path)
    run.furnish(simulation)
    run.feed_open_stays(simulation, memory, progress, lambda *_: None)
    run.name_lines(simulation)
    run.make_plans(simulation, memory, progress, lambda *_: None)
    run._send(list(simulation.history_by_stay()))
    while drain():
        pass
    run.make_plans(simulation, memory, progress, lambda *_: None)
    run.make_measures(simulation, memory, progress, lambda *_: None)

    assert {name: value(f"select count(*) > 0 from {name}") for name in SOMETHING} == dict.fromkeys(SOMETHING, True)
    kinds = "select count(distinct kind) from long_term_record"
    assert value(kinds) >= 5, "validation, orientation, conference, wound, its assessments"
    faults = {what: value(f"select count(*) from ({query}) found") for what, query in FOUND_NOTHING.items()}
    assert faults == dict.fromkeys(FOUND_NOTHING, 0)
    found = states()
    assert found["received"] + found["screening"] >= 2, "some wait for a screening"
    assert found["accepted"] == 2 and found["admitted"] >= 5
    assert found["declined"] + found["withdrawn"] + found.get("lost", 0) >= 2
    assert value("select count(*) from audit_event where name = 'long_term_referral.converted'") == found["admitted"]

    before = {name: value(f"select count(*) from {name}") for name in SOMETHING}
    progress.planned, progress.measured = None, False
    run.make_plans(simulation, memory, progress, lambda *_: None)
    run.make_measures(simulation, memory, progress, lambda *_: None)
    assert {name: value(f"select count(*) from {name}") for name in SOMETHING} == before, "nobody works twice"


def test_codings_are_of_stays_that_ended_some_days_ago_and_name_some_codes_that_no_map_knows(
    database: Addresses,
) -> None:
    simulation = simulate(PLAN)
    run.furnish(simulation)
    run._send(list(simulation))
    while drain():
        pass
    taken = code_stays(PLAN)
    ended = value(f"""
        select count(*) from encounter where status = 'discharged' and patient_class = 'IP'
          and discharge_at < %(now)s - interval '{AFTER.days} days'""")
    added = sum(one.added for one in taken)
    assert all(not one.refused for one in taken)
    assert 0.8 * ended < added < ended, "nearly all, and some codings are late"
    again = code_stays(PLAN)
    assert sum(one.unchanged for one in again) == added and sum(one.added for one in again) == 0


def test_the_invented_table_of_groups_gives_every_stay_a_threshold_and_says_that_it_is_invented(
    database: Addresses,
) -> None:
    simulation = simulate(PLAN)
    run.furnish(simulation)
    run.furnish(simulation)
    assert value("select count(*) from drg_table") == 1, "taken in once"
    assert "Invented" in value("select source from drg_table")
    assert value("select count(*) from drg_table where refused > 0") == 0
    assert value("select min(fiscal_year) from drg_table") == fiscal_year(NOW.date())
    run._send(list(simulation))
    while drain():
        pass
    with reading(everywhere("test"), at=NOW) as db:
        stays = db.values(
            "select e.id from encounter e join facility f on f.id = e.facility_id where f.code = %s and e.drg <> ''"
            " and e.status in ('admitted', 'on_leave')", (LTCH,),
        )  # fmt: skip
        days = standing(db, stays)
    assert stays
    for one in days.values():
        assert one.threshold.threshold_day is not None or "Not" in one.threshold.why_unknown or "neutral" in (
            one.threshold.why_unknown)  # fmt: skip


def test_every_fiscal_year_of_the_history_has_its_table() -> None:
    plan = Plan(now=datetime(2026, 11, 22, tzinfo=UTC), days=120)
    years = {line.split(",")[0] for line in groups.table(plan).decode().splitlines()[1:]}
    assert years == {"2026", "2027"}
    assert groups.table(plan) == groups.table(plan), "the same plan gives the same figures"


def test_the_cast_has_a_case_manager_of_the_long_term_hospital_and_a_director_of_both() -> None:
    people = {one.name: one for one in cast(simulate(PLAN).physicians)}
    assert people["lena"].facilities == (LTCH,)
    assert {Permission.LTAC_SCREEN, Permission.LTAC_CHART} <= ROLES[people["lena"].role].permissions
    assert len(people["dorian"].facilities) == 2
    assert {Permission.LTAC_STUDY, Permission.MEASURE_SEE} <= ROLES[people["dorian"].role].permissions
