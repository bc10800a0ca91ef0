"""Levels of appeal by line of business, the last instant to file at each, and the life cycle of one appeal. Pure."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.terms import Line
from app.kernel.days import start_of_day
from app.kernel.deadlines import Allowance, Unit, due, opens
from app.payers.denials.appeals.terms import AppealAction, AppealOutcome, AppealState
from app.payers.denials.rules import CENT
from app.regulations import NotInForce, in_force

_S, _A = AppealState, AppealAction
LIFE: dict[tuple[AppealState, AppealAction], AppealState] = {
    (_S.NONE, _A.PREPARE): _S.PREPARED,
    (_S.NONE, _A.SEND): _S.SENT,
    (_S.PREPARED, _A.SEND): _S.SENT,
    (_S.SENT, _A.VERIFY): _S.VERIFIED,
    (_S.SENT, _A.DECIDE): _S.DECIDED,
    (_S.VERIFIED, _A.DECIDE): _S.DECIDED,
    (_S.SENT, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.VERIFIED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SENT, _A.TAKE_BACK): _S.PREPARED,
    (_S.VERIFIED, _A.TAKE_BACK): _S.SENT,
    (_S.DECIDED, _A.TAKE_BACK): _S.SENT,
    (_S.WITHDRAWN, _A.TAKE_BACK): _S.SENT,
    (_S.PREPARED, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.SENT, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.VERIFIED, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
UNDECIDED = frozenset({_S.PREPARED, _S.SENT, _S.VERIFIED})
"""States of an appeal that is under way."""
FILED = frozenset({_S.SENT, _S.VERIFIED, _S.DECIDED})
"""States of an appeal that left the house and was not withdrawn."""
AUTOMATIC_AFTER = frozenset({AppealOutcome.UPHELD, AppealOutcome.PARTLY})
"""After these a plan itself sends the case on: 42 CFR 422.590(i)."""


@dataclass(frozen=True, slots=True)
class Contract:
    """How long the contract of a payer gives to file, by level; what it does not say is the usual term."""

    file_within: Sequence[Allowance] = ()

    def at(self, number: int) -> Allowance | None:
        """The time to file at a level."""
        return self.file_within[number - 1] if number <= len(self.file_within) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of appeal.

    Attributes:
        rule: the obligation that reminds of it; empty where none does.
        file_within: how long there is to file, from receipt of what is appealed; None where nothing is filed.
        presumed: how long after the notice it is taken as received where nobody knows better.
        automatic: the case comes here by itself.
        least: the amount that must be in controversy that year; None where none is asked or the year is not known.
        asks_amount: an amount in controversy is asked at all.
    """

    number: int
    name: str
    decides: str
    rule: str
    file_within: Allowance | None
    presumed: Allowance | None
    decided_within: Allowance | None
    expedited_within: Allowance | None
    automatic: bool
    least: Decimal | None
    asks_amount: bool
    citation: str

    def open_to(self, amount: Decimal | None) -> bool:
        """Whether so much may be appealed here; what is not known is not held against it."""
        return self.least is None or amount is None or amount >= self.least


class _Level(msgspec.Struct, forbid_unknown_fields=True):
    line: Line
    number: int
    name: str
    decides: str
    citation: str
    rule: str = ""
    file_within: str = ""
    decided_within: str = ""
    expedited_within: str = ""
    automatic: bool = False
    contract: bool = False
    least: str = ""


class _Amount(msgspec.Struct, forbid_unknown_fields=True):
    year: int
    hearing: str
    court: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    level: list[_Level]
    amount: list[_Amount]


_FILE = msgspec.convert(tomllib.loads((Path(__file__).parent / "levels.toml").read_text("utf-8")), _File)
_AMOUNTS = {one.year: {"hearing": Decimal(one.hearing), "court": Decimal(one.court)} for one in _FILE.amount}


def levels(line: Line | None, contract: Contract, on: date) -> list[Level]:
    """The levels of appeal that are open under a line, in their order, as the law stood on a local day.

    Nobody denies a patient who pays alone. Of a line that nobody has named the contract says how it is appealed.
    """
    wanted = Line.OTHER if line is None else line
    return [_level(one, contract, on) for one in _FILE.level if one.line is wanted]


def _level(one: _Level, contract: Contract, on: date) -> Level:
    file_within, presumed = _to_file(one, contract, on)
    return Level(
        number=one.number, name=one.name, decides=one.decides,
        rule="" if one.automatic else one.rule or "PY-APPEAL", file_within=file_within, presumed=presumed,
        decided_within=_parsed(one.decided_within), expedited_within=_parsed(one.expedited_within),
        automatic=one.automatic, least=_AMOUNTS.get(on.year, {}).get(one.least), asks_amount=bool(one.least),
        citation=one.citation,
    )  # fmt: skip


def _to_file(one: _Level, contract: Contract, on: date) -> tuple[Allowance | None, Allowance | None]:
    """The time to file, and after how long receipt is presumed."""
    if one.automatic:
        return None, None
    if one.file_within:
        return Allowance.parse(one.file_within), None
    if one.contract and (own := contract.at(one.number)) is not None:
        return own, None
    try:
        law = in_force(one.rule or "PY-APPEAL", on)
    except NotInForce:
        return None, None
    if one.contract:
        return law.more.get(f"level_{one.number}", law.allowance), None
    return law.allowance, law.more.get("presumed_receipt")


def _parsed(text: str) -> Allowance | None:
    return Allowance.parse(text) if text else None


def file_by(level: Level, notice_at: datetime, received_on: date | None, zone: ZoneInfo) -> datetime | None:
    """The last instant to file against a notice; None where nothing is filed at this level."""
    if level.file_within is None:
        return None
    start = notice_at
    if level.presumed is not None:
        start = start_of_day(received_on, zone) if received_on else opens(notice_at, level.presumed, zone)
    return due(start, level.file_within, zone)


def decide_by(level: Level, sent_at: datetime, zone: ZoneInfo, *, expedited: bool = False) -> datetime | None:
    """When a decision should be there; None where nothing says."""
    allowance = (level.expedited_within if expedited else None) or level.decided_within
    return due(sent_at, allowance, zone) if allowance is not None else None


def of_days(count: int) -> Allowance:
    """So many calendar days."""
    return Allowance(count, Unit.CALENDAR_DAYS)


def left(amount: Decimal | None, recovered: Decimal | None) -> Decimal | None:
    """What is still denied of an amount."""
    return None if amount is None else max(Decimal(0), amount - (recovered or Decimal(0))).quantize(CENT)
