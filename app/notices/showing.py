"""What the pages of notices show, in words: what is owed, what was delivered and how, and the form to deliver."""

import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.clocks.terms import Copy, NoticeKind
from app.kernel.deadlines import Standing
from app.kernel.wording import brief_text, dated_text, duration_text, full_text, iso_text
from app.notices import queries, rules
from app.notices.queries import Owed, Version
from app.notices.rules import name_of, receipts
from app.notices.terms import Basis, Channel, NoticeState, Receipt, Recipient
from app.platform.work import Reading
from app.web.forms import FormState

_TONES = {
    Standing.DUE: ("soon", "due"),
    Standing.OVERDUE: ("late", "overdue"),
    Standing.DONE: ("done", "given in time"),
    Standing.LATE: ("late", "given late"),
    Standing.NOT_REQUIRED: ("", "not required"),
}
_STATE_TONES = {
    NoticeState.SIGNED: ("green", "check"),
    NoticeState.REFUSED: ("amber", "alert"),
    NoticeState.TOLD: ("green", "phone"),
    NoticeState.GIVEN: ("green", "check"),
}


def instant_words(at: datetime, zone: ZoneInfo, now: datetime) -> dict[str, str]:
    """An instant as a `<time>` shows it."""
    return {"text": dated_text(at, zone, now), "iso": iso_text(at, zone), "full": full_text(at, zone)}


def owed_words(one: Owed, db: Reading, stay: Subject) -> dict[str, Any]:
    """A notice that is owed, given or not required, with its arithmetic and its source."""
    found, zone, now = one.obligation, stay.zone, db.now
    tone, word = _TONES[found.standing]
    if found.open and found.due_at is None:
        tone, word = "", "due later"
    return {
        "rule": found.rule,
        "name": name_of(one.kind, one.copy),
        "kind": one.kind.value,
        "copy": one.copy.value if one.copy else "",
        "standing": word,
        "tone": tone,
        "open": found.open,
        "can_be_given": one.can_be_given(now),
        "due": instant_words(found.due_at, zone, now) if found.due_at else None,
        "left": _left(found.due_at, now) if found.open and found.due_at else "",
        "opens": dated_text(found.earliest_at, zone, now) if found.earliest_at and found.earliest_at > now else "",
        "closed": dated_text(found.closed_at, zone, now) if found.closed_at else "",
        "because": found.because,
        "citation": found.citation,
    }


def _left(due: datetime, now: datetime) -> str:
    return f"in {duration_text(due - now)}" if due >= now else f"{duration_text(now - due)} late"


def delivery_words(one: Version, state: NoticeState, db: Reading, stay: Subject) -> dict[str, Any]:
    """A version of a delivery as facts, one line each."""
    tone, picture = _STATE_TONES.get(state, ("gray", "x"))
    return {
        "id": str(one.id),
        "delivery_id": str(one.delivery_id),
        "name": name_of(NoticeKind(one.kind), one.copy),
        "when": instant_words(one.delivered_at, stay.zone, db.now),
        "state": state.label,
        "tone": tone,
        "icon": picture,
        "stands": one.ended_at is None,
        "line": sentence(one),
        "facts": facts_of(one),
        "entered": entered_words(one, stay.zone, db.now),
        "ended": _ended_words(one, stay.zone, db.now),
        "drawing": one.drawing,
        "scans": [str(key) for key in one.scans],
    }


def sentence(one: Version) -> str:
    """How it was given, in one line: `to the daughter Mona Alder by telephone, told by telephone`."""
    whom = "to the patient"
    if one.recipient == Recipient.REPRESENTATIVE:
        whom = f"to {one.recipient_name} ({one.relation})"
    how = {Channel.IN_PERSON: "in person", Channel.TELEPHONE: "by telephone", Channel.ELECTRONIC: "electronically"}
    receipt = {
        Receipt.PAPER: "signed on paper",
        Receipt.SCREEN: "signed on the screen",
        Receipt.REFUSED: "signature refused",
        Receipt.TELEPHONE: "copy mailed",
        Receipt.UNSIGNED: "no signature asked",
    }
    return f"{whom} {how[Channel(one.channel)]}, {receipt[Receipt(one.receipt)]}; by {one.given_by}"


def facts_of(one: Version) -> list[tuple[str, str]]:
    """What else was recorded, with its label; only what was said."""
    witness = ", ".join(part for part in (one.witness_name, one.witness_title) if part)
    found = [
        ("Mailed", f"{one.mailed_on:%a %-d %b %Y}" if one.mailed_on else ""),
        ("Witness of the refusal", witness if one.receipt == Receipt.REFUSED else ""),
        ("Certified", "the witness certifies that the notice was presented" if one.certified else ""),
        ("Explained", "orally" if one.explained else ""),
        ("Reason for outpatient status", one.outpatient_reason),
        ("Item or service", one.item),
        ("Allowed by", _basis_words(one)),
        ("Language", one.language),
        ("Interpreter", one.interpreter),
        ("Copies", str(one.copies) if one.copies > 1 else ""),
    ]
    return [(label, text) for label, text in found if text]


def _basis_words(one: Version) -> str:
    if not one.basis:
        return ""
    return Basis(one.basis).label + (f": {one.basis_name}" if one.basis_name else "")


def entered_words(one: Version, zone: ZoneInfo, now: datetime) -> str:
    """Who entered this version and when, when that is not the delivery itself."""
    apart = one.made_at - one.delivered_at
    who = f" by {one.made_by}" if one.made_by and one.made_by != one.given_by else ""
    if apart.total_seconds() < 300 and not who and not one.made_because:
        return ""
    why = f"; corrected: {one.made_because}" if one.made_because else ""
    return f"entered {dated_text(one.made_at, zone, now)}{who}{why}"


def _ended_words(one: Version, zone: ZoneInfo, now: datetime) -> str:
    if one.ended_at is None:
        return ""
    how = one.ended_because.replace("_", " ")
    return f"{how} {dated_text(one.ended_at, zone, now)} by {one.ended_by or 'the program'}: {one.ended_reason}"


def tab_context(db: Reading, stay: Subject, *, may_deliver: bool, may_strike: bool) -> dict[str, Any]:
    """Everything of the tab but the appeals."""
    owed = queries.notices_owed(db, stay.encounter_id)
    found = queries.versions(db, stay.encounter_id)
    lines = [
        delivery_words(one, queries.state_of(one, found, owed or []), db, stay)
        | {"before": [_earlier(old, db, stay) for old in found if _is_before(old, one)]}
        for one in found
        if one.ended_because != "amended"
    ]
    day = queries.covered_day(db, stay.encounter_id)
    return {
        "stay_id": str(stay.encounter_id),
        "faulty": owed is None,
        "owed": [owed_words(one, db, stay) for one in owed or []],
        "deliveries": lines,
        "others": [
            {"kind": kind.value, "name": name_of(kind)} for kind in rules.DELIVERABLE if kind is not NoticeKind.IM
        ],
        "may_deliver": may_deliver,
        "may_strike": may_strike,
        "covered": {"iso": day.isoformat() if day else "", "text": f"{day:%a %-d %b %Y}" if day else ""},
    }


def _is_before(old: Version, one: Version) -> bool:
    return old.delivery_id == one.delivery_id and old.id != one.id


def _earlier(old: Version, db: Reading, stay: Subject) -> dict[str, str]:
    when = dated_text(old.delivered_at, stay.zone, db.now)
    return {"text": f"{when} {sentence(old)}", "ended": _ended_words(old, stay.zone, db.now)}


def usual(kind: NoticeKind, copy: Copy | None, db: Reading, stay: Subject) -> FormState:
    """The form as it is most often right: now, to the patient, in person, the usual receipt."""
    local = db.now.astimezone(stay.zone)
    given = {
        "kind": kind.value, "which_copy": copy.value if copy else "", "on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}",
        "recipient": Recipient.PATIENT.value, "channel": Channel.IN_PERSON.value,
        "receipt": receipts(kind, copy)[0].value, "copies": "1",
    }  # fmt: skip
    return FormState(given=given)


def of_version(one: Version, stay: Subject) -> FormState:
    """The form as a recorded version fills it."""
    local = one.delivered_at.astimezone(stay.zone)
    given = {
        name: "on" if value is True else "" if value in (False, None) else str(value)
        for name, value in ((name, getattr(one, name)) for name in _FIELDS)
    }
    given |= {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"}
    return FormState(given=given)


_FIELDS = (
    "kind", "which_copy", "given_by", "recipient", "recipient_name", "relation", "channel", "mailed_on", "receipt",
    "drawing", "witness_name", "witness_title", "certified", "explained", "outpatient_reason", "item", "basis",
    "basis_name", "language", "interpreter", "copies",
)  # fmt: skip


def form_context(form: FormState, stay: Subject, key: uuid.UUID) -> dict[str, Any]:
    """What the form of a delivery needs beside its values."""
    kind, copy = named(form)
    form.id = f"d{key}"
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "kind": kind.value,
        "name": name_of(kind, copy),
        "receipts": [{"value": one.value, "label": one.label} for one in receipts(kind, copy)],
        "recipients": [{"value": one.value, "label": one.label} for one in Recipient],
        "channels": [{"value": one.value, "label": one.label} for one in Channel],
        "bases": [{"value": one.value, "label": one.label} for one in Basis],
    }


def named(form: FormState) -> tuple[NoticeKind, Copy | None]:
    """Which notice a form is about; a form that names none is about the first copy of the Important Message."""
    text = form.given.get("kind", "")
    kind = NoticeKind(text) if text in rules.DELIVERABLE else NoticeKind.IM
    which = form.given.get("which_copy", "")
    if kind is not NoticeKind.IM:
        return kind, None
    return kind, Copy(which) if which in set(Copy) else Copy.FIRST


def said_done(one: Version, stay: Subject, now: datetime) -> str:
    """`Important Message, first copy: given 09:41, signed on paper.`, without the patient."""
    receipt = Receipt(one.receipt).label.lower()
    day = brief_text(one.delivered_at, stay.zone, now)
    return f"{name_of(NoticeKind(one.kind), one.copy)}: given {day}, {receipt}."
