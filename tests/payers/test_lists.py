"""The list of authorizations: what waits, what ends, what must be asked before the weekend, what the chips say."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.census.events import EncounterUpdated
from app.census.united import subject
from app.payers.authorizations.drafting import request_form
from app.payers.authorizations.showing import banner_fact
from app.payers.requests.terms import Action, CertificationType
from app.platform.work import begin, everywhere, reading
from app.worklists import queries
from app.worklists.queries import Ask
from app.worklists.registry import REGISTRY
from app.worklists.view import View
from tests.discharge.plan.support import expect
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


def warning(stay: uuid.UUID) -> str:
    with reading(everywhere("test"), at=NOW + timedelta(minutes=6)) as db:
        (fact,) = banner_fact(db, stay)
    return fact.warning


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


def test_the_planned_day_says_whether_the_days_suffice_not_the_feed(world: World):
    stay = tell(world, ONE)  # the feed expects the 9th
    approve(world, stay, 7)
    assert any("EDD past auth" in chip for chip in chips(world))

    expect(world, stay, expected_on="2026-03-07")
    assert chips(world) == []
    expect(world, stay, NOW + timedelta(minutes=5), expected_on="2026-03-08")
    assert any("EDD past auth" in chip for chip in chips(world, NOW + timedelta(minutes=6)))
    assert len(listed(world, NOW + timedelta(minutes=6), authorization=("exceeded",))) == 1


def test_the_banner_and_the_next_request_go_by_the_planned_day(world: World):
    stay = tell(world, ONE)
    approve(world, stay, 7)
    assert warning(stay) == "EDD is later"

    expect(world, stay, expected_on="2026-03-07")
    assert warning(stay) == ""
    expect(world, stay, NOW + timedelta(minutes=5), expected_on="2026-03-12")
    assert warning(stay) == "EDD is later"
    with reading(everywhere("test"), at=NOW + timedelta(minutes=6)) as db:
        form = request_form(db, subject(db, stay), None)
    assert form.given["last_day"] == "2026-03-11"


def test_a_time_of_a_pending_transfer_is_no_departure(world: World):
    stay = tell(world, ONE)
    approve(world, stay, 9)
    with begin(everywhere("test")) as work:
        moved = "update encounter set pending_kind = 'transfer', pending_at = '2026-03-20 12:00Z' where id = %s"
        work.write("encounter", moved, (stay,))
        work.record(EncounterUpdated(encounter_id=stay, changed=("test",)))

    assert chips(world) == []
    assert warning(stay) == ""


def test_a_pended_request_counts_its_days_and_an_unclear_answer_asks_for_a_person(world: World):
    stay = tell(world, ONE)
    made = ask(world, stay, first_day=WHOLE_WEEK, last_day=date(2026, 3, 8))
    answer(world, made.authorization_id, action=Action.PENDED)
    assert any("pended 0 d" in chip for chip in chips(world))
    assert any("pended 3 d" in chip for chip in chips(world, NOW + timedelta(days=3)))

    answer(world, made.authorization_id, action=Action.MODIFIED)

    assert any("payer answer unclear" in chip for chip in chips(world))
    assert len(listed(world, authorization=("unclear",))) == 1
