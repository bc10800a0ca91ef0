"""What a key reaches: one referral, or the reason why it reaches none. Nothing of another patient can be asked here."""

import uuid
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from app.discharge.referrals.rules import STANDING
from app.discharge.referrals.terms import ReferralState
from app.platform.work import Reading, Scope, System
from app.security.sessions import digest


class Door(StrEnum):
    """Whether a link opens."""

    OPEN = "open"
    FORGED = "forged"  # no such link was ever made
    EXPIRED = "expired"  # its time is over
    ENDED = "ended"  # closed by the hospital, or another took its place
    USED = "used"  # the vendor has answered no, or withdrawn
    NOT_NEEDED = "not_needed"  # the hospital does not ask any more

    @property
    def sentence(self) -> str:
        """What the reader is told, and what to do."""
        return {
            "open": "",
            "forged": "This link is not complete or was never made. Open it again from the mail, or call the hospital.",
            "expired": "The time of this link is over. Call the hospital if you still want to answer.",
            "ended": "This link was closed by the hospital. Use the newest link that you have, or call the hospital.",
            "used": "You have answered this referral. Nothing more is needed; call the hospital to change the answer.",
            "not_needed": "The hospital needs no answer to this referral any more. Thank you.",
        }[self.value]


class Reached(msgspec.Struct):
    """A link that was made, with what stands of its referral."""

    link_id: uuid.UUID
    referral_id: uuid.UUID
    request_id: uuid.UUID
    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    facility_id: int
    facility: str
    timezone: str
    vendor: str
    state: str
    due_at: datetime | None
    ended_at: datetime | None
    expires_at: datetime

    @property
    def who(self) -> System:
        """The link as an actor: it sees its facility's rows, and the pages use one referral of them."""
        scope = Scope(facilities=(self.facility_id,), sensitive=(self.facility_id,))
        return System(f"vendor link {self.link_id}", scope)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the facility, in which the pages tell times."""
        return ZoneInfo(self.timezone)

    def door(self, now: datetime) -> Door:
        """Whether the link opens now."""
        if self.state in (ReferralState.DECLINED, ReferralState.WITHDRAWN):
            return Door.USED
        if self.state in (ReferralState.CLOSED, ReferralState.CANCELLED):
            return Door.NOT_NEEDED
        if self.expires_at <= now or self.state == ReferralState.EXPIRED:
            return Door.EXPIRED
        return Door.OPEN if self.ended_at is None and self.state in STANDING else Door.ENDED


_REACHED = """
select l.id, x.referral_id, x.request_id, x.encounter_id, e.patient_id, x.facility_id, f.name, f.timezone,
  x.vendor_name, x.state, x.due_at, l.ended_at, l.expires_at
from referral_link l join referral x on x.referral_id = l.referral_id and x.ended_at is null
  join encounter e on e.id = x.encounter_id join facility f on f.id = x.facility_id
where l.digest = %s
"""


def reached(db: Reading, key: str) -> Reached | None:
    """What a key reaches; None for one that never was."""
    return next(iter(db.rows(Reached, _REACHED, (digest(key),))), None)
