"""The answer of a trail as a file: CSV for programs, PDF to hand on. Both say who took it out, and when."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from app.accounts.audit.queries import TRAIL_PERIODS, Trail, Window
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.security.viewer import Viewer
from app.web.paper.csv_files import csv_text, harmless
from app.web.paper.pdf import pdf

MOST_LINES = {"csv": 20_000, "pdf": 2_000}
"""Of one file. Two thousand lines are some sixty sheets; nobody reads more on paper."""
COLUMNS = ("at", "who", "how", "what", "page", "patients", "detail", "from")
HEADS = ("When", "Who", "How", "What", "Patients", "Reason or detail", "From")


class TrailForm(StrEnum):
    """How a trail leaves the house."""

    CSV = "csv"  # for programs
    PDF = "pdf"  # to hand on: to the patient who asked, to compliance

    @property
    def media_type(self) -> str:
        """As the browser is told."""
        return "text/csv; charset=utf-8" if self is TrailForm.CSV else "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailTakenOut(Event):
    """The trail about a patient, or of a person, left as a file or on paper."""

    name: ClassVar[str] = "trail.taken_out"
    facility_id: int
    form: str
    days: int
    lines: int
    user_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Who took it out, where, and when by the clocks of the facility."""

    by: str
    facility: str
    at: datetime

    @property
    def text(self) -> str:
        """At the foot of every sheet."""
        return f"Taken out by {self.by} · {self.facility} · {self.written} · Contains patient data"

    @property
    def written(self) -> str:
        """The instant as people read it."""
        return self.at.strftime("%a %-d %b %Y %H:%M %Z")


def mark_of(viewer: Viewer, now: datetime) -> Mark:
    """The mark of this person's file. Refused without a facility."""
    place = viewer.place
    if place is None:
        raise Refused("You work in no facility, so nothing can be taken out.")
    by = viewer.display_name + (f", {viewer.credentials}" if viewer.credentials else "")
    return Mark(by, place.name, now.astimezone(ZoneInfo(place.timezone)))


def whole(days: int, form: TrailForm) -> Window:
    """The part of the trail that a file holds: all of a period, one line more than it may hold."""
    return Window(days=days, most=MOST_LINES[form.value] + 1)


def check_length(trail: Trail, form: TrailForm) -> None:
    """Refused for more lines than the form is good for."""
    most = MOST_LINES[form.value]
    if trail.total > most:
        raise Refused(f"A {form.value.upper()} holds up to {most:,} lines, here are {trail.total:,}."
                      " Choose a shorter period.")  # fmt: skip


def written(trail: Trail, form: TrailForm, mark: Mark, about: dict[str, str]) -> bytes:
    """The file. `about` has the title, the line below it, and the days of the period."""
    if form is TrailForm.CSV:
        at = mark.at.isoformat(timespec="seconds")
        rows = [
            (one["at_iso"], one["who"], one["kind"], one["what"], one["route"], one["about"], one["detail"],
             one["from"]) for one in trail.lines
        ]  # fmt: skip
        return csv_text(list(COLUMNS), rows, [harmless(mark.by), at, at]).encode()
    return pdf("accounts/audit/trail.typ", _paper(trail, mark, about))


def _paper(trail: Trail, mark: Mark, about: dict[str, str]) -> dict[str, Any]:
    return {
        **about, "mark": mark.text, "watermark": f"{mark.by} · {mark.written}", "facility": mark.facility,
        "period": TRAIL_PERIODS[about["days"]].lower(), "heads": list(HEADS), "incomplete": trail.incomplete,
        "rows": [[one["at"], one["who"], one["kind"], one["what"], one["about"], one["detail"], one["from"]]
                 for one in trail.lines],
    }  # fmt: skip
