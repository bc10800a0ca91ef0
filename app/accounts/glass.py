"""Breaking the glass: a restricted stay is opened for one person, with a reason and proof of who it is, for four hours.

Source: 45 CFR 164.312(a)(2)(ii) asks for a way into records in an emergency; 164.312(b) asks that it leaves a trace.
Reason, second factor, time limit, banner and review are the convention of the field, not law.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, Field

from app.accounts.factors.proofs import ask_again
from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.platform.db import array_of
from app.platform.work import Work, begin
from app.security.models import StayAccess
from app.security.opening import Why
from app.security.permissions import Permission
from app.security.viewer import Viewer

OPEN_FOR = timedelta(hours=4)
SHORTEST_REASON = 10
LONGEST_REASON = 500
_NONE = "There is no restricted stay here, or it is open to you already."


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken(Event):
    """A person opened a restricted stay, said why and proved who it is. The privacy officer's list shows it."""

    name: ClassVar[str] = "glass.broken"
    facility_id: int
    user_id: uuid.UUID
    code: str
    reason: str
    proof: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassHeld(Event):
    """A person tried to open a restricted stay and could not prove who it is; it stayed closed."""

    name: ClassVar[str] = "glass.held"
    facility_id: int
    user_id: uuid.UUID
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassClosed(Event):
    """A person closed a restricted stay again before its time was over."""

    name: ClassVar[str] = "glass.closed"
    facility_id: int
    user_id: uuid.UUID


class BreakGlass(BaseModel):
    """What the door asks: why, in a word and in words, and a code or the password of whoever asks."""

    code: Why
    reason: str = Field(default="", max_length=2000)
    proof: str = Field(default="", max_length=256)


@dataclass(frozen=True, slots=True)
class Opening:
    """Why a stay is opened, and by what proof: `totp`, `recovery`, `password` or `provider`."""

    code: Why
    reason: str
    proof: str


def open_stay(viewer: Viewer, encounter_id: uuid.UUID, ask: BreakGlass) -> StayAccess:
    """Break the glass for this person, from the next request on. Raises as `break_glass` does.

    Refused beside `proof` without proof; that try is kept, and counts towards waiting like one at sign-in.
    """
    opened: StayAccess | None = None
    with begin(viewer.acting(Permission.GLASS_BREAK)) as work:
        said, facility_id = _said(ask.reason), _restricted_in(work, encounter_id)
        proof, refusal = ask_again(work, viewer, ask.proof)
        if proof:
            opened = break_glass(work, encounter_id, Opening(ask.code, said, proof))
        else:
            work.record(GlassHeld(encounter_id=encounter_id, facility_id=facility_id, user_id=viewer.user_id,
                                  code=ask.code))  # fmt: skip
    if opened is None:
        raise Refused(refusal, field="proof")
    return opened


def break_glass(work: Work, encounter_id: uuid.UUID, opening: Opening) -> StayAccess:
    """Open a restricted stay for the actor, who has given proof.

    NotFound when there is none in reach, Refused without a real reason.
    """
    person = work.who.actor_id
    if person is None:
        raise Refused("Only a person can open a restricted stay.")
    said, facility_id = _said(opening.reason), _restricted_in(work, encounter_id)
    until = work.now + OPEN_FOR
    opened = work.add(
        StayAccess(user_id=person, encounter_id=encounter_id, facility_id=facility_id, kind="glass", reason=said,
                   code=opening.code, proof=opening.proof, opened_at=work.now, until=until)
    )  # fmt: skip
    # The patient is hidden up to this point; the record must still say whose stay was opened.
    stays = array_of((*work.who.scope.opened, encounter_id))
    work.connection.execute("select set_config('app.opened', %s, true)", [stays])
    patient_id = work.value("select patient_id from encounter where id = %s", [encounter_id])
    work.record(
        GlassBroken(encounter_id=encounter_id, patient_id=patient_id, facility_id=facility_id, user_id=person,
                    code=opening.code, reason=said, proof=opening.proof, until=until)
    )  # fmt: skip
    return opened


def close_stay(viewer: Viewer, encounter_id: uuid.UUID) -> None:
    """Close a stay that this person opened by breaking the glass. NotFound when it is not open so."""
    with begin(viewer.acting(Permission.GLASS_BREAK)) as work:
        found = work.values(
            "select facility_id from stay_access where user_id = %s and encounter_id = %s and kind = 'glass'"
            " and until > %s for update", [viewer.user_id, encounter_id, work.now],
        )  # fmt: skip
        if not found:
            raise NotFound("This stay is not open to you by a reason any more.")
        patient_id = work.value("select patient_id from encounter where id = %s", [encounter_id])
        work.write(
            "stay_access",
            "update stay_access set until = %s where user_id = %s and encounter_id = %s and kind = 'glass'"
            " and until > %s", [work.now, viewer.user_id, encounter_id, work.now],
        )  # fmt: skip
        work.record(GlassClosed(encounter_id=encounter_id, patient_id=patient_id, facility_id=int(str(found[0])),
                                user_id=viewer.user_id))  # fmt: skip


def _said(reason: str) -> str:
    said = " ".join(reason.split())
    if len(said) < SHORTEST_REASON:
        raise Refused("Say in a few words why you need this stay. The privacy officer reads it.", field="reason")
    if len(said) > LONGEST_REASON:
        raise Refused(f"Keep the reason under {LONGEST_REASON} characters.", field="reason")
    return said


def _restricted_in(work: Work, encounter_id: uuid.UUID) -> int:
    """The facility of a restricted stay that is closed to the actor."""
    facility_id = work.value("select facility_id from restricted_stays() where id = %s", [encounter_id])
    if facility_id is None:
        raise NotFound(_NONE)
    return int(str(facility_id))
