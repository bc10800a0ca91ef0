"""When an opening is to be judged, by whom, and what must be said. Pure.

72 hours and the marks are the usual convention of privacy offices; 45 CFR 164.308(a)(1)(ii)(D) asks that records of
activity are looked through regularly, without a number.
"""

import uuid
from datetime import datetime, timedelta

from app.accounts.watching.openings.terms import OpeningVerdict
from app.kernel.refusal import Refused

REVIEW_WITHIN = timedelta(hours=72)
FEWEST_LETTERS = 10
"""Of the words that a judgement against a person, or a referral, needs."""


def due_at(opened_at: datetime) -> datetime:
    """Until when an opening should be judged."""
    return opened_at + REVIEW_WITHIN


def check_judge(opener: uuid.UUID, judge: uuid.UUID | None) -> None:
    """Refused for a program, and for whoever opened the stay."""
    if judge is None:
        raise Refused("Only a person can judge an opening.")
    if judge == opener:
        raise Refused("You opened this stay yourself. Ask another privacy officer to judge it.")


def check_words(verdict: OpeningVerdict, words: str) -> None:
    """Refused without words where the verdict is more than a nod."""
    if verdict is not OpeningVerdict.JUSTIFIED and len(words) < FEWEST_LETTERS:
        raise Refused("Say in a few words what is wrong and what follows.", field="said")
