"""What an assessment looks at: domains with points that are there or not, and words for each domain. Pure.

Points are in our own words. Social needs name the ICD-10-CM code of chapter XXI (Z55 to Z65) that a coder may use when
a clinician documents the need; the codes are those of the classification in force from October 2025.
"""

import msgspec


class Point(msgspec.Struct, frozen=True):
    """Something that is there or not. `code` names it for ever; `icd` is set for social needs."""

    code: str
    text: str
    icd: str = ""


class Domain(msgspec.Struct, frozen=True):
    """A part of the assessment with its points."""

    code: str
    title: str
    points: tuple[Point, ...]
    asks: str  # what the words of the domain should say


DOMAINS = (
    Domain(
        "medical",
        "Medical",
        (
            Point("equipment", "New equipment or oxygen at home"),
            Point("wound", "Wound care"),
            Point("intravenous", "Intravenous medicines or parenteral nutrition"),
            Point("dialysis", "Dialysis"),
            Point("medicines", "Many or high-risk medicines"),
            Point("bariatric", "Bariatric equipment"),
        ),
        "condition, treatments that go on after discharge",
    ),
    Domain(
        "functional",
        "Functional",
        (
            Point("walking", "Needs help to walk or transfer"),
            Point("self_care", "Needs help to bathe or dress"),
            Point("eating", "Needs help to eat"),
            Point("decline", "Weaker than before this stay"),
        ),
        "before this stay and now",
    ),
    Domain(
        "cognitive",
        "Cognitive and behavioural",
        (
            Point("confused", "Not oriented, or memory fails"),
            Point("behaviour", "Behaviour that needs supervision"),
            Point("mental_health", "Mental health or substance use"),
        ),
        "orientation, capacity to decide, mood",
    ),
    Domain(
        "environmental",
        "Home",
        (
            Point("stairs", "Stairs or doors that cannot be managed"),
            Point("unsafe_home", "Home is not safe or not ready"),
        ),
        "where the patient lived and can return to",
    ),
    Domain(
        "support",
        "Support and caregiver",
        (
            Point("lives_alone", "Lives alone", "Z60.2"),
            Point("no_caregiver", "Nobody able and willing to help"),
            Point("caregiver_strained", "Caregiver at the limit"),
            Point("depends_on_patient", "Somebody depends on the patient at home", "Z63.6"),
        ),
        "who helps, what they are able and willing to do",
    ),
    Domain(
        "financial",
        "Financial",
        (
            Point("no_coverage", "No payer for what is needed"),
            Point("cannot_pay", "Cannot pay for medicines or care", "Z59.86"),
            Point("low_income", "Low income", "Z59.6"),
        ),
        "coverage, benefits left, applications under way",
    ),
    Domain(
        "legal",
        "Legal",
        (
            Point("guardianship", "Guardianship needed or pending"),
            Point("no_surrogate", "Nobody may decide for the patient"),
            Point("legal_trouble", "Custody, probation or another legal matter", "Z65.3"),
        ),
        "who decides, papers that exist",
    ),
    Domain(
        "social",
        "Social needs",
        (
            Point("homeless", "No home", "Z59.00"),
            Point("housing_instable", "Housing may be lost", "Z59.819"),
            Point("food", "Not enough food", "Z59.41"),
            Point("transport", "No way to get to care", "Z59.82"),
            Point("utilities", "No power, heat or water", "Z59.12"),
            Point("unemployed", "Without work", "Z56.0"),
            Point("reading", "Cannot read instructions", "Z55.0"),
            Point("isolated", "Isolated or rejected", "Z60.4"),
            Point("not_safe", "Not safe with people at home"),
        ),
        "needs that the patient wants help with",
    ),
)
POINTS = {point.code: point for domain in DOMAINS for point in domain.points}
_KEYS = "abcdefghijklmnopqrstuvwxyz0123456789"


def letters() -> dict[str, str]:
    """The key of each point, in their order; points past the last key have none."""
    return dict(zip(POINTS, _KEYS, strict=False))


def social_codes(points: frozenset[str]) -> list[str]:
    """The codes of social needs that these points name, in the order of the assessment."""
    return [point.icd for code, point in POINTS.items() if code in points and point.icd]
