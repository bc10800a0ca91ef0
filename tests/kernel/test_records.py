"""The life of a record that is never rewritten."""

import pytest

from app.kernel.records.life import LIFE
from app.kernel.records.terms import RecordAction, RecordState
from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, unreachable


def test_every_state_of_a_record_can_be_reached_and_struck_out_is_the_end():
    assert unreachable(LIFE, RecordState.UNWRITTEN) == []
    assert finals(LIFE) == [RecordState.STRUCK_OUT]


@pytest.mark.parametrize("action", list(RecordAction))
def test_nothing_more_is_done_with_a_record_that_is_struck_out(action: RecordAction):
    with pytest.raises(Refused, match="Nothing more can be done"):
        after(LIFE, RecordState.STRUCK_OUT, action)
