"""What a form says of one record about payment days; one class for each kind."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from app.ltac.days.terms import Destination, EntryKind, ReserveChoice, Told
from app.web.fields import Day, Name, Words, empty_is_none

Count = Annotated[int | None, BeforeValidator(empty_is_none)]
Answer = Annotated[Literal["yes", "no"] | None, BeforeValidator(empty_is_none)]


class Entry(BaseModel):
    """What every record may say."""

    note: Words = ""


class EarlierUseForm(Entry):
    """Benefit days used before this stay, as a check tells. Without a period began nothing was used in the last one."""

    as_of: date
    source: Told = Told.ELIGIBILITY
    used: Annotated[int, Field(ge=0, le=90)] = 0
    reserve_left: Annotated[int, Field(ge=0, le=60)] = 60
    period_began: Day = None
    last_out: Day = None
    nursing_used: Annotated[Count, Field(ge=0, le=100)] = None
    psychiatric_left: Annotated[Count, Field(ge=0, le=190)] = None

    @model_validator(mode="after")
    def _in_order(self) -> "EarlierUseForm":
        if self.used and not self.period_began:
            raise ValueError("Write when the benefit period began in which the days were used.")
        if self.last_out and not self.period_began:
            raise ValueError("Write when the benefit period began that the last stay belongs to.")
        if self.period_began and self.last_out and self.last_out < self.period_began:
            raise ValueError("The last stay ended before the benefit period began. Correct one of the two days.")
        if self.period_began and self.period_began > self.as_of:
            raise ValueError("The benefit period began after the check. Correct one of the two days.")
        return self


class ReserveForm(Entry):
    """What the patient chose about lifetime reserve days, and when."""

    choice: ReserveChoice
    told_on: date
    agreed_with: Name = ""


class EvidenceForm(Entry):
    """What proves the standard rate; what is left empty is not known, and the referral's word counts."""

    preceded: Answer = None
    intensive_days: Annotated[Count, Field(ge=0, le=400)] = None
    ventilator_hours: Annotated[Count, Field(ge=0, le=20000)] = None
    excluded: Answer = None
    source: Name = ""

    @model_validator(mode="after")
    def _says_something(self) -> "EvidenceForm":
        said = (self.preceded, self.intensive_days, self.ventilator_hours, self.excluded)
        if all(one is None for one in said):
            raise ValueError("Say at least one of the four things, or cancel.")
        return self


class AwayForm(Entry):
    """Where the patient was in the absence that began at `left_at`."""

    left_at: datetime
    to: Destination
    place: Name = ""


FORMS: dict[EntryKind, type[Entry]] = {
    EntryKind.EARLIER_USE: EarlierUseForm,
    EntryKind.RESERVE_CHOICE: ReserveForm,
    EntryKind.EVIDENCE: EvidenceForm,
    EntryKind.AWAY: AwayForm,
}


def content_of(ask: Entry) -> dict[str, Any]:
    """The record as it is kept."""
    return ask.model_dump(mode="json", exclude={"left_at"})
