"""Wording a reason anew from a day on, adding and retiring one; what a day costs; what the policy allows."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.avoidable_days.events import DayCostEnded, DayCostSet, DayPolicySet, ReasonSet
from app.avoidable_days.models import AvoidableReason, DayCost, DayPolicy
from app.avoidable_days.reasons.queries import dictionary
from app.avoidable_days.reasons.rules import check_new, check_retired
from app.avoidable_days.terms import Controllable, CostConvention, CostSetting, Ownership, PartyKind
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.web.fields import Name, empty_is_none, one_line

NO_REASON = "There is no such reason here."
NO_COST = "There is no such cost here, or it was taken back already."
CLASSES = {"IP": "Inpatient", "OBS": "Observation"}
UNIT_KINDS = {
    "ward": "Ward", "intensive": "Intensive care", "step_down": "Step-down", "observation": "Observation unit",
    "emergency": "Emergency department", "surgery": "Surgery", "rehabilitation": "Rehabilitation",
    "psychiatric": "Psychiatric", "ltac": "Long-term acute",
}  # fmt: skip
MOST_DOLLARS = 100_000
Label = Annotated[str, Field(min_length=3, max_length=120), AfterValidator(one_line)]
Definition = Annotated[str, Field(min_length=3, max_length=500), AfterValidator(one_line)]


class WordReason(BaseModel):
    """How a reason reads from a day on; `retired`: from that day on it cannot be chosen."""

    label: Label
    definition: Definition
    party_kind: PartyKind
    party: Name = ""
    controllable: Controllable
    retired: bool = False
    begins: date


class AddReason(WordReason):
    """A reason of the facility's own, in one of the groups."""

    group: Annotated[str, Field(max_length=2), AfterValidator(str.upper)]
    code: Annotated[str, Field(max_length=6), AfterValidator(str.upper)]


class SetCost(BaseModel):
    """What one day costs in a setting from a day on, in dollars, and what the figure means."""

    setting: CostSetting
    setting_key: Annotated[str, Field(max_length=20)] = ""
    dollars: Annotated[float, Field(gt=0, le=MOST_DOLLARS)]
    convention: CostConvention
    source: Annotated[str, Field(min_length=3, max_length=200), AfterValidator(one_line)]
    begins: date


class SetPolicy(BaseModel):
    """Whether half days are counted, and who owns the hospital."""

    half_days: bool = False
    ownership: Annotated[Ownership | None, BeforeValidator(empty_is_none)] = None


def word_reason(work: Work, facility_id: int, code: str, ask: WordReason) -> AvoidableReason:
    """Word a reason of the dictionary anew from a day on. Days before it keep the wording that they had."""
    known = dictionary(work, facility_id, ask.begins).get(code)
    if known is None:
        raise NotFound(NO_REASON)
    if ask.retired:
        check_retired(code)
    return _set(work, facility_id, code, known.group, ask)


def add_reason(work: Work, facility_id: int, ask: AddReason) -> AvoidableReason:
    """Add a reason. Refused for a code that is in use or ever was."""
    ever: set[str] = set(
        work.values("select distinct code from avoidable_reason where facility_id = %s", (facility_id,))
    )
    check_new(ask.code, ask.group, ever | set(dictionary(work, facility_id, ask.begins)))
    return _set(work, facility_id, ask.code, ask.group, ask)


def _set(work: Work, facility_id: int, code: str, group: str, ask: WordReason) -> AvoidableReason:
    work.write(
        "avoidable_reason",
        "update avoidable_reason set ended_at = %s, ended_by = %s"
        " where facility_id = %s and code = %s and begins = %s and ended_at is null",
        (work.now, work.who.actor_id, facility_id, code, ask.begins),
    )
    made = work.add(
        AvoidableReason(
            facility_id=facility_id, code=code, group_code=group, label=ask.label, definition=ask.definition,
            party_kind=ask.party_kind.value, party=ask.party, controllable=ask.controllable.value,
            retired=ask.retired, begins=ask.begins, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ReasonSet(facility_id=facility_id, code=code, begins=ask.begins, retired=ask.retired))
    return made


def set_cost(work: Work, facility_id: int, ask: SetCost) -> DayCost:
    """Set what a day costs in a setting from a day on."""
    keys = {CostSetting.FACILITY: {""}, CostSetting.CLASS: set(CLASSES), CostSetting.UNIT_KIND: set(UNIT_KINDS)}
    if ask.setting is CostSetting.FACILITY:
        ask.setting_key = ""
    if ask.setting_key not in keys[ask.setting]:
        raise Refused("Choose for which days this cost holds.", field="setting_key")
    work.write(
        "avoidable_cost",
        "update avoidable_cost set ended_at = %s, ended_by = %s where facility_id = %s and setting = %s"
        " and setting_key = %s and begins = %s and ended_at is null",
        (work.now, work.who.actor_id, facility_id, ask.setting.value, ask.setting_key, ask.begins),
    )
    made = work.add(
        DayCost(
            facility_id=facility_id, setting=ask.setting.value, setting_key=ask.setting_key,
            cents=round(ask.dollars * 100), convention=ask.convention.value, source=ask.source, begins=ask.begins,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        DayCostSet(
            facility_id=facility_id, setting=made.setting, key=made.setting_key, cents=made.cents,
            convention=made.convention, begins=made.begins,
        )
    )  # fmt: skip
    return made


def end_cost(work: Work, cost_id: uuid.UUID) -> None:
    """Take back a cost that was set by mistake; the one before it holds again."""
    row = work.lock(DayCost, cost_id, missing=NO_COST)
    if row.ended_at is not None:
        raise Refused(NO_COST)
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.record(DayCostEnded(facility_id=row.facility_id, cost_id=row.id))


def set_policy(work: Work, facility_id: int, ask: SetPolicy) -> DayPolicy:
    """Say whether half days are counted and who owns the hospital. Half days that stand are kept as they are."""
    work.write(
        "avoidable_policy",
        "update avoidable_policy set ended_at = %s, ended_by = %s where facility_id = %s and ended_at is null",
        (work.now, work.who.actor_id, facility_id),
    )
    made = work.add(
        DayPolicy(
            facility_id=facility_id, half_days=ask.half_days, ownership=ask.ownership.value if ask.ownership else "",
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(DayPolicySet(facility_id=facility_id, half_days=made.half_days, ownership=made.ownership))
    return made
