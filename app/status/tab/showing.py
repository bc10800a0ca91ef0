"""The status of one stay in words: midnights and counts, where it stands, paths, determinations, the care team."""

import uuid
from collections.abc import Sequence
from typing import Any

from app.census.united import Subject, subject
from app.kernel.wording import dated_text, running_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.status import queries
from app.status.changing.kept import changes
from app.status.queries import Case, Where
from app.status.reckoning import Reckoned, clocks_of, reckoned
from app.status.rules import status_of
from app.status.tab import casework, drawing, workbench
from app.status.terms import Basis, Channel, CutShort, Degree, Statement, StatusState, Told
from app.status.timeline import DEFINITIONS

NOT_COUNTED = "does not apply"


def tab(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """What the tab shows; at an earlier instant nothing can be done."""
    stay = subject(db, encounter_id)
    here = frozenset(
        one for one in (Permission.STATUS_WORK, Permission.DETERMINE)
        if db.as_of is None and stay.facility_id in viewer.facilities_with(one)
    )  # fmt: skip
    clocks = clocks_of(db, stay.encounter_id)
    lines = {stay.encounter_id: clocks.lines(clocks.today)} if clocks is not None else {}
    one = reckoned(db, [stay.encounter_id], lines)[stay.encounter_id]
    cases = queries.cases(db, stay.encounter_id)
    now = queries.where(db, stay.encounter_id)
    held = changes(db, stay.encounter_id)
    stands = standing(one, now, cases, changed_back=_changed_back(one))
    may = Permission.STATUS_WORK in here
    return {
        "stay_id": str(stay.encounter_id),
        "may": may,
        "today": f"{db.now.astimezone(stay.zone):%Y-%m-%d}",
        "midnights": midnights_of(one, str(stay.encounter_id)),
        "expectation": _expectation(db, stay),
        "stands": stands.label,
        "work": workbench.context(db, stay, workbench.Held(stands, now, cases, held, clocks)),
        "cases": [casework.case_of(each, casework.Reader(db, stay, viewer, here)) for each in cases],
        "questions": casework.questions(stands, cases) if may else [],
        "team": _team(db, stay),
        "choices": choices(),
    }


def choices() -> dict[str, list[dict[str, str]]]:
    """What the forms offer."""
    return {
        "bases": [{"value": one.value, "label": one.label} for one in Basis],
        "cuts": [{"value": one.value, "label": one.label} for one in CutShort],
        "statements": [{"value": one.value, "label": one.label} for one in Statement],
        "told": [{"value": one.value, "label": one.label} for one in Told],
        "degrees": [{"value": one.value, "label": one.label} for one in Degree],
        "channels": [{"value": one.value, "label": one.label} for one in Channel],
        **casework.CHOICES,
    }


def standing(one: Reckoned, now: Where, cases: Sequence[Case], *, changed_back: bool) -> StatusState:
    """Where the stay stands as to its status."""
    denied = any(casework.is_self_denial(each) for each in cases)
    return status_of(now.patient_class, left=now.left_at is not None, changed_back=changed_back, denied=denied)


def _changed_back(one: Reckoned) -> bool:
    """Whether the stay was an inpatient stay before."""
    spans = one.found.spans
    return bool(spans) and spans[-1].patient_class != "IP" and any(each.patient_class == "IP" for each in spans)


def midnights_of(one: Reckoned, key: str) -> dict[str, Any]:
    """The figure, the sentence, the five counts with their meaning, and the table of the midnights."""
    found = one.found
    observed = running_text(found.observed) if found.observed is not None else NOT_COUNTED
    presumption = _count(found.presumption)
    if found.presumption is not None and not one.known.presumption_applies:
        presumption += "; does not bind a Medicare Advantage plan"
    counts = [
        ("Benchmark midnights", str(found.benchmark), DEFINITIONS["benchmark"]),
        ("Midnights after the order", presumption, DEFINITIONS["presumption"]),
        ("Qualifying days", _count(found.qualifying), DEFINITIONS["qualifying"]),
        ("Billing days", _count(found.billing), DEFINITIONS["billing"]),
        ("Observation", observed, DEFINITIONS["observation"]),
    ]
    tone = {True: ("green", "check", "supported"), False: ("red", "alert", "not supported"),
            None: ("gray", "hour", "outpatient")}[found.supported]  # fmt: skip
    return {
        "figure": drawing.figure_of(one, key),
        "sentence": found.sentence,
        "counts": [{"label": label, "value": value, "means": means} for label, value, means in counts],
        "nights": drawing.table_of(one),
        "spans": drawing.spans_of(one),
        "expected": found.expected,
        "chip": {"tone": tone[0], "icon": tone[1], "text": tone[2]},
    }


def _count(value: int | None) -> str:
    return NOT_COUNTED if value is None else str(value)


def _expectation(db: Reading, stay: Subject) -> dict[str, Any] | None:
    written = queries.expectations(db, [stay.encounter_id]).get(stay.encounter_id)
    if written is None:
        return None
    cut, elsewhere = CutShort(written.cut_short), written.elsewhere_since
    return {
        "basis": Basis(written.basis).label, "physician": written.physician, "factors": written.factors,
        "at": dated_text(written.written_at, stay.zone, db.now), "entered": written.made_by,
        "cut_short": cut.label if cut is not CutShort.NO else "",
        "elsewhere": dated_text(elsewhere, stay.zone, db.now) if elsewhere is not None else "",
    }  # fmt: skip


def _team(db: Reading, stay: Subject) -> dict[str, Any]:
    return {
        "attendings": queries.attendings(db, stay.encounter_id),
        "recorded": [
            {"id": str(one.id), "name": one.name, "number": one.number, "capacity": one.capacity}
            for one in queries.recorded_team(db, stay.encounter_id)
        ],
        "members": [
            {"value": "", "label": "nobody of the committee"},
            *({"value": str(one.user_id), "label": one.name} for one in queries.members(db, stay.facility_id)),
        ],
    }  # fmt: skip
