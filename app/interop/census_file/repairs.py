"""Making the census agree with a file: a person's decision becomes a fact, and can be struck out again."""

import uuid
from dataclasses import dataclass

import msgspec
from pydantic import BaseModel, Field

from app.interop.census_file.comparing import Item, Kind, compare, file_of
from app.interop.census_file.events import RepairTakenBack, StayRepaired
from app.interop.census_file.facts import Repair, Saying, admitting, correcting, discharging, of_striking
from app.interop.census_file.messages import say
from app.interop.census_file.models import CensusRepair
from app.kernel.refusal import NotFound, Refused
from app.platform.db import new_id
from app.platform.work import Scope, System, Work, begin
from app.security.viewer import Viewer

AGREES = "The census agrees with the file about this by now. Look at the comparison again."
NO_REPAIR = "There is no such repair, or it belongs to another facility."


class AskRepair(BaseModel):
    """What is to be repaired: one stay of a group, by its place in the file or the census, or all of the group."""

    kind: Kind
    stay: str = Field(default="", max_length=80)  # the mark of the stay; empty for the whole group
    reason: str = Field(default="", max_length=300)


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was done, and the name by which it is taken back."""

    batch_id: uuid.UUID
    count: int


def mark_of(file_id: int, visit: str) -> str:
    """The name of a stay in the forms of a file's page; it says nothing of the patient."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{file_id} {visit}"))


def as_program(viewer: Viewer) -> System:
    """The viewer's name with the reach of the fold, which may connect stays of any facility."""
    return System(viewer.actor, Scope(everywhere=True, interface=True), viewer.actor_id)


def repair(viewer: Viewer, file_id: int, ask: AskRepair) -> Repaired:
    """Repair what the viewer may see of it. Refused where nothing of it differs any more."""
    with begin(as_program(viewer)) as work:
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.file'))")
        file = file_of(work, file_id, viewer.scope.facilities)
        chosen = [
            one
            for one in compare(work, file, viewer).of(ask.kind)
            if not one.hidden and (not ask.stay or mark_of(file_id, one.visit) == ask.stay)
        ]
        if not chosen:
            raise Refused(AGREES)
        batch = new_id()
        deed = Repair(f"repair {batch}", file.taken_at, work.now)
        sayings = [(one, said) for one in chosen for said in _sayings(deed, one)]
        keys = say(work, file.facility_id, f"census file {file_id}", [said for _, said in sayings])
        messages: dict[str, list[int]] = {}
        for (one, _), key in zip(sayings, keys, strict=True):
            messages.setdefault(one.visit, []).append(key)
        stays = _stays(work, [one.visit for one in chosen])
        for one in chosen:
            work.add(CensusRepair(
                batch_id=batch, file_id=file_id, facility_id=file.facility_id, visit=one.visit, kind=one.kind.value,
                reason=ask.reason, messages=messages[one.visit], made_at=work.now, made_by=viewer.user_id,
            ))  # fmt: skip
            stay, patient = stays.get(one.visit, (None, None))
            work.record(StayRepaired(encounter_id=stay, patient_id=patient, facility_id=file.facility_id,
                                     file_id=file_id, kind=one.kind.value, reason=ask.reason))  # fmt: skip
    return Repaired(batch, len(chosen))


def _sayings(deed: Repair, item: Item) -> list[Saying]:
    if item.kind is Kind.MISSING:
        assert item.row is not None
        return admitting(deed, item.row, item.ours.standing if item.ours else None)
    assert item.ours is not None
    if item.kind is Kind.EXTRA:
        return discharging(deed, item.visit, item.ours.patient, item.row)
    assert item.row is not None
    return correcting(deed, item.row, item.ours.standing, item.fields)


def _stays(work: Work, visits: list[str]) -> dict[str, tuple[uuid.UUID, uuid.UUID]]:
    found = work.connection.execute(
        "select authority || '|' || visit_number, id, patient_id from encounter"
        " where authority || '|' || visit_number = any(%s) and gone_at is null",
        (visits,),
    ).fetchall()
    return {visit: (stay, patient) for visit, stay, patient in found}


class _Made(msgspec.Struct, frozen=True):
    """A standing repair."""

    id: uuid.UUID
    file_id: int
    facility_id: int
    visit: str
    messages: list[int]


def take_back(viewer: Viewer, batch_id: uuid.UUID) -> tuple[int, int]:
    """Strike out what repairs made together said. Returns the file and how many they were.

    NotFound for another facility's, Refused where they were taken back already.
    """
    with begin(as_program(viewer)) as work:
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.file'))")
        made = work.rows(
            lambda key, file, facility, visit, messages, ended: (_Made(key, file, facility, visit, messages), ended),
            "select id, file_id, facility_id, visit, messages, ended_at from census_repair"
            " where batch_id = %s and facility_id = any(%s)",
            (batch_id, list(viewer.scope.facilities)),
        )
        if not made:
            raise NotFound(NO_REPAIR)
        standing = [one for one, ended in made if ended is None]
        if not standing:
            raise Refused("This repair was taken back already.")
        stays = _stays(work, [one.visit for one in standing])
        strikes = [
            of_striking("repair", message, numbers, work.now)
            for one in standing
            for message, numbers in _numbers(work, one)
        ]
        say(work, standing[0].facility_id, f"census file {standing[0].file_id}", strikes)
        work.write(
            "census_repair",
            "update census_repair set ended_at = %s, ended_by = %s where id = any(%s)",
            (work.now, viewer.user_id, [one.id for one in standing]),
        )
        for one in standing:
            stay, patient = stays.get(one.visit, (None, None))
            work.record(RepairTakenBack(encounter_id=stay, patient_id=patient, facility_id=one.facility_id,
                                        file_id=one.file_id))  # fmt: skip
    return standing[0].file_id, len(standing)


def _numbers(work: Work, made: _Made) -> list[tuple[int, list[tuple[str, str]]]]:
    """Each message with the patient and the visit that it names, so that the strike meets it."""
    found = work.connection.execute(
        "select message_id, payload #>> '{groups,0,patient}' from adt_fact where message_id = any(%s)",
        (made.messages,),
    ).fetchall()
    return [(message, [(patient, made.visit)]) for message, patient in found]
