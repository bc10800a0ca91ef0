"""The pages of the plan: the tab, forms on the stay and in the row, errors beside their fields, undo, lists."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from app.census.events import EncounterUpdated
from app.discharge.plan import queries
from app.discharge.plan.stay.lent import brief_lines, plan_changes
from app.discharge.plan.stay.packet import sections
from app.platform.now import now as wall_clock
from app.platform.work import begin, everywhere, reading
from tests.discharge.plan.support import block, expect, say, send, write
from tests.notices.support import ADMITTED, tell
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

ZONE = ZoneInfo("America/Chicago")
BrowserFor = Callable[[str], Browser]
ROW = {"HX-Request": "true", "HX-Target": "x"}


def undo_of(text: str) -> str:
    found = re.search(r'action="(/[a-z-]+/[0-9a-f-]+/reversal)"', unescape(text))
    assert found is not None, "the answer offers no undo"
    return found.group(1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def test_an_empty_plan_explains_itself(browser_for: BrowserFor, stay: uuid.UUID):
    text = browser_for("dana").get(f"/encounters/{stay}/plan").text
    assert "Nothing is recorded that keeps the patient here." in text
    assert "No step of care is named" in text and "No goal of the patient is written down." in text
    assert "not written" in text and "no, still here" in text


def test_a_key_in_the_row_sets_the_date_and_undo_takes_it_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    form = dana.get(f"/encounters/{stay}/expected-date/new", headers=ROW).text
    assert 'data-key="0"' in form and 'data-key="7"' in form
    said = dana.post(f"/encounters/{stay}/expected-date", {"days": "1"}, headers=ROW).text
    assert "Expected to leave" in said
    with reading(everywhere("test")) as db:
        assert queries.expected_date(db, stay) is not None
    assert "as it was before" in dana.post(undo_of(said), {}, headers=ROW).text
    with reading(everywhere("test")) as db:
        assert queries.expected_date(db, stay) is None


def test_a_wrong_date_keeps_what_was_typed(browser_for: BrowserFor, stay: uuid.UUID):
    answer = browser_for("dana").post(
        f"/encounters/{stay}/expected-date", {"expected_on": "2020-01-01", "detail": "scan on Friday"}
    )
    assert answer.status_code == 422
    assert "This day lies before the stay began" in answer.text or "This day is over" in answer.text
    assert "scan on Friday" in answer.text and "2020-01-01" in answer.text


def test_barriers_from_the_row_to_their_end(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    assert dana.post(f"/encounters/{stay}/barriers", {"detail": "no kind"}, headers=ROW).status_code == 422
    said = dana.post(
        f"/encounters/{stay}/barriers", {"kind": "choice", "other_kind": "pasrr", "detail": "level two"}, headers=ROW
    ).text
    assert "Barrier recorded: PASRR level II." in said
    with reading(everywhere("test")) as db:
        [one] = queries.open_barriers(db, [stay])[stay]
    refused = dana.post(f"/plan-barriers/{one.barrier_id}/steps", {"action": "wait"})
    assert refused.status_code == 422 and "Say why in a few words." in refused.text
    assert "level two" in dana.get(f"/plan-barriers/{one.barrier_id}/amendment").text
    dana.post(
        f"/plan-barriers/{one.barrier_id}/amendment", {"kind": "choice", "detail": "three offers", "on": "", "at": ""}
    )
    dana.post(f"/plan-barriers/{one.barrier_id}/steps", {"action": "resolve", "note": "chose the second"})
    text = dana.get(f"/encounters/{stay}/plan").text
    assert "1 resolved or struck out" in text and "Patient choice: three offers" in text
    dana.post(f"/plan-barriers/{one.barrier_id}/reopening", {})
    assert "1 in the way" in dana.get(f"/encounters/{stay}/plan").text


def test_a_repeated_step_is_refused_in_words(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    barrier = block(world, stay, at=wall_clock() - timedelta(minutes=5))
    dana = browser_for("dana")
    dana.post(f"/plan-barriers/{barrier}/steps", {"action": "resolve"})
    again = dana.post(f"/plan-barriers/{barrier}/steps", {"action": "resolve"})
    assert again.status_code == 422 and "This barrier is resolved" in again.text


def test_items_have_done_and_undo_and_say_what_they_lack(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    lacking = dana.post(f"/encounters/{stay}/plan-items", {"part": "goal", "wording": "Walk"})
    assert lacking.status_code == 422 and "Say how it is measured." in lacking.text
    dana.post(f"/encounters/{stay}/plan-items", {"part": "task", "wording": "Call home", "discipline": "nursing"})
    with reading(everywhere("test")) as db:
        item = db.value("select item_id from plan_item")
    dana.post(f"/plan-items/{item}/steps", {"action": "finish"})
    assert "0 of 1 open" in dana.get(f"/encounters/{stay}/plan").text
    dana.post(f"/plan-items/{item}/reopening", {})
    dana.post(f"/plan-items/{item}/amendment", {"part": "task", "wording": "Call the son", "discipline": "nursing"})
    assert "Call the son" in dana.get(f"/encounters/{stay}/plan").text
    dana.post(f"/plan-items/{item}/steps", {"action": "strike_out", "note": "another patient"})
    assert "1 not needed or struck out" in dana.get(f"/encounters/{stay}/plan").text


def test_readiness_on_a_physicians_word_and_in_person(browser_for: BrowserFor, stay: uuid.UUID):
    dana, paul = browser_for("dana"), browser_for("paul")
    missing = dana.post(f"/encounters/{stay}/readiness", {"kind": "ready"})
    assert missing.status_code == 422 and "Write which physician said it." in missing.text
    dana.post(f"/encounters/{stay}/readiness", {"kind": "ready", "physician": "Dr Lind"})
    paul.post(f"/encounters/{stay}/own-readiness", {"kind": "ordered"})
    text = paul.get(f"/encounters/{stay}/plan").text
    assert "on the word of Dr Lind, recorded by Dana Whitlow" in text and "Paul Adeyemi, MD" in text
    banner = dana.get(f"/encounters/{stay}").text
    assert "· still here" in banner and "Ready " in banner
    with reading(everywhere("test")) as db:
        order = db.value("select id from readiness where kind = 'ordered'")
    short = dana.post(f"/readiness/{order}/end", {"reason": "x"})
    assert short.status_code == 422
    dana.post(f"/readiness/{order}/end", {"reason": "another patient"})
    assert "struck out by Dana Whitlow" in dana.get(f"/encounters/{stay}/plan").text


def test_the_destination_is_set_and_taken_back(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    same = dana.post(f"/encounters/{stay}/disposition", {"going_to": "snf", "backup": "snf"})
    assert same.status_code == 422 and "The second choice must be another place." in same.text
    dana.post(f"/encounters/{stay}/disposition", {"going_to": "snf", "backup": "home_health", "agreed_with": "wife"})
    text = dana.get(f"/encounters/{stay}/plan").text
    assert "Skilled nursing (SNF)" in text and "Agreed with wife." in text
    with reading(everywhere("test")) as db:
        key = db.value("select id from plan_disposition")
    dana.post(f"/dispositions/{key}/reversal", {})
    assert "No disposition is set." in dana.get(f"/encounters/{stay}/plan").text


def test_looking_at_the_plan_is_recorded(browser_for: BrowserFor, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.post(f"/encounters/{stay}/plan-looks", {"note": "holds"})
    assert "by Dana Whitlow: holds" in dana.get(f"/encounters/{stay}/plan").text


def test_who_may_not_plan_sees_no_forms(browser_for: BrowserFor, stay: uuid.UUID):
    aud = browser_for("aud")
    assert "<form" not in aud.get(f"/encounters/{stay}/plan").text.split('id="stay-plan"')[1].split("</main>")[0]
    assert aud.post(f"/encounters/{stay}/barriers", {"kind": "choice"}).status_code == 403


def test_lists_show_the_plans_date_destination_and_chips(browser_for: BrowserFor, world: World):
    moment = wall_clock()
    far, near, ready = add_stays(
        world,
        [
            StaySpec(family="Far", expected=moment + timedelta(days=20)),
            StaySpec(family="Near", expected=moment + timedelta(days=20)),
            StaySpec(family="Ready", expected=moment + timedelta(days=20)),
        ],
    )
    expect(world, near, at=moment, days=1)
    send(world, near, "irf", at=moment)
    block(world, near, at=moment)
    say(world, ready, "ready", at=moment)
    dana = browser_for("dana")
    leaving = dana.get("/worklists/discharges").text
    assert "Near, Ann" in leaving and "Ready, Ann" in leaving and "Far, Ann" not in leaving
    assert ">IRF<" in leaving and "1 barrier 0 h" in leaving and "ready 0 h" in leaving
    assert "not ready, no order, patient choice" in leaving
    assert "Near, Ann" in dana.get("/worklists/discharges-tomorrow").text
    for address, wanted in (
        ("edd=tomorrow", "Near"), ("going=irf", "Near"), ("barrier=choice", "Near"), ("ready=no-order", "Ready"),
    ):  # fmt: skip
        text = dana.get(f"/worklists/inpatient?{address}").text
        assert [name for name in ("Far", "Near", "Ready") if f"{name}, Ann" in text] == [wanted], address
    assert far not in (near, ready)


def test_brief_packet_and_changes_say_what_is_planned(world: World, stay: uuid.UUID):
    moment = wall_clock()
    before = moment - timedelta(hours=1)
    expect(world, stay, at=moment, days=2)
    send(world, stay, "snf", at=moment, backup="home_health")
    block(world, stay, at=moment)
    write(world, stay, "goal", at=moment, wording="Climb the stairs", measure="steps", due_on="2030-01-01")
    say(world, stay, "ready", at=moment)
    with reading(world.viewer("dana")) as db:
        lines = brief_lines(db, [stay])[stay]
        [section] = sections(db, stay)
        changed = {one.label for one in plan_changes(db, stay, before)}
        assert plan_changes(db, stay, moment) == []
    assert lines[1:] == ["Going to: Skilled nursing (SNF), else Home health",
                         "Barrier for 0 min: Patient choice (Case management)"]  # fmt: skip
    assert section.place == 15
    assert [block.heading for block in section.blocks] == ["", "Barriers", "Goals"]
    assert changed == {"Expected (EDD)", "Going to", "Barrier", "Medically ready"}


def test_the_tab_looks_back(browser_for: BrowserFor, world: World):
    stay = tell(world, ADMITTED)
    moment = wall_clock()
    block(world, stay, "pasrr", at=moment - timedelta(hours=3))
    block(world, stay, "guardian", at=moment - timedelta(minutes=1))
    then = (moment - timedelta(hours=1)).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    text = browser_for("dana").get(f"/encounters/{stay}/plan?as-of={then}").text
    assert "PASRR level II" in text and "Guardianship" not in text
    assert "Add a barrier" not in text


def test_a_departed_stay_says_how_good_the_date_was(browser_for: BrowserFor, world: World):
    left = wall_clock() - timedelta(hours=2)
    stay = add_stay(world, StaySpec(status="discharged", start=left - timedelta(days=9)))
    with begin(everywhere("test")) as work:
        work.write("encounter", "update encounter set discharge_at = %s where id = %s", (left, stay))
        work.record(EncounterUpdated(encounter_id=stay, facility_id=world.facility["NORTH"], changed=()))
    expect(world, stay, at=left - timedelta(days=4), days=6)
    expect(world, stay, at=left - timedelta(hours=30), expected_on=f"{left.astimezone(ZONE):%Y-%m-%d}")
    text = browser_for("dana").get(f"/encounters/{stay}/plan").text
    assert "24 h before: right, 48 h before: 2 d too late, 72 h before: 2 d too late" in text
    assert "moved once, 2 d earlier than first set" in text
