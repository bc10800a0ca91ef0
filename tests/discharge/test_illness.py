"""Signs of serious illness from facts, the answer to them, consult, planning and meetings."""

import uuid
from datetime import date, datetime, timedelta

import pytest

from app.clocks.terms import EventKind
from app.discharge.illness import queries
from app.discharge.illness.commands import (
    answer_signs,
    cancel_meeting,
    hold_meeting,
    plan_meeting,
    record_planning,
    strike_meeting,
    take_sign_away,
    tell_sign,
)
from app.discharge.illness.forms import (
    AnswerSigns,
    CancelMeeting,
    HoldMeeting,
    PlanMeeting,
    RecordPlanning,
    TellSign,
)
from app.discharge.illness.rules import (
    LIFE,
    MEETING_LIFE,
    Earlier,
    Facts,
    conflicts,
    opens,
    planning_codes,
    signs,
)
from app.discharge.illness.source import facts
from app.discharge.illness.terms import CaseState, CodeStatus, Document, MeetingState, PlanningState, Rank, Sign
from app.discharge.instruments.commands import AnswerQuestion, answer_question, strike_answer
from app.discharge.instruments.events import RiskComputed
from app.discharge.instruments.known import known_of
from app.discharge.instruments.terms import Answer, Known
from app.discharge.plan import queries as plan
from app.discharge.plan.barriers.commands import RaiseBarrier, raise_barrier
from app.discharge.terms import BarrierKind, CareType
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import unreachable
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.discharge.assessing import case, diagnosed, look, owed, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 3, 5)


def known(**more: object) -> Known:
    return Known(today=TODAY, arrived_on=TODAY, **more)  # type: ignore[arg-type]


def found(facts: Facts) -> list[str]:
    return [one.sign.value for one in signs(facts)]


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(known=known(diagnoses=("I50.23",))), ["life_limiting"]),
        (Facts(known=known(diagnoses=("C34.10", "C78.7"))), ["metastatic"]),
        (Facts(known=known(diagnoses=("I10",))), []),
        (Facts(known=known(diagnoses=("I50.9",)), earlier=(Earlier(("I50.9",)),)), ["same_condition", "life_limiting"]),
        (Facts(known=known(), earlier=(Earlier(()), Earlier(()))), ["admissions"]),
        (Facts(known=known(intensive_days=7)), ["intensive_week"]),
        (Facts(known=known(intensive_days=6)), []),
        (Facts(known=known(), admit_source="5"), ["long_term_care"]),
        (Facts(known=known(diagnoses=("S72.001A", "F03.90"))), ["life_limiting", "hip_fracture"]),
        (Facts(known=known(answers={"surprise": Answer("no")})), ["surprise"]),
        (Facts(known=known(answers={"surprise": Answer("yes")})), []),
        (Facts(known=known(answers={"pps": Answer("50")})), ["function"]),
        (Facts(known=known(answers={"pps": Answer("60"), "cfs": Answer("6"), "ecog": Answer("2")})), []),
        (Facts(known=known(), planning=PlanningState.CONFLICTING), ["disagreement"]),
        (Facts(known=known(), planning=PlanningState.NONE), ["no_document"]),
        (Facts(known=known(points=frozenset({"lives_alone", "no_caregiver"}))), ["limited_support"]),
        (Facts(known=known(), told={Sign.SYMPTOMS: "pain"}), ["symptoms"]),
    ],
)
def test_signs_follow_from_facts(facts: Facts, expected: list[str]):
    assert found(facts) == expected


def test_one_primary_or_two_secondary_signs_ask_for_an_answer():
    secondary = [sign for sign in Sign if sign.rank is Rank.SECONDARY]

    assert all(opens([sign]) == (sign.rank is Rank.PRIMARY) for sign in Sign)
    assert opens(secondary[:2]) and not opens([]) and not opens([secondary[0], secondary[0]])


@pytest.mark.parametrize(
    ("minutes", "codes"),
    [(15, ""), (16, "99497"), (45, "99497"), (46, "99497, 99498"), (75, "99497, 99498"), (76, "99497, 2 x 99498")],
)
def test_minutes_of_planning_say_which_codes_they_could_bear(minutes: int, codes: str):
    assert planning_codes(minutes) == codes


def test_the_words_of_a_person_stand_before_those_of_the_facts():
    told = {Sign.DISAGREEMENT: "Two sons want different things"}
    one = signs(Facts(known=known(), planning=PlanningState.CONFLICTING, told=told))

    assert [(each.sign, each.evidence) for each in one] == [(Sign.DISAGREEMENT, "Two sons want different things")]


def test_documents_orders_and_people_may_disagree():
    assert conflicts([Document.DNR], CodeStatus.FULL)
    assert conflicts([], CodeStatus.DNR)
    assert conflicts([], CodeStatus.FULL, "The sons disagree.") == ["The sons disagree."]
    assert conflicts([Document.DNR, Document.PROXY], CodeStatus.DNR) == []


def test_every_state_of_the_lane_can_be_reached():
    assert unreachable(LIFE, CaseState.FOUND) == []
    assert unreachable(MEETING_LIFE, MeetingState.PLANNED) == []


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return tell(world, "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | type E\n")


def acting(world: World, at: datetime = NOW, name: str = "dana"):
    return begin(world.viewer(name).acting(Permission.PLAN_WRITE), at=at)


# --- the lane ---------------------------------------------------------------------------------------------------------


def answer(world: World, stay: uuid.UUID, when: datetime = NOW, /, **said: object):
    with acting(world, when) as work:
        return answer_signs(work, stay, AnswerSigns.model_validate(said))


def test_two_secondary_signs_wait_for_an_answer_within_a_day(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9")
    assert case(stay) == ""

    diagnosed(stay, "I50.9", "Z99.81")

    assert case(stay) == "found"
    assert owed("SI-ANSWER") == [(NOW + DAY, None)]
    answer(world, stay, NOW + HOUR, action="accept")
    assert owed("SI-ANSWER") == [(NOW + DAY, NOW + HOUR)]


def test_signs_that_are_corrected_away_ask_for_nothing(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")

    diagnosed(stay, "I10", at=NOW + HOUR)

    assert case(stay) == "gone" and owed("SI-ANSWER") == []
    diagnosed(stay, "C78.7", "Z99.81", at=NOW + 2 * HOUR)
    assert case(stay) == "found" and owed("SI-ANSWER") == [(NOW + 2 * HOUR + DAY, None)]


@pytest.mark.parametrize(
    ("said", "field"),
    [({"action": "defer"}, "why"), ({"action": "dismiss"}, "why"), ({"action": "defer", "why": "other"}, "note"),
     ({"action": "defer", "why": "too_early", "return_on": "2026-03-05"}, "return_on"),
     ({"action": "accept", "return_on": "2026-03-09"}, "return_on")],
)  # fmt: skip
def test_an_answer_that_lacks_something_is_refused_beside_its_field(world: World, stay: uuid.UUID, said, field: str):
    diagnosed(stay, "I50.9", "Z99.81")

    with pytest.raises(Refused) as refused:
        answer(world, stay, **said)

    assert refused.value.field == field and case(stay) == "found"


def test_what_is_deferred_comes_back_on_its_day(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    answer(world, stay, action="defer", why="too_early", return_on="2026-03-08")
    assert not look(stay, NOW + DAY) or case(stay) == "deferred"

    look(stay, NOW + 3 * DAY)

    assert case(stay) == "found"
    assert owed("SI-ANSWER") == [(NOW + 4 * DAY, None)]


def test_a_consult_is_ordered_and_seen(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    answer(world, stay, NOW + HOUR, action="order_consult")
    assert case(stay) == "consult_ordered" and owed("SI-CONSULT") == [(NOW + HOUR + DAY, None)]

    with pytest.raises(Refused, match="before the consult"):
        answer(world, stay, NOW + 9 * HOUR, action="see", on="2026-03-05", at="10:00")
    answer(world, stay, NOW + 9 * HOUR, action="see")

    assert owed("SI-CONSULT") == [(NOW + HOUR + DAY, NOW + 9 * HOUR)]
    with pytest.raises(Refused, match="seen"):
        answer(world, stay, NOW + 9 * HOUR, action="accept")


def test_a_consult_that_is_taken_back_is_owed_no_more(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    answer(world, stay, action="order_consult")
    answer(world, stay, NOW + HOUR, action="cancel_consult")

    assert case(stay) == "accepted" and owed("SI-CONSULT") == []


def test_another_sign_brings_a_closed_question_back(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    answer(world, stay, action="dismiss", why="curable")
    look(stay, NOW + HOUR)
    assert case(stay) == "not_applicable"

    with acting(world, NOW + HOUR) as work:
        told = tell_sign(work, stay, TellSign(sign=Sign.SYMPTOMS, evidence="Breathless at rest"))

    assert case(stay) == "found"
    with acting(world, NOW + HOUR) as work:
        take_sign_away(work, told.id, StrikeOut(reason="Was another patient"))
    with reading(everywhere("test")) as view:
        assert {one.sign for one in queries.standing_signs(view, [stay])[stay]} == {"life_limiting", "home_oxygen"}


def test_what_is_coded_after_departure_asks_nobody_again(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    answer(world, stay, action="dismiss", why="curable")
    telling = Telling(world, first=10)
    telling.tell("A03 | rec 03-05 08:30 | occ 03-05 08:00 | bed 4W^401^A | type E\n")

    diagnosed(stay, "I50.9", "Z99.81", "C78.00", at=NOW + HOUR)

    assert case(stay) == "not_applicable" and owed("SI-ANSWER") == []
    with reading(everywhere("test")) as view:  # it is found all the same
        assert "metastatic" in {one.sign for one in queries.standing_signs(view, [stay])[stay]}


def test_of_two_numbers_of_one_stay_one_case_waits_for_an_answer(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    other = tell(world, "A01 | rec 03-04 11:00 | occ 03-04 11:00 | visit V2 | patient M2 | bed 4W^402^A\n", first=2)
    diagnosed(other, "I50.9", "Z99.81", at=NOW + HOUR)
    with acting(world, NOW + HOUR) as work:
        answer_question(work, other, AnswerQuestion(question="pps", value="40"))
    with begin(everywhere("test"), at=NOW + HOUR) as work:
        work.write(
            "encounter", "update encounter set gone_at = %s, united_into_id = %s where id = %s", (NOW, stay, other)
        )
        facility = work.value("select facility_id from encounter where id = %s", (stay,))
        work.record(RiskComputed(facility_id=facility, encounter_id=stay, instruments=()))

    answer(world, stay, NOW + 2 * HOUR, action="dismiss", why="curable")

    with reading(everywhere("test"), at=NOW + 2 * HOUR) as view:  # and what was answered under the other number counts
        assert known_of(view, [stay])[stay].known.answers["pps"].text == "40"
    with reading(everywhere("test"), at=NOW + 2 * HOUR) as view:
        (lent,) = facts(view, [stay])
    found = [one.subject for one in lent.events if one.kind is EventKind.TRIGGER_FOUND]
    assert len(found) == 1 and found == [one.subject for one in lent.records]


def test_a_sign_that_follows_from_facts_is_neither_told_nor_taken_away(world: World, stay: uuid.UUID):
    diagnosed(stay, "I50.9", "Z99.81")
    with reading(everywhere("test")) as view:
        one = queries.standing_signs(view, [stay])[stay][0]

    with acting(world) as work, pytest.raises(Refused, match="follows from facts"):
        tell_sign(work, stay, TellSign(sign=Sign.METASTATIC, evidence="Heard so"))
    with acting(world) as work, pytest.raises(Refused, match="follows from facts"):
        take_sign_away(work, one.id, StrikeOut(reason="Not so"))


def test_the_surprise_question_opens_the_lane_and_its_correction_closes_it(world: World, stay: uuid.UUID):
    with acting(world) as work:
        made = answer_question(work, stay, AnswerQuestion(question="surprise", value="no"))
    look(stay)
    assert case(stay) == "found"

    with acting(world, NOW + HOUR) as work:
        strike_answer(work, made.id, StrikeOut(reason="Misunderstood"))
    look(stay, NOW + HOUR)

    assert case(stay) == "gone"


def test_planning_knows_its_state_and_who_decides(world: World, stay: uuid.UUID):
    with acting(world) as work, pytest.raises(Refused, match="by what right"):
        record_planning(work, stay, RecordPlanning(surrogate="Ida Alder"))
    with acting(world) as work:
        said = {"documents": ["dnr"], "code_status": "full", "surrogate": "Ida Alder", "basis": "appointed"}
        made = record_planning(work, stay, RecordPlanning.model_validate(said))
    assert made.state == "conflicting" and case(stay) == "found"  # disagreement is a primary sign

    with acting(world, NOW + HOUR) as work:
        made = record_planning(work, stay, RecordPlanning.model_validate(said | {"code_status": "dnr"}))

    assert made.state == "documented" and case(stay) == "gone"
    with reading(everywhere("test")) as view:
        assert [one.state for one in queries.planning_versions(view, stay)] == ["documented", "conflicting"]


def test_a_meeting_is_planned_held_corrected_and_struck_out(world: World, stay: uuid.UUID):
    with acting(world) as work:
        ask = PlanMeeting.model_validate({"on": "2026-03-06", "at": "14:00", "present": "Wife"})
        made = plan_meeting(work, stay, ask)
    assert owed("SI-MEETING") == [(made.planned_at, None)]

    held = NOW + DAY + 6 * HOUR
    said = {"present": "Wife, Dr. Tending", "outcome": "hospice", "hospice_considered": "on", "minutes": "47",
            "disposition": "hospice_home"}  # fmt: skip
    with acting(world, held) as work:
        hold_meeting(work, stay, HoldMeeting.model_validate(said), made.meeting_id)
    assert owed("SI-MEETING") == [(made.planned_at, held)]

    with acting(world, held) as work, pytest.raises(Refused, match="why"):
        hold_meeting(work, stay, HoldMeeting.model_validate(said), made.meeting_id)
    with acting(world, held) as work, pytest.raises(Refused, match="held"):
        cancel_meeting(work, made.meeting_id, CancelMeeting(reason="Not needed"))
    with acting(world, held) as work:
        strike_meeting(work, made.meeting_id, StrikeOut(reason="Another patient's"))
    assert owed("SI-MEETING") == []


def test_a_meeting_resolves_the_wait_for_goals_and_proposes_where_to_go(world: World, stay: uuid.UUID):
    with acting(world) as work:
        waits = raise_barrier(work, stay, RaiseBarrier(kind=BarrierKind.GOALS))
        other = raise_barrier(work, stay, RaiseBarrier(kind=BarrierKind.PAYER))
    told = {"present": "Wife", "outcome": "informed"}
    with acting(world, NOW + HOUR) as work:
        hold_meeting(work, stay, HoldMeeting.model_validate(told))
        assert len(plan.open_barriers(work, [stay])[stay]) == 2  # told, nothing decided

    with acting(world, NOW + 2 * HOUR) as work:
        said = told | {"outcome": "hospice", "disposition": "hospice_home"}
        hold_meeting(work, stay, HoldMeeting.model_validate(said))

    with reading(everywhere("test")) as view:
        assert [one.barrier_id for one in plan.open_barriers(view, [stay])[stay]] == [other.barrier_id]
        going = plan.disposition(view, stay)
    assert waits.barrier_id != other.barrier_id and going is not None and going.to is CareType.HOSPICE_HOME
    with acting(world, NOW + 3 * HOUR) as work:  # what stands in the plan is not replaced by a proposal
        hold_meeting(work, stay, HoldMeeting.model_validate(said | {"disposition": "snf"}))
        now = plan.disposition(work, stay)
    assert now is not None and now.to is CareType.HOSPICE_HOME


def test_what_a_meeting_resolved_waits_again_when_the_meeting_is_struck_out(world: World, stay: uuid.UUID):
    with acting(world) as work:
        waits = raise_barrier(work, stay, RaiseBarrier(kind=BarrierKind.GOALS))
    held = []
    for hours in (1, 2):
        with acting(world, NOW + hours * HOUR) as work:
            said = HoldMeeting.model_validate({"present": "Wife", "outcome": "goals_agreed"})
            held.append(hold_meeting(work, stay, said).meeting_id)

    for meeting, still in zip(held, ([], [waits.barrier_id]), strict=True):
        with acting(world, NOW + 3 * HOUR) as work:
            strike_meeting(work, meeting, StrikeOut(reason="Another patient's family"))
        with reading(everywhere("test")) as view:  # the second meeting still stands after the first strike
            assert [one.barrier_id for one in plan.open_barriers(view, [stay]).get(stay, [])] == still


def test_strangers_find_nothing(world: World, stay: uuid.UUID):
    with acting(world, name="stan") as work, pytest.raises(NotFound):
        answer_signs(work, stay, AnswerSigns.model_validate({"action": "accept"}))
    with acting(world, name="stan") as work, pytest.raises(NotFound):
        strike_meeting(work, uuid.uuid4(), StrikeOut(reason="Not mine"))
