"""Wounds, therapy sums, the day of the conference, what a day cannot be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.refusal import Refused
from app.ltac.course.forms import CheckWound, OrientFamily, ValidateAdmission
from app.ltac.course.rules.life import check_charted, conference_due, weekly
from app.ltac.course.rules.weaning import Charted
from app.ltac.course.rules.wounds import Measured, direction, next_due, size_text, trend
from app.ltac.course.stay.fields import facts
from app.ltac.course.terms import Discipline, RecordKind, Support, Trial

MON, THU = date(2026, 3, 2), date(2026, 3, 5)


def test_a_wound_goes_from_its_first_area_to_its_last():
    checks = [Measured(THU, 3.5, 2, 0.5), Measured(MON, 4, 3, 1)]

    assert trend(checks) == "12 to 7 cm2"
    assert direction(checks) == -1
    assert size_text(checks[0]) == "3.5 x 2 x 0.5 cm, 7 cm2"


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        ([], ""), ([Measured(MON)], ""), ([Measured(MON, 2, 2)], "4 cm2"),
        ([Measured(MON, 2, 2), Measured(THU, healed=True)], "healed"),
        ([Measured(MON, 2, 2), Measured(THU)], "4 cm2"),
    ],
)  # fmt: skip
def test_a_trend_says_what_was_measured(checks: list[Measured], words: str):
    assert trend(checks) == words


def test_the_next_assessment_is_the_day_that_was_set_else_a_week_later_and_none_for_a_healed_wound():
    assert next_due(MON, []) == MON
    assert next_due(MON, [Measured(THU, 2, 2)]) == date(2026, 3, 12)
    assert next_due(MON, [Measured(THU, 2, 2, next_on=date(2026, 3, 7))]) == date(2026, 3, 7)
    assert next_due(MON, [Measured(THU, healed=True)]) is None


@pytest.mark.parametrize(
    ("admitted", "held", "here", "due", "words"),
    [
        (MON, [], True, date(2026, 3, 9), "after the admission"),
        (MON, [THU], True, date(2026, 3, 12), "after the last one"),
        (MON, [THU], False, None, "has left"),
        (None, [], True, None, "no inpatient order"),
    ],
)
def test_the_team_meets_a_week_after_it_met_last(
    admitted: date | None, held: list[date], here: bool, due: date | None, words: str
):
    found, because = conference_due(admitted, held, here=here)

    assert found == due
    assert words in because


def test_weeks_begin_on_monday_and_show_zeros():
    sums = weekly({date(2026, 3, 1): {Discipline.PT: 30}, MON: {Discipline.PT: 45, Discipline.SLP: 15}})

    assert [sum(own.values()) for own in sums.values()] == [30, 60]
    assert sums[MON] == {Discipline.PT: 45, Discipline.OT: 0, Discipline.SLP: 15, Discipline.RT: 0}


@given(st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 4, 1)),
                       st.dictionaries(st.sampled_from(Discipline), st.integers(0, 300)), max_size=30))  # fmt: skip
def test_the_sums_of_weeks_are_those_of_the_days(days: dict[date, dict[Discipline, int]]):
    total = sum(amount for minutes in days.values() for amount in minutes.values())

    assert sum(amount for own in weekly(days).values() for amount in own.values()) == total


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (Charted(Support.COLLAR, ventilated_hours=14, collar_hours=11), "collar_hours"),
        (Charted(Support.FREE, ventilated_hours=1), "ventilated_hours"),
        (Charted(Support.VENTILATED, ventilated_hours=0), "ventilated_hours"),
        (Charted(Support.VENTILATED, collar_hours=2), "collar_hours"),
        (Charted(Support.VENTILATED, Trial.NOT_DONE), "trial_reason"),
        (Charted(Support.TRIAL, Trial.NOT_DONE, "shock"), "trial"),
        (Charted(Support.VENTILATED, Trial.FAILED), "support"),
        (Charted(Support.COLLAR, decannulated=True), "decannulated"),
    ],
)
def test_facts_of_a_day_that_exclude_each_other_are_refused_beside_their_field(one: Charted, field: str):
    with pytest.raises(Refused) as refused:
        check_charted(one, MON, MON, THU)

    assert refused.value.field == field


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 6)])
def test_only_days_of_the_stay_are_charted(day: date):
    with pytest.raises(Refused):
        check_charted(Charted(Support.FREE), day, MON, THU)


@pytest.mark.parametrize(
    ("form", "said", "sentence"),
    [
        (ValidateAdmission, {"met": "false", "criterion": "No need", "judged_by": "Dr. A"}, "options for discharge"),
        (OrientFamily, {"given": "true"}, "to whom"),
        (OrientFamily, {"given": "false"}, "why"),
        (CheckWound, {"length": "2"}, "length and width"),
    ],
)
def test_a_form_asks_for_what_belongs_together(form: type, said: dict[str, str], sentence: str):
    with pytest.raises(ValueError, match=sentence):
        form.model_validate(said)


def test_a_wound_without_depth_is_not_one_whose_depth_nobody_measured():
    said = CheckWound(length=2, width=1, depth=0).model_dump(mode="json", exclude={"on", "at", "wound"})
    assert ("Depth, cm", "0 cm") in facts(RecordKind.WOUND_CHECK, said)
    said |= {"depth": None}
    assert [label for label, _ in facts(RecordKind.WOUND_CHECK, said)] == ["Length, cm", "Width, cm"]
