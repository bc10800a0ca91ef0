"""The life of a question, the ladder, and who may answer what."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.advisor.rules import (
    ANSWERS,
    EXPECTED_NEXT,
    LIFE,
    MEDICAL,
    ON_THE_WAY,
    OPEN,
    REASONS,
    Answerer,
    Asked,
    Ladder,
    answers,
    check_answer,
    check_ladder,
)
from app.advisor.terms import EscalationAction, EscalationKind, EscalationState, Outcome, Reason, Rung
from app.kernel.refusal import Refused
from app.kernel.transitions import actions, after, finals, states, unreachable
from tests.support.world import NOW

PHYSICIAN = Answerer(True, frozenset({"physician_advisor"}))
NURSE = Answerer(False, frozenset({"ur_nurse"}))
LEAD = Answerer(False, frozenset({"lead"}))
WAITING = EscalationState.WAITING


def test_every_state_is_reached_and_only_what_counts_no_more_is_final():
    assert unreachable(LIFE, WAITING) == []
    assert set(finals(LIFE)) == {EscalationState.WITHDRAWN, EscalationState.STRUCK_OUT}
    assert set(states(LIFE)) == set(EscalationState)


@given(st.lists(st.sampled_from([one for one in EscalationAction if one is not EscalationAction.ASK]), max_size=12))
def test_any_series_of_steps_is_in_the_table_or_refused(series: list[EscalationAction]):
    state = WAITING
    for action in series:
        if (state, action) in LIFE:
            state = after(LIFE, state, action)
            continue
        with pytest.raises(Refused) as refused:
            after(LIFE, state, action, noun="question")
        assert all(word.value.replace("_", " ") in refused.value.sentence for word in actions(LIFE, state))
    assert state in OPEN or state in (*finals(LIFE), EscalationState.DECIDED)


def test_only_the_answer_of_a_question_that_is_decided_can_be_amended_and_only_what_waits_rises():
    assert [state for (state, action) in LIFE if action is EscalationAction.AMEND] == [EscalationState.DECIDED]
    assert [state for (state, action) in LIFE if action is EscalationAction.RISE] == [WAITING]


@pytest.mark.parametrize("kind", list(EscalationKind))
def test_a_card_has_three_answers_on_keys_and_each_answer_its_reasons(kind: EscalationKind):
    assert len(ANSWERS[kind]) >= 4 and len(set(ANSWERS[kind])) == len(ANSWERS[kind])
    assert all(REASONS[outcome][-1] is Reason.OTHER for outcome in ANSWERS[kind])
    assert all(outcome in EXPECTED_NEXT or outcome in ON_THE_WAY for outcome in ANSWERS[kind])


@pytest.mark.parametrize(
    ("kind", "roles", "first"),
    [
        (EscalationKind.STATUS_QUESTION, {"ur_nurse"}, Rung.PHYSICIAN_ADVISOR),
        (EscalationKind.CONTINUED_STAY, {"case_manager"}, Rung.PHYSICIAN_ADVISOR),
        (EscalationKind.CONCURRENT_DENIAL, set(), Rung.PHYSICIAN_ADVISOR),
        (EscalationKind.LONG_STAY, {"case_manager"}, Rung.LEAD),
        (EscalationKind.LONG_STAY, {"lead"}, Rung.PHYSICIAN_ADVISOR),
        (EscalationKind.QUALITY_OF_PLAN, {"physician_advisor"}, Rung.CHIEF_MEDICAL_OFFICER),
        (EscalationKind.QUALITY_OF_PLAN, {"chief_medical_officer"}, Rung.CHIEF_MEDICAL_OFFICER),
        (EscalationKind.LONG_STAY, {"attending"}, Rung.LEAD),
    ],
)
def test_where_a_question_begins(kind: EscalationKind, roles: set[str], first: Rung):
    assert Ladder().first(kind, roles) is first


def test_a_rung_without_minutes_is_skipped_and_the_last_one_is_the_end():
    ladder = check_ladder({Rung.CASE_MANAGER: 30, Rung.CHIEF_MEDICAL_OFFICER: 60})

    assert ladder.first(EscalationKind.LONG_STAY, ()) is Rung.CASE_MANAGER
    assert ladder.after(Rung.CASE_MANAGER) is Rung.CHIEF_MEDICAL_OFFICER
    assert ladder.after(Rung.CHIEF_MEDICAL_OFFICER) is None
    assert ladder.after(Rung.LEAD) is Rung.CHIEF_MEDICAL_OFFICER  # a rung of an older ladder
    assert ladder.due(Rung.CASE_MANAGER, NOW) == NOW + timedelta(minutes=30)
    assert ladder.due(Rung.LEAD, NOW) == NOW + timedelta(minutes=240)


def test_a_ladder_without_a_physician_is_refused():
    with pytest.raises(Refused, match="only they may decide"):
        check_ladder({Rung.LEAD: 30})


@pytest.mark.parametrize("kind", sorted(MEDICAL))
@pytest.mark.parametrize("who", [NURSE, LEAD])
def test_nobody_but_a_physician_answers_a_question_of_medical_necessity(kind: EscalationKind, who: Answerer):
    for outcome in ANSWERS[kind]:
        with pytest.raises(Refused, match="Only a physician"):
            check_answer(Asked(kind, Rung.CASE_MANAGER, WAITING), who, outcome, REASONS[outcome][0], "because")


def test_a_lead_answers_a_question_about_a_plan_on_the_leads_rung_only():
    def check(rung: Rung, who: Answerer, outcome: Outcome) -> None:
        check_answer(Asked(EscalationKind.LONG_STAY, rung, WAITING), who, outcome, REASONS[outcome][0], "")

    check(Rung.LEAD, LEAD, Outcome.KEEP_PLAN)
    check(Rung.PHYSICIAN_ADVISOR, PHYSICIAN, Outcome.DISCHARGE_APPROPRIATE)
    for rung, who, outcome in (
        (Rung.LEAD, NURSE, Outcome.KEEP_PLAN),
        (Rung.PHYSICIAN_ADVISOR, LEAD, Outcome.KEEP_PLAN),
        (Rung.LEAD, LEAD, Outcome.DISCHARGE_APPROPRIATE),
    ):
        with pytest.raises(Refused):
            check(rung, who, outcome)


@pytest.mark.parametrize(
    ("outcome", "reason", "rationale", "field"),
    [
        (Outcome.OVERTURNED, Reason.ACUTE_NEED, "", "outcome"),
        (Outcome.INPATIENT_SUPPORTED, Reason.CONVENIENCE, "", "reason"),
        (Outcome.INPATIENT_SUPPORTED, Reason.OTHER, "", "rationale"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_beside_its_field(
    outcome: Outcome, reason: Reason, rationale: str, field: str
):
    asked = Asked(EscalationKind.STATUS_QUESTION, Rung.PHYSICIAN_ADVISOR, WAITING)
    with pytest.raises(Refused) as refused:
        check_answer(asked, PHYSICIAN, outcome, reason, rationale)
    assert refused.value.field == field


def test_a_planned_talk_is_answered_with_how_it_ended():
    asked = Asked(EscalationKind.STATUS_QUESTION, Rung.PHYSICIAN_ADVISOR, EscalationState.TALK)

    assert answers(asked)[:3] == (Outcome.OVERTURNED, Outcome.UPHELD, Outcome.NOT_HELD)
    check_answer(asked, PHYSICIAN, Outcome.OVERTURNED, Reason.NEW_FACTS, "")
    waiting_for_attending = Asked(
        EscalationKind.STATUS_QUESTION, Rung.PHYSICIAN_ADVISOR, EscalationState.WITH_ATTENDING
    )
    assert set(answers(waiting_for_attending)).isdisjoint(ON_THE_WAY)
