"""The row in place: midnights, where the patient lay, diagnoses, payers, owner and notes of one stay."""

import uuid
from typing import Any

from app.census.stay import queries as stays
from app.census.stay.queries import Stay
from app.census.stay.timeline import Course, Lane
from app.clocks.owed.panel import shortly
from app.kernel.wording import dated_text
from app.ledger.showing import IN_ROW, strip_of
from app.web.past.reading import with_as_of
from app.worklists.assignment.people import Owner, colleagues, owner_of
from app.worklists.notes.queries import notes_of
from app.worklists.queries import Ask
from app.worklists.snoozes.queries import aside, aside_text


def more_context(ask: Ask, encounter_id: uuid.UUID) -> dict[str, Any]:
    """What the template of the row in place shows. NotFound for a stay outside the reader's scope."""
    db, viewer = ask.db, ask.viewer
    stay = stays.stay_of(db, encounter_id)
    rows = stays.movements_of(db, encounter_id)
    course = stays.course_of(stay, rows, stays.units_of(db, stay.facility_id), db.now)
    owner = owner_of(db, encounter_id)
    return {
        "stay_id": str(encounter_id),
        "patient_id": stay.patient_id,
        "span": len(ask.built.columns),
        "who": stay.name,
        "next": shortly(db, viewer, encounter_id),
        "ledger": strip_of(db, viewer, encounter_id, IN_ROW),
        "places": _places(stay, course),
        "diagnoses": [{"code": one.code, "text": one.text} for one in stays.diagnoses_of(db, encounter_id)],
        "payers": [one.payer_name or one.payer_code for one in stays.coverage_of(db, encounter_id)],
        "notes": notes_of(db, encounter_id, stay.zone),
        "owner": owner,
        "owner_aside": _owner_aside(ask, encounter_id, owner, stay),
        "mine": bool(owner and owner.user_id == viewer.user_id),
        "people": colleagues(db, viewer),
        "actions": _actions(ask, encounter_id),
        "back": ask.view.address(),
        "form": {"id": f"n{encounter_id}", "given": {}, "errors": {}},
    }


def _places(stay: Stay, course: Course) -> list[dict[str, str]]:
    """Where the patient lay, latest first."""
    rows = reversed(course.lane(Lane.LOCATION))
    return [
        {
            "since": dated_text(row.since, stay.zone, course.end),
            "place": " ".join(part for part in (row.unit, "-".join(p for p in row.value.split("^")[1:3] if p)) if part),
        }
        for row in list(rows)[:6]
    ]


def _owner_aside(ask: Ask, encounter_id: uuid.UUID, owner: Owner | None, stay: Stay) -> str:
    """What the owner has put aside on the stay, in words; empty when it is on the owner's list."""
    held = aside(ask.db, encounter_id, owner.user_id) if owner else None
    return aside_text(held, stay.zone, ask.db.now) if held else ""


def _actions(ask: Ask, encounter_id: uuid.UUID) -> list[dict[str, str | bool]]:
    return [
        {"label": one.label, "href": with_as_of(one.href.format(id=encounter_id), ask.view.as_of), "kind": one.kind,
         "key": one.key, "in_place": one.in_place}
        for one in ask.registry.actions
        if ask.viewer.may(one.permission) and (one.reads or not ask.past)
    ]  # fmt: skip
