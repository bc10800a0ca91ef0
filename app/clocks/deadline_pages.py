"""The law as the engine reads it, for a compliance officer: every rule, its number, its source, and how sure it is."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.response import Response

from app import regulations
from app.clocks.commands import shown_rules
from app.clocks.owed.words import FAMILIES, MISSED, SURE
from app.clocks.registry import PART_OF, RULES, SETTINGS, Rule
from app.kernel.days import local_day
from app.kernel.refusal import NotFound
from app.platform.work import reading
from app.regulations import Regulation
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.render import NO_PHI, page, the_viewer


@get("/deadlines", permission=Permission.STAY_SEE, sync_to_thread=True)
def show_deadlines(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every rule by family, with its periods and the terms of this facility that stand in for it."""
    viewer = the_viewer(request)
    if viewer.place is None:
        raise NotFound("You work in no facility yet. Ask an administrator for a role.")
    own = _own_terms(viewer, viewer.place.id)
    with reading(viewer) as view:
        today = local_day(view.now, ZoneInfo(viewer.place.timezone))
    families: dict[str, list[dict[str, Any]]] = {}
    for rule in RULES.values():
        families.setdefault(rule.id.partition("-")[0], []).append(_told(rule, today, own.get(rule.id, [])))
    return page(
        request,
        "clocks/deadlines.html",
        discloses=NO_PHI,
        title="Deadlines",
        families=[{"id": key, "name": FAMILIES[key], "rules": rules} for key, rules in families.items()],
        count=len(RULES),
        place=viewer.place.name,
    )


def _told(rule: Rule, today: date, terms: list[str]) -> dict[str, Any]:
    periods = regulations.history(rule.id)
    entry = next((one for one in periods if one.holds(today)), periods[-1])
    return {
        "id": rule.id,
        "title": rule.title,
        "actor": rule.actor.value,
        "missed": MISSED[rule.severity],
        "starts": entry.starts,
        "allowance": str(entry.allowance),
        "more": [f"{name.replace('_', ' ')}: {allowance}" for name, allowance in entry.more.items()],
        "citation": entry.citation,
        "link": entry.link,
        "sure": f"{entry.confidence.value}: {SURE[entry.confidence]}",
        "checked": f"{entry.checked_on.isoformat()}, {entry.checked_by}",
        "period": _period(entry),
        "earlier": [f"{_period(one)}: {one.allowance}" for one in periods if one is not entry],
        "note": entry.note,
        "setting": entry.confidence in SETTINGS,
        "terms": terms,
        "shown": PART_OF.get(rule.id, rule.id) in shown_rules(),
    }


def _period(entry: Regulation) -> str:
    if entry.in_force_to is None:
        return f"since {entry.in_force_from.isoformat()}"
    return f"{entry.in_force_from.isoformat()} to {entry.in_force_to.isoformat()}"


def _own_terms(viewer: Viewer, facility_id: int) -> dict[str, list[str]]:
    """The terms of this facility and of payers' contracts, in words, by rule."""
    query = (
        "select rule, payer_code, case when asked then allowance else 'not asked' end, begins::text,"
        " coalesce(ends::text, '') from policy_rule where facility_id = %s and ended_at is null"
        " order by rule, payer_code, begins"
    )
    found: dict[str, list[str]] = {}
    with reading(viewer) as view:
        for rule, words in view.rows(_in_words, query, (facility_id,)):
            found.setdefault(rule, []).append(words)
    return found


def _in_words(rule: str, payer: str, allowance: str, begins: str, ends: str) -> tuple[str, str]:
    return rule, f"{payer or 'this facility'}: {allowance}, from {begins}" + (f" to {ends}" if ends else "")


ROUTES = [show_deadlines]
