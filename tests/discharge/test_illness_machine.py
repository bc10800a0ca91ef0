"""The lane by random steps: first on the table alone, then by the commands on a real database."""

import contextlib
import uuid
from datetime import datetime, timedelta

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from app.discharge.assessment.rules import LIFE as ASSESSMENT_LIFE
from app.discharge.assessment.rules import SCREEN_LIFE
from app.discharge.assessment.terms import AssessmentState, ScreenState
from app.discharge.illness.commands import SAID, answer_signs
from app.discharge.illness.forms import AnswerSigns
from app.discharge.illness.rules import ANSWERED, LIFE, MEETING_LIFE
from app.discharge.illness.terms import CaseAction, CaseState, MeetingState
from app.kernel.refusal import Refused
from app.kernel.transitions import after, finals, unreachable
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.discharge.assessing import case, diagnosed, look, tell
from tests.support.world import NOW, World

SIGNS, NONE = ("I50.9", "Z99.81"), ("I10",)


def test_the_tables_have_no_dead_ends_but_those_meant():
    assert finals(SCREEN_LIFE) == [ScreenState.STRUCK_OUT]
    assert set(finals(ASSESSMENT_LIFE)) == {AssessmentState.DISCARDED, AssessmentState.STRUCK_OUT}
    assert finals(LIFE) == [] and finals(MEETING_LIFE) == [MeetingState.STRUCK_OUT]
    assert unreachable(SCREEN_LIFE, ScreenState.NEGATIVE) == []
    assert unreachable(ASSESSMENT_LIFE, AssessmentState.DRAFT) == []


@given(st.lists(st.sampled_from(CaseAction), max_size=30))
def test_a_visit_is_never_without_an_order(actions: list[CaseAction]):
    state, ordered = CaseState.FOUND, False
    for action in actions:
        with contextlib.suppress(Refused):
            state = after(LIFE, state, action, noun="case")
            ordered = action is CaseAction.ORDER_CONSULT or (
                ordered and action not in (CaseAction.CANCEL_CONSULT, CaseAction.RETURN)
            )
        assert state is not CaseState.SEEN or ordered
        assert state is not CaseState.CONSULT_ORDERED or ordered


STEPS = st.lists(
    st.tuples(st.sampled_from([*SAID, "signs", "none", "look"]), st.integers(0, 72)), min_size=1, max_size=10
)


def stored() -> tuple[str, datetime | None, datetime | None, datetime | None]:
    with reading(everywhere("test")) as db:
        query = "select state, answered_at, ordered_at, seen_at from illness_case where ended_at is null"
        found = db.rows(lambda *row: row, query)
        versions = db.value("select count(*) from illness_case where ended_at is null")
    assert versions == len(found) <= 1
    return found[0] if found else ("", None, None, None)


def ended() -> set[str]:
    """Every version that stands no more, with all its values."""
    with reading(everywhere("test")) as db:
        return set(db.values("select c::text from illness_case c where ended_at is not null"))


def test_any_order_of_deeds_leaves_the_case_where_the_table_says(world: World):
    stay = tell(world)
    person = world.viewer("dana").acting(Permission.PLAN_WRITE)
    clock = [NOW]

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def walk(steps: list[tuple[CaseAction | str, int]]) -> None:
        for action, hours in steps:
            clock[0] += timedelta(hours=hours, minutes=1)
            was, kept = case(stay), ended()
            _do(person, stay, action, clock[0])
            state, answered, ordered, seen = stored()
            assert kept <= ended()  # nothing that ended is ever rewritten
            if isinstance(action, CaseAction) and was and (CaseState(was), action) in LIFE:
                assert state in (was, LIFE[CaseState(was), action].value)
            elif isinstance(action, CaseAction):
                assert state == was
            assert (answered is not None) == (state in set(ANSWERED)) or state == "gone"
            assert seen is None or (ordered is not None and seen >= ordered)

    walk()


def _do(person: object, stay: uuid.UUID, action: CaseAction | str, at: datetime) -> None:
    if action == "signs":
        diagnosed(stay, *SIGNS, at=at)
    elif action == "none":
        diagnosed(stay, *NONE, at=at)
    elif action == "look":
        look(stay, at)
    else:
        said = {"action": action, "why": "too_early"}
        with contextlib.suppress(Refused), begin(person, at=at) as work:  # type: ignore[arg-type]
            answer_signs(work, stay, AnswerSigns.model_validate(said))
