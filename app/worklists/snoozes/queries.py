"""A stay put aside, as its page shows it."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.wording import moment_text
from app.platform.work import Reading
from app.worklists.snoozes.terms import SnoozeReason


class Aside(msgspec.Struct):
    """One open snooze of the reader on a stay."""

    id: uuid.UUID
    kind: str
    reason: str
    detail: str
    until: datetime | None


class Subject(msgspec.Struct):
    """The stay that may be put aside."""

    patient_id: uuid.UUID
    timezone: str
    here: bool

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def subject(db: Reading, encounter_id: uuid.UUID) -> Subject:
    """The stay; NotFound outside the reader's scope."""
    return db.one(
        Subject,
        "select e.patient_id, f.timezone, e.status in ('admitted', 'on_leave') from encounter e"
        " join facility f on f.id = e.facility_id where e.id = %s",
        (encounter_id,),
        missing="There is no such stay, or it lies outside what you may see.",
    )


def aside(db: Reading, encounter_id: uuid.UUID, user_id: uuid.UUID) -> Aside | None:
    """What this person put aside on this stay and is not back yet."""
    found = db.rows(
        Aside,
        "select id, kind, reason, detail, until from snooze where encounter_id = %s and user_id = %s"
        " and ended_at is null and (until is null or until > %s)",
        (encounter_id, user_id, db.now),
    )
    return found[0] if found else None


def aside_text(held: Aside, zone: ZoneInfo, now: datetime) -> str:
    """`until 14:00, or any change of the stay: waiting for a result`."""
    ends = [] if held.until is None else [f"until {moment_text(held.until, zone, now)}"]
    if held.kind == "not_needed":
        ends.append("or any change of the stay" if ends else "until the stay changes")
    reason = SnoozeReason(held.reason)
    why = (
        held.detail if reason is SnoozeReason.OTHER else reason.label.lower() + (f", {held.detail}" * bool(held.detail))
    )
    return f"{', '.join(ends)}: {why}"
