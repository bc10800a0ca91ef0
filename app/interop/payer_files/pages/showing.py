"""Words for the pages of the exchange: nothing but text that is ready to be shown."""

import contextlib
import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.interop.payer_files.queries import Candidate, InLine, ItemLine, OutLine, StepLine
from app.interop.payer_files.terms import FAILED, FOR_PEOPLE, Format, ItemKind, ItemState, Step
from app.interop.x12.segments import decode
from app.interop.x12.terms import Answer
from app.kernel.wording import dated_text, full_text, iso_text
from app.payers.authorizations.terms import AuthorizationState
from app.payers.requests.terms import Action, Days

KINDS = {
    "request": "Request", "cancellation": "Withdrawal", "admission": "Notice of admission",
    "discharge": "Notice of discharge", "inquiry": "Inquiry",
}  # fmt: skip
ITEM_KINDS = {
    ItemKind.DECISION: "Decision", ItemKind.REJECTION: "Not taken up", ItemKind.RECEIPT: "Receipt",
    ItemKind.ACKNOWLEDGEMENT: "Acknowledgement", ItemKind.UNREADABLE: "Not understood",
}  # fmt: skip
ACTIONS = {
    Action.CERTIFIED: "certified in total", Action.PARTIAL: "certified in part", Action.NOT_CERTIFIED: "not certified",
    Action.PENDED: "pended", Action.MODIFIED: "modified", Action.CANCELLED: "cancelled",
    Action.CONTACT_PAYER: "contact the payer", Action.NOT_REQUIRED: "no authorization needed",
}  # fmt: skip
LONGEST_TEXT = 200_000
LONGEST_SEGMENT = 2_000


def when(moment: datetime, zone: str, now: datetime) -> dict[str, str]:
    """An instant as the pages write it."""
    there = ZoneInfo(zone)
    return {"at": dated_text(moment, there, now), "iso": iso_text(moment, there), "full": full_text(moment, there)}


def out_text(one: OutLine, now: datetime) -> dict[str, Any]:
    """A file for a payer."""
    state = Step(one.step).label if one.step else "waits for its folder" if one.folder else "to be downloaded"
    late = when(one.step_at, one.timezone, now) if one.step_at else {"at": "", "iso": "", "full": ""}
    return {
        "href": f"/payer-files/out/{one.id}", "kind": KINDS[one.kind], "payer": one.payer_code,
        "trace": one.event_trace,
        "number": str(one.control), "test": one.usage == "T", "facility": one.facility, "by": one.made_by,
        "stay": f"/encounters/{one.encounter_id}", "made": when(one.made_at, one.timezone, now), "state": state,
        "bad": one.step in (Step.NOT_WRITTEN, *FAILED), "changed": late, "detail": one.detail,
        "format": Format(one.format).label, "name": one.name, "folder": one.folder,
    }  # fmt: skip


def days_text(days: Days) -> str:
    """Days by their first and last night, as the Payer tab tells them."""
    if days.count == 1:
        return f"{days.first:%-d %b %Y}, 1 day"
    return f"{days.first:%-d %b} to {days.until - timedelta(days=1):%-d %b %Y}, {days.count} days"


def step_text(one: StepLine, zone: str, now: datetime) -> dict[str, Any]:
    """A step of a file."""
    return when(one.at, zone, now) | {"what": Step(one.step).label.capitalize(), "detail": one.detail, "by": one.by}


def in_text(one: InLine, now: datetime) -> dict[str, Any]:
    """A file of a payer."""
    return when(one.received_at, one.timezone, now) | {
        "href": f"/payer-files/in/{one.id}", "name": one.name, "payer": one.payer_code, "facility": one.facility,
        "format": Format(one.format).label, "by": one.received_by, "parts": str(one.parts) if one.parts else "waits",
        "open": str(one.open) if one.open else "",
    }  # fmt: skip


def item_text(one: ItemLine, now: datetime, *, may_open: bool) -> dict[str, Any]:
    """A part of a payer's file and what became of it."""
    said = ACTIONS.get(Action(one.action)) if one.action in set(Action) else None
    return when(one.made_at, one.timezone, now) | {
        "id": str(one.id), "file": f"/payer-files/in/{one.file_id}", "kind": ITEM_KINDS[ItemKind(one.kind)],
        "said": said or "", "state": ItemState(one.state).label, "open": one.state in FOR_PEOPLE,
        "sentence": one.sentence, "reason": one.reason, "trace": one.event_trace, "by": one.made_by,
        "stay": f"/encounters/{one.encounter_id}" if one.encounter_id and may_open else "", "facility": one.facility,
        "decision": one.kind == ItemKind.DECISION,
    }  # fmt: skip


def candidate_text(one: Candidate, zone: str, now: datetime) -> dict[str, str]:
    """An authorization as a choice."""
    asked = f", asked {dated_text(one.asked_at, ZoneInfo(zone), now)}" if one.asked_at else ""
    state = AuthorizationState(one.state).label
    label = f"{one.family}, {one.given} · {one.visit_number} · {state}{asked}"
    return {"value": str(one.authorization_id), "label": label}


def segments(raw: bytes) -> list[dict[str, str]]:
    """The text of a file as lines: one for each segment, with the number by which reasons name it, or those of JSON."""
    text = decode(raw).lstrip("\ufeff \r\n")
    if text.startswith(("{", "[")):
        return [{"number": str(number), "text": _inset(_shown(row))}
                for number, row in enumerate(_json_lines(text), start=1)]  # fmt: skip
    text = text[:LONGEST_TEXT]
    terminator = text[105:106] if text.startswith("ISA") and len(text) > 105 else "~"
    parts = text.split(terminator) if terminator.strip() or terminator in "\r\n" else [text]
    rows = [one.replace("\r", "").replace("\n", "").strip() for one in parts]
    shown = [_shown(row) for row in rows if row]
    return [{"number": str(number), "text": row} for number, row in enumerate(shown, start=1)]


def _shown(row: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in row)[:LONGEST_SEGMENT]


def _inset(row: str) -> str:
    """With blanks at its begin that a browser keeps."""
    bare = row.lstrip(" ")
    return "\u00a0" * (len(row) - len(bare)) + bare


def _json_lines(text: str) -> list[str]:
    """JSON with a line for each value; as it came where it is none, for whoever has to find out what it is."""
    with contextlib.suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    return text[:LONGEST_TEXT].splitlines()


def answer_facts(one: Answer | None) -> list[dict[str, str]]:
    """What an answer says, for a person who has to decide what it belongs to."""
    if one is None:
        return []
    facts = {"Patient": ", ".join(part for part in (one.family, one.given) if part), "Member id": one.member_id,
             "Our event trace": one.event_trace, "Payer’s trace": one.payer_trace, "Ask": one.contact}  # fmt: skip
    given = one.decision
    if given is not None:
        days = [days_text(one) for one in given.ranges]
        facts |= {
            "Decision": ACTIONS[given.action], "Authorization": given.authorization_number,
            "Reference": given.reference, "Days": "; ".join(days),
            "Number of days": "" if given.quantity is None else str(given.quantity),
            "Reasons": ", ".join(given.reasons), "Message": given.text,
        }  # fmt: skip
    return [{"label": label, "value": value} for label, value in facts.items() if value]
