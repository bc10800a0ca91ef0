"""Life cycles of actions and of case reviews."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from app.discharge.rounds.board.queries import Bed, Known
from app.discharge.rounds.board.showing import board_context
from app.discharge.rounds.rules import ACTION_LIFE, CASE_LIFE, case_state, initials, next_review
from app.discharge.rounds.terms import ActionState, CaseState, CaseStep
from app.kernel.refusal import Refused
from app.kernel.transitions import finals, unreachable


def test_tables_have_no_dead_corner():
    assert unreachable(ACTION_LIFE, ActionState.UNSET) == [] and finals(ACTION_LIFE) == [ActionState.STRUCK_OUT]
    assert unreachable(CASE_LIFE, CaseState.OFF) == [] and finals(CASE_LIFE) == []


@given(st.lists(st.sampled_from([CaseStep.PUT_ON, CaseStep.REVIEW, CaseStep.CLOSE]), max_size=8))
def test_a_case_follows_its_table(steps: list[CaseStep]):
    on = False
    for place, step in enumerate(steps):
        allowed = not on if step is CaseStep.PUT_ON else on
        if not allowed:
            with pytest.raises(Refused):
                case_state(steps[: place + 1])
            return
        on = step is not CaseStep.CLOSE
    assert (case_state(steps) in (CaseState.WAITING, CaseState.REVIEWED)) is on


def test_a_complex_case_is_reviewed_every_week():
    assert next_review(date(2026, 3, 5)) == date(2026, 3, 12)


@pytest.mark.parametrize(
    ("family", "given_name", "shown"), [("Alder", "Rosa", "R. A."), ("Alder", "", "A."), ("", "", "")]
)
def test_a_wall_screen_shows_initials(family: str, given_name: str, shown: str):
    assert initials(family, given_name) == shown


def test_the_figures_count_the_days_that_the_lines_show():
    """A date that only the feed knows counts like one of the plan."""
    today = datetime(2026, 3, 5, 15, tzinfo=UTC)
    beds = [
        Bed(uuid.uuid4(), uuid.uuid4(), f"F{number}", "", "", "401", "A", None, None, "", feed_at)
        for number, feed_at in enumerate((today, today + timedelta(days=1), None))
    ]
    nothing = Known({}, {}, {}, {}, {}, {}, {})

    board = board_context(beds, nothing, True, today, ZoneInfo("America/Chicago"))

    figures = board["figures"]
    assert (figures["today"], figures["tomorrow"], figures["without"]) == (1, 1, 1)
    assert [row["leaves_today"] for row in board["rows"]] == [True, False, False]
