"""Questions on a real database: who answers, what the clocks learn, what is amended, returned, struck out."""

import uuid
from datetime import timedelta

import pytest

from app.advisor.commands import AmendAnswer, GiveTo, Origin, PutQuestion, amend_decision, escalate, hand_over_day, take
from app.advisor.ladder.settings import SetLadder, set_ladder
from app.advisor.reacting import escalate_review, open_card_for_denial, withdraw_for_review
from app.advisor.source import facts
from app.clocks.terms import EventKind
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.reviews.events import ReviewReferred, ReviewStruckOut
from app.security.permissions import Permission
from tests.advisor.support import QUESTION, ask, do, owed, recorded, sign, stands
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(patient_class="OBS", unit="OBS"))


def test_a_question_goes_to_the_physician_and_the_clock_runs(world: World, stay: uuid.UUID):
    question = ask(world, stay)

    assert stands(question) == ("waiting", "physician_advisor", NOW + timedelta(hours=4))
    assert owed("ES-ANSWER") == [(str(question), NOW + timedelta(hours=4), None)]

    sign(world, question, "inpatient_supported", "two_midnights_expected", NOW + 7 * MINUTE)

    assert stands(question)[0] == "decided"
    assert owed("ES-ANSWER") == [(str(question), NOW + timedelta(hours=4), NOW + 7 * MINUTE)]
    assert recorded("escalation.decided")[0]["decision"] == "inpatient_supported"


def test_a_nurse_cannot_decide_even_past_the_page(world: World, stay: uuid.UUID):
    question = ask(world, stay)

    for name in ("dana", "uma", "lee", "dora"):
        with pytest.raises(Refused, match="Only a physician"):
            sign(world, question, "observation_appropriate", "convenience", name=name)
    assert stands(question)[0] == "waiting"


def test_a_person_of_another_hospital_reaches_nothing(world: World, stay: uuid.UUID):
    question = ask(world, stay)

    with pytest.raises(NotFound), begin(world.viewer("stan").acting(Permission.ESCALATE), at=NOW) as work:
        take(work, question)
    with pytest.raises(NotFound):
        ask(world, stay, "long_stay", name="stan")


def test_the_same_question_is_asked_once(world: World, stay: uuid.UUID):
    ask(world, stay)
    with pytest.raises(Refused) as refused:
        ask(world, stay)
    assert refused.value.field == "question"


def test_more_information_stops_the_clock_and_the_answer_starts_it_anew(world: World, stay: uuid.UUID):
    question = ask(world, stay, at=NOW - timedelta(hours=3))
    sign(world, question, "more_information", "clinical_facts", NOW - timedelta(hours=1))

    assert stands(question)[0] == "returned"
    assert owed("ES-ANSWER") == []
    assert recorded("escalation.decided") == []

    do(world, "answer_back", question, "The echo of today is in the record")

    assert stands(question) == ("waiting", "physician_advisor", NOW + timedelta(hours=4))
    assert owed("ES-ANSWER")[0][1:] == (NOW + timedelta(hours=4), None)


def test_an_answer_is_amended_and_the_first_version_stays(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    sign(world, question, "observation_appropriate", "convenience", NOW + MINUTE)
    with begin(world.viewer("paul").acting(Permission.DECIDE), at=NOW + 5 * MINUTE) as work:
        better = {"outcome": "inpatient_supported", "reason": "acute_need", "because": "Gas of 09:30 was not seen"}
        amend_decision(work, question, AmendAnswer.model_validate(better))

    with reading(everywhere("test")) as db:
        found = db.rows(
            lambda *row: row,
            "select outcome, decided_at, ended_because, made_because from escalation_decision order by made_at",
        )
    assert found == [
        ("observation_appropriate", NOW + MINUTE, "amended", ""),
        ("inpatient_supported", NOW + MINUTE, "", "Gas of 09:30 was not seen"),
    ]
    assert owed("ES-ANSWER")[0][2] == NOW + MINUTE


def test_a_struck_out_answer_opens_the_question_again(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    sign(world, question, "inpatient_supported", "acute_need", NOW + MINUTE)
    with pytest.raises(Refused, match="right to decide"):
        do(world, "strike_decision", question)
    with begin(world.viewer("paul").acting(Permission.DECIDE), at=NOW + 2 * MINUTE) as work:
        from app.advisor.commands import Say, strike_decision

        strike_decision(work, question, Say(note="Signed on the wrong card"))

    assert stands(question)[0] == "waiting"
    assert owed("ES-ANSWER")[0][2] is None


@pytest.mark.parametrize("how", ["withdraw", "strike_out"])
def test_what_is_not_needed_any_more_owes_nothing(world: World, stay: uuid.UUID, how: str):
    question = ask(world, stay)
    do(world, how, question)

    assert owed("ES-ANSWER") == []
    with pytest.raises(Refused, match="Nothing more can be done"):
        sign(world, question, "inpatient_supported", "acute_need")


def test_a_plan_question_begins_with_the_lead_who_may_answer_it(world: World, stay: uuid.UUID):
    question = ask(world, stay, "long_stay")
    assert stands(question)[1] == "lead"

    with pytest.raises(Refused):
        sign(world, question, "keep_plan", "plan_sound", name="dana")
    sign(world, question, "keep_plan", "hearing_fixed", name="lee")
    assert stands(question)[0] == "decided"


def test_moving_up_by_hand_ends_on_the_last_rung(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    do(world, "move_up", question)
    assert stands(question)[:2] == ("waiting", "chief_medical_officer")
    with pytest.raises(Refused, match="last rung"):
        do(world, "move_up", question)


def test_cards_are_handed_over_for_the_day_to_somebody_who_decides(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    north = world.facility["NORTH"]
    paul = world.viewer("paul").acting(Permission.DECIDE)
    with begin(paul, at=NOW) as work:
        take(work, question)
    with begin(paul, at=NOW) as work, pytest.raises(Refused, match="may not decide"):
        hand_over_day(work, north, GiveTo(to=world.user["dana"]))
    with begin(paul, at=NOW + MINUTE) as work:
        assert hand_over_day(work, north, GiveTo(to=world.user["carla"])) == 1

    with reading(everywhere("test")) as db:
        assert db.value("select holder_id from escalation where ended_at is null") == world.user["carla"]


def test_a_ladder_holds_from_its_day_on(world: World, stay: uuid.UUID):
    north = world.facility["NORTH"]
    with begin(world.viewer("dora").acting(Permission.POLICY_SET), at=NOW) as work:
        today = NOW.date()
        set_ladder(work, north, SetLadder(begins=today, physician_advisor=45), today)
        set_ladder(work, north, SetLadder(begins=today + timedelta(days=1), physician_advisor=20), today)

    assert stands(ask(world, stay))[2] == NOW + 45 * MINUTE
    assert stands(ask(world, stay, "continued_stay", NOW + timedelta(days=1)))[2] == NOW + timedelta(days=1, minutes=20)
    with (
        begin(world.viewer("dora").acting(Permission.POLICY_SET), at=NOW) as work,
        pytest.raises(Refused, match="today"),
    ):
        set_ladder(work, north, SetLadder(begins=today - timedelta(days=1), physician_advisor=45), today)


def test_a_referral_of_a_review_becomes_one_question_and_goes_with_it(world: World, stay: uuid.UUID):
    with reading(everywhere("test")) as db:
        patient = db.value("select patient_id from encounter where id = %s", (stay,))
    review = uuid.uuid4()
    same = {"facility_id": world.facility["NORTH"], "encounter_id": stay, "patient_id": patient, "review_id": review}
    referred = ReviewReferred(**same, question=QUESTION, reason="not_met")
    with begin(world.viewer("uma").acting(Permission.REVIEW_WRITE), at=NOW) as work:
        escalate_review(work, referred)
        escalate_review(work, referred)

    with reading(everywhere("test")) as db:
        [(question, kind)] = db.rows(lambda *row: row, "select escalation_id, kind from escalation")
    assert kind == "status_question"

    with begin(world.viewer("uma").acting(Permission.REVIEW_WRITE), at=NOW + MINUTE) as work:
        withdraw_for_review(work, ReviewStruckOut(**same, because="mistake"))
    assert stands(question)[0] == "withdrawn"


def test_a_concurrent_denial_opens_a_card_for_a_talk_and_another_kind_does_not(world: World, stay: uuid.UUID):
    class Denial:
        def __init__(self, kind: str) -> None:
            self.encounter_id, self.denial_id, self.kind = stay, uuid.uuid4(), kind

    with begin(world.viewer("uma").acting(Permission.DENIAL_WRITE), at=NOW) as work:
        open_card_for_denial(work, Denial("concurrent"))
        open_card_for_denial(work, Denial("retrospective"))

    with reading(everywhere("test")) as db:
        assert db.values("select kind from escalation") == ["concurrent_denial"]
        assert db.value("select payer_code from peer_talk") == "PLAN1"
    assert owed("ES-ANSWER") == []


def test_an_answer_closes_the_review_that_it_came_from(world: World, stay: uuid.UUID):
    review = uuid.uuid4()
    with begin(world.viewer("uma").acting(Permission.ESCALATE), at=NOW) as work:
        asked = PutQuestion.model_validate({"kind": "status_question", "question": QUESTION})
        question = escalate(work, stay, asked, Origin(review_id=review)).escalation_id
    sign(world, question, "observation_appropriate", "convenience", NOW + MINUTE)

    with reading(everywhere("test"), at=NOW + 2 * MINUTE) as db:
        [lent] = facts(db, [stay])
    assert {one.subject for one in lent.records} == {str(question), str(review)}
    assert EventKind.NEED_SUPPORTED not in {one.kind for one in lent.events}


def test_an_answer_that_supports_the_level_of_care_tells_that_the_day_of_the_review_was_needed(
    world: World, stay: uuid.UUID
):
    review = uuid.uuid4()
    with begin(world.viewer("uma").acting(Permission.ESCALATE), at=NOW) as work:
        asked = PutQuestion.model_validate({"kind": "status_question", "question": QUESTION})
        question = escalate(work, stay, asked, Origin(review_id=review)).escalation_id
    sign(world, question, "inpatient_supported", "acute_need", NOW + MINUTE)

    with reading(everywhere("test"), at=NOW + 2 * MINUTE) as db:
        [lent] = facts(db, [stay])
    told = [(one.at, one.subject) for one in lent.events if one.kind is EventKind.NEED_SUPPORTED]
    assert told == [(NOW + MINUTE, str(review))]


def test_the_past_shows_the_question_as_it_stood(world: World, stay: uuid.UUID):
    question = ask(world, stay)
    sign(world, question, "inpatient_supported", "acute_need", NOW + 30 * MINUTE)

    with reading(everywhere("test"), as_of=NOW + 10 * MINUTE) as db:
        assert db.values("select state from escalation where ended_at is null") == ["waiting"]
        assert db.value("select count(*) from escalation_decision") == 0
