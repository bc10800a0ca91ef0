"""The action log ready to show: each action with the rate of its reason before and after."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from app.avoidable_days.queries import entries_frame
from app.avoidable_days.reasons.queries import dictionary
from app.avoidable_days.reports.actions.queries import Action
from app.avoidable_days.reports.actions.terms import ActionEnd, ActionState
from app.avoidable_days.reports.asking import Choice
from app.avoidable_days.reports.nights import nights_frame
from app.avoidable_days.reports.trend import Grain, effect, grain_of, points
from app.avoidable_days.showing import reason_text
from app.avoidable_days.terms import Phase
from app.kernel.control_charts import ENOUGH, Moved, Rule
from app.kernel.days import ONE_DAY, local_day
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.security.viewer import Place
from app.web.charts.axis import figure

LOOK_BACK = timedelta(weeks=26)
"""How far before the earliest action that is compared the rate is read, and how far back an action may lie."""


def log(db: Reading, place: Place, found: Sequence[Action]) -> dict[str, Any]:
    """All actions, those that stand with their effect, and the period that was read."""
    today = local_day(db.now, ZoneInfo(place.timezone))
    words = dictionary(db, place.id, today)
    latest: dict[uuid.UUID, list[Action]] = {}
    for one in found:
        latest.setdefault(one.action_id, []).append(one)
    compared = _Compared(db, place.id, [one.since for one in found if one.ended_at is None and one.since], today)
    rows = [
        _row(versions, reason_text(versions[0].code, words) if versions[0].code else "All reasons", compared)
        | {"before": [_version(one, db, place) for one in versions[1:]], "who": _version(versions[0], db, place)}
        for versions in latest.values()
    ]
    return {"rows": rows, "period": f"{day_text(compared.first, today)} to {day_text(compared.last, today)}"}


class _Compared:
    """The entries and patient days that the effects are read from, in two statements whatever the number of actions."""

    def __init__(self, db: Reading, facility_id: int, days: Sequence[date], today: date) -> None:
        self.today, self.last = today, today - ONE_DAY
        self.first = max(min([today, *days]) - LOOK_BACK, today - 2 * LOOK_BACK)
        self.grain = grain_of(self.first, self.last)
        self._entries = entries_frame(db, [facility_id], self.first, self.last)
        self._nights = nights_frame(db, [facility_id], self.first, self.last)

    def effects(self, code: str, since: date) -> list[tuple[Phase, Moved]]:
        """The rate of a reason before and after a day, on each side of medically ready that has any."""
        found = []
        for phase in Phase:
            kept = self._entries.filter(pl.col("phase") == phase.value)
            kept = kept.filter(pl.col("code") == code) if code else kept
            if kept.height:
                found.append((phase, effect(points(kept, self._nights, self.first, self.last), since, "xmr")))
        return found


def effect_text(one: Moved, grain: Grain) -> str:
    """What may be said: nothing while it is too early, no cause without a signal."""
    if one.before is None or one.after is None:
        return "Nothing to compare yet"
    means = f"mean {figure(one.before, 2)} before, {figure(one.after, 2)} after"
    if one.too_early:
        return f"Too early to say: {one.points} {grain}s of {ENOUGH} on each side; {means}"
    if one.signal is None:
        return f"No signal: {means}"
    if one.signal.rule is Rule.SHIFT:
        side = "above" if one.signal.above else "below"
        return f"Shift: {one.signal.last - one.signal.first + 1} {grain}s in a row {side} the earlier mean; {means}"
    return f"Signal: {one.signal.rule.words}; {means}"


def _row(versions: Sequence[Action], reason: str, compared: _Compared) -> dict[str, Any]:
    one = versions[0]
    state = ActionState(one.state)
    struck = one.ended_because == ActionEnd.STRUCK_OUT
    effects = compared.effects(one.code, one.since) if one.since and not struck else []
    many = len(effects) > 1
    told = [
        {"text": f"{phase.label}: {text}" if many else text,
         "href": Choice(first=compared.first, last=compared.last, phase=phase, code=one.code).address()}
        for phase, moved in effects
        if (text := effect_text(moved, compared.grain))
    ]  # fmt: skip
    return {
        "key": str(one.action_id), "code": one.code, "reason": reason, "what": one.what, "owner": one.owner,
        "since": day_text(one.since, compared.today) if one.since else "", "state": state.label, "tone": state.tone,
        "expected": one.expected, "struck": struck, "effects": told,
        "nothing": "Struck out" if struck else ("Not started" if one.since is None else "No days of this reason"),
    }  # fmt: skip


def _version(one: Action, db: Reading, place: Place) -> str:
    zone = ZoneInfo(place.timezone)
    written = f"written {dated_text(one.made_at, zone, db.now)} by {one.made_by or 'the program'}"
    text = f"{ActionState(one.state).label}: {one.what}; {written}"
    if one.ended_because == ActionEnd.STRUCK_OUT and one.ended_at is not None:
        who = one.ended_by or "the program"
        text += f"; struck out {dated_text(one.ended_at, zone, db.now)} by {who}: {one.ended_reason}"
    return text
