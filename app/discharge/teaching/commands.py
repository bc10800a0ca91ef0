"""Recording what was taught, listed or handed over; correcting and striking out. No version is rewritten."""

import uuid
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import Subject, held_subject, subject, with_former
from app.discharge.teaching.events import TeachingAmended, TeachingRecorded, TeachingStruckOut
from app.discharge.teaching.forms import FORMS, Entry
from app.discharge.teaching.models import TeachingRecord
from app.discharge.teaching.terms import RecordKind
from app.kernel.records.life import LIFE
from app.kernel.records.terms import RecordAction, RecordEnd, RecordState
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.platform.work import Work
from app.web.fields import past_instant

NOT_THERE = "There is no such record of teaching, or it lies outside what you may see."
_STANDING = """
select id from teaching_record where record_id = %s order by (ended_at is null) desc, made_at desc, id desc limit 1
"""


class _Version(msgspec.Struct, frozen=True):
    """Which record a version belongs to, when it took place, why it stands in the place of another."""

    record_id: uuid.UUID
    at: datetime
    because: str = ""


def record_teaching(work: Work, encounter_id: uuid.UUID, ask: Entry) -> TeachingRecord:
    """Record one thing. Refused for a time to come, and for a second crisis plan beside one that stands."""
    stay = held_subject(work, encounter_id)
    kind = _kind_of(ask)
    if kind is RecordKind.CRISIS and work.value(
        "select 1 from teaching_record where encounter_id = any(%s) and kind = 'crisis' and ended_at is null",
        (list(with_former(work, [stay.encounter_id])),),
    ):
        raise Refused("This stay has a crisis plan. Correct that one.", field="warning_signs")
    at = past_instant(ask.on, ask.at, work.now, stay.zone, None)
    made = _store(work, stay, _Version(uuid.uuid4(), at), ask)
    work.record(TeachingRecorded(**_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_teaching(work: Work, record_id: uuid.UUID, ask: Entry, because: str) -> TeachingRecord:
    """Record another version of the same kind in the place of the one that stands."""
    before = _standing(work, record_id, RecordAction.AMEND)
    if _kind_of(ask).value != before.kind:
        raise NotFound(NOT_THERE)
    stay = subject(work, before.encounter_id)
    at = past_instant(ask.on, ask.at, work.now, stay.zone, before.at)
    _end(work, before, RecordEnd.AMENDED, because)
    made = _store(work, stay, _Version(record_id, at, because), ask)
    work.record(TeachingAmended(**_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_teaching(work: Work, record_id: uuid.UUID, reason: str) -> TeachingRecord:
    """Say that a record was made by mistake; it stays readable and counts no more."""
    held = _standing(work, record_id, RecordAction.STRIKE_OUT)
    stay = subject(work, held.encounter_id)
    _end(work, held, RecordEnd.STRUCK_OUT, reason)
    work.record(TeachingStruckOut(**_about(stay, held)))
    work.changed(stay.facility_id, stay.encounter_id)
    return held


def _kind_of(ask: Entry) -> RecordKind:
    return next(kind for kind, form in FORMS.items() if type(ask) is form)


def _about(stay: Subject, made: TeachingRecord) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "record_id": made.record_id, "kind": made.kind,
    }  # fmt: skip


def _store(work: Work, stay: Subject, version: _Version, ask: Entry) -> TeachingRecord:
    return work.add(
        TeachingRecord(
            facility_id=stay.facility_id, record_id=version.record_id, encounter_id=stay.encounter_id,
            kind=_kind_of(ask).value, content=ask.model_dump(mode="json", exclude={"on", "at"}), at=version.at,
            made_at=work.now, made_by=work.who.actor_id, made_because=version.because,
        )
    )  # fmt: skip


def _standing(work: Work, record_id: uuid.UUID, action: RecordAction) -> TeachingRecord:
    key = work.value(_STANDING, (record_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    held = work.lock(TeachingRecord, key, NOT_THERE)
    struck = held.ended_because == RecordEnd.STRUCK_OUT
    after(LIFE, RecordState.STRUCK_OUT if struck else RecordState.STANDING, action, noun="record")
    if held.ended_at is not None:
        raise Refused("Somebody changed this record just now. Reload the page and look again.")
    return held


def _end(work: Work, held: TeachingRecord, how: RecordEnd, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = how.value, reason
    work.session.flush()
