"""Readiness lights from facts: which facts concern a light, and what they make of it. Pure.

A light is red while something blocks it or is overdue, amber while something is under way, green where something says
that it is settled and nothing is open, gray where nothing is known or nothing is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.discharge.terms import WITHOUT_PROVIDER, BarrierKind, CareType, Light, LightName, MilestoneKind

_L, _B, _M = LightName, BarrierKind, MilestoneKind
OF_BARRIER: Mapping[BarrierKind, LightName] = {
    _B.ORDER: _L.PAPERWORK, _B.CONSULT: _L.MEDICAL, _B.IMAGING: _L.MEDICAL, _B.PROCEDURE: _L.MEDICAL,
    _B.THERAPY: _L.THERAPY, _B.MEDICINE: _L.MEDICINES, _B.TRANSITION: _L.MEDICAL, _B.TEACHING: _L.FAMILY,
    _B.PAYER: _L.PAYER, _B.NETWORK: _L.PAYER, _B.COVERAGE: _L.PAYER, _B.CHOICE: _L.FAMILY, _B.CAREGIVER: _L.FAMILY,
    _B.CAPACITY: _L.FAMILY, _B.GOALS: _L.FAMILY, _B.HOME: _L.DESTINATION, _B.RIDE: _L.TRANSPORT,
    _B.DOCUMENTS: _L.PAPERWORK, _B.FACILITY_BED: _L.DESTINATION, _B.FACILITY_DECLINES: _L.DESTINATION,
    _B.REHABILITATION: _L.DESTINATION, _B.LONG_TERM_CARE: _L.DESTINATION, _B.HOME_HEALTH: _L.DESTINATION,
    _B.EQUIPMENT: _L.DESTINATION, _B.HOSPICE: _L.DESTINATION, _B.TRANSPORT: _L.TRANSPORT,
    _B.PSYCHIATRIC: _L.DESTINATION, _B.DIALYSIS: _L.DESTINATION, _B.GROUP_HOME: _L.DESTINATION,
    _B.ACUTE: _L.DESTINATION, _B.GUARDIAN: _L.PAPERWORK, _B.PROTECTION: _L.PAPERWORK, _B.PASRR: _L.PAPERWORK,
    _B.MEDICAID: _L.PAYER, _B.HOUSING: _L.DESTINATION, _B.COURT: _L.PAPERWORK, _B.ISOLATION: _L.DESTINATION,
    _B.OTHER: _L.DESTINATION,
}  # fmt: skip
OF_MILESTONE: Mapping[MilestoneKind, LightName] = {
    _M.THERAPY_EVALUATION: _L.THERAPY, _M.CONSULT: _L.MEDICAL, _M.LAST_INTRAVENOUS_DOSE: _L.MEDICINES,
    _M.WEAN: _L.MEDICAL, _M.IMAGING: _L.MEDICAL, _M.PROCEDURE: _L.MEDICAL, _M.LABORATORY: _L.MEDICAL,
    _M.LINES_OUT: _L.MEDICAL, _M.MEDICINES: _L.MEDICINES, _M.TEACHING: _L.FAMILY, _M.FAMILY_MEETING: _L.FAMILY,
    _M.EQUIPMENT: _L.DESTINATION, _M.TRANSPORT: _L.TRANSPORT, _M.SUMMARY: _L.PAPERWORK, _M.OTHER: _L.MEDICAL,
}  # fmt: skip
_WORST = (Light.RED, Light.AMBER, Light.GREEN, Light.GRAY)


@dataclass(frozen=True, slots=True)
class Said:
    """What one fact says of a light, and the words that say why."""

    light: LightName
    state: Light
    why: str


@dataclass(frozen=True, slots=True)
class OpenBarrier:
    """A barrier in the way. One that waits for somebody else blocks only once its due time is over."""

    kind: BarrierKind
    words: str
    waiting: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone that counts: done, or open and perhaps overdue."""

    kind: MilestoneKind
    words: str
    done: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """All that the plan itself knows; `lent` is what other features say. Empty texts: nothing is known."""

    ready_since: str = ""
    ordered_since: str = ""
    going_to: CareType | None = None
    agreed_with: str = ""
    barriers: Sequence[OpenBarrier] = ()
    steps: Sequence[Step] = ()
    lent: Sequence[Said] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class LightShown:
    """A light with the sentence that says why it is as it is."""

    name: LightName
    state: Light
    why: str


def lights(facts: PlanFacts) -> list[LightShown]:
    """All lights, in the order of the board."""
    said = [*facts.lent, *_of_barriers(facts), *_of_steps(facts), *_of_plan(facts)]
    return [_shown(name, [one for one in said if one.light is name]) for name in LightName]


def _shown(name: LightName, said: Sequence[Said]) -> LightShown:
    """The worst state wins, and the sentence names what made it so. Nothing settled by one fact hides another."""
    if not said:
        return LightShown(name, Light.GRAY, "Nothing is recorded.")
    state = next(one for one in _WORST if any(each.state is one for each in said))
    words = list(dict.fromkeys(each.why for each in said if each.state is state))
    return LightShown(name, state, f"{'; '.join(words)}.")


def _of_barriers(facts: PlanFacts) -> list[Said]:
    found = []
    for one in facts.barriers:
        if one.overdue:
            found.append(Said(OF_BARRIER[one.kind], Light.RED, f"{one.words}: overdue"))
        elif one.waiting:
            found.append(Said(OF_BARRIER[one.kind], Light.AMBER, f"{one.words}: waiting"))
        else:
            found.append(Said(OF_BARRIER[one.kind], Light.RED, f"{one.words}: open"))
    return found


def _of_steps(facts: PlanFacts) -> list[Said]:
    found = []
    for one in facts.steps:
        if one.done:
            found.append(Said(OF_MILESTONE[one.kind], Light.GREEN, f"{one.words}: done"))
        elif one.overdue:
            found.append(Said(OF_MILESTONE[one.kind], Light.RED, f"{one.words}: overdue"))
        else:
            found.append(Said(OF_MILESTONE[one.kind], Light.AMBER, f"{one.words}: open"))
    return found


def _of_plan(facts: PlanFacts) -> list[Said]:
    found = []
    if facts.ready_since:
        found.append(Said(_L.MEDICAL, Light.GREEN, f"Medically ready since {facts.ready_since}"))
    else:
        found.append(Said(_L.MEDICAL, Light.AMBER, "No physician has said that the patient is ready"))
    if facts.ordered_since:
        found.append(Said(_L.PAPERWORK, Light.GREEN, f"Discharge order of {facts.ordered_since}"))
    elif facts.ready_since:
        found.append(Said(_L.PAPERWORK, Light.AMBER, "Ready, and the discharge order is not written"))
    if facts.agreed_with:
        found.append(Said(_L.FAMILY, Light.GREEN, f"Agreed with {facts.agreed_with}"))
    return [*found, *_of_destination(facts)]


def _of_destination(facts: PlanFacts) -> list[Said]:
    if facts.going_to is None:
        return [Said(_L.DESTINATION, Light.AMBER, "No disposition is set")]
    place = facts.going_to.label
    if facts.going_to in WITHOUT_PROVIDER:
        return [
            Said(_L.DESTINATION, Light.GREEN, f"{place}: nobody has to accept"),
            Said(_L.PAYER, Light.GRAY, f"{place}: no payer has to agree"),
        ]
    if any(one.light is _L.DESTINATION and one.state is Light.GREEN for one in facts.lent):
        return []
    return [Said(_L.DESTINATION, Light.AMBER, f"{place}: no place is booked")]
