"""Setting the expected date and the disposition, taking them back, and looking at the plan again."""

import uuid
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, field_validator

from app.census.united import Subject, held_subject, with_former
from app.discharge.plan import rules
from app.discharge.plan.events import DispositionSet, ExpectedDateSet, PlanLookedAt, PlanLookTakenBack
from app.discharge.plan.models import Disposition, ExpectedDate, PlanLook
from app.discharge.plan.terms import Confidence, DateReason, Ending
from app.discharge.terms import DESTINATIONS, CareType
from app.kernel.days import local_day
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work
from app.web.fields import Day, Name, Words, empty_is_none

CHANGED = "Somebody changed this just now. Reload the page and look again."
SHORTCUTS = (0, 1, 2, 3, 7)
"""Days from today that one key sets."""
_Undoable = ExpectedDate | Disposition


class SetExpectedDate(BaseModel):
    """An expected date: a day, or a number of days from today (the day of the facility)."""

    expected_on: Day = None
    days: Annotated[Annotated[int, Field(ge=0, le=365)] | None, BeforeValidator(empty_is_none)] = None
    confidence: Confidence = Confidence.LIKELY
    because: DateReason = DateReason.NOT_SAID
    detail: Words = ""


class SetDisposition(BaseModel):
    """Where the patient is to go, with a second choice."""

    going_to: CareType
    backup: Annotated[CareType | None, BeforeValidator(empty_is_none)] = None
    agreed_with: Name = ""
    detail: Words = ""

    @field_validator("going_to", "backup")
    @classmethod
    def _is_a_place(cls, value: CareType | None) -> CareType | None:
        if value is not None and value not in DESTINATIONS:
            raise ValueError("Choose one of the list.")
        return value


class LookAtPlan(BaseModel):
    """What somebody found who looked at the plan; empty: it holds as it stands."""

    note: Words = ""


def set_expected_date(work: Work, encounter_id: uuid.UUID, ask: SetExpectedDate) -> ExpectedDate:
    """Set or move the expected date; the one before stays readable. Refused when nothing would change."""
    stay = held_subject(work, encounter_id)
    today = stay.day(work.now)
    on = ask.expected_on if ask.expected_on is not None else _in_days(today, ask.days)
    rules.check_date(on, today, local_day(stay.start_at, stay.zone) if stay.start_at else None)
    if ask.because is DateReason.OTHER and not ask.detail:
        raise Refused("Say in words why the date is set so.", field="detail")
    before = _standing_date(work, stay)
    said = (on, ask.confidence.value, ask.because.value, ask.detail)
    if before is not None and said == (before.expected_on, before.confidence, before.because, before.detail):
        raise Refused("This is the expected date that is recorded already.", field="expected_on")
    earlier = before.expected_on if before else None
    if before is not None:
        _end(work, before, Ending.REPLACED)
    made = work.add(
        ExpectedDate(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, expected_on=on,
            confidence=ask.confidence.value, because=ask.because.value, detail=ask.detail, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say_date(work, stay, on, earlier)
    return made


def undo_expected_date(work: Work, expected_id: uuid.UUID) -> uuid.UUID:
    """Take back an expected date that was just set; what stood before is set again. Returns the stay."""
    stay, taken = _taken(work, ExpectedDate, expected_id)
    assert isinstance(taken, ExpectedDate)
    before = _before(work, stay, taken)
    if isinstance(before, ExpectedDate):
        kept = before.model_dump(include={"expected_on", "confidence", "because", "detail"})
        work.add(
            ExpectedDate(
                facility_id=stay.facility_id, encounter_id=stay.encounter_id, made_at=work.now,
                made_by=work.who.actor_id, **kept,
            )
        )  # fmt: skip
    _say_date(work, stay, before.expected_on if isinstance(before, ExpectedDate) else None, taken.expected_on)
    return stay.encounter_id


def set_disposition(work: Work, encounter_id: uuid.UUID, ask: SetDisposition) -> Disposition:
    """Set or change where the patient is to go. Refused when nothing would change."""
    stay = held_subject(work, encounter_id)
    if ask.backup is ask.going_to:
        raise Refused("The second choice must be another place.", field="backup")
    if ask.going_to is CareType.OTHER and not ask.detail:
        raise Refused("Say in words where the patient is to go.", field="detail")
    before = _standing_disposition(work, stay)
    said = (ask.going_to.value, ask.backup.value if ask.backup else "", ask.agreed_with, ask.detail)
    if before is not None and said == (before.going_to, before.backup, before.agreed_with, before.detail):
        raise Refused("This is the disposition that is recorded already.", field="going_to")
    if before is not None:
        _end(work, before, Ending.REPLACED)
    going_to, backup, agreed_with, detail = said
    made = work.add(
        Disposition(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, going_to=going_to, backup=backup,
            agreed_with=agreed_with, detail=detail, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _say_disposition(work, stay, going_to)
    return made


def undo_disposition(work: Work, disposition_id: uuid.UUID) -> uuid.UUID:
    """Take back a disposition that was just set; what stood before is set again. Returns the stay."""
    stay, taken = _taken(work, Disposition, disposition_id)
    before = _before(work, stay, taken)
    if isinstance(before, Disposition):
        kept = before.model_dump(include={"going_to", "backup", "agreed_with", "detail"})
        work.add(
            Disposition(
                facility_id=stay.facility_id, encounter_id=stay.encounter_id, made_at=work.now,
                made_by=work.who.actor_id, **kept,
            )
        )  # fmt: skip
    _say_disposition(work, stay, before.going_to if isinstance(before, Disposition) else "")
    return stay.encounter_id


def look_at_plan(work: Work, encounter_id: uuid.UUID, ask: LookAtPlan) -> PlanLook:
    """Record that somebody looked at the whole plan."""
    stay = held_subject(work, encounter_id)
    made = work.add(
        PlanLook(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, note=ask.note, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        PlanLookedAt(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id, look_id=made.id
        )
    )
    work.changed(stay.facility_id, stay.encounter_id)
    return made


def take_look_back(work: Work, look_id: uuid.UUID) -> uuid.UUID:
    """Say that nobody had looked. Returns the stay."""
    missing = "There is no such record, or it lies outside what you may see."
    stay = held_subject(work, work.get(PlanLook, look_id, missing).encounter_id)
    look = work.lock(PlanLook, look_id, missing)
    if look.ended_at is not None:
        raise Refused(CHANGED)
    look.ended_at, look.ended_by = work.now, work.who.actor_id
    work.record(
        PlanLookTakenBack(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id, look_id=look_id
        )
    )
    work.changed(stay.facility_id, stay.encounter_id)
    return stay.encounter_id


def stay_of(db: Reading, table: type[_Undoable] | type[PlanLook], key: uuid.UUID) -> uuid.UUID:
    """The stay of a record; NotFound outside the reader's scope."""
    found: uuid.UUID | None = db.value(f"select encounter_id from {table.__tablename__} where id = %s", (key,))
    if found is None:
        raise NotFound("There is no such record, or it lies outside what you may see.")
    return found


def _in_days(today: date, days: int | None) -> date:
    if days is None:
        raise Refused("Choose a day.", field="expected_on")
    return today + timedelta(days=days)


def _standing_date(work: Work, stay: Subject) -> ExpectedDate | None:
    key = _standing_key(work, stay, "expected_date")
    return work.lock(ExpectedDate, key) if key else None


def _standing_disposition(work: Work, stay: Subject) -> Disposition | None:
    key = _standing_key(work, stay, "plan_disposition")
    return work.lock(Disposition, key) if key else None


def _standing_key(work: Work, stay: Subject, table: str) -> uuid.UUID | None:
    """What was set last counts, also where it was set for a number that is part of this stay now."""
    found: uuid.UUID | None = work.value(
        f"select id from {table} where encounter_id = any(%s) and ended_at is null order by made_at desc, id desc"
        " limit 1",
        (list(with_former(work, [stay.encounter_id])),),
    )
    return found


def _taken(work: Work, table: type[_Undoable], key: uuid.UUID) -> tuple[Subject, _Undoable]:
    """The record, ended as undone; Refused when it does not stand any more."""
    stay = held_subject(work, stay_of(work, table, key))
    row: _Undoable = work.lock(table, key)
    if row.ended_at is not None:
        raise Refused(CHANGED)
    _end(work, row, Ending.UNDONE)
    return stay, row


def _before(work: Work, stay: Subject, taken: _Undoable) -> _Undoable | None:
    """What this record had taken the place of."""
    key = work.value(
        f"select id from {taken.__tablename__} where encounter_id = any(%s) and ended_because = 'replaced'"
        " and ended_at = %s order by made_at desc, id desc limit 1",
        (list(with_former(work, [stay.encounter_id])), taken.made_at),
    )
    return work.get(type(taken), key) if key else None


def _end(work: Work, row: _Undoable, because: Ending) -> None:
    row.ended_at, row.ended_by, row.ended_because = work.now, work.who.actor_id, because.value
    work.session.flush()


def _say_date(work: Work, stay: Subject, on: date | None, earlier: date | None) -> None:
    work.record(
        ExpectedDateSet(
            facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id, on=on,
            earlier_on=earlier,
        )
    )  # fmt: skip
    work.changed(stay.facility_id, stay.encounter_id)


def _say_disposition(work: Work, stay: Subject, to: str) -> None:
    work.record(
        DispositionSet(facility_id=stay.facility_id, encounter_id=stay.encounter_id, patient_id=stay.patient_id, to=to)
    )
    work.changed(stay.facility_id, stay.encounter_id)
