"""Booking on a real database: what it stands on, what follows, what is said when something is missing."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from app.census.united import subject
from app.clocks import gather
from app.clocks.terms import EventKind, RecordKind
from app.discharge.booking import payer, queries
from app.discharge.booking.asks import Book, Buy
from app.discharge.booking.commands import make_booking
from app.discharge.booking.conditions.answers import take_back
from app.discharge.booking.conditions.gathering import facts_of
from app.discharge.booking.purchases import buy, strike_purchase
from app.discharge.booking.source import facts
from app.discharge.booking.terms import BookingAction, BookingState, DecisionAction
from app.discharge.departure.evidence import PROOFS
from app.discharge.departure.terms import Item
from app.discharge.eligibility.rules.every import checks
from app.discharge.eligibility.terms import Question, Verdict
from app.discharge.referrals.asks import Decline
from app.discharge.referrals.following import answering
from app.discharge.terms import CareType
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.discharge.booking.support import (
    ADMITTED,
    BACK,
    DAY,
    GONE,
    again,
    asked,
    booked,
    chose,
    decided,
    doing,
    ended,
    standing,
    step,
    tell,
    told,
)
from tests.discharge.referrals.support import refer, someone, vendors, yes
from tests.support.feed import Telling
from tests.support.world import NOW, World

_A, _S = BookingAction, BookingState
HOUR = timedelta(hours=1)


def test_a_booking_is_confirmed_and_arrives_and_every_step_is_kept(world: World):
    stay = tell(world)
    key = booked(world, stay).booking_id
    step(world, key, _A.CONFIRM, NOW + HOUR, confirmation="AB-77")
    step(world, key, _A.ARRIVE, NOW + 2 * HOUR)

    (one,) = standing(stay)
    assert (one.state, one.confirmation, one.vendor_name) == (_S.ARRIVED, "AB-77", "Alder Supply")
    with reading(everywhere("test")) as db:
        course = [(row.action, row.state) for row in queries.bookings(db, [stay], ended=True)]
    assert course == [("book", _S.BOOKED), ("confirm", _S.CONFIRMED), ("arrive", _S.ARRIVED)]


def test_without_a_day_it_is_asked_for_and_booked_later(world: World):
    stay = tell(world)
    made = booked(world, stay, starts_on=None)
    assert made.state == "requested"

    assert again(world, made.booking_id, NOW + HOUR, starts_on=DAY).state == "booked"
    with pytest.raises(Refused, match="not possible"):
        step(world, made.booking_id, _A.AUTHORIZE)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"vendor_name": ""}, "vendor_name"),
        ({"care_type": None}, "care_type"),
        ({"starts_on": date(2026, 3, 4)}, "starts_on"),
        ({"starts_on": date(2027, 3, 4)}, "starts_on"),
        ({"care_type": "transport", "pick_up": "14:00"}, "pick_up_on"),
        ({"care_type": "transport", "pick_up_on": DAY}, "pick_up"),
        ({"care_type": "transport", "pick_up_on": date(2026, 3, 5), "pick_up": "01:00"}, "pick_up"),
        ({"vendor_id": uuid.uuid4()}, "vendor_id"),
        ({"referral_id": uuid.uuid4()}, "referral_id"),
        ({"care_type": "home_health"}, "override_reason"),
        ({"care_type": "snf", "override_reason": "No time left"}, "care_type"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(world: World, said: dict[str, object], field: str):
    stay = tell(world)
    with pytest.raises(Refused) as refused:
        booked(world, stay, **said)
    assert refused.value.field == field
    assert standing(stay) == []


def test_a_form_that_was_sent_twice_books_once(world: World):
    stay = tell(world)
    booked(world, stay)
    with pytest.raises(Refused, match="booked already"):
        booked(world, stay, NOW + HOUR)
    assert len(standing(stay)) == 1


def test_an_accepted_referral_is_booked_after_the_choice_and_closes_the_others(world: World):
    stay = tell(world)
    mine, other, third = vendors(world, 3, care="home_health")
    sent = refer(world, stay, [mine, other, third], care="home_health")
    first, second = (one.referral_id for one in sent.sent[:2])
    for referral in (first, second):
        with someone(world, NOW + HOUR) as work:
            yes(work, referral)
    wish = {"referral_id": first, "care_type": None, "vendor_name": ""}
    with pytest.raises(Refused, match="482"):
        booked(world, stay, NOW + 2 * HOUR, **wish)
    chose(world, stay, "home_health", [other], NOW + 2 * HOUR)
    with pytest.raises(Refused, match="another provider"):
        booked(world, stay, NOW + 3 * HOUR, **wish)

    made = booked(world, stay, NOW + 3 * HOUR, **wish | {"override_reason": "The chosen one has no nurse"})

    assert (made.vendor_id, made.care_type) == (mine, "home_health")
    with reading(everywhere("test")) as db:
        states = dict(db.rows(lambda *row: row, "select vendor_id, state from referral where ended_at is null"))
        need = db.value("select state from referral_request where ended_at is null")
    assert (states[other], states[third], need) == ("closed", "closed", "placed")

    step(world, made.booking_id, _A.CANCEL, NOW + 4 * HOUR, note="Family changed its mind")
    with reading(everywhere("test")) as db:
        assert db.value("select state from referral_request where ended_at is null") == "open"


def test_pasrr_holds_a_nursing_facility_back_until_it_is_answered(world: World):
    stay = tell(world)
    chose(world, stay, "snf", [])
    wish = {"care_type": "snf", "vendor_name": "Alder House"}
    with pytest.raises(Refused, match="Level I is missing"):
        booked(world, stay, **wish)
    told(world, stay, Question.PASRR_LEVEL_ONE, answer="positive")
    with pytest.raises(Refused, match="Level II is open"):
        booked(world, stay, NOW + HOUR, **wish)
    told(world, stay, Question.PASRR_EXEMPTED, NOW + HOUR, answer="yes")

    assert booked(world, stay, NOW + 2 * HOUR, **wish).state == "booked"


def test_a_nursing_facility_is_in_doubt_when_pasrr_opens_again_and_is_not_confirmed_before(world: World):
    stay = tell(world)
    chose(world, stay, "snf", [])
    told(world, stay, Question.PASRR_LEVEL_ONE, answer="negative")
    held = booked(world, stay, care_type="snf", vendor_name="Alder House").booking_id
    walker = booked(world, stay).booking_id

    with doing(world, NOW + HOUR) as work:
        take_back(work, stay, Question.PASRR_LEVEL_ONE, "Another patient's screen")
    states = {one.booking_id: (one.state, one.doubt) for one in standing(stay)}
    assert states[held][0] is _S.AGAIN and "Level I is missing" in states[held][1]
    assert states[walker][0] is _S.BOOKED
    with pytest.raises(Refused, match="Level I is missing"):
        step(world, held, _A.CONFIRM, NOW + HOUR)

    told(world, stay, Question.PASRR_LEVEL_ONE, NOW + HOUR, answer="negative")
    assert step(world, held, _A.CONFIRM, NOW + HOUR).state == _S.CONFIRMED


def test_what_was_asked_for_twice_is_asked_for_once(world: World):
    stay = tell(world)
    booked(world, stay, starts_on=None)

    with pytest.raises(Refused, match="asked for already"):
        booked(world, stay, starts_on=None)
    assert len(standing(stay)) == 1


def test_a_corrected_day_of_asking_the_state_counts(world: World):
    stay = tell(world)
    told(world, stay, Question.PASRR_LEVEL_ONE, answer="positive")
    told(world, stay, Question.PASRR_LEVEL_TWO, answer="asked", on_day=date(2026, 3, 1))
    told(world, stay, Question.PASRR_LEVEL_TWO, NOW + HOUR, answer="asked", on_day=date(2026, 3, 4))
    told(world, stay, Question.PASRR_LEVEL_TWO, NOW + 2 * HOUR, answer="approved", on_day=date(2026, 3, 5))

    with reading(everywhere("test"), at=NOW + 2 * HOUR) as db:
        (lent,) = facts(db, [stay])
    asked_at = [one.at for one in lent.events if one.kind is EventKind.PASRR_LEVEL_TWO]
    assert asked_at == [datetime(2026, 3, 4, 18, tzinfo=UTC)]  # noon in Chicago


def test_the_payers_answer_moves_what_waits_for_it(world: World):
    stay = tell(world)
    waiting = booked(world, stay, starts_on=None)
    request = asked(world, stay, expedited=True)
    with pytest.raises(Refused, match="asked already"):
        asked(world, stay, NOW + HOUR)
    with pytest.raises(Refused, match="not decided"):
        again(world, waiting.booking_id, NOW + HOUR, starts_on=DAY)
    with pytest.raises(Refused, match="reason for the denial"):
        decided(world, request.authorization_id, NOW + HOUR, state="denied")
    decided(world, request.authorization_id, NOW + HOUR, state="denied", reason="Not necessary")
    assert standing(stay)[0].state is _S.DENIED

    with doing(world, NOW + 2 * HOUR) as work:
        payer.ask_again(work, request.authorization_id, "New notes of therapy")
    decided(world, request.authorization_id, NOW + 3 * HOUR, days=14, payer_number="PA-1")

    assert standing(stay)[0].state is _S.AUTHORIZED
    with reading(everywhere("test")) as db:
        (one,) = queries.requests(db, [stay])
    assert (one.state.value, one.days, one.payer_number, one.payer_name) == (
        "approved", 14, "PA-1", "BAYSHORE ADVANTAGE")  # fmt: skip


@pytest.mark.parametrize("answer", ["approved", "denied"])
def test_an_answer_of_the_payer_that_was_a_mistake_leaves_nothing_behind(world: World, answer: str):
    stay = tell(world)
    booked(world, stay, starts_on=None)
    request = asked(world, stay)
    decided(world, request.authorization_id, NOW + HOUR, state=answer, reason="As the payer wrote")
    assert standing(stay)[0].state in (_S.AUTHORIZED, _S.DENIED)

    with doing(world, NOW + 2 * HOUR) as work:
        payer.end_request(work, request.authorization_id, DecisionAction.STRIKE_OUT, "Another patient's letter")

    assert standing(stay)[0].state is _S.REQUESTED


def test_an_answer_before_its_question_is_refused(world: World):
    stay = tell(world)
    request = asked(world, stay)
    with pytest.raises(Refused, match="before the payer was asked"):
        decided(world, request.authorization_id, on=date(2026, 3, 5), at="08:00")
    with doing(world) as work:
        payer.end_request(work, request.authorization_id, DecisionAction.WITHDRAW, "Not needed any more")
    with pytest.raises(Refused, match="withdrawn"):
        decided(world, request.authorization_id)


def test_a_cancelled_discharge_keeps_the_booking_in_doubt_until_it_is_confirmed(world: World):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - 5 * HOUR)
    with reading(everywhere("test")) as db:
        stay = db.value("select id from encounter")
    key = booked(world, stay, NOW - 4 * HOUR, care_type="transport", starts_on=None, pick_up_on=DAY, pick_up="14:00",
                 mode="wheelchair").booking_id  # fmt: skip
    feed.tell(GONE, at=NOW - HOUR)
    assert standing(stay)[0].state is _S.BOOKED

    feed.tell(BACK, at=NOW)

    (one,) = standing(stay)
    assert one.state is _S.AGAIN
    assert "discharge was cancelled" in one.doubt
    assert one.pick_up_at == datetime(2026, 3, 6, 20, tzinfo=UTC)
    step(world, key, _A.CONFIRM, NOW + HOUR)
    assert (standing(stay)[0].state, standing(stay)[0].doubt) == (_S.CONFIRMED, "")


def test_a_vendor_that_withdraws_puts_its_booking_in_doubt(world: World):
    stay = tell(world)
    (vendor,) = vendors(world, 1, care="dme")
    referral = refer(world, stay, [vendor], care="dme").sent[0].referral_id
    with someone(world, NOW + HOUR) as work:
        yes(work, referral)
    booked(world, stay, NOW + 2 * HOUR, referral_id=referral, care_type=None, vendor_name="")
    with someone(world, NOW + 3 * HOUR) as work:
        answering.withdraw(work, referral, Decline(said="Burst pipe on the unit", answered_by="Kim Admissions"))

    (one,) = standing(stay)
    assert one.state is _S.AGAIN
    assert "withdrew" in one.doubt


def test_what_is_bought_adds_up_and_a_mistake_is_struck_out(world: World):
    stay = tell(world)
    ride = Buy(kind="ride", units=2, price="45.50", approved_by="Ruth Adler", reason="No other way home")
    with doing(world) as work:
        made = buy(work, stay, ride)
    with doing(world, NOW + HOUR) as work:
        buy(work, stay, Buy(kind="food", price="12,3", approved_by="Ruth Adler", reason="Nothing at home"))
    with doing(world, NOW + HOUR) as work, pytest.raises(Refused, match="recorded already"):
        buy(work, stay, ride)
    with reading(everywhere("test")) as db:
        assert [one.cents for one in queries.purchases(db, [stay])] == [9100, 1230]

    with doing(world, NOW + 2 * HOUR) as work:
        strike_purchase(work, made.purchase_id, "Paid by the plan after all")
    with reading(everywhere("test")) as db:
        assert [one.cents for one in queries.purchases(db, [stay])] == [1230]
        assert [one.cents for one in queries.purchases(db, [stay], ended=True)] == [9100, 1230]


@pytest.mark.parametrize("price", ["-1", "1.234", "abc", "", "1e5", "99999999"])
def test_a_price_that_is_none_is_refused(price: str):
    with pytest.raises(ValueError, match="price"):
        Buy(kind="food", price=price, approved_by="Ruth", reason="Nothing at home")


def test_an_answer_replaces_the_one_before_and_is_taken_back(world: World):
    stay = tell(world)
    told(world, stay, Question.HH_HOMEBOUND, answer="no")
    told(world, stay, Question.HH_HOMEBOUND, NOW + HOUR, answer="yes", detail="Uses a walker")
    with pytest.raises(Refused, match="recorded already"):
        told(world, stay, Question.HH_HOMEBOUND, NOW + HOUR, answer="yes", detail="Uses a walker")
    with reading(everywhere("test")) as db:
        assert queries.answers(db, [stay])[stay][Question.HH_HOMEBOUND].answer == "yes"
    with doing(world, NOW + 2 * HOUR) as work:
        take_back(work, stay, Question.HH_HOMEBOUND, "Another patient")
    with reading(everywhere("test")) as db:
        assert queries.answers(db, [stay]) == {}


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (Question.HH_HOMEBOUND, {"answer": "perhaps"}),
        (Question.SNF_STARS, {"answer": "6"}),
        (Question.HH_FACE_TO_FACE, {}),
        (Question.HH_FACE_TO_FACE, {"on_day": date(2026, 3, 6)}),
        (Question.PASRR_LEVEL_TWO, {"answer": "asked"}),
        (Question.IRF_SCREEN, {"on_day": date(2026, 3, 5), "answer": "3 pm"}),
    ],
)
def test_an_answer_that_is_none_is_refused(world: World, question: Question, said: dict[str, object]):
    stay = tell(world)
    with pytest.raises(Refused):
        told(world, stay, question, **said)


def test_the_conditions_know_what_the_tables_know(world: World):
    stay = tell(world)
    told(world, stay, Question.SNF_WAIVER, answer="plan")
    with reading(everywhere("test"), at=NOW) as db:
        answers = queries.as_answers(queries.answers(db, [stay])[stay])
        found = facts_of(db, subject(db, stay), [CareType.SNF], answers)[CareType.SNF]
    named = {one.key: one for one in checks(found)}
    assert found.inpatient_days == 1
    assert named["snf_three_days"].verdict is Verdict.MET
    assert named["pasrr_level_one"].verdict is Verdict.NOT_KNOWN


def test_the_clocks_learn_of_requests_rides_and_pasrr(world: World):
    stay = tell(world)
    request = asked(world, stay, expedited=True)
    booked(world, stay, care_type="transport", starts_on=None, pick_up_on=DAY, pick_up="14:00")
    told(world, stay, Question.PASRR_LEVEL_ONE, answer="positive", on_day=date(2026, 3, 4))
    told(world, stay, Question.PASRR_LEVEL_TWO, answer="asked", on_day=date(2026, 3, 4))
    told(world, stay, Question.PASRR_LEVEL_TWO, NOW + HOUR, answer="approved", on_day=date(2026, 3, 5))
    decided(world, request.authorization_id, NOW + HOUR)

    with reading(everywhere("test"), at=NOW + 2 * HOUR) as db:
        (lent,) = facts(db, [stay])
        (known,) = gather.gather(db, [stay])
    events = {one.kind: one for one in lent.events}
    assert events[EventKind.POST_ACUTE_REQUESTED].code == "PY-02"
    assert events[EventKind.PASRR_LEVEL_TWO].at == datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert {one.kind for one in lent.records} == {RecordKind.POST_ACUTE_DECISION, RecordKind.PASRR_OUTCOME}
    (leaves,) = (one.at for one in known.events if one.kind is EventKind.DISCHARGE_PLANNED)
    assert leaves == datetime(2026, 3, 6, 20, tzinfo=UTC)


def test_nobody_books_for_a_stay_outside_the_own_hospital(world: World):
    stay = tell(world)
    made = booked(world, stay)

    with begin(world.viewer("stan").acting(Permission.REFERRAL_WRITE), at=NOW) as work, pytest.raises(NotFound):
        make_booking(work, stay, Book(care_type=CareType.DME, vendor_name="X", starts_on=DAY))
    assert standing(stay)[0].id == made.id
    assert ended() == {}


def test_a_booked_ride_and_received_equipment_close_their_items_of_the_departure(world: World):
    stay = tell(world)
    sql = f"select {PROOFS[Item.TRANSPORT].format(stay='%s')}, {PROOFS[Item.EQUIPMENT].format(stay='%s')}"

    def proofs() -> tuple[bool, bool]:
        with reading(everywhere("test")) as db:
            (found,) = db.rows(lambda *row: tuple(value is not None for value in row), sql, (stay,) * 4)
        return found[0], found[1]

    walker = booked(world, stay).booking_id
    assert proofs() == (False, False)
    booked(world, stay, care_type="transport", starts_on=None, pick_up_on=DAY, pick_up="14:00")
    step(world, walker, _A.ARRIVE, NOW + HOUR)
    assert proofs() == (True, True)
