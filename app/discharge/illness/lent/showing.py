"""Risk, assessment and serious illness in short: the card of the overview, lines of a brief, sections of packets."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from app.census.united import subject
from app.discharge.assessment import queries as assessments
from app.discharge.assessment.domains import POINTS
from app.discharge.assessment.showing import assessment_words
from app.discharge.illness import queries
from app.discharge.illness.stay.showing import planning_words
from app.discharge.illness.terms import CaseState, MeetingOutcome, MeetingState, PlanningState, Sign
from app.discharge.instruments.computing import Stored, stored
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading
from app.security.viewer import Viewer
from app.web.packets import Block, Section

PLACE = 16
_TONES = {"high": "red", "moderate": "amber", "complex": "red"}


def card(db: Reading, _viewer: Viewer, encounter_id: uuid.UUID) -> dict[str, Any]:
    """LACE so far, tier, advance-care planning and the lane, each with the way to its parts."""
    held = stored(db, [encounter_id]).get(encounter_id, {})
    plan = queries.plannings(db, [encounter_id]).get(encounter_id)
    case = queries.cases(db, [encounter_id]).get(encounter_id)
    signed = assessments.standing(db, [encounter_id]).get(encounter_id, [])
    state = PlanningState(plan.state) if plan else PlanningState.UNKNOWN
    chips = []
    if lace := held.get("lace"):
        chips.append(
            {"text": f"LACE {_total(lace)} {lace.kind}", "tone": _TONES.get(lace.band, "gray"), "icon": "wave"}
        )
    if tier := held.get("complexity"):
        chips.append({"text": f"tier {tier.band}", "tone": _TONES.get(tier.band, "gray"), "icon": "flag"})
    tone = {"conflicting": "red", "documented": "green"}.get(state.value, "gray")
    chips.append({"text": f"advance care: {state.label}", "tone": tone, "icon": "doc"})
    if case is not None and case.stands is not CaseState.GONE:
        chips.append({"text": f"signs {case.stands.label}", "tone": "amber" if case.state == "found" else "gray",
                      "icon": "heart"})  # fmt: skip
    stay = subject(db, encounter_id)
    last = signed[0].signed_at if signed else None
    return {"chips": chips, "href": f"/encounters/{encounter_id}/assessment",
            "assessed": dated_text(last, stay.zone, db.now) if last else "",
            "goals": signed[0].content.goals if signed else ""}  # fmt: skip


def _total(one: Stored) -> str:
    return str(one.total) if one.total is not None else f"{one.at_least}+"


def brief_lines(db: Reading, stays: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """What whoever takes over must know: high risk, what was found, signs that wait, a planned meeting."""
    held, cases = stored(db, stays), queries.cases(db, stays)
    signed, meetings = assessments.standing(db, stays), queries.meetings(db, stays)
    found: dict[uuid.UUID, list[str]] = {}
    for stay in stays:
        lines: list[str] = []
        lace = held.get(stay, {}).get("lace")
        if lace is not None and lace.band == "high":
            lines.append(f"LACE {_total(lace)}, {lace.kind}")
        if signed.get(stay):
            content = signed[stay][0].content
            lines += [", ".join(POINTS[code].text.lower() for code in content.points)] if content.points else []
            lines += [f"Wants: {content.goals}"] if content.goals else []
        case = cases.get(stay)
        if case is not None and case.stands in (CaseState.FOUND, CaseState.CONSULT_ORDERED):
            lines.append(f"Serious illness: {case.stands.label}")
        planned = [one for one in meetings.get(stay, []) if one.state == MeetingState.PLANNED and one.planned_at]
        zone = subject(db, stay).zone if planned else None
        lines += [f"Family meeting {dated_text(one.planned_at, zone, db.now)}" for one in planned
                  if zone is not None and one.planned_at is not None]  # fmt: skip
        if lines:
            found[stay] = lines
    return found


def sections(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    """The assessment that stands, scores with their parts, advance-care planning with meetings."""
    stay = subject(db, encounter_id)
    found = []
    signed = assessments.standing(db, [stay.encounter_id]).get(stay.encounter_id, [])
    if signed:
        words = assessment_words(signed[0], stay, db)
        facts = [(domain["title"], ". ".join([*domain["points"], *([domain["note"]] if domain["note"] else [])]))
                 for domain in words["domains"]]  # fmt: skip
        facts += [(fact["label"], fact["value"]) for fact in words["facts"]]
        heading = f"{words['title']}, {words['by']}"
        found.append(Section("assessment", "Discharge planning assessment", PLACE, (Block(heading, facts),)))
    scores = stored(db, [stay.encounter_id]).get(stay.encounter_id, {})
    lines = [(name.replace("_", " ").upper() if name != "complexity" else "Complexity",
              f"{_total(one)}, {one.band or 'incomplete'} {one.kind}".strip())
             for name, one in sorted(scores.items())]  # fmt: skip
    if lines:
        found.append(Section("risk", "Risk scores", PLACE + 1, (Block(facts=lines),)))
    return [*found, *_planning(db, encounter_id)]


def _planning(db: Reading, encounter_id: uuid.UUID) -> Sequence[Section]:
    stay = subject(db, encounter_id)
    blocks = []
    plan = queries.plannings(db, [stay.encounter_id]).get(stay.encounter_id)
    if plan is not None:
        words = planning_words(plan, stay, db)
        facts = [(fact["label"], fact["value"]) for fact in words["facts"]]
        blocks.append(Block(f"Advance-care planning: {words['state']}", facts, tuple(words["wrong"])))
    for one in queries.meetings(db, [stay.encounter_id]).get(stay.encounter_id, []):
        if one.state == MeetingState.HELD and one.held_at is not None:
            facts = [("Outcome", MeetingOutcome(one.outcome).label), ("Present", one.present), ("Agreed", one.agreed)]
            day = day_text(stay.day(one.held_at), stay.day(db.now))
            blocks.append(Block(f"Family meeting {day}", [fact for fact in facts if fact[1]]))
    signs = queries.standing_signs(db, [stay.encounter_id]).get(stay.encounter_id, [])
    if signs:
        blocks.append(Block("Signs of serious illness", [(Sign(one.sign).label, one.evidence) for one in signs]))
    return [Section("goals", "Goals of care", PLACE + 2, tuple(blocks))] if blocks else []
