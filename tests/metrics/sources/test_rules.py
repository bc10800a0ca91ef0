"""What is counted and what is left out, on tables that a nurse can check line by line."""

from datetime import UTC, date, datetime

import polars as pl
import pytest

from app.metrics.sources import duties, flow, nights, payers, placements, statuses
from app.metrics.sources.gathering import STAYS_SCHEMA
from app.metrics.sources.placements import NeedStep, Version
from tests.metrics.sources.tables import frame, said

STAYS = """
    stay | class | precise | disposition | start_at    | left_at     | left_on | left_hour
    a    | IP    | yes     | 01          | 03-01 15:00 | 03-06 17:59 | 03-06   | 11
    b    | IP    | yes     | 01          | 03-01 15:00 | 03-06 18:00 | 03-06   | 12
    c    | OBS   | yes     | 01          | 03-05 15:00 | 03-06 06:30 | 03-06   | 0
    d    | IP    | no      | 01          | 03-01 15:00 | 03-06 06:00 | 03-06   | 0
    e    | IP    | yes     | 20          | 03-01 15:00 | 03-06 09:00 | 03-06   | 3
    f    | IP    | yes     | 07          | 03-01 15:00 | 03-06 15:00 | 03-06   | 9
"""


@pytest.fixture
def departed() -> pl.DataFrame:
    return frame(STAYS, STAYS_SCHEMA)


def test_before_noon(departed: pl.DataFrame) -> None:
    assert said(flow.before_noon(departed), "encounter_id") == [
        "a | 1 of 1", "b | 0 of 1", "c | not: observation", "d | not: day_only", "e | not: died", "f | 1 of 1",
    ]  # fmt: skip


def test_order_to_departure(departed: pl.DataFrame) -> None:
    ordered = frame(
        """
        stay | ordered_at
        a    | 03-06 15:29
        b    | 03-06 18:01
        c    | 03-06 06:00
        d    | 03-05 20:00
        e    | 03-05 20:00
        """,
        {"ordered_at": pl.Datetime("us", "UTC")},
    )
    assert said(flow.order_to_departure(departed, ordered), "encounter_id") == [
        "a | 150", "b | not: no_order", "c | 30", "d | not: day_only", "e | not: died", "f | not: no_order",
    ]  # fmt: skip


def test_the_expected_date_that_stood_48_hours_before_is_held_against_the_departure(departed: pl.DataFrame) -> None:
    # The horizon of a is 4 March 17:59: what was set after it, or replaced before it, does not count.
    dates = frame(
        """
        stay | expected_on | made_at     | ended_at
        a    | 03-09       | 03-02 10:00 | 03-04 17:59
        a    | 03-07       | 03-04 17:59 | 03-05 10:00
        a    | 03-08       | 03-05 10:00 | -
        b    | 03-08       | 03-03 10:00 | -
        c    | 03-06       | 03-05 16:00 | -
        d    | 03-06       | 03-05 16:00 | -
        e    | 03-06       | 03-03 10:00 | -
        f    | 03-06       | 03-03 10:00 | -
        """,
        flow.DATES_SCHEMA,
    )
    assert said(flow.expected_dates(departed, dates), "encounter_id") == [
        "a | 1 of 1", "b | 0 of 1", "c | not: short", "d | not: no_date", "e | not: died", "f | not: against_advice",
    ]  # fmt: skip


SPANS = """
    stay | class | since       | until       | first | last
    a    | ED    | 03-01 20:00 | 03-01 23:00 | 03-01 | 03-01
    a    | OBS   | 03-01 23:00 | 03-02 15:30 | 03-01 | 03-02
    a    | IP    | 03-02 15:30 | 03-05 12:00 | 03-02 | 03-05
    b    | IP    | 03-01 20:00 | 03-02 20:00 | 03-01 | 03-02
    b    | OBS   | 03-02 20:00 | 03-03 08:00 | 03-02 | 03-03
    c    | OBS   | 03-04 10:00 | -           | 03-04 | -
    d    | OBS   | 03-01 10:00 | 03-01 20:00 | 03-01 | 03-01
    d    | IP    | 03-01 20:00 | 03-02 10:00 | 03-01 | 03-02
    d    | OBS   | 03-02 10:00 | 03-02 12:00 | 03-02 | 03-02
    e    | IP    | 03-04 10:00 | -           | 03-04 | -
    f    | OBS   | 03-01 10:00 | 03-02 10:00 | 03-01 | 03-02
"""


@pytest.fixture
def classes() -> pl.DataFrame:
    return frame(SPANS, statuses.CLASSES_SCHEMA)


def test_hours_of_observation_are_added_and_an_open_one_waits(classes: pl.DataFrame) -> None:
    stays = frame(
        """
        stay | precise | left_at
        a    | yes     | 03-05 12:00
        b    | yes     | 03-03 08:00
        c    | yes     | -
        d    | yes     | 03-02 12:00
        e    | yes     | -
        f    | no      | 03-02 10:00
        """,
        STAYS_SCHEMA,
    )
    assert said(statuses.observation_hours(classes, stays), "encounter_id", "day") == [
        "a | 03-02 | 16.5", "b | 03-03 | 12", "c | 03-04 | not: still_here", "d | 03-02 | 12",
        "f | 03-02 | not: day_only",
    ]  # fmt: skip


def test_each_start_of_observation_converts_or_not(classes: pl.DataFrame) -> None:
    found = statuses.conversions(statuses.runs(classes))
    assert said(found, "encounter_id", "day") == [
        "a | 03-01 | 1 of 1", "b | 03-02 | not: after_inpatient", "c | 03-04 | not: still_here", "d | 03-01 | 1 of 1",
        "d | 03-02 | not: after_inpatient", "f | 03-01 | 0 of 1",
    ]  # fmt: skip
    assert found["record_id"].n_unique() == found.height


def test_each_inpatient_order_is_changed_or_not(classes: pl.DataFrame) -> None:
    completed = pl.DataFrame({"encounter_id": ["b"], "completed": [True]})
    found = statuses.code_44(statuses.runs(classes), completed)
    assert said(found, "encounter_id", "day", "detail") == [
        'a | 03-02 | {"completed":false} | 0 of 1', 'b | 03-01 | {"completed":true} | 1 of 1',
        'd | 03-01 | {"completed":false} | 1 of 1', 'e | 03-04 | {"completed":false} | not: still_here',
    ]  # fmt: skip


ASKED = """
    stay | record_id | asked_at    | asked_on | payer | decided_at  | decided_on | cancelled
    a    | r1        | 03-06 22:30 | 03-06    | One   | 03-09 22:30 | 03-09      | no
    a    | r2        | 03-05 10:00 | 03-05    | Two   | -           | -          | no
    b    | r3        | 03-05 10:00 | 03-05    | One   | -           | -          | yes
    c    | r4        | 03-05 10:00 | 03-05    | One   | 03-05 09:59 | 03-05      | no
    d    | r5        | 03-05 10:00 | 03-05    | One   | 03-05 10:15 | 03-05      | yes
"""
DENIED = """
    stay | denial_id | notice_at   | noticed_on | payer | state  | outcome     | talk_outcome | talked_on
    a    | d1        | 03-07 10:00 | 03-07      | Two   | open   | -           | upheld       | 03-08
    b    | d2        | 03-07 10:00 | 03-07      | One   | closed | written_off | -            | -
    c    | d3        | 03-07 10:00 | 03-07      | One   | closed | overturned  | overturned   | 03-09
    c    | d4        | 03-08 10:00 | 03-08      | Six   | closed | overturned  | not_held     | 03-09
    z    | d5        | 03-10 10:00 | 03-10      | Six   | closed | partly      | partly       | 03-11
"""


@pytest.fixture
def asked() -> pl.DataFrame:
    return frame(ASKED, payers.ASKED_SCHEMA)


@pytest.fixture
def denied() -> pl.DataFrame:
    return frame(DENIED.replace("| -  ", "|    "), payers.DENIED_SCHEMA)


def test_time_to_the_answer_counts_hours_as_they_pass(asked: pl.DataFrame) -> None:
    # r1 was asked on a Friday evening and answered on Monday: the weekend of the change of clocks has 72 hours of UTC.
    assert said(payers.turnaround(asked), "record_id", "day") == [
        "r1 | 03-09 | 72", "r2 | 03-05 | not: undecided", "r3 | 03-05 | not: cancelled",
        "r4 | 03-05 | not: before_request", "r5 | 03-05 | 0.25",
    ]  # fmt: skip


def test_denials_at_first_and_at_the_end(asked: pl.DataFrame, denied: pl.DataFrame) -> None:
    submitted = payers.submissions(asked, denied)
    assert said(payers.at_first(submitted), "encounter_id", "day", "payer") == [
        "a | 03-05 | Two | 1 of 1", "b | 03-05 | One | 1 of 1", "c | 03-05 | One | 1 of 1", "d | 03-05 | One | 0 of 1",
        "z | 03-10 | Six | 1 of 1",
    ]  # fmt: skip
    assert said(payers.at_the_end(submitted), "encounter_id") == [
        "a | not: open", "b | 1 of 1", "c | 0 of 1", "d | 0 of 1", "z | 1 of 1",
    ]  # fmt: skip


def test_a_talk_counts_once_however_often_it_is_recorded(denied: pl.DataFrame) -> None:
    answered = frame(
        """
        stay | record_id | outcome  | day   | payer | denial_id
        a    | t1        | upheld   | 03-08 | Two   | d1
        b    | t2        | not_held | 03-08 | One   | -
        c    | t3        | partly   | 03-09 | One   | d3
        """,
        payers.ANSWERED_SCHEMA,
    )
    assert said(payers.talks(answered, denied), "record_id", "day") == [
        "d4 | 03-09 | not: not_held", "d5 | 03-11 | 1 of 1", "t1 | 03-08 | 0 of 1", "t2 | 03-08 | not: not_held",
        "t3 | 03-09 | 1 of 1",
    ]  # fmt: skip


def test_appeals_by_level(denied: pl.DataFrame) -> None:
    appealed = frame(
        """
        stay | record_id | denial_id | level | state     | outcome    | sent_on | decided_on
        a    | p1        | d1        | 1     | decided   | upheld     | 03-10   | 03-20
        a    | p2        | d1        | 2     | verified  | -          | 03-25   | -
        b    | p3        | d2        | 1     | decided   | dismissed  | 03-10   | 03-21
        c    | p4        | d3        | 1     | decided   | overturned | 03-10   | 03-22
        c    | p5        | d4        | 1     | withdrawn | -          | 03-10   | -
        z    | p6        | d5        | 1     | decided   | partly     | 03-10   | 03-23
        q    | p7        | gone      | 1     | decided   | overturned | 03-10   | 03-23
        """.replace("| -          |", "|            |"),
        payers.APPEALED_SCHEMA,
    )
    assert said(payers.appeals(appealed, denied), "record_id", "day", "detail", "payer") == [
        'p1 | 03-20 | {"level":1,"outcome":"upheld"} | Two | 0 of 1',
        'p2 | 03-25 | {"level":2,"outcome":""} | Two | not: undecided',
        'p3 | 03-21 | {"level":1,"outcome":"dismissed"} | One | 0 of 1',
        'p4 | 03-22 | {"level":1,"outcome":"overturned"} | One | 1 of 1',
        'p5 | 03-10 | {"level":1,"outcome":""} | Six | not: withdrawn',
        'p6 | 03-23 | {"level":1,"outcome":"partly"} | Six | 1 of 1',
    ]


def test_what_was_owed_is_judged_when_its_day_is_over() -> None:
    owed = frame(
        """
        stay | rule   | due_at      | closed_at   | due_on
        a    | N-IM1  | 03-05 05:59 | 03-05 05:59 | 03-04
        b    | N-IM1  | 03-05 05:59 | 03-05 06:00 | 03-04
        c    | N-IM1  | 03-05 05:59 | -           | 03-04
        d    | N-MOON | 03-05 12:00 | -           | 03-05
        e    | N-MOON | 03-09 12:00 | 03-05 12:00 | 03-09
        f    | N-IM2  | 03-09 12:00 | -           | 03-09
        """,
        duties.OWED_SCHEMA,
    ).with_columns(today=pl.lit(date(2026, 3, 5)))
    assert said(duties.in_time(owed), "encounter_id", "day") == [
        "a | 03-04 | 1 of 1", "b | 03-04 | 0 of 1", "c | 03-04 | 0 of 1", "d | 03-05 | not: not_due_yet",
        "e | 03-09 | 1 of 1", "f | 03-09 | not: not_due_yet",
    ]  # fmt: skip


def test_each_review_that_set_a_day_is_followed_or_not() -> None:
    # b left on the day itself: nothing was owed. c left later: missed. d: a review of an earlier day closes nothing.
    # f is open and its day is today; g was due yesterday.
    reviews = frame(
        """
        stay | record_id | kind           | for_day | next_review_on | signed_at   | signed_on
        a    | a1        | admission      | 03-01   | 03-03          | 03-01 16:00 | 03-01
        a    | a2        | continued_stay | 03-03   | 03-05          | 03-03 16:00 | 03-03
        a    | a3        | continued_stay | 03-06   | -              | 03-06 16:00 | 03-06
        b    | b1        | admission      | 03-01   | 03-03          | 03-01 16:00 | 03-01
        c    | c1        | admission      | 03-01   | 03-03          | 03-01 16:00 | 03-01
        d    | d1        | continued_stay | 03-03   | 03-04          | 03-03 16:00 | 03-03
        d    | d2        | continued_stay | 03-02   | 03-05          | 03-04 16:00 | 03-04
        d    | d3        | continued_stay | 03-05   | -              | 03-05 16:00 | 03-05
        f    | f1        | admission      | 03-01   | 03-07          | 03-01 16:00 | 03-01
        g    | g1        | admission      | 03-01   | 03-06          | 03-01 16:00 | 03-01
        """,
        duties.REVIEWS_SCHEMA,
    )
    stays = frame(
        """
        stay | left_at     | left_on | today
        a    | 03-08 10:00 | 03-08   | 03-07
        b    | 03-03 20:00 | 03-03   | 03-07
        c    | 03-04 20:00 | 03-04   | 03-07
        d    | -           | -       | 03-07
        f    | -           | -       | 03-07
        g    | -           | -       | 03-07
        """,
        STAYS_SCHEMA,
    )
    assert said(duties.continued_reviews(reviews, stays), "record_id", "day") == [
        "a1 | 03-03 | 1 of 1", "a2 | 03-05 | 0 of 1", "c1 | 03-03 | 0 of 1", "d1 | 03-04 | 0 of 1",
        "f1 | 03-07 | not: not_due_yet", "g1 | 03-06 | 0 of 1",
    ]  # fmt: skip


def test_minutes_of_a_review_are_those_of_one_day() -> None:
    reviews = frame(
        """
        stay | record_id | kind      | started_at  | signed_at   | started_on | signed_on
        a    | r1        | admission | 03-04 15:00 | 03-04 15:12 | 03-04      | 03-04
        a    | r2        | admission | 03-04 23:00 | 03-05 15:00 | 03-04      | 03-05
        """,
        duties.REVIEWS_SCHEMA,
    )
    found = said(duties.minutes_of_reviews(reviews), "record_id", "day")
    assert found == ["r1 | 03-04 | 12", "r2 | 03-05 | not: another_day"]


def test_one_avoidable_day_at_most_counts_for_a_patient_day() -> None:
    present = pl.DataFrame(
        {
            "encounter_id": ["a", "a", "b"], "day": [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 1)],
            "unit_name": ["4 West", "4 West", ""], "service": ["MED", "MED", ""], "attending": ["", "", ""],
        }
    )  # fmt: skip
    lost = frame(
        """
        stay | day   | amount | code
        a    | 03-02 | 0.5    | PA-01
        b    | 03-02 | 1      | PA-01
        """,
        nights.LOST_SCHEMA,
    )
    assert said(nights.patient_days(present, lost), "encounter_id", "day", "unit", "detail") == [
        "a | 03-01 | 4 West | {} | 0 of 1", 'a | 03-02 | 4 West | {"code":"PA-01"} | 0.5 of 1',
        "b | 03-01 |  | {} | 0 of 1",
    ]  # fmt: skip


def _at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


def _versions(text: str) -> list[Version]:
    """Rows: referral, vendor, what was done, state after it, sent, answered."""
    found = []
    for line in text.strip().splitlines():
        referral, vendor, action, state, sent, answered = (cell.strip() for cell in line.split("|"))
        times = [None if cell == "-" else _at(cell) for cell in (sent, answered)]
        days = [None if at is None else at.date() for at in times]
        found.append(
            Version("stay", "need", referral, vendor, state, action, "snf", times[0], days[0], times[1], days[1])
        )
    return found


def test_the_first_referral_and_the_first_acceptance_that_was_not_a_mistake() -> None:
    # Ash accepts by mistake, which is taken back; Birch accepts and withdraws: that was one. Cedar is a draft.
    versions = _versions(
        """
        r1 | Ash   | send      | sent      | 03-02 15:00 | -
        r1 | Ash   | accept    | accepted  | 03-02 15:00 | 03-02 16:00
        r1 | Ash   | take_back | opened    | 03-02 15:00 | -
        r1 | Ash   | send      | sent      | 03-05 15:00 | -
        r2 | Birch | send      | sent      | 03-02 16:00 | -
        r2 | Birch | accept    | accepted  | 03-02 16:00 | 03-03 09:30
        r2 | Birch | withdraw  | withdrawn | 03-02 16:00 | 03-03 10:00
        r3 | Cedar | prepare   | draft     | -           | -
        r4 | Dale  | send      | sent      | 03-03 10:00 | -
        r4 | Dale  | accept    | accepted  | 03-03 10:00 | 03-04 10:00
        """
    )
    steps = [
        NeedStep("need", "ask", None, date(2026, 3, 2)), NeedStep("need", "place", "r2", date(2026, 3, 3)),
        NeedStep("need", "unplace", None, date(2026, 3, 3)), NeedStep("need", "place", "r4", date(2026, 3, 4)),
        NeedStep("need", "close", "r4", date(2026, 3, 6)),
    ]  # fmt: skip
    needs = placements.frame_of(placements.sought(versions, steps))
    assert said(placements.time_to_acceptance(needs), "record_id", "day", "vendor") == ["need | 03-03 | Birch | 18.5"]
    assert said(placements.referrals_for_placement(needs), "day", "vendor") == ["03-04 | Dale | 3 of 1"]


def test_a_need_without_an_answer_and_one_that_was_never_sent() -> None:
    sent = _versions("r1 | Ash | send | sent | 03-02 15:00 | -")
    needs = placements.frame_of(placements.sought(sent, []))
    assert said(placements.time_to_acceptance(needs), "day") == ["03-02 | not: never_accepted"]
    assert said(placements.referrals_for_placement(needs), "day") == ["03-02 | not: not_placed"]
    assert placements.sought(_versions("r1 | Ash | prepare | draft | - | -"), []) == []
