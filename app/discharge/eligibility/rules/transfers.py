"""What a transfer does to the payment, and what it needs: 42 CFR 412.4, 42 U.S.C. 1395dd(c)."""

from datetime import timedelta
from decimal import Decimal

from app.clocks.rules.benefits import HOME_HEALTH_WITHIN, is_post_acute_transfer
from app.clocks.terms import Line
from app.discharge.eligibility.facts import Check, Condition, Facts, asked
from app.discharge.eligibility.terms import Question, Verdict
from app.discharge.terms import CareType

_Q, _V = Question, Verdict
_TO = {
    CareType.SNF: "snf", CareType.IRF: "irf", CareType.LTCH: "ltch", CareType.HOME_HEALTH: "hha",
    CareType.HOSPICE_HOME: "hospice", CareType.HOSPICE_FACILITY: "hospice", CareType.PSYCHIATRIC: "irf",
}  # fmt: skip
"""Destinations as the payment rule knows them; a psychiatric hospital is excluded as a rehabilitation facility is."""
EMTALA = (
    Condition(
        "emtala_certificate", "Physician's certificate", _Q.EMTALA_CERTIFICATE,
        "A physician certified in writing that the benefits outweigh the risks, or the patient asked for the transfer.",
        "No physician has certified it.", "42 U.S.C. 1395dd(c)(1)",
    ),
    Condition(
        "emtala_accepted", "Accepted, with space and staff", _Q.EMTALA_ACCEPTED,
        "The other hospital has space and qualified staff, and agreed to accept.",
        "The other hospital has not agreed to accept.", "42 U.S.C. 1395dd(c)(2)(B)",
    ),
    Condition(
        "emtala_records", "Records sent", _Q.EMTALA_RECORDS,
        "All records of the emergency that are at hand go with the patient.",
        "The records do not go with the patient.", "42 U.S.C. 1395dd(c)(2)(C)",
    ),
    Condition(
        "emtala_transport", "Qualified transport", _Q.EMTALA_TRANSPORT,
        "Qualified staff and equipment go with the patient.",
        "Staff or equipment on the way are not as they should be.", "42 U.S.C. 1395dd(c)(2)(D)",
    ),
)  # fmt: skip


def emergency(facts: Facts) -> list[Check]:
    """What a transfer of a patient who is not stable needs."""
    return [asked(facts, one) for one in EMTALA]


def payment(facts: Facts) -> list[Check]:
    """Whether the hospital is paid by the day because the patient goes where the DRG counts as a transfer.

    Not a condition of care: it is shown, and never holds anybody back.
    """
    to = _TO.get(facts.care_type)
    if to is None or Line.MEDICARE_FFS not in facts.lines:
        return []
    listed = facts.answer(_Q.TRANSFER_DRG)
    if listed is None:
        verdict, because = _V.NOT_KNOWN, "Whether the DRG is on the list of post-acute transfers is not recorded."
    elif not listed.yes:
        verdict, because = _V.NOT_NEEDED, "The DRG is not on the list of post-acute transfers."
    elif not is_post_acute_transfer(to, _home_health_after(facts)):
        verdict, because = _V.NOT_NEEDED, f"Home health starts later than {HOME_HEALTH_WITHIN} days after discharge."
    elif facts.gmlos is None or facts.length is None:
        verdict, because = _V.NOT_KNOWN, "The mean length of stay of the DRG is not known."
    elif is_reduced(facts.length, Decimal(str(facts.gmlos))):
        verdict = _V.NOT_MET
        because = f"Paid by the day: {facts.length} days and 1 are fewer than the mean of {facts.gmlos:g}."
    else:
        verdict, because = _V.MET, f"Paid in full: {facts.length} days and 1 reach the mean of {facts.gmlos:g}."
    return [
        Check(
            key="transfer", title="Full DRG payment", verdict=verdict, because=because, citation="42 CFR 412.4(c), (f)",
            record=_Q.TRANSFER_DRG,
        )
    ]  # fmt: skip


def is_reduced(length: int, gmlos: Decimal) -> bool:
    """Whether a transfer after so many days is paid less than the full DRG. 42 CFR 412.4(f)."""
    return length + 1 < gmlos


def _home_health_after(facts: Facts) -> int | None:
    """Days from departure to the start of home health; where no start is known it is taken to be the same day."""
    ordered = facts.answer(_Q.HH_START)
    start = (ordered.on if ordered is not None else None) or facts.starts_on
    if facts.leaves_on is None or start is None:
        return 0
    return max(timedelta(0), start - facts.leaves_on).days
