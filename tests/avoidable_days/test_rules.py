"""Which midnights are lost, and to what: the worked examples, every refusal, and the identities for random stays."""

import csv
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.avoidable_days.rules import (
    FULL,
    HALF,
    LIFE,
    Delay,
    Span,
    Standing,
    StayDays,
    Wish,
    check,
    check_delay,
    counted,
    elapsed_hours,
    is_locked,
    must_be_recoded,
    weighed,
)
from app.avoidable_days.terms import EntryState, Weight
from app.kernel.refusal import Refused
from app.kernel.transitions import states, unreachable
from tests.avoidable_days.stories import LATER, ZONE, Story, local, stories

VECTORS = Path(__file__).parent / "vectors" / "avoidable_days_expected.csv"
CASES = list(csv.DictReader(VECTORS.read_text("utf-8").splitlines()))
HERE = StayDays(zone=ZONE, now=local("2026-06-10 09:00"), classes=[Span(local("2026-06-05 10:00"), None, "IP")])
READY = StayDays(
    zone=ZONE,
    now=local("2026-06-10 09:00"),
    classes=[Span(local("2026-06-05 10:00"), None, "IP")],
    ready=[Span(local("2026-06-08 10:00"))],
)


def noon(text: str) -> datetime:
    return local(f"{text} 12:00")


@pytest.mark.parametrize("case", CASES, ids=[f"case {case['case']}" for case in CASES])
def test_the_expected_cases(case: dict[str, str]):
    left = noon(case["discharge_date"])
    stay = StayDays(zone=ZONE, now=LATER, classes=[Span(noon(case["admit_date"]), left, "IP")], left_at=left)
    delays = []
    for text in filter(None, case["delays"].split(";")):
        seq, reason, since, until = text.split(":")
        delays.append(
            Delay(
                seq=int(seq), reason=reason, since=noon(since), until=noon(until) if until else None, progression=True
            )
        )

    found = counted(delays, stay)

    assert len(found) == int(case["expected_total"])
    expected = dict(part.split("=") for part in filter(None, case["expected_by_reason"].split(",")))
    assert Counter(found.values()) == {reason: int(days) for reason, days in expected.items()}


def test_all_fifteen_cases_are_there():
    assert len(CASES) == 15


@pytest.mark.parametrize("story", stories("counting.txt"), ids=lambda story: story.title)
def test_the_worked_examples(story: Story):
    stay = story.stay()

    found = counted(story.delays, stay)

    assert {day: (reason, stay.phase(day).value) for day, reason in found.items()} == story.lost
    if story.hours is not None:
        one = story.delays[0]
        assert one.until is not None and elapsed_hours(one.since, one.until) == story.hours


@st.composite
def random_stays(draw: st.DrawFn) -> tuple[StayDays, list[Delay]]:
    """A stay anywhere in a year of two changes of clocks, with transfers of class, leaves, readiness and delays."""
    zone = ZoneInfo(draw(st.sampled_from(["America/Chicago", "America/New_York", "UTC"])))
    start = datetime(2026, 1, 1, tzinfo=zone) + timedelta(hours=draw(st.integers(0, 8000)))
    length = timedelta(hours=draw(st.integers(0, 600)))
    within = st.integers(-48, int(length / timedelta(hours=1)) + 48)
    edge = start + timedelta(hours=draw(st.integers(0, max(0, int(length / timedelta(hours=1))))))
    left = start + length

    def span(value: str = "") -> Span:
        since = start + timedelta(hours=draw(within))
        return Span(since, draw(st.sampled_from([None, since + timedelta(hours=draw(st.integers(0, 200)))])), value)

    first = draw(st.sampled_from(["OBS", "IP", "ED"]))
    stay = StayDays(
        zone=zone,
        now=left + timedelta(days=draw(st.integers(0, 3))),
        classes=[Span(start, edge, first), Span(edge, left, "IP")],
        leaves=[span() for _ in range(draw(st.integers(0, 1)))],
        left_at=draw(st.sampled_from([left, None])),
        ready=[span() for _ in range(draw(st.integers(0, 2)))],
    )
    delays = []
    for seq in range(draw(st.integers(0, 5))):
        waited = span()
        delays.append(
            Delay(
                seq=seq, reason=draw(st.sampled_from("abc")), since=waited.since, until=waited.until,
                progression=draw(st.booleans()),
            )
        )  # fmt: skip
    return stay, delays


@given(random_stays())
def test_every_midnight_has_at_most_one_reason_and_the_parts_sum_to_the_total(case: tuple[StayDays, list[Delay]]):
    stay, delays = case

    found = counted(delays, stay)

    assert set(found) <= set(stay.days())
    assert sum(Counter(found.values()).values()) == len(found) <= len(stay.days())
    for day, reason in found.items():
        midnight = stay.midnight(day)
        waiting = [one for one in delays if Span(one.since, one.until).holds_at(midnight)]
        assert reason in {one.reason for one in waiting}
        assert stay.is_ready(day) or any(one.progression for one in waiting)


@given(random_stays())
def test_the_order_in_which_delays_were_recorded_changes_nothing(case: tuple[StayDays, list[Delay]]):
    stay, delays = case

    assert counted(delays, stay) == counted(list(reversed(delays)), stay)


@given(random_stays())
def test_the_days_of_a_stay_are_its_midnights(case: tuple[StayDays, list[Delay]]):
    stay, _ = case

    days = stay.days()

    assert days == sorted(set(days))
    assert all(not stay.why_not(day) for day in days)
    assert all(day < stay.today for day in days)


def wish(day: str = "2026-06-09", code: str = "PA-01", **more: object) -> Wish:
    given = {"weight": Weight.PRIMARY, "amount": FULL, "group": code[:2]} | more
    return Wish(day=date.fromisoformat(day), code=code, **given)  # type: ignore[arg-type]


def refusal(asked: Wish, stay: StayDays = READY, others: tuple[Standing, ...] = (), half: bool = False) -> str | None:
    with pytest.raises(Refused) as refused:
        check(asked, stay, others, half_days=half)
    return refused.value.field


PRIMARY = Standing("PY-02", Weight.PRIMARY)
BESIDE = (Standing("PY-02", Weight.CONTRIBUTING), Standing("PF-01", Weight.CONTRIBUTING))


def test_what_may_be_recorded():
    check(wish(), READY, (), half_days=False)
    check(wish(weight=Weight.CONTRIBUTING), READY, (PRIMARY,), half_days=False)
    check(wish(), READY, BESIDE, half_days=False)
    check(wish("2026-06-06", "HS-02"), READY, (), half_days=False)
    check(wish("2026-06-06", explanation="Waits for an operation slot"), READY, (), half_days=False)
    check(wish(amount=HALF), READY, (), half_days=True)


@pytest.mark.parametrize(
    ("asked", "others", "field"),
    [
        (wish("2026-06-10"), (), "day"),
        (wish("2026-06-04"), (), "day"),
        (wish(), (PRIMARY,), "weight"),
        (wish(code="PY-02"), (PRIMARY,), "code"),
        (wish(weight=Weight.CONTRIBUTING), BESIDE, "weight"),
        (wish(amount=HALF), (), "amount"),
        (wish(amount=0.25), (), "amount"),
        (wish(code="OT-98"), (), "explanation"),
        (wish("2026-06-06"), (), "explanation"),
        (wish(computed="PY-02"), (), "override"),
    ],
)
def test_what_may_not(asked: Wish, others: tuple[Standing, ...], field: str):
    assert refusal(asked, others=others) == field


def test_the_but_for_judgement_and_the_undetermined_reason_may_differ_from_the_rule():
    check(wish(computed="PY-02", override="The bed was free; the authorization was there"), READY, (), half_days=False)
    check(wish(computed="OT-03"), READY, (), half_days=False)


def test_a_day_is_no_patient_day_when_the_patient_was_elsewhere():
    story = stories("counting.txt")[6]
    on_leave = story.stay()
    emergency = StayDays(zone=ZONE, now=LATER, classes=[Span(local("2026-06-05 10:00"), None, "ED")])
    gone = StayDays(
        zone=ZONE, now=LATER, classes=[Span(local("2026-06-05 10:00"), None, "IP")], left_at=local("2026-06-07 09:00")
    )

    assert "on leave" in on_leave.why_not(date(2026, 6, 7))
    assert "neither" in emergency.why_not(date(2026, 6, 6))
    assert "left on this day" in gone.why_not(date(2026, 6, 7))
    assert "before this day" in gone.why_not(date(2026, 6, 8))


def test_a_pending_appeal_holds_the_day():
    held = StayDays(
        zone=ZONE, now=READY.now, classes=READY.classes, ready=READY.ready, appeals=[Span(local("2026-06-08 12:00"))]
    )

    check(wish(code="SL-07"), held, (), half_days=False)
    check(wish(override="The place was not free either"), held, (), half_days=False)
    check(wish(weight=Weight.CONTRIBUTING), held, (), half_days=False)
    assert refusal(wish(), held) == "override"


def test_a_contributing_reason_counts_nothing():
    assert weighed(Weight.CONTRIBUTING, FULL) == 0
    assert weighed(Weight.PRIMARY, HALF) == HALF


def test_locked_after_thirty_days_and_recoded_after_seven():
    today = date(2026, 6, 30)

    assert not is_locked(date(2026, 5, 31), today)
    assert is_locked(date(2026, 5, 30), today)
    assert not must_be_recoded("OT-03", date(2026, 6, 23), today)
    assert must_be_recoded("OT-03", date(2026, 6, 22), today)
    assert not must_be_recoded("PA-01", date(2026, 1, 1), today)


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        ("2026-06-09 14:00", "2026-06-09 13:00", "until_at"),
        ("2026-06-09 14:00", "2026-06-11 13:00", "until_at"),
        ("2026-06-08 08:00", "2026-06-09 08:00", "until_at"),
        ("2026-06-05 09:00", "2026-06-05 12:00", "since_at"),
    ],
)
def test_what_is_no_delay_of_hours(since: str, until: str, field: str):
    with pytest.raises(Refused) as refused:
        check_delay(local(since), local(until), HERE)

    assert refused.value.field == field


def test_a_delay_over_a_night_on_which_the_clocks_change_is_measured_as_it_passed():
    assert elapsed_hours(local("2026-03-07 20:00"), local("2026-03-08 08:00")) == 11
    check_delay(local("2026-06-08 20:00"), local("2026-06-09 08:00"), HERE)


def test_the_life_of_a_day_is_sound():
    assert not unreachable(LIFE, EntryState.NONE)
    assert set(states(LIFE)) == set(EntryState)
