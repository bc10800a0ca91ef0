"""The life cycles of status: every pair is in its table or refused, by the table and by the commands on a database."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, unreachable
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.status.determining import commands as determining
from app.status.forms import AmendDetermination, Say
from app.status.rules import CHANGES, LIFE, STATUS, Consultation, Vote, check_finding, members_needed
from app.status.terms import (
    ChangeAction,
    ChangeState,
    DeterminationAction,
    DeterminationState,
    Finding,
    StatusAction,
    StatusState,
)
from tests.status.support import ADMITTED, ask, find, hear, notify, opine, seat, shut, state, tell_story
from tests.support.world import NOW, World

_S, _A = DeterminationState, DeterminationAction
TABLES = [
    (LIFE, _S, _A, _S.NOT_OPENED), (CHANGES, ChangeState, ChangeAction, ChangeState.NOT_BEGUN),
    (STATUS, StatusState, StatusAction, StatusState.OUTPATIENT),
]  # fmt: skip


@pytest.mark.parametrize(("table", "states", "deeds", "start"), TABLES)
def test_every_pair_is_in_the_table_or_refused(table, states, deeds, start):
    for origin in states:
        for deed in deeds:
            if (origin, deed) in table:
                assert after(table, origin, deed) is table[origin, deed]
            else:
                with pytest.raises(Refused, match="is not possible"):
                    after(table, origin, deed)
    assert unreachable(table, start) == []


def test_what_is_over_is_over():
    assert set(finals(LIFE)) == {_S.WITHDRAWN, _S.STRUCK_OUT}
    assert set(finals(CHANGES)) == {ChangeState.WITHDRAWN, ChangeState.STRUCK_OUT}
    assert finals(STATUS) == [StatusState.SELF_DENIED]


@given(
    asked=st.builds(Consultation, st.integers(0, 3), st.booleans(), st.booleans(), st.booleans()),
    votes=st.lists(st.builds(Vote, st.sampled_from("ABC"), st.sampled_from(Finding), st.booleans()), max_size=4),
)
def test_nothing_is_determined_without_enough_members(asked: Consultation, votes: list[Vote]):
    good = {one.member for one in votes if one.finding is Finding.NOT_NECESSARY and not one.conflicted}
    needed = members_needed(asked)
    if needed is not None and len(good) >= needed:
        assert check_finding(asked, votes) == needed
        return
    with pytest.raises(Refused):
        check_finding(asked, votes)


def carry_out(world: World, deed: DeterminationAction, stay: uuid.UUID, case: uuid.UUID | None) -> uuid.UUID:
    """Carry a deed out by its command."""
    if deed is _A.OPEN or case is None:
        return ask(world, stay)
    if deed is _A.CONSULT:
        hear(world, case)
    elif deed is _A.GIVE_OPINION:
        opine(world, case)
    elif deed is _A.FIND_NOT_NECESSARY:
        find(world, case)
    elif deed is _A.FIND_NECESSARY:
        find(world, case, finding="necessary")
    elif deed is _A.NOTIFY:
        notify(world, case)
    elif deed is _A.CLOSE:
        shut(world, case, "The patient left without an address.")
    else:
        with begin(world.viewer("paul").acting(Permission.DETERMINE), at=NOW) as work:
            if deed is _A.AMEND:
                determining.amend(work, case, AmendDetermination(rationale="Stable since Monday.", because="Wrong day"))
            elif deed is _A.WITHDRAW:
                determining.withdraw(work, case, Say(reason="Not needed"))
            else:
                determining.strike_out(work, case, Say(reason="Another stay"))
    return case


def test_the_commands_follow_the_table(world: World):
    """Walks at random: what a command does is what the table says, and what it refuses leaves everything as it was."""
    seat(world, "paul", "carla")
    stay = tell_story(world, ADMITTED)

    class Walk(RuleBasedStateMachine):
        @initialize()
        def start(self) -> None:
            self.case: uuid.UUID | None = None
            with reading(everywhere("test")) as view:  # what earlier walks left open stands in nobody's way
                query = "select determination_id from determination where ended_at is null and state = any(%s)"
                left = view.values(query, (["open", "determined"],))
            for key in left:
                self._end(key)

        def _end(self, key: uuid.UUID) -> None:
            deed = _A.WITHDRAW if state(key) == "open" else _A.STRIKE_OUT
            carry_out(world, deed, stay, key)

        @rule(deed=st.sampled_from(_A))
        def act(self, deed: DeterminationAction) -> None:
            if self.case is None and deed is not _A.OPEN:
                return
            before = DeterminationState(state(self.case)) if self.case else _S.NOT_OPENED
            if self.case is not None and deed is _A.OPEN:
                return
            try:
                self.case = carry_out(world, deed, stay, self.case)
            except Refused:
                assert self.case is not None and state(self.case) == before.value
            else:
                assert state(self.case) == LIFE[before, deed].value

        @rule()
        def one_version_stands(self) -> None:
            with reading(everywhere("test")) as view:
                query = "select count(*) from determination where ended_at is null group by determination_id"
                assert set(view.values(query)) <= {1}

    case = Walk.TestCase
    case.settings = settings(
        max_examples=8, stateful_step_count=10, deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )  # fmt: skip
    case("runTest").runTest()
