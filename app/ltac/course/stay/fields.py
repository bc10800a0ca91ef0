"""Records of a long-term stay in words: the fields of each kind, its headline and its facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.kernel.wording import day_text
from app.ltac.course.forms import ATTENDEES, GOALS
from app.ltac.course.rules.wounds import figure
from app.ltac.course.terms import (
    GoalStatus,
    Origin,
    Preventability,
    RecordKind,
    Stage,
    TransferReason,
    WoundKind,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `choices` is an enumeration whose members have a label, or pairs of value and label."""

    name: str
    label: str
    kind: str = "text"
    choices: Any = None
    empty: str = ""
    hint: str = ""
    seldom: bool = False
    unit: str = ""

    def options(self) -> list[dict[str, str]]:
        """The choices, ready for the macros."""
        first = [{"value": "", "label": self.empty}] if self.empty else []
        return first + [{"value": value, "label": label} for value, label in self.pairs()]

    def pairs(self) -> list[tuple[str, str]]:
        """Values with their labels."""
        if self.choices is None:
            return []
        return [one if isinstance(one, tuple) else (one.value, one.label) for one in self.choices]

    def text(self, value: Any) -> str:
        """A recorded value in words; empty where nothing was said."""
        if value is None or value == "" or (value is False and self.kind != "segmented"):
            return ""
        if self.kind == "date":
            return day_text(date.fromisoformat(value), date.min)
        if self.kind == "tick":
            return "yes"
        if self.choices is not None:
            said = str(value).lower() if isinstance(value, bool) else str(value)
            return dict(self.pairs()).get(said, "")
        if self.kind == "number":
            return f"{figure(float(value))} {self.unit}"
        return str(value)


_F = Field
GOAL_NAMES = {
    "medical": "Medical", "nursing": "Nursing and skin", "respiratory": "Breathing", "rehabilitation": "Therapy",
    "nutrition": "Nutrition and swallowing", "discharge": "Discharge",
}  # fmt: skip
ATTENDEE_NAMES = {
    "physician": "Physician", "nursing": "Nursing", "respiratory": "Respiratory therapy",
    "rehabilitation": "PT, OT, SLP", "case_management": "Case management", "others": "Others, family",
}  # fmt: skip
MET = (("true", "Met"), ("false", "Not met"))
GIVEN = (("true", "Given"), ("false", "Not given"))
PLANNED = (("false", "Not planned"), ("true", "Planned"))
FIELDS: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.WOUND: (
        _F("site", "Where", hint="such as sacrum, left heel"), _F("kind", "Kind", "select", WoundKind),
        _F("origin", "Present on admission", "segmented", Origin), _F("treatment", "Treatment", "area", seldom=True),
    ),
    RecordKind.WOUND_CHECK: (
        _F("stage", "Stage", "select", Stage, empty="None, or no pressure injury"),
        _F("length", "Length, cm", "number", unit="cm"), _F("width", "Width, cm", "number", unit="cm"),
        _F("depth", "Depth, cm", "number", unit="cm"), _F("healed", "Healed", "tick"),
        _F("tissue", "Tissue and drainage", seldom=True), _F("photo", "Photo", hint="where it is kept", seldom=True),
        _F("note", "In own words", "area", seldom=True),
        _F("next_on", "Next assessment", "date", hint="empty: in a week", seldom=True),
    ),
    RecordKind.CONFERENCE: (
        *(_F(name, ATTENDEE_NAMES[name]) for name in ATTENDEES),
        *(_F(f"goal_{name}", GOAL_NAMES[name]) for name in GOALS),
        *(_F(f"status_{name}", f"{GOAL_NAMES[name]}, standing", "select", GoalStatus) for name in GOALS),
        _F("decided", "Decided", "area"), _F("barriers", "In the way", "area"),
        _F("next_on", "Next conference", "date", hint="empty: in a week"),
    ),
    RecordKind.VALIDATION: (
        _F("met", "Admission criteria", "segmented", MET), _F("criterion", "Which criterion, and the facts", "area"),
        _F("judged_by", "Judged by"),
        _F("options", "Options for discharge that were assessed", "area", hint="where criteria are not met"),
    ),
    RecordKind.ORIENTATION: (
        _F("given", "Orientation", "segmented", GIVEN), _F("to_whom", "To whom", hint="name and relation"),
        _F("reason", "Why not", hint="where it was not given"), _F("topics", "What was explained", "area", seldom=True),
    ),
    RecordKind.TRANSFER: (
        _F("reason", "Reason", "select", TransferReason), _F("words", "In own words", "area"),
        _F("planned", "Planned", "segmented", PLANNED),
        _F("preventable", "Preventable", "select", Preventability, empty="Not judged yet"),
        _F("judged_because", "Why it is judged so", "area", seldom=True),
        _F("unit", "From unit", seldom=True), _F("where", "To hospital", seldom=True),
    ),
}  # fmt: skip


def headline(kind: RecordKind, content: Mapping[str, Any]) -> str:
    """What a record is called in a list."""
    if kind is RecordKind.WOUND:
        return f"{content['site']}: {WoundKind(content['kind']).label.lower()}"
    if kind is RecordKind.VALIDATION:
        return "Criteria met" if content["met"] else "Criteria not met"
    if kind is RecordKind.ORIENTATION:
        return f"Given to {content['to_whom']}" if content["given"] else f"Not given: {content['reason']}"
    if kind is RecordKind.TRANSFER:
        return TransferReason(content["reason"]).label
    return kind.label


_IN_HEADLINE = {
    RecordKind.WOUND: {"site", "kind"}, RecordKind.VALIDATION: {"met"}, RecordKind.TRANSFER: {"reason"},
    RecordKind.ORIENTATION: {"given", "to_whom", "reason"},
}  # fmt: skip


def facts(kind: RecordKind, content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What else was said, with its label; only what was said."""
    if kind is RecordKind.CONFERENCE:
        return _conference(content)
    said = _IN_HEADLINE.get(kind, set())
    found = [(one.label, one.text(content.get(one.name))) for one in FIELDS[kind] if one.name not in said]
    return [(label, text) for label, text in found if text]


def goals(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """The goals of a conference with how they stand; a part without a goal is left out."""
    return [
        {"name": GOAL_NAMES[name], "goal": str(content[f"goal_{name}"]),
         "status": GoalStatus(content[f"status_{name}"]).label, "value": str(content[f"status_{name}"])}
        for name in GOALS if content.get(f"goal_{name}")
    ]  # fmt: skip


def _conference(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    there = [f"{ATTENDEE_NAMES[name]}: {content[name]}" for name in ATTENDEES if content.get(name)]
    found = [("There", "; ".join(there))]
    found += [(one["name"], f"{one['goal']} ({one['status'].lower()})") for one in goals(content)]
    found += [("Decided", str(content["decided"])), ("In the way", str(content["barriers"]))]
    if content.get("next_on"):
        found.append(("Next", day_text(date.fromisoformat(content["next_on"]), date.min)))
    return [(label, text) for label, text in found if text]


def next_goals(content: Mapping[str, Any]) -> dict[str, str]:
    """What a new conference begins with, from the last one: who was there, goals that go on, what is in the way."""
    given = {name: str(content.get(name) or "") for name in (*ATTENDEES, "barriers")}
    for name in GOALS:
        status = GoalStatus(content[f"status_{name}"])
        if content.get(f"goal_{name}") and status not in (GoalStatus.MET, GoalStatus.DROPPED):
            given[f"goal_{name}"] = str(content[f"goal_{name}"])
            given[f"status_{name}"] = (GoalStatus.ON_THE_WAY if status is GoalStatus.NEW else status).value
    return given
