"""What happens to referrals, for the history of a stay and for features that follow."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedEvent(Event):
    """Base: a need that several vendors are asked about."""

    facility_id: int
    request_id: uuid.UUID
    care_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedAsked(NeedEvent):
    """Vendors were asked about a need for the first time."""

    name: ClassVar[str] = "referral_request.asked"
    vendors: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedWidened(NeedEvent):
    """More vendors were proposed or asked, since nobody answered in time or somebody added them."""

    name: ClassVar[str] = "referral_request.widened"
    vendors: int
    sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedPlaced(NeedEvent):
    """A vendor is booked; the others are not asked any more."""

    name: ClassVar[str] = "referral_request.placed"
    referral_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedClosed(NeedEvent):
    """The need is gone, with everything that was asked about it."""

    name: ClassVar[str] = "referral_request.closed"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedReopened(NeedEvent):
    """The need is there again: a booking or an acceptance is gone, or the discharge was cancelled."""

    name: ClassVar[str] = "referral_request.reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralEvent(Event):
    """Base: one referral to one vendor."""

    facility_id: int
    referral_id: uuid.UUID
    vendor_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralProposed(ReferralEvent):
    """A vendor was proposed; nothing was sent."""

    name: ClassVar[str] = "referral.proposed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralSent(ReferralEvent):
    """A vendor was asked."""

    name: ClassVar[str] = "referral.sent"
    care_type: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralOpened(ReferralEvent):
    """The vendor read it for the first time."""

    name: ClassVar[str] = "referral.opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralQuestioned(ReferralEvent):
    """The vendor asked something."""

    name: ClassVar[str] = "referral.questioned"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReplied(ReferralEvent):
    """The hospital answered a question, or wrote to the vendor."""

    name: ClassVar[str] = "referral.replied"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralAnswered(ReferralEvent):
    """The vendor accepted or declined: `answer` is `accepted` or `declined`."""

    name: ClassVar[str] = "referral.answered"
    answer: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceWithdrawn(ReferralEvent):
    """The vendor took its acceptance back."""

    name: ClassVar[str] = "referral.acceptance_withdrawn"
    vendor_name: str
    care_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTakenBack(ReferralEvent):
    """An answer was recorded by mistake."""

    name: ClassVar[str] = "referral.answer_taken_back"
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReminded(ReferralEvent):
    """The vendor was asked again for the answer."""

    name: ClassVar[str] = "referral.reminded"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralClosed(ReferralEvent):
    """The vendor is not asked any more; `because` is cancelled, expired or why the need is gone."""

    name: ClassVar[str] = "referral.closed"
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralReopened(ReferralEvent):
    """A closed referral stands again as it did."""

    name: ClassVar[str] = "referral.reopened"
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLinkMade(ReferralEvent):
    """A way to the referral without an account."""

    name: ClassVar[str] = "referral_link.made"
    link_id: uuid.UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralLinksEnded(ReferralEvent):
    """All ways to the referral were closed."""

    name: ClassVar[str] = "referral_link.ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralMailed(ReferralEvent):
    """A mail about a referral moved: waiting, sending, sent or failed."""

    name: ClassVar[str] = "referral_mail.moved"
    mail_id: uuid.UUID
    kind: str
    state: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketSent(NeedEvent):
    """A packet was frozen for the vendors of a need."""

    name: ClassVar[str] = "referral_packet.made"
    packet_id: uuid.UUID
    version: int
    digest: str
    left_out: tuple[str, ...]
    consent_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecorded(Event):
    """The patient consents that protected records leave. `covers` says to whom; events of before say nothing there and
    mean vendors."""

    name: ClassVar[str] = "referral_consent.recorded"
    facility_id: int
    consent_id: uuid.UUID
    covers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEnded(Event):
    """The consent was revoked, or was recorded by mistake."""

    name: ClassVar[str] = "referral_consent.ended"
    facility_id: int
    consent_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralTermsSet(Event):
    """A facility set its own terms for links and widening."""

    name: ClassVar[str] = "referral_setting.set"
    facility_id: int
    link_days: int
    widen_by: int
    widens: bool
