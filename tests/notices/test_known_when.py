"""What is owed is known as long as its facts are, whenever they are worked off; what people recorded keeps its hour."""

import uuid
from datetime import UTC, datetime, timedelta

from app.notices.commands import EndDelivery, end_delivery
from app.platform.work import begin, everywhere, reading
from tests.browser.journeys import stay_of
from tests.notices.support import ADMITTED, FIRST, WATCHED, deliver, owed, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

ORDERED = "A06 | rec 03-05 08:00 | occ 03-05 08:00 | bed 4W^401^A | class I | ins MEDICARE\n"
BEGAN_BEFORE = "A01 | rec 03-04 14:00 | occ 03-03 10:00 | bed 4W^401^A | ins MEDICARE\n"
MOVED = "A02 | rec 03-04 14:00 | occ 03-04 14:00 | bed 4W^402^A | ins MEDICARE\n"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of March, five hours ahead of the clocks of the stories."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def rows() -> set[tuple[uuid.UUID, datetime, datetime | None]]:
    with reading(everywhere("test")) as view:
        return set(view.rows(lambda *row: row, "select id, made_at, ended_at from obligation"))


def test_a_backlog_worked_off_at_once_leaves_the_clocks_that_stood_meanwhile(world: World):
    Telling(world).tell_at_once(WATCHED + ORDERED)

    assert owed("N-MOON", at(4, 14, 59)) is None
    while_watched = owed("N-MOON", at(5, 12)), owed("N-IM1", at(5, 12))
    assert while_watched[0] == (True, at(6, 3), None) and while_watched[1] and not while_watched[1][0]
    since_ordered = owed("N-MOON", at(5, 13)), owed("N-IM1", at(5, 13))
    assert since_ordered[0] and not since_ordered[0][0] and since_ordered[1] and since_ordered[1][0]
    assert since_ordered == (owed("N-MOON"), owed("N-IM1"))


def test_a_message_that_waited_is_known_since_it_was_received(world: World):
    feed = Telling(world)
    feed.tell(WATCHED, at=at(4, 15, 10))
    feed.tell(ORDERED, at=at(5, 14))

    assert owed("N-MOON", at(4, 15)) == (True, at(6, 3), None)
    assert (owed("N-IM1", at(5, 12, 59)) or (True,))[0] is False
    assert (owed("N-IM1", at(5, 13)) or (False,))[0] is True


def test_what_was_recorded_meanwhile_keeps_its_hour(world: World):
    """A file tells of an earlier beginning, as known at seven in the evening; the notice was given an hour later."""
    stay = tell(world, ADMITTED)
    deliver(world, stay, at(4, 20), **FIRST)
    first_told, in_truth = at(7, 5, 59).replace(second=59), at(6, 5, 59).replace(second=59)
    assert owed("N-IM1", at(4, 19, 30)) == (True, first_told, None)

    Telling(world, first=5).tell(BEGAN_BEFORE)

    assert owed("N-IM1", at(4, 18, 30)) == (True, first_told, None)
    assert owed("N-IM1", at(4, 19, 30)) == (True, in_truth, None)
    assert owed("N-IM1", at(4, 20)) == owed("N-IM1") == (True, in_truth, at(4, 20))


def test_what_a_late_message_does_not_change_keeps_its_rows(world: World):
    stay = tell(world, ADMITTED)
    deliver(world, stay, at(4, 20), **FIRST)
    before = rows()

    Telling(world, first=5).tell(MOVED)

    assert rows() == before


def test_what_was_recorded_for_a_former_stay_counts_for_the_one_that_is_left_in_the_past_too(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01 |", "A01 | visit E900 |"))
    made = deliver(world, stay_of("E900"), at(5, 14), **FIRST)
    feed.tell("A42 | visit V100 | mrg-visit E900 | rec 03-05 10:00")
    with begin(world.viewer("dana"), at=NOW + timedelta(hours=1)) as work:
        end_delivery(work, made.delivery_id, EndDelivery(reason="Wrong patient"))

    feed.tell("A02 | rec 03-05 10:20 | occ 03-05 10:20 | bed 4W^402^A | ins MEDICARE\n", at=NOW + timedelta(hours=2))

    def left(moment: datetime) -> datetime | None:
        with reading(everywhere("test"), as_of=moment) as view:
            query = "select closed_at from obligation where rule = 'N-IM1' and ended_at is null and encounter_id = %s"
            closed: datetime | None = view.value(query, (stay_of("V100"),))
        return closed

    assert left(at(5, 14, 30)) is None
    assert left(at(5, 15)) == left(at(5, 16)) == at(5, 14)
    assert left(NOW + timedelta(hours=1)) is None
