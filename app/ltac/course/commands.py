"""Recording wounds, conferences, validation, orientation and transfers back; correcting and striking out."""

import uuid
from datetime import datetime
from typing import Any

import msgspec

from app.census.united import Subject, held_subject
from app.kernel.records.life import LIFE
from app.kernel.records.terms import RecordAction, RecordEnd, RecordState
from app.kernel.refusal import NotFound, Refused
from app.kernel.transitions import after
from app.ltac.course.events import CourseAmended, CourseRecorded, CourseStruckOut
from app.ltac.course.forms import FORMS, CheckWound, HoldConference, Record, ValidateAdmission
from app.ltac.course.models import CourseRecord
from app.ltac.course.queries import frames
from app.ltac.course.records import NOT_THERE, Version, of_kind, standing
from app.ltac.course.terms import RecordKind
from app.ltac.kind import check_long_term
from app.platform.work import Work
from app.web.fields import past_instant

_STANDING = """
select id from long_term_record where record_id = %s order by (ended_at is null) desc, made_at desc, id desc limit 1
"""
TAKEN_BACK = "Taken back right after it was recorded"
_WHILE_HERE = frozenset({RecordKind.WOUND, RecordKind.WOUND_CHECK, RecordKind.CONFERENCE, RecordKind.TRANSFER})
"""What takes place while the patient is here; who validates or explains the reason of an omission may be late."""
_ONCE = {
    RecordKind.VALIDATION: "The admission is validated. Correct that record, or strike it out first.",
    RecordKind.CONFERENCE: "A conference of that day is recorded. Correct that one.",
    RecordKind.TRANSFER: "A transfer of that day is recorded. Correct that one.",
}


class _Made(msgspec.Struct, frozen=True):
    """Which record a version belongs to, which wound it is about, when it took place, why it replaces another."""

    record_id: uuid.UUID
    at: datetime
    about_id: uuid.UUID | None = None
    because: str = ""


def record_course(work: Work, encounter_id: uuid.UUID, ask: Record) -> CourseRecord:
    """Record one thing. Refused for a time outside of the stay, and for a second of what there is one of."""
    stay = held_subject(work, encounter_id)
    check_long_term(work, stay.encounter_id)
    kind = kind_of(ask)
    at = _instant(work, stay, ask, None)
    kept = standing(work, [stay.encounter_id]).get(stay.encounter_id, [])
    _check_once(stay, kind, at, kept)
    made = _store(work, stay, _Made(uuid.uuid4(), at, _about_wound(ask, kept)), ask)
    work.record(CourseRecorded(**_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def amend_course(work: Work, record_id: uuid.UUID, ask: Record, because: str) -> CourseRecord:
    """Record another version of the same kind in the place of the one that stands."""
    stay, before = _held(work, record_id, RecordAction.AMEND)
    kind = kind_of(ask)
    if kind != before.kind:
        raise NotFound(NOT_THERE)
    at = _instant(work, stay, ask, before.at)
    kept = standing(work, [stay.encounter_id]).get(stay.encounter_id, [])
    _check_once(stay, kind, at, [one for one in kept if one.record_id != record_id])
    _end(work, before, RecordEnd.AMENDED, because)
    made = _store(work, stay, _Made(record_id, at, before.about_id, because), ask)
    work.record(CourseAmended(**_about(stay, made)))
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def strike_course(work: Work, record_id: uuid.UUID, reason: str) -> CourseRecord:
    """Say that a record was made by mistake. Refused for a wound while assessments of it stand."""
    stay, held = _held(work, record_id, RecordAction.STRIKE_OUT)
    kept = standing(work, [stay.encounter_id], {RecordKind.WOUND_CHECK}).get(stay.encounter_id, [])
    if any(one.about_id == record_id for one in kept):
        raise Refused("Assessments of this wound stand. Strike them out first, each with its reason.")
    _end(work, held, RecordEnd.STRUCK_OUT, reason)
    work.record(CourseStruckOut(**_about(stay, held)))
    work.changed(stay.facility_id, stay.encounter_id)
    return held


def take_back_course(work: Work, record_id: uuid.UUID) -> CourseRecord:
    """Take a record back right after it was made. Refused once somebody corrected it: then its end needs a reason."""
    _, held = _held(work, record_id, RecordAction.STRIKE_OUT)
    if held.made_because:
        raise Refused("This record was corrected meanwhile. Strike it out with a reason, if it is wrong.")
    return strike_course(work, record_id, TAKEN_BACK)


def kind_of(ask: Record) -> RecordKind:
    """The kind of record that a form writes."""
    return next(kind for kind, form in FORMS.items() if type(ask) is form)


def _instant(work: Work, stay: Subject, ask: Record, before: datetime | None) -> datetime:
    """When it took place. A wound may be older than the stay, and what is done late may follow it."""
    at, kind = past_instant(ask.on, ask.at, work.now, stay.zone, before), kind_of(ask)
    if kind is not RecordKind.WOUND and stay.start_at is not None and at < stay.start_at:
        raise Refused("This lies before the stay began. Correct the day or the time.", field="on")
    left_on = frames(work, [stay.encounter_id])[stay.encounter_id].left_on
    if kind in _WHILE_HERE and left_on is not None and stay.day(at) > left_on:
        raise Refused("The patient had left by then. Write when it took place.", field="on")
    return at


def _check_once(stay: Subject, kind: RecordKind, at: datetime, kept: list[Version]) -> None:
    others = of_kind(kept, kind)
    if kind is RecordKind.VALIDATION and others:
        raise Refused(_ONCE[kind], field="met")
    if kind in _ONCE and any(stay.day(one.at) == stay.day(at) for one in others):
        raise Refused(_ONCE[kind], field="on")


def _about_wound(ask: Record, kept: list[Version]) -> uuid.UUID | None:
    if not isinstance(ask, CheckWound):
        return None
    if not any(one.record_id == ask.wound for one in of_kind(kept, RecordKind.WOUND)):
        raise Refused("Choose a wound of this stay.", field="wound")
    return ask.wound


def _held(work: Work, record_id: uuid.UUID, action: RecordAction) -> tuple[Subject, CourseRecord]:
    key = work.value(_STANDING, (record_id,))
    if key is None:
        raise NotFound(NOT_THERE)
    stay = held_subject(work, work.get(CourseRecord, key, NOT_THERE).encounter_id)
    held = work.lock(CourseRecord, work.value(_STANDING, (record_id,)), NOT_THERE)
    state = RecordState.STANDING if held.ended_at is None else RecordState.STRUCK_OUT
    after(LIFE, state, action)
    return stay, held


def _end(work: Work, held: CourseRecord, because: RecordEnd, reason: str) -> None:
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    held.ended_because, held.ended_reason = because.value, reason
    work.session.flush()


def _store(work: Work, stay: Subject, made: _Made, ask: Record) -> CourseRecord:
    return work.add(
        CourseRecord(
            facility_id=stay.facility_id, record_id=made.record_id, encounter_id=stay.encounter_id,
            about_id=made.about_id, kind=kind_of(ask).value,
            content=ask.model_dump(mode="json", exclude={"on", "at", "wound"}), at=made.at, made_at=work.now,
            made_by=work.who.actor_id, made_because=made.because,
        )
    )  # fmt: skip


def _about(stay: Subject, made: CourseRecord) -> dict[str, Any]:
    return {
        "encounter_id": stay.encounter_id, "patient_id": stay.patient_id, "facility_id": stay.facility_id,
        "record_id": made.record_id, "kind": made.kind,
    }  # fmt: skip


def what_next(ask: Record) -> str:
    """What to do after some records, in a sentence; empty where nothing follows."""
    if isinstance(ask, ValidateAdmission) and not ask.met:
        return "Criteria are not met: plan the discharge to the options that were assessed, and tell the physician."
    if isinstance(ask, HoldConference) and not ask.next_on:
        return "The next conference is due in a week."
    return ""
