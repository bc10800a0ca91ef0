"""Stays whose patient went home, and calls that were made."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.census.events import EncounterDischarged, EncounterUpdated
from app.discharge.after.calls.commands import Given, WriteCall, record_call
from app.discharge.after.calls.script import script
from app.discharge.after.models import FollowUpCall, ReadmissionRating
from app.discharge.after.programs.commands import ChooseProgram, choose_program
from app.discharge.after.readmitted.commands import GiveRating, WriteInterview, give_rating, write_interview
from app.discharge.after.readmitted.terms import AnsweredBy
from app.discharge.after.terms import Answer, ProgramKind
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World


def caller(world: World, name: str = "dana") -> Any:
    """This person as somebody who calls after discharge."""
    return world.viewer(name).acting(Permission.FOLLOW_UP_WRITE)


def went_home(world: World, spec: StaySpec | None = None, at: datetime = NOW - timedelta(days=1)) -> uuid.UUID:
    """A stay whose patient went home."""
    stay = add_stay(world, spec)
    left(stay, at)
    return stay


def left(stay: uuid.UUID, at: datetime, disposition: str = "01") -> None:
    """The patient left, as the feed would say it."""

    with begin(everywhere("test"), at=max(NOW, at + timedelta(minutes=5))) as work:
        facility, patient = work.connection.execute(
            "select facility_id, patient_id from encounter where id = %s", (stay,)
        ).fetchone() or (0, None)
        work.write(
            "encounter",
            "update encounter set status = 'discharged', discharge_at = %s, disposition = %s, location = '',"
            " start_at = least(start_at, %s - interval '1 day') where id = %s",
            (at, disposition, at, stay),
        )
        work.write("patient", "update patient set phone = '555-0147' where id = %s", (patient,))
        work.record(EncounterDischarged(facility_id=facility, encounter_id=stay, patient_id=patient, discharge_at=at,
                                        disposition=disposition))  # fmt: skip
        work.changed(facility, stay)


def problem(key: str, note: str = "") -> Given:
    """A question of the usual script that was answered with a problem."""
    return Given(next(one for one in script((), ()) if one.key == key), Answer.PROBLEM, note)


def called(world: World, stay: uuid.UUID, outcome: str, *given: Given, at: datetime = NOW, **said: Any) -> FollowUpCall:
    """Record a call."""
    with begin(caller(world), at=at) as work:
        return record_call(work, stay, WriteCall.model_validate({"outcome": outcome} | said), given)


class Owed(msgspec.Struct):
    """What is stored as owed under a rule."""

    rule: str
    subject: str
    due_at: datetime | None
    closed_at: datetime | None


def owed(stay: uuid.UUID, rule: str, subject: str = "") -> Owed:
    """The obligation of a stay that stands now; about one thing where that is said."""
    query = (
        "select rule, subject, due_at, closed_at from obligation where encounter_id = %s and rule = %s"
        " and ended_at is null and required and (%s = '' or subject = %s)"
    )
    with reading(everywhere("test")) as db:
        return db.one(Owed, query, (stay, rule, subject, subject))


def came_back(world: World, days: int) -> uuid.UUID:
    """A stay of somebody who had left this many days before it began; both began at noon of the facility."""
    began = datetime(2026, 3, 4, 18, tzinfo=UTC)
    first = went_home(world, StaySpec(family="Birch", start=began - timedelta(days=days + 4)),
                      began - timedelta(days=days, hours=1))  # fmt: skip
    second = add_stay(world, StaySpec(family="Birch", start=began))
    with begin(everywhere("test"), at=NOW) as work:
        patient = work.value("select patient_id from encounter where id = %s", (first,))
        work.write("encounter", "update encounter set patient_id = %s where id = %s", (patient, second))
        facility = world.facility["NORTH"]
        work.record(EncounterUpdated(facility_id=facility, encounter_id=second, patient_id=patient, changed=("x",)))
        work.changed(facility, second)
    return second


def judge(world: World, name: str, stay: uuid.UUID, points: int) -> ReadmissionRating:
    """Judge a readmission."""
    with begin(world.viewer(name).acting(Permission.READMISSION_JUDGE), at=NOW) as work:
        return give_rating(work, stay, GiveRating(preventable=points))


def followed(world: World, stay: uuid.UUID, words: str) -> dict[str, str]:
    """An earlier stay of the same person with a call and its issue; on this stay an interview, a judgement, a program.
    Keys by name of route parameter."""
    at = now()
    with begin(everywhere("test"), at=at) as work:
        facility, patient, began = work.connection.execute(
            "select facility_id, patient_id, start_at from encounter where id = %s", (stay,)
        ).fetchone() or (0, uuid.uuid4(), at)
        code = next(name for name, key in world.facility.items() if key == facility)
    earlier = add_stay(world, StaySpec(facility=code, family="Former"))
    with begin(everywhere("test"), at=at) as work:
        work.write(
            "encounter",
            "update encounter set patient_id = %s, status = 'discharged', disposition = '01', location = '',"
            " start_at = %s - interval '9 days', discharge_at = %s - interval '4 days' where id = %s",
            (patient, began, began, earlier),
        )
        work.record(EncounterUpdated(facility_id=facility, encounter_id=stay, patient_id=patient, changed=("x",)))
        work.changed(facility, stay)
    made = called(world, earlier, "patient", problem("questions", words), at=at)
    dana = world.viewer("dana")
    with begin(dana, at=at) as work:
        write_interview(work, stay, WriteInterview(answered_by=AnsweredBy.PATIENT, in_own_words=words))
        rating = give_rating(work, stay, GiveRating(preventable=4, said=words))
        ask = ChooseProgram(kind=ProgramKind.CHRONIC, program=words, consent_by=words)
        program = choose_program(work, stay, ask)
        issue = work.value("select issue_id from follow_up_issue where call_id = %s", (made.call_id,))
    return {"call_id": str(made.call_id), "issue_id": str(issue), "rating_id": str(rating.id),
            "program_handoff_id": str(program.handoff_id), "earlier_id": str(earlier)}  # fmt: skip
