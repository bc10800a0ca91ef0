"""What one item of an answer says for itself: the review action, its number and reasons, the days it gives."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from app.interop.pas.values import concept, day_of, extension, extensions, listed, text_of, valued, whole_number
from app.interop.x12.terms import Finding
from app.payers.requests.rules import GRANTS
from app.payers.requests.terms import Action, Days

Json = dict[str, Any]
_DAY_UNITS = ("", "d", "day", "days", "DA", "DY")


class Line(msgspec.Struct, frozen=True):
    """One item, or the answer as a whole."""

    action: Action
    number: str = ""
    reasons: tuple[str, ...] = ()
    ranges: tuple[Days, ...] = ()
    quantity: int | None = None
    reference: str = ""
    trace: str = ""
    issued_on: date | None = None


def line_of(item: Json, added: Sequence[Json], findings: list[Finding]) -> Line | None:
    """The line of an item; None where it was not decided. What was modified is told by the added item of it."""
    review = _review(item)
    if review is None:
        return None
    code, number, reasons = review
    try:
        action = Action(code)
    except ValueError:
        findings.append(Finding(segment=0, sentence="The review action holds no decision code that is known."))
        return None
    trace = text_of(extension(item, "itemTraceNumber", "valueIdentifier"), "value")
    reference = text_of(extension(item, "administrationReferenceNumber", ""), "valueString")
    given = [one for one in added if item.get("itemSequence") in _sequences(one)] if action is Action.MODIFIED else []
    told = given or [item]
    if len(given) > 1:
        findings.append(Finding(segment=0, sentence="The modified item was replaced by several: a person has to read."))
        told = [item]
    source = told[0]
    if source is not item:
        inner = _review(source)
        number = (inner[1] if inner else "") or number
    grants = action in GRANTS
    return Line(
        action, number or text_of(extension(item, "authorizationNumber", ""), "valueString"), reasons,
        _ranges(source) if grants else (), _quantity(source) if grants else None, reference, trace,
        day_of(extension(item, "itemPreAuthIssueDate", "").get("valueDate")),
    )  # fmt: skip


def _sequences(item: Json) -> list[Any]:
    found = item.get("itemSequence")
    return found if isinstance(found, list) else [found]


def _review(item: Json) -> tuple[str, str, tuple[str, ...]] | None:
    """Action code, number and reasons: in an adjudication, or (older kits) in an extension of the thing itself."""
    places = [*listed(item, "adjudication"), item]
    for place in places:
        for one in extensions(place, "reviewAction"):
            code = concept(extension(one, "reviewActionCode", "valueCodeableConcept"))
            code = code or text_of(one, "valueCode") or text_of(one, "valueString")
            number = text_of(extension(one, "number", ""), "valueString")
            reasons = tuple(filter(None, (concept(valued(reason, "valueCodeableConcept"))
                                          for reason in extensions(one, "reasonCode"))))  # fmt: skip
            return code, number, reasons
    return None


def _ranges(item: Json) -> tuple[Days, ...]:
    """The certified period: of the item, of its service, or (older kits) of the event."""
    for period in (
        extension(item, "itemPreAuthPeriod", "valuePeriod"),
        valued(item, "servicedPeriod"),
        extension(item, "authorizedEventDate", "valuePeriod"),
        valued(item, "preAuthPeriod"),
    ):
        begin, end = day_of(period.get("start")), day_of(period.get("end"))
        if begin and end and begin < end:
            return (Days(begin, end),)
    return ()


def _quantity(item: Json) -> int | None:
    found = valued(item, "quantity")
    if text_of(found, "code") not in _DAY_UNITS and text_of(found, "unit") not in _DAY_UNITS:
        return None
    return whole_number(found) if found else None
