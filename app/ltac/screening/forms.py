"""What people write down of a referral: the forms of its page."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.clocks.terms import Line
from app.kernel.days import days_between, written_day
from app.kernel.refusal import Refused
from app.ltac.screening.rules import MOST_BENEFIT_DAYS, MOST_RESERVE_DAYS
from app.ltac.screening.terms import (
    Advice,
    DeclineReason,
    EndReason,
    Need,
    PayerState,
    ReferralAction,
    Sex,
    Told,
)
from app.web.fields import Clock, Day, Name, Reason, Words, empty_is_none, one_line

MOST_DAYS = 400
_APART = re.compile(r"[,;\s]+")
Said = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(one_line)]
Ccn = Annotated[str, BeforeValidator(lambda text: str(text).upper()), Field(pattern=r"^(\d\d[0-9A-Z]\d{3})?$")]
Hours = Annotated[Annotated[int, Field(ge=0, le=10000)] | None, BeforeValidator(empty_is_none)]
Left = Annotated[Annotated[int, Field(ge=0, le=MOST_BENEFIT_DAYS)] | None, BeforeValidator(empty_is_none)]
Reserve = Annotated[Annotated[int, Field(ge=0, le=MOST_RESERVE_DAYS)] | None, BeforeValidator(empty_is_none)]
Count = Annotated[Annotated[int, Field(ge=1, le=1000)] | None, BeforeValidator(empty_is_none)]
Granted = Annotated[Annotated[int, Field(ge=1, le=365)] | None, BeforeValidator(empty_is_none)]


class TakeReferral(BaseModel):
    """A referral as it came. Days and times are the facility's; `same_again` says that a double is meant."""

    family: Said
    given: Said
    birth: date
    sex: Sex = Sex.UNKNOWN
    record_number: Name = ""
    from_name: Said
    from_ccn: Ccn = ""
    from_place: Name = ""
    contact: Name = ""
    contact_reach: Name = ""
    needs: list[Need] = Field(default_factory=list)
    received_on: Day = None
    received_at: Clock = None
    wanted_on: Day = None
    answer_on: Day = None
    answer_at: Clock = None
    line: Annotated[Line | None, BeforeValidator(empty_is_none)] = None
    payer_name: Name = ""
    member_number: Name = ""
    drg: Annotated[str, Field(pattern=r"^(\d{1,3})?$")] = ""
    note: Words = ""
    same_again: bool = False


class AmendReferral(TakeReferral):
    """The referral as it should read, and why what was written was wrong."""

    because: Reason


class Screen(BaseModel):
    """What the screening knows. `intensive` says whether days in intensive care were told, and if there were any.

    `seen` is the mark of the version that the form showed (`queries.mark_of`), so that nobody overwrites what a
    colleague wrote meanwhile; empty where no form was shown.
    """

    seen: Annotated[str, Field(max_length=40)] = ""
    acute: Told = Told.UNKNOWN
    direct: Told = Told.UNKNOWN
    excluded: Told = Told.UNKNOWN
    intensive: Annotated[str, Field(pattern="^(none|days)?$")] = ""
    intensive_first: Day = None
    intensive_last: Day = None
    intensive_more: Annotated[str, Field(max_length=2000)] = ""
    still_intensive: bool = False
    ventilator_hours: Hours = None
    ventilator_basis: Name = ""
    benefit_left: Left = None
    reserve_left: Reserve = None
    benefit_source: Name = ""
    ventilator_day: Count = None
    trach: Told = Told.UNKNOWN
    dialysis: Told = Told.UNKNOWN
    wounds: Name = ""
    lines: Name = ""
    isolation: Name = ""
    expected_days: Count = None
    complex: Told = Told.UNKNOWN
    advice: Advice = Advice.NONE
    remark: Words = ""


class SetPayer(BaseModel):
    """Where the payer's authorization stands. Number and days belong to an approval."""

    state: PayerState
    payer_number: Name = ""
    days: Granted = None
    said: Name = ""


class Decide(BaseModel):
    """What becomes of the referral. A decline and a withdrawal need their reason, an offer may name bed and day."""

    action: ReferralAction
    declined: Annotated[DeclineReason | None, BeforeValidator(empty_is_none)] = None
    ended: Annotated[EndReason | None, BeforeValidator(empty_is_none)] = None
    said: Annotated[str, Field(max_length=300), AfterValidator(one_line)] = ""
    bed: Name = ""
    bed_on: Day = None


def intensive_days(ask: Screen, today: date) -> list[date] | None:
    """The days in intensive care that the form names; None when it says nothing of them.

    Refused for days that cannot be.
    """
    if ask.intensive == "none":
        return []
    if ask.intensive == "" and ask.intensive_first is None and not ask.intensive_more:
        return None
    found = _range(ask) | {_day(text) for text in _APART.split(ask.intensive_more) if text}
    if not found:
        raise Refused("Write the first and the last day in intensive care.", field="intensive_first")
    if max(found) > today:
        raise Refused("A day in intensive care cannot lie in the future.", field="intensive_last")
    if len(found) > MOST_DAYS:
        raise Refused("These are more days than a stay has. Look at the years.", field="intensive_first")
    return sorted(found)


def _range(ask: Screen) -> set[date]:
    first, last = ask.intensive_first, ask.intensive_last or ask.intensive_first
    if first is None:
        if last is not None:
            raise Refused("Write the first day too.", field="intensive_first")
        return set()
    assert last is not None, "the first day stands for the last one"
    if last < first:
        raise Refused("The last day lies before the first one.", field="intensive_last")
    if (last - first).days > MOST_DAYS:
        raise Refused("These are more days than a stay has. Look at the years.", field="intensive_first")
    return set(days_between(first, last))


def _day(text: str) -> date:
    day = written_day(text)
    if day is None:
        raise Refused("Write further days as 2026-03-05, apart by commas.", field="intensive_more")
    return day
