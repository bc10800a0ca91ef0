"""One visit as lists and pages show it: the course of the visit, and every field with its last recorded word.

Pure. The last word on a field is the one recorded last, whatever arrived last (F-LWW).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.census.rules.cancels import PREADMISSIONS, TARGETS, settle
from app.census.rules.identity import Entry, Visit, place
from app.census.rules.sources import leading, several, strongest_that_says, weakest_first
from app.census.rules.timeline import RELEVANT, Timeline, course
from app.census.terms import (
    AdtFact,
    EncounterState,
    EncounterStatus,
    ExceptionKind,
    FeedPolicy,
    Instant,
    PatientClass,
    Row,
)

_ENDINGS = frozenset({"A11", "A23", "A27", "A38"})

Problems = list[tuple[ExceptionKind, AdtFact]]


def stay(visit: Visit, policy: FeedPolicy) -> tuple[EncounterState | None, Problems]:
    """The state of one visit, None when it never started, and what is wrong with its messages."""
    everything = visit.entries
    entries = leading(everything)
    problems: Problems = [(ExceptionKind.ORPHAN_CANCEL, entry.fact) for entry in settle(entries)]
    line = course(entries, policy)
    problems.extend(line.problems)
    status = _status(line, entries)
    if status is None or visit.owner is None:
        return None, problems
    problems.extend(_discharge_times_on_open_visit(line, entries))
    said = _said(entries, status)
    said_by_all = said if entries is everything else _said(everything, status)
    texts = _texts(said_by_all)
    disposition = _disposition(line, said) or _disposition_of_others(line, entries, said_by_all)
    times = _times(said, line.start is not None)
    expected = times.get("expected_discharge")
    admit = times.get("admit")
    state = EncounterState(
        key=visit.number,
        origin=visit.origin,
        numbers=tuple(dict.fromkeys(visit.numbers)),
        home=visit.owner.number,
        patient=visit.owner.root.number,
        status=status,
        patient_class=line.patient_class if line.start or line.preadmitted else _last_class(entries),
        start_at=line.start,
        start_precise=line.start_digits > 8,
        admit_at=admit.at if admit else line.start,
        discharge_at=line.end,
        discharge_precise=line.discharge.precise if line.discharge else True,
        disposition=disposition,
        inferred=line.inferred,
        expected_discharge_at=expected.at if expected else None,
        expected_discharge_precise=expected.precise if expected else True,
        texts=texts,
        last_recorded=everything[-1].recorded,
        sequences=tuple(dict.fromkeys(entry.fact.sequence for entry in everything)),
    )
    _snapshots(state, said_by_all)
    _course(state, line, said_by_all)
    _pending(state, line)
    return state, problems


def _status(line: Timeline, entries: Sequence[Entry]) -> EncounterStatus | None:
    if line.discharge and line.start:
        return EncounterStatus.DISCHARGED
    if line.start:
        if not line.patient_class.bedded:
            return EncounterStatus.REGISTERED
        return EncounterStatus.ON_LEAVE if line.on_leave else EncounterStatus.ADMITTED
    if line.preadmitted:
        return EncounterStatus.PREADMIT
    ended = any(entry.cancel and entry.cancel.event in _ENDINGS and entry.event in RELEVANT for entry in entries)
    return EncounterStatus.CANCELLED if ended else None


def _void(entry: Entry, status: EncounterStatus) -> bool:
    """What an A11 or A23 wiped out says nothing of a stay that began afresh; of a cancelled one it is all there is."""
    wiped = entry.cancel is not None and entry.cancel.event in ("A11", "A23")
    return wiped and status is not EncounterStatus.CANCELLED


def _said(entries: Iterable[Entry], status: EncounterStatus) -> list[Entry]:
    return [entry for entry in entries if entry.event not in TARGETS and not _void(entry, status)]


def _last_class(entries: Sequence[Entry]) -> PatientClass:
    said = [entry.group.patient_class for entry in entries if entry.group.patient_class]
    return said[-1] if said else PatientClass.UNKNOWN


def _discharge_times_on_open_visit(line: Timeline, entries: Sequence[Entry]) -> Problems:
    """PV1-45 in an A08 discharges nobody (E-A08), unless it only corrected a discharge that was cancelled later."""
    if line.discharge:
        return []
    former = [entry for entry in entries if entry.event == "A03" and entry.cancel is not None]
    return [
        (ExceptionKind.DISCHARGE_DT_ON_A08, entry.fact)
        for entry in entries
        if entry.event == "A08"
        and entry.cancel is None
        and entry.group.times.get("discharge")
        and not any(
            one.recorded <= entry.recorded and one.cancel and entry.recorded <= one.cancel.recorded for one in former
        )
    ]


# --- fields ----------------------------------------------------------------------------------------------------------


def _texts(said: Sequence[Entry]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for part in weakest_first("texts", said):
        texts.update(_last_words(part))
    texts.pop("disposition", None)
    return {name: value for name, value in texts.items() if value}


def _last_words(said: Iterable[Entry]) -> dict[str, str]:
    texts: dict[str, str] = {}
    withdrawn: list[Entry] = []
    for entry in said:
        found = entry.group.texts
        if not found:
            continue
        if entry.event == "A54" and entry.cancel is not None:
            withdrawn.append(entry)
        if withdrawn and _repeats(entry, withdrawn):
            found = {name: value for name, value in found.items() if not name.startswith("attending")}
        texts.update(found)
    return texts


def _repeats(entry: Entry, withdrawn: Sequence[Entry]) -> bool:
    """Whether a message only repeats the attending physician of an A54 that was taken back after it (A55)."""
    return any(
        one.cancel is not None
        and one.recorded <= entry.recorded <= one.cancel.recorded
        and one.group.texts.get("attending") == entry.group.texts.get("attending")
        for one in withdrawn
    )


def _times(said: Iterable[Entry], started: bool) -> dict[str, Instant | None]:
    times: dict[str, Instant | None] = {}
    for entry in said:
        found = entry.group.times
        if not found:
            continue
        if entry.event == "A16" and entry.cancel is not None:
            found = {name: value for name, value in found.items() if name != "expected_discharge"}
        if started and entry.event in PREADMISSIONS:  # the planned admission is not the real one
            found = {name: value for name, value in found.items() if name != "admit"}
        times.update(found)
    return times


def _disposition(line: Timeline, said: Iterable[Entry]) -> str | None:
    if not line.discharge or not line.final_discharges:
        return None
    first, found = line.final_discharges[0].recorded, None
    for entry in said:
        if entry.event in ("A03", "A08") and entry.cancel is None and entry.recorded >= first:
            found = entry.group.texts.get("disposition", found)
    return found or None


def _disposition_of_others(line: Timeline, entries: Sequence[Entry], said: Sequence[Entry]) -> str | None:
    """What a weaker source knows of how the patient left, where the one that tells the course leaves it out."""
    if not line.discharge or not several(said):
        return None
    own = {entry.fact.source for entry in entries}
    others = [entry for entry in said if entry.event == "A03" and entry.fact.source not in own]
    found: str | None = None
    for part in weakest_first("texts", others):
        for entry in part:
            found = entry.group.texts.get("disposition", found)
    return found or None


def _snapshots(state: EncounterState, said: Sequence[Entry]) -> None:
    for part in weakest_first("diagnoses", said):
        for entry in part:
            if entry.group.diagnoses is not None:
                state.diagnoses = entry.group.diagnoses
    for part in weakest_first("insurances", said):
        for entry in part:
            if entry.group.insurances is not None:
                state.insurances = entry.group.insurances


def _course(state: EncounterState, line: Timeline, said: Sequence[Entry]) -> None:
    state.locations, state.classes, state.leaves = line.location_rows(), line.class_rows(), line.leave_rows()
    if state.patient_class is PatientClass.INPATIENT and line.classes:
        state.inpatient_at = line.classes[-1].start
    if line.start is None:
        return
    place_of_stay = state.locations[-1].value if state.locations else line.location
    state.last_location = place_of_stay
    if state.status is not EncounterStatus.DISCHARGED:
        state.location = place_of_stay
    if any("attending" in entry.group.texts or "service" in entry.group.texts for entry in said):
        ordered = sorted(said, key=lambda entry: place(entry.fact))
        state.attendings = _rows(strongest_that_says("attending", ordered), "attending", line)
        state.services = _rows(strongest_that_says("service", ordered), "service", line)


def _rows(ordered: Iterable[Entry], name: str, line: Timeline) -> tuple[Row, ...]:
    """The history of one field: what was recorded before the value it would replace, and arrived late, is left out."""
    assert line.start is not None
    found: list[tuple[str, str, datetime]] = []
    newest: datetime | None = None
    withdrawn = [entry for entry in line.cancelled if entry.event == "A54"]
    for entry in ordered:
        value = entry.group.texts.get(name)
        if value is None or (newest is not None and entry.recorded < newest) or entry in withdrawn:
            continue
        if name == "attending" and withdrawn and _repeats(entry, withdrawn):
            continue
        newest = entry.recorded
        at = max(entry.effective, line.start)
        if line.end is not None and at >= line.end and found:
            at = line.end
        if found and found[-1][0] == value:
            continue
        if found and found[-1][2] >= at:
            found.pop()
        if not found or found[-1][0] != value:
            found.append((value, entry.group.texts.get(f"{name}_name", ""), at))
    if not found:
        return ()
    ends = [at for _, _, at in found[1:]] + [line.end]
    return tuple(
        Row(value, at, end, label)
        for (value, label, at), end in zip(found, ends, strict=True)
        if value and (end is None or end > at)
    )


def _pending(state: EncounterState, line: Timeline) -> None:
    transfer, discharge = line.pending_transfer, line.pending_discharge
    if transfer and (discharge is None or place(transfer.fact) > place(discharge.fact)):
        state.pending_kind, state.pending_location = "transfer", transfer.group.pending_location
    elif discharge:
        expected = discharge.group.times.get("expected_discharge")
        state.pending_kind, state.pending_at = "discharge", expected.at if expected else None
