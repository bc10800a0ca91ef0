"""Conditions and Coverages as the census lists diagnoses and insurances. Pure."""

from collections.abc import Iterable, Sequence

from app.census.terms import Diagnosis, Insurance
from app.interop.fhir.facts.elements import Resource, codes, codings, display, part, parts, text, written_date

WRONG = frozenset({"ENTERED-IN-ERROR", "REFUTED"})
USES = {"AD": "A", "DD": "F", "BILLING": "F", "PRE-OP": "W", "POST-OP": "W"}
"""DG1-6 by the use of a diagnosis in an encounter: admitting, final, working."""

_SYSTEMS = ("icd-10-cm", "icd-10", "icd-9", "snomed")


def diagnosis(condition: Resource, use: str = "") -> Diagnosis | None:
    """A condition by its ICD-10-CM code where it has one; None for one that was entered in error or refuted."""
    if codes(condition.get("verificationStatus")) & WRONG:
        return None
    concept = condition.get("code")
    best = min(codings(concept), key=_place, default={})
    words = text(best, "display") or display(concept)
    code = text(best, "code")
    return Diagnosis(code, words, use or "W") if code or words else None


def _place(coding: Resource) -> int:
    system = text(coding, "system").lower()
    return next((place for place, name in enumerate(_SYSTEMS) if name in system), len(_SYSTEMS))


def diagnoses(ranked: Sequence[tuple[Resource, str]], others: Iterable[Resource]) -> tuple[Diagnosis, ...]:
    """The list of a stay: those that the encounter names, in its order, then what else was recorded for it."""
    found: dict[Diagnosis, None] = {}
    for condition, use in ranked:
        one = diagnosis(condition, USES.get(use.upper(), "W"))
        if one:
            found[one] = None
    known = {(one.code, one.text) for one in found}
    rest = sorted(others, key=lambda one: (text(one, "recordedDate"), text(one, "id")))
    for condition in rest:
        one = diagnosis(condition)
        if one and (one.code, one.text) not in known:
            found[one] = None
    return tuple(found)


def insurance(coverage: Resource, payer: Resource, payer_said: str) -> Insurance | None:
    """A coverage that is in force; None for any other. `payer_said` is the display of the reference to the payer."""
    if text(coverage, "status") not in ("active", ""):
        return None
    classes = {next(iter(sorted(codes(part(one, "type")))), ""): one for one in reversed(parts(coverage, "class"))}
    group, plan = classes.get("GROUP", {}), classes.get("PLAN", {})
    numbers = [value for one in parts(payer, "identifier") if (value := text(one, "value"))]
    name = text(payer, "name") or payer_said
    period, member = part(coverage, "period"), text(coverage, "subscriberId")
    kinds = [text(one, "code") for one in codings(coverage.get("type"))]
    return Insurance(
        plan=text(plan, "value"),
        company=numbers[0] if numbers else name,
        name=name,
        group=text(group, "value"),
        effective=written_date(period.get("start")),
        expires=written_date(period.get("end")),
        plan_type=next((one for one in kinds if one), display(coverage.get("type"))),
        policy=member,
        member=member,
    )


def in_order(coverages: Iterable[Resource]) -> list[Resource]:
    """By `Coverage.order`, the primary one first; those without it come after, the older ones first."""

    def place(one: Resource) -> tuple[int, str, str]:
        order = one.get("order")
        known = isinstance(order, int) and order > 0
        return (order if known else 1 << 30), text(part(one, "period"), "start"), text(one, "id")  # type: ignore[return-value]

    return sorted(coverages, key=place)


def payor(coverage: Resource) -> Resource:
    """The reference to who pays."""
    return next(iter(parts(coverage, "payor")), {})
