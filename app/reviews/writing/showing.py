"""What the page of a review shows: the points with their letters, what they come to, the summary, the outcome."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import Subject
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text, day_text, full_text, iso_text
from app.platform.work import Reading
from app.reviews import rules
from app.reviews.criteria.rules import bounds_text, letters
from app.reviews.criteria.terms import CriteriaSet, Evaluation, Measure, Point, ReviewKind
from app.reviews.exemptions.queries import policies
from app.reviews.judging import LICENSED, assess, set_of_form
from app.reviews.licensed.queries import licensed_products
from app.reviews.licensed.rules import warnings
from app.reviews.licensed.terms import LicensedOutcome, LicensedReference
from app.reviews.queries import Version
from app.reviews.terms import LevelOfCare, Outcome
from app.reviews.writing.filling import Opened
from app.reviews.writing.reading import MOMENT, VALUE, Typed
from app.web.changes import Change, changes_since
from app.web.forms import FormState

OUTCOME_TONES = {Outcome.MET: ("green", "check"), Outcome.NOT_MET: ("red", "x"), Outcome.PENDING: ("amber", "hour")}
FORM_ID = "rv"


class Pressed(msgspec.Struct):
    """What was ticked, measured and dated so far."""

    for_day: date
    criteria: str
    points: list[str] = []
    values: dict[str, str] = {}
    moments: dict[str, str] = {}


def pressed(typed: Typed, day: date) -> Pressed:
    """The part of a form to which the criteria are applied."""

    def under(prefix: str) -> dict[str, str]:
        return {name.removeprefix(prefix): texts[0] for name, texts in typed.items()
                if name.startswith(prefix) and texts}  # fmt: skip

    return Pressed(day, _first(typed, "criteria"), list(typed.get("points", ())), under(VALUE), under(MOMENT))


def _first(typed: Typed, name: str) -> str:
    return (typed.get(name) or [""])[0]


# --- what the points come to ------------------------------------------------------------------------------------------


def verdict(db: Reading, stay: Subject, typed: Typed, day: date) -> dict[str, Any]:
    """What is ticked comes to this, in words. `says` is the outcome that follows; empty while there is none."""
    ask = pressed(typed, day)
    if ask.criteria == LICENSED:
        return _by_licence(db, stay, typed, day)
    try:
        _, _, found = assess(db, stay, ask)
    except Refused as refused:
        return {"tone": "red", "icon": "alert", "text": "Not understood", "sentences": [refused.sentence], "says": ""}
    return verdict_of(found)


def _by_licence(db: Reading, stay: Subject, typed: Typed, day: date) -> dict[str, Any]:
    """What the licensed product says, and why its release may not convince the payer."""
    said = _first(typed, "licensed-outcome")
    says = {"met": "met", "met_with_secondary_review": "met", "not_met": "not_met"}.get(said, "")
    product, release = _first(typed, "licensed-product").strip(), _first(typed, "licensed-release").strip()
    sentences: list[str] = []
    if product and release:
        payer = db.value("select payer_code from encounter where id = %s", (stay.encounter_id,)) or ""
        given = LicensedReference(product=product, release=release, outcome=LicensedOutcome.MET)
        sentences = warnings(given, licensed_products(db, stay.facility_id), payer, day)
    return {"tone": "amber" if sentences else "gray", "icon": "alert" if sentences else "doc",
            "text": "As the licensed product says", "sentences": sentences, "says": says}  # fmt: skip


def verdict_of(found: Evaluation) -> dict[str, Any]:
    """What an evaluation comes to, in words."""
    count = len(found.met)
    points = "1 point" if count == 1 else f"{count} points" if count else "No point"
    sentences = [one.sentence for one in found.missing] + [one for one in found.needs if one not in
                 {missing.sentence for missing in found.missing}]  # fmt: skip
    if found.contradicted:
        return {"tone": "red", "icon": "alert", "text": "A point stands against its figure", "sentences": sentences,
                "says": ""}  # fmt: skip
    text = f"{points}: qualifies" if found.qualifies else f"{points}: does not qualify"
    tone, icon = ("green", "check") if found.qualifies else ("amber", "hour")
    says = Outcome.MET if found.qualifies else Outcome.NOT_MET
    return {"tone": tone, "icon": icon, "text": text, "sentences": sentences, "says": says.value}


# --- the points -------------------------------------------------------------------------------------------------------


def criteria_context(db: Reading, stay: Subject, one: Opened) -> dict[str, Any]:
    """The set with its points: those of the last review first where they are taken over, all of them otherwise."""
    offered = [{"value": f"{held.id} {held.version}", "label": held.title} for held in one.sets]
    offered.append({"value": LICENSED, "label": "Licensed product, by reference"})
    current = _first(one.typed, "criteria")
    try:
        held = None if current == LICENSED else set_of_form(db, stay.facility_id, current)
    except Refused:
        held = None
    groups = groups_of(held, one.typed) if held is not None else []
    points = [point for group in groups for point in group["points"]]
    shown = [point for point in points if point["checked"]] if one.from_last else []
    if first := next(iter([*shown, *points]), None):
        first["first"] = True  # where the hand begins
    return {
        "offered": [each | {"current": each["value"] == current} for each in offered],
        "criteria": current,
        "held": {"title": held.title, "version": held.version, "note": held.note, "source": held.source,
                 "count": len(held.points), "rule": rule_of(held)} if held else None,
        "shown": shown,
        "groups": [group | {"points": [p for p in group["points"] if p not in shown]} for group in groups],
        "products": _products(db, stay) if current == LICENSED else [],
        "licensed_outcomes": [{"value": each.value, "label": each.label} for each in LicensedOutcome],
    }  # fmt: skip


def rule_of(held: CriteriaSet) -> str:
    """How many points the set asks for, in words."""
    if any(group.need for group in held.groups):
        return "every part has to be shown"
    return "one point is enough" if held.at_least == 1 else f"{held.at_least} points are needed"


def groups_of(held: CriteriaSet, typed: Typed) -> list[dict[str, Any]]:
    """The points of a set under their headings, each with its key and what was typed about it."""
    keys, ticked = letters(held), frozenset(typed.get("points", ()))
    return [
        {"title": group.title, "count": len(held.of_group(group.code)),
         "points": [_point(point, keys[point.code], typed, ticked) for point in held.of_group(group.code)]}
        for group in held.groups
    ]  # fmt: skip


def _point(point: Point, key: str, typed: Typed, ticked: frozenset[str]) -> dict[str, Any]:
    measures = [_measure(one, typed) for one in point.measures]
    moment = _first(typed, f"{MOMENT}{point.code}")
    return {
        "code": point.code,
        "letter": key,
        "text": point.text,
        "note": point.note,
        "checked": point.code in ticked,
        "measures": measures,
        "event": point.window.event if point.window is not None else "",
        "moment": moment,
        "first": False,
    }


def _measure(one: Measure, typed: Typed) -> dict[str, str]:
    return {"name": one.name, "label": one.label, "unit": one.unit, "step": f"{one.step:f}",
            "value": _first(typed, f"{VALUE}{one.name}"), "bounds": bounds_text(one)}  # fmt: skip


def _products(db: Reading, stay: Subject) -> list[dict[str, Any]]:
    return [{"product": one.product, "release": one.release, "subsets": list(one.subsets)}
            for one in licensed_products(db, stay.facility_id)]  # fmt: skip


# --- the rest of the form ---------------------------------------------------------------------------------------------


def form_context(db: Reading, stay: Subject, one: Opened, state: FormState) -> dict[str, Any]:
    """Everything else of the form."""
    zone, now = stay.zone, db.now
    given = {name: texts[0] for name, texts in one.typed.items() if texts}
    state.given, state.id = given | {"kind": one.kind.value, "for_day": one.day.isoformat()}, FORM_ID
    today = now.astimezone(zone).date()
    next_on = given.get("next_review_on", "")
    return {
        "form": state,
        "name": rules.name_of(one.kind),
        "kind": one.kind.value,
        "day": {"iso": one.day.isoformat(), "text": day_text(one.day, today)},
        "carried": [text for text in one.typed.get("carried", ()) if text],
        "carried_from": dated_text(one.last.signed_at, zone, now) if one.last else "",
        "levels": [{"value": "", "label": "Not said"}, *({"value": level.value, "label": level.label}
                   for level in LevelOfCare)],
        "exemptions": [{"value": "", "label": "None: refer to the physician advisor"},
                       *({"value": each.code, "label": each.label} for each in policies(db, stay.facility_id))],
        "usual_question": _usual_question(one.kind),
        "proposal": one.proposal.because,
        "next_shown": day_text(date.fromisoformat(next_on), today) if _is_day(next_on) else "",
        "asks_next": one.kind not in (ReviewKind.RETROSPECTIVE, ReviewKind.PRE_ADMISSION),
        "changes": changes_context(db, stay, one.last),
        "earlier": [line_of(each, zone, db) for each in one.made[:6]],
        "kinds": [{"value": kind.value, "label": rules.name_of(kind)} for kind in _kinds(one)],
    }  # fmt: skip


def _kinds(one: Opened) -> list[ReviewKind]:
    if one.stay.ended is not None:
        return [ReviewKind.RETROSPECTIVE]
    if one.stay.expected:
        return [ReviewKind.PRE_ADMISSION]
    return [ReviewKind.ADMISSION, ReviewKind.CONTINUED_STAY, ReviewKind.OBSERVATION]


def _usual_question(kind: ReviewKind) -> str:
    return f"{rules.name_of(kind)}: which level of care is needed?"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def changes_context(db: Reading, stay: Subject, last: Version | None) -> dict[str, Any]:
    """What changed since the last review was signed, or since the stay began."""
    since = last.signed_at if last is not None else stay.start_at
    if since is None:
        return {"since": "", "lines": []}
    found = changes_since(db, stay.encounter_id, since)
    return {"since": dated_text(since, stay.zone, db.now), "lines": [_change(one, stay.zone, db) for one in found]}


def _change(one: Change, zone: ZoneInfo, db: Reading) -> dict[str, str]:
    return {"label": one.label, "before": one.before, "after": one.after, "sentence": one.sentence,
            "at": dated_text(one.at, zone, db.now)}  # fmt: skip


def line_of(one: Version, zone: ZoneInfo, db: Reading) -> dict[str, Any]:
    """A review in one line: when, what about, what it said, by whom."""
    outcome = Outcome(one.outcome)
    tone, icon = OUTCOME_TONES[outcome]
    today = db.now.astimezone(zone).date()
    return {
        "id": str(one.review_id),
        "at": dated_text(one.signed_at, zone, db.now), "iso": iso_text(one.signed_at, zone),
        "full": full_text(one.signed_at, zone),
        "name": rules.name_of(one.kind_word), "day": day_text(one.for_day, today),
        "outcome": outcome.label, "tone": tone, "icon": icon, "by": one.signed_by, "state": one.now.label,
        "referred": one.referred, "standing": one.standing,
    }  # fmt: skip
