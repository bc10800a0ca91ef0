"""Where a patient lay, in which class, on leave or not, and until when: one visit's events in the order they happened.

Pure. Works on the entries of one visit after `cancels.settle`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.census.rules.cancels import PREADMISSIONS, STARTS, start_class
from app.census.rules.identity import Entry, place
from app.census.terms import AdtFact, ExceptionKind, FeedPolicy, Instant, Location, LocationRow, PatientClass, Row

MOVEMENTS = frozenset({"A02", "A06", "A07", "A17", "A21", "A22"})
_BEGINNINGS = STARTS | {"A06"}
CENSUS = "census"
"""Source of what a file of the whole house says: who is here at an instant, where and in which class."""

WITNESSES = frozenset({"A08", "A09", "A10", "A15", "A16", "A32", "A33", "A54"})
"""Events that prove a visit only where nothing else is known of it (E-INF)."""

RELEVANT = STARTS | PREADMISSIONS | MOVEMENTS | WITNESSES | {"A03", "A12", "A13"}


@dataclass(slots=True)
class _Span:
    """A row that is still being written; `recorded` guards it against staler statements."""

    value: object
    start: datetime
    recorded: datetime


@dataclass(slots=True)
class Timeline:
    """The course of one visit. `start` None: it never started, or was cancelled."""

    start: datetime | None = None
    start_digits: int = 14
    inferred: bool = False
    preadmitted: bool = False
    on_leave: bool = False
    discharge: Instant | None = None
    cancelled: list[Entry] = field(default_factory=list)
    final_discharges: list[Entry] = field(default_factory=list)  # the standing discharge and what it corrects
    places: list[_Span] = field(default_factory=list)
    classes: list[_Span] = field(default_factory=list)
    leaves: list[_Span] = field(default_factory=list)
    pending_transfer: Entry | None = None
    pending_discharge: Entry | None = None
    problems: list[tuple[ExceptionKind, AdtFact]] = field(default_factory=list)

    @property
    def patient_class(self) -> PatientClass:
        if self.classes:
            return self.classes[-1].value  # type: ignore[return-value]
        return PatientClass.PREADMIT if self.preadmitted else PatientClass.UNKNOWN

    @property
    def location(self) -> Location | None:
        return self.places[-1].value if self.places else None  # type: ignore[return-value]

    @property
    def end(self) -> datetime | None:
        return self.discharge.at if self.discharge else None

    def location_rows(self) -> tuple[LocationRow, ...]:
        return tuple(LocationRow(span.value, span.start, end) for span, end in _closed(self.places, self.end))  # type: ignore[arg-type]

    def class_rows(self) -> tuple[Row, ...]:
        return tuple(Row(str(span.value), span.start, end) for span, end in _closed(self.classes, self.end))

    def leave_rows(self) -> tuple[Row, ...]:
        return tuple(Row("leave", span.start, end) for span, end in _closed(self.leaves, self.end) if span.value)


def _closed(spans: list[_Span], end: datetime | None) -> list[tuple[_Span, datetime | None]]:
    """Rows with their ends; what begins at or after the discharge, or lasts no time, is none."""
    rows: list[tuple[_Span, datetime | None]] = []
    for number, span in enumerate(spans, start=1):
        until = spans[number].start if number < len(spans) else end
        if end is not None and (until is None or until > end):
            until = end
        if until is None or until > span.start:
            rows.append((span, until))
    return rows


def course(entries: Sequence[Entry], policy: FeedPolicy) -> Timeline:
    """Fold the entries of one visit, given in recorded order."""
    line = Timeline(cancelled=[entry for entry in entries if entry.cancel is not None])
    standing = [entry for entry in entries if entry.event in RELEVANT and entry.cancel is None]
    line.preadmitted = any(entry.event in PREADMISSIONS for entry in standing)
    _discharge(line, standing)
    events = sorted((entry for entry in standing if not _parked(line, entry)), key=lambda entry: place(entry.fact))
    if not any(entry.event in STARTS for entry in events):
        _infer(line, entries, events)
    for entry in events:
        apply = _EFFECTS.get(entry.event)
        if apply and (line.start is not None or entry.event in STARTS):
            apply(line, entry)
        elif entry.event == "A08" and line.start is not None:
            _update(line, entry, policy)
    if line.discharge:
        line.pending_transfer = line.pending_discharge = None
    return line


# --- discharge -------------------------------------------------------------------------------------------------------


def _discharge(line: Timeline, standing: Sequence[Entry]) -> None:
    """The last recorded discharge stands, at its own time or at the one to which an update corrected it (E-A03, E-A08).

    An admission after it on the same number re-opens the stay (E-REOPEN).
    """
    discharges = [entry for entry in standing if entry.event == "A03" and not _continued(entry, standing)]
    if not discharges:
        return
    last = discharges[-1]
    at = _discharge_time(last)
    for entry in standing:
        said = entry.group.times.get("discharge")
        if entry.event == "A08" and said and entry.recorded > last.recorded:
            at = said
    reopenings = [
        entry
        for entry in standing
        if entry.event in STARTS
        and any(one.effective < entry.effective and one.recorded < entry.recorded for one in discharges)
    ]
    line.problems.extend((ExceptionKind.REOPEN_WITHOUT_A13, entry.fact) for entry in reopenings)
    if any(entry.effective > at.at and entry.recorded > last.recorded for entry in reopenings):
        return
    line.discharge = at
    before = [entry.recorded for entry in reopenings if entry.recorded <= last.recorded]
    line.final_discharges = [entry for entry in discharges if not before or entry.recorded >= before[-1]]


def _continued(discharge: Entry, standing: Sequence[Entry]) -> bool:
    """Whether the stay went on under another number afterwards: closing the emergency visit discharged nobody."""
    number = discharge.group.visit
    return any(
        entry.event in _BEGINNINGS
        and entry.effective >= discharge.effective
        and entry.recorded >= discharge.recorded
        and entry.group.visit not in (None, number)
        for entry in standing
    )


def _discharge_time(entry: Entry) -> Instant:
    said = entry.group.times.get("discharge")
    return said or Instant(entry.effective, entry.fact.effective_digits, "")


def _parked(line: Timeline, entry: Entry) -> bool:
    """A movement after a standing discharge waits for the discharge to be cancelled (O-2)."""
    if line.end is None or entry.effective <= line.end or entry.event == "A03":
        return False
    if entry.event in MOVEMENTS:
        line.problems.append((ExceptionKind.MOVE_AFTER_DISCHARGE, entry.fact))
    return entry.event not in STARTS


# --- a visit whose admission never came ------------------------------------------------------------------------------


def _infer(line: Timeline, entries: Sequence[Entry], events: Sequence[Entry]) -> None:
    known = any(entry.event in STARTS or entry.event in PREADMISSIONS for entry in entries)
    base = next((one for one in events if _proves(one, known)), None) or _cancelled_transfer(entries)
    if base is None:
        return
    group = base.group
    if group.patient_class is PatientClass.PREADMIT and base.event in WITNESSES:
        line.preadmitted = True
        return
    line.inferred = base.fact.source != CENSUS  # a file of the whole house never tells of admissions
    line.start, line.start_digits = base.effective, base.fact.effective_digits
    for entry in entries:
        said = entry.group.times.get("admit") if entry.cancel is None or entry is base else None
        if said and said.at <= base.effective:
            line.start, line.start_digits = said.at, said.digits
    if base.event not in ("A06", "A07"):
        _set_class(line, _class_of(base, entries), line.start, base.recorded)
    before = group.location
    if base.event in ("A02", "A06", "A07", "A17", "A22"):
        before = group.prior_location
        if before is None and base.cancel is not None:
            before = base.cancel.group.location
        elif before is None and base.event == "A22":
            before = group.location  # the bed was held
    _set_place(line, before, line.start, base.recorded)


def _proves(entry: Entry, known: bool) -> bool:
    return entry.event in MOVEMENTS or entry.event == "A03" or (entry.event in WITNESSES and not known)


def _cancelled_transfer(entries: Sequence[Entry]) -> Entry | None:
    """A transfer that was taken back still says that the patient had been admitted."""
    return next((one for one in entries if one.event == "A02" and one.cancel and one.cancel.event == "A12"), None)


def _class_of(base: Entry, entries: Sequence[Entry]) -> PatientClass:
    said = base.group.patient_class or next(
        (entry.group.patient_class for entry in entries if entry.group.patient_class), None
    )
    if said:
        return said
    return PatientClass.UNKNOWN if base.event in WITNESSES else PatientClass.INPATIENT


# --- effects of single events ----------------------------------------------------------------------------------------


def _set_place(line: Timeline, location: Location | None, at: datetime, recorded: datetime) -> None:
    if location is None:
        return
    if line.places:
        last = line.places[-1]
        if isinstance(last.value, Location) and last.value.text == location.text:
            last.recorded = max(last.recorded, recorded)
            return
        if last.start == at:
            line.places.pop()
            _set_place(line, location, at, recorded)
            return
    line.places.append(_Span(location, at, recorded))


def _set_class(line: Timeline, value: PatientClass, at: datetime, recorded: datetime) -> None:
    if line.classes:
        last = line.classes[-1]
        if last.value is value:
            last.recorded = max(last.recorded, recorded)
            return
        if last.start == at:
            line.classes.pop()
            _set_class(line, value, at, recorded)
            return
    line.classes.append(_Span(value, at, recorded))


def _start(line: Timeline, entry: Entry) -> None:
    if line.start is None:
        line.start, line.start_digits = entry.effective, entry.fact.effective_digits
    if entry.group.patient_class or not line.classes:
        _set_class(line, start_class(entry), entry.effective, entry.recorded)
    _move(line, entry)


def _move(line: Timeline, entry: Entry) -> None:
    _set_place(line, entry.group.location, entry.effective, entry.recorded)


def _transfer(line: Timeline, entry: Entry) -> None:
    _move(line, entry)
    line.pending_transfer = None


def _to_inpatient(line: Timeline, entry: Entry) -> None:
    _set_class(line, PatientClass.INPATIENT, entry.effective, entry.recorded)
    _move(line, entry)


def _to_outpatient(line: Timeline, entry: Entry) -> None:
    said = entry.group.patient_class
    if said in (None, PatientClass.INPATIENT, PatientClass.UNKNOWN, PatientClass.PREADMIT):
        said = PatientClass.OUTPATIENT
    _set_class(line, said or PatientClass.OUTPATIENT, entry.effective, entry.recorded)
    _move(line, entry)


def _leave(line: Timeline, entry: Entry) -> None:
    if not line.on_leave:
        line.on_leave = True
        line.leaves.append(_Span(True, entry.effective, entry.recorded))


def _return(line: Timeline, entry: Entry) -> None:
    if line.on_leave:
        line.on_leave = False
        line.leaves.append(_Span(False, entry.effective, entry.recorded))
    _move(line, entry)


def _expect_transfer(line: Timeline, entry: Entry) -> None:
    line.pending_transfer = entry


def _expect_discharge(line: Timeline, entry: Entry) -> None:
    line.pending_discharge = entry


def _reinstate(line: Timeline, entry: Entry) -> None:
    """The bed may have been given away meanwhile: PV1-3 of an A13 is where the patient lies now (X-A13)."""
    if any(one.cancel is entry for one in line.cancelled):
        _move(line, entry)


def _bring_back(line: Timeline, entry: Entry) -> None:
    """PV1-3 of an A12 is the bed before the transfer. Against the history it wins, and somebody should look (X-A12)."""
    said = entry.group.location
    target = next((one for one in line.cancelled if one.cancel is entry), None)
    if said is None or target is None:
        return
    if target.group.location is not None and target.group.location.text == said.text:
        return  # the sender repeats the cancelled bed
    history = [span for span in line.places if span.start <= target.effective]
    known = {span.value.text for span in (history[-1:] + line.places[-1:]) if isinstance(span.value, Location)}
    if line.places and said.text not in known:
        line.problems.append((ExceptionKind.A12_LOCATION_MISMATCH, entry.fact))
    if not line.places or said.text not in known:
        _move(line, entry)


_EFFECTS = {
    "A01": _start,
    "A04": _start,
    "A02": _transfer,
    "A06": _to_inpatient,
    "A07": _to_outpatient,
    "A12": _bring_back,
    "A13": _reinstate,
    "A15": _expect_transfer,
    "A16": _expect_discharge,
    "A17": _move,
    "A21": _leave,
    "A22": _return,
}


def _update(line: Timeline, entry: Entry, policy: FeedPolicy) -> None:
    """A08: another bed or class than the present one, recorded after what made it the present one (E-A08)."""
    by_sender = entry.fact.source != CENSUS  # whose habits the policy describes
    said = entry.group.location
    newer = not line.places or entry.recorded > line.places[-1].recorded
    if (policy.a08_moves or not by_sender) and said and newer and not _echoes(said, entry, line.cancelled):
        _move(line, entry)
    code, last = entry.group.patient_class, line.classes[-1] if line.classes else None
    if (by_sender and not policy.a08_class) or code in (None, PatientClass.UNKNOWN, PatientClass.PREADMIT):
        return
    if last is None or last.value is code or entry.recorded <= last.recorded:
        return
    if last.value is PatientClass.OBSERVATION and code is PatientClass.OUTPATIENT and not entry.group.patient_type_said:
        return  # PV1-18 is not said, which is not to say that the observation ended
    _set_class(line, code or PatientClass.UNKNOWN, entry.effective, entry.recorded)
    line.problems.append((ExceptionKind.IMPLIED_CLASS_CHANGE, entry.fact))


def _echoes(said: Location, update: Entry, cancelled: Sequence[Entry]) -> bool:
    """Whether an update only repeats the bed of a movement that was cancelled after it."""
    return any(
        entry.cancel is not None
        and entry.recorded <= update.recorded <= entry.cancel.recorded
        and entry.group.location is not None
        and entry.group.location.text == said.text
        for entry in cancelled
    )
