"""Payment days as the tables tell them: threshold and readiness, visits that are one stay, evidence, benefit days."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from app.clocks.engine import obligations
from app.clocks.gather import gather
from app.discharge.plan.commands import SetDisposition, set_disposition
from app.discharge.ready.commands import State, state
from app.discharge.ready.terms import StatementKind
from app.discharge.terms import CareType
from app.kernel.refusal import NotFound, Refused
from app.ltac.days import commands
from app.ltac.days.forms import AwayForm, EarlierUseForm, Entry, EvidenceForm, ReserveForm
from app.ltac.days.queries import PaymentDays, standing
from app.ltac.days.showing import brief_lines, threshold_words
from app.ltac.days.terms import DayKind, Destination, Rate, ReserveChoice, Verdict
from app.platform.work import begin, everywhere, reading
from tests.ltac.days.support import (
    ZONE,
    Counting,
    again,
    discharged,
    groups_loaded,
    local,
    long_stay,
    look,
    on_leave,
    set_columns,
)
from tests.ltac.screening.support import lena
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

TODAY = date(2026, 3, 5)


def days_of(stay: uuid.UUID, at: Any = NOW) -> PaymentDays:
    with look(at) as db:
        return standing(db, [stay])[stay]


def record(stay: uuid.UUID, ask: Entry, at: Any = NOW) -> uuid.UUID:
    with begin(everywhere("test"), at=at) as work:
        return commands.record_entry(work, stay, ask).entry_id


def use(**more: Any) -> EarlierUseForm:
    return EarlierUseForm.model_validate({"as_of": date(2026, 2, 12), **more})


PROOF = EvidenceForm(preceded="yes", intensive_days=4, excluded="no")


# --- threshold and readiness -----------------------------------------------------------------------------------------


def test_a_threshold_by_the_table_of_the_year(world: World):
    groups_loaded()
    stay = long_stay(world, "2026-02-12 10:00")
    found = days_of(stay)
    assert (found.day, found.covered_days, found.threshold_day) == (22, 22, 21)
    assert found.threshold.last_short_day == 20 and found.threshold.fiscal_year == 2026 and not found.why_unknown
    assert found.interruption is None and found.stay.ended_at is None


@pytest.mark.parametrize(
    ("drg", "says"), [("177", "gives no geometric mean"), ("999", "gives no geometric mean"), ("", "No payment group")]
)
def test_no_number_for_a_group_that_the_year_does_not_know(world: World, drg: str, says: str):
    groups_loaded()
    found = days_of(long_stay(world, "2026-02-12 10:00", drg=drg))
    assert found.threshold_day is None and says in found.why_unknown


def test_no_number_from_the_table_of_another_year(world: World):
    """The table that is shipped is of an earlier year: its figures are no figures of this one."""
    found = days_of(long_stay(world, "2026-02-12 10:00"))
    assert found.threshold_day is None and found.threshold.mean is None
    assert found.why_unknown == "The table of payment groups is not loaded: fiscal year 2026."


def test_the_year_is_that_of_the_discharge(world: World):
    groups_loaded()
    stay = long_stay(world, "2025-09-01 10:00", drg="177")
    discharged(stay, "2025-09-30 23:00", "01")
    assert days_of(stay).threshold.fiscal_year == 2025
    other = long_stay(world, "2025-09-01 10:00", drg="177")
    discharged(other, "2025-10-01 00:30", "01")
    assert days_of(other).threshold_day is None and days_of(other).threshold.fiscal_year == 2026


def test_readiness_and_destination_stand_beside_the_threshold(world: World):
    groups_loaded()
    stay = long_stay(world, "2026-02-12 10:00")
    words = threshold_words(days_of(stay), NOW)
    assert words["readiness"] == "Not medically ready" and not words["ready"] and "day 21" in words["line"]
    with begin(everywhere("test"), at=NOW) as work:
        state(work, stay, State(kind=StatementKind.READY, physician="Dr. Imre"), own=False)
        set_disposition(work, stay, SetDisposition(going_to=CareType.SNF))
    words = threshold_words(days_of(stay), NOW)
    assert words["ready"] and words["readiness"].startswith("Medically ready since Thu 5 Mar 09:41; planned: ")


def test_only_long_term_hospitals_have_payment_days(world: World):
    stay = add_stay(world, StaySpec())
    with look() as db:
        assert standing(db, [stay]) == {} and standing(db, []) == {}
    with begin(everywhere("test"), at=NOW) as work, pytest.raises(Refused, match="long-term"):
        commands.record_entry(work, stay, PROOF)


# --- away and back ---------------------------------------------------------------------------------------------------


def test_a_leave_of_absence_with_its_countdown(world: World):
    stay = long_stay(world, "2026-02-15 10:00")
    on_leave(stay, "2026-03-04 14:10")
    away = days_of(stay).interruption
    assert away is not None and away.verdict is Verdict.AWAY and away.day == 2 and away.to is Destination.UNKNOWN
    assert [one.number for one in away.ladder] == [3, 9, 27, 45, None]
    record(stay, AwayForm(left_at=local("2026-03-04 14:10"), to=Destination.ACUTE, place="Hollis Point ICU"))
    away = days_of(stay).interruption
    assert away is not None and away.to is Destination.ACUTE and [one.number for one in away.ladder] == [3, 9, None]
    assert days_of(stay).covered_days == 17 and days_of(stay).days_away == 1


def test_two_visits_are_one_stay_when_the_census_says_back_in_time(world: World):
    first = long_stay(world, "2026-02-02 10:00")
    discharged(first, "2026-02-20 14:00", "02")
    second = again(world, first, "2026-02-28 11:00")
    for stay in (first, second):
        found = days_of(stay)
        assert [key for key, _ in found.stay.visits] == [first, second]
        assert (found.covered_days, found.days_away, found.day) == (24, 8, 32)
        assert [one.verdict for one in found.stay.absences] == [Verdict.LONG]


def test_a_return_is_decided_when_somebody_says_where_the_patient_was(world: World):
    first = long_stay(world, "2026-02-02 10:00")
    discharged(first, "2026-02-20 14:00", "")
    second = again(world, first, "2026-02-28 11:00")
    assert [one.verdict for one in days_of(first).stay.absences] == [Verdict.UNDECIDED]
    assert days_of(second).covered_days == 6
    made = record(first, AwayForm(left_at=local("2026-02-20 14:00"), to=Destination.ACUTE))
    assert days_of(second).covered_days == 24
    with begin(everywhere("test"), at=NOW) as work:
        commands.strike_entry(work, made, "Was another patient")
    assert days_of(second).covered_days == 6
    record(first, AwayForm(left_at=local("2026-02-20 14:00"), to=Destination.HOME))
    assert [one.verdict for one in days_of(first).stay.absences] == [Verdict.NEW]


def test_an_undecided_leave_before_the_days_that_count_can_be_decided(world: World):
    stay = long_stay(world, "2026-02-02 10:00")
    on_leave(stay, "2026-02-20 14:00", "2026-02-25 09:00")
    found = days_of(stay)
    assert found.covered_days == 9 and found.stay.earlier is not None
    assert found.stay.earlier.verdict is Verdict.UNDECIDED
    record(stay, use(as_of=date(2026, 2, 1)))
    position = days_of(stay).benefit
    assert position is not None and position.today is not None
    assert position.today.number == 27 and not position.new_period  # the eighteen days before are days used here too
    record(stay, AwayForm(left_at=local("2026-02-20 14:00"), to=Destination.ACUTE))
    found = days_of(stay)
    assert found.covered_days == 27 and found.stay.earlier is None and found.days_away == 5


def test_nobody_says_where_a_patient_was_who_was_not_away(world: World):
    stay = long_stay(world, "2026-02-02 10:00")
    with begin(everywhere("test"), at=NOW) as work, pytest.raises(Refused, match="no absence"):
        commands.record_entry(work, stay, AwayForm(left_at=local("2026-02-20 14:00"), to=Destination.ACUTE))


def test_a_leave_starts_the_clock_of_the_return_and_the_return_closes_it(world: World):
    stay = long_stay(world, "2026-02-15 10:00")
    on_leave(stay, "2026-03-04 14:10")
    with look() as db:
        [found] = [one for one in obligations(gather(db, [stay])[0]) if one.rule == "PA-LTCH-INT"]
    assert found.due_at is not None and found.due_at.astimezone(ZONE).date() == date(2026, 3, 6)
    record(stay, AwayForm(left_at=local("2026-03-04 14:10"), to=Destination.ACUTE))
    query = "select due_at, closed_at from obligation where encounter_id = %s and rule = 'PA-LTCH-INT'"
    with look() as db:
        [(due, closed)] = db.rows(lambda *row: row, f"{query} and ended_at is null", (stay,))
    assert due.astimezone(ZONE).date() == date(2026, 3, 12) and closed is None
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "movement",
            "update movement set until = %s where lane = 5 and encounter_id = %s",
            (local("2026-03-05 08:00"), stay),
        )
        set_columns(work, stay, status="admitted")
    with look() as db:
        [(due, closed)] = db.rows(lambda *row: row, f"{query} and ended_at is null", (stay,))
    assert closed == local("2026-03-05 08:00")
    gone = long_stay(world, "2026-02-15 10:00")
    discharged(gone, "2026-03-04 10:00", "02")
    with look() as db:
        assert not [one for one in obligations(gather(db, [gone])[0]) if one.rule == "PA-LTCH-INT"]


# --- rate ------------------------------------------------------------------------------------------------------------


def test_evidence_makes_the_standard_rate_and_its_strike_out_unmakes_it(world: World):
    groups_loaded()
    stay = long_stay(world, "2026-02-12 10:00")
    assert days_of(stay).site_neutral.status is Rate.NOT_PROVED and days_of(stay).threshold_day == 21
    made = record(stay, PROOF)
    found = days_of(stay)
    assert found.site_neutral.status is Rate.STANDARD and len(found.site_neutral.proof) == 4
    with begin(everywhere("test"), at=NOW) as work:
        wrong = commands.record_entry(work, stay, EvidenceForm(preceded="no")).id
    found = days_of(stay)
    assert found.site_neutral.status is Rate.SITE_NEUTRAL and found.threshold_day is None
    with begin(everywhere("test"), at=NOW) as work:
        commands.take_back(work, wrong)
    assert days_of(stay).site_neutral.status is Rate.STANDARD
    with begin(everywhere("test"), at=NOW) as work:
        commands.strike_entry(work, made, "Wrong chart")
    assert days_of(stay).site_neutral.status is Rate.NOT_PROVED
    with begin(everywhere("test"), at=NOW) as work, pytest.raises(Refused, match="does not stand"):
        commands.strike_entry(work, made, "Wrong chart")


def test_other_payers_have_no_threshold_and_no_benefit_days(world: World):
    groups_loaded()
    found = days_of(long_stay(world, "2026-02-12 10:00", payer="HARBORLINE MEDICARE ADVANTAGE"))
    assert found.site_neutral.status is Rate.NOT_FFS and found.threshold_day is None and found.benefit is None
    assert "original Medicare" in found.why_unknown and "original Medicare" in found.why_no_benefit


# --- benefit days ----------------------------------------------------------------------------------------------------


def test_benefit_days_are_counted_from_what_was_told(world: World):
    stay = long_stay(world, "2026-02-12 10:00")
    assert days_of(stay).benefit is None and "not recorded" in days_of(stay).why_no_benefit
    record(stay, use())
    found = days_of(stay).benefit
    assert found is not None and found.today is not None
    assert (found.today.number, found.today.kind, found.owes) == (22, DayKind.FULL, 1736)
    assert found.period_began == date(2026, 2, 12) and found.new_period
    record(stay, use(used=58, reserve_left=9, period_began=date(2025, 12, 1), last_out=date(2026, 2, 12)))
    found = days_of(stay).benefit
    assert found is not None and found.today is not None
    assert (found.today.number, found.today.kind, found.owes) == (80, DayKind.COINSURANCE, 20 * 434)
    assert found.warnings == ("9 lifetime reserve days left, of 60.",)


def test_days_after_part_a_are_not_covered(world: World):
    stay = long_stay(world, "2026-02-12 10:00")
    record(stay, use(used=88, reserve_left=4, period_began=date(2025, 11, 1), last_out=date(2026, 2, 12)))
    found = days_of(stay)
    assert (found.covered_days, found.noncovered_days) == (6, 16)
    record(stay, ReserveForm(choice=ReserveChoice.KEEP, told_on=TODAY))
    found = days_of(stay)
    assert (found.covered_days, found.noncovered_days) == (2, 20)
    assert found.benefit is not None and found.benefit.left["reserve"] == 4


def test_own_stays_since_the_check_count(world: World):
    first = long_stay(world, "2026-01-01 10:00")
    discharged(first, "2026-01-21 10:00", "01")
    second = again(world, first, "2026-03-01 10:00")
    record(second, use(as_of=date(2025, 12, 15)))
    found = days_of(second).benefit
    assert found is not None and found.today is not None
    assert found.today.number == 25 and not found.new_period and found.owes == 0
    record(second, use(as_of=date(2026, 2, 20), used=20, period_began=date(2026, 1, 1), last_out=date(2026, 1, 21)))
    found = days_of(second).benefit
    assert found is not None and found.today is not None and found.today.number == 25


@pytest.mark.parametrize(
    ("told", "field"),
    [({"as_of": date(2026, 3, 6)}, "as_of"),
     ({"period_began": date(2025, 12, 1), "last_out": date(2026, 2, 13)}, "last_out")],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(world: World, told: dict[str, Any], field: str):
    stay = long_stay(world, "2026-02-12 10:00")
    with begin(everywhere("test"), at=NOW) as work, pytest.raises(Refused) as refused:
        commands.record_entry(work, stay, use(**told))
    assert refused.value.field == field


def test_the_hand_off_says_what_a_colleague_must_know(world: World):
    stay = long_stay(world, "2026-02-15 10:00")
    on_leave(stay, "2026-03-04 14:10")
    record(stay, AwayForm(left_at=local("2026-03-04 14:10"), to=Destination.ACUTE))
    other = long_stay(world, "2026-02-12 10:00", payer="HARBORLINE MEDICARE ADVANTAGE")
    with look() as db:
        lines = brief_lines(db, [stay, other])
    assert list(lines) == [stay]
    assert lines[stay][0] == "Away at: acute hospital; back by Fri 6 Mar 24:00 is the same stay"
    assert lines[stay][1].startswith("Payment rate: Not proved yet: whether the patient came directly")


# --- reach, past, cost -----------------------------------------------------------------------------------------------


def test_strangers_find_nothing(world: World):
    stay = long_stay(world, "2026-02-12 10:00")
    made = record(stay, PROOF)
    with reading(world.viewer("stan"), at=NOW) as db:
        assert standing(db, [stay]) == {}
        with pytest.raises(NotFound):
            commands.stay_of(db, made)
    with begin(lena(world), at=NOW) as work:
        assert commands.record_entry(work, stay, use()).facility_id == world.facility["LONG"]


def test_the_past_knows_what_was_recorded_by_then(world: World):
    stay = long_stay(world, "2026-02-12 10:00")
    record(stay, use(), at=NOW)
    record(stay, use(used=10, period_began=date(2026, 1, 1), last_out=date(2026, 2, 1)), at=NOW + timedelta(hours=1))
    query = "select count(*), max(content ->> 'used') from payment_day_entry where ended_at is null"
    with reading(everywhere("test"), as_of=NOW + timedelta(minutes=30)) as db:
        assert db.rows(lambda *row: row, query) == [(1, "0")]
    with reading(everywhere("test"), as_of=NOW - timedelta(minutes=30)) as db:
        assert db.rows(lambda *row: row, query) == [(0, None)]


def test_many_stays_cost_as_many_statements_as_few(world: World):
    groups_loaded()
    stays = [long_stay(world, "2026-02-12 10:00", room=str(200 + number)) for number in range(25)]
    for stay in stays[::2]:
        record(stay, use())
        on_leave(stay, "2026-03-04 14:10")
    counts = []
    for some in (stays[:3], stays):
        with look() as db:
            counter = Counting(db)
            assert len(standing(db, some)) == len(some)
        counts.append(counter.count)
    assert counts[0] == counts[1] <= 25, counts
