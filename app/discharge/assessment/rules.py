"""Life cycles of screens and assessments, what a screen proposes, what must be there to sign. Pure.

42 CFR 482.43(a): who needs a plan is identified early; an evaluation is made for those, and for whoever asks; its
results are discussed with the patient or the representative; it names likely services, hospice among them, with their
availability and the patient's access.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from app.discharge.assessment.domains import DOMAINS, POINTS
from app.discharge.assessment.terms import (
    AssessmentAction,
    AssessmentState,
    Discussed,
    Need,
    ScreenAction,
    ScreenState,
)
from app.discharge.instruments.terms import Known, Score
from app.discharge.terms import CareType
from app.kernel.refusal import Refused

_S, _D = ScreenState, ScreenAction
SCREEN_LIFE = {
    (_S.NEGATIVE, _D.OVERRIDE): _S.POSITIVE,
    (_S.NEGATIVE, _D.CORRECT): _S.NEGATIVE,
    (_S.POSITIVE, _D.CORRECT): _S.POSITIVE,
    (_S.NEGATIVE, _D.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.POSITIVE, _D.STRIKE_OUT): _S.STRUCK_OUT,
}
_T, _A = AssessmentState, AssessmentAction
LIFE = {
    (_T.DRAFT, _A.KEEP): _T.DRAFT,
    (_T.DRAFT, _A.SIGN): _T.SIGNED,
    (_T.DRAFT, _A.DISCARD): _T.DISCARDED,
    (_T.SIGNED, _A.AMEND): _T.SIGNED,
    (_T.SIGNED, _A.STRIKE_OUT): _T.STRUCK_OUT,
}
HIGH_LACE = 10
OLD = 80
FROM_FACILITY = frozenset({"4", "5", "6", "D", "F"})
"""Point of origin of the claim: another hospital, a nursing or another facility, a unit of this one, hospice."""


def needs_known(known: Known, lace: Score, *, recent: bool, admit_source: str) -> list[Need]:
    """The reasons of a positive screen that the facts show by themselves."""
    shown = {
        Need.RISK: lace.at_least >= HIGH_LACE,
        Need.AGE: known.age is not None and known.age >= OLD,
        Need.READMITTED: recent,
        Need.FACILITY: admit_source.upper() in FROM_FACILITY,
        Need.CRITICAL: known.intensive or known.intensive_days > 0,
        Need.PAYER: known.has_payer is False,
    }
    return [need for need, there in shown.items() if there]


def needed_since(
    screens: Iterable[tuple[str, bool, datetime]], signed: Sequence[datetime]
) -> list[tuple[str, datetime, datetime | None]]:
    """What asks for an evaluation: its subject, since when, and when one answered it.

    `screens` are subject, whether somebody asked for it, and when. A screen that comes after an evaluation asks for
    nothing more; what a person asks for is answered by an evaluation after it.
    """
    found = []
    for subject, asked, at in screens:
        later = [when for when in signed if when >= at]
        if not asked and not later and signed:
            continue
        found.append((subject, at, min(later) if later else None))
    return found


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What an assessment says. `notes` are words by domain; services, availability and access look ahead."""

    points: tuple[str, ...] = ()
    notes: dict[str, str] = {}
    caregiver: str = ""
    goals: str = ""
    preferences: str = ""
    services: tuple[str, ...] = ()
    availability: str = ""
    access: str = ""


def read_content(stored: Mapping[str, object]) -> Content:
    """The content as it was kept; what a later version of the program does not know any more is left out."""
    found = msgspec.convert(dict(stored), Content, strict=False)
    return msgspec.structs.replace(found, points=tuple(code for code in found.points if code in POINTS))


def check_signed(content: Content, discussed: Discussed | None, discussed_with: str) -> None:
    """Refused for an assessment that cannot be signed yet, with what is missing and where."""
    if not any(content.notes.get(domain.code) for domain in DOMAINS) and not content.points:
        raise Refused("Nothing is assessed yet. Press what you found, or write a sentence to a domain.", field="points")
    if not content.goals:
        raise Refused("Write what the patient wants: the plan follows it (42 CFR 482.43).", field="goals")
    if not content.services:
        raise Refused("Choose at least one likely service after the hospital, home without services too.",
                      field="services")  # fmt: skip
    if discussed is None:
        raise Refused("Say with whom the results were discussed: 42 CFR 482.43(a)(4).", field="discussed")
    if discussed is not Discussed.PATIENT and not discussed_with:
        raise Refused("Write who represents the patient.", field="discussed_with")


def differences(before: Content, now: Content) -> list[str]:
    """What an assessment says otherwise than the one before it, in words."""
    gone = [POINTS[code].text for code in before.points if code not in now.points]
    new = [POINTS[code].text for code in now.points if code not in before.points]
    lines = [*(f"New: {text}" for text in new), *(f"No longer: {text}" for text in gone)]
    for domain in DOMAINS:
        if before.notes.get(domain.code, "") != now.notes.get(domain.code, ""):
            lines.append(f"{domain.title}: {now.notes.get(domain.code) or 'nothing any more'}")
    texts = (("Goals", "goals"), ("Preferences", "preferences"), ("Caregiver", "caregiver"),
             ("Availability", "availability"), ("Access", "access"))  # fmt: skip
    lines += [f"{label}: {getattr(now, name) or 'nothing any more'}" for label, name in texts
              if getattr(before, name) != getattr(now, name)]  # fmt: skip
    if set(before.services) != set(now.services):
        lines.append("Likely services: " + (", ".join(service_label(one) for one in now.services) or "none any more"))
    return lines


def service_label(code: str) -> str:
    """The name of a likely service."""
    return CareType(code).label if code in set(CareType) else code
