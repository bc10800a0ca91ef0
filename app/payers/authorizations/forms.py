"""What somebody says who asks a payer or records its answer: the commands of authorizations as forms."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.payers.authorizations.terms import Channel
from app.payers.fields import Clock, Day, Key, Name, Reason, Words
from app.payers.requests.terms import CertificationType, ServiceLevel

_DAY = timedelta(days=1)


class AskPayer(BaseModel):
    """A request as somebody records it. `last_day` is the last night that is asked; day and time are the facility's.

    Without `authorization_id` it begins a new authorization, of the payer named, else of the first one of the stay.
    """

    authorization_id: Key = None
    payer: Name = ""
    certification_type: CertificationType = CertificationType.INITIAL
    service_level: ServiceLevel = ServiceLevel.EMERGENCY
    service_type: Annotated[str, Field(max_length=3)] = "1"
    expedited: bool = False
    first_day: Day = None
    last_day: Day = None
    level_of_care: Name = ""
    channel: Channel = Channel.PORTAL
    to_whom: Name = ""
    on: Day = None
    at: Clock = None
    reference: Name = ""
    message: Words = ""
    event_trace: Annotated[str, Field(max_length=50)] = ""

    @property
    def until_day(self) -> date | None:
        """The day on which what is asked ends; it is not covered itself."""
        return self.last_day + _DAY if self.last_day is not None else None


class AmendRequest(AskPayer):
    """The request as it should be recorded, and why the earlier version was wrong."""

    because: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """How an answer came in. Without an instant it came now; without a request it answers the last one.

    `unasked`: it answers no request.
    """

    at: datetime | None = None
    channel: Channel = Channel.CALL
    from_whom: str = ""
    request_id: uuid.UUID | None = None
    unasked: bool = False


class Cancel(BaseModel):
    """Withdraw what was asked: how, and what was said."""

    channel: Annotated[Channel, BeforeValidator(lambda value: value or Channel.PORTAL)] = Channel.PORTAL
    message: Words = ""
