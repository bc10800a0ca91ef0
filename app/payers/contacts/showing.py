"""What the pages show of contacts, in words."""

import uuid
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.kernel.wording import dated_text, day_text, full_text, iso_text
from app.payers.authorizations import queries as authorizations
from app.payers.authorizations.terms import Channel, EndReason
from app.payers.contacts import queries
from app.payers.contacts.queries import ContactVersion, done_by, proposed_follow_up
from app.payers.contacts.terms import Direction
from app.payers.directory.queries import PayerOf, calendar_of, card_of, payers_of
from app.platform.work import Reading
from app.web import packets
from app.web.forms import FormState
from app.web.packets import Recipient

CHANNELS = (Channel.CALL, Channel.PORTAL, Channel.FAX, Channel.LETTER)


def contacts_words(db: Reading, stay: Subject) -> list[dict[str, Any]]:
    """The contacts of a stay, the latest first, each with its earlier versions."""
    found = queries.contacts(db, stay.encounter_id)
    return [
        _words(one, found, db, stay)
        | {"before": [_before(old, db, stay) for old in found if old.contact_id == one.contact_id and old.id != one.id]}
        for one in found
        if one.ended_because != EndReason.AMENDED
    ]


def contact_line(one: ContactVersion) -> str:
    """`Call to Bayshore, with Jane Roe, reference 881`."""
    way = "from" if one.direction == Direction.IN else "to"
    parts = [f"{Channel(one.channel).label} {way} {one.payer}", f"with {one.person}" if one.person else "",
             f"reference {one.reference}" if one.reference else ""]  # fmt: skip
    return ", ".join(part for part in parts if part)


def _words(one: ContactVersion, found: list[ContactVersion], db: Reading, stay: Subject) -> dict[str, Any]:
    return {
        "id": str(one.contact_id),
        "line": contact_line(one),
        "said": one.said,
        "when": {"text": dated_text(one.at, stay.zone, db.now), "iso": iso_text(one.at, stay.zone),
                 "full": full_text(one.at, stay.zone)},
        "by": one.made_by or "the program",
        "notified": one.notified,
        "follow_up": _follow_words(one, found, db.now, stay.zone),
        "corrected": one.made_because,
        "stands": one.stands,
        "ended": _ended(one, db, stay),
    }  # fmt: skip


def _follow_words(one: ContactVersion, found: list[ContactVersion], now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """When somebody asks again, and how that stands."""
    if one.follow_up_at is None or not one.stands:
        return {"text": "", "tone": ""}
    done = done_by(one, found)
    when = dated_text(one.follow_up_at, zone, now)
    if done is not None and done.at <= now:
        return {"text": f"follow-up {when}, done {dated_text(done.at, zone, now)}", "tone": "done"}
    if one.follow_up_at < now:
        return {"text": f"follow-up {when}, not done", "tone": "late"}
    return {"text": f"follow-up {when}", "tone": "soon"}


def _before(old: ContactVersion, db: Reading, stay: Subject) -> dict[str, str]:
    text = f"{dated_text(old.at, stay.zone, db.now)}: {contact_line(old)}: {old.said}"
    return {"text": text, "ended": _ended(old, db, stay)}


def _ended(one: ContactVersion, db: Reading, stay: Subject) -> str:
    if one.ended_at is None:
        return ""
    how, by = one.ended_because.replace("_", " "), one.ended_by or "the program"
    return f"{how} {dated_text(one.ended_at, stay.zone, db.now)} by {by}: {one.ended_reason}"


def usual(db: Reading, stay: Subject) -> FormState:
    """The form as it is most often right: a call to the first payer, now; asked again while an answer is awaited."""
    payers = payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    local = db.now.astimezone(stay.zone)
    given = {
        "payer": payers[0].key if payers else "", "channel": Channel.CALL.value, "direction": Direction.OUT.value,
        "on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}",
    }  # fmt: skip
    if payers and any(one.waiting for one in authorizations.kept(db, [stay.encounter_id]).get(stay.encounter_id, [])):
        given["follow_on"] = _proposed(db, stay, payers[0]).isoformat()
    return FormState(given=given)


def _proposed(db: Reading, stay: Subject, payer: PayerOf) -> date:
    """The day on which somebody should ask that payer again."""
    calendar = calendar_of(card_of(db, stay.facility_id, payer.payer_code, stay.day(db.now)), stay.zone)
    return proposed_follow_up(db, stay.facility_id, payer.payer_code, calendar, stay.zone)


def of_version(one: ContactVersion, stay: Subject) -> FormState:
    """The form as a recorded contact fills it."""
    local = one.at.astimezone(stay.zone)
    follow = one.follow_up_at.astimezone(stay.zone) if one.follow_up_at else None
    given = {
        "payer": one.payer_code or one.payer_name, "channel": one.channel, "direction": one.direction,
        "on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}", "person": one.person, "reference": one.reference,
        "said": one.said, "notified": "on" if one.notified else "",
        "follow_on": f"{follow:%Y-%m-%d}" if follow else "",
        "follow_at": f"{follow:%H:%M}" if follow and (follow.hour, follow.minute) != (23, 59) else "",
        "authorization_id": str(one.authorization_id or ""), "denial_id": str(one.denial_id or ""),
    }  # fmt: skip
    return FormState(given=given)


def form_context(db: Reading, stay: Subject, form: FormState, amends: uuid.UUID | None) -> dict[str, Any]:
    """What the form of a contact needs beside its values."""
    today = stay.day(db.now)
    payers = payers_of(db, [stay.encounter_id]).get(stay.encounter_id, [])
    chosen = next((one for one in payers if one.key == form.given.get("payer", "")), payers[0] if payers else None)
    proposed = _proposed(db, stay, chosen) if chosen is not None else None
    own = [one for one in authorizations.authorizations(db, stay.encounter_id) if one.head.ended_at is None]
    return {
        "stay_id": str(stay.encounter_id),
        "form": form,
        "amends": str(amends or ""),
        "payers": [{"value": one.key, "label": one.name} for one in payers],
        "channels": [{"value": one.value, "label": one.label} for one in CHANNELS],
        "directions": [{"value": one.value, "label": one.label} for one in Direction],
        "authorizations": [{"value": "", "label": "None of them"}] + [
            {"value": str(one.id), "label": f"{one.head.payer} {one.number or one.standing.state.label}"} for one in own
        ],
        "proposed": {"iso": proposed.isoformat(), "text": day_text(proposed, today)} if proposed else None,
        "unconsented": packets.lacks_consent(db, stay.encounter_id, Recipient.PAYER, stay.day(db.now)),
        "payer_code": chosen.payer_code if chosen else "",
        "payer_name": chosen.name if chosen else "",
    }  # fmt: skip
