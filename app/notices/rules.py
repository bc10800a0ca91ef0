"""The life cycle of a notice, who must sign, what evidence each way of delivering needs. Pure.

Whether a notice is owed, and by when, is computed by the clocks (`app/clocks/rules/notices.py`). The states before a
delivery (not due, due, not required) are theirs; the table here begins where something was delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clocks.terms import Copy, NoticeKind
from app.kernel.refusal import Refused
from app.notices.terms import Basis, Channel, NoticeAction, NoticeState, Receipt, Recipient

BEFORE_ADMISSION = timedelta(days=7)
"""How long before the admission a notice may be given at a pre-admission visit: 42 CFR 405.1205(b)."""

_S, _A = NoticeState, NoticeAction
LIFE: dict[tuple[NoticeState, NoticeAction], NoticeState] = {
    (_S.NOT_GIVEN, _A.SIGN): _S.SIGNED,
    (_S.NOT_GIVEN, _A.WITNESS): _S.REFUSED,
    (_S.NOT_GIVEN, _A.TELL): _S.TOLD,
    (_S.NOT_GIVEN, _A.HAND_OVER): _S.GIVEN,
    (_S.SIGNED, _A.AMEND): _S.SIGNED,
    (_S.SIGNED, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.SIGNED, _A.INVALIDATE): _S.VOID,
    (_S.SIGNED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.REFUSED, _A.AMEND): _S.REFUSED,
    (_S.REFUSED, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.REFUSED, _A.INVALIDATE): _S.VOID,
    (_S.REFUSED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.TOLD, _A.AMEND): _S.TOLD,
    (_S.TOLD, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.TOLD, _A.INVALIDATE): _S.VOID,
    (_S.TOLD, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.GIVEN, _A.AMEND): _S.GIVEN,
    (_S.GIVEN, _A.SUPERSEDE): _S.SUPERSEDED,
    (_S.GIVEN, _A.INVALIDATE): _S.VOID,
    (_S.GIVEN, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.SUPERSEDED, _A.INVALIDATE): _S.VOID,
    (_S.SUPERSEDED, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
AFTER_DELIVERY = {
    Receipt.PAPER: _S.SIGNED,
    Receipt.SCREEN: _S.SIGNED,
    Receipt.REFUSED: _S.REFUSED,
    Receipt.TELEPHONE: _S.TOLD,
    Receipt.UNSIGNED: _S.GIVEN,
}
DELIVERABLE = (
    NoticeKind.IM, NoticeKind.MOON, NoticeKind.MCSN, NoticeKind.CC44, NoticeKind.DND, NoticeKind.HINN1,
    NoticeKind.HINN10, NoticeKind.HINN11, NoticeKind.HINN12, NoticeKind.NOMNC,
)  # fmt: skip
"""Notices that are delivered here, in the order in which a form offers them."""

SAY_MORE = frozenset({NoticeKind.MOON, NoticeKind.HINN11, NoticeKind.HINN12})
"""Notices for which more has to be said than when, to whom and how."""
_NEED_NO_SIGNATURE = frozenset({NoticeKind.DND, NoticeKind.CC44, NoticeKind.HINN10})
_NAMES = {
    NoticeKind.IM: "Important Message",
    NoticeKind.DND: "Detailed Notice of Discharge",
    NoticeKind.MOON: "MOON",
    NoticeKind.MCSN: "Medicare Change of Status Notice",
    NoticeKind.CC44: "Condition code 44 notice",
    NoticeKind.HINN1: "HINN 1",
    NoticeKind.HINN10: "HINN 10",
    NoticeKind.HINN11: "HINN 11",
    NoticeKind.HINN12: "HINN 12",
    NoticeKind.NOMNC: "Notice of Medicare Non-Coverage",
}


def name_of(kind: NoticeKind, copy: Copy | None = None) -> str:
    """What staff call the notice: `Important Message, follow-up copy`."""
    if copy is None:
        return _NAMES[kind]
    return f"{_NAMES[kind]}, {'first copy' if copy is Copy.FIRST else 'follow-up copy'}"


def receipts(kind: NoticeKind, copy: Copy | None = None) -> list[Receipt]:
    """The ways in which receipt of this notice can be shown, the usual one first."""
    signed = [Receipt.PAPER, Receipt.SCREEN, Receipt.REFUSED, Receipt.TELEPHONE]
    if kind in _NEED_NO_SIGNATURE:
        return [Receipt.UNSIGNED, *signed]
    return [*signed, Receipt.UNSIGNED] if copy is Copy.FOLLOW_UP else signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What somebody says about a delivery."""

    kind: NoticeKind
    copy: Copy | None
    recipient: Recipient
    recipient_name: str = ""
    relation: str = ""
    channel: Channel
    mailed: bool = False
    receipt: Receipt
    drawing: str = ""
    witness_name: str = ""
    witness_title: str = ""
    certified: bool = False
    explained: bool = False
    outpatient_reason: str = ""
    item: str = ""
    basis: Basis | None = None
    basis_name: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When it was delivered, against what is known of the stay."""

    at: datetime
    now: datetime
    began: datetime | None  # start of the stay, or of its first inpatient order for an Important Message


def check(said: Evidence, moment: Moment) -> None:
    """Refused, with the field, for evidence that would not stand."""
    _check_time(said, moment)
    if (said.kind is NoticeKind.IM) != (said.copy is not None):
        raise Refused("Say which copy of the Important Message it is.", field="copy")
    if said.receipt not in receipts(said.kind, said.copy):
        raise Refused("This notice has to be signed. Choose how, or record the refusal.", field="receipt")
    _check_recipient(said)
    if said.receipt is Receipt.REFUSED:
        _check_refusal(said)
    if said.receipt is Receipt.SCREEN and "L" not in said.drawing:
        raise Refused("Nothing is drawn. Sign in the field, or choose another way.", field="drawing")
    _check_content(said)


def _check_time(said: Evidence, moment: Moment) -> None:
    if moment.at > moment.now:
        raise Refused("This time lies in the future. Write when the notice was given.", field="at")
    if moment.began is not None and moment.at < moment.began - BEFORE_ADMISSION:
        raise Refused(
            "This is more than seven days before the stay began, so it does not count."
            " Correct the day, or give the notice again.",
            field="on",
        )


def _check_recipient(said: Evidence) -> None:
    if said.recipient is Recipient.REPRESENTATIVE:
        if not said.recipient_name:
            raise Refused("Write the name of the representative.", field="recipient_name")
        if not said.relation:
            raise Refused("Write how the representative is related to the patient.", field="relation")
    by_telephone = said.channel is Channel.TELEPHONE
    if by_telephone and said.recipient is Recipient.PATIENT:
        raise Refused("By telephone a notice is given to the representative only.", field="recipient")
    if by_telephone and said.receipt not in (Receipt.TELEPHONE, Receipt.REFUSED):
        raise Refused("Nobody signs by telephone. Choose “Told by telephone”.", field="receipt")
    if said.receipt is Receipt.TELEPHONE and not by_telephone:
        raise Refused("Choose “By telephone”, or another way of receipt.", field="channel")
    if by_telephone and not said.mailed:
        raise Refused("Write the day on which the copy was, or will be, mailed.", field="mailed_on")


def _check_refusal(said: Evidence) -> None:
    if not said.witness_name:
        raise Refused("Write the name of the member of staff who witnessed the refusal.", field="witness_name")
    if not said.witness_title:
        raise Refused("Write the title of the witness.", field="witness_title")
    if said.kind is NoticeKind.MOON and not said.certified:
        raise Refused("The witness has to certify that the MOON was presented.", field="certified")


def _check_content(said: Evidence) -> None:
    if said.kind is NoticeKind.MOON:
        if not said.explained:
            raise Refused("The MOON has to be explained orally. Explain it, and say so here.", field="explained")
        if not said.outpatient_reason:
            raise Refused("Write why the patient is an outpatient, as on the form.", field="outpatient_reason")
    if said.kind is NoticeKind.HINN11 and not said.item:
        raise Refused("Write which item or service is not covered.", field="item")
    if said.kind is NoticeKind.HINN12 and said.basis is None:
        raise Refused("Say what allows this notice: the attending physician or the QIO.", field="basis")
    if said.basis is Basis.ATTENDING and not said.basis_name:
        raise Refused("Write the name of the attending physician who concurs.", field="basis_name")


def check_continued_stay(basis: Basis | None, *, decided_for_hospital: bool) -> None:
    """HINN 12 needs the concurrence of the attending physician or a decision of the QIO: 42 CFR 412.42(c)."""
    if basis is Basis.QIO and not decided_for_hospital:
        raise Refused("No decision of the QIO for the hospital is recorded for this stay.", field="basis")


@dataclass(frozen=True, slots=True)
class Given:
    """One delivery that stands: what, and when."""

    kind: NoticeKind
    copy: Copy | None
    at: datetime
    receipt: Receipt


def state(one: Given, others: Sequence[Given], opens: datetime | None = None) -> NoticeState:
    """Signed, refused, told or given; superseded when the same notice was given later, or before it could count.

    `opens` is the instant from which a follow-up copy counts for the departure as it is known now: one that was given
    earlier has to be given again.
    """
    later = any(other.kind is one.kind and other.copy is one.copy and other.at > one.at for other in others)
    too_early = one.copy is Copy.FOLLOW_UP and opens is not None and one.at < opens
    return NoticeState.SUPERSEDED if later or too_early else AFTER_DELIVERY[one.receipt]
