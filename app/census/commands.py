"""The census changes in one way only: facts are taken in, what they touch is folded anew, the difference is written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.census.events import CensusFolded, EncountersUnited, EncounterWithdrawn, StayEvent
from app.census.storage import happened, kept, queue, tables, versions
from app.census.storage.comparing import Discrepancy, compare
from app.census.storage.difference import Difference
from app.census.storage.kept import Known
from app.census.storage.rows import ENCOUNTER, PATIENT
from app.census.storage.told import AT
from app.census.terms import AdtFact
from app.platform.work import Reading, Work, begin, everywhere

_AT_ONCE = 200
_LOST = ("status", "gone_at", "updated_at", "united_into_id", "location", "unit", "room", "bed")


def apply_facts(work: Work, facts: Sequence[AdtFact], known: Mapping[int, datetime] | None = None) -> None:
    """Keep the facts and bring the census up to date with everything they touch.

    `known` says when each fact was known, by its number; where it says nothing, the recorded clock counts. The facts of
    one stay, of one call, are folded once. A fact that is kept already changes nothing. One call at a time in the whole
    installation: a merge may connect any two facilities.
    """
    if not facts:
        return
    with work.connection.pipeline():
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.apply'))")
        new = kept.store(work, facts, known or {})
    connected = kept.connected(work, {key for fact in facts for key in kept.clean_keys(fact)})
    _bring_up_to_date(work, connected, new, len(facts))


def remember_waiting() -> bool:
    """The standing duty of an installation that is older than the versions: make them for some of its facts.

    True when more may wait; where nothing waits, which is always so after some minutes, nothing is done.
    """
    with begin(everywhere("census")) as work:
        work.connection.execute("select pg_advisory_xact_lock(hashtext('census.apply'))")
        waiting = work.values("select message_id from unremembered order by message_id limit %s", (_AT_ONCE,))
        if not waiting:
            return False
        keys = work.values("select distinct unnest(keys) from adt_fact where message_id = any(%s)", (waiting,))
        connected = kept.connected(work, keys)
        _bring_up_to_date(work, connected, set(connected.at), 0, anew=True)
        done = [*waiting, *connected.at]
        work.write("unremembered", "delete from unremembered where message_id = any(%s)", (done,))
    return True


def _bring_up_to_date(work: Work, connected: Known, new: set[int], taken: int, *, anew: bool = False) -> None:
    difference = Difference(work, connected.facts, kept.houses(work))
    with work.connection.pipeline():
        _write(work, difference)
        versions.remember(work, difference, connected, new, anew=anew)
    _settle(work, difference)
    for event in _events(difference):
        work.record(event)
    _announce(work, difference)
    work.record(CensusFolded(taken=taken, connected=len(connected.facts), touched=len(difference.before)))


def refold_all(view: Reading) -> Iterator[Discrepancy]:
    """Fold all facts there are, and say where the tables hold something else. Nothing is changed.

    Facts that no number connects are folded apart, so that memory does not grow with their number.
    """
    return compare(view)


def _write(work: Work, difference: Difference) -> None:
    people = difference.people.items()
    new_people = [tables.record(PATIENT, key, after) for key, (before, after) in people if before is None]
    tables.insert(work, "patient", PATIENT, new_people)
    tables.update(work, "patient", PATIENT, [
        tables.record(PATIENT, key, after) for key, (before, after) in people if before is not None
    ])  # fmt: skip
    columns = (*ENCOUNTER, "updated_at")
    changed: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for stay, before in difference.before.items():
        row = tables.record(ENCOUNTER, stay, difference.rows[stay], updated_at=work.now)
        (new if before is None else changed).append(row)
    tables.insert(work, "encounter", columns, new)
    tables.update(work, "encounter", columns, changed)
    _write_lost(work, difference)
    for kind, children in difference.children:
        tables.write_children(work, kind, children)


def _write_lost(work: Work, difference: Difference) -> None:
    """Rows that stand for no stay of their own are kept for what people hung on them, and point to where it is."""
    tables.update(work, "encounter", _LOST, [
        {
            "id": row.id, "status": "cancelled", "gone_at": work.now, "updated_at": work.now,
            "united_into_id": difference.stays[into] if into else None, "location": "", "unit": "", "room": "",
            "bed": "",
        }
        for row, into in difference.lost
    ])  # fmt: skip
    united = [(difference.stays[into], row.id) for row, into in difference.lost if into]
    if united:
        work.write_many(
            "sensitive_mark",
            "update sensitive_mark set encounter_id = %s where encounter_id = %s"
            " and not exists (select from sensitive_mark m where m.encounter_id = %s)",
            [(stay, former, stay) for stay, former in united],
        )


def _settle(work: Work, difference: Difference) -> None:
    beds = difference.touched_beds()
    components = difference.components() | {bed.component for bed in beds}
    queue.settle(work, components, difference.findings() + queue.bed_conflicts(work, beds))


def _events(difference: Difference) -> Iterator[StayEvent]:
    for own, (before, after) in difference.people.items():
        yield from happened.of_patient(own, before, after)
    numbers = {stay: key for key, stay in difference.stays.items()}
    for stay, row in difference.before.items():
        places = difference.states[numbers[stay]].locations
        since = places[-1].start if places else None
        hanging = tuple(difference.hanging.get(stay, ()))
        yield from happened.of_stay(happened.Stay(stay, row, difference.rows[stay], hanging, since))
    for lost, into in difference.lost:
        facility_id = lost.values[0]
        if into is None:
            patient_id = lost.values[AT["patient_id"]]
            yield EncounterWithdrawn(encounter_id=lost.id, patient_id=patient_id, facility_id=facility_id)
        else:
            stay = difference.stays[into]
            patient_id = difference.rows[stay][AT["patient_id"]]
            yield EncountersUnited(encounter_id=stay, patient_id=patient_id, facility_id=facility_id, former_id=lost.id)


def _announce(work: Work, difference: Difference) -> None:
    """Open pages show the stays anew that changed, and those whose patient is described otherwise now."""
    for stay, values in difference.rows.items():
        if stay in difference.before or values[AT["patient_id"]] in difference.people:
            work.changed(values[0], stay)
    for row, _ in difference.lost:
        work.changed(row.values[0], row.id)
