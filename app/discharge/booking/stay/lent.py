"""What bookings lend to others: a fact of the banner, readiness lights, a section of packets."""

import uuid
from collections.abc import Mapping, Sequence

from app.census.united import subject
from app.discharge.booking import queries
from app.discharge.booking.queries import Booked, Request
from app.discharge.booking.stay.showing import when_words
from app.discharge.booking.terms import BookingKind, BookingState, DecisionState
from app.discharge.plan.lights.rules import Said
from app.discharge.terms import Light, LightName
from app.kernel.wording import full_text
from app.platform.work import Reading
from app.web.packets import Block, Section, Table
from app.web.stay import BannerFact

PLACE = 91
_S = BookingState


def going(db: Reading, encounter_id: uuid.UUID) -> Sequence[BannerFact]:
    """Where the patient goes and when, once a vendor holds it; in red where it has to be confirmed again."""
    stay = subject(db, encounter_id)
    found = [one for one in queries.bookings(db, [stay.encounter_id]) if one.stands]
    places = [one for one in found if BookingKind.of(one.care_type) is BookingKind.PLACE]
    rides = [one for one in found if BookingKind.of(one.care_type) is BookingKind.RIDE]
    ride = when_words(rides[-1], stay, db.now) if rides else ""
    if not places:
        return [_fact("Ride", rides[-1], ride)] if rides else []
    when = ride or when_words(places[-1], stay, db.now)
    doubted = next((one for one in (places[-1], *rides[-1:]) if one.state is not _S.CONFIRMED), places[-1])
    return [_fact("Booked at", doubted, f"{places[-1].vendor_name}, {when}")]


def _fact(label: str, one: Booked, value: str) -> BannerFact:
    if one.state is _S.AGAIN:
        return BannerFact(label, value, "confirm again", "late")
    return BannerFact(label, value, "" if one.state is _S.CONFIRMED else "not confirmed", "soon")


def lights(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Said]]:
    """What bookings say of destination, ride and payer, by two queries for any number of stays."""
    found: dict[uuid.UUID, list[Said]] = {}
    for one in queries.bookings(db, encounter_ids):
        kind = BookingKind.of(one.care_type)
        if kind is not BookingKind.THING and one.state in _LIGHTS:
            name = LightName.TRANSPORT if kind is BookingKind.RIDE else LightName.DESTINATION
            found.setdefault(one.encounter_id, []).append(
                Said(name, _LIGHTS[one.state], f"{one.vendor_name}: {one.state.label}")
            )
    last: dict[tuple[uuid.UUID, str], Request] = {}
    for request in queries.requests(db, encounter_ids):
        last[request.encounter_id, request.care_type] = request
    for (stay, _), request in last.items():
        if request.state in _PAYER_LIGHTS:
            said = Said(
                LightName.PAYER, _PAYER_LIGHTS[request.state],
                f"{request.payer_name}, {request.care_type.label}: {request.state.label}",
            )  # fmt: skip
            found.setdefault(stay, []).append(said)
    return found


_LIGHTS = {
    _S.BOOKED: Light.GREEN, _S.CONFIRMED: Light.GREEN, _S.ARRIVED: Light.GREEN, _S.AGAIN: Light.RED,
    _S.REQUESTED: Light.AMBER, _S.AUTHORIZED: Light.AMBER, _S.DENIED: Light.RED,
}  # fmt: skip
_PAYER_LIGHTS = {
    DecisionState.REQUESTED: Light.AMBER, DecisionState.APPROVED: Light.GREEN,
    DecisionState.NOT_REQUIRED: Light.GREEN, DecisionState.DENIED: Light.RED,
}  # fmt: skip


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """What is booked, and what the payer of care after the hospital said."""
    stay = subject(db, encounter_id)
    blocks = []
    booked = [
        (one.care_type.label, one.vendor_name, when_words(one, stay, db.now), one.state.label, one.confirmation)
        for one in queries.bookings(db, [stay.encounter_id])
        if one.state is not _S.CANCELLED
    ]
    if booked:
        heads = ("What", "Vendor", "For", "State", "Confirmation")
        blocks.append(Block("Booked", table=Table(heads, booked)))
    asked = [
        (one.care_type.label, one.payer_name, full_text(one.asked_at, stay.zone), one.state.label,
         full_text(one.decided_at, stay.zone) if one.decided_at else "", one.payer_number)
        for one in queries.requests(db, [stay.encounter_id])
    ]  # fmt: skip
    if asked:
        heads_asked = ("For", "Payer", "Asked", "Answer", "Answered", "Number")
        blocks.append(Block("Payer of care after the hospital", table=Table(heads_asked, asked)))
    return [Section("bookings", "Care after the hospital", PLACE, blocks)] if blocks else []
