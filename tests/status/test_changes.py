"""Changes of status on the database: conditions that are shown by records, refusals, what the clocks see."""

import uuid
from datetime import timedelta

import pytest

from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.status.changing import commands as changing
from app.status.forms import (
    WriteExpectation,
)
from app.status.queries import expectations
from tests.status.support import (
    ADMITTED,
    LEFT,
    MINUTE,
    WATCHED_AGAIN,
    ask,
    change,
    claim,
    complete,
    events,
    find,
    hear,
    notify,
    opine,
    owed,
    seat,
    strike_case,
    tell_story,
)
from tests.support.world import NOW, World


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    seat(world, "paul", "carla")
    return tell_story(world, ADMITTED)


def determined(world: World, stay: uuid.UUID) -> uuid.UUID:
    case = ask(world, stay)
    hear(world, case)
    opine(world, case)
    find(world, case)
    return case


def test_condition_code_44_completes_when_every_condition_is_shown(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    change_id = change(world, stay)
    with pytest.raises(Refused, match="a statement that the claim was not submitted; written notice to hospital"):
        complete(world, change_id)
    claim(world, stay)
    notify(world, case)
    complete(world, change_id)

    (done,) = events("status_change.completed")
    assert done["kind"] == "condition_44"
    with reading(everywhere("test")) as view:
        row = view.rows(
            lambda *one: one,
            "select state, determination_id, order_number from status_change where ended_at is null",
        )
        assert row == [("completed", case, "7781")]
        assert view.value("select patient_class from encounter where id = %s", (stay,)) == "IP"
    tell_story(world, WATCHED_AGAIN, first=9, at=NOW + timedelta(hours=1))
    assert [one[0] for one in owed("ST-OBS-REVIEW")] == [""]


def test_after_discharge_condition_code_44_is_refused_and_self_denial_is_the_way(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    claim(world, stay)
    change_id = change(world, stay)
    tell_story(world, LEFT, first=9)
    notify(world, case)

    with pytest.raises(Refused, match=r"the patient has left: use self-denial.*Self-denial after discharge is the way"):
        complete(world, change_id)


def test_a_disagreeing_practitioner_and_one_member_complete_nothing(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case, "disagrees")
    opine(world, case)
    claim(world, stay)
    change_id = change(world, stay)

    with pytest.raises(Refused, match="a second member"):
        complete(world, change_id)


def test_two_members_still_need_a_physician_who_concurs(world: World, stay: uuid.UUID):
    case = ask(world, stay)
    hear(world, case, "disagrees")
    opine(world, case)
    opine(world, case, "carla")
    hear(world, case, "concurs", part="other", practitioner="Ben Osei MD", documented_in="")
    find(world, case)
    notify(world, case)
    claim(world, stay)
    change_id = change(world, stay)

    with pytest.raises(Refused, match="Missing: where the record holds the concurrence"):
        complete(world, change_id)


def test_a_claim_that_was_sent_blocks_the_change(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    notify(world, case)
    claim(world, stay)
    change_id = change(world, stay)
    claim(world, stay, "submitted", at=NOW + MINUTE)

    with pytest.raises(Refused, match="the claim was sent"):
        complete(world, change_id, at=NOW + 2 * MINUTE)


def test_a_plan_that_is_not_original_medicare_has_its_own_process(world: World):
    stay = tell_story(world, ADMITTED.replace("MEDICARE", "HARBORLINE MA"))

    with pytest.raises(Refused, match="Take the question up with the payer"):
        change(world, stay)


def test_an_order_never_works_backwards(world: World):
    watched = ADMITTED.replace("ins", "class O | type OBS | ins")
    stay = tell_story(world, watched)
    change_id = change(world, stay, "to_inpatient")

    with pytest.raises(Refused, match="never works backwards"):
        complete(world, change_id, ordered_on="2026-03-05", ordered_at="09:00", effective_on="2026-03-04",
                 effective_at="22:00")  # fmt: skip
    complete(world, change_id, ordered_on="2026-03-05", ordered_at="09:00")
    ((_, _, closed),) = owed("ST-OBS-REVIEW")
    assert closed == NOW


def test_a_determination_under_a_completed_change_is_not_struck_out(world: World, stay: uuid.UUID):
    case = determined(world, stay)
    claim(world, stay)
    notify(world, case)
    complete(world, change(world, stay))

    with pytest.raises(Refused, match="Strike the change out first"):
        strike_case(world, case)


def test_a_later_expectation_takes_the_place_of_the_earlier_with_a_reason(world: World, stay: uuid.UUID):
    first = {"basis": "two_midnights", "physician": "Ann Tending MD", "factors": "Oxygen, age, heart failure"}
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW) as work:
        changing.write_expectation(work, stay, WriteExpectation.model_validate(first))
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=NOW + MINUTE) as work:
        again = first | {"basis": "case_by_case"}
        with pytest.raises(Refused, match="Write why"):
            changing.write_expectation(work, stay, WriteExpectation.model_validate(again))
        changing.write_expectation(work, stay, WriteExpectation.model_validate(again | {"because": "Better by noon"}))

    with reading(everywhere("test")) as view:
        assert expectations(view, [stay])[stay].basis == "case_by_case"
    with reading(everywhere("test"), as_of=NOW) as then:
        assert expectations(then, [stay])[stay].basis == "two_midnights"
