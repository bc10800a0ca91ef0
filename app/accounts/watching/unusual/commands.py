"""Deciding about findings, and setting the rules. What stood before is ended and stays readable."""

import uuid
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlmodel import col, select

from app.accounts.watching.unusual.events import AccessDecided, AccessDecisionTakenBack, WatchRuleSet
from app.accounts.watching.unusual.models import AccessDecision, UnusualAccess, WatchRule
from app.accounts.watching.unusual.rules import BY_PATTERN
from app.accounts.watching.unusual.terms import DecisionEnd, FindingVerdict, Pattern
from app.kernel.refusal import Refused
from app.platform.work import Work
from app.web.fields import Reason, one_line

NO_FINDING = "There is no such finding within your facilities."
NO_DECISION = "There is no such decision within your facilities."
NOBODY = "Only a person can decide about a finding."


class DecideFinding(BaseModel):
    """What the officer makes of a finding; `seen` is the decision that the form showed, if any."""

    verdict: FindingVerdict
    said: Annotated[str, Field(min_length=3, max_length=1000), AfterValidator(one_line)]
    seen: str = ""


def decide(work: Work, finding_id: uuid.UUID, ask: DecideFinding) -> AccessDecision:
    """Record the decision; one that stood is ended.

    NotFound out of reach. Refused for a finding about oneself, and when somebody else decided since the form was shown.
    """
    found = _finding(work, finding_id)
    old = work.session.exec(
        select(AccessDecision)
        .where(AccessDecision.finding_id == finding_id, col(AccessDecision.ended_at).is_(None))
        .with_for_update()
    ).first()
    if (str(old.id) if old else "") != ask.seen:
        raise Refused("Somebody decided about this finding since you opened the page. Look at it again.")
    if old is not None:
        _end(work, old, DecisionEnd.AMENDED)
    made = work.add(
        AccessDecision(
            facility_id=found.facility_id, finding_id=found.id, encounter_id=found.encounter_id,
            verdict=ask.verdict.value, said=ask.said, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        AccessDecided(patient_id=_patient(work, found), facility_id=found.facility_id, finding_id=found.id,
                      pattern=found.pattern, user_id=found.user_id, verdict=made.verdict)
    )  # fmt: skip
    return made


def take_back(work: Work, decision_id: uuid.UUID) -> AccessDecision:
    """The finding is open again. Refused when the decision stands no more."""
    made = work.lock(AccessDecision, decision_id, NO_DECISION)
    found = _finding(work, made.finding_id)
    if made.ended_at is not None:
        raise Refused("This decision stands no more. Look at the finding again.")
    _end(work, made, DecisionEnd.TAKEN_BACK)
    work.record(
        AccessDecisionTakenBack(patient_id=_patient(work, found), facility_id=found.facility_id, finding_id=found.id,
                                pattern=found.pattern, user_id=found.user_id, verdict=made.verdict)
    )  # fmt: skip
    return made


def _finding(work: Work, finding_id: uuid.UUID) -> UnusualAccess:
    found = work.get(UnusualAccess, finding_id, NO_FINDING)
    if work.who.actor_id is None:
        raise Refused(NOBODY)
    if found.user_id == work.who.actor_id:
        raise Refused("This finding is about yourself. Ask another privacy officer to decide.")
    return found


def _patient(work: Work, found: UnusualAccess) -> uuid.UUID | None:
    if found.encounter_id is None:
        return None
    key = work.value("select patient_id from encounter where id = %s", (found.encounter_id,))
    return uuid.UUID(str(key)) if key else None


class SetRule(BaseModel):
    """How a rule is set: resting or not, and why. Its limits come beside it, by name."""

    resting: bool = False
    reason: Reason


def set_rule(work: Work, facility_id: int, pattern: Pattern, ask: SetRule, limits: Mapping[str, int]) -> WatchRule:
    """Set the limits of a rule from now on; days that were looked at stay as they are.

    Refused for a limit outside of what makes sense, and when nothing would change.
    """
    rule = BY_PATTERN[pattern]
    for one in rule.limits:
        value = limits.get(one.name)
        if value is None or not one.least <= value <= one.most:
            raise Refused(f"{one.label}: write a number from {one.least} to {one.most}.", field=one.name)
    kept = {one.name: limits[one.name] for one in rule.limits}
    old = work.session.exec(
        select(WatchRule)
        .where(WatchRule.facility_id == facility_id, WatchRule.pattern == pattern.value,
               col(WatchRule.ended_at).is_(None))
        .with_for_update()
    ).first()  # fmt: skip
    before = (False, rule.shipped) if old is None else (old.resting, rule.shipped | old.limits)
    if before == (ask.resting, kept):
        raise Refused("The rule is set like this already.")
    if old is not None:
        _end(work, old, DecisionEnd.AMENDED)
    made = work.add(
        WatchRule(facility_id=facility_id, pattern=pattern.value, resting=ask.resting, limits=kept, reason=ask.reason,
                  made_at=work.now, made_by=work.who.actor_id)
    )  # fmt: skip
    work.record(
        WatchRuleSet(facility_id=facility_id, pattern=pattern.value, resting=ask.resting, limits=kept,
                     reason=ask.reason)
    )  # fmt: skip
    return made


def _end(work: Work, old: AccessDecision | WatchRule, because: DecisionEnd) -> None:
    old.ended_at, old.ended_by, old.ended_because = work.now, work.who.actor_id, because.value
    work.session.flush()
