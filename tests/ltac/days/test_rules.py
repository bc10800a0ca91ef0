"""Payment days by tables that a reader can check: returns, stays, thresholds, benefit days; and what always holds."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clocks.engine import counters
from app.clocks.facts import Event, StayFacts
from app.clocks.rules.benefits import Amounts, is_short_stay, patient_pays
from app.clocks.terms import EventKind, Line
from app.kernel.refusal import Refused
from app.kernel.transitions import actions, after, finals, unreachable
from app.ltac.days.rules import absences, benefit, counting, rate, short_stay
from app.ltac.days.rules.entries import LIFE
from app.ltac.days.terms import (
    DayKind,
    Destination,
    EarlierUse,
    EntryAction,
    EntryState,
    Leave,
    Rate,
    ReserveChoice,
    UsedStay,
    Verdict,
    Visit,
)
from app.regulations.part_a import amounts

SCENARIOS = Path(__file__).parents[2] / "scenarios" / "ltac"
ZONE = ZoneInfo("America/Chicago")
AMOUNTS = {2025: Amounts(1676, 419, 838), 2026: Amounts(1736, 434, 868), 2027: Amounts(1800, 450, 900)}


def rows(name: str) -> list[tuple[int, list[str]]]:
    lines = enumerate((SCENARIOS / name).read_text("utf-8").splitlines(), 1)
    return [
        (number, [part.strip() for part in line.split("|")])
        for number, line in lines
        if line.strip() and not line.startswith("#")
    ]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def lines_of(name: str) -> dict[str, object]:
    found = rows(name)
    return {"argvalues": found, "ids": [f"line {number}" for number, _ in found]}


# --- returns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "row"), **lines_of("returns.table"))
def test_a_return(number: int, row: list[str]):
    left, place, back, verdict, day, window = row
    to = Destination(place)
    found = absences.judge(at(left), at(back), to, at(back), ZONE)
    assert found is Verdict(verdict)
    assert absences.day_number(at(left), at(back), ZONE) == int(day)
    # Whoever is still away at that instant sees the window in which a return would have been in time.
    away = absences.judge(at(left), None, to, at(back), ZONE)
    assert away is (Verdict.AWAY if window else Verdict.ENDED)
    ahead = [one for one in absences.ladder(at(left), to, ZONE) if one.until and at(back) <= one.until]
    assert [one.last_day for one in ahead][:1] == ([date.fromisoformat(window)] if window else [])


@given(
    to=st.sampled_from([Destination.ACUTE, Destination.IRF, Destination.SNF, Destination.HOME]),
    left=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    minutes=st.integers(1, 60 * 24 * 60),
)
def test_a_return_is_the_same_stay_just_when_the_clocks_say_so(to: Destination, left: datetime, minutes: int):
    gone = left.replace(tzinfo=UTC)
    back = gone + timedelta(minutes=minutes)
    facts = StayFacts(
        id="x", zone=ZONE, facility_kind="ltch", as_of=back,
        events=(
            Event(kind=EventKind.LTCH_DISCHARGE, at=gone, to=to.value),
            Event(kind=EventKind.LTCH_RETURN, at=back),
        ),
    )  # fmt: skip
    found = absences.judge(gone, back, to, back, ZONE)
    assert found.same_stay == counters(facts).ltch_same_stay


def test_the_ladder_names_every_window_and_what_comes_after():
    found = absences.ladder(at("2026-03-04 14:10"), Destination.ACUTE, ZONE)
    assert [(one.number, one.last_day) for one in found] == [
        (3, date(2026, 3, 6)), (9, date(2026, 3, 12)), (None, None),
    ]  # fmt: skip
    assert "paid by this hospital" in found[0].words and "one payment" in found[1].words and "new" in found[2].words
    unknown = absences.ladder(at("2026-03-04 14:10"), Destination.UNKNOWN, ZONE)
    assert [one.number for one in unknown] == [3, 9, 27, 45, None]
    assert [one.number for one in absences.ladder(at("2026-03-04 14:10"), Destination.HOME, ZONE)] == [3, None]


@pytest.mark.parametrize(
    ("code", "place"),
    [("02", "acute"), ("2", "acute"), ("62", "irf"), ("03", "snf"), ("61", "snf"), ("01", "home"), ("06", "home"),
     ("63", "other"), ("51", "other"), ("", "unknown"), ("HX", "unknown")],
)  # fmt: skip
def test_dispositions_as_places(code: str, place: str):
    assert absences.destination(code) is Destination(place)


# --- stays -----------------------------------------------------------------------------------------------------------


@dataclass
class Story:
    """A case of stays.txt."""

    name: str
    visits: dict[str, Visit] = field(default_factory=dict)
    leaves: dict[str, list[Leave]] = field(default_factory=dict)
    asked: str = ""
    now: datetime | None = None
    wanted: dict[str, str] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in ("visit", "leave"):
            name, _, rest = rest.partition(" ")
            begins, _, ends = rest.partition("..")
            told = ends.split()
            until = at(" ".join(told[:2])) if told else None
            to = told[2] if len(told) > 2 else "unknown"
            place = Destination.UNKNOWN if to == "died" else Destination(to)
            if word == "leave":
                self.leaves.setdefault(name, []).append(Leave(at(begins.strip()), until, place))
            else:
                self.visits[name] = Visit(uuid.uuid4(), name, at(begins.strip()), until, place, died=to == "died")
        elif word == "asked":
            self.asked, _, when = rest.partition(" ")
            self.now = at(when)
        elif word in ("absence", "before"):
            (self.gaps if word == "absence" else self.before).append(rest)
        else:
            self.wanted[word] = rest


def stories() -> list[Story]:
    found: list[Story] = []
    for line in (SCENARIOS / "stays.txt").read_text("utf-8").splitlines():
        if line.startswith("case: "):
            found.append(Story(line.removeprefix("case: ")))
        elif line.strip() and not line.startswith("#"):
            found[-1].take(line)
    return found


@pytest.mark.parametrize("story", stories(), ids=lambda story: story.name)
def test_what_is_paid_as_one_stay(story: Story):
    visits = [
        Visit(one.key, name, one.admitted_at, one.left_at, one.to, one.died, tuple(story.leaves.get(name, ())))
        for name, one in story.visits.items()
    ]
    assert story.now is not None
    stay = absences.payment_stay(list(reversed(visits)), story.visits[story.asked].key, story.now, ZONE)
    days = counting.days_in_house(stay, story.now, ZONE)
    got = {
        "one": " ".join(number for _, number in stay.visits),
        "covered": str(counting.covered_days(days)),
        "day": str(counting.ordinal(stay, story.now, ZONE)),
        "away": str(absences.days_away(stay, story.now.date(), ZONE)),
    }
    assert got == story.wanted
    assert [f"{one.verdict} {one.to} {one.day}" for one in stay.absences] == story.gaps
    assert [f"{one.verdict} {one.to} {one.day}" for one in (stay.earlier,) if one] == story.before


@given(
    lengths=st.lists(st.tuples(st.integers(1, 2000), st.integers(1, 1500)), min_size=1, max_size=6),
    places=st.lists(st.sampled_from(list(Destination)), min_size=6, max_size=6),
)
def test_every_day_of_a_stay_is_in_the_house_or_away(lengths: list[tuple[int, int]], places: list[Destination]):
    """However often a patient comes and goes: the calendar days of a stay are those in the house and those away."""
    when, visits = datetime(2026, 1, 1, 12, tzinfo=ZONE), []
    for number, (hours, gone) in enumerate(lengths):
        left = (when.astimezone(UTC) + timedelta(hours=hours)).astimezone(ZONE)
        visits.append(Visit(uuid.uuid4(), str(number), when, left, places[number]))
        when = (left.astimezone(UTC) + timedelta(hours=gone)).astimezone(ZONE)
    for one in visits:
        stay = absences.payment_stay(visits, one.key, when, ZONE)
        days = counting.days_in_house(stay, when, ZONE)
        inside = [gap for gap in stay.absences if gap.verdict.same_stay]
        away = sum((gap.back_at.astimezone(ZONE).date() - gap.left_at.astimezone(ZONE).date()).days for gap in inside)
        calendar = counting.ordinal(stay, when, ZONE) - 1  # the day of leaving does not count
        assert len(days) == max(1, calendar - away)
        others = {key for key, _ in stay.visits}
        assert all(absences.payment_stay(visits, key, when, ZONE).visits == stay.visits for key in others)


# --- records ---------------------------------------------------------------------------------------------------------


def test_the_life_of_a_record():
    start = EntryState.UNWRITTEN
    assert unreachable(LIFE, start) == [] and finals(LIFE) == []
    assert actions(LIFE, start) == [EntryAction.WRITE]
    for state in EntryState:
        for action in EntryAction:
            if (state, action) in LIFE:
                assert after(LIFE, state, action) is LIFE[state, action]
            else:
                with pytest.raises(Refused):
                    after(LIFE, state, action)


# --- threshold -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "row"), **lines_of("thresholds.table"))
def test_a_threshold(number: int, row: list[str]):
    group, mean, table, year, covered, wanted = row
    found = short_stay.threshold(group, float(mean) if mean else None, int(table) if table else None, int(year))
    answer = short_stay.short(int(covered), found)
    assert (found.why_unknown or ("short" if answer else "full")) == wanted
    if found.why_unknown:
        assert answer is None and found.threshold_day is None and found.mean is None


@given(st.integers(10, 1500))
def test_the_threshold_day_is_the_first_that_is_no_short_stay(tenths: int):
    mean = Decimal(tenths) / 10
    last = short_stay.last_short_day(float(mean))
    assert not is_short_stay(last + 1, mean)
    assert last == 0 or is_short_stay(last, mean)


def test_no_threshold_where_another_rate_or_payer_decides():
    found = short_stay.threshold("999", 24.0, 2026, 2026)
    assert short_stay.applies(found, Rate.STANDARD) == found
    assert short_stay.applies(found, Rate.NOT_PROVED) == found
    for status in (Rate.SITE_NEUTRAL, Rate.NOT_FFS):
        none = short_stay.applies(found, status)
        assert none.threshold_day is None and none.last_short_day is None and none.why_unknown


# --- rate ------------------------------------------------------------------------------------------------------------

FFS = (Line.MEDICARE_FFS,)


@pytest.mark.parametrize(
    ("known", "status", "says"),
    [
        (rate.Known(lines=FFS, preceded=True, intensive_days=4, drg="207"), Rate.STANDARD, "proved"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=3, drg="207"), Rate.STANDARD, "proved"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=2, drg="207"), Rate.NOT_PROVED, "hours on a ventilator"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=2, ventilator_hours=96, drg="207"), Rate.STANDARD, ""),
        (rate.Known(lines=FFS, preceded=True, intensive_days=2, ventilator_hours=95, drg="207"), Rate.NOT_PROVED,
         "1 more hours"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=2, ventilator_hours=95, drg="207", ended=True),
         Rate.SITE_NEUTRAL, "95 hours"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=0, ventilator_hours=0, drg="207"), Rate.SITE_NEUTRAL,
         "0 days"),
        (rate.Known(lines=FFS, preceded=False, intensive_days=9, drg="207"), Rate.SITE_NEUTRAL, "directly"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=9, drg="885"), Rate.SITE_NEUTRAL, "psychiatry"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=9, drg="945"), Rate.SITE_NEUTRAL, "rehabilitation"),
        (rate.Known(lines=FFS, preceded=True, intensive_days=9, drg="885", excluded=False), Rate.STANDARD, ""),
        (rate.Known(lines=FFS, preceded=True, intensive_days=9), Rate.NOT_PROVED, "psychiatry or rehabilitation"),
        (rate.Known(lines=FFS, intensive_days=9, drg="207"), Rate.NOT_PROVED, "directly"),
        (rate.Known(lines=FFS), Rate.NOT_PROVED, "intensive care"),
        (rate.Known(), Rate.NOT_PROVED, "who pays"),
        (rate.Known(lines=(Line.MEDICARE_ADVANTAGE,), preceded=True, intensive_days=9), Rate.NOT_FFS, "contract"),
        (rate.Known(lines=(Line.COMMERCIAL, Line.MEDICARE_FFS), preceded=True, intensive_days=9, drg="207"),
         Rate.STANDARD, ""),
    ],
)  # fmt: skip
def test_a_rate(known: rate.Known, status: Rate, says: str):
    found = rate.rate_of(known)
    assert found.status is status, found.because
    assert says in found.because
    assert bool(found.missing) == (status is Rate.NOT_PROVED)
    assert found.proof or status is not Rate.STANDARD


# --- benefit days ----------------------------------------------------------------------------------------------------


def earlier_of(text: str, first: date) -> tuple[EarlierUse, ReserveChoice | None]:
    words = text.split()
    told = dict(pairwise(words))
    out = date.fromisoformat(told["out"]) if "out" in told else None
    use = EarlierUse(
        as_of=first, period_began=out - timedelta(days=40) if out else None, used=int(told.get("used", 0)),
        reserve_left=int(told.get("reserve", 60)), last_out=out,
    )  # fmt: skip
    return use, ReserveChoice.KEEP if "keep" in words else None


def run_of(first: date, days: int, out: date | None = None) -> UsedStay:
    return UsedStay(tuple(first + timedelta(days=number) for number in range(days)), out)


@pytest.mark.parametrize(("number", "row"), **lines_of("benefit.table"))
def test_a_position(number: int, row: list[str]):
    earlier, stay, day, kind, left, owes = row
    began, _, length = stay.partition(" x ")
    first = date.fromisoformat(began)
    use, choice = earlier_of(earlier, first)
    found = benefit.position(use, (), run_of(first, int(length)), AMOUNTS, choice)
    assert found.today is not None
    assert (found.today.number, found.today.kind) == (int(day), DayKind(kind))
    assert "/".join(str(found.left[name]) for name in ("full", "coinsurance", "reserve")) == left
    assert found.owes == int(owes), found.why_owes_unknown


@given(st.dates(date(2025, 1, 1), date(2026, 6, 30)), st.integers(1, 150))
def test_cost_sharing_of_an_unbroken_stay_is_that_of_the_clocks(first: date, days: int):
    found = benefit.position(EarlierUse(as_of=first), (), run_of(first, days), AMOUNTS)
    assert found.owes == patient_pays(first, days, AMOUNTS)


@given(st.dates(date(2025, 1, 1), date(2026, 6, 30)), st.integers(1, 200), st.integers(0, 90), st.integers(0, 60))
def test_days_ahead_come_when_they_were_announced(first: date, days: int, used: int, reserve: int):
    """Whatever is used: the kind of a later day is the one that the position told."""
    use = EarlierUse(as_of=first, period_began=first, used=used, reserve_left=reserve, last_out=first)
    told = benefit.position(use, (), run_of(first, days), AMOUNTS)
    for kind, on in told.ahead:
        later = benefit.position(use, (), run_of(first, (on - first).days + 1), AMOUNTS)
        assert later.today is not None and later.today.kind is kind and later.today.on == on
        day_before = later.days[-2].kind if len(later.days) > 1 else None
        assert day_before is not kind


def test_own_stays_after_the_check_are_added():
    check = EarlierUse(as_of=date(2026, 1, 1), used=0)
    before = run_of(date(2026, 1, 5), 20, date(2026, 1, 25))
    found = benefit.position(check, [before], run_of(date(2026, 2, 1), 5), AMOUNTS)
    assert found.today is not None and found.today.number == 25 and found.owes == 0 and not found.new_period
    late = benefit.position(check, [before], run_of(date(2026, 3, 26), 5), AMOUNTS)
    assert late.today is not None and late.today.number == 5 and late.owes == 1736 and late.new_period


def test_days_elsewhere_use_days_and_are_not_owed_here():
    days = run_of(date(2026, 1, 1), 70).days
    stay = UsedStay(days, None, frozenset(days[60:65]))
    found = benefit.position(EarlierUse(as_of=days[0]), (), stay, AMOUNTS)
    assert found.today is not None and found.today.number == 70
    assert found.owes == 1736 + 5 * 434


def test_an_amount_that_is_not_loaded_gives_no_sum():
    found = benefit.position(EarlierUse(as_of=date(2030, 1, 1)), (), run_of(date(2030, 1, 1), 5), AMOUNTS)
    assert found.owes is None and "2030" in found.why_owes_unknown


@pytest.mark.parametrize(
    ("days", "reserve", "choice", "says"),
    [
        (54, 60, None, []), (55, 60, None, ["Day 55 of 60"]), (60, 60, None, ["Day 60 of 60"]), (61, 60, None, []),
        (84, 60, None, []), (85, 60, None, ["Day 85 of 90", "before day 91"]),
        (85, 60, ReserveChoice.USE, ["Day 85 of 90"]), (85, 60, ReserveChoice.KEEP, ["Part A ends"]),
        (20, 10, None, ["10 lifetime"]), (20, 11, None, []), (141, 60, None, ["9 lifetime"]),
        (151, 60, None, ["used up"]), (91, 0, None, ["used up"]),
    ],
)  # fmt: skip
def test_warnings(days: int, reserve: int, choice: ReserveChoice | None, says: list[str]):
    use = EarlierUse(as_of=date(2026, 1, 1), reserve_left=reserve)
    found = benefit.position(use, (), run_of(date(2026, 1, 1), days), AMOUNTS, choice).warnings
    assert len(found) == len(says), found
    assert all(word in text for word, text in zip(says, found, strict=True)), found


def test_amounts_keep_their_proportions():
    """A quarter of the deductible, and half of it. 42 CFR 409.83."""
    for one in amounts().values():
        assert one.coinsurance * 4 == one.deductible and one.reserve * 2 == one.deductible
    assert amounts()[2026].deductible == 1736
