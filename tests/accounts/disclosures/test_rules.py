"""What the accounting names, puts together, and leaves for later; days of the answer. Source: 45 CFR 164.528."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.disclosures.rules import Held, Item, account, costs_nothing, due_on, six_years_before

DAY = date(2026, 3, 5)


def item(key: str = "a", **more: object) -> Item:
    usual: dict[str, object] = {"on": DAY, "recipient": "County Health", "address": "", "description": "Report",
                                "purpose": "Notifiable disease", "category": "Public health"}  # fmt: skip
    return Item(key, **usual | more)  # type: ignore[arg-type]


def test_several_to_one_recipient_for_one_purpose_are_told_once_with_number_and_last_day() -> None:
    series = [item(str(n), on=DAY + timedelta(days=n), recipient=name) for n, name in
              enumerate(["County Health", "county  health", "COUNTY HEALTH"])]  # fmt: skip

    made = account([*series, item("other", purpose="Vaccination")], [], DAY)

    assert [(one.first.key, one.count, one.last_on) for one in made.entries] == [
        ("0", 3, DAY + timedelta(days=2)), ("other", 1, None),
    ]  # fmt: skip


def test_another_recipient_or_ground_is_a_line_of_its_own() -> None:
    made = account([item("a"), item("b", recipient="State Health"), item("c", category="Health oversight")], [], DAY)

    assert len(made.entries) == 3 and all(one.count == 1 for one in made.entries)


@pytest.mark.parametrize(("day", "waits"), [(DAY - timedelta(days=1), 0), (DAY, 1), (DAY + timedelta(days=30), 1),
                                            (DAY + timedelta(days=31), 0)])  # fmt: skip
def test_what_went_to_a_suspending_agency_waits_for_those_days_only(day: date, waits: int) -> None:
    held = Held("Harbor Police", DAY, DAY + timedelta(days=30))
    police = item("p", recipient="harbor police", may_be_suspended=True)

    made = account([police, item("h")], [held], day)

    assert made.waiting == waits and len(made.entries) == 2 - waits


def test_a_recipient_that_is_no_agency_cannot_be_held_back() -> None:
    made = account([item("h")], [Held("County Health", DAY, DAY)], DAY)

    assert made.waiting == 0 and len(made.entries) == 1


def test_answer_is_due_after_sixty_days_and_ninety_when_extended() -> None:
    assert due_on(date(2026, 1, 1), extended=False) == date(2026, 3, 2)
    assert due_on(date(2026, 1, 1), extended=True) == date(2026, 4, 1)


def test_six_years_back_also_from_the_leap_day() -> None:
    assert six_years_before(date(2024, 2, 29)) == date(2018, 2, 28)
    assert six_years_before(DAY) == date(2020, 3, 5)


def test_first_accounting_in_twelve_months_costs_nothing() -> None:
    assert costs_nothing(DAY, [])
    assert not costs_nothing(DAY, [date(2025, 3, 6)])
    assert costs_nothing(DAY, [date(2025, 3, 5)])


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xy"), st.integers(0, 900)), max_size=30))
def test_no_disclosure_is_lost_in_a_series(told: list[tuple[str, str, int]]) -> None:
    items = [item(str(n), recipient=who, purpose=why, on=DAY + timedelta(days=days))
             for n, (who, why, days) in enumerate(told)]  # fmt: skip

    made = account(items, [], DAY)

    assert sum(one.count for one in made.entries) == len(items)
    assert [one.first.on for one in made.entries] == sorted(one.first.on for one in made.entries)
    assert all(one.last_on is None or one.first.on <= one.last_on for one in made.entries)
