"""What looks unusual in the trail, and the words of the decision about it. Pure."""

import uuid
from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec


class Pattern(StrEnum):
    """What a rule looks for in the accesses of one person on one day."""

    SAME_NAME = "same_name"  # patient and person bear the same, not common, last name
    ELSEWHERE = "elsewhere"  # mostly stays that are neither the person's own nor on the person's units
    MANY = "many"  # far more patients in an hour than in the person's ordinary busiest hour
    NIGHT = "night"  # stays opened at night by somebody who works by day
    LONG_AFTER = "long_after"  # a stay opened again long after discharge, without work on it
    GLASS_OFTEN = "glass_often"  # restricted stays opened again and again
    TAKEN_OUT = "taken_out"  # far more patients in files and prints than on ordinary days
    SEARCHES = "searches"  # many searches after which no stay was opened
    AFTER_CHANGE = "after_change"  # stays opened after a role was taken away


class FindingVerdict(StrEnum):
    """What the privacy officer made of a finding."""

    EXPLAINED = "explained"  # unusual, and there was a reason for it
    FOLLOW_UP = "follow_up"  # somebody is asked, or compliance is; the finding stays on the list until it is explained
    FALSE_ALARM = "false_alarm"  # nothing unusual: the rule should not have pointed here

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]

    @property
    def tone(self) -> str:
        """The colour of its chip."""
        return {"explained": "green", "follow_up": "amber", "false_alarm": "gray"}[self.value]


_LABELS = {
    FindingVerdict.EXPLAINED: "Explained",
    FindingVerdict.FOLLOW_UP: "Follow up",
    FindingVerdict.FALSE_ALARM: "False alarm",
}


class DecisionEnd(StrEnum):
    """Why a decision, or a setting of a rule, stands no more."""

    AMENDED = "amended"  # another one took its place
    TAKEN_BACK = "taken_back"  # it was made by mistake


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What one person opened of one patient on one day.

    Attributes:
        encounter_id: the patient's latest stay in the facility.
        same_name: person and patient bear the same last name, which `bearers` patients of the facility bear.
        related: assigned to the person, on a unit of the person's, or worked on by the person, as the days before say.
        away_days: whole days since discharge; None while the patient is here.
        at_night: how many of the accesses fell into the night of the rule.
        rows: keys of the first accesses in the trail.
    """

    patient_id: uuid.UUID
    encounter_id: uuid.UUID
    times: int
    same_name: bool = False
    bearers: int = 0
    assigned: bool = False
    on_unit: bool = False
    worked: bool = False
    away_days: int | None = None
    at_night: int = 0
    rows: tuple[int, ...] = ()

    @property
    def related(self) -> bool:
        """Whether the person's work leads to this stay."""
        return self.assigned or self.on_unit or self.worked


class PersonDay(msgspec.Struct, frozen=True, kw_only=True):
    """What the trail says of one person on one local day, beside the ordinary of the days before.

    Attributes:
        has_stays: the person had stays of their own in the days before, so that there is something to compare with.
        hours: different patients opened by hour of the day; `ordinary_hours` is the busiest hour of each earlier day.
        day_openings, night_openings: openings of the days before, by day and by night.
        glass: keys of openings of restricted stays within the days of the rule, this day included.
        taken_out: patients in files and prints of this day; `ordinary_out` those of each earlier day with any.
        searches: searches of this day that showed patients; `opened_after` those whose patients were opened that day.
        role_taken_days: days since a role was taken from the person; None where none was.
    """

    user_id: uuid.UUID
    day: date
    openings: tuple[Opening, ...] = ()
    has_stays: bool = False
    hours: Mapping[int, int] = {}
    hour_rows: Mapping[int, tuple[int, ...]] = {}
    ordinary_hours: tuple[int, ...] = ()
    day_openings: int = 0
    night_openings: int = 0
    glass: tuple[uuid.UUID, ...] = ()
    taken_out: int = 0
    out_rows: tuple[int, ...] = ()
    ordinary_out: tuple[int, ...] = ()
    searches: int = 0
    opened_after: int = 0
    search_rows: tuple[int, ...] = ()
    role_taken_days: int | None = None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a rule points to, with what it counted.

    Attributes:
        encounter_id: the stay it is about; None where it is about a day as a whole.
        rows: keys of the accesses in the trail that show it.
    """

    pattern: Pattern
    user_id: uuid.UUID
    day: date
    sentence: str
    encounter_id: uuid.UUID | None = None
    rows: tuple[int, ...] = ()
