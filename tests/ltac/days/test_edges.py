"""Payment days where one patient, one person or one hour stands close to another."""

import uuid
from datetime import date, timedelta

import pytest

from app.clocks.engine import obligations
from app.clocks.gather import gather
from app.kernel.refusal import Refused
from app.ltac.course.charting import chart_weaning
from app.ltac.course.forms import ChartWeaning
from app.ltac.course.terms import Support
from app.ltac.days import commands
from app.ltac.days.forms import AwayForm, EarlierUseForm, Entry, EvidenceForm
from app.ltac.days.queries import PaymentDays, standing
from app.ltac.days.terms import Destination, Rate, Verdict
from app.ltac.screening.commands import record_screening
from app.platform.work import begin, everywhere
from tests.ltac.days.support import (
    ZONE,
    again,
    discharged,
    groups_loaded,
    local,
    long_stay,
    look,
    on_leave,
    set_columns,
)
from tests.ltac.screening.support import accepted, complete
from tests.support.world import NOW, World

FEW = EvidenceForm(preceded="yes", intensive_days=1, excluded="no")


def days_of(*stays: uuid.UUID) -> list[PaymentDays]:
    with look() as db:
        found = standing(db, stays)
    return [found[stay] for stay in stays]


def record(stay: uuid.UUID, ask: Entry, minutes: int = 0) -> uuid.UUID:
    with begin(everywhere("test"), at=NOW + timedelta(minutes=minutes)) as work:
        return commands.record_entry(work, stay, ask).id


# --- two patients ----------------------------------------------------------------------------------------------------


def test_where_one_patient_was_says_nothing_of_another_who_left_at_that_minute(world: World):
    one, other = long_stay(world, "2026-02-15 10:00"), long_stay(world, "2026-02-16 10:00")
    for stay in (one, other):
        on_leave(stay, "2026-03-04 14:10")
    record(one, AwayForm(left_at=local("2026-03-04 14:10"), to=Destination.SNF))

    first, second = (found.interruption for found in days_of(one, other))
    assert first is not None and first.to is Destination.SNF
    assert second is not None and second.to is Destination.UNKNOWN
    with look() as db:
        facts = gather(db, [one, other])
    due = [[each.due_at for each in obligations(fact) if each.rule == "PA-LTCH-INT"] for fact in facts]
    assert sorted(each.astimezone(ZONE).date() for [each] in due if each) == [date(2026, 3, 6), date(2026, 4, 17)]


# --- the rate --------------------------------------------------------------------------------------------------------


def charted(stay: uuid.UUID, ask: ChartWeaning) -> None:
    with begin(everywhere("test"), at=NOW) as work:
        chart_weaning(work, stay, ask)


def test_hours_that_nobody_wrote_do_not_make_a_stay_site_neutral(world: World):
    """A ventilated patient of whom only the day that runs is charted has no proved hour, and is not site-neutral."""
    stay = long_stay(world, "2026-02-25 10:00")
    record(stay, FEW)
    charted(stay, ChartWeaning(support=Support.VENTILATED))
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED
    assert "96 more hours on a ventilator here" in found.site_neutral.because
    charted(stay, ChartWeaning(support=Support.FREE))
    assert days_of(stay)[0].site_neutral.status is Rate.SITE_NEUTRAL


def test_days_on_a_ventilator_without_hours_keep_an_ended_stay_open(world: World):
    stay = long_stay(world, "2026-02-10 10:00")
    record(stay, FEW)
    for day in range(11, 14):
        charted(stay, ChartWeaning(support=Support.TRIAL, day=date(2026, 2, day)))
    discharged(stay, "2026-02-20 10:00", "01")
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED and "without their hours" in found.site_neutral.because
    record(stay, EvidenceForm(preceded="yes", intensive_days=1, excluded="no", ventilator_hours=30), minutes=1)
    assert days_of(stay)[0].site_neutral.status is Rate.SITE_NEUTRAL


def test_a_day_on_which_the_patient_left_or_came_back_is_no_whole_day_on_the_ventilator(world: World):
    stay = long_stay(world, "2026-02-10 10:00")
    record(stay, FEW)
    on_leave(stay, "2026-02-14 01:00", "2026-02-16 23:00")
    for day in (11, 12, 14, 16):
        charted(stay, ChartWeaning(support=Support.VENTILATED, day=date(2026, 2, day)))
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED and "48 more hours" in found.site_neutral.because


def test_who_may_still_come_back_to_the_same_stay_may_be_ventilated_further(world: World):
    stay = long_stay(world, "2026-02-25 10:00")
    record(stay, FEW)
    charted(stay, ChartWeaning(support=Support.VENTILATED, day=date(2026, 2, 26)))
    on_leave(stay, "2026-03-04 14:10")
    [found] = days_of(stay)
    assert found.interruption is not None and found.interruption.verdict is Verdict.AWAY
    assert found.site_neutral.status is Rate.NOT_PROVED and "72 more hours" in found.site_neutral.because


def test_days_in_intensive_care_that_went_on_after_the_screening_are_not_known(world: World):
    """Two days and still there when it was screened are no two days when the patient came."""
    key = accepted(world, record_number="")
    with begin(everywhere("test"), at=NOW + timedelta(hours=1)) as work:
        days = [date(2026, 3, 3), date(2026, 3, 4)]
        screening = complete(intensive_first=days[0], intensive_last=days[1], still_intensive=True)
        record_screening(work, key, screening)
    stay = long_stay(world, "2026-03-05 11:00", family="Rourke", given="Denise", birth="19580702")
    charted(stay, ChartWeaning(support=Support.FREE))
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED and "days in intensive care" in found.site_neutral.because


# --- old and odd dates -----------------------------------------------------------------------------------------------


def test_a_stay_long_ago_is_judged_by_the_oldest_rule_that_is_kept(world: World):
    """The rules on stays and benefit periods are older than the first entry of our data."""
    old = long_stay(world, "2016-03-01 10:00")
    discharged(old, "2016-03-20 10:00", "02")
    back = again(world, old, "2016-03-25 10:00")
    discharged(back, "2016-04-20 10:00", "01")
    stay = again(world, old, "2026-02-12 10:00")
    record(
        stay, EarlierUseForm(as_of=date(2026, 2, 1), used=30, period_began=date(2018, 4, 1), last_out=date(2018, 5, 1))
    )

    [first, now] = days_of(old, stay)
    assert [one.verdict for one in first.stay.absences][:1] == [Verdict.LONG]
    assert now.benefit is not None and now.benefit.new_period and now.covered_days == 22


def test_a_visit_whose_order_came_after_the_patient_left_does_not_spoil_the_list(world: World):
    stay, other = long_stay(world, "2026-02-12 10:00"), long_stay(world, "2026-02-12 10:00")
    discharged(stay, "2026-02-12 09:00", "01")
    odd, usual = days_of(stay, other)
    assert (odd.covered_days, usual.covered_days) == (1, 22)


def test_the_day_past_the_threshold_is_one_that_part_a_covers(world: World):
    groups_loaded()
    stay = long_stay(world, "2026-02-12 10:00")
    [found] = days_of(stay)
    assert (found.threshold_day, found.threshold_on) == (21, date(2026, 3, 4))
    record(stay, EarlierUseForm(as_of=date(2026, 2, 1), used=88, reserve_left=4, period_began=date(2025, 12, 1)))
    [found] = days_of(stay)
    assert (found.covered_days, found.threshold_on) == (6, None)
    later = long_stay(world, "2026-02-25 10:00")
    assert days_of(later)[0].threshold_on == date(2026, 3, 17)
    record(later, EarlierUseForm(as_of=date(2026, 2, 1), used=88, reserve_left=10, period_began=date(2025, 12, 1)))
    assert (days_of(later)[0].covered_days, days_of(later)[0].threshold_on) == (9, None)


# --- undo ------------------------------------------------------------------------------------------------------------


def test_undo_takes_back_the_own_word_only_and_only_once(world: World):
    stay = long_stay(world, "2026-02-12 10:00")
    first = record(stay, EvidenceForm(preceded="yes", intensive_days=4, excluded="no"))
    second = record(stay, EvidenceForm(preceded="no"), minutes=1)
    with begin(everywhere("test"), at=NOW + timedelta(minutes=2)) as work, pytest.raises(Refused, match="Reload"):
        commands.take_back(work, first)  # somebody wrote another word meanwhile: it is not the first one's to undo
    with begin(everywhere("test"), at=NOW + timedelta(minutes=3)) as work:
        commands.take_back(work, second)
    assert days_of(stay)[0].site_neutral.status is Rate.STANDARD
    with begin(everywhere("test"), at=NOW + timedelta(minutes=4)) as work, pytest.raises(Refused, match="Reload"):
        commands.take_back(work, second)  # pressed twice
    assert days_of(stay)[0].site_neutral.status is Rate.STANDARD


# --- who pays --------------------------------------------------------------------------------------------------------


def test_a_payer_of_whom_nobody_has_told_the_line_is_not_said_to_be_another_than_medicare(world: World):
    stay = long_stay(world, "2026-02-12 10:00", payer="HARBORLINE MUTUAL")
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED and "who pays" in found.site_neutral.because
    assert found.benefit is None and found.why_no_benefit.startswith("Nobody has told who pays")
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "coverage",
            "insert into coverage (encounter_id, facility_id, rank, payer_code, payer_name)"
            " select id, facility_id, 2, 'P2', 'STATE MEDICAID' from encounter where id = %s",
            (stay,),
        )
        set_columns(work, stay, drg="189")
    [found] = days_of(stay)
    assert found.site_neutral.status is Rate.NOT_PROVED and "who pays" in found.site_neutral.because
