"""What somebody says who records a denial, corrects it, speaks about it with the payer, or closes it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.kernel.days import start_of_day
from app.kernel.entered import true_time
from app.kernel.refusal import Refused
from app.payers.authorizations.terms import Channel
from app.payers.denials.rules import count, money, overlap
from app.payers.denials.terms import DenialKind, DenialOutcome, RootCause
from app.payers.requests.terms import Days
from app.web.fields import Clock, Day, Key, Name, Reason, Words, empty_is_none, one_line

MOST_DAYS = 400
_DAY = timedelta(days=1)


def _money(value: object) -> object:
    return money(value) if isinstance(value, str) else value


Amount = Annotated[Decimal | None, BeforeValidator(_money)]
Number = Annotated[Annotated[int, Field(ge=0, le=MOST_DAYS)] | None, BeforeValidator(empty_is_none)]
Note = Annotated[str, Field(max_length=300), AfterValidator(one_line)]


class RecordDenial(BaseModel):
    """A denial as somebody records it who read or heard it. Last days are nights that are denied.

    Without `notice_at` the notice counts from the start of its day. Without `received_on` nobody knows when it came.
    """

    kind: DenialKind
    payer: Name = ""
    authorization_id: Key = None
    first_day: Day = None
    last_day: Day = None
    second_first: Day = None
    second_last: Day = None
    amount: Amount = None
    notice_on: Day = None
    notice_at: Clock = None
    received_on: Day = None
    channel: Channel = Channel.LETTER
    reference: Name = ""
    reason_code: Name = ""
    reason: Words = ""
    root_cause: RootCause = RootCause.UNKNOWN
    root_cause_words: Note = ""
    owner_id: Key = None
    review_id: Key = None
    escalation_id: Key = None

    @property
    def days(self) -> tuple[Days, ...]:
        """The denied days. Refused where they are none, named twice or far too many."""
        pairs = (
            ("first_day", self.first_day, "last_day", self.last_day),
            ("second_first", self.second_first, "second_last", self.second_last),
        )
        found: list[Days] = []
        for first_field, first, last_field, last in pairs:
            if first is None and last is None:
                continue
            if first is None or last is None:
                raise Refused("Write both days, or neither.", field=first_field if first is None else last_field)
            if last < first:
                raise Refused("The last day lies before the first one.", field=last_field)
            if (last - first).days >= MOST_DAYS:
                raise Refused(f"These are more than {MOST_DAYS} days. Look at the days again.", field=last_field)
            found.append(Days(first, last + _DAY))
        if overlap(found):
            raise Refused("A day is named twice. Write every denied day once.", field="second_first")
        return tuple(sorted(found))

    def notice(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant of the notice. Refused for the future and for a receipt before it."""
        found = _notice(self.notice_on, self.notice_at, now, zone)
        day = found.astimezone(zone).date()
        if self.received_on is not None:
            if self.received_on < day:
                raise Refused("It was received before it was written. Correct one of the days.", field="received_on")
            if self.received_on > now.astimezone(zone).date():
                raise Refused("This day lies in the future. Write when it came.", field="received_on")
        return found


def _notice(on: date | None, at: Clock, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    if on is not None and at is None and on != today:
        found = start_of_day(on, zone)
    else:
        try:
            found = true_time(on, at, now, zone)
        except Refused as refused:
            raise Refused(refused.sentence, field="notice_at") from None
    if found > now:
        raise Refused("This notice lies in the future. Write the date that it bears.", field="notice_on")
    return found


class AmendDenial(RecordDenial):
    """The denial as it should be recorded, and why the earlier version was wrong or is completed."""

    because: Reason


class AskTalk(BaseModel):
    """A peer-to-peer talk was asked for: what was said."""

    note: Note = ""


class CloseDenial(BaseModel):
    """Nothing more is done: how it ended, what was recovered, and why."""

    outcome: DenialOutcome
    recovered_days: Number = None
    recovered_amount: Amount = None
    reason: Note = ""


class Say(BaseModel):
    """Why something is taken up again."""

    reason: Reason


def check_recovered(days: int | None, amount: Decimal | None, denied: tuple[Days, ...], risk: Decimal | None) -> None:
    """Refused where more came back than was denied."""
    if days is not None and denied and days > count(denied):
        raise Refused(f"Only {count(denied)} days were denied.", field="recovered_days")
    if amount is not None and risk is None:
        raise Refused("Write first how much is at risk: correct the denial.", field="recovered_amount")
    if amount is not None and risk is not None and amount > risk:
        raise Refused("More than was at risk. Correct this amount, or the amount of the denial.",
                      field="recovered_amount")  # fmt: skip
