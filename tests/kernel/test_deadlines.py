"""Deadlines, checked against the worked examples of the rule sheet: a wrong hour is a missed legal duty."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from app.kernel.days import FEDERAL, BusinessCalendar
from app.kernel.deadlines import Allowance, Pause, Standing, Unit, due, earliest, opens, standing

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


# start, allowance, due; the offset shows on which side of a change of clocks the result lies
EXAMPLES = """
UR1 weekend does not extend     | 2026-01-30T15:00-06:00 | 2 calendar days       | 2026-02-01T23:59:59-06:00
UR2 month end                   | 2026-02-27T15:00-06:00 | 2 calendar days       | 2026-03-01T23:59:59-06:00
UR5 grace days                  | 2026-02-26T10:00-06:00 | 3 calendar days       | 2026-03-01T23:59:59-06:00
UR6 grace days over New Year    | 2026-12-29T10:00-06:00 | 3 calendar days       | 2027-01-01T23:59:59-06:00
UR7 extended stay               | 2026-05-22T00:00-05:00 | 7 calendar days       | 2026-05-29T23:59:59-05:00
UR8 Medicaid working days       | 2026-07-02T09:00-05:00 | 2 business days       | 2026-07-07T23:59:59-05:00
IM1 first notice                | 2026-01-30T22:00-06:00 | 2 calendar days       | 2026-02-01T23:59:59-06:00
IM4 four hours over spring      | 2026-03-08T05:30-05:00 | 4 hours before        | 2026-03-08T00:30-06:00
Q1 records to the QIO           | 2026-05-08T21:20-05:00 | noon next day         | 2026-05-09T12:00-05:00
Q2 noon over autumn             | 2026-10-31T23:30-05:00 | noon next day         | 2026-11-01T12:00-06:00
MC3 no relief on a holiday      | 2026-07-04T17:00-05:00 | noon next day         | 2026-07-05T12:00-05:00
MO1 MOON over spring            | 2026-03-07T20:00-06:00 | 36 hours              | 2026-03-09T09:00-05:00
MO2 MOON over autumn            | 2026-10-31T20:00-05:00 | 36 hours              | 2026-11-02T07:00-06:00
MO4 MOON over New Year          | 2026-12-31T10:15-06:00 | 36 hours              | 2027-01-01T22:15-06:00
P1 expedited request            | 2026-03-06T16:30-06:00 | 72 hours              | 2026-03-09T17:30-05:00
P2 expedited request            | 2026-10-30T16:30-05:00 | 72 hours              | 2026-11-02T15:30-06:00
P3 standard request             | 2026-02-24T10:00-06:00 | 7 calendar days       | 2026-03-03T23:59:59-06:00
P5 next business day by five    | 2026-07-02T20:00-05:00 | 17:00 next business day | 2026-07-06T17:00-05:00
NOMNC                           | 2026-11-27T00:00-06:00 | 2 calendar days before | 2026-11-25T23:59:59-06:00
NOMNC month end                 | 2026-03-02T00:00-06:00 | 2 calendar days before | 2026-02-28T23:59:59-06:00
S1 skilled nursing window       | 2026-02-01T11:00-06:00 | 30 calendar days      | 2026-03-03T23:59:59-06:00
interrupted stay, acute         | 2026-03-06T11:00-06:00 | day 9                 | 2026-03-14T23:59:59-05:00
interrupted stay, nursing       | 2026-03-06T11:00-06:00 | day 45                | 2026-04-19T23:59:59-05:00
benefit period                  | 2026-04-10T11:00-05:00 | day 60                | 2026-06-08T23:59:59-05:00
follow-up over a holiday        | 2026-07-02T11:00-05:00 | 2 business days       | 2026-07-07T23:59:59-05:00
follow-up over Thanksgiving     | 2026-11-25T11:00-06:00 | 2 business days       | 2026-11-30T23:59:59-06:00
follow-up over Christmas        | 2026-12-24T11:00-06:00 | 2 business days       | 2026-12-29T23:59:59-06:00
discharged on a Saturday        | 2026-05-09T11:00-05:00 | 1 business day        | 2026-05-11T23:59:59-05:00
half a year back                | 2026-08-31T11:00-05:00 | 6 months before       | 2026-02-28T23:59:59-06:00
the same day                    | 2026-05-08T21:20-05:00 | 0 calendar days       | 2026-05-08T23:59:59-05:00
"""


@pytest.mark.parametrize(
    "line", [pytest.param(line, id=line.split("|")[0].strip()) for line in EXAMPLES.strip().splitlines()]
)
def test_due(line: str):
    _, start, allowance, expected = (part.strip() for part in line.split("|"))

    assert due(at(start), Allowance.parse(allowance), CHICAGO) == at(expected)


def test_due_counts_the_day_of_the_facility_not_of_utc():
    evening = at("2026-01-31T04:00+00:00")  # 22:00 on the 30th in Chicago

    assert due(evening, Allowance.parse("2 calendar days"), CHICAGO) == local("2026-02-01T23:59:59")


@pytest.mark.parametrize(
    ("start", "allowance", "expected"),
    [
        ("2026-02-05T15:00", "2 calendar days before", "2026-02-03T00:00"),
        ("2026-01-30T22:00", "7 calendar days before", "2026-01-23T00:00"),
        ("2026-03-01T08:00", "90 calendar days before", "2025-12-01T00:00"),
        ("2026-03-07T15:00", "48 hours before", "2026-03-05T15:00"),
        ("2026-05-08T21:20", "noon next day", "2026-05-09T12:00"),
    ],
)
def test_opens(start: str, allowance: str, expected: str):
    assert opens(local(start), Allowance.parse(allowance), CHICAGO) == local(expected)


FORMS = (
    "36 hours, 1 hour, 2 calendar days, 3 business days, 1 month, day 60, noon next day, noon same day, "
    "17:00 next business day, 4 hours before, 2 calendar days before, 6 months before, 08:30 next day"
)


@pytest.mark.parametrize("text", FORMS.split(", "))
def test_allowance_is_written_as_it_was_read(text: str):
    assert str(Allowance.parse(text)) == text


def test_allowance_forgives_blanks():
    assert Allowance.parse("  2   calendar days ") == Allowance(2, Unit.CALENDAR_DAYS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2 days",
        "-1 hours",
        "two hours",
        "2.5 hours",
        "25:00 next day",
        "noon",
        "day 0",
        "9999999 hours",
        "2 hour s",
    ],
)
def test_allowance_refuses_what_it_cannot_read(text: str):
    with pytest.raises(ValueError, match="no allowance of time"):
        Allowance.parse(text)


@pytest.mark.parametrize(
    ("now", "closed", "expected"),
    [
        ("2026-05-01T11:59", None, Standing.DUE),
        ("2026-05-01T12:00", None, Standing.DUE),
        ("2026-05-01T12:00:01", None, Standing.OVERDUE),
        ("2026-05-02T12:00", "2026-05-01T12:00", Standing.DONE),
        ("2026-05-02T12:00", "2026-05-01T12:00:01", Standing.LATE),
        ("2026-05-01T10:00", "2026-05-01T11:00", Standing.DUE),  # seen from before the evidence
        ("2026-05-03T10:00", "2026-05-04T11:00", Standing.OVERDUE),
    ],
)
def test_standing(now: str, closed: str | None, expected: Standing):
    closed_at = local(closed) if closed else None

    assert standing(local("2026-05-01T12:00"), local(now), closed_at) is expected


HOURS, DAYS, BUSINESS = (Allowance.parse(text) for text in ("10 hours", "3 calendar days", "2 business days"))


@pytest.mark.parametrize(
    ("allowance", "pauses", "expected"),
    [
        (HOURS, [("2026-05-04T10:00", "2026-05-04T12:00")], "2026-05-04T20:00"),
        (
            HOURS,
            [("2026-05-04T10:00", "2026-05-04T12:00"), ("2026-05-04T11:00", "2026-05-04T13:00")],
            "2026-05-04T21:00",
        ),
        (
            HOURS,
            [("2026-05-04T12:00", "2026-05-04T13:00"), ("2026-05-04T10:00", "2026-05-04T11:00")],
            "2026-05-04T20:00",
        ),
        (HOURS, [("2026-05-04T17:00", "2026-05-04T19:00")], "2026-05-04T20:00"),  # the last hour runs after the pause
        (HOURS, [("2026-05-04T18:00", "2026-05-04T19:00")], "2026-05-04T18:00"),  # begins when the time is up
        (HOURS, [("2026-05-03T00:00", "2026-05-04T09:00")], "2026-05-04T19:00"),  # began before the clock
        (DAYS, [("2026-05-05T10:00", "2026-05-05T18:00")], "2026-05-07T23:59:59"),  # within a day: nothing is lost
        (DAYS, [("2026-05-05T10:00", "2026-05-07T10:00")], "2026-05-09T23:59:59"),  # two ends of day
        (DAYS, [("2026-05-05T10:00", "2026-05-05T23:59:59")], "2026-05-07T23:59:59"),  # it runs again at the end
        (BUSINESS, [("2026-05-05T10:00", "2026-05-07T10:00")], "2026-05-08T23:59:59"),
    ],
)
def test_due_with_pauses(allowance: Allowance, pauses: list[tuple[str, str]], expected: str):
    stops = [Pause(local(start), local(end)) for start, end in pauses]

    assert due(local("2026-05-04T08:00"), allowance, CHICAGO, FEDERAL, stops) == local(expected)


@pytest.mark.parametrize("text", ["noon next day", "6 months", "day 9", "4 hours before"])
def test_due_refuses_to_toll_what_cannot_be(text: str):
    pause = Pause(local("2026-05-05T10:00"), local("2026-05-05T11:00"))

    with pytest.raises(ValueError, match="cannot be tolled"):
        due(local("2026-05-04T08:00"), Allowance.parse(text), CHICAGO, FEDERAL, [pause])


def test_due_keeps_the_calendar_of_a_contract():
    calendar = BusinessCalendar(closed=frozenset({local("2026-11-27T00:00").date()}))

    assert due(local("2026-11-25T11:00"), BUSINESS, CHICAGO, calendar) == local("2026-12-01T23:59:59")


def test_due_refuses_a_start_without_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2026, 5, 4), HOURS, CHICAGO)


def test_earliest_of_limits_of_which_some_do_not_exist():
    sooner, later = local("2026-05-04T08:00"), local("2026-05-04T09:00")

    assert earliest(later, None, sooner) == sooner
    assert earliest(None) is None
