"""Vendors in words: one row of a list, one vendor with its history."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from app.discharge.terms import CareType
from app.discharge.vendors.queries import Listed
from app.discharge.vendors.terms import Capability, ContactKind, InterestKind, NetworkStanding
from app.kernel.wording import dated_text, day_text
from app.platform.work import Reading

TONES = {"in_network": "good", "single_case": "soon", "out_of_network": "muted"}
TYPES = [one for one in CareType if one is not CareType.HOME]
"""Types of care of which there are vendors."""


def choices(values: Sequence[Any], first: str = "") -> list[dict[str, str]]:
    """Words as a list to choose from, with an empty entry before where it has a label."""
    return [
        *([{"value": "", "label": first}] if first else []),
        *({"value": v.value, "label": v.label} for v in values),
    ]


def stars_text(stars: float | None) -> dict[str, str]:
    """Stars as signs and as words; empty where nobody has published any."""
    if stars is None:
        return {"signs": "", "said": ""}
    whole, half = int(stars), stars % 1 >= 0.5
    signs = "★" * whole + ("½" if half else "") + "☆" * (5 - whole - (1 if half else 0))
    return {"signs": signs, "said": f"{stars:g} of 5 stars"}


def miles_text(miles: float | None) -> str:
    """`2.1 mi`, from ten miles on without the tenth; empty where the distance is not known."""
    return "" if miles is None else f"{miles:.1f} mi" if miles < 10 else f"{miles:.0f} mi"


def network_text(one: Listed) -> dict[str, str]:
    """How the vendor stands to the payer in view."""
    if one.network is None:
        return {"text": "not known", "tone": "muted"}
    return {"text": NetworkStanding(one.network).label, "tone": TONES[one.network]}


def interest_text(kind: str | None, share: float | None) -> str:
    """The sentence of disclosure that is printed beside a vendor: 42 CFR 482.43(c)(3)."""
    if not kind:
        return ""
    part = f" ({share:g} %)" if share is not None else ""
    return {
        InterestKind.HOSPITAL_HOLDS: f"This hospital has a financial interest in this provider{part}.",
        InterestKind.VENDOR_HOLDS: f"This provider has a financial interest in this hospital{part}.",
        InterestKind.COMMON_OWNER: f"This provider and this hospital have a common owner{part}.",
    }[InterestKind(kind)]


def capability_texts(words: Sequence[str]) -> list[str]:
    """Capabilities by their labels; a word that is none of ours any more as it stands."""
    known = {one.value: one.label for one in Capability}
    return [known.get(word, word.replace("_", " ")) for word in words]


def data_text(on: date | None) -> str:
    """`1 Aug 2021`."""
    return f"{on:%-d %b %Y}" if on is not None else ""


def row(one: Listed, today: date) -> dict[str, Any]:
    """One vendor as a line of a table."""
    closed = one.closed_on is not None and one.closed_on <= today
    said = capability_texts(one.capabilities)
    return {
        "id": str(one.vendor_id), "href": f"/vendors/{one.vendor_id}", "name": one.name, "place": one.place,
        "phone": one.phone, "type": CareType(one.care_type).label, "miles": miles_text(one.miles),
        "network": network_text(one), "stars": stars_text(one.stars_overall),
        "capabilities": said[:3], "more": len(said) - 3 if len(said) > 3 else 0,
        "medicaid": _yes(one.medicaid), "medicare": _yes(one.medicare),
        "closed": f"closed since {day_text(one.closed_on, today)}" if closed and one.closed_on else "",
        "interest": interest_text(one.interest, one.interest_share), "data": data_text(one.data_on),
    }  # fmt: skip


def _yes(said: bool | None) -> str:
    return "not known" if said is None else "yes" if said else "no"


class _Version(msgspec.Struct):
    name: str
    stars_overall: float | None
    data_on: date | None
    source: str
    closed_on: date | None
    capabilities: list[str]
    made_at: datetime
    by: str
    ended_at: datetime | None


class Dealing(msgspec.Struct):
    """A contract, a contact or an interest, with who made and who ended it."""

    id: uuid.UUID
    kind: str
    first: str
    second: str
    third: str
    begins: date | None
    ends: date | None
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_by: str


_VERSIONS = """
select w.name, w.stars_overall, w.data_on, w.source, w.closed_on, w.capabilities, w.made_at,
  coalesce(u.display_name, ''), w.ended_at
from vendor_version w left join app_user u on u.id = w.made_by where w.vendor_id = %s order by w.made_at desc limit 30
"""
_DEALINGS = """
select d.id, d.kind, d.first, d.second, d.third, d.begins, d.ends, d.made_at, coalesce(m.display_name, ''), d.ended_at,
  coalesce(x.display_name, '')
from (
  select id, 'contract' as kind, payer_code as first, standing as second, source as third, begins, ends, made_at,
    made_by, ended_at, ended_by from vendor_contract where vendor_id = %(vendor)s
  union all select id, 'contact', kind, value, concat_ws(', ', nullif(person, ''), nullif(purpose, '')), null, null,
    made_at, made_by, ended_at, ended_by from vendor_contact where vendor_id = %(vendor)s
  union all select id, 'interest', kind, coalesce(share::text, ''), remark, since, until, made_at, made_by, ended_at,
    ended_by from vendor_interest where vendor_id = %(vendor)s
) d left join app_user m on m.id = d.made_by left join app_user x on x.id = d.ended_by
order by d.ended_at desc nulls first, d.begins desc nulls last, d.made_at desc
"""


def history(db: Reading, vendor_id: uuid.UUID, zone: ZoneInfo) -> list[dict[str, str]]:
    """What was known when, the latest first."""
    found = []
    for one in db.rows(_Version, _VERSIONS, (vendor_id,)):
        parts = [one.name, stars_text(one.stars_overall)["said"]]
        parts += [f"figures of {data_text(one.data_on)}"] if one.data_on else []
        parts += [f"closed on {data_text(one.closed_on)}"] if one.closed_on else []
        parts += [", ".join(capability_texts(one.capabilities))] if one.capabilities else []
        found.append({
            "text": "; ".join(part for part in parts if part), "made": dated_text(one.made_at, zone, db.now),
            "by": one.by or one.source or "a program", "ended": "earlier" if one.ended_at else "",
        })  # fmt: skip
    return found


def dealings(
    db: Reading, vendor_id: uuid.UUID, zone: ZoneInfo, payers: dict[str, str]
) -> dict[str, list[dict[str, str]]]:
    """Contracts, contacts and interests by kind, those that stand first."""
    found: dict[str, list[dict[str, str]]] = {"contract": [], "contact": [], "interest": []}
    for one in db.rows(Dealing, _DEALINGS, {"vendor": vendor_id}):
        words = _words(one, payers)
        ended = f"taken away {dated_text(one.ended_at, zone, db.now)}" if one.ended_at else ""
        by = f" by {one.ended_by}" if one.ended_by and ended else ""
        found[one.kind].append(words | {
            "id": str(one.id), "ended": ended + by, "span": _span(one),
            "made": f"entered {dated_text(one.made_at, zone, db.now)}{f' by {one.by}' if one.by else ''}",
        })  # fmt: skip
    return found


def _words(one: Dealing, payers: dict[str, str]) -> dict[str, str]:
    if one.kind == "contract":
        standing = NetworkStanding(one.second)
        return {"what": payers.get(one.first, one.first), "detail": standing.label, "more": one.third,
                "tone": TONES[one.second]}  # fmt: skip
    if one.kind == "contact":
        return {"what": one.second, "detail": ContactKind(one.first).label, "more": one.third, "tone": ""}
    share = float(one.second) if one.second else None
    return {"what": interest_text(one.first, share), "detail": "", "more": one.third, "tone": ""}


def _span(one: Dealing) -> str:
    if one.begins is None:
        return ""
    end = f" to {data_text(one.ends)}" if one.ends else ""
    return f"from {data_text(one.begins)}{end}"
