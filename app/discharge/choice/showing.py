"""Lists and answers in words."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from app.census.united import Subject
from app.clocks.terms import Line
from app.discharge.choice import rules
from app.discharge.choice.commands import FROM_HOME
from app.discharge.choice.queries import ChoiceRow, ListRow, MarkRow
from app.discharge.choice.snapshot import Shown, ShownVendor
from app.discharge.choice.terms import ChoiceOutcome, Evidence, GivenHow, GivenTo
from app.discharge.terms import CareType
from app.discharge.vendors.rules import MEDICARE_LIST
from app.discharge.vendors.showing import (
    TONES,
    capability_texts,
    data_text,
    interest_text,
    miles_text,
    stars_text,
)
from app.discharge.vendors.terms import NetworkStanding, Order, Removal
from app.kernel.wording import dated_text
from app.platform.work import Reading

UNKNOWN = "not known"


def vendor_row(one: ShownVendor) -> dict[str, Any]:
    """One vendor as it stands on a list."""
    standing = NetworkStanding(one.network) if one.network else None
    parts = (("health", one.stars_health), ("staffing", one.stars_staffing), ("quality", one.stars_quality))
    more = [f"{label} {value:g}" for label, value in parts if value is not None]
    return {
        "id": str(one.vendor_id), "name": one.name, "place": one.place, "phone": one.phone,
        "miles": miles_text(one.miles), "network": standing.label if standing else UNKNOWN,
        "tone": TONES[one.network] if one.network else "muted", "stars": stars_text(one.stars_overall),
        "more_stars": ", ".join(more), "data": data_text(one.data_on),
        "capabilities": ", ".join(capability_texts(one.capabilities)),
        "medicaid": UNKNOWN if one.medicaid is None else "yes" if one.medicaid else "no",
        "interest": interest_text(one.interest, one.interest_share),
    }  # fmt: skip


def list_context(shown: Shown) -> dict[str, Any]:
    """A list as page, paper and link show it."""
    network = rules.network_text(shown)
    rows = [vendor_row(one) | ({} if network else {"network": "–", "tone": "muted"}) for one in shown.vendors]
    dates = sorted({one.data_on for one in shown.vendors if one.data_on is not None})
    return {
        "care": CareType(shown.care_type).label,
        "rows": rows,
        "count": len(rows),
        "order": Order(shown.order).label,
        "network": network,
        "plan": _plan_text(shown),
        "medicare": _medicare_text(shown),
        "asked": _asked_text(shown),
        "data": _data_text(dates),
        "interests": any(row["interest"] for row in rows),
        "removed": [{"name": one.name, "miles": miles_text(one.miles), "why": Removal(one.why).label}
                    for one in shown.removed],
        "counts": ", ".join(f"{count:,} {Removal(why).label}" for why, count in shown.counts.items()),
        "removed_count": f"{sum(shown.counts.values()):,}",
    }  # fmt: skip


def _plan_text(shown: Shown) -> str:
    """What has to be said of the network: DP4."""
    if not rules.network_text(shown):
        return ""
    if shown.in_network:
        return f"Only providers in network {rules.network_text(shown)} are listed. Ask the plan about others."
    if shown.line == Line.MEDICARE_ADVANTAGE:
        return f"In network {rules.network_text(shown)}. Verify with the plan before you choose."
    return ""


def _medicare_text(shown: Shown) -> str:
    if not shown.medicare or CareType(shown.care_type) not in MEDICARE_LIST:
        return ""
    return "Providers that take part in Medicare and serve the area."


def _asked_text(shown: Shown) -> str:
    parts = []
    if shown.within is not None:
        parts.append(f"within {shown.within:g} miles of {'home' if shown.around == FROM_HOME else 'the hospital'}")
    parts += [text.lower() if text[:2].istitle() else text for text in capability_texts(shown.capabilities)]
    parts += [f"speaks {shown.language}"] if shown.language else []
    return ", ".join(parts)


def _data_text(dates: Sequence[date]) -> str:
    if not dates:
        return "No figures on quality are published for these providers."
    first, last = data_text(dates[0]), data_text(dates[-1])
    span = f"of {first}" if first == last else f"from {first} to {last}"
    return f"Stars: Centers for Medicare & Medicaid Services, figures {span}."


def choice_context(one: ChoiceRow, shown: Shown, stay: Subject, db: Reading) -> dict[str, Any]:
    """An answer in words."""
    outcome = ChoiceOutcome(one.outcome)
    return {
        "id": str(one.choice_id), "outcome": outcome.label, "vendors": names(one.vendors, shown),
        "at": dated_text(one.chosen_at, stay.zone, db.now), "sentence": sentence(one), "said": one.said,
        "entered": f"{dated_text(one.made_at, stay.zone, db.now)}{f' by {one.by}' if one.by else ''}",
        "because": one.made_because, "drawing": one.drawing, "ended": _ended(one, stay, db),
    }  # fmt: skip


def _ended(one: ChoiceRow, stay: Subject, db: Reading) -> str:
    if one.ended_at is None:
        return ""
    word = {"amended": "corrected", "struck_out": "struck out", "later": "answered again"}[one.ended_because]
    return f"{word} {dated_text(one.ended_at, stay.zone, db.now)}: {one.ended_reason}"


def names(keys: Iterable[uuid.UUID], shown: Shown) -> list[str]:
    """Vendors by name, as they stood on the list."""
    return [found.name for key in keys if (found := shown.named(key)) is not None]


def sentence(one: ChoiceRow) -> str:
    """To whom, how, in which language, with which evidence."""
    who = "the patient"
    if one.given_to == GivenTo.REPRESENTATIVE:
        who = f"{one.recipient_name} ({one.relation})"
    parts = [f"{GivenHow(one.given_how).label.lower()} to {who}", Evidence(one.evidence).label.lower()]
    parts += [f"witness {one.witness_name}"] if one.witness_name else []
    parts += [f"in {one.language}"] if one.language else []
    parts += [f"interpreter {one.interpreter}"] if one.interpreter else []
    parts += ["financial interest disclosed"] if one.disclosed else []
    return "; ".join(parts)


def mark_context(one: MarkRow, shown: Shown, stay: Subject, db: Reading) -> dict[str, Any]:
    """A wish that came through a link."""
    return {
        "by": one.marked_by, "vendors": ", ".join(names(one.vendors, shown)), "said": one.said,
        "at": dated_text(one.made_at, stay.zone, db.now), "keys": [str(key) for key in one.vendors],
    }  # fmt: skip


def tab_lists(
    db: Reading, stay: Subject, found: tuple[Sequence[ListRow], Sequence[ChoiceRow], Sequence[MarkRow]]
) -> list[dict[str, Any]]:
    """Every list of a stay with its answers and wishes, the latest first, those that count no more last."""
    lists, answers, wishes = found
    shown = []
    for one in sorted(lists, key=lambda row: row.ended_at is not None):
        mine = [answer for answer in answers if answer.list_id == one.id]
        standing = next((answer for answer in mine if answer.ended_at is None), None)
        state = rules.state_of(ChoiceOutcome(standing.outcome) if standing else None, ended=one.ended_at is not None)
        shown.append(list_context(one.content) | {
            "id": str(one.id), "made": dated_text(one.made_at, stay.zone, db.now), "by": one.by,
            "ended": one.ended_reason if one.ended_at else "", "state": state.label, "open": one.ended_at is None,
            "waits": standing is None or not ChoiceOutcome(standing.outcome).decides,
            "answer": choice_context(standing, one.content, stay, db) if standing else None,
            "earlier": [choice_context(answer, one.content, stay, db) for answer in mine if answer.ended_at],
            "wishes": [mark_context(wish, one.content, stay, db) for wish in wishes if wish.list_id == one.id],
        })  # fmt: skip
    return shown
