"""What people ask for: referrals to send, steps of one referral, answers of vendors, consents."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.discharge.referrals.terms import Channel, ClosedBecause, ConsentFor, DeclineReason
from app.discharge.terms import CareType
from app.web.fields import Clock, Day, Name, Reason, one_line

Line = Annotated[str, Field(max_length=600), AfterValidator(one_line)]
Said = Annotated[str, Field(min_length=2, max_length=600), AfterValidator(one_line)]
Who = Annotated[str, Field(min_length=3, max_length=120), AfterValidator(one_line)]


def _reason(value: object) -> object:
    return None if value == "" else value


class SendReferrals(BaseModel):
    """One need, asked of many vendors. Without a time to answer the facility's own term holds."""

    care_type: CareType
    vendors: list[uuid.UUID] = []
    needs: list[str] = []
    sections: list[str] = []
    ready_on: Day = None
    answer_on: Day = None
    answer_at: Clock = None
    message: Line = ""
    widen: bool = False
    alone: Line = ""  # why one vendor is asked before the patient has seen a list
    radius: Annotated[int | None, Field(ge=1, le=500), BeforeValidator(_reason)] = None


class Say(BaseModel):
    """Words to the other side."""

    said: Said


class Why(BaseModel):
    """Why something is cancelled or taken back."""

    reason: Reason


class CloseNeed(BaseModel):
    """Why a need is not pursued any more."""

    because: ClosedBecause
    reason: Line = ""


class Accept(BaseModel):
    """A vendor takes the patient: from which day and hour on, under which conditions, who says so."""

    offered_on: Day = None
    offered_after: Clock = None
    said: Line = ""
    answered_by: Who


class Decline(BaseModel):
    """A vendor does not take the patient."""

    decline_reason: Annotated[DeclineReason | None, BeforeValidator(_reason)] = None
    free_on: Day = None
    said: Line = ""
    answered_by: Name = ""


class Question(BaseModel):
    """A question of a vendor."""

    said: Said
    answered_by: Name = ""


class Told(BaseModel):
    """An answer that came by telephone or on paper, with the true time."""

    answer: str = Field(pattern="^(accept|decline)$")
    channel: Channel = Channel.PHONE
    answered_by: Who
    offered_on: Day = None
    offered_after: Clock = None
    decline_reason: Annotated[DeclineReason | None, BeforeValidator(_reason)] = None
    free_on: Day = None
    said: Line = ""
    on: Day = None
    at: Clock = None


class RecordConsent(BaseModel):
    """A consent under 42 CFR 2.31: by whom, for whom, when, for what, until when."""

    given_by: Who
    covers: ConsentFor
    given_on: date
    ends_on: Day = None
    scope: Said


class SetTerms(BaseModel):
    """A facility's own terms: how long links work, how many vendors a widening asks, and whether it sends by itself."""

    link_days: int = Field(ge=1, le=60)
    widen_by: int = Field(ge=1, le=10)
    widens: bool = False
