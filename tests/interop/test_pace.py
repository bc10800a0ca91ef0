"""The pace of the standing duty: runs so short that nobody waits long, and so long that a backlog comes to its end."""

import pytest

from app.interop import inbox
from app.interop.inbox import Source, receive
from app.platform.work import everywhere, reading
from tests.support.hl7 import Sender
from tests.support.world import World

WIRE = Source("mllp", "127.0.0.1 on port 2575")


@pytest.mark.parametrize(
    ("taken", "seconds", "then"),
    [
        (100, 1.0, 100),  # as long as it may
        (100, 4.0, 25),  # four times too long
        (100, 0.8, 125),
        (100, 0.01, 200),  # twice as many at most
        (100, 60.0, inbox.FEWEST),
        (7, 3.0, 100),  # few were there: no word about the pace
    ],
)
def test_the_standing_duty_takes_what_it_folds_in_a_second(taken: int, seconds: float, then: int) -> None:
    pace = inbox.Pace()
    pace.size = 100

    pace.went(taken, seconds)

    assert pace.size == then


def test_a_feed_that_comes_faster_than_short_runs_fold_is_caught_up_with_and_short_runs_come_back() -> None:
    pace, clock, waits, came = inbox.Pace(), 0.0, 0.0, 0.0
    most = longest = 0.0
    while clock < 1200:  # ten busy minutes: 1.5 s for any run and 12 ms for each message; then nothing comes any more
        taken = min(int(waits), pace.size)
        seconds = 1.5 + 0.012 * taken
        pace.went(taken, seconds)
        clock, came = clock + seconds, 50.0 * seconds if clock < 600 else 0.0
        waits += came - taken
        most, longest = max(most, waits), max(longest, seconds)

    assert most < 3000 and waits < 1
    assert longest < 1.2 * inbox.MOST_HOLD_SECONDS
    assert pace.hold == inbox.HOLD_SECONDS


def test_a_pace_never_passes_the_bounds() -> None:
    pace = inbox.Pace()
    for _run in range(20):
        pace.went(pace.size, 0.0)
    assert pace.size == inbox.BATCH and pace.hold == inbox.MOST_HOLD_SECONDS
    for _run in range(20):
        pace.went(pace.size, 600.0)
    assert pace.size == inbox.FEWEST


def test_the_standing_duty_lets_others_in_between_its_runs(world: World) -> None:
    sender, pace = Sender("NORTH"), inbox.Pace()
    receive([sender.admit(f"V{number}", f"M{number}") for number in range(inbox.FEWEST + 5)], WIRE)

    more = inbox.apply_waiting(pace)

    with reading(everywhere("test")) as view:
        waits = view.value("select count(*) from inbound_pending")
    assert more and waits == 5
    pace.size = inbox.FEWEST
    assert not inbox.apply_waiting(pace)
