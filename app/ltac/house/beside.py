"""What rows of the long-term list show beside their SELECT: readiness and days, weaning, wounds, therapy, the rate.

Rules reckon all of it, once for all rows of a page, by a fixed number of statements.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.kernel.days import local_day
from app.kernel.wording import day_text
from app.ltac.course import queries as course
from app.ltac.course import records, strip
from app.ltac.course.queries import ConferenceDue, Course
from app.ltac.course.records import Version
from app.ltac.course.terms import RecordKind
from app.ltac.days.queries import PaymentDays, standing
from app.ltac.days.showing import threshold_words
from app.ltac.days.terms import Absence, DayKind, Rate
from app.platform.work import Reading
from app.web.lists import Beside

STRIP_DAYS = 14
NEARLY = 5
"""Days of the benefit left at which a row says so."""
_RATES = {Rate.NOT_PROVED: "034 amber ask rate not proved", Rate.SITE_NEUTRAL: "033 red x site-neutral",
          Rate.STANDARD: "090 green check standard rate"}  # fmt: skip
_LEFT = {DayKind.FULL: "full", DayKind.COINSURANCE: "coinsurance", DayKind.RESERVE: "reserve"}


def beside(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Beside]:
    """What each of these stays shows beside; one of another kind of hospital is missing."""
    days = standing(db, stays)
    keys = list(days)
    weaning, wounds = course.courses(db, keys), course.wounds_in_words(db, keys)
    minutes, meetings = course.therapy_minutes(db, keys), course.conference_due(db, keys)
    judged = records.standing(db, keys, {RecordKind.VALIDATION})
    found = {}
    for key, one in days.items():
        told = _Told(
            db.now, one, weaning.get(key), wounds.get(key, []), sum(minutes.get(key, {}).values()), meetings.get(key),
            judged.get(key, []),
        )  # fmt: skip
        found[key] = Beside(told.values(), told.chips())
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """Everything known of one stay, on its way into words. `minutes` are of therapy, in seven days."""

    now: datetime
    days: PaymentDays
    weaning: Course | None
    wounds: Sequence[str]
    minutes: int
    meeting: ConferenceDue | None
    judged: Sequence[Version]

    @property
    def today(self) -> date:
        """The facility's day."""
        return local_day(self.now, self.days.zone)

    def values(self) -> dict[str, Any]:
        """What cells and files read, by name."""
        one, boxes, span, letters = self.days, [], "", ""
        if self.weaning is not None:
            found = self.weaning.strip(self.now, STRIP_DAYS)
            boxes = strip.boxes(found, one.encounter_id, self.today)
            span = strip.span_text(found, self.today)
            letters = "".join(box.state.value or "." for box in found)
        words = threshold_words(one, self.now)
        meeting = self.meeting.due_on if self.meeting is not None else None
        return {
            "days": words, "boxes": boxes, "span": span, "letters": letters, "step": self._step(),
            "covered": one.covered_days, "ready_words": words["readiness"],
            "rate_words": one.site_neutral.status.label, "proof": self._proof(), "benefit_words": self._benefit(),
            "wound_words": "; ".join(self.wounds), "therapy_minutes": self.minutes,
            "meeting": "" if meeting is None else meeting.isoformat(),
            "meeting_words": "" if meeting is None else f"conference due {day_text(meeting, self.today)}",
            "back_words": self._back_by(),
        }  # fmt: skip

    def chips(self) -> tuple[str, ...]:
        """Chips with their weight in front. Conference, orientation and validation that are owed have those of their
        clocks; here stands what no clock says."""
        found = [f"006 amber hour back by {self._back_by()}" if self._back_by() else ""]
        if self.judged and not self.judged[-1].content["met"]:
            found.append("009 red shield criteria not met")
        found.append(self._benefit_chip())
        found.append(_RATES.get(self.days.site_neutral.status, ""))
        said = strip.chip(self.weaning.standing) if self.weaning is not None else None
        if said is not None:
            weight = "035" if said["tone"] == "amber" else "080"
            found.append(f"{weight} {said['tone']} {said['icon']} {said['text']}")
        return tuple(one for one in found if one)

    def _step(self) -> str:
        """What stands in the place of the next step while a patient is away."""
        gap = self.days.interruption
        return "" if gap is None else f"Interrupted: {away_words(gap, self.now)}"

    def _back_by(self) -> str:
        gap = self.days.interruption
        rung = gap.next_rung(self.now) if gap is not None else None
        return "" if rung is None or rung.last_day is None else f"{rung.last_day:%a} 24:00"

    def _proof(self) -> str:
        found = self.days.site_neutral
        return "; ".join([found.because.rstrip("."), *found.proof, *(f"missing: {one}" for one in found.missing)])

    def _benefit(self) -> str:
        """`12 coinsurance days left`, of the kind that is used today; empty where none are counted."""
        found = self.days.benefit
        if found is None or found.today is None:
            return ""
        kind = found.today.kind
        if kind is DayKind.EXHAUSTED:
            return "benefits exhausted"
        left = found.left.get(kind.value, 0)
        return f"{left} {_LEFT[kind]} {'day' if left == 1 else 'days'} left"

    def _benefit_chip(self) -> str:
        found = self.days.benefit
        if found is None or found.today is None:
            return ""
        kind = found.today.kind
        if kind is DayKind.EXHAUSTED:
            return "010 red x benefits exhausted"
        if kind is DayKind.RESERVE:
            return f"011 red shield {self._benefit()}"
        return f"031 amber shield {self._benefit()}" if found.left.get(kind.value, 0) <= NEARLY else ""


def away_words(gap: Absence, now: datetime) -> str:
    """`day 2 of 9 away, acute hospital`."""
    limits = [one.number for one in gap.ladder if one.number is not None]
    rung = gap.next_rung(now)
    most = rung.number if rung is not None and rung.number is not None else max(limits, default=gap.day)
    place = gap.to.label.lower() if gap.to.label != "Not known" else "nobody has said where"
    return f"day {gap.day} of {most} away, {place}"
