"""The weaning strip as `ltac/_weaning.html` draws it: a box for each day with letter, pattern, hidden word and link."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.kernel.wording import day_text
from app.ltac.course.queries import WeaningDay
from app.ltac.course.rules.weaning import SHOWN_PLATEAU, Weaning
from app.ltac.course.terms import Outcome, WeaningState

CODES = {
    WeaningState.VENTILATED: "vent", WeaningState.TRIAL: "sbt", WeaningState.COLLAR: "trach", WeaningState.FREE: "free",
    WeaningState.AWAY: "away", WeaningState.UNKNOWN: "nil",
}  # fmt: skip
LETTERS = {WeaningState.AWAY: "×", WeaningState.UNKNOWN: "·"}


def boxes(days: Sequence[WeaningDay], encounter_id: uuid.UUID, today: date) -> list[dict[str, Any]]:
    """The boxes of a strip, oldest first. Each leads to the form of its day, where the record and its history stand."""
    return [
        {
            "code": CODES[one.state],
            "letter": LETTERS.get(one.state, one.state.value),
            "word": one.state.word,
            "day": day_text(one.day, today),
            "note": one.note,
            "href": f"/encounters/{encounter_id}/long-term?day={one.day.isoformat()}#weaning-day",
        }
        for one in days
    ]


def span_text(days: Sequence[WeaningDay], today: date) -> str:
    """`20 Feb to today`."""
    if not days:
        return ""
    last = "today" if days[-1].day == today else f"{days[-1].day:%-d %b}"
    return f"{days[0].day:%-d %b} to {last}"


def chip(found: Weaning) -> dict[str, str] | None:
    """The fact that explains how weaning stands, at most four words; None where nothing is to be said."""
    if found.outcome is Outcome.LIBERATED:
        return {"text": f"off vent {found.free_days} d", "tone": "green", "icon": "lung"}
    if found.outcome is Outcome.WEANING and found.plateau >= SHOWN_PLATEAU:
        return {"text": f"plateau {found.plateau} d", "tone": "amber", "icon": "lung"}
    return None


def legend() -> list[dict[str, str]]:
    """What the letters mean."""
    return [
        {"code": CODES[state], "letter": LETTERS.get(state, state.value), "word": state.word}
        for state in (*list(WeaningState)[:5], WeaningState.UNKNOWN)
    ]
