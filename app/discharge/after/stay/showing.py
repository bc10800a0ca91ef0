"""The tab Follow-up of a stay."""

import uuid
from typing import Any

from litestar import Request
from litestar.response import Response

from app.census.united import Subject, subject
from app.discharge.after import queries, rules
from app.discharge.after.calls import showing as calls
from app.discharge.after.programs import showing as programs
from app.discharge.after.readmitted import showing as readmitted
from app.discharge.after.terms import Urgency
from app.kernel.days import local_day
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.web.forms import FormState
from app.web.past.reading import reading_then
from app.web.render import the_viewer
from app.web.stay import Part, stay_page

TAB = "discharge/after/_follow_up.html"
TRANSITION_PERIOD = 29
"""Days after the day of discharge that transitional care management covers: CPT 99495, 99496."""


def follow_up_page(
    request: Request[Any, Any, Any], stay_id: uuid.UUID, form: FormState | None = None
) -> Response[bytes]:
    """The tab, with the form that could not be carried out, if any."""
    viewer = the_viewer(request)
    with reading_then(request, stay_id) as db:
        stay = subject(db, stay_id)
        now = db.as_of is None
        context = {
            "stay_id": str(stay.encounter_id),
            "form": form or FormState(id="none"),
            "may": now and stay.facility_id in viewer.facilities_with(Permission.FOLLOW_UP_WRITE),
            "readmission": readmitted.readmission_context(db, viewer, stay),
            **programs.programs_context(db, stay),
            **_follow_up(db, stay),
        }
    status = 422 if form is not None and form.errors else 200
    return stay_page(request, stay_id, Part("follow-up", TAB, context, status))


def _follow_up(db: Reading, stay: Subject) -> dict[str, Any]:
    person = queries.person(db, stay.encounter_id)
    versions = queries.issues_of(db, [stay.encounter_id], ended=True)
    standing = [one for one in versions if one.ended_at is None]
    standing.sort(key=lambda one: (one.state not in rules.STANDING_ISSUE, one.due_at))
    return {
        "left": _left(person, stay, db) if person.status == "discharged" and person.discharge_at else None,
        "died": person.deceased,
        "calls": calls.calls_words(queries.versions_of(db, stay.encounter_id), stay.zone, db.now),
        "issues": [calls.issue_words(one, stay.zone, db.now, versions) for one in standing],
        "urgencies": [{"value": one.value, "label": one.label} for one in Urgency],
    }


def _left(person: queries.Person, stay: Subject, db: Reading) -> dict[str, str]:
    """When the patient left, whom to call, until when the period of transitional care runs."""
    assert person.discharge_at is not None
    day = local_day(person.discharge_at, stay.zone)
    return {
        "when": dated_text(person.discharge_at, stay.zone, db.now),
        "phone": person.phone,
        "language": person.language,
        "until": calls.day_words(day.fromordinal(day.toordinal() + TRANSITION_PERIOD)),
        "transition_from": calls.day_words(rules.transition_from(day)),
    }
