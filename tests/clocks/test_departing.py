"""When a patient is going to leave: whose word counts, and which hour."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clocks import gather
from app.clocks.departing import Word, planned
from app.clocks.facts import Event
from app.clocks.gather import Lent
from app.clocks.terms import EventKind
from app.platform.work import everywhere, reading
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
CHICAGO = ZoneInfo("America/Chicago")
MONDAY = datetime(2026, 6, 1, 12, tzinfo=CHICAGO)
FRIDAY_AT_15 = datetime(2026, 6, 5, 15, tzinfo=CHICAGO)
FRIDAY_ENDS = datetime(2026, 6, 5, 23, 59, 59, tzinfo=CHICAGO)
HOUR = timedelta(hours=1)


def expected(set_at: datetime, until: datetime | None, to: str = "") -> Event:
    return Event(kind=EventKind.EXPECTED_DISCHARGE, at=set_at, until=until, to=to)


def booked(set_at: datetime, until: datetime) -> Event:
    return Event(kind=EventKind.DEPARTURE_BOOKED, at=set_at, until=until)


def leaves(feed: Word | None, *told: Event) -> str:
    """The planned departure in the facility's time."""
    return " ".join(f"{one.at.astimezone(CHICAGO):%a %H:%M}" for one in planned(feed, told, CHICAGO))


def test_nobody_said_a_day():
    assert leaves(None) == ""
    assert leaves(None, expected(MONDAY, None)) == ""


def test_the_word_that_was_told_last_says_the_day():
    feed = Word(FRIDAY_AT_15 + timedelta(days=1), MONDAY)

    assert leaves(feed, expected(MONDAY + HOUR, FRIDAY_ENDS)) == "Fri 11:00"
    assert leaves(feed, expected(MONDAY - HOUR, FRIDAY_ENDS)) == "Sat 15:00"
    assert leaves(feed, expected(MONDAY - HOUR, FRIDAY_ENDS), booked(MONDAY + HOUR, FRIDAY_AT_15)) == "Fri 15:00"


def test_an_hour_is_taken_from_whoever_means_the_same_day():
    plan = expected(MONDAY + HOUR, FRIDAY_ENDS)

    assert leaves(Word(FRIDAY_AT_15, MONDAY), plan) == "Fri 15:00"
    assert leaves(Word(FRIDAY_AT_15, MONDAY), plan, booked(MONDAY, FRIDAY_AT_15 - HOUR)) == "Fri 14:00"
    assert leaves(Word(FRIDAY_AT_15, MONDAY, precise=False), plan) == "Fri 11:00"


def test_of_several_expected_dates_the_last_counts_and_says_where_to():
    told = [expected(MONDAY + HOUR, FRIDAY_ENDS, "snf"), expected(MONDAY, FRIDAY_ENDS + timedelta(days=1), "home")]
    (departure,) = planned(None, told, CHICAGO)

    assert (departure.at.astimezone(CHICAGO).day, departure.to) == (5, "snf")


@pytest.fixture
def lent() -> Iterator[list[Event]]:
    """Events that the plan lends for every stay."""
    events: list[Event] = []
    sources = list(gather._sources)
    gather.install([*sources, lambda view, stays: [Lent(stay, events=tuple(events)) for stay in stays]])
    yield events
    gather.install(sources)


ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
LEAVES = "A08 | rec 03-05 09:00 | bed 4W^401^A | expected 20260307000000-0600 | ins MEDICARE\n"
SAME_DAY = "A08 | rec 03-05 09:30 | bed 4W^401^A | expected 20260307000000-0600 | ins MEDICAID\n"


def departure(at: datetime = NOW) -> tuple[int, int]:
    """Day and hour of the planned departure, from the tables and from what was known at each instant."""
    with reading(ME, at=at) as view:
        stays = view.values("select id from encounter")
        (present,) = gather.collect(view, stays)
        course = gather.courses(view, stays)[present.id]
    assert course[-1].found.stay.told_at == present.stay.told_at
    (found,) = (one.at for one in present.facts().events if one.kind is EventKind.DISCHARGE_PLANNED)
    local = found.astimezone(CHICAGO)
    return local.day, local.hour


def test_a_plan_of_a_stay_counts_until_the_feed_tells_another_day(world: World, lent: list[Event]):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - timedelta(hours=4))
    lent.append(expected(NOW - timedelta(hours=3), datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC)))
    assert departure() == (6, 11)

    feed.tell(LEAVES, at=NOW - timedelta(hours=2))
    assert departure()[0] == 7

    lent.append(expected(NOW - timedelta(hours=1), datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)))
    assert departure() == (8, 11)


def test_a_message_that_repeats_the_day_is_no_later_word(world: World, lent: list[Event]):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED + LEAVES, at=NOW - timedelta(hours=4))
    lent.append(expected(NOW - timedelta(hours=3), datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)))
    feed.tell(SAME_DAY, at=NOW - timedelta(hours=2))

    assert departure()[0] == 8


def test_what_is_set_later_than_the_instant_of_looking_is_not_known_yet(world: World, lent: list[Event]):
    Telling(world, live=True).tell(ADMITTED + LEAVES, at=NOW - timedelta(hours=4))
    lent.append(expected(NOW + HOUR, datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC)))

    assert departure()[0] == 7
    assert departure(NOW + 2 * HOUR)[0] == 8
