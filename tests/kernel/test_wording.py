"""How times are written; a wrong form on a screen is a wrong hour at the bedside."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.kernel.wording import age_text, birth_text, brief_text, dated_text, duration_text, moment_text, running_text

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 5, 15, 41, tzinfo=UTC)  # Thu 5 Mar 09:41

MOMENTS = """
instant           | moment               | brief         | dated
2026-03-05 15:00Z | 09:00                | 09:00         | Thu 5 Mar 09:00
2026-03-05 05:59Z | Wed 4 Mar 23:59      | Wed 23:59     | Wed 4 Mar 23:59
2026-02-20 15:00Z | Fri 20 Feb 09:00     | 20 Feb 09:00  | Fri 20 Feb 09:00
2026-03-07 20:00Z | Sat 7 Mar 14:00      | 7 Mar 14:00   | Sat 7 Mar 14:00
2025-12-31 18:00Z | Wed 31 Dec 2025 12:00 | 31 Dec 2025  | Wed 31 Dec 2025 12:00
"""


@pytest.mark.parametrize("line", MOMENTS.strip().splitlines()[1:])
def test_an_instant_is_written_in_the_time_of_the_facility(line: str):
    at, moment, brief, dated = (cell.strip() for cell in line.split("|"))
    instant = datetime.fromisoformat(at.replace("Z", "+00:00"))

    assert moment_text(instant, CHICAGO, NOW) == moment
    assert brief_text(instant, CHICAGO, NOW) == brief
    assert dated_text(instant, CHICAGO, NOW) == dated


def test_a_day_without_a_time_is_not_written_as_midnight():
    assert dated_text(datetime(2026, 3, 4, 6, tzinfo=UTC), CHICAGO, NOW, precise=False) == "Wed 4 Mar"


@pytest.mark.parametrize(
    ("minutes", "running", "duration"),
    [(0, "0:00 h", "0 min"), (59, "0:59 h", "59 min"), (101, "1:41 h", "1 h 41"), (1800, "30:00 h", "30 h"),
     (2879, "47:59 h", "47 h"), (2880, "48:00 h", "2 d"), (-5, "0:00 h", "0 min")],
)  # fmt: skip
def test_durations(minutes: int, running: str, duration: str):
    passed = timedelta(minutes=minutes)

    assert (running_text(passed), duration_text(passed)) == (running, duration)


@pytest.mark.parametrize(
    ("digits", "age", "born"),
    [("19590612", "66", "12 Jun 1959"), ("20260301", "4 d", "1 Mar 2026"), ("20250301", "12 mo", "1 Mar 2025"),
     ("20260101", "2 mo", "1 Jan 2026"), ("1959", "", "1959"), ("19590231", "", "19590231"),
     ("20270101", "", "1 Jan 2027"),
     ("", "", "")],
)  # fmt: skip
def test_age_and_birth_are_said_as_far_as_they_are_known(digits: str, age: str, born: str):
    assert (age_text(digits, date(2026, 3, 5)), birth_text(digits)) == (age, born)
