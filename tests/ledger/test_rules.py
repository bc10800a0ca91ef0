"""Every midnight has one place in each lane: stays drawn as text, ledgers as letters."""

import random
import uuid
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.census.stay.timeline import Course, Lane, Row
from app.kernel.days import start_of_day
from app.ledger.rules import (
    MISMATCHES,
    Claim,
    Entry,
    Facts,
    adds_up,
    ledger,
    mismatches,
    sums,
    unit_census,
)
from app.ledger.terms import Authorized, Necessary, Occupied, Place, Source
from app.payers.requests.terms import Days
from app.reviews.rules import Reviewed
from app.reviews.terms import Outcome
from tests.ledger.drawing import check, day, drawn

WHOLE = """
class    03-02 21:30 ED | 03-03 05:00 OBS | 03-04 10:00 IP
place    03-02 21:30 ED | 03-03 06:00 4W | 03-05 12:00 ICU | 03-06 08:00 4W
leave    03-07 09:00 > 03-08 18:00
left     03-10 11:00
review   03-03 P
review   03-04 M 03-06
review   03-06 N
approved 03-03 > 03-06
asked    03-06 > 03-07
entry    03-09 PA-01 draft
"""


def test_each_midnight_has_one_place_in_each_lane() -> None:
    found = check(
        WHOLE,
        """
        days       2 3 4 5 6 7 8 9
        occupied   E O I C I × I I
        unit       ED 4W 4W ICU 4W 4W 4W 4W
        necessary  · P M M N · ? ?
        authorized n A A A R n ! !
        avoidable  - - - - - - - PA-01?
        """,
    )
    assert adds_up(sums(found.days))
    assert found.patient_days == 5  # inpatient midnights without the one on leave


def test_who_leaves_at_the_stroke_of_midnight_has_passed_it_and_who_comes_then_has_not() -> None:
    check(
        """
        class 03-03 00:00 IP
        place 03-03 00:00 4W
        left  03-05 00:00
        """,
        "days 3 4\nunit 4W 4W",
    )
    check(
        """
        class 03-03 10:00 IP
        place 03-03 10:00 4W | 03-04 00:00 5S
        left  03-05 00:01
        """,
        "days 3 4\nunit 4W 5S",
    )


def test_in_and_out_on_one_day_is_no_midnight_and_one_patient_day() -> None:
    found = check("class 03-03 06:00 IP\nplace 03-03 06:00 4W\nleft 03-03 20:00", "days")
    assert (len(found.days), found.patient_days, found.same_day) == (0, 1, True)
    watched = check("class 03-03 06:00 OBS\nplace 03-03 06:00 4W\nleft 03-03 20:00", "days")
    assert (watched.patient_days, watched.same_day) == (0, False)


@pytest.mark.parametrize(("night", "after"), [("03-07", "03-09"), ("10-31", "11-02")])
def test_a_night_on_which_clocks_change_is_one_midnight(night: str, after: str) -> None:
    found = ledger(drawn(f"class {night} 22:00 IP\nplace {night} 22:00 4W\nleft {after} 01:30"))
    assert [one.day for one in found.days] == [day(night), day(night) + timedelta(days=1)]


def test_avoidable_days_after_readiness_by_the_rules_own_examples() -> None:
    """RULES.md 8.2: ready Tue 9 June 14:00, gone Fri 12 June 10:00: three midnights, of 9, 10 and 11 June."""
    check(
        """
        class 06-08 09:00 IP
        place 06-08 09:00 4W
        ready 06-09 14:00 >
        left  06-12 10:00
        """,
        "days 8 9 10 11\nready - r r r",
    )
    check(
        """
        class 06-08 09:00 IP
        place 06-08 09:00 4W
        ready 06-08 10:00 > 06-09 03:00
        ready 06-11 10:00 >
        left  06-12 10:00
        """,
        "days 8 9 10 11\nready r - - r",
    )


def test_the_word_of_a_payer_that_holds_against_others() -> None:
    check(
        """
        class    03-02 10:00 IP
        place    03-02 10:00 4W
        left     03-08 10:00
        asked    03-02 > 03-08
        approved 03-02 > 03-05
        denied   03-04 > 03-07
        won      03-06 > 03-07
        """,
        "days 2 3 4 5 6 7\nauthorized A A D D A R",
    )


def test_a_stay_whose_payers_are_never_asked() -> None:
    check(
        "class 03-02 10:00 IP\nplace 03-02 10:00 4W\nleft 03-04 10:00\nunasked",
        "authorized n n\nnecessary ? ?\nplace not_reviewed not_reviewed",
    )


def test_places_of_a_unit_ledger_in_the_order_of_their_weight() -> None:
    story = """
        class    03-02 10:00 IP
        place    03-02 10:00 4W
        left     03-09 10:00
        gmlos    4.3
        review   03-02 M 03-04
        approved 03-02 > 03-04
        approved 03-05 > 03-07
        entry    03-06 PA-01
        entry    03-07 PY-01 draft
        """
    found = check(
        story,
        """
        days  2 3 4 5 6 7 8
        past  - - - - x x x
        place needed needed not_authorized not_reviewed confirmed draft no_reason
        """,
    )
    added = sums(found.days)
    assert (added.excess, added.explained) == (3, 1)


def test_an_emergency_day_shows_a_review_that_is_about_that_very_day_only() -> None:
    check(
        """
        class  03-02 10:00 ED | 03-04 09:00 IP
        place  03-02 10:00 ED
        left   03-05 10:00
        review 03-02 M 03-04
        """,
        "days 2 3 4\nnecessary M · ?",
    )


def test_what_is_expected_lies_ahead_of_the_lanes() -> None:
    found = ledger(drawn("class 03-02 10:00 IP\nplace 03-02 10:00 4W\nnow 03-04 10:00\nexpected 03-07"))
    assert found.ahead == [day("03-04"), day("03-05"), day("03-06")]
    late = ledger(drawn("class 03-02 10:00 IP\nplace 03-02 10:00 4W\nnow 03-04 10:00\nexpected 03-03"))
    assert late.ahead == []


def test_what_does_not_fit_together_is_named_with_its_days() -> None:
    facts = drawn(
        """
        class    03-02 10:00 IP
        place    03-02 10:00 4W
        now      03-08 10:00
        expected 03-11
        gmlos    5
        review   03-02 M 03-04
        review   03-04 N
        approved 03-03 > 03-06
        approved 03-08 > 03-09
        """
    )
    found = {one.kind: [each.day for each in one.days] for one in mismatches(ledger(facts), facts)}
    assert found == {
        "expected_past_authorized": [9, 10],
        "necessary_not_authorized": [2],
        "authorized_not_necessary": [4],
        "authorized_not_reviewed": [5],
        "not_reviewed": [6, 7],
        "no_reason": [7],
    }
    assert list(found) == list(MISMATCHES)


def test_reviews_that_must_not_be_seen_say_nothing() -> None:
    facts = drawn("class 03-02 10:00 IP\nplace 03-02 10:00 4W\nleft 03-04 10:00\nreview 03-02 M 03-04")
    hidden = Facts(course=facts.course, reviews=facts.reviews, hidden=True)
    assert [one.necessary for one in ledger(hidden).days] == [Necessary.NOT_ASKED] * 2
    assert [one.review_id for one in ledger(hidden).days] == [None] * 2


# --- any stay ---------------------------------------------------------------------------------------------------------

ZONES = [ZoneInfo(name) for name in ("America/Chicago", "America/St_Johns", "Pacific/Auckland")]
STARTS = [datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 10, 29, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)]


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Any course: moves and classes at any minute, leaves, gaps between places, anything said of any day."""
    zone, start = draw(st.sampled_from(ZONES)), draw(st.sampled_from(STARTS))
    at = st.integers(0, 14 * 24 * 4).map(lambda quarter: start + timedelta(minutes=15 * quarter))
    end = draw(at)
    rows = [*_any_lane(draw, Lane.LOCATION, ["4W^1^A", "5S^2^B", "ICU^3^"], at),
            *_any_lane(draw, Lane.CLASS, ["IP", "OBS", "ED", "OP", "RCR"], at),
            *_any_lane(draw, Lane.LEAVE, ["1"], at, often=False)]  # fmt: skip
    days = st.integers(-2, 16).map(lambda number: start.date() + timedelta(days=number))
    spans = st.tuples(days, st.integers(1, 6)).map(lambda one: Days(one[0], one[0] + timedelta(days=one[1])))
    reviews = st.builds(
        Reviewed, st.uuids(), days, st.sampled_from(list(Outcome)), at, st.none() | days
    )  # fmt: skip
    claims = st.builds(
        Claim, st.sampled_from(list(Authorized)[:4]), st.tuples(spans), st.just(Source.AUTHORIZATION), st.uuids()
    )  # fmt: skip
    entries = st.dictionaries(
        days, st.builds(Entry, st.just("PA-01"), st.just(""), st.booleans(), st.just(""), st.uuids())
    )
    return Facts(
        course=Course(tuple(rows), zone, end, draw(st.booleans()), True, frozenset({"ICU"})),
        reviews=draw(st.lists(reviews, max_size=4)),
        claims=draw(st.lists(claims, max_size=4)),
        needs=draw(st.booleans()),
        entries=draw(entries),
        ready=[(one, None) for one in draw(st.lists(at, max_size=1))],
        gmlos=draw(st.none() | st.floats(0.5, 9)),
        expected=draw(st.none() | days),
    )


def _any_lane(
    draw: st.DrawFn, lane: Lane, values: list[str], at: st.SearchStrategy[datetime], *, often: bool = True
) -> list[Row]:
    """Rows of one lane after each other, now and then with a gap between them, the last one open."""
    turns = sorted(draw(st.lists(at, max_size=6, unique=True)))
    ends: list[datetime | None] = [*turns[1:], None]
    kept = st.sampled_from([True, True, True, False]) if often else st.booleans()
    return [
        Row(lane, draw(st.sampled_from(values)), "", since, until)
        for since, until in zip(turns, ends[: len(turns)] if len(turns) > 1 else [None] * len(turns), strict=True)
        if draw(kept)
    ]


def brute(facts: Facts) -> Counter[tuple[str, date]]:
    """Who lay where at each midnight, counted afresh: each minute zero of each local day against every period."""
    course, found = facts.course, Counter[tuple[str, date]]()
    begun = [row.since for row in course.rows if row.lane is not Lane.LEAVE and row.since < course.end]
    if not begun:
        return found
    on = min(begun).astimezone(course.zone).date()
    while (at := datetime.combine(on + timedelta(days=1), time(0), course.zone).astimezone(UTC)) <= course.end:
        there = [row for row in course.rows if row.since < at <= min(row.until or course.end, course.end)]
        if at > min(begun) and not any(row.lane is Lane.LEAVE for row in there):
            places = [row.unit for row in there if row.lane is Lane.LOCATION]
            found[places[0] if places else "", on] += 1
        on += timedelta(days=1)
    return found


@given(any_facts())
def test_the_parts_of_every_lane_add_up_and_the_units_have_whom_they_had(facts: Facts) -> None:
    found = ledger(facts)
    added = sums(found.days)
    assert adds_up(added)
    assert len({one.day for one in found.days}) == added.midnights
    assert unit_census(found.days) == brute(facts)
    here = added.midnights - added.occupied[Occupied.AWAY]
    assert sum(unit_census(found.days).values()) == here
    assert found.patient_days <= max(1, added.midnights)
    start = facts.course.start
    if found.days and start is not None:
        zone = facts.course.zone
        assert added.midnights == (facts.course.end.astimezone(zone).date() - start.astimezone(zone).date()).days
    for one in found.days:
        assert start_of_day(one.day + timedelta(days=1), facts.course.zone) <= facts.course.end
        assert (one.entry is not None) == (one.day in facts.entries)
        assert one.authorized is (one.claim.letter if one.claim else one.authorized)
        assert (one.place in (Place.CONFIRMED, Place.DRAFT)) == (one.entry is not None)


@given(any_facts(), st.randoms())
def test_the_order_in_which_facts_came_changes_nothing(facts: Facts, random: random.Random) -> None:
    rows, reviews = list(facts.course.rows), list(facts.reviews)
    random.shuffle(rows)
    random.shuffle(reviews)
    course = facts.course
    other = Facts(
        course=Course(tuple(rows), course.zone, course.end, course.discharged, True, course.intensive),
        reviews=reviews, claims=facts.claims, needs=facts.needs, entries=facts.entries, ready=facts.ready,
        gmlos=facts.gmlos, expected=facts.expected,
    )  # fmt: skip
    assert ledger(other) == ledger(facts)


def test_keys_of_records_reach_the_days_they_made() -> None:
    found = ledger(drawn(WHOLE))
    by_day = {one.day: one for one in found.days}
    assert by_day[day("03-05")].review_id == by_day[day("03-04")].review_id  # met until the next review
    claim = by_day[day("03-06")].claim
    assert claim is not None and (claim.letter, claim.source) == (Authorized.REQUESTED, Source.AUTHORIZATION)
    assert by_day[day("03-02")].review_id in (None, uuid.UUID(int=0))
