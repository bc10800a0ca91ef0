"""Which events of a visit were taken back (ADT rules, section 5).

Pure. A cancel and its target may arrive in any order: matching looks only at clocks, and is done anew at every fold.
"""

from collections.abc import Sequence

from app.census.rules.identity import Entry
from app.census.terms import PatientClass

TARGETS: dict[str, frozenset[str]] = {
    "A11": frozenset({"A01", "A04"}),
    "A12": frozenset({"A02"}),
    "A13": frozenset({"A03"}),
    "A25": frozenset({"A16"}),
    "A26": frozenset({"A15"}),
    "A27": frozenset({"A14"}),
    "A38": frozenset({"A05"}),
    "A52": frozenset({"A21"}),
    "A53": frozenset({"A22"}),
    "A55": frozenset({"A54"}),
}
STARTS = TARGETS["A11"]
PREADMISSIONS = frozenset({"A05", "A14"})


def settle(entries: Sequence[Entry]) -> list[Entry]:
    """Mark what was cancelled, in entries of one visit in recorded order; gives the cancels without a target.

    A repeated cancel under a new control id is the same business event and takes back nothing more (D-2).
    """
    for entry in entries:
        entry.cancel = None
    orphans: list[Entry] = []
    seen: set[object] = set()
    for entry in entries:
        if entry.event == "A23":
            _void(entries, entry, entry)
        targets = TARGETS.get(entry.event)
        if targets is None or entry.cancel is not None:
            continue
        same = (entry.event, entry.recorded, entry.fact.occurred)
        if same in seen:
            continue
        seen.add(same)
        if not _take_back(entries, entry, targets):
            orphans.append(entry)
            seen.discard(same)
    return orphans


def _take_back(entries: Sequence[Entry], cancel: Entry, targets: frozenset[str]) -> bool:
    """Find the target by its time (X-EXACT), else as the latest that stands (X-LATEST); False when there is none."""
    candidates = [entry for entry in entries if entry.event in targets]
    occurred = cancel.fact.occurred
    exact = [entry for entry in candidates if entry.effective == occurred] if occurred else []
    exact = [entry for entry in exact if entry.recorded <= cancel.recorded] or exact
    if exact:
        standing = [entry for entry in exact if entry.cancel is None]
        if not standing:
            return True  # taken back already by this cancel under another control id
    else:
        standing = [entry for entry in candidates if entry.cancel is None and entry.recorded <= cancel.recorded]
    if not standing:
        return False
    target = standing[-1]
    until = max(cancel.recorded, target.recorded)
    for entry in standing:
        if entry.event == target.event and entry.effective == target.effective and entry.recorded <= until:
            entry.cancel = cancel
    if cancel.event == "A13":
        _void_earlier_discharges(entries, cancel, target)
    elif cancel.event == "A11":
        _void(entries, cancel, target)
    return True


def _void_earlier_discharges(entries: Sequence[Entry], cancel: Entry, target: Entry) -> None:
    """A corrected discharge time replaces the one before: taking the discharge back must not revive that one."""
    until = max(cancel.recorded, target.recorded)
    for entry in reversed(entries):
        if entry.recorded > until or entry.cancel is not None:
            continue
        if entry.event in STARTS and entry.effective > target.effective:
            return
        if entry.event == "A03":
            entry.cancel = cancel


def _void(entries: Sequence[Entry], cancel: Entry, target: Entry) -> None:
    """A11 and A23 void everything recorded up to them (X-VOID).

    A pre-admission survives an A11, and so does a visit without a bed that came before the cancelled admission.
    """
    until = max(cancel.recorded, target.recorded)
    whole = cancel.event == "A23"
    before = None if whole else _earlier_visit(entries, target)
    for entry in entries:
        if entry is cancel or entry.recorded > until or (entry.event in PREADMISSIONS and not whole):
            continue
        if before is not None and entry.effective < target.effective:
            continue
        if entry.cancel is None or entry.cancel.event not in ("A11", "A23"):
            entry.cancel = cancel


def _earlier_visit(entries: Sequence[Entry], target: Entry) -> Entry | None:
    for entry in entries:
        if entry.event in STARTS and entry.cancel is None and entry.effective < target.effective:
            bedded = start_class(entry)
            if not bedded.bedded:
                return entry
    return None


def start_class(entry: Entry) -> PatientClass:
    """The class with which an A01 or A04 begins: as said, else inpatient for A01 and outpatient for A04."""
    default = PatientClass.OUTPATIENT if entry.event == "A04" else PatientClass.INPATIENT
    return entry.group.patient_class or default
