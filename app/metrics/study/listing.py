"""The cases behind a figure as a page lists them, and why those that do not count are left out."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from app.kernel.wording import day_text
from app.metrics.store.listing import PAGE as PAGE_SIZE
from app.metrics.store.listing import Among, Case, Cases
from app.metrics.study.asking import Choice
from app.metrics.study.wording import NOTHING, number
from app.metrics.terms import Definition, Figure, Kind

AMONG = {
    Among.COUNTED: "Counted", Among.HITS: "In the numerator", Among.EXCLUDED: "Left out", Among.ALL: "All cases",
}  # fmt: skip
_SAID = {
    "drg": "DRG", "days": "days until the return", "planned_rule": "planned by rule", "cohort": "cohort",
    "code": "reason",
}  # fmt: skip


def heading(choice: Choice, one: Definition, reasons: Mapping[str, str]) -> str:
    """What is listed."""
    if choice.reason:
        return f"{one.title}: {reasons.get(choice.reason, choice.reason.replace('_', ' ')).rstrip('.')}"
    return f"{one.title}: {AMONG[choice.among].lower()}"


def tabs(choice: Choice, one: Definition) -> list[dict[str, Any]]:
    """The lists of one figure beside each other."""
    kinds = [Among.COUNTED, Among.HITS, Among.EXCLUDED, Among.ALL]
    if one.kind not in (Kind.SHARE, Kind.RATE):
        kinds.remove(Among.HITS)
    return [
        {"label": AMONG[kind], "href": choice.cases(kind), "current": kind is choice.among and not choice.reason}
        for kind in kinds
    ]


def together(choice: Choice, one: Definition, whole: Figure) -> str:
    """What the listed cases add up to, where that is not their number: days lost in so many patient days, and such."""
    counted = choice.among in (Among.COUNTED, Among.HITS) and not choice.reason
    plain = one.kind is Kind.SHARE and whole.denominator == whole.cases
    if not counted or plain or one.kind not in (Kind.SHARE, Kind.RATE, Kind.RATIO):
        return ""
    return f"numerators together {number(whole.numerator)}" + (
        f", denominators {number(whole.denominator)}" if choice.among is Among.COUNTED else ""
    )


def rows(found: Cases, one: Definition, reasons: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    """A page of cases."""
    return [_row(case, one, reasons, today) for case in found.rows]


def _row(case: Case, one: Definition, reasons: Mapping[str, str], today: date) -> dict[str, Any]:
    name = ", ".join(filter(None, (case.family, case.given))) or "Name not sent"
    back = case.detail.get("returned")
    return {
        "name": name, "visit": case.visit_number, "href": f"/encounters/{case.encounter_id}",
        "day": day_text(case.day, today), "unit": case.unit, "service": case.service, "attending": case.attending,
        "payer": case.payer, "vendor": case.vendor, "amount": _amount(case, one),
        "left": reasons.get(case.excluded, case.excluded.replace("_", " ")), "said": _said(case),
        "returned": f"/encounters/{back}" if _is_key(back) else "",
    }  # fmt: skip


def _amount(case: Case, one: Definition) -> str:
    """What the case adds to the figure."""
    if case.excluded:
        return NOTHING
    if case.value is not None:
        unit = one.unit.removesuffix("s") if case.value == 1 else one.unit
        return f"{number(case.value)} {unit}".strip()
    if case.numerator is None or case.denominator is None:
        return NOTHING
    if one.kind is Kind.SHARE and case.denominator == 1:
        return "yes" if case.numerator else "no"
    return f"{number(case.numerator)} of {number(case.denominator)}"


def _said(case: Case) -> str:
    """What is known besides, in words; keys of records are no words."""
    return ", ".join(
        f"{words} {value}" for name, words in _SAID.items()
        if (value := case.detail.get(name)) not in (None, "", False)
    )  # fmt: skip


def _is_key(value: object) -> bool:
    try:
        return bool(uuid.UUID(str(value)))
    except ValueError:
        return False


def files(choice: Choice, part: str) -> list[dict[str, str]]:
    """The ways to take out what a page shows: its figures, or its list of cases under the same choice."""
    asked = {"among": choice.among.value, "reason": choice.reason} if part == "/cases" else {}
    return [
        {"label": label, "href": choice.address(f"{part}.{kind}", **asked)}
        for kind, label in (("csv", "CSV"), ("xlsx", "XLSX"), ("parquet", "Parquet"))
    ]


def pager(choice: Choice, found: Cases) -> dict[str, str]:
    """The way to earlier and later pages."""
    visible = found.total - found.hidden
    first = (found.page - 1) * PAGE_SIZE

    def where(page: int) -> str:
        return choice.cases(choice.among, reason=choice.reason, page=page) if 1 <= page <= found.pages else ""

    return {
        "from": f"{first + 1:,}", "to": f"{min(first + PAGE_SIZE, visible):,}", "total": f"{visible:,}",
        "what": "cases", "previous": where(found.page - 1), "next": where(found.page + 1),
    }  # fmt: skip
