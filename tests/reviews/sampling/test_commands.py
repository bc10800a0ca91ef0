"""Samples and second readings on a real database: who draws, who may read, what stays hidden, what counts."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Disclosure, Work, begin, disclose, everywhere, reading
from app.reviews import queries as reviews
from app.reviews.sampling import commands, queries, rules
from app.reviews.sampling.commands import DrawSample, SetShare, StrikeOut, WriteReading
from app.reviews.sampling.terms import ReadingState
from app.security.permissions import Permission
from tests.reviews.support import ADMISSION, CONTINUED, MET, NOT_MET, amend, events, sign, strike, tell
from tests.support.world import NOW, World

DAY = date(2026, 3, 5)
LATER = NOW + timedelta(hours=1)
WRITE, SAMPLE = Permission.REVIEW_WRITE, Permission.REVIEW_SAMPLE
REASON = StrikeOut(reason="Drawn by mistake")


def stays(world: World, count: int) -> list[uuid.UUID]:
    """So many stays, each admitted on 4 March."""
    line = "A01 | rec 03-04 10:0{0} | occ 03-04 10:0{0} | bed 4W^40{0}^A | visit V{0} | mrn M{0} | ins MEDICARE\n"
    return [tell(world, line.format(number), first=number * 100) for number in range(1, count + 1)]


def draw(world: World, name: str = "lee", now: datetime = LATER, **said: Any) -> uuid.UUID:
    ask = DrawSample.model_validate({"first_day": DAY, "last_day": DAY, "percent": 100, "seed": "spring"} | said)
    with begin(world.viewer(name).acting(SAMPLE), at=now) as work:
        return commands.draw_sample(work, world.facility["NORTH"], ask).id


def tasks(sample: uuid.UUID) -> list[queries.Task]:
    with reading(everywhere("test")) as view:
        return queries.tasks_of_sample(view, sample)


def do(world: World, name: str, deed: Callable[[Work], Any], permission: Permission = WRITE) -> Any:
    with begin(world.viewer(name).acting(permission), at=LATER) as work:
        return deed(work)


def read(world: World, task: uuid.UUID, name: str = "dana", **said: Any) -> None:
    do(world, name, lambda work: commands.take(work, task))
    do(world, name, lambda work: commands.sign_reading(work, task, WriteReading.model_validate(said)))


def waiting(world: World, name: str) -> list[uuid.UUID]:
    with reading(world.viewer(name).acting(WRITE)) as view:
        return [one.id for one in queries.tasks_for_me(view, world.facility["NORTH"])]


def pairs(world: World) -> list[queries.Pair]:
    with reading(everywhere("test")) as view:
        return queries.pairs(view, world.facility["NORTH"])


def test_the_share_is_five_per_cent_until_the_facility_sets_its_own(world: World):
    north, south = world.facility["NORTH"], world.facility["SOUTH"]
    for percent in (10, 10, 20):
        do(
            world,
            "lee",
            lambda work, percent=percent: commands.set_share(work, north, SetShare(percent=percent)),
            SAMPLE,
        )

    with reading(everywhere("test")) as view:
        assert (queries.share_of(view, north), queries.share_of(view, south)) == (20, 5)
    assert [one["percent"] for one in events("review.sample_share_set")] == [10, 20]


def test_a_draw_takes_the_share_of_what_was_signed_in_its_days_and_can_be_repeated(world: World):
    keys = [sign(world, stay, ADMISSION, MET).review_id for stay in stays(world, 5)]
    struck = keys.pop()
    strike(world, struck)

    sample = draw(world, percent=50)

    drawn = {one.review_id for one in tasks(sample)}
    assert drawn == set(rules.draw(keys, 50, "spring")) and len(drawn) == 2
    [said] = events("review.sample_drawn")
    assert (said["eligible"], said["drawn"], said["seed"], said["percent"]) == (4, 2, "spring", 50)
    strike(world, next(iter(drawn)), now=LATER + timedelta(hours=1))
    with reading(everywhere("test")) as view:
        assert queries.repeats(view, queries.sample(view, sample)), "what stood at the instant of the draw decides"


def test_a_review_is_in_one_sample_at_a_time(world: World):
    key = sign(world, stays(world, 1)[0], ADMISSION, MET).review_id
    first = draw(world)
    with pytest.raises(Refused, match="left to draw"):
        draw(world)

    do(world, "lee", lambda work: commands.strike_sample(work, first, REASON), SAMPLE)

    again = draw(world, now=LATER + timedelta(minutes=1))
    assert [one.review_id for one in tasks(again)] == [key]
    assert [one.state for one in tasks(first)] == [ReadingState.WITHDRAWN]
    with pytest.raises(Refused, match="already"):
        do(world, "lee", lambda work: commands.strike_sample(work, first, REASON), SAMPLE)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"first_day": date(2026, 3, 6), "last_day": DAY}, "last_day"),
        ({"first_day": date(2026, 3, 9), "last_day": date(2026, 3, 9)}, "first_day"),
        ({"first_day": date(2026, 1, 1), "last_day": date(2026, 1, 2)}, "first_day"),
    ],
)
def test_days_without_a_review_are_refused(world: World, said: dict[str, date], field: str):
    sign(world, stays(world, 1)[0], ADMISSION, MET)
    with pytest.raises(Refused) as refused:
        draw(world, **said)
    assert refused.value.field == field


def test_nobody_reads_a_review_of_a_stay_for_which_one_wrote(world: World):
    stay = stays(world, 1)[0]
    first = sign(world, stay, ADMISSION, MET, name="uma")
    [task] = tasks(draw(world))
    sign(world, stay, CONTINUED, MET | {"points": ["D13"]}, name="dora")
    amend(world, first.review_id, ADMISSION, MET, {"because": "Another day"}, name="lee")

    for name in ("uma", "dora", "lee"):
        assert waiting(world, name) == []
        with pytest.raises(Refused, match="cannot read it blind"):
            do(world, name, lambda work: commands.take(work, task.id))
    assert waiting(world, "dana") == [task.id]


def test_who_has_looked_at_the_review_does_not_read_it_blind(world: World):
    sign(world, stays(world, 1)[0], ADMISSION, MET)
    [task] = tasks(draw(world))
    for name, route in (("dana", "GET /reviews/{review_id:uuid}"), ("carla", "GET /encounters/{encounter_id:uuid}")):
        disclose(world.viewer(name), Disclosure(route, [task.patient_id]), at=LATER)

    assert (waiting(world, "dana"), waiting(world, "carla")) == ([], [task.id])
    with pytest.raises(Refused, match="looked at one"):
        do(world, "dana", lambda work: commands.take(work, task.id))


def test_who_reads_sees_no_review_of_the_stay_until_it_is_signed(world: World):
    stay = stays(world, 1)[0]
    key = sign(world, stay, ADMISSION, MET).review_id
    [task] = tasks(draw(world))
    do(world, "dana", lambda work: commands.take(work, task.id))

    with reading(world.viewer("dana").acting(WRITE)) as view:
        for look, subject in ((reviews.history, key), (reviews.versions, stay), (reviews.standing, stay)):
            with pytest.raises(Refused, match="second time"):
                look(view, subject)
        assert reviews.last_of(view, [stay]) == []
    with reading(world.viewer("carla").acting(WRITE)) as view:
        assert len(reviews.history(view, key)) == 1, "others go on with their work"

    do(world, "dana", lambda work: commands.sign_reading(work, task.id, WriteReading(points=["A12"])))

    with reading(world.viewer("dana").acting(WRITE)) as view:
        assert len(reviews.history(view, key)) == 1


def test_a_task_holds_nothing_of_what_the_first_reviewer_found(world: World):
    sign(world, stays(world, 1)[0], ADMISSION, NOT_MET | {"points": ["A3"], "outcome": "not_met",
                                                          "override_reason": "Chronic"})  # fmt: skip
    [task] = tasks(draw(world))

    said = repr(task)
    for hidden in ("not_met", "Walks with help", "Only tablets", "skilled_nursing", "Chronic", "Uma", "A3"):
        assert hidden not in said


def test_one_person_reads_at_a_time_and_may_give_it_back(world: World):
    sign(world, stays(world, 1)[0], ADMISSION, MET)
    [task] = tasks(draw(world))
    do(world, "dana", lambda work: commands.take(work, task.id))

    assert waiting(world, "carla") == []
    with pytest.raises(Refused, match="is taken"):
        do(world, "carla", lambda work: commands.take(work, task.id))
    for deed in (commands.give_back, lambda work, key: commands.sign_reading(work, key, WriteReading(points=["A12"]))):
        with pytest.raises(Refused, match="A colleague reads"):
            do(world, "carla", lambda work, deed=deed: deed(work, task.id))
    do(world, "dana", lambda work: commands.give_back(work, task.id))
    assert waiting(world, "carla") == [task.id]
    do(world, "carla", lambda work: commands.take(work, task.id))
    do(world, "lee", lambda work: commands.give_back(work, task.id, of_anyone=True), SAMPLE)
    assert tasks(task.sample_id)[0].state is ReadingState.WAITING


def test_pairs_agree_per_outcome_and_per_point(world: World):
    first, second, third = stays(world, 3)
    sign(world, first, ADMISSION, MET)
    sign(world, second, ADMISSION, MET | {"points": ["A12", "A13"]})
    sign(world, third, ADMISSION, NOT_MET)
    by_stay = {one.encounter_id: one.id for one in tasks(draw(world))}

    read(world, by_stay[first], points=["A12"])
    read(world, by_stay[second], points=["A13"])
    read(world, by_stay[third], points=["A12"])

    found = {one.encounter_id: one for one in pairs(world)}
    assert {key: (one.first_outcome, one.second_outcome) for key, one in found.items()} == {
        first: ("met", "met"), second: ("met", "met"), third: ("not_met", "met"),
    }  # fmt: skip
    assert (found[second].first_met, found[second].second_met) == (["A12", "A13"], ["A13"])
    outcome = rules.agreement((one.first_outcome, one.second_outcome) for one in found.values())
    assert (outcome.number, outcome.agreed, outcome.kappa) == (3, 2, 0)


def test_a_reading_says_why_it_is_against_the_points(world: World):
    sign(world, stays(world, 1)[0], ADMISSION, MET)
    [task] = tasks(draw(world))
    with pytest.raises(Refused) as refused:
        read(world, task.id, points=["A12"], outcome="not_met")
    assert refused.value.field == "reason"
    assert pairs(world) == []

    do(world, "dana", lambda work: commands.sign_reading(
        work, task.id, WriteReading(points=["A12"], outcome="not_met", reason="Planned long before")))  # fmt: skip

    assert [(one.second_outcome, one.reason) for one in pairs(world)] == [("not_met", "Planned long before")]


def test_a_licensed_product_is_compared_by_its_outcome_alone(world: World):
    licensed = {"product": "Guide", "release": "2026", "outcome": "met", "guideline_id": "G-7"}
    sign(world, stays(world, 1)[0], ADMISSION | {"criteria": "licensed"}, {"licensed": licensed})
    [task] = tasks(draw(world))
    assert task.licensed == {"product": "Guide", "release": "2026"}
    do(world, "dana", lambda work: commands.take(work, task.id))
    with pytest.raises(Refused, match="licensed product"):
        do(world, "dana", lambda work: commands.sign_reading(work, task.id, WriteReading()))

    ask = WriteReading.model_validate({"outcome": "met"})
    do(world, "dana", lambda work: commands.sign_reading(work, task.id, ask))

    assert [(one.first_outcome, one.second_outcome, one.set_id) for one in pairs(world)] == [("met", "met", "")]


def test_what_is_struck_out_counts_no_more(world: World):
    first, second = stays(world, 2)
    key = sign(world, first, ADMISSION, MET).review_id
    sign(world, second, ADMISSION, MET)
    sample = draw(world)
    by_stay = {one.encounter_id: one.id for one in tasks(sample)}
    for task in by_stay.values():
        read(world, task, points=["A12"])
    assert len(pairs(world)) == 2

    strike(world, key, now=LATER + timedelta(minutes=1))
    assert [one.encounter_id for one in pairs(world)] == [second], "the first reading is struck out"
    do(world, "lee", lambda work: commands.strike_reading(work, by_stay[second], REASON), SAMPLE)
    assert pairs(world) == []
    assert waiting(world, "dana") == [], "who has read it knows the first reading"
    read(world, by_stay[second], "carla", points=["A12"])
    assert [one.second_name for one in pairs(world)] == ["Carla Moreau"]
    do(world, "lee", lambda work: commands.strike_sample(work, sample, REASON), SAMPLE)
    assert pairs(world) == []


def test_an_amendment_after_the_draw_leaves_the_first_reading_as_it_was(world: World):
    stay = stays(world, 1)[0]
    key = sign(world, stay, ADMISSION, MET).review_id
    [task] = tasks(draw(world))
    amend(world, key, ADMISSION, NOT_MET, {"because": "Read again"}, now=LATER, name="uma")

    read(world, task.id, points=["A12"])

    assert [(one.first_outcome, one.second_outcome) for one in pairs(world)] == [("met", "met")]


def test_people_of_another_hospital_find_nothing(world: World):
    sign(world, stays(world, 1)[0], ADMISSION, MET)
    sample = draw(world)
    [task] = tasks(sample)

    with pytest.raises(NotFound):
        do(world, "stan", lambda work: commands.take(work, task.id))
    with reading(world.viewer("stan").acting(WRITE)) as view:
        assert queries.samples(view, world.facility["NORTH"]) == []
        assert queries.tasks_for_me(view, world.facility["NORTH"]) == []
