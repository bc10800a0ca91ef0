"""The life of a list and its choice, and what a choice needs to stand. Pure.

42 CFR 482.43(c): a list of Medicare-participating providers that serve the area; the patient's freedom to choose is not
limited; a financial interest in a provider that is referred to is disclosed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.clocks.terms import Line
from app.discharge.choice.snapshot import Shown
from app.discharge.choice.terms import ChoiceAction, ChoiceOutcome, ChoiceState, Evidence, GivenTo
from app.kernel.refusal import Refused

_S, _A = ChoiceState, ChoiceAction
_ANSWERS = {
    _A.CHOOSE: _S.CHOSEN,
    _A.LEAVE_OPEN: _S.NO_PREFERENCE,
    _A.DECLINE: _S.DECLINED,
    _A.ASK_AGAIN: _S.ASKED_AGAIN,
}
_ANSWERED = (_S.ASKED_AGAIN, _S.NO_PREFERENCE, _S.DECLINED, _S.CHOSEN)
LIFE: dict[tuple[ChoiceState, ChoiceAction], ChoiceState] = {
    (_S.NO_LIST, _A.MAKE_LIST): _S.LISTED,
    (_S.LISTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ASKED_AGAIN, _A.WITHDRAW): _S.WITHDRAWN,
    **{(state, action): after for state in (_S.LISTED, *_ANSWERED) for action, after in _ANSWERS.items()},
    **{(state, _A.AMEND): state for state in _ANSWERED},
    **{(state, _A.STRIKE_OUT): _S.LISTED for state in _ANSWERED},
}
"""A patient may answer again: the later answer stands, the earlier one stays readable."""

OF_OUTCOME = {
    ChoiceOutcome.CHOSEN: _A.CHOOSE,
    ChoiceOutcome.NO_PREFERENCE: _A.LEAVE_OPEN,
    ChoiceOutcome.DECLINED: _A.DECLINE,
    ChoiceOutcome.ASKED_AGAIN: _A.ASK_AGAIN,
}
MOST_ON_A_LIST = 60
MOST_CHOSEN = 5
MAY_BE_LIMITED = frozenset({Line.MEDICARE_ADVANTAGE, Line.MEDICAID_MCO, Line.COMMERCIAL, Line.OTHER})
"""Plans with networks: their lists may be limited to them. Under original Medicare every provider may be chosen."""


def state_of(outcome: ChoiceOutcome | None, *, ended: bool) -> ChoiceState:
    """Where a list stands, from the answer that stands."""
    if ended:
        return _S.WITHDRAWN
    return _ANSWERS[OF_OUTCOME[outcome]] if outcome is not None else _S.LISTED


def check_limits(line: Line | None, *, in_network: bool) -> None:
    """A list under original Medicare, or of a self-paying patient, is not limited to a network."""
    if in_network and line not in MAY_BE_LIMITED:
        raise Refused(
            "Only a plan with a network may limit the list to it. Take the limit away; the network is shown as well.",
            field="in_network",
        )


def check_length(count: int, *, whole: bool) -> None:
    """A list must hold somebody, and must be short enough to be read."""
    if count == 0:
        raise Refused("Nobody is left for the list. Ask less: a wider distance, fewer capabilities.", field="within")
    if count > MOST_ON_A_LIST or not whole:
        raise Refused(
            f"{count} providers match; a list holds {MOST_ON_A_LIST} at most. Limit the distance.", field="within"
        )


def network_text(shown: Shown) -> str:
    """`in network per Senior Choice Advantage as of 5 Mar 2026`, for the head of the column: DP4.

    Empty where there is no network: any provider that takes part in Medicare may be chosen.
    """
    if not shown.payer_name or shown.line in (Line.MEDICARE_FFS, Line.SELF_PAY):
        return ""
    return f"per {shown.payer_name} as of {shown.on:%-d %b %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is recorded of the patient's answer."""

    outcome: ChoiceOutcome
    vendors: Sequence[uuid.UUID] = ()
    disclosed: bool = False
    given_to: GivenTo = GivenTo.PATIENT
    recipient_name: str = ""
    relation: str = ""
    evidence: Evidence = Evidence.VERBAL
    drawing: str = ""
    witness_name: str = ""


def check_choice(said: Said, shown: Shown, at: datetime, now: datetime, made_at: datetime) -> None:
    """Refused, with the field, for what would not stand."""
    if at > now:
        raise Refused("This time lies in the future. Write when the patient answered.", field="at")
    if at < made_at:
        raise Refused("This is before the list was made. Write when the patient answered, or make another list.",
                      field="at")  # fmt: skip
    _check_vendors(said, shown)
    if said.given_to is GivenTo.REPRESENTATIVE:
        if not said.recipient_name:
            raise Refused("Write the name of the representative.", field="recipient_name")
        if not said.relation:
            raise Refused("Write how the representative is related to the patient.", field="relation")
    if said.evidence is Evidence.DRAWN and "L" not in said.drawing:
        raise Refused("Nothing is drawn. Sign in the field, or choose another way.", field="drawing")
    if said.evidence is Evidence.VERBAL and not said.witness_name:
        raise Refused("Write the name of the member of staff who heard it.", field="witness_name")


def _check_vendors(said: Said, shown: Shown) -> None:
    if said.outcome is not ChoiceOutcome.CHOSEN:
        if said.vendors:
            raise Refused("A provider is named, so the patient chose. Say so, or name nobody.", field="outcome")
        return
    if not said.vendors:
        raise Refused("Name the provider that was chosen.", field="first")
    if len(set(said.vendors)) != len(said.vendors):
        raise Refused("The same provider is named twice.", field="second")
    if any(shown.named(one) is None for one in said.vendors):
        raise Refused("This provider is not on the list that was shown. Make a list that holds it.", field="first")
    if shown.affiliated & set(said.vendors) and not said.disclosed:
        raise Refused(
            "The hospital has a financial interest with a provider that was chosen. Tell the patient, and say so here:"
            " 42 CFR 482.43(c)(3).",
            field="disclosed",
        )
