"""Midnights, hours and days of a stay, as text tables that a case manager can check."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.census.stay.figure import Names, draw
from app.census.stay.timeline import Counts, Course, Lane, Row, counts, midnights, stay_day
from app.census.stay.views import movement_lines
from app.kernel.wording import running_text

LANES = {"place": Lane.LOCATION, "class": Lane.CLASS, "leave": Lane.LEAVE}

# One course per block: zone, end (discharge `left` or `now`), rows `lane value from [to]`, then what it adds up to.
COURSES = """
# two midnights in observation, still here: the benchmark of the two-midnight rule
America/Chicago | now 2026-03-05 09:41
class ED        2026-03-03 16:20 2026-03-03 22:05
class OBS       2026-03-03 22:05
place ED^12^    2026-03-03 16:20 2026-03-03 22:05
place 4W^415^A  2026-03-03 22:05
= midnights 2, inpatient 0, observed 2, other 0, away 0, icu 0, patient days 0, observation 35:36 h, day 3

# condition code 44: observation, inpatient, observation again; both stretches of observation count, the break does not
America/New_York | now 2026-03-11 12:00
class OBS 2026-03-10 09:00 2026-03-10 21:00
class IP  2026-03-10 21:00 2026-03-11 10:00
class OBS 2026-03-11 10:00
= midnights 1, inpatient 1, observed 0, other 0, away 0, icu 0, patient days 1, observation 14:00 h, day 2

# clocks go forward in the night to Sunday 8 March 2026: 22:00 to 06:00 is seven hours, and one midnight
America/New_York | now 2026-03-08 06:00
class OBS 2026-03-07 22:00
= midnights 1, inpatient 0, observed 1, other 0, away 0, icu 0, patient days 0, observation 7:00 h, day 2

# clocks go back in the night to Sunday 1 November 2026: the same stretch is nine hours
America/New_York | now 2026-11-01 06:00
class OBS 2026-10-31 22:00
= midnights 1, inpatient 0, observed 1, other 0, away 0, icu 0, patient days 0, observation 9:00 h, day 2

# midnight itself is skipped when clocks go forward in Beirut (29 March 2026): the night still has one midnight
Asia/Beirut | now 2026-03-29 08:00
class IP 2026-03-28 20:00
= midnights 1, inpatient 1, observed 0, other 0, away 0, icu 0, patient days 1, observation 0:00 h, day 2

# leave over two nights: on the census, but no patient days
America/Chicago | left 2026-03-16 09:00
class IP        2026-03-10 08:00 2026-03-16 09:00
place PSY^201^A 2026-03-10 08:00 2026-03-16 09:00
leave away      2026-03-13 15:00 2026-03-15 11:00
= midnights 6, inpatient 4, observed 0, other 0, away 2, icu 0, patient days 4, observation 0:00 h, day 7

# time on leave is no observation
America/Chicago | now 2026-03-11 20:00
class OBS  2026-03-11 08:00
leave away 2026-03-11 10:00 2026-03-11 14:30
= midnights 0, inpatient 0, observed 0, other 0, away 0, icu 0, patient days 0, observation 7:30 h, day 1

# intensive care for two nights of four
America/Chicago | left 2026-03-14 11:20
class IP        2026-03-10 08:00 2026-03-14 11:20
place 4W^401^A  2026-03-10 08:00 2026-03-11 14:00
place ICU^03^A  2026-03-11 14:00 2026-03-13 09:00
place 4W^402^A  2026-03-13 09:00 2026-03-14 11:20
= midnights 4, inpatient 4, observed 0, other 0, away 0, icu 2, patient days 4, observation 0:00 h, day 5

# who arrives at the stroke of midnight has not passed it; who leaves then has
America/Chicago | left 2026-03-12 00:00
class IP 2026-03-11 00:00 2026-03-12 00:00
= midnights 1, inpatient 1, observed 0, other 0, away 0, icu 0, patient days 1, observation 0:00 h, day 2

# a transfer at the stroke of midnight: the night belongs to the unit that was left
America/Chicago | now 2026-03-12 08:00
class IP       2026-03-11 09:00
place ICU^03^A 2026-03-11 09:00 2026-03-12 00:00
place 4W^402^A 2026-03-12 00:00
= midnights 1, inpatient 1, observed 0, other 0, away 0, icu 1, patient days 1, observation 0:00 h, day 2

# in and out on one day is one inpatient day
America/Chicago | left 2026-03-10 19:00
class IP 2026-03-10 08:00 2026-03-10 19:00
= midnights 0, inpatient 0, observed 0, other 0, away 0, icu 0, patient days 1, observation 0:00 h, day 1

# only the day of discharge was sent: its midnight was passed, the hours are a least figure
America/Chicago | day 2026-03-12 00:00
class OBS 2026-03-10 20:00 2026-03-12 00:00
= midnights 2, inpatient 0, observed 2, other 0, away 0, icu 0, patient days 0, observation at least 28:00 h, day 3

# nothing received yet
America/Chicago | now 2026-03-12 00:00
= midnights 0, inpatient 0, observed 0, other 0, away 0, icu 0, patient days 0, observation 0:00 h, day 0
"""


def instant(text: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)


def row(line: str, zone: ZoneInfo) -> Row:
    lane, value, *times = line.split()
    since = instant(" ".join(times[:2]), zone)
    until = instant(" ".join(times[2:4]), zone) if len(times) > 2 else None
    return Row(LANES[lane], value, "", since, until)


def course(block: str) -> Course:
    """The course of a block of text."""
    head, *rows = [line for line in block.splitlines() if line and line[0] not in "#="]
    name, _, end = (part.strip() for part in head.partition("|"))
    zone = ZoneInfo(name)
    kind, _, at = end.partition(" ")
    return Course(
        tuple(row(line, zone) for line in rows), zone, instant(at, zone), discharged=kind != "now",
        end_precise=kind != "day", intensive=frozenset({"ICU"}),
    )  # fmt: skip


def told(sums: Counts, day: int) -> str:
    hours = ("at least " if sums.at_least else "") + running_text(sums.observation)
    return (
        f"= midnights {sums.midnights}, inpatient {sums.inpatient}, observed {sums.observed}, other {sums.other},"
        f" away {sums.away}, icu {sums.icu_days}, patient days {sums.patient_days}, observation {hours}, day {day}"
    )


BLOCKS = [block.strip() for block in COURSES.strip().split("\n\n")]


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0].removeprefix("# ")[:50] for block in BLOCKS])
def test_a_stay_adds_up(block: str):
    stay = course(block)

    assert told(counts(stay), stay_day(stay)) == block.splitlines()[-1]


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0].removeprefix("# ")[:50] for block in BLOCKS])
def test_the_parts_of_the_midnights_are_their_sum(block: str):
    sums = counts(course(block))

    assert sums.inpatient + sums.observed + sums.other + sums.away == sums.midnights


def test_a_midnight_is_named_by_the_day_that_ends_with_it():
    nights = midnights(course(BLOCKS[0]))

    assert [f"{night.day:%a %-d}" for night in nights] == ["Tue 3", "Wed 4"]


def test_a_long_stay_numbers_only_the_midnights_that_have_room():
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    stay = Course((Row(Lane.CLASS, "IP", "", start),), ZoneInfo("America/Chicago"), start + timedelta(days=90))

    figure = draw(stay, Names({}), stay.end)

    assert figure is not None
    assert len(figure.midnights) == 90
    assert 10 < len([mark for mark in figure.midnights if mark.text]) < 40


def test_the_figure_says_in_words_what_it_draws():
    stay = course(BLOCKS[0])

    figure = draw(stay, Names({"4W": "4 West"}, stay.end + timedelta(days=2)), stay.end)

    assert figure is not None
    assert "Emergency from Tue 3 Mar 16:20, then Observation from Tue 3 Mar 22:05" in figure.words
    assert "4 West 415-A" in figure.words
    assert figure.foot == "2 midnights passed: 2 outpatient, 0 inpatient"
    assert [mark.expected for mark in figure.midnights] == [False, False, True, True]


def test_a_day_on_which_somebody_plans_to_leave_is_drawn_without_a_time():
    stay = course(BLOCKS[0])
    planned = (stay.end + timedelta(days=2)).astimezone(stay.zone).date()

    figure = draw(stay, Names({}, expected_on=planned), stay.end)
    over = draw(stay, Names({}, expected_on=planned - timedelta(days=3)), stay.end)

    assert figure is not None
    assert figure.foot_end == f"expected to leave {planned:%a %-d %b}"
    assert [mark.expected for mark in figure.midnights] == [False, False, True, True]
    assert over is not None
    assert over.foot_end == ""


def test_a_discharge_of_which_only_the_day_is_known_shows_no_time():
    stay = course(next(block for block in BLOCKS if "day 2026-03-12" in block))

    [line] = movement_lines(stay.rows, stay, {}, stay.end + timedelta(days=3))

    assert line["until"] == "Thu 12 Mar"
    assert line["until_iso"] == "2026-03-12"
    assert line["lasted"] == "time of day not sent"


def test_the_hour_that_comes_twice_says_which_of_the_two_is_meant():
    zone = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    rows = (Row(Lane.CLASS, "OBS", "", first, first + timedelta(hours=1)),)
    stay = Course(rows, zone, first + timedelta(days=1))

    [line] = movement_lines(rows, stay, {}, stay.end)

    assert (line["since"], line["until"]) == ("Sun 1 Nov 01:30 EDT", "Sun 1 Nov 01:30 EST")
    assert line["lasted"] == "1 h 00"
