"""Openings as cases: who judges, what stands, what it leaves in both trails, and the pages of the officer."""

import html
import re
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.people import GrantRole, grant_role
from app.accounts.watching.openings import queries
from app.accounts.watching.openings.commands import JudgeOpening, judge_opening, take_back
from app.accounts.watching.openings.terms import OpeningVerdict
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission, Role
from app.security.viewer import Viewer
from tests.accounts.watching.support import REASON, moment, opened, saw
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
GOOD = JudgeOpening(verdict=OpeningVerdict.JUSTIFIED)
BAD = JudgeOpening(verdict=OpeningVerdict.NOT_JUSTIFIED, said="No work on this unit was found.")


def officer(world: World) -> Viewer:
    return world.viewer("priya").acting(Permission.GLASS_REVIEW)


def protected(world: World, mark: str = "vip") -> uuid.UUID:
    return add_stay(world, StaySpec(sensitivity=mark, family="Quillfeather", given="Merle"))


def text(answer: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer)).split())


@pytest.fixture
def opening(world: World) -> uuid.UUID:
    return opened(world, "dana", protected(world))


def test_a_judgement_is_a_record_in_both_trails(world: World, opening: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        made = judge_opening(work, opening, BAD)

    with reading(everywhere("test")) as view:
        event = view.connection.execute(
            "select actor, patient_id is not null, encounter_id, facts ->> 'verdict', facts ->> 'user_id'"
            " from audit_event where name = 'glass.judged'"
        ).fetchone()
        copies = view.values("select operation from row_change where table_name = 'glass_review'")
    assert event == ("priya", True, None, "not_justified", str(world.user["dana"]))
    assert copies == ["insert"] and (made.verdict, made.said, made.ended_at) == ("not_justified", BAD.said, None)


def test_judging_anew_ends_the_judgement_that_stood(world: World, opening: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        first = judge_opening(work, opening, GOOD)
    with begin(officer(world)) as work:
        judge_opening(work, opening, BAD.model_copy(update={"seen": str(first.id)}))

    with reading(officer(world)) as view:
        [old] = queries.versions(view, opening)
        case = queries.one_case(view, opening)
    assert (old.verdict, old.ended_because, case.verdict) == ("justified", "amended", "not_justified")


def test_who_did_not_see_the_judgement_of_a_colleague_does_not_replace_it(world: World, opening: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        judge_opening(work, opening, GOOD)

    with pytest.raises(Refused, match="judged by somebody"), begin(officer(world)) as work:
        judge_opening(work, opening, BAD)


def test_a_judgement_taken_back_leaves_the_opening_waiting(world: World, opening: uuid.UUID) -> None:
    with begin(officer(world)) as work:
        made = judge_opening(work, opening, GOOD)
    with begin(officer(world)) as work:
        take_back(work, made.id)

    with reading(officer(world)) as view:
        assert [one.access_id for one in queries.waiting(view)] == [opening]
    with pytest.raises(Refused, match="stands no more"), begin(officer(world)) as work:
        take_back(work, made.id)


def test_nobody_judges_an_own_opening(world: World) -> None:
    with begin(everywhere("test")) as work:
        ask = GrantRole(user_id=world.user["dana"], role=Role.PRIVACY_OFFICER, facility_id=world.facility["NORTH"])
        grant_role(work, ask)
    opening = opened(world, "dana", protected(world))
    both = world.viewer("dana")
    both = Viewer(**{name: getattr(both, name) for name in both.__slots__} | {"opened": (), "grants": (
        *both.grants, type(both.grants[0])(Role.PRIVACY_OFFICER, world.facility["NORTH"]))})  # fmt: skip

    with pytest.raises(Refused, match="yourself"), begin(both.acting(Permission.GLASS_REVIEW)) as work:
        judge_opening(work, opening, GOOD)


def test_opening_of_another_hospital_does_not_exist(world: World) -> None:
    south = opened(world, "stan", add_stay(world, StaySpec(facility="SOUTH", sensitivity="vip")))

    with pytest.raises(NotFound), begin(officer(world)) as work:
        judge_opening(work, south, GOOD)
    with reading(officer(world)) as view:
        assert queries.waiting(view) == [] and queries.count(view).waiting == 0


def test_an_assigned_stay_is_no_opening(world: World) -> None:
    stay = protected(world)
    with begin(everywhere("test")) as work:
        key = work.value(
            "insert into stay_access (user_id, encounter_id, facility_id, kind, reason, opened_at)"
            " values (%s, %s, %s, 'assigned', '', %s) returning id",
            (world.user["dana"], stay, world.facility["NORTH"], work.now),
        )
        work.connection.execute("select set_config('app.changed', '', true)")

    with pytest.raises(NotFound), begin(officer(world)) as work:
        judge_opening(work, key, GOOD)


def test_overdue_openings_stand_first_and_are_counted(world: World) -> None:
    fresh = opened(world, "dana", protected(world))
    late = opened(world, "uma", protected(world), ago=timedelta(hours=73))
    nearly = opened(world, "sol", protected(world), ago=timedelta(hours=71))

    with reading(officer(world)) as view:
        assert [one.access_id for one in queries.waiting(view)] == [late, nearly, fresh]
        counted = queries.count(view)
    assert (counted.waiting, counted.overdue) == (3, 1)


def test_pages_seen_while_it_was_open_are_listed_and_no_others(world: World) -> None:
    stay, other = protected(world), protected(world)
    opening, at = opened(world, "dana", stay), moment()
    saw(world, "dana", stay, at=at - timedelta(minutes=5))  # before
    saw(world, "dana", stay, at=at + timedelta(minutes=5))
    saw(world, "dana", stay, at=at + timedelta(minutes=6), route="GET /encounters/{encounter_id}/notes")
    saw(world, "dana", stay, at=at + timedelta(hours=5))  # after
    saw(world, "dana", other, at=at + timedelta(minutes=7))  # another patient
    saw(world, "uma", stay, at=at + timedelta(minutes=8))  # another person

    with reading(officer(world)) as view:
        case = queries.one_case(view, opening)
        assert [one.route.rpartition("}")[2] for one in queries.seen_while_open(view, case)] == ["", "/notes"]
        assert queries.pages_seen(view, [case]) == {opening: 2}


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_officer_judges_one_after_the_other(browser_for: BrowserFor, world: World) -> None:
    first = opened(world, "dana", protected(world), ago=timedelta(hours=80))
    second = opened(world, "uma", protected(world, "psychiatric"))
    priya = browser_for("priya")

    listed = text(priya.get("/audit/glass").text)
    assert "1 opening waits for longer than 72 hours" in listed and "overdue by" in listed and REASON in listed
    page = priya.get(f"/audit/glass/{first}")
    assert "Quillfeather, Merle" in page.text and "Case manager" in page.text
    answer = priya.post(f"/audit/glass/{first}/judgements", {"verdict": "justified"})
    assert answer.headers["location"] == f"/audit/glass/{second}"
    said = {"verdict": "compliance", "said": "No task on this unit; compliance asks."}
    assert priya.post(f"/audit/glass/{second}/judgements", said).headers["location"] == "/audit/glass"

    assert "No opening waits" in priya.get("/audit/glass").text
    judged = text(priya.get("/audit/glass?days=30").text)
    assert "Justified" in judged and "Referred to compliance" in judged and "compliance asks" in judged


def test_what_is_missing_is_said_beside_the_field(browser_for: BrowserFor, opening: uuid.UUID) -> None:
    priya = browser_for("priya")

    nothing = priya.post(f"/audit/glass/{opening}/judgements", {})
    wordless = priya.post(f"/audit/glass/{opening}/judgements", {"verdict": "not_justified", "said": "no"})

    assert nothing.status_code == 422 and "Fill in this field." in nothing.text
    assert wordless.status_code == 422 and "Say in a few words what is wrong" in wordless.text


def test_undo_brings_the_opening_back(browser_for: BrowserFor, world: World, opening: uuid.UUID) -> None:
    priya = browser_for("priya")
    priya.post(f"/audit/glass/{opening}/judgements", {"verdict": "justified"})
    with reading(everywhere("test")) as view:
        review = view.value("select id from glass_review")

    assert priya.post(f"/glass-reviews/{review}/reversal").headers["location"] == f"/audit/glass/{opening}"

    page = text(priya.get(f"/audit/glass/{opening}").text)
    assert "taken back by Priya Nair" in page and "Record the judgement" in page


def test_the_auditor_reads_and_does_not_judge(browser_for: BrowserFor, world: World, opening: uuid.UUID) -> None:
    auditor = browser_for("aud")

    assert auditor.get("/audit/glass").status_code == 200
    assert "Quillfeather" not in auditor.get("/audit/glass").text  # a restricted stay is the officer's to see
    assert auditor.get(f"/audit/glass/{opening}").status_code == 404
    assert auditor.post(f"/audit/glass/{opening}/judgements", {"verdict": "justified"}).status_code == 403


@pytest.mark.parametrize("name", ["dana", "lee", "dora", "adam", "stan"])
def test_nobody_else_sees_the_openings(browser_for: BrowserFor, opening: uuid.UUID, name: str) -> None:
    other = browser_for(name)

    assert other.get("/audit/glass").status_code == 403
    assert other.get(f"/audit/glass/{opening}").status_code == 403


def test_the_first_page_says_what_waits(browser_for: BrowserFor, world: World) -> None:
    opened(world, "dana", protected(world), ago=timedelta(hours=80))

    page = text(browser_for("priya").get("/audit").text)

    assert "1 opening waits to be judged, 1 for longer than 72 hours" in page


@pytest.mark.parametrize("path", ["/audit", "/audit/glass", "/audit/unusual", "/audit/unusual/rules/many"])
def test_every_look_at_the_trail_is_in_the_trail(browser_for: BrowserFor, world: World, path: str) -> None:
    browser_for("priya").get(path)

    with reading(everywhere("test")) as view:
        seen = view.connection.execute("select actor, patients from phi_access").fetchall()
    assert seen == [("priya", [])]


def test_the_history_of_a_stay_does_not_tell_who_was_judged(
    browser_for: BrowserFor, world: World, opening: uuid.UUID
) -> None:
    with begin(officer(world)) as work:
        judge_opening(work, opening, BAD)
        stay = work.value("select encounter_id from stay_access where id = %s", (opening,))

    assert "judged" not in browser_for("carla").get(f"/encounters/{stay}/history").text
