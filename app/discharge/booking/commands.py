"""Asking for, booking, confirming, doubting, calling off. Every step ends a version and writes the next one."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.census.united import Subject, held_subject, subject
from app.discharge.booking import queries
from app.discharge.booking.asks import Book, Step
from app.discharge.booking.events import (
    BookingCancelled,
    BookingDoubted,
    BookingMoved,
    BookingRequested,
    VendorBooked,
)
from app.discharge.booking.models import Booking
from app.discharge.booking.rules import LIFE, LIVING, STANDING, Ground, When, check_ground, check_pasrr, check_when
from app.discharge.booking.terms import BookingAction, BookingState, DecisionState
from app.discharge.eligibility.facts import Answer
from app.discharge.eligibility.rules.pasrr import NURSING_FACILITIES, in_the_way
from app.discharge.eligibility.terms import Question
from app.discharge.terms import CareType
from app.kernel.entered import true_time
from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Reading, Work
from app.web.fields import past_instant

NOT_THERE = "There is no such booking, or it lies outside what you may see."
_S, _A = BookingState, BookingAction
_CURRENT = """
select id from booking where booking_id = %s order by (ended_at is null) desc, made_at desc, id desc limit 1
"""
_KEPT = (
    "facility_id", "booking_id", "encounter_id", "care_type", "vendor_id", "vendor_name", "referral_id", "choice_id",
    "starts_on", "pick_up_at", "mode", "what", "place", "confirmation", "agreed_with", "override_reason",
)  # fmt: skip


def make_booking(work: Work, encounter_id: uuid.UUID, ask: Book) -> Booking:
    """Book something, or ask for it where no day is known yet. Refused where the ground for a booking is missing."""
    stay = held_subject(work, encounter_id)
    found = _vendor(work, stay, ask)
    when = _when(ask, stay, work.now)
    known = when.starts_on is not None or when.pick_up_at is not None
    action = _A.BOOK if known else _A.REQUEST
    values = _values(ask, found, when)
    _check_twice(work, stay, values)
    if known:
        values["choice_id"] = _check(work, stay, values, ask.override_reason)
    head = {"facility_id": stay.facility_id, "booking_id": uuid.uuid4(), "encounter_id": stay.encounter_id}
    made = _store(work, {**head, **values, "at": work.now}, after(LIFE, _S.NONE, action, noun="booking"), action)
    _say(work, stay, made, action)
    return made


def book(work: Work, booking_id: uuid.UUID, ask: Book) -> Booking:
    """Book what was asked for, or the same for another day. What the form leaves empty stays as it was."""
    held, stay = standing_booking(work, booking_id)
    state = after(LIFE, _S(held.state), _A.BOOK, noun="booking")
    before = {name: getattr(held, name) for name in _KEPT}
    when = _when(ask, stay, work.now)
    said = {name: value for name, value in _details(ask).items() if value}
    values = before | said | {"starts_on": when.starts_on, "pick_up_at": when.pick_up_at}
    values["choice_id"] = _check(work, stay, values, ask.override_reason or held.override_reason)
    made = _follow(work, held, {**values, "note": ask.note, "at": work.now}, state, _A.BOOK)
    _say(work, stay, made, _A.BOOK)
    return made


def take_step(work: Work, booking_id: uuid.UUID, action: BookingAction, ask: Step) -> Booking:
    """Confirm, call off, ask again, note the arrival, or strike out. Refused for a step that the life has not."""
    held, stay = standing_booking(work, booking_id)
    state = after(LIFE, _S(held.state), action, noun="booking")
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    if action in (_A.CANCEL, _A.STRIKE_OUT) and len(ask.note) < 3:
        raise Refused("Say in a few words why.", field="note")
    if action is _A.CONFIRM:
        check_pasrr(CareType(held.care_type), _told(work, stay), "note")
    said = {name: value for name in ("confirmation", "agreed_with") if (value := getattr(ask, name))}
    values = {name: getattr(held, name) for name in _KEPT} | said
    if action is _A.REQUEST:
        values |= {"starts_on": None, "pick_up_at": None, "confirmation": ""}
    made = _follow(work, held, {**values, "note": ask.note, "at": at}, state, action)
    _say(work, stay, made, action, held=BookingState(held.state) in STANDING)
    return made


def doubt(work: Work, found: Iterable[uuid.UUID], words: str, because: str) -> int:
    """Put bookings that stand into doubt: they are kept, and have to be confirmed again. Returns how many."""
    count = 0
    for booking_id in found:
        held, stay = standing_booking(work, booking_id)
        if (_S(held.state), _A.ASK_AGAIN) not in LIFE:
            continue
        values = {name: getattr(held, name) for name in _KEPT}
        made = _follow(work, held, {**values, "doubt": words, "at": work.now}, _S.AGAIN, _A.ASK_AGAIN)
        work.record(BookingDoubted(because=because, **_about(stay, made)))
        work.changed(stay.facility_id, stay.encounter_id)
        count += 1
    return count


def follow_decision(work: Work, stay: Subject, care_type: CareType, action: BookingAction) -> None:
    """What the payer's answer does to the bookings of the same type of care that wait for it."""
    for one in queries.bookings(work, [stay.encounter_id]):
        if one.care_type is care_type and (one.state, action) in LIFE:
            held, _ = standing_booking(work, one.booking_id)
            values = {name: getattr(held, name) for name in _KEPT}
            made = _follow(work, held, {**values, "at": work.now}, LIFE[one.state, action], action)
            _say(work, stay, made, action)


def wait_again(work: Work, stay: Subject, care_type: CareType) -> None:
    """The payer's answer was a mistake: what followed from it waits for an answer again."""
    for one in queries.bookings(work, [stay.encounter_id]):
        if one.care_type is care_type and one.state in (_S.AUTHORIZED, _S.DENIED):
            held, _ = standing_booking(work, one.booking_id)
            values = {name: getattr(held, name) for name in _KEPT}
            made = _follow(work, held, {**values, "at": work.now}, LIFE[one.state, _A.REQUEST], _A.REQUEST)
            _say(work, stay, made, _A.REQUEST)


def stay_of(db: Reading, booking_id: uuid.UUID) -> uuid.UUID:
    """The stay of a booking; NotFound outside the reach of whoever asks."""
    found = db.value("select encounter_id from booking where booking_id = %s limit 1", (booking_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return subject(db, found).encounter_id


def standing_booking(work: Work, booking_id: uuid.UUID) -> tuple[Booking, Subject]:
    """The version that stands, locked with its stay; NotFound outside the reach of whoever asks.

    The stay is locked first, as everywhere: answers, choices and the payer's word stand still meanwhile.
    """
    key = work.value(_CURRENT, (booking_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    stay = held_subject(work, stay_of(work, booking_id))
    held = work.lock(Booking, key, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("Somebody changed this booking just now. Reload the page and look again.")
    return held, stay


def _vendor(work: Work, stay: Subject, ask: Book) -> tuple[CareType, uuid.UUID | None, str]:
    """Type of care and vendor, from the referral if one is named; refused without a vendor."""
    if ask.referral_id is not None:
        for one in queries.accepted(work, stay.encounter_id):
            if one.referral_id == ask.referral_id:
                return CareType(one.care_type), one.vendor_id, one.vendor_name
        raise Refused("This referral is not accepted any more. Choose another one.", field="referral_id")
    if ask.care_type is None:
        raise Refused("Choose what is booked.", field="care_type")
    if ask.vendor_id is not None:
        name = queries.vendor_name(work, ask.vendor_id)
        if name is None:
            raise Refused("This vendor is not in the registry. Choose one of the list.", field="vendor_id")
        return ask.care_type, ask.vendor_id, name
    if not ask.vendor_name:
        raise Refused("Choose an accepted referral or a vendor, or write the vendor's name.", field="vendor_name")
    return ask.care_type, None, ask.vendor_name


def _when(ask: Book, stay: Subject, now: datetime) -> When:
    """For when it is booked; day and time of a ride belong together."""
    if (ask.pick_up_on is None) != (ask.pick_up is None):
        missing = "pick_up_on" if ask.pick_up_on is None else "pick_up"
        raise Refused("Write both the day and the time at which the patient is picked up.", field=missing)
    pick_up = None if ask.pick_up is None else true_time(ask.pick_up_on, ask.pick_up, now, stay.zone)
    return When(ask.starts_on, pick_up)


def _details(ask: Book) -> dict[str, Any]:
    return {
        "mode": ask.mode.value if ask.mode else "", "what": ask.what, "place": ask.place,
        "confirmation": ask.confirmation, "agreed_with": ask.agreed_with, "override_reason": ask.override_reason,
    }  # fmt: skip


def _values(ask: Book, found: tuple[CareType, uuid.UUID | None, str], when: When) -> dict[str, Any]:
    care_type, vendor_id, name = found
    return {
        "care_type": care_type.value, "vendor_id": vendor_id, "vendor_name": name, "referral_id": ask.referral_id,
        "starts_on": when.starts_on, "pick_up_at": when.pick_up_at, "note": ask.note, **_details(ask),
    }  # fmt: skip


def _check(work: Work, stay: Subject, values: dict[str, Any], override: str) -> uuid.UUID | None:
    """Refused where the ground is missing; the choice on which the booking stands."""
    care_type = CareType(values["care_type"])
    check_when(care_type, When(values["starts_on"], values["pick_up_at"]), work.now, stay.day(work.now))
    chosen = queries.choice(work, stay.encounter_id, care_type)
    asked = [one.state for one in queries.requests(work, [stay.encounter_id]) if one.care_type is care_type]
    others = chosen is not None and bool(chosen.vendors) and values["vendor_id"] not in chosen.vendors
    ground = Ground(
        care_type=care_type, chosen=chosen is not None, another=others, answers=_told(work, stay),
        undecided=DecisionState.REQUESTED in asked, denied=asked[-1:] == [DecisionState.DENIED],
    )  # fmt: skip
    check_ground(ground, override)
    return chosen.choice_id if chosen is not None else None


def _told(work: Work, stay: Subject) -> dict[Question, Answer]:
    return queries.as_answers(queries.answers(work, [stay.encounter_id]).get(stay.encounter_id, {}))


def doubt_after_answer(work: Work, stay: Subject) -> None:
    """Put nursing facilities that are booked into doubt where an answer was taken back, or is another one now."""
    if not (why := in_the_way(_told(work, stay))):
        return
    found = [one.booking_id for one in queries.bookings(work, [stay.encounter_id])
             if one.stands and one.care_type in NURSING_FACILITIES]  # fmt: skip
    doubt(work, found, why, "pasrr_open")


def _check_twice(work: Work, stay: Subject, values: dict[str, Any]) -> None:
    """Refused where the same vendor holds the same thing for the same time: a form that was sent twice."""
    same = ("care_type", "vendor_name", "starts_on", "pick_up_at", "what")
    for one in queries.bookings(work, [stay.encounter_id]):
        if one.state in LIVING and all(getattr(one, name) == values[name] for name in same):
            word = "booked" if one.stands else "asked for"
            raise Refused(f"This is {word} already. Change that booking if something is different.")


def _store(work: Work, values: dict[str, Any], state: BookingState, action: BookingAction) -> Booking:
    made = Booking(**values, state=state.value, action=action.value, made_at=work.now, made_by=work.who.actor_id)
    return work.add(made)


def _follow(work: Work, held: Booking, values: dict[str, Any], state: BookingState, action: BookingAction) -> Booking:
    held.ended_at = work.now
    work.session.flush()
    return _store(work, values, state, action)


def _about(stay: Subject, made: Booking) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "booking_id": made.booking_id, "referral_id": made.referral_id, "care_type": made.care_type,
    }  # fmt: skip


def _say(work: Work, stay: Subject, made: Booking, action: BookingAction, *, held: bool = False) -> None:
    about = _about(stay, made)
    said: Event
    match action:
        case _A.REQUEST:
            said = BookingRequested(**about)
        case _A.BOOK:
            said = VendorBooked(overridden=bool(made.override_reason), **about)
        case _A.CANCEL | _A.STRIKE_OUT:
            said = BookingCancelled(held=held, struck_out=action is _A.STRIKE_OUT, **about)
        case _:
            said = BookingMoved(action=action.value, **about)
    work.record(said)
    work.changed(stay.facility_id, stay.encounter_id)
