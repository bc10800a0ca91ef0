"""What somebody says who works on an appeal."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field

from app.kernel.days import start_of_day
from app.kernel.refusal import Refused
from app.payers.authorizations.terms import Channel
from app.payers.denials.appeals.terms import AppealOutcome
from app.payers.denials.forms import Amount, Note, Number
from app.web.fields import Clock, Day, Key, Name, empty_is_none

Level = Annotated[Annotated[int, Field(ge=1, le=9)] | None, BeforeValidator(empty_is_none)]


class PrepareAppeal(BaseModel):
    """Begin to work on the appeal of a level; without one it is the next."""

    level: Level = None
    note: Note = ""


class SendAppeal(BaseModel):
    """An appeal left the house: how, to whom, under which number, with which packet. Without a time it was now."""

    level: Level = None
    channel: Channel = Channel.FAX
    to_whom: Name = ""
    tracking: Name = ""
    packet_id: Key = None
    expedited: bool = False
    on: Day = None
    at: Clock = None
    note: Note = ""


class VerifyAppeal(BaseModel):
    """The other side confirmed that it arrived: who, and under which number."""

    verified_with: Name = ""
    on: Day = None
    at: Clock = None


class DecideAppeal(BaseModel):
    """The decision: what it says, the date that it bears, when it came, and what comes back by it."""

    outcome: AppealOutcome
    decided_on: Day = None
    received_on: Day = None
    recovered_days: Number = None
    recovered_amount: Amount = None
    note: Note = ""

    def decided_at(self, now: datetime, zone: ZoneInfo, sent_at: datetime) -> datetime:
        """The instant from which the next level counts. Refused for a day to come, and for one before it was sent."""
        today = now.astimezone(zone).date()
        day = self.decided_on or today
        if day > today:
            raise Refused("This day lies in the future. Write the date that the decision bears.", field="decided_on")
        if day < sent_at.astimezone(zone).date():
            raise Refused("It was decided before it was sent. Correct one of the days.", field="decided_on")
        if self.received_on is not None and self.received_on < day:
            raise Refused("It was received before it was written. Correct one of the days.", field="received_on")
        if self.received_on is not None and self.received_on > today:
            raise Refused("This day lies in the future. Write when it came.", field="received_on")
        return max(start_of_day(day, zone), sent_at)
