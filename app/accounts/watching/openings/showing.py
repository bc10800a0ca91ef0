"""Openings as text ready for the templates."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.audit.words import page_words
from app.accounts.queries import zone_of
from app.accounts.watching.openings.queries import SHOWN, Case, Seen, Version
from app.accounts.watching.openings.rules import due_at
from app.accounts.watching.openings.terms import OpeningVerdict, VerdictEnd
from app.kernel.wording import dated_text, duration_text, full_text, iso_text
from app.platform.work import Reading
from app.security.opening import WHY_LABELS, Why
from app.security.permissions import ROLES, Role
from app.security.viewer import Viewer

MARKS = {
    "vip": "VIP",
    "employee": "Employee",
    "part2": "42 CFR Part 2",
    "psychiatric": "Psychiatric treatment",
    "": "No longer protected",
}
PROOFS = {"totp": "one-time code", "recovery": "recovery code", "password": "password", "provider": "identity provider"}
_KINDS = {"view": "saw", "export": "took out", "print": "printed", "search": "searched"}
_ENDS = {VerdictEnd.AMENDED: "judged anew", VerdictEnd.TAKEN_BACK: "taken back"}


def when(at: datetime, view: Reading) -> dict[str, str]:
    """An instant in the reader's time, as text, in full, and for machines."""
    zone = ZoneInfo(zone_of(view.who)) if isinstance(view.who, Viewer) else ZoneInfo("UTC")
    return {"text": dated_text(at, zone, view.now), "full": full_text(at, zone), "iso": iso_text(at, zone)}


def roles_text(codes: str) -> str:
    """Roles by their labels; a person who holds none any more has left."""
    known = [ROLES[Role(code)].label for code in codes.split(", ") if code in set(Role)]
    return ", ".join(known) or "no role now"


def case_line(case: Case, seen: int, view: Reading) -> dict[str, Any]:
    """An opening as a line of the list."""
    due = due_at(case.opened_at)
    late = due < view.now
    left = view.now - due if late else due - view.now
    verdict = OpeningVerdict(case.verdict) if case.verdict else None
    return {
        "id": str(case.access_id),
        "opened": when(case.opened_at, view),
        "until": when(case.until, view),
        "still_open": case.until > view.now,
        "due": when(due, view),
        "late": late,
        "left": f"overdue by {duration_text(left)}" if late else f"{duration_text(left)} left",
        "who": case.who,
        "role": roles_text(case.role),
        "user_id": str(case.user_id),
        "why": WHY_LABELS[Why(case.code)] if case.code in set(Why) else "",
        "reason": case.reason,
        "proof": PROOFS.get(case.proof, case.proof or "none asked"),
        "visit": case.visit_number,
        "stay_id": str(case.encounter_id),
        "patient_id": str(case.patient_id),
        "number": case.number,
        "name": case.name or "Unnamed",
        "mark": MARKS.get(case.mark, case.mark),
        "pages": "1 page" if seen == 1 else f"{seen} pages",
        "verdict": verdict.label if verdict else "",
        "tone": verdict.tone if verdict else "",
        "said": case.said,
        "judged": when(case.judged_at, view) if case.judged_at else None,
        "judged_by": case.judged_by,
        "review_id": str(case.review_id or ""),
    }


def seen_lines(found: list[Seen], view: Reading) -> dict[str, Any]:
    """The pages of a case, and how many more there are than are listed."""
    lines = [
        {"at": when(one.at, view), "kind": _KINDS.get(one.kind, one.kind), "what": page_words(one.route),
         "route": one.route, "detail": one.detail, "address": one.address}
        for one in found
    ]  # fmt: skip
    more = found[0].total - SHOWN if found else 0
    return {"lines": lines, "more": str(more) if more > 0 else ""}


def version_lines(found: list[Version], view: Reading) -> list[dict[str, Any]]:
    """Judgements that stood before."""
    return [
        {"verdict": OpeningVerdict(one.verdict).label, "said": one.said, "by": one.made_by,
         "at": when(one.made_at, view)["text"], "ended": _ENDS[VerdictEnd(one.ended_because)],
         "ended_by": one.ended_by, "ended_at": when(one.ended_at, view)["text"]}
        for one in found
    ]  # fmt: skip
