"""Referrals at their corners: united stays, consents that end, what was booked, who was chosen before."""

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from app.census.events import EncounterUpdated
from app.discharge.booking.asks import Book
from app.discharge.booking.asks import Step as BookingStep
from app.discharge.booking.commands import make_booking, take_step
from app.discharge.booking.terms import BookingAction
from app.discharge.choice.commands import MakeList, RecordChoice, make_list, record_choice
from app.discharge.referrals import commands, queries
from app.discharge.referrals.asks import Decline, RecordConsent, SetTerms, Why
from app.discharge.referrals.following import answering, closing
from app.discharge.referrals.following.reacting import close_siblings
from app.discharge.referrals.packets.consents import consents, end_consent, is_sensitive, record_consent
from app.discharge.referrals.steps import held_need
from app.discharge.referrals.terms import ClosedBecause, ConsentFor
from app.discharge.referrals.widening.duty import WHO as DUTY
from app.discharge.referrals.widening.duty import widen
from app.discharge.referrals.widening.policy import set_terms
from app.discharge.vendors.commands import SetVendor, set_vendor
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.discharge.referrals.support import need_stands, no, owed, recorded, refer, someone, stands, vendors, yes
from tests.support.client import Browser
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
HOUR = timedelta(hours=1)
BY = "Dana Whitlow, RN"


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world)


def unite(world: World, part: uuid.UUID, whole: uuid.UUID) -> None:
    """The first number turns out to be part of the second."""
    with begin(everywhere("test"), at=NOW + HOUR) as work:
        work.write("encounter", "update encounter set gone_at = %s, united_into_id = %s where id = %s",
                   (NOW + HOUR, whole, part))  # fmt: skip
        work.record(EncounterUpdated(encounter_id=whole, facility_id=world.facility["NORTH"], changed=()))


def test_vendors_asked_for_a_united_stay_join_the_need_of_its_part(world: World, stay: uuid.UUID):
    whole, to = add_stay(world), vendors(world, 3)
    first = refer(world, stay, to[:2])
    unite(world, stay, whole)

    again = refer(world, whole, to[2:], at=NOW + 2 * HOUR, alone="")

    assert again.request_id == first.request_id
    with reading(everywhere("test")) as db:
        assert [one.request_id for one in queries.needs(db, [whole])] == [first.request_id]


def test_the_list_of_open_needs_shows_a_united_stay_once(browser_for: BrowserFor, world: World, stay: uuid.UUID):
    whole = add_stay(world, StaySpec(family="Wholeborn"))
    refer(world, stay, vendors(world, 1))
    unite(world, stay, whole)

    page = browser_for("dana").get("/worklists/referrals-open").text

    assert "Wholeborn" in page and str(whole) in page and f"/encounters/{stay}" not in page


def test_a_consent_and_a_mark_of_a_part_count_for_the_united_stay(world: World):
    part, whole = add_stay(world, StaySpec(sensitivity="part2")), add_stay(world)
    with begin(everywhere("test"), at=NOW) as work:
        given = RecordConsent(
            given_by="The patient",
            covers=ConsentFor.VENDORS,
            given_on=date(2026, 3, 5),
            scope="Records to nursing facilities",
        )
        record_consent(work, part, given)
    unite(world, part, whole)

    with reading(everywhere("test")) as db:
        assert is_sensitive(db, whole) and [one.given_by for one in consents(db, whole)] == ["The patient"]


class Booked:
    """What a booking says."""

    def __init__(self, referral_id: uuid.UUID) -> None:
        self.referral_id: uuid.UUID | None = referral_id


def placed(world: World, stay: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID, uuid.UUID]:
    """A need that is met: the referral that was booked, one that was told so, and the need."""
    made = refer(world, stay, vendors(world, 2))
    first, second = (row.referral_id for row in made.sent)
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, first)
        close_siblings(work, Booked(first))
    return first, second, made.request_id


def test_the_vendor_that_is_booked_is_neither_cancelled_nor_its_answer_taken_back(world: World, stay: uuid.UUID):
    first, second, need = placed(world, stay)
    why = Why(reason="a slip")
    for deed in (commands.cancel, commands.take_back):
        with pytest.raises(Refused, match=r"Alder House is booked\. Cancel the booking first"), \
                someone(world, NOW + 2 * HOUR) as work:  # fmt: skip
            deed(work, first, why)
    with pytest.raises(Refused, match="Open it again first"), someone(world, NOW + 2 * HOUR) as work:
        closing.reopen_one(work, second)
    assert (stands(first), stands(second), need_stands(need)) == ("accepted", "closed", ("placed", "placed"))


def test_who_withdraws_after_the_patient_has_left_leaves_no_barrier(world: World, stay: uuid.UUID):
    first, _, need = placed(world, stay)
    with begin(everywhere("test"), at=NOW + 2 * HOUR) as work:
        work.write("encounter", "update encounter set status = 'discharged', discharge_at = %s where id = %s",
                   (NOW + 2 * HOUR, stay))  # fmt: skip
        work.record(EncounterUpdated(encounter_id=stay, facility_id=world.facility["NORTH"], changed=("status",)))
    with begin(everywhere("vendor"), at=NOW + 3 * HOUR) as work:
        answering.withdraw(work, first, Decline(said="The nurse is ill"))
    assert need_stands(need) == ("open", "") and recorded("plan.barrier_raised") == []


def test_an_answer_is_not_taken_back_to_a_need_that_is_closed(world: World, stay: uuid.UUID):
    made = refer(world, stay, vendors(world, 2))
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        no(work, made.sent[0].referral_id)
        close_all = closing.close_need(work, held_need(work, made.request_id), ClosedBecause.NOT_NEEDED)
    assert close_all.state == "closed"
    with pytest.raises(Refused, match="Open it again first"), someone(world, NOW + 2 * HOUR) as work:
        commands.take_back(work, made.sent[0].referral_id, Why(reason="a slip"))
    assert owed("RF-ANSWER")[str(made.sent[0].referral_id)][1] is not None


def test_after_a_booking_is_called_off_all_vendors_may_be_asked_anew_at_once(world: World, stay: uuid.UUID):
    first, second, need = placed(world, stay)
    with someone(world, NOW + 2 * HOUR) as work:
        closing.reopen_need(work, held_need(work, need))
        vendor = queries.referral(work, second).vendor_id
    refer(world, stay, [vendor], at=NOW + 3 * HOUR)
    assert (stands(first), stands(second)) == ("accepted", "sent")


def test_a_need_stays_met_while_another_booking_of_its_vendor_stands(world: World, stay: uuid.UUID):
    made = refer(world, stay, vendors(world, 2, care="dialysis"), care="dialysis")
    first = made.sent[0].referral_id
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, first)
    with someone(world, NOW + 2 * HOUR) as work:
        one, other = (
            make_booking(work, stay, Book(referral_id=first, starts_on=date(2026, 3, day))).booking_id for day in (6, 9)
        )
    with someone(world, NOW + 3 * HOUR) as work:
        take_step(work, one, BookingAction.CANCEL, BookingStep(note="one is enough"))
    assert need_stands(made.request_id)[0] == "placed"
    with someone(world, NOW + 4 * HOUR) as work:
        take_step(work, other, BookingAction.ARRIVE, BookingStep())
    with someone(world, NOW + 5 * HOUR) as work:
        take_step(work, other, BookingAction.STRIKE_OUT, BookingStep(note="another patient"))
    assert need_stands(made.request_id)[0] == "open", "what was struck out meets no need"


def chosen(world: World, stay: uuid.UUID, at: datetime, **said: object) -> None:
    """The patient answers to a list of everybody."""
    with someone(world, at) as work:
        made = make_list(work, stay, MakeList.model_validate({"care_type": "snf"}))
        record_choice(work, made.id, RecordChoice.model_validate({"evidence": "paper"} | said))


def test_a_choice_made_before_decides_for_the_vendor_that_it_names(world: World, stay: uuid.UUID):
    to = vendors(world, 3)
    chosen(world, stay, NOW, first=to[0])
    rows = [row.referral_id for row in refer(world, stay, to).sent]
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, rows[0])
        yes(work, rows[1])

    closed = {key: at for key, (_, at) in owed("RF-CHOICE").items()}
    assert closed == {str(rows[0]): NOW + HOUR, str(rows[1]): None}
    chosen(world, stay, NOW + 2 * HOUR, first=to[1])
    assert {at for _, at in owed("RF-CHOICE").values()} == {NOW + HOUR, NOW + 2 * HOUR}


def test_who_wanted_time_before_still_has_to_choose(world: World, stay: uuid.UUID):
    to = vendors(world, 1)
    chosen(world, stay, NOW, outcome="asked_again")
    one = refer(world, stay, to).sent[0].referral_id
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, one)
    assert owed("RF-CHOICE")[str(one)][1] is None


def test_what_no_patient_chooses_is_decided_when_it_is_booked(world: World, stay: uuid.UUID):
    one = refer(world, stay, vendors(world, 2, care="dme"), care="dme").sent[0].referral_id
    with begin(everywhere("vendor"), at=NOW + HOUR) as work:
        yes(work, one)
    assert owed("RF-CHOICE")[str(one)][1] is None
    with someone(world, NOW + 2 * HOUR) as work:
        make_booking(work, stay, Book(referral_id=one, starts_on=date(2026, 3, 6)))
    assert owed("RF-CHOICE")[str(one)][1] == NOW + 2 * HOUR


def test_a_vendor_that_nobody_can_write_to_stays_proposed(world: World, stay: uuid.UUID):
    to = vendors(world, 3, mail=False)
    with begin(world.viewer("adam").acting(Permission.VENDOR_SET), at=NOW) as work:
        set_terms(work, world.facility["NORTH"], SetTerms(link_days=7, widen_by=2, widens=True))
    row = refer(world, stay, to[:1], widen=True).sent[0]
    with begin(DUTY, at=NOW + 5 * HOUR) as work:
        widen(work, held_need(work, row.request_id), BY)

    with reading(everywhere("test")) as db:
        assert [one.state for one in queries.asked(db, [stay])] == ["sent", "draft", "draft"]


def test_only_vendors_of_the_own_registry_that_are_open_are_asked(world: World, stay: uuid.UUID):
    to = vendors(world, 2)
    with begin(everywhere("test"), at=NOW) as work:
        set_vendor(work, to[0], SetVendor(name="Alder House", care_type="snf", closed_on=date(2026, 3, 1)))
    with pytest.raises(Refused, match="Alder House has closed"):
        refer(world, stay, to)
    south = add_stay(world, StaySpec(facility="SOUTH"))
    ask = commands.SendReferrals(care_type="snf", vendors=to[1:], alone="came from there")
    with pytest.raises(NotFound, match="not in the registry"), begin(everywhere("test"), at=NOW) as work:
        commands.send(work, south, ask, BY)


def test_a_consent_that_ended_is_named_where_it_was_recorded_and_nowhere_else(world: World, stay: uuid.UUID):
    with begin(everywhere("test"), at=NOW) as work:
        given = RecordConsent(
            given_by="The patient",
            covers=ConsentFor.VENDORS,
            given_on=date(2026, 3, 5),
            scope="Records to nursing facilities",
        )
        made = record_consent(work, stay, given)
        end_consent(work, made.id, Why(reason="Revoked"))
    with reading(everywhere("test")) as db:
        assert consents(db, add_stay(world)) == [] and [one.ended for one in consents(db, stay)] == [True]
