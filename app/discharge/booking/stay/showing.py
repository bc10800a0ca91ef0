"""Bookings, requests to payers and purchases in words, with the steps that are possible."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.census.united import Subject, subject
from app.discharge.booking import payer, queries
from app.discharge.booking.conditions.showing import conditions_of
from app.discharge.booking.queries import Booked, Bought, Request
from app.discharge.booking.rules import DECISION_LIFE, LIFE
from app.discharge.booking.terms import (
    BookingAction,
    BookingKind,
    BookingState,
    DecisionAction,
    DecisionState,
    Purchase,
    RideMode,
)
from app.discharge.terms import CareType
from app.kernel.transitions import actions
from app.kernel.wording import day_text, full_text, moment_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web import packets
from app.web.packets import Recipient

_S, _A, _D = BookingState, BookingAction, DecisionState
TONES = {
    _S.REQUESTED: ("amber", "hour"), _S.AUTHORIZED: ("blue", "shield"), _S.DENIED: ("red", "x"),
    _S.BOOKED: ("blue", "check"), _S.CONFIRMED: ("green", "check"), _S.AGAIN: ("red", "alert"),
    _S.ARRIVED: ("green", "check"), _S.CANCELLED: ("gray", "x"),
}  # fmt: skip
DECISION_TONES = {
    _D.REQUESTED: ("amber", "hour"), _D.APPROVED: ("green", "check"), _D.DENIED: ("red", "x"),
    _D.NOT_REQUIRED: ("green", "check"), _D.WITHDRAWN: ("gray", "x"),
}  # fmt: skip
BY_HAND = (_A.CONFIRM, _A.ARRIVE, _A.REQUEST, _A.CANCEL, _A.STRIKE_OUT)
"""Steps that a person takes; booking has a form of its own, the payer's answer comes with its record."""
BOOKABLE = tuple(care for care in CareType if care not in (CareType.HOME, CareType.OTHER))
_SERVICES = (CareType.TRANSPORT, CareType.DME, CareType.INFUSION)


def page_context(db: Reading, viewer: Viewer, stay_id: uuid.UUID, care: str = "") -> dict[str, Any]:
    """Everything of the page but a form that could not be carried out."""
    stay = subject(db, stay_id)
    booked = queries.bookings(db, [stay.encounter_id], ended=True)
    standing = [one for one in booked if one.ended_at is None and one.state is not _S.STRUCK_OUT]
    asked = queries.requests(db, [stay.encounter_id])
    told = queries.answers(db, [stay.encounter_id]).get(stay.encounter_id, {})
    bought = queries.purchases(db, [stay.encounter_id], ended=True)
    may = db.as_of is None and stay.facility_id in viewer.facilities_with(Permission.REFERRAL_WRITE)
    return {
        "stay_id": str(stay.encounter_id),
        "may": may,
        "bookings": [booking_words(one, booked, stay, db.now) for one in standing],
        "struck": [booking_words(one, booked, stay, db.now)
                   for one in booked if one.ended_at is None and one.state is _S.STRUCK_OUT],
        "requests": [request_words(one, stay, db.now) for one in asked],
        "purchases": [purchase_words(one, stay, db.now) for one in bought],
        "spent": dollars(sum(one.cents for one in bought if one.ended_at is None)),
        "accepted": [
            {"value": str(one.referral_id), "label": f"{one.vendor_name}, {CareType(one.care_type).label}"
             + (f", from {day_text(one.offered_on, stay.day(db.now))}" if one.offered_on else "")}
            for one in queries.accepted(db, stay.encounter_id)
        ] if may else [],
        "services": [
            {"value": str(one.vendor_id), "label": one.name}
            for one in queries.vendors(db, stay.facility_id, _SERVICES, stay.day(db.now))
        ] if may else [],
        "unconsented": may and packets.lacks_consent(db, stay.encounter_id, Recipient.PAYER, stay.day(db.now)),
        "payers": [{"value": code, "label": name} for code, name in payer.payers(db, stay.encounter_id)],
        **conditions_of(db, stay, told, standing, care),
        **CHOICES,
    }  # fmt: skip


CHOICES: dict[str, Any] = {
    "care_types": [{"value": one.value, "label": one.label} for one in BOOKABLE],
    "modes": [{"value": "", "label": "Not said"}, *({"value": one.value, "label": one.label} for one in RideMode)],
    "kinds": [{"value": one.value, "label": one.label} for one in Purchase],
    "decisions": [
        {"value": one.value, "label": one.label.capitalize()} for one in (_D.APPROVED, _D.DENIED, _D.NOT_REQUIRED)
    ],
}


def booking_words(one: Booked, versions: Sequence[Booked], stay: Subject, now: datetime) -> dict[str, Any]:
    """A booking as the page shows it, with what was before."""
    tone, icon = TONES.get(one.state, ("gray", "doc"))
    steps = [step for step in BY_HAND if step in actions(LIFE, one.state)]
    return {
        "id": str(one.booking_id), "title": f"{one.care_type.label}: {one.vendor_name}", "state": one.state.label,
        "tone": tone, "icon": icon, "when": when_words(one, stay, now), "facts": _facts(one), "doubt": one.doubt,
        "override": one.override_reason, "by": _by(one, stay, now),
        "may_book": _A.BOOK in actions(LIFE, one.state),
        "book_label": "Book" if one.state in (_S.REQUESTED, _S.AUTHORIZED, _S.DENIED) else "Change the day",
        "ride": BookingKind.of(one.care_type) is BookingKind.RIDE,
        "steps": [{"action": step.value, "label": _label(step, one), "needs": step in (_A.CANCEL, _A.STRIKE_OUT),
                   "key": f"s{step.value}-{one.booking_id}"} for step in steps],
        "before": [
            f"{old.state.label}{_comma(when_words(old, stay, now))} ({_by(old, stay, now)}){_colon(old.note)}"
            for old in versions if old.booking_id == one.booking_id and old.id != one.id
        ],
    }  # fmt: skip


def _label(step: BookingAction, one: Booked) -> str:
    if step is _A.ARRIVE:
        return {BookingKind.THING: "Received", BookingKind.RIDE: "Picked up"}.get(
            BookingKind.of(one.care_type), "Arrived"
        )
    return "Ask again" if step is _A.REQUEST else step.label


def when_words(one: Booked, stay: Subject, now: datetime) -> str:
    """For when it is booked: `Fri 6 Mar 14:00`, or the day alone; empty where no day is known."""
    if one.pick_up_at is not None:
        today = stay.day(now)
        day = stay.day(one.pick_up_at)
        return f"{day_text(day, today)} {one.pick_up_at.astimezone(stay.zone):%H:%M}"
    return day_text(one.starts_on, stay.day(now)) if one.starts_on is not None else ""


def _facts(one: Booked) -> list[dict[str, str]]:
    said = [
        ("How", RideMode(one.mode).label if one.mode else ""), ("What", one.what),
        ("To" if BookingKind.of(one.care_type) is BookingKind.RIDE else "Where", one.place),
        ("Confirmation", one.confirmation), ("Agreed with", one.agreed_with), ("Note", one.note),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in said if value]


def _by(one: Booked, stay: Subject, now: datetime) -> str:
    return f"entered {moment_text(one.made_at, stay.zone, now)} by {one.by or 'the program'}"


def _comma(text: str) -> str:
    return f", {text}" if text else ""


def _colon(text: str) -> str:
    return f": {text}" if text else ""


def request_words(one: Request, stay: Subject, now: datetime) -> dict[str, Any]:
    """A request to a payer as the page shows it."""
    tone, icon = DECISION_TONES.get(one.state, ("gray", "doc"))
    possible = actions(DECISION_LIFE, one.state)
    answers = {DecisionAction.APPROVE, DecisionAction.DENY, DecisionAction.SAY_NOT_REQUIRED}
    said = [
        ("Asked", full_text(one.asked_at, stay.zone) + (", expedited" if one.expedited else "")),
        ("Decides by", full_text(one.due_at, stay.zone) if one.due_at and one.state is _D.REQUESTED else ""),
        ("Decided", full_text(one.decided_at, stay.zone) if one.decided_at else ""),
        ("By", one.decided_by), ("Number", one.payer_number),
        ("Days", _days(one)), ("Reason" if one.state is _D.DENIED else "Note", one.reason),
    ]  # fmt: skip
    return {
        "id": str(one.authorization_id), "title": f"{one.care_type.label}: {one.payer_name}",
        "state": one.state.label, "tone": tone, "icon": icon,
        "facts": [{"label": label, "value": value} for label, value in said if value],
        "by": f"entered {moment_text(one.made_at, stay.zone, now)} by {one.by or 'the program'}",
        "may_decide": bool(answers & set(possible)),
        "steps": [{"action": step.value, "label": step.value.replace("_", " ").capitalize(),
                   "key": f"r{step.value}-{one.authorization_id}"} for step in possible if step not in answers],
    }  # fmt: skip


def _days(one: Request) -> str:
    if one.days is None:
        return ""
    first = f" from {one.first_day:%a %-d %b %Y}" if one.first_day else ""
    return f"{one.days}{first}"


def purchase_words(one: Bought, stay: Subject, now: datetime) -> dict[str, Any]:
    """A purchase as a row."""
    return {
        "id": str(one.purchase_id), "day": day_text(one.bought_on, stay.day(now)), "kind": one.kind.label,
        "what": one.what, "vendor": one.vendor_name, "units": str(one.units), "price": dollars(one.unit_cents),
        "amount": dollars(one.cents), "approved": one.approved_by, "reason": one.reason, "line": one.budget_line,
        "struck": one.ended_at is not None, "why": one.ended_reason, "key": f"p{one.purchase_id}",
    }  # fmt: skip


def dollars(cents: int) -> str:
    """`$1,234.50`."""
    return f"${cents // 100:,}.{cents % 100:02}"
