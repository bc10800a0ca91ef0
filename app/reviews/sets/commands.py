"""Putting a hospital's own criteria set in use from a day on, and taking it out of use after one."""

import uuid
from datetime import date, timedelta

import msgspec
from pydantic import BaseModel

from app.kernel.refusal import Refused
from app.platform.work import Work
from app.reviews.criteria import library
from app.reviews.criteria.reading import as_json
from app.reviews.criteria.terms import CriteriaSet
from app.reviews.sets.events import CriteriaSetAdded, CriteriaSetEnded
from app.reviews.sets.models import HospitalSet
from app.reviews.sets.queries import NO_SET, SetRow, own_sets


class AddSet(BaseModel):
    """From which day on the set is in use; its text comes beside it."""

    begins: date


class EndSet(BaseModel):
    """The last day on which the set is in use."""

    last_day: date


def add_set(work: Work, facility_id: int, held: CriteriaSet, ask: AddSet) -> HospitalSet:
    """Put a version in use. Refused when its name is taken, or when a later version of it stands already."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('reviews.sets'), %s)", (facility_id,))
    refuse_taken(own_sets(work, facility_id), held, ask)
    made = work.add(
        HospitalSet(
            facility_id=facility_id, set_id=held.id, version=held.version, title=held.title, begins=ask.begins,
            definition=as_json(msgspec.structs.replace(held, begins=ask.begins)),
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        CriteriaSetAdded(
            facility_id=facility_id, criteria_id=made.id, set_id=made.set_id, version=made.version, begins=made.begins
        )
    )
    return made


def refuse_taken(rows: list[SetRow], held: CriteriaSet, ask: AddSet) -> None:
    """Refused where the set cannot stand beside the ones that are here."""
    if held.id in {one.id for one in library.every_set()}:
        raise Refused(f"{held.id} is a shipped set. Give yours another id.", field="text")
    versions = [row for row in rows if row.set_id == held.id]
    if any(row.version == held.version for row in versions):
        raise Refused(
            f"Version {held.version} of {held.id} is here already, and reviews may refer to it. Raise the version.",
            field="text",
        )
    if held.ends is not None and held.ends < ask.begins:
        raise Refused("The set says that it ends before this day. Correct the day, or ends in the text.",
                      field="begins")  # fmt: skip
    used = [row for row in versions if row.last_day is None or row.last_day >= row.begins]
    latest = max((row.begins for row in used), default=None)
    if latest is not None and ask.begins <= latest:
        raise Refused(f"The version before begins on {latest:%-d %b %Y}. Choose a later day.", field="begins")


def end_set(work: Work, criteria_id: uuid.UUID, ask: EndSet, today: date) -> HospitalSet:
    """Take a version out of use. Days gone by stay as they were: reviews of them used what was in force."""
    held = work.lock(HospitalSet, criteria_id, NO_SET)
    if held.ended_at is not None:
        raise Refused("This set is out of use already.")
    earliest = today - timedelta(days=1)
    if ask.last_day < earliest:
        raise Refused(f"The last day can be {earliest:%-d %b %Y} at the earliest.", field="last_day")
    held.last_day, held.ended_at, held.ended_by = ask.last_day, work.now, work.who.actor_id
    work.record(
        CriteriaSetEnded(
            facility_id=held.facility_id, criteria_id=held.id, set_id=held.set_id, version=held.version,
            last_day=ask.last_day,
        )
    )  # fmt: skip
    return held
