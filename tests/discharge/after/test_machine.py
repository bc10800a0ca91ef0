"""Calls, issues and hand-offs in any order on a real database; plain models say where they stand."""

import uuid
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.after import queries, rules
from app.discharge.after.calls.commands import WriteCall, amend_call, drop_draft, keep_draft, record_call, strike_call
from app.discharge.after.calls.issues import MoveIssue, OpenIssue, move_issue, write_issue
from app.discharge.after.programs.commands import (
    ChooseProgram,
    StepProgram,
    amend_program,
    choose_program,
    step_program,
)
from app.discharge.after.programs.queries import handoffs_of
from app.discharge.after.terms import (
    CallAction,
    CallOutcome,
    CallState,
    IssueAction,
    IssueState,
    ProgramAction,
    ProgramKind,
    ProgramState,
)
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.after.support import caller, went_home
from tests.support.world import NOW, World

NOTE = "said in the test"


class AfterDischarge(RuleBasedStateMachine):
    """One call, one issue and one hand-off of a stay; people act in any order while time goes on."""

    world: World
    stay: uuid.UUID

    def __init__(self) -> None:
        super().__init__()
        self.at, self.count = NOW, 0
        self.stay = went_home(self.world)
        self.call, self.call_id = CallState.UNWRITTEN, uuid.uuid4()
        self.issue, self.program = IssueState.OPEN, ProgramState.CHOSEN
        with begin(caller(self.world), at=self.at) as work:
            self.issue_id = write_issue(work, self.stay, OpenIssue(what="Order oxygen")).issue_id
            ask = ChooseProgram(kind=ProgramKind.ENHANCED, program="Valley care", consent_by="the patient")
            self.handoff_id = choose_program(work, self.stay, ask).handoff_id

    def _later(self) -> None:
        self.at += timedelta(minutes=7)
        self.count += 1

    @rule(action=st.sampled_from(CallAction), outcome=st.sampled_from(CallOutcome))
    def act_on_the_call(self, action: CallAction, outcome: CallOutcome) -> None:
        self._later()
        begun = action in (CallAction.KEEP, CallAction.RECORD) and self.call not in (
            CallState.UNWRITTEN,
            CallState.DRAFT,
        )
        if begun:
            return  # that would begin another call
        said = WriteCall(outcome=outcome, note=f"{NOTE} {self.count}", because=NOTE)
        before, wanted = self.call, rules.CALL_LIFE.get((self.call, action))
        try:
            with begin(caller(self.world), at=self.at) as work:
                if action is CallAction.KEEP:
                    self.call_id = keep_draft(work, self.stay, said).call_id
                elif action is CallAction.RECORD:
                    self.call_id = record_call(work, self.stay, said).call_id
                elif before is CallState.UNWRITTEN:
                    return
                elif action is CallAction.AMEND:
                    amend_call(work, self.call_id, said)
                elif action is CallAction.DROP:
                    drop_draft(work, self.call_id)
                else:
                    strike_call(work, self.call_id, NOTE)
        except Refused:
            assert wanted is None
        else:
            assert wanted is not None
            self.call = wanted

    @rule(action=st.sampled_from([one for one in IssueAction if one is not IssueAction.OPEN]))
    def act_on_the_issue(self, action: IssueAction) -> None:
        self._later()
        wanted = rules.ISSUE_LIFE.get((self.issue, action))
        try:
            with begin(caller(self.world, "lee"), at=self.at) as work:
                move_issue(work, self.issue_id, MoveIssue(action=action, owner=f"Sol {self.count}", note=NOTE))
        except Refused:
            assert wanted is None
        else:
            assert wanted is not None
            self.issue = wanted

    @rule(action=st.sampled_from([one for one in ProgramAction if one is not ProgramAction.CHOOSE]))
    def act_on_the_program(self, action: ProgramAction) -> None:
        self._later()
        wanted = rules.PROGRAM_LIFE.get((self.program, action))
        try:
            with begin(caller(self.world), at=self.at) as work:
                if action is ProgramAction.AMEND:
                    ask = ChooseProgram(kind=ProgramKind.CHRONIC, program=f"Valley care {self.count}",
                                        consent_by="the patient")  # fmt: skip
                    amend_program(work, self.handoff_id, ask)
                else:
                    step_program(work, self.handoff_id, StepProgram(action=action, note=NOTE))
        except Refused:
            assert wanted is None
        else:
            assert wanted is not None
            self.program = wanted

    @invariant()
    def what_is_stored_is_what_the_model_says(self) -> None:
        with reading(everywhere("test")) as db:
            [issue] = queries.issues_of(db, [self.stay])
            [handoff] = handoffs_of(db, [self.stay])
            calls = [one for one in queries.versions_of(db, self.stay) if one.ended_at is None]
            rewritten = db.value("select count(*) from follow_up_issue where ended_at < made_at")
        assert (issue.state, handoff.state) == (self.issue, self.program)
        assert [one.state for one in calls] == ([] if self.call is CallState.UNWRITTEN else [self.call])
        assert rewritten == 0


def test_any_order_of_deeds_leaves_what_the_tables_say(world: World):
    AfterDischarge.world = world
    run_state_machine_as_test(AfterDischarge, settings=settings(max_examples=6, stateful_step_count=14, deadline=None))
