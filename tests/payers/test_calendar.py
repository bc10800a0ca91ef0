"""When a payer's answer is due: the examples as a table, and that who sends earlier is never answered later."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.terms import Line
from app.kernel.days import instant_of, local_day
from app.kernel.deadlines import Allowance
from app.payers.directory.queries import terms_of
from app.payers.directory.rules import PayerCalendar, Terms, WorkingDays, expected, extension_in_time

TABLE = Path(__file__).parents[1] / "scenarios" / "payers" / "calendar.table"
CHICAGO = ZoneInfo("America/Chicago")
CARD = re.compile(
    r"(?P<zone>\w+) (?P<cutoff>\d\d:\d\d) (?P<within>\d+ (?:hours|business days?))"
    r"(?: closed (?P<closed>\S+))?(?: works (?P<works>\d+))?(?P<open> open)?"
)


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def moment(text: str) -> datetime:
    weekday, day, clock = text.split()
    found = date.fromisoformat(day)
    assert f"{found:%a}" == weekday, text
    return instant_of(found, time.fromisoformat(clock), CHICAGO)


def card(text: str) -> tuple[PayerCalendar, Allowance | None]:
    if text == "none":
        return PayerCalendar(CHICAGO), None
    said = CARD.fullmatch(text)
    assert said is not None, text
    days = WorkingDays(
        frozenset([date.fromisoformat(said["closed"])] if said["closed"] else []),
        keeps_federal_holidays=not said["open"],
        weekdays=frozenset(map(int, said["works"] or "01234")),
    )
    zone = ZoneInfo(f"America/{said['zone']}")
    return PayerCalendar(zone, days, time.fromisoformat(said["cutoff"])), Allowance.parse(said["within"])


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_examples(row: list[str]):
    _, line, how, sent, said, counts, due = row
    calendar, contract = card(said)
    at = moment(sent)
    law = terms_of(None, Line(line), local_day(at, CHICAGO), urgent=how == "urgent").law

    found = expected(at, calendar, Terms(law, contract), CHICAGO)

    assert found.received_at == moment(counts)
    if due == "never":
        assert found.due_at is None
    else:
        assert found.due_at is not None
        assert found.due_at.replace(second=0) == moment(due)


def test_more_days_must_be_asked_on_the_last_working_day():
    calendar = PayerCalendar(ZoneInfo("America/New_York"), cutoff=time(14, 0))
    friday = moment("Fri 2026-03-06 13:00")

    assert calendar.ask_by(date(2026, 3, 6)) == friday
    assert calendar.ask_by(date(2026, 3, 7)) == friday
    assert calendar.ask_by(date(2026, 3, 8)) == friday
    assert calendar.ask_by(date(2026, 3, 9)) == moment("Mon 2026-03-09 13:00")
    assert calendar.ask_by(date(2026, 7, 5)) == moment("Thu 2026-07-02 13:00")
    late = moment("Sat 2026-03-07 09:00")
    assert calendar.ask_by(date(2026, 3, 8), late) == moment("Mon 2026-03-09 13:00")
    assert calendar.ask_by(date(2026, 3, 9), late) == moment("Mon 2026-03-09 13:00")


def test_twenty_hours_before_the_end_is_too_late_for_the_short_answer():
    """P6 of the rule sheet, section 5.8."""
    ends = moment("Fri 2026-03-06 00:00")
    lead = Allowance.parse("24 hours before")

    assert not extension_in_time(ends - timedelta(hours=20), ends, lead)
    assert extension_in_time(ends - timedelta(hours=24), ends, lead)


EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SENT = st.integers(0, 60 * 24 * 400).map(lambda minutes: EPOCH + timedelta(minutes=minutes))
# Around both nights on which clocks change, minute by minute.
CHANGES = st.sampled_from(["2026-03-08", "2026-11-01"]).flatmap(
    lambda day: st.integers(-600, 1800).map(
        lambda minutes: datetime.fromisoformat(f"{day}T00:00:00+00:00") + timedelta(minutes=minutes)
    )
)
ZONES = st.sampled_from(["America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu"]).map(ZoneInfo)
CALENDARS = st.builds(
    PayerCalendar,
    zone=ZONES,
    days=st.builds(
        WorkingDays,
        closed=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 2, 1)), max_size=8),
        keeps_federal_holidays=st.booleans(),
        weekdays=st.frozensets(st.integers(0, 6), min_size=1),
    ),
    cutoff=st.none() | st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
)
ALLOWANCES = st.none() | st.sampled_from(
    ["24 hours", "72 hours", "1 business day", "2 business days", "15 calendar days", "noon next business day"]
).map(Allowance.parse)


@given(a=SENT | CHANGES, b=SENT | CHANGES, calendar=CALENDARS, law=ALLOWANCES, contract=ALLOWANCES, zone=ZONES)
def test_who_sends_earlier_is_never_answered_later(
    a: datetime, b: datetime, calendar: PayerCalendar, law: Allowance | None, contract: Allowance | None, zone: ZoneInfo
):
    first, second = (expected(at, calendar, Terms(law, contract), zone) for at in sorted((a, b)))

    assert first.received_at <= second.received_at
    assert (first.due_at is None) == (second.due_at is None)
    if first.due_at is not None and second.due_at is not None:
        assert first.due_at <= second.due_at


@given(at=SENT | CHANGES, calendar=CALENDARS)
def test_what_is_sent_counts_on_a_working_day_and_not_before_it_was_sent(at: datetime, calendar: PayerCalendar):
    found = calendar.received(at)

    assert found >= at
    assert calendar.days.is_business_day(local_day(found, calendar.zone))
    assert calendar.send_by(at) >= at


@given(day=st.dates(date(2026, 1, 1), date(2027, 1, 1)), calendar=CALENDARS)
def test_further_days_are_asked_while_the_last_day_lasts(day: date, calendar: PayerCalendar):
    by = calendar.ask_by(day)

    assert by <= instant_of(day + timedelta(days=1), time(0, 0), calendar.zone)
    assert calendar.days.is_business_day(
        local_day(by - timedelta(seconds=1), calendar.zone)
    ) or calendar.cutoff == time(0)
