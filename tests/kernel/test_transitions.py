"""A life cycle says what may happen next; anything else is refused with a way out."""

from enum import StrEnum

import pytest

from app.kernel import transitions
from app.kernel.refusal import Refused


class State(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    LOST = "lost"


class Action(StrEnum):
    SEND = "send"
    ACCEPT = "accept"
    CALL_BACK = "call_back"


TABLE = {
    (State.DRAFT, Action.SEND): State.SENT,
    (State.SENT, Action.ACCEPT): State.ACCEPTED,
    (State.SENT, Action.CALL_BACK): State.DRAFT,
    (State.LOST, Action.SEND): State.SENT,
}


def test_after_gives_the_next_state():
    assert transitions.after(TABLE, State.SENT, Action.CALL_BACK) is State.DRAFT


def test_after_refuses_with_what_is_possible():
    with pytest.raises(Refused) as refusal:
        transitions.after(TABLE, State.SENT, Action.SEND, noun="referral")

    assert (
        refusal.value.sentence == "This referral is sent, so “send” is not possible. Possible now: accept, call back."
    )


def test_after_refuses_in_a_final_state():
    with pytest.raises(Refused, match="Nothing more can be done with it"):
        transitions.after(TABLE, State.ACCEPTED, Action.SEND)


def test_every_pair_is_in_the_table_or_refused():
    for state in State:
        for action in Action:
            if (state, action) in TABLE:
                assert transitions.after(TABLE, state, action) is TABLE[state, action]
            else:
                with pytest.raises(Refused):
                    transitions.after(TABLE, state, action)


def test_actions_are_the_buttons_of_a_state():
    assert transitions.actions(TABLE, State.SENT) == [Action.ACCEPT, Action.CALL_BACK]
    assert transitions.actions(TABLE, State.ACCEPTED) == []


def test_finals_and_unreachable():
    assert transitions.states(TABLE) == [State.DRAFT, State.SENT, State.ACCEPTED, State.LOST]
    assert transitions.finals(TABLE) == [State.ACCEPTED]
    assert transitions.unreachable(TABLE, State.DRAFT) == [State.LOST]


def test_diagram_draws_every_line_of_the_table():
    drawn = transitions.diagram(TABLE, State.DRAFT).splitlines()

    assert "    [*] --> draft" in drawn
    assert "    sent --> draft: call back" in drawn
    assert "    accepted --> [*]" in drawn
    assert len(drawn) == 2 + len(TABLE) + 1
