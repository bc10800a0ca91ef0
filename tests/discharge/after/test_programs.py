"""Hand-off to programs: consent before anybody is told, the clock, the steps, the page."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.discharge.after.programs.commands import ChooseProgram, StepProgram, choose_program, step_program
from app.discharge.after.programs.queries import handoffs_of
from app.discharge.after.stay.lent import brief_lines, follow_up_changes, sections
from app.discharge.after.terms import ProgramAction, ProgramKind, ProgramState
from app.kernel.refusal import Refused
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.discharge.after.support import called, caller, owed, problem, went_home
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return went_home(world)


def chosen(world: World, stay: uuid.UUID, **said: str) -> uuid.UUID:
    ask = ChooseProgram.model_validate({"kind": ProgramKind.ENHANCED, "program": "Valley care"} | said)
    with begin(caller(world), at=NOW) as work:
        return choose_program(work, stay, ask).handoff_id


def test_the_program_is_told_within_a_day_and_not_before_the_patient_consents(world: World, stay: uuid.UUID):
    without = chosen(world, stay)
    with pytest.raises(Refused, match="consent"), begin(caller(world), at=NOW) as work:
        step_program(work, without, StepProgram(action=ProgramAction.TELL))

    key = chosen(world, stay, consent_by="the patient")
    assert owed(stay, "TC-PROGRAM", str(key)).due_at == NOW + timedelta(hours=24)
    with begin(caller(world), at=NOW + timedelta(hours=1)) as work:
        step_program(work, key, StepProgram(action=ProgramAction.TELL))
    assert owed(stay, "TC-PROGRAM", str(key)).closed_at == NOW + timedelta(hours=1)
    with pytest.raises(Refused, match="not possible"), begin(caller(world), at=NOW) as work:
        step_program(work, key, StepProgram(action=ProgramAction.MEET))
    with pytest.raises(Refused, match="Write why"), begin(caller(world), at=NOW + timedelta(hours=2)) as work:
        step_program(work, key, StepProgram(action=ProgramAction.DECLINE))
    with begin(caller(world), at=NOW + timedelta(hours=2)) as work:
        step_program(work, key, StepProgram(action=ProgramAction.ACCEPT))
    with begin(caller(world), at=NOW + timedelta(hours=3)) as work:
        step_program(work, key, StepProgram(action=ProgramAction.MEET))
    with reading(everywhere("test")) as db:
        one = next(one for one in handoffs_of(db, [stay]) if one.handoff_id == key)
    assert one.state is ProgramState.MET and one.met_at == NOW + timedelta(hours=3)


def test_packets_briefs_and_changes_say_what_is_open(world: World, stay: uuid.UUID):
    chosen(world, stay, consent_by="the patient")
    called(world, stay, "patient", problem("services"))
    with reading(everywhere("test"), at=NOW) as db:
        [section] = sections(db, stay)
        lines = brief_lines(db, [stay])[stay]
        changed = follow_up_changes(db, stay, NOW - timedelta(hours=1))
    assert [one.heading for one in section.blocks] == ["Calls", "To settle", "Enhanced care management: Valley care"]
    assert lines[0].startswith("From the call: Equipment or a service did not come")
    assert {one.label for one in changed} >= {"Call after discharge"}


def test_the_page_carries_a_hand_off_through(browser_for: BrowserFor, world: World):
    stay = went_home(world, None, now() - timedelta(days=1))
    dana = browser_for("dana")
    assert dana.post(f"/encounters/{stay}/program-handoffs", {"kind": "other", "program": ""}).status_code == 422
    said = {"kind": "targeted", "program": "Valley care", "lead_name": "Pat Rill", "lead_phone": "555-0199"}
    dana.post(f"/encounters/{stay}/program-handoffs", said)
    with reading(everywhere("test")) as db:
        [one] = handoffs_of(db, [stay])
    told = dana.post(f"/program-handoffs/{one.handoff_id}/steps", {"action": "tell"})
    assert told.status_code == 422 and "Record the patient&#39;s consent first" in told.text.replace("&#x27;", "&#39;")
    dana.post(f"/program-handoffs/{one.handoff_id}/amendment", said | {"consent_by": "the patient"})
    dana.post(f"/program-handoffs/{one.handoff_id}/steps", {"action": "tell"})

    text = dana.get(f"/encounters/{stay}/follow-up").text
    assert "Targeted case management: Valley care" in text and "Pat Rill, 555-0199" in text and "told" in text
    undone = dana.post(f"/program-handoffs/{one.handoff_id}/reversal", {})
    assert undone.status_code == 303 and "struck out" in dana.get(f"/encounters/{stay}/follow-up").text
