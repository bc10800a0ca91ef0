"""Rules and minutes of a facility. A change ends the row in force and writes another, so that each day can be read."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, Field
from sqlmodel import select

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.worklists.assignment.models import AssignmentRule, WorkMinutes
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.rules.minutes import DEFAULTS
from app.worklists.assignment.terms import WorkPart

NO_RULE = "There is no such rule in your facilities."
CHANGED = "This rule was changed or taken out meanwhile. Look at the rules again."
MOST_MINUTES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRuleChanged(Event):
    """A rule came into force, or out of it, or changed its place."""

    name: ClassVar[str] = "assignment_rule.changed"
    facility_id: int
    deed: str
    rule_id: uuid.UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkMinutesChanged(Event):
    """A facility expects other minutes of work from now on."""

    name: ClassVar[str] = "work_minutes.changed"
    facility_id: int
    own: tuple[str, ...]


class DescribeRule(BaseModel):
    """What a rule speaks of, and who gets it. An empty list of units, services, payers or classes means any."""

    name: str = Field(min_length=1, max_length=80)
    units: list[str] = Field(default_factory=list, max_length=200)
    services: list[str] = Field(default_factory=list, max_length=200)
    payers: list[str] = Field(default_factory=list, max_length=400)
    classes: list[str] = Field(default_factory=list, max_length=10)
    people: list[uuid.UUID] = Field(default_factory=list, max_length=400)


def add_rule(work: Work, facility_id: int, ask: DescribeRule) -> AssignmentRule:
    """Put a rule behind the others."""
    _check(work, facility_id, ask)
    last = work.value(
        "select max(place) from assignment_rule where facility_id = %s and ended_at is null", (facility_id,)
    )
    return _begin(work, facility_id, (last or 0) + 1, ask.model_dump(), "added")


def change_rule(work: Work, rule_id: uuid.UUID, ask: DescribeRule) -> AssignmentRule:
    """Another rule in the place of this one."""
    rule = _in_force(work, rule_id)
    _check(work, rule.facility_id, ask)
    _end(work, rule)
    return _begin(work, rule.facility_id, rule.place, ask.model_dump(), "changed")


def take_out_rule(work: Work, rule_id: uuid.UUID) -> AssignmentRule:
    """End a rule. What it gave stays where it is."""
    rule = _in_force(work, rule_id)
    _end(work, rule)
    work.record(AssignmentRuleChanged(facility_id=rule.facility_id, deed="taken out", rule_id=rule.id))
    return rule


def move_rule_up(work: Work, rule_id: uuid.UUID) -> AssignmentRule:
    """Change places with the rule before; the first one stays where it is."""
    rule = _in_force(work, rule_id)
    before = work.session.exec(
        select(AssignmentRule)
        .where(AssignmentRule.facility_id == rule.facility_id, AssignmentRule.ended_at == None)  # noqa: E711
        .where(AssignmentRule.place < rule.place)
        .order_by(AssignmentRule.place.desc())  # type: ignore[attr-defined]
        .limit(1)
        .with_for_update()
    ).first()
    if before is None:
        raise Refused("This rule is the first one already.")
    for one in (rule, before):
        _end(work, one)
    _begin(work, rule.facility_id, rule.place, _words(before), "moved")
    return _begin(work, rule.facility_id, before.place, _words(rule), "moved")


def set_minutes(work: Work, facility_id: int, minutes: dict[WorkPart, int]) -> None:
    """The minutes that the facility expects from now on; those that equal the documented ones are not kept."""
    if any(not 0 <= one <= MOST_MINUTES for one in minutes.values()):
        raise Refused(f"Write minutes from 0 to {MOST_MINUTES}.")
    own = {part.value: one for part, one in minutes.items() if DEFAULTS[part] != one}
    present = work.session.exec(
        select(WorkMinutes)
        .where(WorkMinutes.facility_id == facility_id, WorkMinutes.ended_at == None)  # noqa: E711
        .with_for_update()
    ).first()
    if present is not None:
        present.ended_at = work.now
        work.session.flush()
    work.add(WorkMinutes(facility_id=facility_id, minutes=own, made_at=work.now, made_by=work.who.actor_id))
    work.record(WorkMinutesChanged(facility_id=facility_id, own=tuple(sorted(own))))


def _check(work: Work, facility_id: int, ask: DescribeRule) -> None:
    if not ask.people:
        raise Refused("Choose one or more people who get these stays.", field="people")
    if not all(may_hold(work, person, facility_id) for person in ask.people):
        raise Refused("One of these people may not have stays in this facility. Choose another one.", field="people")


def _in_force(work: Work, rule_id: uuid.UUID) -> AssignmentRule:
    rule = work.lock(AssignmentRule, rule_id, NO_RULE)
    if rule.ended_at is not None:
        raise Refused(CHANGED)
    return rule


def _words(rule: AssignmentRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in DescribeRule.model_fields}


def _end(work: Work, rule: AssignmentRule) -> None:
    rule.ended_at, rule.ended_by = work.now, work.who.actor_id
    work.session.flush()


def _begin(work: Work, facility_id: int, place: int, words: dict[str, Any], deed: str) -> AssignmentRule:
    rule = work.add(
        AssignmentRule(facility_id=facility_id, place=place, made_at=work.now, made_by=work.who.actor_id, **words)
    )
    work.record(AssignmentRuleChanged(facility_id=facility_id, deed=deed, rule_id=rule.id))
    return rule
