"""What a report is asked for: which days, of whom; as an address and as a condition on a frame."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

import polars as pl
from pydantic import BaseModel, BeforeValidator, Field

from app.avoidable_days.reports.breakdown import By
from app.avoidable_days.terms import Controllable, PartyKind, Phase
from app.kernel.days import ONE_DAY
from app.web.fields import Day, empty_is_none

USUAL_DAYS = 91
"""Thirteen weeks: enough points for a chart by week."""
MOST_DAYS = 1100
PAGE = "/avoidable-days"


class Figure(StrEnum):
    """What a figure counts, and so what its list shows."""

    DAYS = "days"  # primary avoidable days
    CONTRIBUTING = "contributing"  # reasons named beside the primary one
    PATIENT_DAYS = "patient_days"  # the denominator: all midnights of the same patients
    EXCESS = "excess"  # inpatient midnights past the geometric mean length of stay
    EXPLAINED = "explained"  # of these, with a recorded reason
    UNEXPLAINED = "unexplained"  # of these, without one
    DRAFTS = "drafts"  # proposed, not answered yet

    @property
    def label(self) -> str:
        """The heading of its list."""
        return _FIGURES[self]


_FIGURES = {
    Figure.DAYS: "Avoidable days",
    Figure.CONTRIBUTING: "Contributing reasons",
    Figure.PATIENT_DAYS: "Patient days",
    Figure.EXCESS: "Days past the expected length",
    Figure.EXPLAINED: "Days past the expected length with a reason",
    Figure.UNEXPLAINED: "Days past the expected length without a reason",
    Figure.DRAFTS: "Drafts waiting",
}


class AskReport(BaseModel):
    """The address of a report."""

    first: Day = None
    last: Day = None
    phase: Annotated[Phase | None, BeforeValidator(empty_is_none)] = None
    unit: Annotated[str, Field(max_length=60)] = ""
    service: Annotated[str, Field(max_length=60)] = ""
    party: Annotated[PartyKind | None, BeforeValidator(empty_is_none)] = None
    controllable: Annotated[Controllable | None, BeforeValidator(empty_is_none)] = None
    code: Annotated[str, Field(max_length=6)] = ""
    by: Annotated[By, BeforeValidator(lambda value: value or By.REASON)] = By.REASON
    limits: Annotated[str, Field(pattern="^(xmr|u)?$")] = ""
    figure: Annotated[Figure | None, BeforeValidator(empty_is_none)] = None
    key: Annotated[str | None, Field(max_length=200)] = None
    since: Day = None
    until: Day = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which days a report is about. Without a phase both are meant, which only lists may do."""

    first: date
    last: date
    phase: Phase = Phase.POST_READY
    unit: str = ""
    service: str = ""
    party: PartyKind | None = None
    controllable: Controllable | None = None
    code: str = ""
    by: By = By.REASON
    limits: str = "xmr"

    def address(self, page: str = PAGE, **other: Any) -> str:
        """The page with this choice, or with another in part."""
        said = {
            "first": self.first, "last": self.last, "phase": self.phase.value, "unit": self.unit,
            "service": self.service, "party": self.party.value if self.party else "",
            "controllable": self.controllable.value if self.controllable else "", "code": self.code,
            "by": self.by.value, "limits": self.limits,
        } | other  # fmt: skip
        usual = {"unit": "", "service": "", "party": "", "controllable": "", "code": "", "limits": "xmr"}
        kept = {name: value for name, value in said.items() if value is not None and usual.get(name) != value}
        return f"{page}?{urlencode(kept)}"

    def list_of(self, figure: Figure, **other: Any) -> str:
        """The list behind a figure."""
        return self.address(f"{PAGE}/list", figure=figure.value, **other)

    def entries(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The entries that are meant."""
        kept = self.nights(frame).filter(pl.col("phase") == self.phase.value)
        if self.party is not None:
            kept = kept.filter(pl.col("party_kind") == self.party.value)
        if self.controllable is not None:
            kept = kept.filter(pl.col("controllable") == self.controllable.value)
        return kept.filter(pl.col("code") == self.code) if self.code else kept

    def nights(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The patient days of the same population; who answers for a loss narrows no population."""
        for name, value in (("unit", self.unit), ("service", self.service)):
            if value:
                frame = frame.filter(pl.col(name) == value)
        return frame

    def other_phase(self) -> "Choice":
        """The same days on the other side of medically ready."""
        return replace(self, phase=Phase.PRE_READY if self.phase is Phase.POST_READY else Phase.POST_READY)


def chosen(ask: AskReport, today: date) -> tuple[Choice, str]:
    """The choice, and a sentence where the period cannot be shown and the usual one stands in its place."""
    last = min(ask.last or today - ONE_DAY, today - ONE_DAY)
    first = ask.first or last - timedelta(days=USUAL_DAYS - 1)
    wrong = ""
    if first > last or (last - first).days > MOST_DAYS:
        wrong = "The first day lies after the last midnight, or more than three years before it."
        last = today - ONE_DAY
        first = last - timedelta(days=USUAL_DAYS - 1)
    return Choice(
        first=first, last=last, phase=ask.phase or Phase.POST_READY, unit=ask.unit, service=ask.service,
        party=ask.party, controllable=ask.controllable, code=ask.code.upper(), by=ask.by, limits=ask.limits or "xmr",
    ), wrong  # fmt: skip
