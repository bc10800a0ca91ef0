"""The checklist on a real database: evidence, words, what has to be said, taking back."""

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.discharge.booking.conditions.answers import take_back as take_back_answer
from app.discharge.departure.commands import SayItem, say_item
from app.discharge.departure.evidence import OPEN_ITEMS
from app.discharge.departure.queries import checklists, history, open_count
from app.discharge.departure.rules import ACTION_FOR, LIFE
from app.discharge.departure.terms import Item, ItemAction, ItemState
from app.discharge.eligibility.terms import Question
from app.discharge.plan.commands import SetExpectedDate, set_expected_date
from app.discharge.teaching.forms import TeachTopic
from app.discharge.teaching.terms import TeachBack
from app.discharge.terms import CareType
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from tests.discharge.booking.support import chose, doing, told
from tests.discharge.departure.support import going, planner, say, stands, state_of, teach, unsay
from tests.notices.support import ADMITTED, FIRST, FOLLOW_UP, LEAVES, deliver, tell
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import NOW, World

HOUR = timedelta(hours=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def test_teach_back_with_signs_of_danger_closes_its_item(world: World, stay: uuid.UUID):
    teach(world, stay, TeachTopic(topic="Wound", teach_back=TeachBack.FULL))
    assert state_of(stay, Item.TEACH_BACK) is ItemState.OPEN  # no signs of danger were taught

    teach(world, stay, TeachTopic(topic="Wound", teach_back=TeachBack.FULL, red_flags="Pus, fever"))

    assert state_of(stay, Item.TEACH_BACK) is ItemState.DONE


def test_what_is_closed_by_a_record_cannot_be_said_otherwise(world: World, stay: uuid.UUID):
    teach(world, stay, TeachTopic(topic="Wound", teach_back=TeachBack.FULL, red_flags="Pus, fever"))

    with pytest.raises(Refused, match="closed by its own record"):
        say(world, stay, Item.TEACH_BACK, state="not_needed", reason="Not wanted")


def test_notices_follow_what_is_owed(world: World):
    stay = tell(world, ADMITTED + LEAVES)
    assert state_of(stay, Item.NOTICES) is ItemState.OPEN
    with pytest.raises(Refused, match="closed by its own record only"):
        say(world, stay, Item.NOTICES)

    deliver(world, stay, now=NOW - timedelta(hours=20), **FIRST)
    assert state_of(stay, Item.NOTICES) is ItemState.OPEN  # the follow-up copy is owed too
    deliver(world, stay, **FOLLOW_UP)

    assert state_of(stay, Item.NOTICES) is ItemState.DONE


@pytest.mark.parametrize(
    ("item", "said", "sentence"),
    [
        (Item.APPOINTMENT, {}, "with whom the appointment is"),
        (Item.APPOINTMENT, {"with_whom": "Dr Moss"}, "the day and the time of the appointment"),
        (Item.SUMMARY, {}, "to whom the summary was sent"),
        (Item.TRANSPORT, {"planned_on": "2026-03-06"}, "the time of day too"),
        (Item.TRANSPORT, {"planned_clock": "10:00"}, "the day too"),
        (Item.MEDICINES, {"state": "not_needed"}, "why it is not needed"),
        (Item.MEDICINES, {"state": "without", "reason": "x"}, "why it was left out"),
        (Item.MEDICINES, {"at": "23:50"}, "lies in the future"),
        (Item.ACCEPTED, {"with_whom": "Dr Moss"}, "not asked for where this patient goes"),
    ],
    ids=lambda value: str(value),
)
def test_what_nobody_could_check_is_refused(
    world: World, stay: uuid.UUID, item: Item, said: dict[str, Any], sentence: str
):
    with pytest.raises(Refused, match=sentence):
        say(world, stay, item, **said)


def test_an_appointment_is_kept_with_its_time(world: World, stay: uuid.UUID):
    say(world, stay, Item.APPOINTMENT, with_whom="Dr Moss", planned_on="2026-03-12", planned_clock="10:00")

    (line,) = [one for one in stands(stay).lines if one.standing.item is Item.APPOINTMENT]
    assert line.mark is not None and line.mark.planned_at is not None
    assert line.mark.planned_at.isoformat() == "2026-03-12T15:00:00+00:00"  # 10:00 in Chicago after 8 March


def test_a_transfer_asks_for_acceptance_and_certificate(world: World, stay: uuid.UUID):
    going(world, stay, CareType.ACUTE)

    assert {Item.ACCEPTED, Item.CERTIFIED, Item.PACKET} <= set(stands(stay).open)


def test_a_choice_of_another_type_of_care_closes_nothing(world: World, stay: uuid.UUID):
    going(world, stay, CareType.SNF)
    chose(world, stay, "home_health", [])
    assert state_of(stay, Item.CHOICE) is ItemState.OPEN

    chose(world, stay, "snf", [])

    assert state_of(stay, Item.CHOICE) is ItemState.DONE


def test_what_is_recorded_of_pasrr_closes_its_item_and_opens_it_again(world: World, stay: uuid.UUID):
    going(world, stay, CareType.NF)
    steps = [
        (Question.PASRR_LEVEL_ONE, "positive", ItemState.OPEN), (Question.PASRR_LEVEL_TWO, "asked", ItemState.OPEN),
        (Question.PASRR_EXEMPTED, "yes", ItemState.DONE), (Question.PASRR_LEVEL_TWO, "refused", ItemState.OPEN),
        (Question.PASRR_LEVEL_TWO, "approved", ItemState.DONE), (Question.PASRR_LEVEL_ONE, "negative", ItemState.DONE),
    ]  # fmt: skip
    for count, (question, answer, state) in enumerate(steps):
        told(world, stay, question, NOW + timedelta(minutes=count), answer=answer, on_day=NOW.date())
        assert state_of(stay, Item.PASRR) is state, (question, answer)

    with doing(world, NOW + HOUR) as work:
        take_back_answer(work, stay, Question.PASRR_LEVEL_ONE, "Another patient's screen")
    assert state_of(stay, Item.PASRR) is ItemState.OPEN


def test_answers_about_an_emergency_transfer_close_their_items(world: World, stay: uuid.UUID):
    going(world, stay, CareType.ACUTE)
    told(world, stay, Question.EMTALA_ACCEPTED, answer="yes", detail="Dr Moss")
    told(world, stay, Question.EMTALA_CERTIFICATE, answer="no")

    assert state_of(stay, Item.ACCEPTED) is ItemState.DONE
    assert state_of(stay, Item.CERTIFIED) is ItemState.OPEN


def test_the_day_before_departure_is_one_of_the_facility(world: World, stay: uuid.UUID):
    """At half past eleven at night in Chicago it is tomorrow in UTC already."""
    with begin(planner(world), at=NOW) as work:
        set_expected_date(work, stay, SetExpectedDate(expected_on=date(2026, 3, 7)))
    late = datetime(2026, 3, 6, 5, 30, tzinfo=UTC)

    def shown(at: datetime) -> str:
        with reading(everywhere("test"), at=at) as db:
            return open_count(db, stay)

    assert shown(late) == "" and shown(late + HOUR) != ""


def test_the_lists_count_what_the_checklist_counts(world: World):
    stays = add_stays(world, [StaySpec(family=name) for name in ("A", "B", "C")])
    going(world, stays[0], CareType.SNF)
    going(world, stays[1], CareType.HOME)
    say(world, stays[1], Item.MEDICINES)
    say(world, stays[2], Item.TRANSPORT, state="without", reason="Walks home")

    with reading(everywhere("test")) as db:
        counted = dict(db.rows(lambda *row: row, f"select e.id, {OPEN_ITEMS} from encounter e", {}))
        told = {stay: len(one.open) for stay, one in checklists(db, stays).items()}
    assert counted == told and len(set(told.values())) > 1


def test_many_checklists_need_no_more_statements_than_one(world: World, monkeypatch: pytest.MonkeyPatch):
    stays = add_stays(world, [StaySpec(family=f"N{number}") for number in range(25)])

    def statements(count: int) -> int:
        with reading(everywhere("test")) as db:
            asked: list[str] = []
            kept = db.rows
            monkeypatch.setattr(db, "rows", lambda *given: (asked.append(given[1]), kept(*given))[1])
            checklists(db, stays[:count])
            return len(asked)

    assert statements(3) == statements(25)


def test_a_stranger_finds_no_stay(world: World, stay: uuid.UUID):
    with pytest.raises(NotFound), begin(planner(world, "stan"), at=NOW) as work:
        say_item(work, stay, SayItem(item=Item.MEDICINES))


SAID: dict[ItemState, dict[str, str]] = {
    ItemState.DONE: {"state": "done"},
    ItemState.NOT_NEEDED: {"state": "not_needed", "reason": "Takes none"},
    ItemState.WITHOUT: {"state": "without", "reason": "Left against advice"},
}


def machine(world: World) -> type[RuleBasedStateMachine]:
    class Leaving(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.at, self.stay, self.state, self.said = NOW, add_stay(world), ItemState.OPEN, 0

        @rule(wanted=st.sampled_from([*SAID]))
        def act(self, wanted: ItemState) -> None:
            self.follow(ACTION_FOR[wanted], lambda: say(world, self.stay, Item.MEDICINES, now=self.at, **SAID[wanted]))

        @rule()
        def back(self) -> None:
            self.follow(ItemAction.TAKE_BACK, lambda: unsay(world, self.stay, Item.MEDICINES, at=self.at))

        def follow(self, action: ItemAction, deed: Any) -> None:
            self.at += timedelta(minutes=2)
            expected = LIFE.get((self.state, action))
            if expected is None:
                with pytest.raises(Refused):
                    deed()
                return
            deed()
            self.state = expected
            self.said += action is not ItemAction.TAKE_BACK

        @invariant()
        def table_and_database_agree(self) -> None:
            assert state_of(self.stay, Item.MEDICINES) is self.state
            with reading(everywhere("test")) as db:
                assert len(history(db, self.stay)) == self.said  # nothing is lost, nothing is rewritten

    return Leaving


def test_any_order_of_words_follows_the_table(world: World):
    few = settings(max_examples=5, stateful_step_count=8, deadline=None)
    run_state_machine_as_test(machine(world), settings=few)
