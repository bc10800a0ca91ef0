"""Breaking the glass: a restricted stay is opened for one person, with a reason, for four hours, and privacy is told.

Source: 45 CFR 164.312(a)(2)(ii) asks for a way into records in an emergency; 164.312(b) asks that it leaves a trace.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.platform.db import array_of
from app.platform.work import Work, begin
from app.security.models import StayAccess
from app.security.permissions import Permission
from app.security.viewer import Viewer

OPEN_FOR = timedelta(hours=4)
SHORTEST_REASON = 10
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken(Event):
    """A person opened a restricted stay and said why. The privacy officer's list shows it."""

    name: ClassVar[str] = "glass.broken"
    facility_id: int
    user_id: uuid.UUID
    reason: str
    until: datetime


def open_stay(viewer: Viewer, encounter_id: uuid.UUID, reason: str) -> StayAccess:
    """Break the glass for this person, from the next request on. Raises as `break_glass` does."""
    with begin(viewer.acting(Permission.GLASS_BREAK)) as work:
        return break_glass(work, encounter_id, reason)


def break_glass(work: Work, encounter_id: uuid.UUID, reason: str) -> StayAccess:
    """Open a restricted stay for the actor. NotFound when there is none in reach, Refused without a real reason."""
    person = work.who.actor_id
    if person is None:
        raise Refused("Only a person can open a restricted stay.")
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise Refused("Say in a few words why you need this stay. The privacy officer reads it.", field="reason")
    if len(said) > LONGEST_REASON:
        raise Refused(f"Keep the reason under {LONGEST_REASON} characters.", field="reason")
    facility_id = work.value("select facility_id from restricted_stays() where id = %s", [encounter_id])
    if facility_id is None:
        raise NotFound("There is no restricted stay here, or it is open to you already.")
    until = work.now + OPEN_FOR
    opened = work.add(
        StayAccess(user_id=person, encounter_id=encounter_id, facility_id=facility_id, kind="glass", reason=said,
                   opened_at=work.now, until=until)
    )  # fmt: skip
    # The patient is hidden up to this point; the record must still say whose stay was opened.
    stays = array_of((*work.who.scope.opened, encounter_id))
    work.connection.execute("select set_config('app.opened', %s, true)", [stays])
    patient_id = work.value("select patient_id from encounter where id = %s", [encounter_id])
    work.record(
        GlassBroken(encounter_id=encounter_id, patient_id=patient_id, facility_id=facility_id, user_id=person,
                    reason=said, until=until)
    )  # fmt: skip
    return opened
