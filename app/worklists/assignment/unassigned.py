"""The safety net: stays that leave and that nobody has."""

from typing import Any

from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer


def count_leaving_alone(db: Reading, facility_id: int) -> int:
    """Stays with a discharge order that nobody has."""
    found: int = db.value(
        "select count(*) from encounter e where e.facility_id = %s and e.status in ('admitted', 'on_leave')"
        " and e.patient_class in ('IP', 'OBS') and e.pending_kind = 'discharge' and not exists"
        " (select from assignment a where a.encounter_id = e.id and a.ended_at is null)",
        (facility_id,),
    )
    return found


def leaving_words(number: int) -> str:
    """What a lead reads about them; empty for none."""
    if number == 1:
        return "1 stay is leaving, and nobody has it."
    return f"{number} stays are leaving, and nobody has them." if number else ""


def leaving_alone(db: Reading, viewer: Viewer) -> dict[str, Any]:
    """What the list of unassigned stays says to a lead above its rows."""
    place = viewer.place
    lead = place is not None and place.id in viewer.facilities_with(Permission.STAY_ASSIGN)
    return {
        "leaving": leaving_words(count_leaving_alone(db, place.id)) if place is not None and lead else "",
        "sub": "",
        "patients": [],
    }
