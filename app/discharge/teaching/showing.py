"""Teaching in words: the fields of each kind of record, its headline, its facts, and the form that changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from app.census.united import Subject
from app.discharge.teaching import rules
from app.discharge.teaching.queries import Version
from app.discharge.teaching.terms import Change, Hindrance, Learner, Method, RecordKind, Strain, TeachBack
from app.kernel.wording import dated_text, day_text, full_text, iso_text
from app.platform.work import Reading
from app.web.forms import FormState


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record. `seldom` ones stand behind a fold."""

    name: str
    label: str
    kind: str = "text"
    choices: Any = None  # an enumeration whose members have a label
    empty: str = ""
    hint: str = ""
    seldom: bool = False


_F = Field
FIELDS: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.TOPIC: (
        _F("topic", "Topic", hint="such as heart failure at home, insulin"),
        _F("teach_back", "Teach-back", "select", TeachBack),
        _F("red_flags", "Signs of danger, and what to do then", "area"),
        _F("learner", "Taught to", "segmented", Learner),
        _F("method", "How", "segmented", Method),
        _F("learner_name", "Name of the caregiver", seldom=True),
        _F("language", "Language", hint="if not English", seldom=True),
        _F("interpreter", "Interpreter", hint="name or number", seldom=True),
        _F("taught_by", "Taught by", hint="empty: you", seldom=True),
    ),
    RecordKind.MEDICINE: (
        _F("name", "Medicine"), _F("dose", "Dose and times"), _F("purpose", "What it is for"),
        _F("change", "Since before the stay", "segmented", Change),
        _F("hindrance", "What stands in the way", "select", Hindrance, empty="Nothing"),
        _F("hindrance_words", "More about it", seldom=True),
        _F("program", "Assistance program applied for", seldom=True),
        _F("applied_on", "Applied on", "date", seldom=True),
        _F("renews_on", "To be renewed by", "date", seldom=True),
    ),
    RecordKind.CAREGIVER: (
        _F("name", "Name"), _F("relation", "Relation to the patient"),
        _F("trained_in", "Trained in", "area"),
        _F("strain", "How it is for the caregiver", "select", Strain, empty="Not asked",
           hint="one question of this house: How are you managing?"),
        _F("available", "Available when"),
    ),
    RecordKind.CRISIS: (
        _F("warning_signs", "Signs that it gets worse", "area"), _F("coping", "What helps alone", "area"),
        _F("supports", "Who can help", "area"), _F("contacts", "Whom to call", "area"),
    ),
    RecordKind.GOAL: (
        _F("goal", "In the patient's own words", "area"), _F("first_step", "First step", "area"),
    ),
    RecordKind.HANDED_OVER: (
        _F("what", "What was given"), _F("language", "In which language"), _F("to_whom", "To whom"),
    ),
}  # fmt: skip
HEADLINE = {
    RecordKind.TOPIC: "topic", RecordKind.MEDICINE: "name", RecordKind.CAREGIVER: "name",
    RecordKind.CRISIS: "", RecordKind.GOAL: "goal", RecordKind.HANDED_OVER: "what",
}  # fmt: skip
SECTIONS = (
    (RecordKind.TOPIC, "Teaching and teach-back", "Record teaching"),
    (RecordKind.MEDICINE, "Medicines after the stay", "Add a medicine"),
    (RecordKind.CAREGIVER, "Caregivers", "Add a caregiver"),
    (RecordKind.GOAL, "Patient's own goals", "Add a goal"),
    (RecordKind.CRISIS, "Crisis plan", "Write the crisis plan"),
    (RecordKind.HANDED_OVER, "Handed over", "Record what was given"),
)


def headline(kind: RecordKind, content: Mapping[str, Any]) -> str:
    """What a record is called in a list."""
    name = HEADLINE[kind]
    return str(content.get(name) or "") if name else kind.label


def facts(kind: RecordKind, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else was said, with its label; only what was said."""
    found = [(one.label, _text(one, content.get(one.name))) for one in FIELDS[kind] if one.name != HEADLINE[kind]]
    return [(label, text) for label, text in found if text]


def _text(field: Field, value: Any) -> str:
    if value in (None, ""):
        return ""
    if field.kind == "date":
        return day_text(date.fromisoformat(value), date.min)
    if field.choices is not None:
        return str(field.choices(value).label)
    return str(value)


def page_context(db: Reading, stay: Subject, found: Sequence[Version], form: FormState) -> dict[str, Any]:
    """Everything of the page but what the viewer may do. `form` is one that could not be carried out, if any."""
    sections = [
        {
            "kind": kind.value,
            "title": title,
            "deed": deed,
            "sub": _sub(kind, [one.content for one in found if one.stands and one.kind == kind], db, stay),
            "records": [
                record_words(one, found, stay.zone, db)
                for one in found if one.kind == kind and one.ended_because != "amended"
            ],
            "form": form if form.id == kind.value else FormState(given=usual(kind), id=kind.value),
            "fields": form_fields(kind),
            "single": kind is RecordKind.CRISIS,
        }
        for kind, title, deed in SECTIONS
    ]  # fmt: skip
    return {"stay_id": str(stay.encounter_id), "sections": sections, "form": form}


def _sub(kind: RecordKind, contents: Sequence[Mapping[str, Any]], db: Reading, stay: Subject) -> str:
    """The line beside a heading."""
    if kind is RecordKind.MEDICINE and contents:
        count = rules.burden(contents)
        held = sum(1 for one in contents if one.get("hindrance"))
        due = rules.renewals(contents, stay.day(db.now))
        parts = [f"{count} to take" + (", a long list" if count >= rules.MANY_MEDICINES else "")]
        parts += [f"{held} with something in the way"] if held else []
        parts += (
            [f"renew a program by {day_text(date.fromisoformat(str(due[0]['renews_on'])), date.min)}"] if due else []
        )
        return " · ".join(parts)
    if kind is RecordKind.TOPIC and contents:
        return f"{sum(1 for one in contents if rules.taught_back(one))} of {len(contents)} said back in full"
    return {
        RecordKind.CRISIS: "where behavioral health needs one",
        RecordKind.GOAL: "they lead the plan",
    }.get(kind, "")


def record_words(one: Version, found: Sequence[Version], zone: ZoneInfo, db: Reading) -> dict[str, Any]:
    """A record as a list shows it, with its earlier versions."""
    kind = RecordKind(one.kind)
    before = [old for old in found if old.record_id == one.record_id and old.id != one.id]
    good = kind is RecordKind.TOPIC and rules.taught_back(one.content)
    return {
        "record_id": str(one.record_id),
        "name": headline(kind, one.content),
        "stands": one.stands,
        "good": good,
        "when": {"text": dated_text(one.at, zone, db.now), "iso": iso_text(one.at, zone),
                 "full": full_text(one.at, zone)},
        "facts": facts(kind, one.content),
        "by": _by(one, zone, db),
        "ended": _ended(one, zone, db),
        "before": [{"text": _in_one_line(kind, old.content), "ended": _ended(old, zone, db)} for old in before],
    }  # fmt: skip


def _in_one_line(kind: RecordKind, content: Mapping[str, Any]) -> str:
    return "; ".join([headline(kind, content), *(f"{label}: {text}" for label, text in facts(kind, content))])


def _by(one: Version, zone: ZoneInfo, db: Reading) -> str:
    why = f"; corrected: {one.made_because}" if one.made_because else ""
    return f"entered {dated_text(one.made_at, zone, db.now)} by {one.made_by or 'the program'}{why}"


def _ended(one: Version, zone: ZoneInfo, db: Reading) -> str:
    if one.ended_at is None:
        return ""
    how = one.ended_because.replace("_", " ")
    return f"{how} {dated_text(one.ended_at, zone, db.now)} by {one.ended_by or 'the program'}: {one.ended_reason}"


def form_fields(kind: RecordKind) -> list[dict[str, Any]]:
    """The fields of a form, ready for the macros."""
    return [
        {"name": one.name, "label": one.label, "kind": one.kind, "seldom": one.seldom,
         "more": {"hint": one.hint, "maxlength": "160" if one.kind == "text" else ""},
         "choices": ([{"value": "", "label": one.empty}] if one.empty else [])
         + [{"value": word.value, "label": word.label} for word in one.choices or ()]}
        for one in FIELDS[kind]
    ]  # fmt: skip


def usual(kind: RecordKind) -> dict[str, str]:
    """What a form says before somebody says otherwise."""
    if kind is RecordKind.TOPIC:
        return {"learner": Learner.PATIENT.value, "method": Method.SPOKEN.value, "teach_back": TeachBack.FULL.value}
    if kind is RecordKind.MEDICINE:
        return {"change": Change.SAME.value}
    return {}


def of_version(one: Version, zone: ZoneInfo) -> FormState:
    """The form as a recorded version fills it."""
    local = one.at.astimezone(zone)
    given = {name: "" if value is None else str(value) for name, value in one.content.items()}
    return FormState(given=given | {"on": f"{local:%Y-%m-%d}", "at": f"{local:%H:%M}"}, id="amend")
