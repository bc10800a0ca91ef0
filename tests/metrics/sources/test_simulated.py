"""Every measure of a simulated hospital, counted again from the tables: by other SQL, or by hand in Python."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from app.avoidable_days.reports.asking import Choice
from app.avoidable_days.reports.breakdown import By, pareto
from app.avoidable_days.reports.queries import study
from app.metrics.definitions import DEFINITIONS
from app.metrics.sources.recorded import recorded
from app.metrics.store.cases import CASE_SCHEMA
from app.metrics.store.refresh import cases_of
from app.metrics.terms import MeasureId
from app.platform.postgres import Addresses
from app.platform.work import everywhere, reading
from tests.metrics.sources.played import NOW, all_cases, patients, play, rows

CHICAGO = ZoneInfo("America/Chicago")
M = MeasureId
# Nobody here appeals to a decision, or has a case for condition code 44, within twelve days.
RARE = {M.OVERTURN}
OF_STAYS = {
    M.READMISSION, M.LENGTH_OF_STAY, M.GEOMETRIC_LENGTH_OF_STAY, M.OBSERVED_EXPECTED, M.GEOMETRIC_RATIO, M.EXCESS_DAYS,
    M.LONG_STAYS, M.ONE_MIDNIGHT,
}  # fmt: skip
Classes = dict[str, list[tuple[str, datetime, datetime | None]]]


@pytest.fixture(scope="module")
def cases(lasting_database: Addresses, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """All cases of the hospital, played once: the tests only read."""
    play(tmp_path_factory.mktemp("played"))
    return all_cases()


def of(cases: pl.DataFrame, measure: MeasureId) -> pl.DataFrame:
    return cases.filter((pl.col("measure") == measure.value) & pl.col("counted"))


def reasons(cases: pl.DataFrame, measure: MeasureId) -> dict[str, int]:
    left_out = cases.filter((pl.col("measure") == measure.value) & ~pl.col("counted"))
    return dict(left_out.group_by("excluded").len().rows())


def hits(cases: pl.DataFrame, measure: MeasureId) -> tuple[float, float]:
    found = of(cases, measure)
    return found["numerator"].sum(), found["denominator"].sum()


def local(at: datetime) -> date:
    return at.astimezone(CHICAGO).date()


def classes() -> Classes:
    found: Classes = defaultdict(list)
    for stay, value, since, until in rows(
        "select m.encounter_id::text, m.value, m.since, m.until from movement m"
        " join encounter e on e.id = m.encounter_id where m.lane = 2 and e.gone_at is null"
        " and e.status not in ('cancelled', 'preadmit') order by 1, 3"
    ):
        found[stay].append((value, since, until))
    return found


def departed() -> list[Any]:
    return rows(
        "select id::text, discharge_at, discharge_precise, disposition, patient_class, start_at from encounter"
        " where gone_at is null and status = 'discharged' and patient_class in ('IP', 'OBS')"
    )


def test_the_frame_is_one_of_cases(cases: pl.DataFrame) -> None:
    assert dict(cases.schema) == dict(pl.Schema(CASE_SCHEMA))
    assert not cases.select("encounter_id", "measure", "day", "record_id").is_duplicated().any()
    assert (cases["counted"] == (cases["excluded"] == "")).all()
    needed = ("facility_id", "day", "encounter_id", "patient_id", "counted", "detail", "unit", "vendor")
    assert cases.select(needed).null_count().sum_horizontal().item() == 0
    assert all(isinstance(json.loads(text), dict) for text in cases["detail"].unique())
    assert {MeasureId(name) for name in cases["measure"].unique()} == set(MeasureId) - OF_STAYS


def test_reasons_for_leaving_out_are_those_of_the_definition(cases: pl.DataFrame) -> None:
    with reading(everywhere("test"), at=NOW) as db:
        every = cases_of(db, patients())
    assert {MeasureId(name) for name in every["measure"].unique()} == set(MeasureId)
    assert every.filter(pl.col("measure").is_in(cases["measure"].unique())).height == cases.height
    for measure, code in every.filter(~pl.col("counted")).select("measure", "excluded").unique().rows():
        assert code in dict(DEFINITIONS[MeasureId(measure)].exclusions), (measure, code)


def test_what_is_counted_has_figures_and_what_is_left_out_has_none(cases: pl.DataFrame) -> None:
    figures = pl.any_horizontal(pl.col(name).is_not_null() for name in ("numerator", "denominator", "value"))
    assert (cases.select(figures).to_series() == cases["counted"]).all()


def test_each_patient_alone_gives_the_same_cases(cases: pl.DataFrame) -> None:
    with reading(everywhere("test"), at=NOW) as db:
        alone = pl.concat([recorded(db, [patient]) for patient in patients()])
    lacking = alone.join(cases, on=cases.columns, how="anti", nulls_equal=True)
    assert lacking.rows() == [] and alone.height == cases.height


def test_hours_of_observation(cases: pl.DataFrame) -> None:
    expected: dict[str, float] = defaultdict(float)
    open_ones = set()
    for stay, spans in classes().items():
        for value, since, until in spans:
            if value == "OBS" and until is None:
                open_ones.add(stay)
            elif value == "OBS":
                expected[stay] += (until - since) / timedelta(hours=1)
    found = dict(of(cases, M.OBSERVATION_HOURS).select("encounter_id", "value").rows())
    assert found == pytest.approx({stay: hours for stay, hours in expected.items() if stay not in open_ones})
    assert reasons(cases, M.OBSERVATION_HOURS) == {"still_here": len(open_ones)} and len(found) > 5


def test_share_of_observation(cases: pl.DataFrame) -> None:
    left = departed()
    observed = sum(klass == "OBS" for *_, klass, _ in left)
    assert hits(cases, M.OBSERVATION_SHARE) == (observed, len(left)) and 0 < observed < len(left)


def test_conversion_and_change_to_outpatient(cases: pl.DataFrame) -> None:
    starts = converted = orders = changed = waiting = 0
    for spans in classes().values():
        ended = spans[-1][2] is not None
        for place, (value, _, _) in enumerate(spans):
            before = spans[place - 1][0] if place else ""
            after = spans[place + 1][0] if place + 1 < len(spans) else ""
            over = ended or bool(after)
            if value == "OBS" and before != "IP" and over:
                starts, converted = starts + 1, converted + (after == "IP")
            if value == "IP":
                waiting += not over
                if over:
                    orders, changed = orders + 1, changed + (after in ("OBS", "OP", "ED"))
    assert hits(cases, M.CONVERSION) == (converted, starts) and converted > 0
    assert hits(cases, M.CODE_44) == (changed, orders) and changed > 0
    assert reasons(cases, M.CODE_44) == {"still_here": waiting}


def test_denials(cases: pl.DataFrame) -> None:
    asked = {stay for (stay,) in rows(
        "select encounter_id from payer_request where ended_at is null and certification_type <> '3'")}  # fmt: skip
    denied: dict[Any, list[tuple[str, str]]] = defaultdict(list)
    for stay, state, outcome in rows(
        "select encounter_id, state, outcome from denial where ended_at is null and state <> 'struck_out'"
    ):
        denied[stay].append((state, outcome))
    assert hits(cases, M.DENIAL) == (len(denied), len(asked | set(denied))) and denied
    open_ones = {stay for stay, own in denied.items() if any(state != "closed" for state, _ in own)}
    lost = {stay for stay, own in denied.items() if any(out not in ("", "overturned") for _, out in own)} - open_ones
    assert hits(cases, M.DENIAL_FINAL) == (len(lost), len(asked | set(denied)) - len(open_ones))
    assert reasons(cases, M.DENIAL_FINAL) == {"open": len(open_ones)}


def test_appeals_and_talks(cases: pl.DataFrame) -> None:
    ended = [outcome for (outcome,) in rows(
        "select outcome from escalation_decision where ended_at is null"
        " and outcome in ('overturned', 'partly', 'upheld', 'not_held')"
        " and escalation_id in (select escalation_id from peer_talk where ended_at is null)")]  # fmt: skip
    won, held = sum(one in ("overturned", "partly") for one in ended), sum(one != "not_held" for one in ended)
    assert hits(cases, M.PEER_TO_PEER_OVERTURN) == (won, held)
    assert reasons(cases, M.PEER_TO_PEER_OVERTURN).get("not_held", 0) == len(ended) - held and ended
    sent = [state for (state,) in rows(
        "select a.state from denial_appeal a join denial d on d.denial_id = a.denial_id and d.ended_at is null"
        " where a.ended_at is null and a.sent_at is not null and a.state <> 'struck_out' and d.state <> 'struck_out'"
    )]  # fmt: skip
    assert of(cases, M.OVERTURN).height == sent.count("decided")
    assert sum(reasons(cases, M.OVERTURN).values()) == len(sent) - sent.count("decided") and sent


def test_time_to_the_answer(cases: pl.DataFrame) -> None:
    waited, undecided = {}, 0
    for request, asked_at, at in rows(
        "select r.request_id::text, r.asked_at, (select min(coalesce(d.decided_at, d.received_at))"
        " from payer_decision d where d.request_id = r.request_id and d.ended_at is null and d.action not in"
        " ('A4', 'CT', 'C')) from payer_request r where r.ended_at is null and r.certification_type <> '3'"
    ):
        if at is None:
            undecided += 1
        else:
            waited[request] = (at - asked_at) / timedelta(hours=1)
    found = dict(of(cases, M.AUTHORIZATION_TURNAROUND).select("record_id", "value").rows())
    assert found == pytest.approx(waited) and len(waited) > 20
    assert sum(reasons(cases, M.AUTHORIZATION_TURNAROUND).values()) == undecided


def test_expected_dates(cases: pl.DataFrame) -> None:
    dates: dict[str, list[Any]] = defaultdict(list)
    for stay, day, made, ended in rows(
        "select encounter_id::text, expected_on, made_at, ended_at from expected_date order by made_at"
    ):
        dates[stay].append((day, made, ended))
    right: dict[str, float] = {}
    for stay, left, _, disposition, _, start in departed():
        horizon = left - timedelta(hours=48)
        stood = [day for day, made, ended in dates[stay] if made <= horizon and (ended is None or ended > horizon)]
        if disposition not in ("07", "20", "40", "41", "42") and start <= horizon and stood:
            right[stay] = float(abs((local(left) - stood[-1]).days) <= 1)
    found = dict(of(cases, M.EXPECTED_DATE_ACCURACY).select("encounter_id", "numerator").rows())
    assert found == right and len(right) > 10


def test_order_to_departure_and_noon(cases: pl.DataFrame) -> None:
    ordered: dict[str, datetime | None] = {}
    for stay, kind, at in rows(
        "select encounter_id::text, kind, at from readiness where ended_at is null and kind in ('ordered', 'withdrawn')"
        " order by at"
    ):
        ordered[stay] = at if kind == "ordered" else None
    waits, exits = {}, {}
    for stay, left, precise, disposition, klass, _ in departed():
        if disposition in ("20", "40", "41", "42") or not precise:
            continue
        order = ordered.get(stay)
        if order is not None and order <= left:
            waits[stay] = (left - order) / timedelta(minutes=1)
        if klass == "IP":
            exits[stay] = float(left.astimezone(CHICAGO).hour < 12)
    found = dict(of(cases, M.ORDER_TO_DEPARTURE).select("encounter_id", "value").rows())
    assert found == pytest.approx(waits)
    assert median(found.values()) == pytest.approx(of(cases, M.ORDER_TO_DEPARTURE)["value"].median())
    assert dict(of(cases, M.BEFORE_NOON).select("encounter_id", "numerator").rows()) == exits and sum(exits.values())


def test_referrals(cases: pl.DataFrame) -> None:
    sent = {key: at for key, at in rows("select request_id::text, min(sent_at) from referral group by 1") if at}
    accepted = dict(rows("select request_id::text, min(answered_at) from referral where action = 'accept' group by 1"))
    waited = {key: (accepted[key] - at) / timedelta(hours=1) for key, at in sent.items() if key in accepted}
    assert not rows("select 1 from referral where action = 'take_back'"), "then the count by hand is another"
    found = dict(of(cases, M.REFERRAL_TO_ACCEPTANCE).select("record_id", "value").rows())
    assert found == pytest.approx(waited) and len(waited) > 5
    assert reasons(cases, M.REFERRAL_TO_ACCEPTANCE) == {"never_accepted": len(sent) - len(waited)}
    asked = dict(rows(
        "select request_id::text, count(distinct referral_id)::float8 from referral where sent_at is not null"
        " and request_id in (select request_id from referral_request where ended_at is null and placed_id is not null)"
        " group by 1"
    ))  # fmt: skip
    assert dict(of(cases, M.REFERRALS_PER_PLACEMENT).select("record_id", "numerator").rows()) == asked and asked


def test_notices_calls_and_first_reviews(cases: pl.DataFrame) -> None:
    today = local(NOW)
    by_rule: dict[str, list[bool]] = defaultdict(list)
    waiting: dict[str, int] = defaultdict(int)
    for rule, due, closed, left in rows(
        "select o.rule, o.due_at, o.closed_at, e.discharge_at from obligation o"
        " join encounter e on e.id = o.encounter_id"
        " where o.ended_at is null and o.required and o.due_at is not null and e.gone_at is null"
    ):
        if rule == "TC-CALL":
            assert left is not None, "nobody is called who is here"
        if closed is None and local(due) >= today:
            waiting[rule] += 1
        else:
            by_rule[rule].append(closed is not None and closed <= due)
    told = of(cases, M.NOTICE_COMPLIANCE).with_columns(pl.col("detail").str.json_path_match("$.rule").alias("rule"))
    for rule in ("N-IM1", "N-IM2", "N-MOON"):
        own = told.filter(pl.col("rule") == rule)
        assert (own["numerator"].sum(), own.height) == (sum(by_rule[rule]), len(by_rule[rule])), rule
    assert told.height > 20
    assert hits(cases, M.FOLLOW_UP_CALL) == (sum(by_rule["TC-CALL"]), len(by_rule["TC-CALL"]))
    assert reasons(cases, M.FOLLOW_UP_CALL).get("not_due_yet", 0) == waiting["TC-CALL"]
    screens = of(cases, M.REVIEW_TIMELINESS).filter(pl.col("detail").str.contains("UR-ADM-SCREEN"))
    first = by_rule["UR-ADM-SCREEN"]
    assert (screens["numerator"].sum(), screens.height) == (sum(first), len(first)) and first


def test_continued_reviews(cases: pl.DataFrame) -> None:
    made: dict[str, list[Any]] = defaultdict(list)
    for stay, *one in rows(
        "select encounter_id::text, review_id::text, kind, for_day, next_review_on, signed_at from review"
        " where ended_at is null order by signed_at, review_id"
    ):
        made[stay].append(one)
    left = {stay: at for stay, at, *_ in departed()}
    expected: dict[str, float] = {}
    for stay, own in made.items():
        kept = [
            one for place, one in enumerate(own)
            if one[1] == "admission" or all(one[2] >= other[2] for other in own[:place])
        ]  # fmt: skip
        for one, following in pairwise([*kept, None]):
            key, due = one[0], one[3]
            if due is None:
                continue
            after = following[4] if following else None
            gone = left.get(stay)
            if gone is not None and (after is None or gone < after):
                if local(gone) > due:
                    expected[key] = 0.0
            elif after is not None or due < local(NOW):
                expected[key] = float(after is not None and local(after) <= due)
    found = of(cases, M.REVIEW_TIMELINESS).filter(pl.col("detail").str.contains("UR-CSR"))
    assert dict(found.select("record_id", "numerator").rows()) == expected
    assert 0 < sum(expected.values()) < len(expected)


def test_the_latest_continued_review_is_as_the_clocks_have_it(cases: pl.DataFrame) -> None:
    """The clocks keep only the latest day that was set; of that one both must say the same."""
    found = dict(
        cases.filter(pl.col("detail").str.contains("UR-CSR")).select("record_id", "numerator").rows()
    )  # fmt: skip
    kept = rows(
        "select o.subject, o.due_at, o.closed_at, o.required from obligation o"
        " join encounter e on e.id = o.encounter_id"
        " where o.rule = 'UR-CSR' and o.ended_at is null and e.gone_at is null"
    )
    assert len(kept) > 20
    for subject, due, closed, required in kept:
        assert (subject in found) == required
        if required and (closed is not None or local(due) < local(NOW)):
            assert found[subject] == float(closed is not None and closed <= due)


def test_minutes_of_reviews(cases: pl.DataFrame) -> None:
    expected = {
        key: (signed - started) / timedelta(minutes=1)
        for key, started, signed in rows(
            "select review_id::text, started_at, signed_at from review where ended_at is null"
        )
        if local(started) == local(signed)
    }
    found = dict(of(cases, M.PRODUCTIVITY).select("record_id", "value").rows())
    assert found == pytest.approx(expected) and len(expected) > 50


def test_avoidable_days_are_those_of_the_report(cases: pl.DataFrame) -> None:
    own = of(cases, M.AVOIDABLE_DAYS)
    compared = 0.0
    for facility in own["facility_id"].unique():
        mine = own.filter(pl.col("facility_id") == facility)
        first, last = mine["day"].min(), mine["day"].max()
        assert isinstance(first, date) and isinstance(last, date)
        with reading(everywhere("test"), at=NOW) as db:
            report = study(db, facility, Choice(first=first, last=last))
        assert mine.height == report.nights.height
        bars = {row.label: row.days for row in pareto(report.entries, By.UNIT)}
        ours = dict(mine.filter(pl.col("numerator") > 0).group_by("unit").agg(pl.col("numerator").sum()).rows())
        assert ours == bars
        compared += sum(bars.values())
    assert compared > 0


def test_stays_are_described_as_they_were_left(cases: pl.DataFrame) -> None:
    last: dict[str, str] = {}
    spans = classes()
    for stay, code, name, since, until in rows(
        "select m.encounter_id::text, split_part(m.value, '^', 1), u.name, m.since, m.until from movement m"
        " left join unit u on u.facility_id = m.facility_id and u.code = split_part(m.value, '^', 1)"
        " where m.lane = 1 and split_part(m.value, '^', 1) <> '' order by m.since"
    ):
        end = until or NOW
        inpatient = [one for one in spans.get(stay, ()) if one[0] == "IP"]
        here = any(since < (stop or NOW) and begin < end for _, begin, stop in inpatient)
        if here or not inpatient:
            last[stay] = name or code
    for stay, unit in of(cases, M.OBSERVATION_SHARE).select("encounter_id", "unit").rows():
        assert unit == last[stay]
