"""Points of complexity for dividing work, their tiers, and the weighted caseload. Our own design, not published.

They predict nothing; they say how much a stay asks of a case manager. Pure.
"""

from collections.abc import Iterable
from enum import StrEnum

from app.discharge.instruments.rules import asked_yes, days_of
from app.discharge.instruments.terms import Input, Instrument, Known, Part, Score, Source

CAPACITY = 20.0
"""Weighted stays that one person can carry."""


class Tier(StrEnum):
    """How much a stay asks."""

    ROUTINE = "routine"  # 0 to 3 points
    MODERATE = "moderate"  # 4 to 7 points
    COMPLEX = "complex"  # 8 points and more: reviewed every week

    @property
    def weight(self) -> int:
        """Its place among the tiers, by which it weighs."""
        return list(Tier).index(self)


FROM_ASSESSMENT = (
    ("cognition", "Cognition or behaviour", 2, ("confused", "behaviour")),
    ("alone", "Lives alone", 1, ("lives_alone",)),
    ("homeless", "No home", 2, ("homeless",)),
    ("guardianship", "Guardianship", 3, ("guardianship",)),
    ("lines", "Dialysis, parenteral nutrition or intravenous medicines", 2, ("dialysis", "intravenous")),
    ("wound", "Wound or bariatric needs", 1, ("wound", "bariatric")),
)
"""Parts that an assessment tells: code, label, points, and the points of the assessment that show it."""


def tier_of(points: int) -> Tier:
    """The tier of so many points."""
    return Tier.ROUTINE if points <= 3 else Tier.MODERATE if points <= 7 else Tier.COMPLEX


def complexity(known: Known, lace_at_least: int) -> Score:
    """Points of complexity with their parts. What is not known adds nothing here, and the part says so.

    Unlike a published score this one is a floor: a stay is at least that complex.
    """
    days, parts = days_of(known), []
    if known.age is not None and known.age >= 80:
        parts.append(_auto("age", "80 years or older", f"{known.age}", 1))
    if known.admissions is not None and known.admissions >= 3:
        parts.append(_auto("admissions", "Three admissions in a year", str(known.admissions), 2))
    if lace_at_least >= 10:
        parts.append(_auto("lace", "LACE 10 or more", str(lace_at_least), 2))
    ventilated = asked_yes(known.answers, Input.VENTILATOR.value)
    if known.intensive or known.intensive_days > 0 or ventilated:
        days_there = f"{known.intensive_days} days" if known.intensive_days > 1 else "intensive care"
        value = "ventilator or tracheostomy" if ventilated else days_there
        parts.append(_auto("intensive", "Intensive care, ventilator or tracheostomy", value, 3))
    for code, label, points, shown in FROM_ASSESSMENT:
        if known.points.intersection(shown):
            parts.append(_auto(code, label, "assessment", points))
    if known.has_payer is False:
        parts.append(_auto("payer", "No payer", "none", 2))
    denied = asked_yes(known.answers, Input.POST_ACUTE_DENIED.value)
    if denied:
        said = known.answers[Input.POST_ACUTE_DENIED.value]
        parts.append(Part("denied", "Post-acute care denied", "yes", 2, Source.MANUAL, said.by, said.at))
    if days is not None and known.gmlos and days > known.gmlos:
        double = days >= 2 * known.gmlos
        label = "At least twice the expected stay" if double else "Longer than expected"
        parts.append(_auto("long", label, f"{days} of {known.gmlos:.1f} days", 2 if double else 1))
    total = sum(part.points or 0 for part in parts)
    return Score(
        Instrument.COMPLEXITY, "1", tuple(parts), total, total, tier_of(total).value,
        "points for dividing work; what is not recorded counts nothing", "our own points, not published",
    )  # fmt: skip


def _auto(code: str, label: str, value: str, points: int) -> Part:
    return Part(code, label, value, points, Source.AUTO)


def weighted_caseload(tiers: Iterable[Tier]) -> float:
    """Stays of one person, each weighing one and a quarter more for every tier above routine."""
    return sum(1 + 0.25 * tier.weight for tier in tiers)
