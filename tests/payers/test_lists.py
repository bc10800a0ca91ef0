"""The list of authorizations: what waits, what ends, what must be asked before the weekend, what the chips say."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.payers.requests.terms import Action, CertificationType
from app.platform.work import reading
from app.worklists import queries
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.payers.support import PLAN, answer, ask, tell
from tests.support.world import NOW, World

ONE = f"A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins {PLAN} | expected 20260309120000\n"
TWO = (
    "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^402^A | mrn M200 | visit V200"
    f" | ins {PLAN} | expected 20260307120000\n"
)
WHOLE_WEEK = date(2026, 3, 4)


def listed(world: World, at: datetime = NOW, name: str = "authorizations", **filters: tuple[str, ...]) -> list[Any]:
    viewer = world.viewer("uma")
    with reading(viewer, at=at) as db:
        return queries.rows(Ask(REGISTRY, REGISTRY.lists[name], View(name, filters), db, viewer))


def chips(world: World, at: datetime = NOW) -> list[str]:
    (row,) = listed(world, at, "inpatient")
    return [chip for chip in row.chips if "auth" in chip or "pended" in chip or "payer answer" in chip]


def approve(world: World, stay: uuid.UUID, until: int, now: datetime = NOW) -> None:
    made = ask(world, stay, now, first_day=WHOLE_WEEK, last_day=date(2026, 3, until) - timedelta(days=1))
    answer(world, made.authorization_id, now, action=Action.CERTIFIED)


def test_a_stay_of_which_nothing_was_asked_is_not_on_the_list(world: World):
    tell(world, ONE)

    assert listed(world) == []
    assert [row.authorized for row in listed(world, name="inpatient")] == [""]
    assert len(listed(world, name="inpatient", authorization=("none",))) == 1


@pytest.mark.parametrize(
    ("until", "before_the_weekend"),
    [(7, True), (8, True), (9, True), (10, False), (16, False)],
)
def test_on_thursday_the_list_for_friday_holds_what_ends_before_monday_is_over(
    world: World, until: int, before_the_weekend: bool
):
    """Nights up to Sunday the 8th have to be asked on Friday the 6th; Monday's own can be asked on Monday."""
    stay = tell(world, ONE)
    approve(world, stay, until)

    found = listed(world, name="inpatient", authorization=("before-the-weekend",))

    assert bool(found) is before_the_weekend


def test_what_was_asked_already_is_not_asked_again_before_the_weekend(world: World):
    stay = tell(world, ONE)
    made = ask(world, stay, first_day=WHOLE_WEEK, last_day=date(2026, 3, 6))
    answer(world, made.authorization_id, action=Action.CERTIFIED)
    assert len(listed(world, authorization=("before-the-weekend",))) == 1

    ask(
        world, stay, NOW + timedelta(hours=1), authorization_id=made.authorization_id,
        certification_type=CertificationType.EXTENSION, first_day=date(2026, 3, 7), last_day=date(2026, 3, 9),
    )  # fmt: skip

    assert listed(world, authorization=("before-the-weekend",)) == []
    assert len(listed(world, authorization=("waiting",))) == 1


def test_what_waits_what_ends_and_what_is_exceeded(world: World):
    stay = tell(world, ONE)
    made = ask(world, stay, first_day=WHOLE_WEEK, last_day=date(2026, 3, 8))
    (row,) = listed(world)
    assert (row.auth_state, row.auth_through, row.authorized) == ("Requested", "", "auth asked")

    answer(world, made.authorization_id, NOW, action=Action.MODIFIED, quantity=2)

    (row,) = listed(world)
    assert (row.auth_state, row.auth_through) == ("Partly approved", "through Thu 5 Mar")
    assert row.authorized == "auth to 5 Mar"
    for choice in ("ends-today", "exceeded", "denied", "before-the-weekend"):
        assert len(listed(world, authorization=(choice,))) == 1, choice
    for choice in ("waiting", "ended", "pended", "unclear", "none"):
        assert listed(world, authorization=(choice,)) == [], choice
    assert len(listed(world, NOW + timedelta(days=1), authorization=("ended",))) == 1


def test_chips_say_how_the_authorization_ends(world: World):
    stay = tell(world, ONE)
    approve(world, stay, 6)

    assert any("auth ends today" in chip for chip in chips(world))
    assert len(listed(world, authorization=("exceeded",))) == 1
    assert chips(world, NOW + timedelta(days=2))[0].endswith("auth ended 2 d")


def test_who_leaves_when_the_days_end_is_not_warned_of(world: World):
    stay = tell(world, TWO)
    approve(world, stay, 7)

    assert chips(world, NOW + timedelta(days=1)) == []


def test_a_pended_request_counts_its_days_and_an_unclear_answer_asks_for_a_person(world: World):
    stay = tell(world, ONE)
    made = ask(world, stay, first_day=WHOLE_WEEK, last_day=date(2026, 3, 8))
    answer(world, made.authorization_id, action=Action.PENDED)
    assert any("pended 0 d" in chip for chip in chips(world))
    assert any("pended 3 d" in chip for chip in chips(world, NOW + timedelta(days=3)))

    answer(world, made.authorization_id, action=Action.MODIFIED)

    assert any("payer answer unclear" in chip for chip in chips(world))
    assert len(listed(world, authorization=("unclear",))) == 1
