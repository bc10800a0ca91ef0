"""`/payers`: the payers that the feed has named, and for each its lines, rule card, calendar and ways to reach it."""

import uuid
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app import regulations
from app.clocks.settings import lines, policies
from app.clocks.settings.line_pages import WORDS, place_of
from app.kernel.days import local_day
from app.kernel.refusal import Refused
from app.kernel.wording import day_text, moment_text
from app.payers.directory import commands, queries
from app.payers.directory.commands import AddReach, SetCard, check_payer
from app.payers.directory.queries import Card
from app.payers.directory.rules import weekday_names
from app.payers.directory.terms import ChannelKind, PeerToPeerEffect
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SEE, SET = Permission.ACCOUNT_OWN, Permission.PAYER_SET  # a directory of payers is no secret of patients
TERMS = ("PY-NOTIFY", "UR-CSR", "PY-EXTEND", "PY-FOLLOW", "PY-P2P", "PY-APPEAL", "PY-VERIFY")
"""Terms of contracts that the clocks count by, in the order of a stay; those that are settings are shown."""
ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
         "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def address(payer_code: str) -> str:
    """The page of a payer."""
    return f"/payers/{payer_code}"


@get("/payers", permission=SEE, sync_to_thread=True)
def show_payers(request: Asked) -> Response[bytes]:
    """All payers with a code, those with most stays in the house first."""
    viewer = the_viewer(request)
    place = place_of(viewer, SEE)
    with reading(viewer) as db:
        found: dict[str, dict[str, Any]] = {}
        for row in lines.payer_rows(db, place.id):
            if row.payer_code and (row.whole or row.payer_code not in found):
                found[row.payer_code] = {"code": row.payer_code, "name": row.name, "stays": row.stays, "lines": set()}
            if row.payer_code and row.line is not None:
                found[row.payer_code]["lines"].add(WORDS[row.line])
        today = local_day(db.now, ZoneInfo(place.timezone))
        cards = [card for card in queries.cards(db, place.id, list(found)) if card.holds(today)]
    shown = {card.payer_code: card_line(card) for card in cards}
    rows = [one | {"lines": ", ".join(sorted(one["lines"])), "card": shown.get(one["code"], "")}
            for one in sorted(found.values(), key=lambda one: (-one["stays"], one["name"]))]  # fmt: skip
    may_line = place.id in viewer.facilities_with(Permission.PAYER_LINE_SET)
    may_open = place.id in viewer.facilities_with(Permission.STAY_LIST)
    return page(request, "payers/payers.html", discloses=NO_PHI, title="Payers", place=place.name, rows=rows,
                may_line=may_line, may_open=may_open)  # fmt: skip


def card_line(card: Card) -> str:
    """`cut-off 17:00 New York, Mon Tue Wed Thu Fri`."""
    zone = card.timezone.rpartition("/")[2].replace("_", " ")
    cut = f"cut-off {card.cutoff:%H:%M}" if card.cutoff else "no cut-off"
    return f"{cut} {zone} time, {weekday_names(card.weekdays)}"


@get("/payers/{payer_code:str}", permission=SEE, sync_to_thread=True)
def show_payer(request: Asked, payer_code: FromPath[str]) -> Response[bytes]:
    """One payer: what the house knows of it."""
    return _page(request, payer_code, FormState(id="none"))


def _page(request: Asked, payer_code: str, form: FormState, status: int = 200) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, SEE)
    with reading(viewer) as db:
        name = check_payer(db, place.id, payer_code)
        context = _context(db, place, payer_code)
    if form.id != "card":
        form = FormState(context["usual"], form.errors, form.id)
    return page(
        request, "payers/payer.html", discloses=NO_PHI, title=name, status=status, name=name, code=payer_code,
        place=place.name, form=form,
        may_open=place.id in viewer.facilities_with(Permission.STAY_LIST),
        may_set=place.id in viewer.facilities_with(SET),
        may_policy=place.id in viewer.facilities_with(Permission.POLICY_SEE),
        may_line=place.id in viewer.facilities_with(Permission.PAYER_LINE_SET), **context,
    )  # fmt: skip


def _context(db: Reading, place: Place, payer_code: str) -> dict[str, Any]:
    zone = ZoneInfo(place.timezone)
    today = local_day(db.now, zone)
    found = queries.cards(db, place.id, [payer_code], past=True)
    card = next((one for one in found if one.holds(today)), None)
    reach = queries.reach_of(db, place.id, payer_code, past=True)
    return {
        "card": _card_facts(card, today) if card is not None else [],
        "cards": [_told(one, today, zone, db) for one in found],
        "usual": _usual(card, place, today),
        "plans": [{"plan": row.plan_code or "all plans", "stays": row.stays,
                   "line": WORDS[row.line] if row.line else "Unknown", "origin": row.origin}
                  for row in lines.payer_rows(db, place.id) if row.payer_code == payer_code],
        "terms": _terms(db, place, payer_code, today),
        "reach": [{"id": str(one.id), "kind": one.kind, "purpose": one.purpose, "value": one.value,
                   "hours": one.hours, "by": one.by} for one in reach if one.ended_at is None],
        "former": [{"what": f"{one.kind} {one.purpose} {one.value}",
                    "ended": f"ended {moment_text(one.ended_at, zone, db.now)} by {one.ended_by or 'the program'}"}
                   for one in reach if one.ended_at is not None],
        "zones": [{"value": one, "label": one.replace("_", " ")} for one in (*ZONES, *sorted(available_timezones()))],
        "weekdays": [{"value": str(number), "label": label} for number, label in enumerate(DAYS)],
        "effects": [{"value": one.value, "label": one.label} for one in PeerToPeerEffect],
        "kinds": [{"value": one.value, "label": one.label} for one in ChannelKind],
    }  # fmt: skip


def _card_facts(card: Card, today: date) -> list[tuple[str, str]]:
    closed = ", ".join(day_text(day, today) for day in card.closed_days if day >= today)
    levels = ", ".join(f"level {number}: {days} days" for number, days in enumerate(card.appeal_days, 1))
    return [
        ("Counts as received", card_line(card)),
        ("Federal holidays", "closed" if card.keeps_federal_holidays else "open"),
        ("Also closed", closed or "no further day"),
        ("Decides by contract within", card.decision_within or "not said"),
        ("Decides urgent requests within", card.urgent_within or "not said"),
        ("Peer-to-peer", PeerToPeerEffect(card.p2p_effect).label),
        ("Time to appeal", levels or "not said"),
        ("Source", card.source or "not said"),
    ]


def _told(one: Card, today: date, zone: ZoneInfo, db: Reading) -> dict[str, str]:
    span = f"from {day_text(one.begins, today)}" + (f" to {day_text(one.ends, today)}" if one.ends else "")
    ended = (
        f"ended {moment_text(one.ended_at, zone, db.now)} by {one.ended_by or 'the program'}" if one.ended_at else ""
    )
    return {"span": span, "line": card_line(one), "source": one.source, "ended": ended,
            "made": f"{moment_text(one.made_at, zone, db.now)} by {one.by or 'the program'}"}  # fmt: skip


def _usual(card: Card | None, place: Place, today: date) -> dict[str, str]:
    """The form as the card in force fills it, to begin today."""
    if card is None:
        return {"timezone": place.timezone, "weekdays": "0 1 2 3 4", "keeps_federal_holidays": "on",
                "begins": today.isoformat(), "p2p_effect": PeerToPeerEffect.CAN_OVERTURN.value}  # fmt: skip
    return {
        "timezone": card.timezone, "cutoff": f"{card.cutoff:%H:%M}" if card.cutoff else "",
        "weekdays": " ".join(map(str, card.weekdays)),
        "closed_days": ", ".join(day.isoformat() for day in card.closed_days),
        "keeps_federal_holidays": "on" if card.keeps_federal_holidays else "", "decision_within": card.decision_within,
        "urgent_within": card.urgent_within, "p2p_effect": card.p2p_effect,
        "appeal_days": ", ".join(map(str, card.appeal_days)), "begins": today.isoformat(), "source": card.source,
        "ends": card.ends.isoformat() if card.ends else "",
    }  # fmt: skip


def _terms(db: Reading, place: Place, payer_code: str, today: date) -> list[dict[str, str]]:
    """What the clocks count by: the payer's own term, the facility's, or the default."""
    standing = [one for one in policies.terms(db, place.id)
                if one.payer_code in ("", payer_code) and one.begins <= today <= (one.ends or today)]  # fmt: skip
    found = []
    for rule in policies.settings():
        if rule.id not in TERMS:
            continue
        held = [one for one in standing if one.rule == rule.id]
        own = min(held, key=lambda one: one.payer_code == "", default=None)
        says = str(regulations.history(rule.id)[-1].allowance)
        whose = "default"
        if own is not None:
            says = own.allowance if own.asked else "not asked"
            whose = "this payer's contract" if own.payer_code else "this facility"
        found.append({"rule": rule.id, "title": rule.title, "says": says, "whose": whose})
    return sorted(found, key=lambda one: TERMS.index(one["rule"]))


@post("/payers/{payer_code:str}/card", permission=SET, sync_to_thread=True)
def set_card(request: Asked, payer_code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let a card stand from a day on."""
    viewer = the_viewer(request)
    place = place_of(viewer, SET)
    ask, state = read_form(SetCard, form)
    state.id = "card"
    state.given["weekdays"] = " ".join(form.all("weekdays"))
    if ask is not None:
        try:
            with begin(viewer) as work:
                made = commands.set_card(work, place.id, payer_code, ask)
            undo = Undo(f"/payers/cards/{made.id}/reversal")
            return see_other(request, address(payer_code), Flash("The card is saved.", undo=undo))
        except Refused as refused:
            state.refuse(refused)
    return _page(request, payer_code, state, 422)


@post("/payers/cards/{card_id:uuid}/reversal", permission=SET, sync_to_thread=True)
def undo_card(request: Asked, card_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Undo the saving of a card: what stood before stands again."""
    with begin(the_viewer(request)) as work:
        held = commands.take_back_card(work, card_id)
    return see_other(request, address(held.payer_code), Flash("The card is as it was before."))


@post("/payers/{payer_code:str}/channels", permission=SET, sync_to_thread=True)
def add_reach(request: Asked, payer_code: FromPath[str], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a way to reach the payer."""
    viewer = the_viewer(request)
    place = place_of(viewer, SET)
    ask, state = read_form(AddReach, form)
    if ask is None:
        state.id = "reach"
        return _page(request, payer_code, state, 422)
    with begin(viewer) as work:
        made = commands.add_reach(work, place.id, payer_code, ask)
    undo = Undo(f"/payers/channels/{made.id}/end")
    return see_other(request, address(payer_code), Flash("It is added.", undo=undo))


@post("/payers/channels/{reach_id:uuid}/end", permission=SET, sync_to_thread=True)
def end_reach(request: Asked, reach_id: FromPath[uuid.UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that a way to reach a payer holds no more."""
    with begin(the_viewer(request)) as work:
        held = commands.end_reach(work, reach_id)
    return see_other(request, address(held.payer_code), Flash("It is taken away; it stays readable below."))


ROUTES = [show_payers, show_payer, set_card, undo_card, add_reach, end_reach]
