"""Findings and rules as text ready for the templates."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.audit.words import page_words
from app.accounts.queries import zone_of
from app.accounts.watching.openings.showing import roles_text, when
from app.accounts.watching.unusual import queries
from app.accounts.watching.unusual.looking import InForce
from app.accounts.watching.unusual.queries import Evidence, FindingRow, Rate, SettingRow
from app.accounts.watching.unusual.rules import BY_PATTERN, RULES, WatchedRule
from app.accounts.watching.unusual.terms import FindingVerdict, Pattern
from app.kernel.days import local_day
from app.kernel.wording import day_text
from app.platform.work import Reading
from app.security.viewer import Viewer

NAMED = 3
FEW = 10  # decisions below which a rate says little
_KINDS = {"view": "saw", "export": "took out", "print": "printed", "search": "searched"}


def finding_line(one: FindingRow, view: Reading) -> dict[str, Any]:
    """A finding as a line of the list and as the head of its page."""
    zone = ZoneInfo(zone_of(view.who)) if isinstance(view.who, Viewer) else ZoneInfo("UTC")
    verdict = FindingVerdict(one.verdict) if one.verdict else None
    rule = BY_PATTERN[Pattern(one.pattern)]
    return {
        "id": str(one.id),
        "title": rule.title,
        "pattern": one.pattern,
        "looks": rule.looks,
        "innocent": rule.innocent,
        "day": day_text(one.day, local_day(view.now, zone)),
        "sentence": one.sentence,
        "lines": "1 line" if len(one.rows) == 1 else f"{len(one.rows)} lines",
        "found": when(one.found_at, view),
        "user_id": str(one.user_id),
        "who": one.who,
        "role": roles_text(one.role),
        "patient_id": str(one.patient_id or ""),
        "number": one.number,
        "name": (one.name or "Unnamed") if one.patient_id else "",
        "verdict": verdict.label if verdict else "",
        "tone": verdict.tone if verdict else "",
        "said": one.said,
        "decided_by": one.decided_by,
        "decided": when(one.decided_at, view) if one.decided_at else None,
        "decision_id": str(one.decision_id or ""),
    }


def evidence_lines(found: list[Evidence], view: Reading) -> tuple[list[dict[str, Any]], list[Any]]:
    """Lines of the trail, and the patients whose numbers stand in them."""
    shown = list({key for one in found for key in one.patients[:NAMED]})
    numbers = queries.numbers_of(view, shown)
    lines = []
    for one in found:
        named = [numbers[key] for key in one.patients[:NAMED] if key in numbers]
        more = len(one.patients) - len(named)
        about = [*(f"MRN {number}" for number in named), *([f"{more} more"] if more else [])]
        lines.append({"at": when(one.at, view), "kind": _KINDS.get(one.kind, one.kind), "what": page_words(one.route),
                      "route": one.route, "about": ", ".join(about), "detail": one.detail,
                      "address": one.address})  # fmt: skip
    return lines, list(numbers)


def rule_lines(found: Mapping[Pattern, InForce], rates: Mapping[str, Rate]) -> list[dict[str, Any]]:
    """The rules with their limits, and how often each pointed to nothing."""
    return [_rule_line(rule, found.get(rule.pattern), rates.get(rule.pattern.value)) for rule in RULES]


def _rule_line(rule: WatchedRule, own: InForce | None, rate: Rate | None) -> dict[str, Any]:
    limits = rule.shipped | (own.limits if own else {})
    one = rate or Rate(rule.pattern.value, 0, 0, 0, 0)
    decided = one.explained + one.follow_up + one.false_alarm
    return {
        "pattern": rule.pattern.value, "title": rule.title, "looks": rule.looks, "innocent": rule.innocent,
        "resting": bool(own and own.resting), "changed": own is not None,
        "limits": "; ".join(f"{limit.label}: {limits[limit.name]}" for limit in rule.limits),
        "open": str(one.open), "explained": str(one.explained), "follow_up": str(one.follow_up),
        "false_alarm": str(one.false_alarm), "few": 0 < decided < FEW,
        "rate": f"{100 * one.false_alarm / decided:.0f} %" if decided else "–",
    }  # fmt: skip


def setting_lines(found: list[SettingRow], view: Reading) -> list[dict[str, str]]:
    """How a rule was set, version by version."""
    lines = []
    for one in found:
        rule = BY_PATTERN[Pattern(one.pattern)]
        limits = rule.shipped | one.limits
        said = "; ".join(f"{limit.label}: {limits[limit.name]}" for limit in rule.limits)
        until = f" until {when(one.ended_at, view)['text']}" if one.ended_at else ""
        lines.append({"limits": "resting" if one.resting else said, "reason": one.reason, "by": one.made_by,
                      "since": when(one.made_at, view)["text"] + until})  # fmt: skip
    return lines
