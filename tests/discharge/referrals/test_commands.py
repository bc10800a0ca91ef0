"""Referrals on a real database: sent to many, answered, closed by what happens to the patient, brought back."""

import uuid
from datetime import date, timedelta

import pytest

from app.census.events import DischargeCancelled, EncounterDischarged, EncounterUpdated
from app.discharge.referrals import commands, queries
from app.discharge.referrals.asks import CloseNeed, Decline, Question, RecordConsent, Say, SetTerms, Told, Why
from app.discharge.referrals.following import answering
from app.discharge.referrals.following.closing import close_need, reopen_by_hand
from app.discharge.referrals.following.reacting import close_siblings, open_after_cancelled_booking
from app.discharge.referrals.packets.consents import end_consent, record_consent
from app.discharge.referrals.steps import held_need
from app.discharge.referrals.terms import ClosedBecause, ConsentFor
from app.discharge.referrals.widening.duty import WHO as DUTY
from app.discharge.referrals.widening.duty import widen
from app.discharge.referrals.widening.policy import set_terms
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.discharge.referrals.support import need_stands, no, owed, recorded, refer, someone, stands, vendors, yes
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

HOUR = timedelta(hours=1)
BY = "Dana Whitlow, RN"


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def happens(stay: uuid.UUID, event: type[EncounterDischarged] | type[DischargeCancelled], **more: object) -> None:
    with begin(everywhere("test"), at=NOW + 3 * HOUR) as work:
        patient = work.value("select patient_id from encounter where id = %s", (stay,))
        facility = work.value("select facility_id from encounter where id = %s", (stay,))
        work.record(event(encounter_id=stay, patient_id=patient, facility_id=facility, **more))


def test_five_vendors_are_asked_with_one_packet_and_each_owes_an_answer(world: World, stay: uuid.UUID):
    made = refer(world, stay, vendors(world), sections=["stay", "course", "reviews"])

    assert [one.vendor_name for one in made.sent][:2] == ["Alder House", "Birch Court"]
    assert all(len(key) >= 43 for key in made.keys.values()) and len(set(made.keys.values())) == 5
    due = owed("RF-ANSWER")
    assert set(due) == {str(one.referral_id) for one in made.sent}
    assert {at for at, _ in due.values()} == {NOW + 4 * HOUR}, "the default of the facility's policy"
    with reading(everywhere("test")) as db:
        assert db.values("select sections from referral_packet") == [["stay", "course"]], "reviews go to no vendor"
        stored = db.values("select digest from referral_link")
    assert not any(key.encode() in bytes(digest) for key in made.keys.values() for digest in stored)


def test_two_who_accept_in_the_same_second_are_both_accepted(world: World, stay: uuid.UUID):
    one, two, three = (row.referral_id for row in refer(world, stay, vendors(world, 3)).sent)
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, one)
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, two)
        no(work, three)

    assert (stands(one), stands(two), stands(three)) == ("accepted", "accepted", "declined")
    assert {closed for _, closed in owed("RF-ANSWER").values()} == {NOW + HOUR}
    assert len(owed("RF-CHOICE")) == 2 and all(closed is None for _, closed in owed("RF-CHOICE").values())


def test_a_second_answer_is_refused_with_a_sentence(world: World, stay: uuid.UUID):
    one = refer(world, stay, vendors(world, 1)).sent[0].referral_id
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, one)

    with pytest.raises(Refused, match="This referral is accepted, so “decline” is not possible"), \
            begin(everywhere("vendor"), at=NOW + HOUR) as work:  # fmt: skip
        no(work, one)
    assert stands(one) == "accepted"


def test_a_vendor_is_not_asked_twice_and_joins_the_open_need(world: World, stay: uuid.UUID):
    all_of_them = vendors(world)
    first = refer(world, stay, all_of_them[:2])
    with pytest.raises(Refused, match="being asked about this need already"):
        refer(world, stay, all_of_them[1:3])

    again = refer(world, stay, all_of_them[2:4], at=NOW + HOUR)

    assert again.request_id == first.request_id
    with reading(everywhere("test")) as db:
        assert [one.wave for one in queries.asked(db, [stay])] == [1, 1, 2, 2]


def test_one_vendor_alone_needs_a_list_or_a_reason(world: World, stay: uuid.UUID):
    to = vendors(world, 1)
    with pytest.raises(Refused, match="The patient has no list"):
        refer(world, stay, to, alone="")
    refer(world, stay, to, alone="came from there")


def test_a_question_waits_for_the_hospital_and_the_reply_for_the_vendor(world: World, stay: uuid.UUID):
    one = refer(world, stay, vendors(world, 1)).sent[0].referral_id
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        answering.open_referral(work, one)
        answering.ask_hospital(work, one, Question(said="Which vacuum?"))
    assert stands(one) == "question"

    with someone(world, NOW + 2 * HOUR) as work:
        commands.reply(work, one, Say(said="Any make works."), BY)

    assert stands(one) == "opened"
    with reading(everywhere("test")) as db:
        thread = queries.messages(db, [one])[one]
    assert [(message.from_vendor, message.said) for message in thread] == [
        (True, "Which vacuum?"), (False, "Any make works.")]  # fmt: skip


def test_a_discharge_closes_what_waits_and_its_cancellation_brings_exactly_that_back(world: World, stay: uuid.UUID):
    rows = refer(world, stay, vendors(world, 4)).sent
    sent, opened, accepted, declined = (row.referral_id for row in rows)
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        answering.open_referral(work, opened)
        yes(work, accepted)
        no(work, declined)

    happens(stay, EncounterDischarged, discharge_at=NOW, disposition="03")
    assert [stands(one) for one in (sent, opened, accepted, declined)] == ["closed", "closed", "closed", "declined"]
    assert need_stands(rows[0].request_id) == ("closed", "discharged")

    happens(stay, DischargeCancelled)
    assert [stands(one) for one in (sent, opened, accepted, declined)] == ["sent", "opened", "accepted", "declined"]
    assert need_stands(rows[0].request_id) == ("open", "")


def left(stay: uuid.UUID, disposition: str) -> None:
    """What the census knows of the departure."""
    with begin(everywhere("test"), at=NOW + 3 * HOUR) as work:
        work.write("encounter", "update encounter set disposition = %s where id = %s", (disposition, stay))
        facility = work.value("select facility_id from encounter where id = %s", (stay,))
        work.record(EncounterUpdated(encounter_id=stay, facility_id=facility, changed=("disposition",)))


def test_a_death_closes_all_and_only_a_person_brings_it_back_where_nobody_died(world: World, stay: uuid.UUID):
    row = refer(world, stay, vendors(world, 1)).sent[0]
    left(stay, "20")
    happens(stay, EncounterDischarged, discharge_at=NOW, disposition="20")
    happens(stay, DischargeCancelled)

    assert stands(row.referral_id) == "closed" and need_stands(row.request_id) == ("closed", "died")
    with pytest.raises(Refused, match="stays closed"), someone(world) as work:
        reopen_by_hand(work, row.request_id)
    left(stay, "")
    with someone(world, NOW + 4 * HOUR) as work:
        reopen_by_hand(work, row.request_id)
    assert stands(row.referral_id) == "sent" and need_stands(row.request_id) == ("open", "")


class Booked:
    """What a booking says."""

    def __init__(self, referral_id: uuid.UUID) -> None:
        self.referral_id: uuid.UUID | None = referral_id


def test_a_booking_closes_the_others_and_a_discharge_leaves_it_as_it_is(world: World, stay: uuid.UUID):
    rows = refer(world, stay, vendors(world, 3)).sent
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, rows[0].referral_id)
        close_siblings(work, Booked(rows[0].referral_id))

    assert [stands(row.referral_id) for row in rows] == ["accepted", "closed", "closed"]
    happens(stay, EncounterDischarged, discharge_at=NOW, disposition="03")
    assert need_stands(rows[0].request_id) == ("placed", "placed") and stands(rows[0].referral_id) == "accepted"


def test_who_withdraws_after_the_booking_opens_the_need_again(world: World, stay: uuid.UUID):
    rows = refer(world, stay, vendors(world, 2)).sent
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, rows[0].referral_id)
        close_siblings(work, Booked(rows[0].referral_id))
    with begin(everywhere("vendor"), at=NOW + 2 * HOUR) as work:
        answering.withdraw(work, rows[0].referral_id, Decline(said="The nurse is ill"))

    assert need_stands(rows[0].request_id) == ("open", "")
    assert [stands(row.referral_id) for row in rows] == ["withdrawn", "closed"]
    assert recorded("referral.acceptance_withdrawn")[0]["vendor_name"] == "Alder House"
    assert [fact["kind"] for fact in recorded("plan.barrier_raised")] == ["facility_bed"]
    with someone(world, NOW + 3 * HOUR) as work:
        commands.send_again(work, rows[0].referral_id, BY)
    assert stands(rows[0].referral_id) == "sent"


def test_a_cancelled_booking_opens_the_need_again(world: World, stay: uuid.UUID):
    rows = refer(world, stay, vendors(world, 2)).sent
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, rows[0].referral_id)
        close_siblings(work, Booked(rows[0].referral_id))
        open_after_cancelled_booking(work, Booked(rows[0].referral_id))
    assert need_stands(rows[0].request_id) == ("open", "")


def test_an_answer_by_telephone_has_its_true_time_and_can_be_taken_back(world: World, stay: uuid.UUID):
    one = refer(world, stay, vendors(world, 1)).sent[0].referral_id
    told = {"answer": "accept", "answered_by": "Kim 555", "offered_on": "2026-03-06"}
    with pytest.raises(Refused, match="before the referral was sent"), someone(world, NOW + HOUR) as work:
        answering.record_told(work, one, Told.model_validate(told | {"on": "2026-03-04", "at": "09:00"}))
    with someone(world, NOW + 2 * HOUR) as work:
        answering.record_told(work, one, Told.model_validate(told | {"on": "2026-03-05", "at": "10:10"}))
    with reading(everywhere("test")) as db:
        found = queries.referral(db, one)
    assert (found.state, found.channel) == ("accepted", "phone") and found.answered_at == NOW + timedelta(minutes=29)

    with someone(world, NOW + 3 * HOUR) as work:
        commands.take_back(work, one, Why(reason="Another patient"))
    assert stands(one) == "opened" and owed("RF-ANSWER")[str(one)][1] is None


def test_a_protected_stay_sends_sections_only_with_a_consent(world: World):
    stay = add_stay(world, StaySpec(sensitivity="part2"))
    to = vendors(world, 2)
    who = world.viewer("dana").acting(Permission.REFERRAL_WRITE)
    with pytest.raises(NotFound), begin(who, at=NOW) as work:
        commands.send(work, stay, commands.SendReferrals(care_type="snf", vendors=to), BY)

    with begin(everywhere("test"), at=NOW) as work:
        first = commands.send(work, stay, commands.SendReferrals(care_type="snf", vendors=to, sections=["stay"]), BY)
    assert list(first.left_out) == ["stay"]
    with begin(everywhere("test"), at=NOW) as work:
        given = RecordConsent(
            given_by="The patient",
            covers=ConsentFor.VENDORS,
            given_on=date(2026, 3, 5),
            scope="Records to nursing facilities",
        )
        consent = record_consent(work, stay, given)
    with begin(everywhere("test"), at=NOW + HOUR) as work:
        assert not commands.update_packet(work, first.request_id, BY).left_out
    with begin(everywhere("test"), at=NOW + 2 * HOUR) as work:
        end_consent(work, consent.id, Why(reason="Revoked"))
        assert list(commands.update_packet(work, first.request_id, BY).left_out) == ["stay"]
    with reading(everywhere("test")) as db:
        sent = db.rows(lambda *row: row, "select version, sections, texts::text from referral_packet order by version")
    assert [(version, sections) for version, sections, _ in sent] == [(1, []), (2, ["stay"]), (3, [])]
    assert sent[0][2] == sent[2][2] == "[]", "nothing of it rests in the packet either"


def test_nobody_answers_so_the_next_vendors_are_proposed_once(world: World, stay: uuid.UUID):
    all_of_them = vendors(world, 6)
    rows = refer(world, stay, all_of_them[:2], widen=True).sent
    with begin(DUTY, at=NOW + 5 * HOUR) as work:
        widen(work, held_need(work, rows[0].request_id), BY)

    with reading(everywhere("test")) as db:
        found = queries.asked(db, [stay])
        need = queries.needs(db, [stay])[0]
    drafts = [(one.vendor_id, one.wave) for one in found if one.state == "draft"]
    assert drafts == [(vendor, 2) for vendor in all_of_them[2:5]] and need.widened_at == NOW + 5 * HOUR
    with someone(world, NOW + 6 * HOUR) as work:
        commands.send_again(work, next(one.referral_id for one in found if one.state == "draft"), BY)


def test_a_facility_may_want_the_next_vendors_asked_by_itself(
    world: World, stay: uuid.UUID, monkeypatch: pytest.MonkeyPatch
):
    for name, value in (("SMTP_URL", "smtp://127.0.0.1:9"), ("MAIL_FROM", "a@north.example"),
                        ("PUBLIC_URL", "https://daybook.example")):  # fmt: skip
        monkeypatch.setenv(f"DAYBOOK_{name}", value)
    all_of_them = vendors(world, 4)
    with begin(world.viewer("adam").acting(Permission.VENDOR_SET), at=NOW) as work:
        set_terms(work, world.facility["NORTH"], SetTerms(link_days=7, widen_by=2, widens=True))
    rows = refer(world, stay, all_of_them[:1], widen=True).sent
    with begin(DUTY, at=NOW + 5 * HOUR) as work:
        widen(work, held_need(work, rows[0].request_id), BY)

    with reading(everywhere("test")) as db:
        found = queries.asked(db, [stay])
    assert [(one.state, one.due_at) for one in found[1:]] == [("sent", NOW + 9 * HOUR)] * 2
    assert found[1].ends_at == NOW + 5 * HOUR + timedelta(days=7)


def test_what_is_not_needed_is_closed_by_hand_and_can_come_back(world: World, stay: uuid.UUID):
    row = refer(world, stay, vendors(world, 1)).sent[0]
    with someone(world, NOW + HOUR) as work:
        commands.close_by_hand(work, row.request_id, CloseNeed(because=ClosedBecause.NOT_NEEDED))
    assert stands(row.referral_id) == "closed"
    with pytest.raises(Refused), someone(world, NOW + HOUR) as work:
        close_need(work, held_need(work, row.request_id), ClosedBecause.NOT_NEEDED)
    with someone(world, NOW + 2 * HOUR) as work:
        reopen_by_hand(work, row.request_id)
    assert stands(row.referral_id) == "sent"


def test_a_cancelled_vendor_owes_nothing(world: World, stay: uuid.UUID):
    row = refer(world, stay, vendors(world, 1)).sent[0]
    with someone(world, NOW + HOUR) as work:
        commands.cancel(work, row.referral_id, Why(reason="Family knows it"))
    assert stands(row.referral_id) == "cancelled"
    assert all(closed is not None for _, closed in owed("RF-ANSWER").values())


def test_a_stranger_reaches_no_referral(world: World, stay: uuid.UUID):
    row = refer(world, stay, vendors(world, 1)).sent[0]
    stan = world.viewer("stan").acting(Permission.REFERRAL_WRITE)
    with pytest.raises(NotFound), begin(stan, at=NOW) as work:
        commands.cancel(work, row.referral_id, Why(reason="none of mine"))
