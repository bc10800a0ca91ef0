"""Screens, requests and assessments on a real database, and what the clocks make of them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.clocks.engine import obligations
from app.clocks.gather import gather
from app.clocks.terms import Obligation
from app.discharge.assessment import queries
from app.discharge.assessment.commands import (
    Meanwhile,
    amend_assessment,
    correct_screen,
    discard_draft,
    keep_draft,
    override_screen,
    request_evaluation,
    sign_assessment,
    strike_assessment,
    strike_screen,
)
from app.discharge.assessment.forms import (
    NOTHING,
    AmendAssessment,
    CorrectScreen,
    Override,
    RequestEvaluation,
    WriteAssessment,
)
from app.kernel.deadlines import Standing
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.discharge.assessing import WRITTEN, assess, screen, tell
from tests.support.world import NOW, World

HOUR = timedelta(hours=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return tell(world)


def of(rule: str, stay: uuid.UUID, at: datetime) -> list[Obligation]:
    """What the clocks say of a rule at an instant."""
    with reading(everywhere("test"), at=at) as view:
        return [one for one in obligations(gather(view, [stay])[0]) if one.rule == rule]


def acting(world: World, at: datetime = NOW, name: str = "dana"):
    return begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=at)


def test_an_admission_on_a_holiday_without_screen_is_late_after_24_hours(world: World):
    """DP1: admitted Saturday 4 July 2026 03:10 in Chicago (the story is told an hour further east), red on Sunday."""
    stay = tell(world, "A01 | rec 07-04 04:10 | occ 07-04 04:10 | bed 4W^401^A\n")
    due = datetime(2026, 7, 5, 8, 10, tzinfo=UTC)

    before, after = (of("DP-SCREEN", stay, due + shift) for shift in (-HOUR, HOUR))

    assert [one.due_at for one in before] == [due]
    assert [one.standing for one in (*before, *after)] == [Standing.DUE, Standing.OVERDUE]


def test_a_request_of_the_family_makes_an_evaluation_mandatory_for_a_low_risk_patient(world: World, stay: uuid.UUID):
    """DP2 of the rule sheet: asked Tuesday 10:00, due Wednesday 10:00."""
    screen(world, stay, note="Nothing found")
    assert of("DP-EVAL", stay, NOW) == []
    asked = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)

    with acting(world, asked) as work:
        request_evaluation(work, stay, RequestEvaluation.model_validate({"asked_by": "family"}))

    found = of("DP-EVAL", stay, asked)
    assert [(one.start_at, one.due_at, one.standing) for one in found] == [
        (asked, asked + timedelta(days=1), Standing.DUE)
    ]
    assess(world, stay, asked + 2 * HOUR)
    assert [one.closed_at for one in of("DP-EVAL", stay, asked + 3 * HOUR)] == [asked + 2 * HOUR]


def test_a_positive_screen_asks_for_an_evaluation_and_closes_the_screen(world: World, stay: uuid.UUID):
    screen(world, stay, needs=["alone", "function"])

    assert [one.closed_at for one in of("DP-SCREEN", stay, NOW)] == [NOW]
    assert [one.standing for one in of("DP-EVAL", stay, NOW)] == [Standing.DUE]


def test_a_negative_screen_can_be_overridden_with_a_reason(world: World, stay: uuid.UUID):
    made = screen(world, stay)

    with acting(world, NOW + HOUR) as work:
        override_screen(work, made.screening_id, Override(reason="Daughter lives abroad since last week"))

    assert [one.start_at for one in of("DP-EVAL", stay, NOW + HOUR)] == [NOW + HOUR]
    assert [one.closed_at for one in of("DP-SCREEN", stay, NOW + HOUR)] == [NOW]  # it was screened when it was
    with acting(world) as work, pytest.raises(Refused, match="positive"):
        override_screen(work, made.screening_id, Override(reason="Once more"))


def test_a_struck_out_screen_is_owed_again_and_stays_readable(world: World, stay: uuid.UUID):
    made = screen(world, stay, needs=["age"])

    with acting(world) as work:
        strike_screen(work, made.screening_id, StrikeOut(reason="Wrong patient"))

    assert [one.closed_at for one in of("DP-SCREEN", stay, NOW)] == [None]
    assert of("DP-EVAL", stay, NOW) == []
    with reading(everywhere("test")) as view:
        assert [one.state for one in queries.screens(view, stay)] == ["struck_out", "positive"]
    screen(world, stay)  # and it can be made anew


def test_a_corrected_screen_keeps_what_was_written_first(world: World, stay: uuid.UUID):
    made = screen(world, stay, needs=["age"])

    with acting(world) as work:
        correct_screen(work, made.screening_id, CorrectScreen.model_validate({"because": "Age was misread"}))

    assert of("DP-EVAL", stay, NOW) == []
    with reading(everywhere("test")) as view:
        assert [(one.state, one.needs) for one in queries.screens(view, stay)] == [
            ("negative", []), ("positive", ["age"]),
        ]  # fmt: skip


@pytest.mark.parametrize("said", [{"on": "2026-03-06", "at": "09:00"}, {"on": "2026-03-01", "at": "09:00"}])
def test_a_screen_lies_within_the_stay_and_not_ahead(world: World, stay: uuid.UUID, said: dict[str, str]):
    with pytest.raises(Refused):
        screen(world, stay, **said)


def test_a_stay_has_one_screen_that_stands(world: World, stay: uuid.UUID):
    screen(world, stay)

    with pytest.raises(Refused, match="screened already"):
        screen(world, stay)


@pytest.mark.parametrize(
    ("without", "field"),
    [({"goals": ""}, "goals"), ({"services": []}, "services"), ({"discussed": None}, "discussed"),
     ({"points": [], "notes": {}}, "points"), ({"discussed": "representative"}, "discussed_with")],
)  # fmt: skip
def test_what_is_missing_to_sign_is_named_beside_its_field(world: World, stay: uuid.UUID, without, field: str):
    with pytest.raises(Refused) as refused:
        assess(world, stay, **without)

    assert refused.value.field == field


def test_a_draft_keeps_everything_and_is_signed_as_the_same_assessment(world: World, stay: uuid.UUID):
    with acting(world) as work:
        kept = keep_draft(work, stay, WriteAssessment.model_validate(WRITTEN | {"discussed": None}))
    with reading(everywhere("test")) as view:
        held = queries.draft(view, stay)
    assert held is not None and held.content.goals == WRITTEN["goals"] and held.content.notes == WRITTEN["notes"]

    signed = assess(world, stay, NOW + HOUR, name="sol")

    assert signed.assessment_id == kept.assessment_id
    with reading(everywhere("test")) as view:
        assert queries.draft(view, stay) is None
        assert [one.signed_by for one in queries.assessments(view, stay)] == ["Sol Werner"]


def test_a_draft_that_was_thrown_away_does_not_come_back(world: World, stay: uuid.UUID):
    with acting(world) as work:
        keep_draft(work, stay, WriteAssessment.model_validate({"goals": "Home"}))
    with acting(world, NOW + HOUR) as work:
        discard_draft(work, stay)

    with acting(world, NOW + HOUR) as work, pytest.raises(Refused, match="no draft"):
        discard_draft(work, stay)
    with reading(everywhere("test")) as view:
        assert queries.standing(view, [stay]) == {}


def test_a_form_that_was_sent_twice_signs_once(world: World, stay: uuid.UUID):
    first = assess(world, stay, seen=NOTHING)
    again = assess(world, stay, seen=NOTHING)

    assert again.id == first.id and of("DP-EVAL", stay, NOW) == []
    with reading(everywhere("test")) as view:
        assert len(queries.standing(view, [stay])[stay]) == 1
    other = assess(world, stay, NOW + HOUR, seen=str(first.id))  # the same again later is meant
    assert other.kind == "reassessment"


def test_two_people_who_write_one_draft_do_not_overwrite_each_other_unseen(world: World, stay: uuid.UUID):
    with acting(world) as work:
        kept = keep_draft(work, stay, WriteAssessment(goals="Home", seen=NOTHING))
    with acting(world, NOW + HOUR, "sol") as work, pytest.raises(Meanwhile, match="Dana Whitlow wrote in this draft"):
        keep_draft(work, stay, WriteAssessment(goals="Somewhere else", seen=NOTHING))
    with acting(world, NOW + HOUR, "sol") as work:
        keep_draft(work, stay, WriteAssessment(goals="Home with help", seen=str(kept.id)))
    with pytest.raises(Meanwhile, match="Sol Werner wrote in this draft"):
        assess(world, stay, NOW + HOUR, seen=str(kept.id))
    assess(world, stay, NOW + HOUR, name="sol", seen=str(kept.id))  # two windows of one person

    with acting(world, NOW + HOUR) as work, pytest.raises(Meanwhile, match="signed an assessment meanwhile"):
        keep_draft(work, stay, WriteAssessment(goals="Home", seen=str(kept.id)))


def test_the_second_assessment_is_a_reassessment_and_looks_at_the_plan(world: World, stay: uuid.UUID):
    first = assess(world, stay)
    second = assess(world, stay, NOW + HOUR, points=["walking", "confused"])

    assert (first.kind, second.kind) == ("evaluation", "reassessment")


def test_an_amendment_keeps_who_signed_and_the_version_before(world: World, stay: uuid.UUID):
    made = assess(world, stay)

    with acting(world, NOW + HOUR, "sol") as work:
        ask = WRITTEN | {"goals": "Home with his sister", "because": "The sister was left out"}
        amend_assessment(work, made.assessment_id, AmendAssessment.model_validate(ask))

    with reading(everywhere("test")) as view:
        now, before = queries.assessments(view, stay)
    assert (now.content.goals, now.signed_by, now.signed_at) == ("Home with his sister", "Dana Whitlow", NOW)
    assert (before.content.goals, now.made_because) == (WRITTEN["goals"], "The sister was left out")


def test_a_struck_out_evaluation_is_owed_again(world: World, stay: uuid.UUID):
    screen(world, stay, needs=["function"])
    made = assess(world, stay, NOW + HOUR)
    assert [one.open for one in of("DP-EVAL", stay, NOW + HOUR)] == [False]

    with acting(world, NOW + 2 * HOUR) as work:
        strike_assessment(work, made.assessment_id, StrikeOut(reason="Another patient's"))

    assert [one.open for one in of("DP-EVAL", stay, NOW + 2 * HOUR)] == [True]


def test_social_needs_are_handed_over_with_their_codes(world: World, stay: uuid.UUID):
    assess(world, stay)

    with reading(everywhere("test")) as view:
        facts = view.value("select facts from audit_event where name = 'assessment.signed'")
    assert facts["social_codes"] == ["Z60.2", "Z59.41"]


def test_strangers_find_nothing(world: World, stay: uuid.UUID):
    made = assess(world, stay)

    with acting(world, name="stan") as work, pytest.raises(NotFound):
        strike_assessment(work, made.assessment_id, StrikeOut(reason="Not mine"))
    with acting(world, name="stan") as work, pytest.raises(NotFound):
        sign_assessment(work, stay, WriteAssessment.model_validate(WRITTEN))


def test_what_was_known_then_is_read_as_it_was(world: World, stay: uuid.UUID):
    assess(world, stay)
    later = NOW + 3 * HOUR
    assess(world, stay, later, goals="A home with company")

    with reading(everywhere("test"), as_of=NOW + HOUR) as view:
        assert [one.content.goals for one in queries.standing(view, [stay])[stay]] == [WRITTEN["goals"]]
