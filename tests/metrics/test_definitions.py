"""Every measure is defined once and completely, in words that a reader can check."""

import re

import pytest

from app.metrics.definitions import DEFINITIONS
from app.metrics.readmissions import eligibility
from app.metrics.readmissions.engines import NEVER
from app.metrics.readmissions.settings import Reason
from app.metrics.sources import returns
from app.metrics.terms import DIMENSIONS, Definition, Kind, MeasureId

every = pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=lambda one: one.id.value)


def test_every_measure_has_its_definition() -> None:
    assert set(DEFINITIONS) == set(MeasureId)
    assert all(key is one.id for key, one in DEFINITIONS.items())
    assert len({one.title for one in DEFINITIONS.values()}) == len(DEFINITIONS)


@every
def test_it_is_said_completely(definition: Definition) -> None:
    for sentence in (definition.meaning, definition.numerator, definition.denominator, definition.source):
        assert re.fullmatch(r"[A-Z].{20,}\.", sentence), sentence
    assert definition.notes == "" or definition.notes.endswith(".")
    assert definition.citation and definition.dated_by and definition.title[0].isupper()
    assert definition.better in ("lower", "higher", "neither")
    assert definition.chart in ("individuals", "p")
    assert set(definition.dimensions) <= set(DIMENSIONS)


@every
def test_its_unit_and_factor_fit_its_kind(definition: Definition) -> None:
    bare = definition.kind in (Kind.SHARE, Kind.RATIO, Kind.GEOMETRIC_RATIO)
    assert (definition.unit == "") == bare
    assert definition.per == (100 if definition.kind in (Kind.SHARE, Kind.RATE) else 1)
    assert (definition.chart == "p") == (definition.kind is Kind.SHARE)


@every
def test_each_reason_for_leaving_out_has_one_sentence(definition: Definition) -> None:
    codes = [code for code, _ in definition.exclusions]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z_]+", code) and sentence.endswith(".") for code, sentence in definition.exclusions)


def test_a_return_is_left_out_for_the_reasons_of_the_measure_and_for_no_other() -> None:
    """Our own stays are measured to the end of time and with COVID-19: what cannot happen is not said."""
    asked = eligibility.tests(returns.SETTINGS, NEVER)
    possible = {reason for reason, _ in asked if reason is not Reason.RUN_OUT}
    possible |= {Reason.NOT_ACUTE, Reason.INVALID_DATES, Reason.MERGED}
    assert returns.SETTINGS.data_end is not None and returns.SETTINGS.data_end.year > 9000
    one = DEFINITIONS[MeasureId.READMISSION]
    assert dict(one.exclusions).keys() == {reason.value for reason in possible}
    assert "counted and provisional" in one.notes and "COVID-19" in one.notes


def test_work_in_minutes_is_of_nobody() -> None:
    assert "attending" not in DEFINITIONS[MeasureId.PRODUCTIVITY].dimensions


def test_before_noon_is_never_read_alone() -> None:
    assert DEFINITIONS[MeasureId.BEFORE_NOON].balancing is MeasureId.READMISSION
    for one in DEFINITIONS.values():
        assert one.balancing is None or one.balancing is not one.id


def test_the_two_forms_of_observed_over_expected_are_not_taken_for_one_another() -> None:
    sums, means = DEFINITIONS[MeasureId.OBSERVED_EXPECTED], DEFINITIONS[MeasureId.GEOMETRIC_RATIO]
    assert "by sums" in sums.title and "by geometric means" in means.title
