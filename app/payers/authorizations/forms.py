"""What somebody says who asks a payer or records its answer: the commands of authorizations as forms."""

import re
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from app.kernel.refusal import Refused
from app.payers.authorizations.terms import Channel
from app.payers.requests.terms import Action, CertificationType, Days, Decision, ServiceLevel
from app.web.fields import Clock, Day, Key, Name, Reason, Words, empty_is_none

_DAY = timedelta(days=1)
_APART = re.compile(r"[\s,;]+")


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


class RecordAnswer(BaseModel):
    """An answer as somebody records it who heard or read it. Last days are nights that are covered."""

    authorization_id: Key = None
    request_id: Key = None
    payer: Name = ""
    action: Action
    authorization_number: Name = ""
    first_day: Day = None
    last_day: Day = None
    second_first: Day = None
    second_last: Day = None
    quantity: Annotated[Annotated[int, Field(ge=0, le=400)] | None, BeforeValidator(empty_is_none)] = None
    reasons: Name = ""
    reference: Name = ""
    issued_on: Day = None
    more_follows: bool = False
    channel: Channel = Channel.CALL
    from_whom: Name = ""
    on: Day = None
    at: Clock = None
    text: Words = ""

    def decision(self) -> Decision:
        """What the payer answered. Refused for a period that is none."""
        spans = (("first_day", "last_day"), ("second_first", "second_last"))
        ranges = [found for first, last in spans if (found := self._range(first, last)) is not None]
        return Decision(
            action=self.action, authorization_number=self.authorization_number, reference=self.reference,
            ranges=tuple(sorted(ranges)), quantity=self.quantity, reasons=tuple(_APART.split(self.reasons.strip(", ")))
            if self.reasons.strip(", ") else (), issued_on=self.issued_on, more_follows=self.more_follows,
            text=self.text,
        )  # fmt: skip

    def _range(self, first_name: str, last_name: str) -> Days | None:
        first, last = getattr(self, first_name), getattr(self, last_name)
        if first is None and last is None:
            return None
        if first is None or last is None:
            raise Refused(
                "Write both days of the period, or neither.", field=first_name if first is None else last_name
            )
        if last < first:
            raise Refused("The last day lies before the first one.", field=last_name)
        return Days(first, last + _DAY)


class AmendAnswer(RecordAnswer):
    """The answer as it should be recorded, and why the earlier version was wrong."""

    because: Reason
