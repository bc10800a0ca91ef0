"""The policies that a facility has: its own list, or the few that ship as long as it has made none."""

import uuid
from datetime import datetime

import msgspec

from app.platform.work import Reading


class Policy(msgspec.Struct, frozen=True):
    """A policy by its code. `id` is None for those that ship."""

    code: str
    label: str
    explanation: str
    id: uuid.UUID | None = None
    made_at: datetime | None = None
    ended_at: datetime | None = None


SHIPPED = (
    Policy(
        "inpatient_only",
        "Inpatient-only procedure",
        "The procedure is on the inpatient-only list of its year: 42 CFR 412.3(d)(2).",
    ),
    Policy(
        "awaiting_placement",
        "Waits for placement, physician has agreed",
        "A physician has already agreed that hospital care is not needed; the day counts as avoidable.",
    ),
    Policy(
        "benefit_exhausted",
        "Nobody pays for the day",
        "Benefits are exhausted or the patient pays: the review is kept for the record only.",
    ),
)
_ROWS = """
select code, label, explanation, id, made_at, ended_at from review_exemption where facility_id = %s
order by lower(label), made_at
"""


def every_row(db: Reading, facility_id: int) -> list[Policy]:
    """What a facility has ever put on its list."""
    return db.rows(Policy, _ROWS, (facility_id,))


def policies(db: Reading, facility_id: int) -> list[Policy]:
    """The policies that a review may name now."""
    rows = every_row(db, facility_id)
    return [one for one in rows if one.ended_at is None] if rows else list(SHIPPED)


def label_of(db: Reading, facility_id: int, code: str) -> str:
    """What a policy is, or was, called; its code where nobody knows it any more."""
    named = {one.code: one.label for one in (*SHIPPED, *every_row(db, facility_id))}
    return named.get(code, code)
