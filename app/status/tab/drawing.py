"""The two-midnight figure: care in its classes, the midnights passed and expected, and the same in words.

It is drawn on the status of a stay and lent to the cards of the physician advisor.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.census.stay.figure import Names, class_word, draw
from app.census.stay.timeline import Course, Lane, Row
from app.kernel.days import ONE_DAY
from app.kernel.wording import clock_text, day_text
from app.platform.work import Reading
from app.status.reckoning import Reckoned, reckoned
from app.status.timeline import CARE, Night

PIECE = "status/_midnights.html"
ELSEWHERE = "Sending hospital"


@dataclass(frozen=True, slots=True)
class Lent:
    """The reckoning of one stay for somebody else's page: its sentence, and what the piece draws."""

    sentence: str
    template: str
    figure: Mapping[str, object]


def lent(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, Lent]:
    """The figure of each of these stays of which care is known."""
    found = {}
    for key, one in reckoned(db, stays).items():
        figure = figure_of(one, str(key))
        if figure is not None:
            found[key] = Lent(one.found.sentence, PIECE, figure)
    return found


def figure_of(one: Reckoned, key: str) -> dict[str, Any] | None:
    """What the piece draws; None where no care is known. `key` makes its ids those of one stay."""
    known, found = one.known, one.found
    if found.began_at is None:
        return None
    course = _care_only(known.course, known.elsewhere_since, found.spans[0].since)
    figure = draw(course, Names({}, known.expected_at), known.now)
    if figure is None:
        return None
    total = found.benchmark + found.expected
    ahead = f"{total} expected in all, " if found.expected else ""
    inpatient = found.presumption or 0
    foot = f"{_nights(found.benchmark)} passed toward the benchmark"
    shown = replace(figure, title="Two-midnight timeline", foot=foot,
                    foot_end=f"{ahead}{inpatient} after the inpatient order")  # fmt: skip
    return {
        "key": f"tm-{key}", "title": shown.title, "words": f"{shown.words} {found.sentence}", "days": shown.days,
        "classes": shown.classes, "midnights": shown.midnights, "crowded": shown.crowded, "start_x": shown.start_x,
        "start_word": shown.start_word, "end": shown.end, "end_word": shown.end_word, "foot": shown.foot,
        "foot_end": shown.foot_end, "sentence": found.sentence,
    }  # fmt: skip


def _care_only(course: Course, elsewhere: datetime | None, here: datetime) -> Course:
    """The course without clinic visits and places, with the care at the sending hospital before it."""
    rows = [row for row in course.rows if row.lane is Lane.LEAVE or (row.lane is Lane.CLASS and row.value in CARE)]
    if elsewhere is not None and elsewhere < here:
        rows.insert(0, Row(Lane.CLASS, ELSEWHERE, ELSEWHERE, elsewhere, here))
    return replace(course, rows=tuple(rows))


MOST_NIGHTS = 30
"""Midnights told one by one; a longer stay has its counts."""


def table_of(one: Reckoned) -> list[dict[str, Any]]:
    """The first midnights as a table: when, in which class, what each counts for."""
    today = one.known.now.astimezone(one.known.course.zone).date()
    return [
        {
            "night": f"{day_text(night.day, today)} to {day_text(night.day + ONE_DAY, today)}",
            "care": _care(night),
            "benchmark": _word(night, counts=night.benchmark),
            "presumption": _word(night, counts=night.presumption),
            "billing": _word(night, counts=night.billing),
        }
        for night in one.found.nights[:MOST_NIGHTS]
    ]


def _care(night: Night) -> str:
    if night.expected:
        return "expected"
    if night.elsewhere:
        return ELSEWHERE
    return "on leave" if night.away else class_word(night.patient_class)


def _word(night: Night, *, counts: bool) -> str:
    if night.expected:
        return "to come"
    return "counts" if counts else "no"


def spans_of(one: Reckoned) -> list[str]:
    """The stretches of care in words."""
    zone, today = one.known.course.zone, one.known.now.astimezone(one.known.course.zone).date()

    def said(at: datetime) -> str:
        return f"{day_text(at.astimezone(zone).date(), today)} {clock_text(at, zone)}"

    last = len(one.found.spans) - 1
    return [
        f"{class_word(span.patient_class)} from {said(span.since)}"
        + (f" to {said(span.until)}" if place < last or one.known.course.discharged else "")
        for place, span in enumerate(one.found.spans)
    ]


def _nights(count: int) -> str:
    return f"{count} midnight" if count == 1 else f"{count} midnights"
