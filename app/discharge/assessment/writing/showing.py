"""The form of an assessment: the draft, or what the last one said, or nothing yet."""

from typing import Any

from app.census.united import Subject
from app.discharge.assessment import queries
from app.discharge.assessment.domains import DOMAINS, letters
from app.discharge.assessment.forms import NOTHING, WriteAssessment
from app.discharge.assessment.queries import Version
from app.discharge.assessment.rules import Content, differences
from app.discharge.assessment.terms import AssessmentKind, Discussed
from app.discharge.terms import CareType
from app.kernel.wording import dated_text
from app.platform.work import Reading
from app.web.forms import FormFields, FormState

NOTE = "note-"
DISCUSSED = [{"value": one.value, "label": one.label} for one in Discussed]


def read_notes(form: FormFields) -> dict[str, str]:
    """The words by domain that a form holds."""
    return {name.removeprefix(NOTE): form[name] for name in form if name.startswith(NOTE)}


def form_of(one: Version | None, stay: Subject) -> FormState:
    """What the fields show of a version: its words, and the talk where one is recorded."""
    if one is None:
        return FormState(id="as")
    content = one.content
    given = {f"{NOTE}{name}": text for name, text in content.notes.items()}
    given |= {"caregiver": content.caregiver, "goals": content.goals, "preferences": content.preferences,
              "availability": content.availability, "access": content.access,
              "discussed": one.discussed, "discussed_with": one.discussed_with}  # fmt: skip
    if one.discussed_at is not None:
        local = one.discussed_at.astimezone(stay.zone)
        given |= {"discussed_on": f"{local:%Y-%m-%d}", "discussed_clock": f"{local:%H:%M}"}
    return FormState(given=given, id="as")


def page_context(db: Reading, stay: Subject, content: Content, state: FormState) -> dict[str, Any]:
    """The form with its points, what the last assessment said otherwise, and the draft."""
    draft = queries.draft(db, stay.encounter_id)
    last = next(iter(queries.standing(db, [stay.encounter_id]).get(stay.encounter_id, [])), None)
    kind = AssessmentKind.REASSESSMENT if last else AssessmentKind.EVALUATION
    stands = draft or last
    return {
        "seen": state.given.get("seen") or (str(stands.id) if stands else NOTHING),
        "title_text": kind.label,
        "form": state,
        "groups": groups(content),
        "services": [{"value": one.value, "label": one.label, "checked": one.value in content.services}
                     for one in CareType],
        "discussed": DISCUSSED,
        "draft": dated_text(draft.made_at, stay.zone, db.now) if draft else "",
        "draft_by": draft.made_by if draft else "",
        "last": dated_text(last.signed_at, stay.zone, db.now) if last and last.signed_at else "",
        "differences": differences(last.content, content) if last else [],
        "stay_id": str(stay.encounter_id),
    }  # fmt: skip


def groups(content: Content) -> list[dict[str, Any]]:
    """The points under their domains, each with its key."""
    keys = letters()
    first = next(iter(keys))
    return [
        {"code": domain.code, "title": domain.title, "asks": domain.asks,
         "points": [{"code": point.code, "text": point.text, "icd": point.icd, "letter": keys.get(point.code, ""),
                     "checked": point.code in content.points, "first": point.code == first}
                    for point in domain.points]}
        for domain in DOMAINS
    ]  # fmt: skip


def content_of(ask: WriteAssessment) -> Content:
    """What somebody has written, as the page shows it again."""
    return Content(points=tuple(ask.points), notes=ask.notes, caregiver=ask.caregiver, goals=ask.goals,
                   preferences=ask.preferences, services=tuple(ask.services), availability=ask.availability,
                   access=ask.access)  # fmt: skip
