"""The tab Assessment as a page shows it: the screen, requests, assessments, scores with their parts."""

import uuid
from typing import Any

import msgspec

from app.census.united import Subject
from app.discharge.assessment import queries
from app.discharge.assessment.domains import DOMAINS, POINTS, social_codes
from app.discharge.assessment.queries import ScreenVersion, Version
from app.discharge.assessment.rules import needs_known, service_label
from app.discharge.assessment.terms import AskedBy, AssessmentKind, Discussed, Need, ScreenState
from app.discharge.instruments.commands import COUNTS, WIDE, YES_NO
from app.discharge.instruments.computing import scores_of
from app.discharge.instruments.known import StayKnown, known_of
from app.discharge.instruments.rules import lace
from app.discharge.instruments.scores import ECOG_WORDS, SCORES
from app.discharge.instruments.terms import Input, Instrument, Part, Score, Source
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

NEEDS = [{"value": one.value, "label": one.label} for one in Need]
ASKERS = [{"value": one.value, "label": one.label} for one in AskedBy]
YES = [{"value": "", "label": "Not known"}, {"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]
_TONES = {"high": "red", "likely": "red", "complex": "red", "moderate": "amber", "intermediate": "amber"}
_ANSWERS = """
select r.id, r.question, r.value, r.taken_at, coalesce(nullif(r.taken_by, ''), u.display_name, ''), r.source_system
from risk_answer r left join app_user u on u.id = r.made_by
where r.encounter_id = %s and r.ended_at is null order by r.taken_at desc, r.question
"""


class _Answer(msgspec.Struct):
    id: uuid.UUID
    question: str
    value: str
    taken_at: Any
    by: str
    system: str


def tab(db: Reading, viewer: Viewer, stay: Subject) -> dict[str, Any]:
    """Everything that the tab shows."""
    may = db.as_of is None and stay.facility_id in viewer.facilities_with(Permission.PLAN_WRITE)
    stay_known = known_of(db, [stay.encounter_id])[stay.encounter_id]
    made = queries.assessments(db, stay.encounter_id)
    signed = [one for one in made if one.ended_at is None and one.state == "signed"]
    draft = queries.draft(db, stay.encounter_id)
    return {
        "stay_id": str(stay.encounter_id),
        "may_write": may,
        "part": "assessment",
        "needs": NEEDS,
        "askers": ASKERS,
        "screen": screen_context(db, stay, stay_known),
        "latest": assessment_words(signed[0], stay, db) if signed else None,
        "earlier": [_line(one, stay, db) for one in made if one.ended_at is None and one not in signed[:1]],
        "draft": f"{draft.made_by or 'the program'}, {dated_text(draft.made_at, stay.zone, db.now)}" if draft else "",
        "scores": [score_words(one, stay, db) for one in scores_of(stay_known.known)],
        "asked": _asked(stay_known),
        "answers": _answers(db, stay),
        "instruments": [{"value": one.instrument.value, "label": f"{one.instrument.label}, {one.range_text}"}
                        for one in SCORES.values()],
        "ecog": ECOG_WORDS,
    }  # fmt: skip


def screen_context(db: Reading, stay: Subject, known: StayKnown) -> dict[str, Any]:
    """The screen that stands, what the facts propose for a new one, requests, and what was struck out."""
    versions = queries.screens(db, stay.encounter_id)
    standing = [one for one in versions if one.ended_at is None]
    kept = [one for one in standing if one.state != ScreenState.STRUCK_OUT]
    screen = next((one for one in kept if one.kind == "screen"), None)
    proposed = needs_known(known.known, lace(known.known), recent=known.recent, admit_source=known.admit_source)
    return {
        "made": _screen(screen, versions, stay, db) if screen else None,
        "requests": [_screen(one, versions, stay, db) for one in kept if one.kind == "request"],
        "struck": [_screen(one, versions, stay, db) for one in standing if one.state == ScreenState.STRUCK_OUT],
        "proposed": [one.value for one in proposed],
        "proposed_words": ", ".join(one.label.lower() for one in proposed),
    }


def _screen(one: ScreenVersion, versions: list[ScreenVersion], stay: Subject, db: Reading) -> dict[str, Any]:
    before = [old for old in versions if old.screening_id == one.screening_id and old.ended_at is not None]
    return {
        "id": str(one.screening_id),
        "positive": one.state == ScreenState.POSITIVE,
        "asked_by": AskedBy(one.asked_by).label.lower() if one.asked_by else "",
        "chosen": one.needs,
        "needs": ", ".join(Need(code).label.lower() for code in one.needs if code in set(Need)),
        "note": one.note,
        "by": one.found_by or "the program",
        "at": dated_text(one.found_at, stay.zone, db.now),
        "because": one.made_because,
        "changed": f"{one.made_by or 'the program'}, {dated_text(one.made_at, stay.zone, db.now)}",
        "before": [f"{old.state.replace('_', ' ')}, {dated_text(old.made_at, stay.zone, db.now)}, "
                   f"{', '.join(Need(code).label.lower() for code in old.needs) or 'no need named'}" for old in before],
    }  # fmt: skip


def assessment_words(one: Version, stay: Subject, db: Reading) -> dict[str, Any]:
    """One version of an assessment in words."""
    content = one.content
    domains = [
        {"title": domain.title, "note": content.notes.get(domain.code, ""),
         "points": [_point(point.code) for point in domain.points if point.code in content.points]}
        for domain in DOMAINS
        if content.notes.get(domain.code) or any(point.code in content.points for point in domain.points)
    ]  # fmt: skip
    facts = (
        ("Patient's goals", content.goals), ("Preferences", content.preferences), ("Caregiver", content.caregiver),
        ("Likely services", ", ".join(service_label(code) for code in content.services)),
        ("Availability", content.availability), ("Access", content.access),
        ("Discussed with", _discussed(one, stay, db)),
        ("Codes of social needs", ", ".join(social_codes(frozenset(content.points)))),
    )  # fmt: skip
    return {
        "id": str(one.assessment_id), "title": AssessmentKind(one.kind).label, "state": one.state.replace("_", " "),
        "by": _signed(one, stay, db) or one.made_by,
        "because": one.made_because, "domains": domains, "stands": one.state == "signed",
        "facts": [{"label": label, "value": value} for label, value in facts if value],
        "made": f"{one.made_by}, {dated_text(one.made_at, stay.zone, db.now)}",
    }  # fmt: skip


def _signed(one: Version, stay: Subject, db: Reading) -> str:
    return f"{one.signed_by or 'the program'}, {dated_text(one.signed_at, stay.zone, db.now)}" if one.signed_at else ""


def _point(code: str) -> str:
    point = POINTS[code]
    return f"{point.text} ({point.icd})" if point.icd else point.text


def _discussed(one: Version, stay: Subject, db: Reading) -> str:
    if not one.discussed or one.discussed_at is None:
        return ""
    whom = Discussed(one.discussed).label.lower()
    named = f" ({one.discussed_with})" if one.discussed_with else ""
    return f"{whom}{named}, {dated_text(one.discussed_at, stay.zone, db.now)}"


def _line(one: Version, stay: Subject, db: Reading) -> dict[str, str]:
    return {
        "id": str(one.assessment_id), "title": AssessmentKind(one.kind).label, "state": one.state.replace("_", " "),
        "by": _signed(one, stay, db),
    }  # fmt: skip


def score_words(one: Score, stay: Subject, db: Reading) -> dict[str, Any]:
    """A score with its parts, in words; an incomplete one says what is missing instead of a band."""
    total = str(one.total) if one.total is not None else f"{one.at_least} or more"
    missing = ", ".join(Input(part.code).label for part in one.parts if part.points is None)
    return {
        "id": one.instrument.value, "label": one.instrument.label, "total": total, "kind": one.kind,
        "band": one.band or "incomplete", "tone": _TONES.get(one.band, "gray"), "missing": missing,
        "meaning": one.meaning, "citation": f"{one.citation}, {one.version}",
        "parts": [_part(part, stay, db) for part in one.parts],
    }  # fmt: skip


def _part(part: Part, stay: Subject, db: Reading) -> dict[str, str]:
    said = f"{part.by}, {dated_text(part.at, stay.zone, db.now)}" if part.at is not None else ""
    words = {Source.AUTO: "from facts", Source.MANUAL: said or "answered", Source.MISSING: "not known"}
    return {"label": part.label, "value": part.value, "points": "–" if part.points is None else str(part.points),
            "source": words[part.source]}  # fmt: skip


def _asked(stay: StayKnown) -> list[dict[str, Any]]:
    """The questions that the feed leaves open, each with the kind of its field and what stands."""
    said = stay.known.answers
    found = []
    for one in Input:
        if one not in YES_NO and one not in WIDE and one not in COUNTS:
            continue
        kind = "yes" if one in YES_NO else "count" if one in COUNTS else "number"
        found.append({"name": one.value, "label": one.label, "kind": kind, "max": str(COUNTS.get(one, "")),
                      "value": said[one.value].text if one.value in said else ""})  # fmt: skip
    return found


def _answers(db: Reading, stay: Subject) -> list[dict[str, str]]:
    rows = db.rows(_Answer, _ANSWERS, (stay.encounter_id,))
    return [
        {"id": str(row.id), "label": _label(row.question), "value": row.value, "band": _band(row),
         "by": f"{row.by}, {dated_text(row.taken_at, stay.zone, db.now)}", "system": row.system}
        for row in rows
    ]  # fmt: skip


def _label(question: str) -> str:
    return Instrument(question).label if question in set(Instrument) else Input(question).label


def _band(row: _Answer) -> str:
    only = SCORES.get(Instrument(row.question)) if row.question in set(Instrument) else None
    return only.band(int(row.value)) if only else ""
