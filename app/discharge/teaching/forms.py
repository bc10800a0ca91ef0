"""What a form says of one record of teaching; one class for each kind. Without day and time it happened now."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator

from app.discharge.teaching.terms import Change, Hindrance, Learner, Method, RecordKind, Strain, TeachBack
from app.web.fields import Clock, Day, Name, Reason, Words, empty_is_none, one_line

Title = Annotated[str, Field(min_length=1, max_length=160), AfterValidator(one_line)]
Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(str.strip)]


class Entry(BaseModel):
    """What every record says: when it took place, in the facility's time."""

    on: Day = None
    at: Clock = None


class TeachTopic(Entry):
    """A topic that was taught, and what the learner could say or show back."""

    topic: Title
    learner: Learner = Learner.PATIENT
    learner_name: Name = ""
    language: Name = ""
    interpreter: Name = ""
    method: Method = Method.SPOKEN
    teach_back: TeachBack = TeachBack.NOT_ASKED
    red_flags: Words = ""
    taught_by: Name = ""


class ListMedicine(Entry):
    """A medicine as the patient takes it after the stay, and what stands in the way."""

    name: Title
    dose: Name = ""
    purpose: Name = ""
    change: Change = Change.SAME
    hindrance: Annotated[Hindrance | None, BeforeValidator(empty_is_none)] = None
    hindrance_words: Name = ""
    program: Name = ""
    applied_on: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    renews_on: Annotated[date | None, BeforeValidator(empty_is_none)] = None

    @model_validator(mode="after")
    def _of_a_program(self) -> "ListMedicine":
        if (self.applied_on or self.renews_on) and not self.program:
            raise ValueError("Name the assistance program that was applied for.")
        if self.applied_on and self.renews_on and self.renews_on <= self.applied_on:
            raise ValueError("The renewal lies after the day of the application.")
        return self


class NameCaregiver(Entry):
    """Somebody who helps, what they were trained in, how hard it is for them."""

    name: Title
    relation: Name = ""
    trained_in: Words = ""
    strain: Annotated[Strain | None, BeforeValidator(empty_is_none)] = None
    available: Name = ""


class WriteCrisisPlan(Entry):
    """What the patient notices first, does alone, asks others for, and whom to call."""

    warning_signs: Text
    coping: Words = ""
    supports: Words = ""
    contacts: Text


class StateGoal(Entry):
    """What matters to the patient, in own words."""

    goal: Text
    first_step: Words = ""


class HandOver(Entry):
    """What the patient was given, in which language."""

    what: Title
    language: Title
    to_whom: Name = ""


class Correction(BaseModel):
    """Why what is recorded was wrong."""

    because: Reason


FORMS: dict[RecordKind, type[Entry]] = {
    RecordKind.TOPIC: TeachTopic,
    RecordKind.MEDICINE: ListMedicine,
    RecordKind.CAREGIVER: NameCaregiver,
    RecordKind.CRISIS: WriteCrisisPlan,
    RecordKind.GOAL: StateGoal,
    RecordKind.HANDED_OVER: HandOver,
}
