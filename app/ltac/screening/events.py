"""What is recorded about referrals to a long-term hospital. Names and birth dates stay in the record."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralEvent(Event):
    """Base of what happens to a referral; `serial` is the number by which people call it."""

    facility_id: int
    referral_id: uuid.UUID
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralReceived(LongTermReferralEvent):
    """A hospital asks for a bed for one of its patients."""

    name: ClassVar[str] = "long_term_referral.received"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralAmended(LongTermReferralEvent):
    """What was written down of a referral was corrected; the earlier version stays readable."""

    name: ClassVar[str] = "long_term_referral.amended"
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralStruckOut(LongTermReferralEvent):
    """A referral was entered by mistake."""

    name: ClassVar[str] = "long_term_referral.struck_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralScreened(LongTermReferralEvent):
    """What is known of a candidate was recorded. `rate` is what the evidence speaks for."""

    name: ClassVar[str] = "long_term_referral.screened"
    rate: str
    intensive_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermAuthorizationSet(LongTermReferralEvent):
    """The payer was asked, answered, or need not be asked."""

    name: ClassVar[str] = "long_term_authorization.set"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralDecided(LongTermReferralEvent):
    """A referral was accepted, declined, taken back, lost, or opened again."""

    name: ClassVar[str] = "long_term_referral.decided"
    action: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermStepUndone(LongTermReferralEvent):
    """The last step was taken back at once by who made it."""

    name: ClassVar[str] = "long_term_referral.undone"
    action: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralConverted(LongTermReferralEvent):
    """The patient of an accepted referral was admitted here. `by` says whether a person or an exact match found it."""

    name: ClassVar[str] = "long_term_referral.converted"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermReferralUnlinked(LongTermReferralEvent):
    """The stay that a referral was linked with is not the one, or never was."""

    name: ClassVar[str] = "long_term_referral.unlinked"
    because: str
