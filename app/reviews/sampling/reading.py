"""From what a second reader ticked, measured and chose to what the reading says: by the criteria of the first one."""

from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from app.kernel.refusal import Refused
from app.platform.work import Reading
from app.reviews.criteria.rules import evaluate, refuse_contradictions
from app.reviews.criteria.terms import CriteriaSet, Evaluation, Screen
from app.reviews.judging import Given, answers_of, kept, looked_at, set_of_form
from app.reviews.sampling.queries import Task
from app.reviews.sampling.rules import check_reason
from app.reviews.terms import Outcome


class Written(Protocol):
    """What a second reader gives."""

    points: list[str]
    values: dict[str, str]
    moments: dict[str, str]
    outcome: Outcome | None
    reason: str


class Found(msgspec.Struct):
    """What a second reading says."""

    outcome: Outcome
    answers: dict[str, Any]
    met: tuple[str, ...]
    qualifies: bool


def set_of(db: Reading, held: Task) -> CriteriaSet | None:
    """The criteria set of the first reading, in its version; None where a licensed product was used."""
    return set_of_form(db, held.facility_id, f"{held.set_id} {held.set_version}") if held.set_id else None


def evaluated(criteria: CriteriaSet, held: Task, given: Given) -> Evaluation:
    """What the points alone come to. Windows are counted back from where the first reading counted them."""
    zone = ZoneInfo(held.timezone)
    return evaluate(criteria, answers_of(criteria, given, _instant(held, zone), zone))


def _instant(held: Task, zone: ZoneInfo) -> datetime:
    return looked_at(held.for_day, zone, held.signed_at)


def judge(db: Reading, held: Task, ask: Written) -> Found:
    """The whole reading. Refused, with the field, for what contradicts itself or says too little."""
    criteria = set_of(db, held)
    if criteria is None:
        if ask.outcome is None:
            raise Refused("Choose the outcome that you found with the licensed product.", field="outcome")
        check_reason(ask.outcome, None, ask.reason)
        return Found(ask.outcome, {}, (), ask.outcome is Outcome.MET)
    given = Given(frozenset(ask.points), ask.values, ask.moments)
    found = evaluated(criteria, held, given)
    refuse_contradictions(found)
    screen = Screen.MET if found.qualifies else Screen.NOT_MET
    outcome = ask.outcome or Outcome(screen.value)
    check_reason(outcome, screen, ask.reason)
    return Found(outcome, kept(criteria, given), found.met, found.qualifies)
