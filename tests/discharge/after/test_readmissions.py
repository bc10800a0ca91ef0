"""Readmissions on a real database: what counts as one, the interview, two judgements that are blind to each other."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.discharge.after.readmitted import queries, rules
from app.discharge.after.readmitted.commands import (
    WriteInterview,
    strike_interview,
    take_rating_back,
    write_interview,
)
from app.discharge.after.readmitted.terms import ReviewState
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.after.support import caller, came_back, judge, owed
from tests.support.client import Browser
from tests.support.stays import add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
ANSWERED = {"answered_by": "patient", "planned": "no", "reasons": ["medicines", "appointment"]}


@pytest.fixture
def back(world: World) -> uuid.UUID:
    """A patient who went home twelve days before this stay."""
    return came_back(world, 12)


def earlier(stay: uuid.UUID) -> queries.Earlier | None:
    with reading(everywhere("test")) as db:
        return queries.earlier_stays(db, [stay]).get(stay)


@pytest.mark.parametrize(("days", "found"), [(0, True), (1, True), (30, True), (31, False)])
def test_a_stay_within_thirty_days_of_a_discharge_is_a_readmission(world: World, days: int, found: bool):
    stay = came_back(world, days)

    one = earlier(stay)
    assert (one is not None) == found
    if one is not None:
        assert (one.days, one.planned) == (days, "unknown")
        assert owed(stay, "TC-INTERVIEW").closed_at is None


def test_another_person_is_no_readmission(world: World, back: uuid.UUID):
    assert earlier(add_stay(world)) is None


def test_the_interview_closes_its_clock_and_is_corrected_with_a_reason(world: World, back: uuid.UUID):
    with begin(caller(world), at=NOW) as work:
        write_interview(work, back, WriteInterview.model_validate(ANSWERED))
    assert owed(back, "TC-INTERVIEW").closed_at == NOW
    again = WriteInterview.model_validate(ANSWERED | {"planned": "yes"})
    with begin(caller(world), at=NOW + timedelta(hours=1)) as work, pytest.raises(Refused, match="corrected"):
        write_interview(work, back, again)
    with begin(caller(world), at=NOW + timedelta(hours=1)) as work:
        write_interview(work, back, again.model_copy(update={"because": "it was planned"}))
    found = earlier(back)
    assert found is not None and found.planned == "yes" and owed(back, "TC-INTERVIEW").closed_at == NOW
    with begin(caller(world), at=NOW + timedelta(hours=2)) as work:
        strike_interview(work, back, "another patient")
    assert owed(back, "TC-INTERVIEW").closed_at is None
    with begin(caller(world), at=NOW + timedelta(hours=2)) as work, pytest.raises(NotFound):
        strike_interview(work, back, "again")


def test_two_people_near_each_other_settle_it_and_two_apart_ask_a_third(world: World, back: uuid.UUID):
    judge(world, "dana", back, 4)
    with pytest.raises(Refused, match="You have judged"):
        judge(world, "dana", back, 5)
    judge(world, "lee", back, 2)
    with pytest.raises(NotFound), begin(caller(world), at=NOW) as work:
        take_rating_back(work, uuid.uuid4())
    judge(world, "paul", back, 5)

    with reading(everywhere("test")) as db:
        points = [one.preventable for one in queries.ratings_of(db, back)]
    assert points == [4, 2, 5] and rules.verdict(points) == 4
    with pytest.raises(Refused, match="not possible"):
        judge(world, "dora", back, 1)


def test_the_only_judgement_is_taken_back_by_who_gave_it_and_not_after_a_second_one(world: World, back: uuid.UUID):
    one = judge(world, "dana", back, 1)
    with pytest.raises(NotFound), begin(world.viewer("lee"), at=NOW) as work:
        take_rating_back(work, one.id)
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=1)) as work:
        take_rating_back(work, one.id)
    again = judge(world, "dana", back, 3)
    judge(world, "lee", back, 3)
    with pytest.raises(Refused, match="not possible"), begin(world.viewer("dana"), at=NOW) as work:
        take_rating_back(work, again.id)


def test_nobody_judges_what_is_no_readmission(world: World):
    with pytest.raises(Refused, match="follows no discharge"):
        judge(world, "dana", add_stay(world), 3)


def test_on_the_page_judgements_are_blind_until_both_are_given(browser_for: BrowserFor, world: World, back: uuid.UUID):
    dana, lee = browser_for("dana"), browser_for("lee")
    text = dana.get(f"/encounters/{back}/follow-up").text
    assert "Readmitted day 12" in text and "Not known whether it was planned" in text and "nobody called" in text
    assert "Readmitted day 12" in dana.get(f"/encounters/{back}").text
    wrong = dana.post(f"/encounters/{back}/readmission-interview", {"answered_by": "patient", "in_own_words": ""})
    assert wrong.status_code == 422 and "Choose a reason, or write what was said." in wrong.text
    dana.post(f"/encounters/{back}/readmission-interview", {"answered_by": "patient", "in_own_words": "Ran out"})
    said = {"preventable": "5", "said": "the pharmacy was closed"}
    assert dana.post(f"/encounters/{back}/readmission-judgements", said).status_code == 303

    assert "the pharmacy was closed" in dana.get(f"/encounters/{back}/follow-up").text
    assert "the pharmacy was closed" not in lee.get(f"/encounters/{back}/follow-up").text
    assert "hidden" in lee.get("/readmissions/agreement?of=waiting").text
    lee.post(f"/encounters/{back}/readmission-judgements", {"preventable": "4", "said": "agreed"})

    assert "the pharmacy was closed" in lee.get(f"/encounters/{back}/follow-up").text
    text = lee.get("/readmissions/agreement?of=pairs").text
    assert "n = 1" in text and "5, 4" in text
    assert "No readmission" in lee.get("/readmissions/agreement?of=apart").text


def test_states_follow_from_the_judgements():
    assert [rules.state(points) for points in ([], [3], [3, 4], [1, 3], [1, 3, 2])] == [
        ReviewState.WAITING, ReviewState.ONE, ReviewState.SETTLED, ReviewState.APART, ReviewState.SETTLED,
    ]  # fmt: skip
