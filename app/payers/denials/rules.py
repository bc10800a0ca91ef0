"""The life cycle of a denial, what closing it needs, and sums over its days and money. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from app.clocks.terms import Line
from app.kernel.refusal import Refused
from app.payers.denials.terms import DenialAction, DenialKind, DenialOutcome, DenialState
from app.payers.requests.terms import Days

_S, _A = DenialState, DenialAction
_WORKED = (_S.OPEN, _S.TALK, _S.APPEALED)
LIFE: dict[tuple[DenialState, DenialAction], DenialState] = {
    (_S.NONE, _A.RECORD): _S.OPEN,
    (_S.OPEN, _A.ASK_TALK): _S.TALK,
    (_S.OPEN, _A.FILE_APPEAL): _S.APPEALED,
    (_S.TALK, _A.FILE_APPEAL): _S.APPEALED,
    (_S.OPEN, _A.HOLD_TALK): _S.OPEN,
    (_S.TALK, _A.HOLD_TALK): _S.OPEN,
    (_S.APPEALED, _A.HOLD_TALK): _S.APPEALED,
    (_S.CLOSED, _A.HOLD_TALK): _S.OPEN,
    **{(origin, _A.WIN_TALK): _S.CLOSED for origin in _WORKED},
    (_S.OPEN, _A.FORGET_TALK): _S.OPEN,
    (_S.TALK, _A.FORGET_TALK): _S.TALK,
    (_S.APPEALED, _A.FORGET_TALK): _S.APPEALED,
    (_S.CLOSED, _A.FORGET_TALK): _S.OPEN,
    (_S.APPEALED, _A.LOSE_APPEAL): _S.OPEN,
    (_S.APPEALED, _A.WIN_APPEAL): _S.CLOSED,
    (_S.APPEALED, _A.WITHDRAW_APPEAL): _S.OPEN,
    (_S.APPEALED, _A.TAKE_BACK): _S.OPEN,
    (_S.TALK, _A.TAKE_BACK): _S.OPEN,
    **{(origin, _A.CLOSE): _S.CLOSED for origin in _WORKED},
    (_S.CLOSED, _A.REOPEN): _S.OPEN,
    **{(origin, _A.AMEND): origin for origin in (*_WORKED, _S.CLOSED)},
    **{(origin, _A.STRIKE_OUT): _S.STRUCK_OUT for origin in (*_WORKED, _S.CLOSED)},
}
AT_WORK = frozenset(_WORKED)
"""States in which somebody may still do something about it."""
PAYMENT_DISPUTES = frozenset({DenialKind.RETROSPECTIVE, DenialKind.TECHNICAL, DenialKind.POST_PAYMENT})
"""Between a hospital and a plan with which it has a contract these are matters of the contract, not of 42 CFR 422."""
NO_TALK = frozenset({DenialKind.TECHNICAL, DenialKind.POST_PAYMENT})
"""Denials about which physicians have nothing to talk over."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a denial: the evidence that closing it needs."""

    talk_asked: bool = False
    talk_held: bool = False
    appealed: bool = False


def law_of(line: Line | None, kind: DenialKind) -> Line | None:
    """Which law says how a denial is appealed: OTHER where the contract alone does."""
    if line is Line.MEDICARE_ADVANTAGE and kind in PAYMENT_DISPUTES:
        return Line.OTHER
    return line


def check_closing(outcome: DenialOutcome, done: Done, reason: str) -> None:
    """Refused unless a talk was asked for, an appeal filed, the status changed, or somebody says why it is given up."""
    if outcome in (DenialOutcome.WRITTEN_OFF, DenialOutcome.STATUS_CHANGE):
        if len(reason) < 3:
            word = "it is written off" if outcome is DenialOutcome.WRITTEN_OFF else "the status changed"
            raise Refused(f"Say why {word}.", field="reason")
        return
    if not (done.talk_asked or done.talk_held or done.appealed):
        raise Refused(
            "Nothing was done about this denial yet. Ask for a peer-to-peer talk, file an appeal, or write it off"
            " with the reason.",
            field="outcome",
        )


def count(days: Iterable[Days]) -> int:
    """How many days these are."""
    return sum(one.count for one in days)


def overlap(days: Sequence[Days]) -> bool:
    """Whether some day is named twice."""
    ordered = sorted(days)
    return any(after.first < before.until for before, after in pairwise(ordered))


def money(text: str) -> Decimal | None:
    """An amount as people write it (`12,480.50`, `$ 300`); None where nothing is written; else ValueError."""
    plain = text.replace("$", "").replace(",", "").replace(" ", "")
    if not plain:
        return None
    whole, dot, cents = plain.partition(".")
    if not whole.isdecimal() or not whole.isascii() or (dot and not (cents.isdecimal() and cents.isascii())):
        raise ValueError("Write an amount in dollars, such as 12480.50.")
    if len(cents) > 2 or len(whole) > 9:
        raise ValueError("Write an amount below a billion dollars, with at most two digits of cents.")
    return Decimal(plain).quantize(CENT)


def money_text(amount: Decimal | None) -> str:
    """`$12,480.50`; empty where nobody knows it."""
    return "" if amount is None else f"${amount.quantize(CENT):,}"


def total_text(amounts: Sequence[Decimal | None]) -> str:
    """The sum of what is known, and how many amounts nobody knows: `$300.00 and 1 not known`."""
    unknown = sum(1 for one in amounts if one is None)
    known = money_text(total(amounts))
    if not unknown:
        return known
    return f"{known} and {unknown} not known" if unknown < len(amounts) else "not known"


def total(amounts: Iterable[Decimal | None]) -> Decimal:
    """The sum of what is known."""
    return sum((one for one in amounts if one is not None), Decimal("0.00"))
