"""The card of a payer as it holds on a day, with its history; ways to reach it; the payers of a stay and a house."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from app.clocks.guessing import line_of
from app.clocks.terms import Line
from app.kernel.deadlines import Allowance
from app.payers.directory.rules import WEEK, PayerCalendar, Terms, WorkingDays
from app.payers.directory.terms import PeerToPeerEffect
from app.platform.work import Reading
from app.regulations import NotInForce, in_force

BY_LAW = frozenset({Line.MEDICARE_ADVANTAGE, Line.MEDICAID_MCO, Line.MEDICAID_FFS})
"""Lines whose standard requests the law gives a time: 42 CFR 422.568, 438.210, 440.230."""
NO_PLAN = frozenset({Line.MEDICARE_FFS, Line.SELF_PAY})
"""Lines under which nobody is asked."""


class Card(msgspec.Struct):
    """A stored card with who made and who ended it."""

    id: uuid.UUID
    payer_code: str
    timezone: str
    cutoff: time | None
    weekdays: list[int]
    closed_days: list[date]
    keeps_federal_holidays: bool
    decision_within: str
    urgent_within: str
    p2p_effect: str
    appeal_days: list[int]
    begins: date
    ends: date | None
    source: str
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_by: str

    def holds(self, on: date) -> bool:
        """Whether the card is in force that day."""
        return self.ended_at is None and self.begins <= on and (self.ends is None or on <= self.ends)

    def calendar(self) -> PayerCalendar:
        """When the payer works."""
        days = WorkingDays(frozenset(self.closed_days), self.keeps_federal_holidays, frozenset(self.weekdays))
        return PayerCalendar(ZoneInfo(self.timezone), days, self.cutoff)

    def contract(self, *, urgent: bool) -> Allowance | None:
        """How long the payer has by its contract."""
        text = self.urgent_within if urgent else self.decision_within
        return Allowance.parse(text) if text else None

    @property
    def effect(self) -> PeerToPeerEffect:
        """What a talk between physicians can still do."""
        return PeerToPeerEffect(self.p2p_effect)


class PayerOf(msgspec.Struct):
    """A payer of a stay, in the order in which they pay. `key` names it in forms: its code, else its name."""

    encounter_id: uuid.UUID
    rank: int
    payer_code: str
    payer_name: str
    plan_code: str
    set_line: str | None

    @property
    def key(self) -> str:
        """What a form calls it."""
        return self.payer_code or self.payer_name

    @property
    def name(self) -> str:
        """What a page calls it."""
        return self.payer_name or self.payer_code

    @property
    def line(self) -> Line | None:
        """Its line of business: set by somebody, else guessed from the names."""
        return Line(self.set_line) if self.set_line else line_of(self.payer_name, self.plan_code, self.payer_code)


class Reach(msgspec.Struct):
    """A way to reach a payer."""

    id: uuid.UUID
    kind: str
    purpose: str
    value: str
    hours: str
    made_at: datetime
    by: str
    ended_at: datetime | None
    ended_by: str


_CARDS = """
select c.id, c.payer_code, c.timezone, c.cutoff, c.weekdays, c.closed_days, c.keeps_federal_holidays,
  c.decision_within, c.urgent_within, c.p2p_effect, c.appeal_days, c.begins, c.ends, c.source, c.made_at,
  coalesce(m.display_name, ''), c.ended_at, coalesce(x.display_name, '')
from payer_card c left join app_user m on m.id = c.made_by left join app_user x on x.id = c.ended_by
where c.facility_id = %s and c.payer_code = any(%s) and (c.ended_at is null or %s)
order by c.payer_code, c.begins desc, c.made_at desc
"""
_PAYERS = """
select c.encounter_id, c.rank, c.payer_code, c.payer_name, c.plan_code,
  (select l.line from payer_line l where l.facility_id = c.facility_id and l.payer_code = c.payer_code
   and l.plan_code in (c.plan_code, '') and l.ended_at is null order by l.plan_code desc limit 1)
from coverage c where c.encounter_id = any(%s) and (c.payer_code <> '' or c.payer_name <> '')
order by c.encounter_id, c.rank
"""
_REACH = """
select c.id, c.kind, c.purpose, c.value, c.hours, c.made_at, coalesce(m.display_name, ''), c.ended_at,
  coalesce(x.display_name, '')
from payer_channel c left join app_user m on m.id = c.made_by left join app_user x on x.id = c.ended_by
where c.facility_id = %s and c.payer_code = %s and (c.ended_at is null or %s)
order by c.ended_at desc nulls first, c.kind desc, c.made_at
"""


def cards(db: Reading, facility_id: int, payer_codes: Sequence[str], *, past: bool = False) -> list[Card]:
    """Cards of these payers, the latest first; with `past` also those that were ended."""
    return db.rows(Card, _CARDS, (facility_id, list(payer_codes), past))


def card_of(db: Reading, facility_id: int, payer_code: str, on: date) -> Card | None:
    """The card in force on a day; None where nobody has written one."""
    return next((one for one in cards(db, facility_id, [payer_code]) if one.holds(on)), None)


def calendar_of(card: Card | None, zone: ZoneInfo) -> PayerCalendar:
    """When the payer works; without a card Monday to Friday but federal holidays, by the hospital's clock."""
    return card.calendar() if card is not None else PayerCalendar(zone, WorkingDays(weekdays=WEEK))


def terms_of(card: Card | None, line: Line | None, on: date, *, urgent: bool) -> Terms:
    """How long the payer has to decide, by law and by contract."""
    contract = card.contract(urgent=urgent) if card is not None else None
    bound = line not in NO_PLAN if urgent else line in BY_LAW
    return Terms(_law("PY-72" if urgent else "PY-7", on) if bound else None, contract)


def _law(rule: str, on: date) -> Allowance | None:
    try:
        return in_force(rule, on).allowance
    except NotInForce:
        return None


def payers_of(db: Reading, stays: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[PayerOf]]:
    """The payers of these stays, in the order in which they pay."""
    found: dict[uuid.UUID, list[PayerOf]] = {}
    for one in db.rows(PayerOf, _PAYERS, (list(stays),)):
        found.setdefault(one.encounter_id, []).append(one)
    return found


def reach_of(db: Reading, facility_id: int, payer_code: str, *, past: bool = False) -> list[Reach]:
    """Ways to reach a payer; with `past` also those that hold no more."""
    return db.rows(Reach, _REACH, (facility_id, payer_code, past))
