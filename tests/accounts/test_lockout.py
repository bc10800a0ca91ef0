"""How long one waits after failed sign-ins, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from app.security.lockout import (
    FREE_FAILURES_OF_ADDRESS,
    LONGEST_WAIT,
    UNTIL_RELEASED,
    address_waits_until,
    locked_until,
    remembered,
)

AT = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, None), (1, None), (4, None), (5, 30), (6, 60), (7, 120), (8, 240), (9, 480), (10, 900), (11, 900), (99, 900)],
)
def test_waiting_doubles_up_to_a_quarter_of_an_hour(failures: int, seconds: int | None) -> None:
    assert locked_until(failures, AT) == (None if seconds is None else AT + timedelta(seconds=seconds))


@pytest.mark.parametrize("failures", [100, 101, 100_000])
def test_a_hundred_failures_need_an_administrator(failures: int) -> None:
    assert locked_until(failures, AT) == UNTIL_RELEASED


@pytest.mark.parametrize(
    ("failures", "minutes", "left"), [(3, 0, 3), (3, 1, 2), (3, 2.9, 1), (3, 60, 0), (0, 5, 0), (50, 49, 1)]
)
def test_an_address_is_forgiven_one_failure_a_minute(failures: int, minutes: float, left: int) -> None:
    assert remembered(failures, AT, AT + timedelta(minutes=minutes)) == left


@pytest.mark.parametrize(("beyond", "seconds"), [(0, None), (1, 30), (2, 60), (5, 480), (6, 900), (10_000, 900)])
def test_an_address_waits_after_many_failures(beyond: int, seconds: int | None) -> None:
    until = address_waits_until(FREE_FAILURES_OF_ADDRESS + beyond, AT)

    assert until == (None if seconds is None else AT + timedelta(seconds=seconds))


def test_no_wait_but_the_last_is_longer_than_the_longest() -> None:
    waits = [locked_until(failures, AT) for failures in range(100)]

    assert max(until - AT for until in waits if until is not None) == LONGEST_WAIT
