"""Recording what payment days need: earlier use, the choice about the reserve, evidence, where a patient was."""

import uuid
from datetime import date
from typing import Any

from app.census.united import Subject, held_subject, subject, with_former
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.ltac.days.events import PaymentDaysRecorded, PaymentDaysStruckOut, PaymentDaysTakenBack
from app.ltac.days.forms import FORMS, AwayForm, EarlierUseForm, Entry, ReserveForm, content_of
from app.ltac.days.gather import LONG_TERM
from app.ltac.days.models import PaymentDayEntry
from app.ltac.days.queries import NOT_LONG_TERM, payment_stay_of
from app.ltac.days.rules.entries import LIFE, about_absence
from app.ltac.days.terms import Destination, EntryAction, EntryEnd, EntryKind, EntryState
from app.platform.work import Reading, Work

NOT_THERE = "There is no such record about payment days, or it lies outside what you may see."
STANDS_NO_MORE = "This record does not stand any more. Reload the page."
_STANDING = """
select id from payment_day_entry
where encounter_id = any(%s) and kind = %s and about = %s and ended_at is null
"""


def record_entry(work: Work, encounter_id: uuid.UUID, ask: Entry) -> PaymentDayEntry:
    """Record one thing; a standing word about the same takes its end.

    Refused for a day to come, for an absence that there is not, and in a hospital that is none for long stays.
    """
    stay = held_subject(work, encounter_id)
    if work.value("select kind from facility where id = %s", (stay.facility_id,)) != LONG_TERM:
        raise Refused(NOT_LONG_TERM)
    kind = next(kind for kind, form in FORMS.items() if type(ask) is form)
    about = ""
    if isinstance(ask, AwayForm):
        stay, about = _absence(work, stay, ask)
    else:
        _check_days(work, stay, ask)
    before = _standing(work, stay, kind, about)
    after(LIFE, EntryState.STANDING if before else EntryState.UNWRITTEN,
          EntryAction.REPLACE if before else EntryAction.WRITE)  # fmt: skip
    if before is not None:
        _end(work, before, EntryEnd.REPLACED, "")
    key = uuid.uuid4()
    made = work.add(
        PaymentDayEntry(
            id=key, facility_id=stay.facility_id, entry_id=before.entry_id if before else key,
            encounter_id=stay.encounter_id, kind=kind.value, about=about, content=content_of(ask), made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(PaymentDaysRecorded(**_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_entry(work: Work, entry_id: uuid.UUID, reason: str) -> PaymentDayEntry:
    """Say that a record was made by mistake; it stays readable and counts no more."""
    held, stay = _held(work, entry_id)
    after(LIFE, EntryState.STANDING, EntryAction.STRIKE_OUT)
    _end(work, held, EntryEnd.STRUCK_OUT, reason)
    work.record(PaymentDaysStruckOut(**_about(stay, held)))
    work.changed(stay.facility_id, stay.encounter_id)
    return held


def take_back(work: Work, version_id: uuid.UUID) -> PaymentDayEntry:
    """Take a word back right after it was recorded: what it replaced is recorded again.

    The version is named, not the record: of a word that somebody replaced meanwhile nothing is taken back.
    """
    made = work.get(PaymentDayEntry, version_id, NOT_THERE)
    stay = held_subject(work, made.encounter_id)
    held = work.lock(PaymentDayEntry, version_id, NOT_THERE)
    if held.ended_at is not None:
        raise Refused(STANDS_NO_MORE)
    _end(work, held, EntryEnd.STRUCK_OUT, "Taken back right after it was recorded")
    before = work.value(
        "select id from payment_day_entry where entry_id = %s and ended_because = 'replaced' and ended_at = %s",
        (held.entry_id, held.made_at),
    )
    if before is not None:
        old = work.get(PaymentDayEntry, before, NOT_THERE)
        work.add(
            PaymentDayEntry(
                facility_id=old.facility_id, entry_id=old.entry_id, encounter_id=stay.encounter_id, kind=old.kind,
                about=old.about, content=dict(old.content), made_at=work.now, made_by=work.who.actor_id,
            )
        )  # fmt: skip
    work.record(PaymentDaysTakenBack(**_about(stay, held)))
    work.changed(stay.facility_id, stay.encounter_id)
    return held


def _check_days(work: Work, stay: Subject, ask: Entry) -> None:
    """Refused for days to come, and for an earlier stay that reaches into this one."""
    today = stay.day(work.now)
    if isinstance(ask, ReserveForm):
        _not_later(ask.told_on, today, "told_on")
    if not isinstance(ask, EarlierUseForm):
        return
    _not_later(ask.as_of, today, "as_of")
    began = local_day(payment_stay_of(work, stay.encounter_id).began_at, stay.zone)
    if ask.last_out is not None and ask.last_out > began:
        raise Refused(
            "Days of this stay are counted by the program. Write when the patient left the hospital or nursing facility"
            " before it.",
            field="last_out",
        )


def _not_later(on: date | None, today: date, field: str) -> None:
    if on is not None and on > today:
        raise Refused("This day lies in the future. Write when it was.", field=field)


def _absence(work: Work, stay: Subject, ask: AwayForm) -> tuple[Subject, str]:
    """The visit from which the patient left, and how the entry names the absence."""
    if ask.to is Destination.UNKNOWN:
        raise Refused("Say where the patient was, or strike out what is recorded.", field="to")
    paid = payment_stay_of(work, stay.encounter_id)
    found = next((one for one in (paid.earlier, *paid.absences) if one and one.left_at == ask.left_at), None)
    if found is None:
        raise Refused("The census knows no absence that began then. Reload the page.", field="to")
    return held_subject(work, found.from_key), about_absence(found.left_at)


def _standing(work: Work, stay: Subject, kind: EntryKind, about: str) -> PaymentDayEntry | None:
    """The word that stands about the same, of this stay or one of its former numbers."""
    stays = list(with_former(work, [stay.encounter_id]))
    key = work.value(_STANDING, (stays, kind.value, about))
    return work.lock(PaymentDayEntry, key, NOT_THERE) if key else None


def stay_of(db: Reading, entry_id: uuid.UUID) -> uuid.UUID:
    """The stay of a record; NotFound outside the reader's scope."""
    found = db.value("select encounter_id from payment_day_entry where entry_id = %s limit 1", (entry_id,))
    if found is None:
        raise NotFound(NOT_THERE)
    return subject(db, found).encounter_id


def _held(work: Work, entry_id: uuid.UUID) -> tuple[PaymentDayEntry, Subject]:
    """The version that stands, locked with its stay."""
    stay = held_subject(work, stay_of(work, entry_id))
    key = work.value("select id from payment_day_entry where entry_id = %s and ended_at is null", (entry_id,))
    if key is None:
        raise Refused(STANDS_NO_MORE)
    return work.lock(PaymentDayEntry, key, NOT_THERE), stay


def _end(work: Work, held: PaymentDayEntry, how: EntryEnd, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()


def _about(stay: Subject, made: PaymentDayEntry) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "entry_id": made.entry_id, "kind": made.kind,
    }  # fmt: skip
