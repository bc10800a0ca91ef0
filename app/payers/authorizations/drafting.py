"""Forms as they are most often right: the next request to a payer, its answer, and records as they were recorded."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from app.census.leaving import expected_on
from app.census.united import Subject
from app.payers.authorizations import queries
from app.payers.authorizations.queries import AnswerVersion, AskedVersion, Authorization
from app.payers.authorizations.showing import ACTIONS, KINDS, LEVELS, asked_line, expectations
from app.payers.authorizations.terms import AuthorizationState, Channel
from app.payers.directory.queries import payers_of
from app.payers.requests.terms import Action, CertificationType, ServiceLevel
from app.platform.work import Reading
from app.web import packets
from app.web.forms import FormState
from app.web.packets import Recipient

USUAL_NIGHTS = 3
"""How many nights are proposed where no departure is expected yet."""
_DAY = timedelta(days=1)
_OFFERED = (Action.CERTIFIED, Action.MODIFIED, Action.NOT_CERTIFIED, Action.PENDED, Action.CONTACT_PAYER,
            Action.NOT_REQUIRED, Action.CANCELLED)  # fmt: skip
_FURTHER = (CertificationType.EXTENSION, CertificationType.REVISED, CertificationType.RECONSIDERATION)


class _Course(msgspec.Struct):
    """What of a stay fills a form."""

    began: datetime | None
    left: datetime | None


_COURSE = """
select coalesce(e.inpatient_at, e.start_at), case when e.status = 'discharged' then e.discharge_at end
from encounter e where e.id = %s
"""


def choices(words: dict[Any, str]) -> list[dict[str, str]]:
    """Values with their labels, for a form."""
    return [{"value": value.value, "label": label} for value, label in words.items()]


def request_form(db: Reading, stay: Subject, held: Authorization | None) -> FormState:
    """The next request: the first one for the nights from admission on, further days from where they end."""
    course = db.one(_Course, _COURSE, (stay.encounter_id,))
    today = stay.day(db.now)
    ranges = held.standing.days.ranges if held is not None else ()
    first = ranges[-1].until if ranges else stay.day(course.began) if course.began else today
    leaves = stay.day(course.left) if course.left else expected_on(db, stay.encounter_id)
    last = max(first, leaves - _DAY) if leaves else first + (USUAL_NIGHTS - 1) * _DAY
    before = held.open_request if held is not None else None
    payers = payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    kind = CertificationType.INITIAL if held is None else CertificationType.EXTENSION
    given = {
        "authorization_id": str(held.id) if held else "", "payer": payers[0].key if payers else "",
        "certification_type": kind.value, "service_level": before.service_level if before else ServiceLevel.EMERGENCY,
        "expedited": "on" if before is None or before.expedited else "", "first_day": first.isoformat(),
        "last_day": last.isoformat(), "level_of_care": before.level_of_care if before else "",
        "channel": before.channel if before and before.channel != Channel.FILE else Channel.PORTAL.value,
        "to_whom": before.to_whom if before else "", **_at(db.now, stay),
    }  # fmt: skip
    return FormState(given=given, id="q")


def of_request(one: AskedVersion, stay: Subject) -> FormState:
    """The form as a recorded request fills it."""
    given = {
        "authorization_id": str(one.authorization_id), "certification_type": one.certification_type,
        "service_level": one.service_level, "service_type": one.service_type,
        "expedited": "on" if one.expedited else "",
        "first_day": _iso(one.first_day), "last_day": _iso(one.until_day - _DAY if one.until_day else None),
        "level_of_care": one.level_of_care, "channel": one.channel, "to_whom": one.to_whom,
        "reference": one.reference, "message": one.message, **_at(one.asked_at, stay),
    }  # fmt: skip
    return FormState(given=given, id="q")


def answer_form(db: Reading, stay: Subject, held: Authorization | None) -> FormState:
    """An answer that came now to what was asked last; where nothing was asked, that nothing has to be."""
    if held is None:
        given = {"action": Action.NOT_REQUIRED.value, "channel": Channel.CALL.value, **_at(db.now, stay)}
        return FormState(given=given, id="w")
    last = held.open_request
    given = {
        "authorization_id": str(held.id), "request_id": str(last.request_id) if last else "",
        "authorization_number": held.number, "channel": Channel.CALL.value if last is None else last.channel,
        **_at(db.now, stay),
    }  # fmt: skip
    return FormState(given=given, id="w")


def of_answer(one: AnswerVersion, stay: Subject) -> FormState:
    """The form as a recorded answer fills it."""
    spans = [*zip(one.firsts, one.untils, strict=True), (None, None), (None, None)]
    given = {
        "authorization_id": str(one.authorization_id), "request_id": str(one.request_id or ""), "action": one.action,
        "authorization_number": one.authorization_number, "reference": one.reference,
        "first_day": _iso(spans[0][0]), "last_day": _iso(spans[0][1] - _DAY if spans[0][1] else None),
        "second_first": _iso(spans[1][0]), "second_last": _iso(spans[1][1] - _DAY if spans[1][1] else None),
        "quantity": "" if one.quantity is None else str(one.quantity), "reasons": ", ".join(one.reasons),
        "issued_on": _iso(one.issued_on), "more_follows": "on" if one.more_follows else "", "channel": one.channel,
        "from_whom": one.from_whom, "text": one.text, **_at(one.received_at, stay),
    }  # fmt: skip
    return FormState(given=given, id="w")


def request_context(db: Reading, stay: Subject, form: FormState, amends: uuid.UUID | None = None) -> dict[str, Any]:
    """What the form of a request needs beside its values."""
    living = _living(db, stay)
    held = _named(living, form)
    kinds = _FURTHER if held is not None else (CertificationType.INITIAL,)
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "amends": str(amends or ""),
        "of": _of(held),
        "others": [_of(one) for one in living if one is not held],
        "payers": _payers(db, stay),
        "kinds": [{"value": kind.value, "label": KINDS[kind]} for kind in kinds],
        "levels": choices(LEVELS),
        "channels": _channels(form),
        "unconsented": packets.lacks_consent(db, stay.encounter_id, Recipient.PAYER, stay.day(db.now)),
        "expectations": expectations(db, stay),
    }  # fmt: skip


def answer_context(db: Reading, stay: Subject, form: FormState, amends: uuid.UUID | None = None) -> dict[str, Any]:
    """What the form of an answer needs beside its values."""
    living = _living(db, stay)
    held = _named(living, form)
    today = stay.day(db.now)
    offered = _OFFERED if held is not None else (Action.NOT_REQUIRED,)
    asked = (
        [one for one in held.asked if one.stands and one.certification_type != CertificationType.CANCEL] if held else []
    )
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "amends": str(amends or ""),
        "of": _of(held),
        "others": [_of(one) for one in living if one is not held],
        "payers": _payers(db, stay),
        "requests": [{"value": str(one.request_id), "label": asked_line(one, today)} for one in reversed(asked)],
        "actions": [{"value": action.value, "label": ACTIONS[action]} for action in offered],
        "channels": _channels(form),
    }  # fmt: skip


def first_living(db: Reading, stay: Subject, key: str) -> Authorization | None:
    """The authorization that an address names, else the one that waits for an answer, else any."""
    living = _living(db, stay)
    return next((one for one in living if str(one.id) == key), living[0] if living else None)


def _living(db: Reading, stay: Subject) -> list[Authorization]:
    """The authorizations of the stay to which something can still be said, those that wait first."""
    over = (AuthorizationState.STRUCK_OUT, AuthorizationState.CANCELLED)
    found = [one for one in queries.authorizations(db, stay.encounter_id) if one.standing.state not in over]
    waiting = (AuthorizationState.REQUESTED, AuthorizationState.PENDED)
    return sorted(found, key=lambda one: one.standing.state not in waiting)


def _payers(db: Reading, stay: Subject) -> list[dict[str, str]]:
    found = payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    return [{"value": one.key, "label": one.name} for one in found]


def _named(living: list[Authorization], form: FormState) -> Authorization | None:
    key = form.given.get("authorization_id", "")
    return next((one for one in living if str(one.id) == key), None)


def _of(held: Authorization | None) -> dict[str, str]:
    if held is None:
        return {"id": "", "text": ""}
    return {"id": str(held.id), "text": f"{held.head.payer} {held.number}".strip()}


def _channels(form: FormState) -> list[dict[str, str]]:
    """What a person can use; a record that came by file keeps that."""
    return [{"value": one.value, "label": one.label} for one in Channel
            if one is not Channel.FILE or form.given.get("channel") == Channel.FILE]  # fmt: skip


def _at(at: datetime, stay: Subject) -> dict[str, str]:
    local = at.astimezone(stay.zone)
    return {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"}


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
