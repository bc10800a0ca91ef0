"""When the next review is proposed: by the cadence of payer or facility, and before what is authorized ends."""

from datetime import date

import msgspec

from app.clocks.facts import StayFacts
from app.clocks.rules.owing import due_at, term
from app.clocks.rules.stay import Stay
from app.clocks.terms import EventKind
from app.kernel.days import ONE_DAY, local_day, start_of_day
from app.kernel.wording import day_text
from app.reviews.criteria.terms import ReviewKind

CADENCE = "UR-CSR"


class Proposal(msgspec.Struct, frozen=True):
    """The day that is proposed, and why in one sentence; no day where no further review is asked for."""

    day: date | None
    because: str


def propose_next(facts: StayFacts, kind: ReviewKind, for_day: date) -> Proposal:
    """The day of the review after one of `for_day`, never before tomorrow's round for a day that has begun.

    Raises what `term` raises for a policy that cannot be read.
    """
    stay = Stay(facts)
    if stay.discharge is not None or kind is ReviewKind.RETROSPECTIVE:
        return Proposal(None, "The stay has ended: no further review is due.")
    if kind is ReviewKind.PRE_ADMISSION:
        return Proposal(None, "The admission review follows when the patient is here.")
    start = start_of_day(max(for_day, local_day(facts.as_of, facts.zone)), facts.zone)
    found = term(stay, CADENCE, for_day)
    if found is None:
        return _by_authorization(stay, Proposal(None, "By its terms nobody asks for a continued-stay review."))
    day = stay.day(due_at(stay, found, start))
    return _by_authorization(stay, Proposal(day, f"{_who(found.citation)} {found.allowance} after the last review."))


def _who(citation: str) -> str:
    source = citation.split(";")[0]
    return f"{source[0].upper()}{source[1:]}:"


def _by_authorization(stay: Stay, found: Proposal) -> Proposal:
    """Further days are asked for on the last day that is authorized, at the latest."""
    ends = [one.through for one in stay.all(EventKind.AUTHORIZATION_ENDS) if one.through is not None]
    last = max(ends, default=None)
    if last is None or last < stay.today or (found.day is not None and found.day <= last):
        return found
    day = max(last, stay.today + ONE_DAY)
    return Proposal(
        day, f"Authorized through {day_text(last, stay.today)}; reviewed before further days are asked for."
    )
