"""What the hospital itself pays for: recorded with who approved it, and struck out with a reason."""

import uuid

from app.census.united import held_subject, subject
from app.discharge.booking import queries
from app.discharge.booking.asks import Buy
from app.discharge.booking.events import PurchaseStruckOut, ServicePurchased
from app.discharge.booking.models import PurchasedService
from app.discharge.booking.terms import Ending, Purchase
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work

NOT_THERE = "There is no such purchase, or it lies outside what you may see."
_CURRENT = "select id from purchased_service where purchase_id = %s and ended_at is null"


def buy(work: Work, encounter_id: uuid.UUID, ask: Buy) -> PurchasedService:
    """Record a purchase. Refused for a day to come, for another thing without its name, and for the same one twice."""
    stay = held_subject(work, encounter_id)
    today = stay.day(work.now)
    bought_on = ask.bought_on or today
    if bought_on > today:
        raise Refused("This day lies in the future. Record what is paid, on its day.", field="bought_on")
    if ask.kind is Purchase.OTHER and not ask.what:
        raise Refused("Say in words what was bought.", field="what")
    name = queries.vendor_name(work, ask.vendor_id) if ask.vendor_id is not None else ask.vendor_name
    if name is None:
        raise Refused("This vendor is not in the registry. Choose one of the list.", field="vendor_id")
    said = (ask.kind, ask.what, name, bought_on, ask.units, ask.unit_cents)
    for one in queries.purchases(work, [stay.encounter_id]):
        if said == (one.kind, one.what, one.vendor_name, one.bought_on, one.units, one.unit_cents):
            raise Refused("This purchase is recorded already. Strike that one out if it is wrong.")
    made = work.add(
        PurchasedService(
            facility_id=stay.facility_id, purchase_id=uuid.uuid4(), encounter_id=stay.encounter_id,
            kind=ask.kind.value, what=ask.what, vendor_id=ask.vendor_id, vendor_name=name, bought_on=bought_on,
            units=ask.units, unit_cents=ask.unit_cents, approved_by=ask.approved_by, reason=ask.reason,
            budget_line=ask.budget_line, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        ServicePurchased(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            purchase_id=made.purchase_id, kind=made.kind, amount_cents=made.units * made.unit_cents,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def stay_of(db: Reading, purchase_id: uuid.UUID) -> uuid.UUID:
    """The stay of a purchase; NotFound outside the reach of whoever asks."""
    query = "select encounter_id from purchased_service where purchase_id = %s limit 1"
    found = db.value(query, (purchase_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return subject(db, found).encounter_id


def strike_purchase(work: Work, purchase_id: uuid.UUID, reason: str) -> PurchasedService:
    """Say that a purchase was recorded by mistake; it stays readable and counts no more."""
    key = work.value(_CURRENT, (purchase_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    held = work.lock(PurchasedService, key, NOT_THERE)
    if held.ended_at is not None:
        raise Refused("This purchase is struck out already.")
    stay = subject(work, held.encounter_id)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = Ending.STRUCK_OUT.value, reason
    work.session.flush()
    work.record(
        PurchaseStruckOut(
            encounter_id=stay.encounter_id, patient_id=stay.patient_id, facility_id=stay.facility_id,
            purchase_id=purchase_id,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)
    return held
