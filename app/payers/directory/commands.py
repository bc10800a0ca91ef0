"""Writing a payer's card and the ways to reach it. A new card takes the place of what stood from its first day on."""

import re
import uuid
from datetime import date, time
from typing import Annotated
from zoneinfo import available_timezones

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

from app.clocks.settings.lines import payer_names
from app.kernel.days import ONE_DAY
from app.kernel.deadlines import Allowance
from app.kernel.refusal import NotFound, Refused
from app.payers.directory.queries import Card, cards
from app.payers.directory.terms import ChannelKind, PeerToPeerEffect
from app.payers.events import PayerCardEnded, PayerCardSet, PayerChannelAdded, PayerChannelEnded
from app.payers.models import PayerCard, PayerChannel
from app.platform.work import Reading, Work
from app.web.fields import Clock, Day, Name, empty_is_none

NO_PAYER = "The feed has named no such payer here, or it lies outside what you may see."
NO_CARD = "There is no such card in your facilities."
NO_REACH = "There is no such entry in your facilities."
CHANGED = "Somebody changed this meanwhile. Look at the page again."
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
MOST_DAYS, MOST_LEVELS = 60, 6
_APART = re.compile(r"[\s,;]+")


def _allowance(text: object) -> str:
    words = str(text or "").strip()
    if not words:
        return ""
    found = Allowance.parse(words)
    if found.before:
        raise ValueError("This deadline runs forward from its start: leave the word before out.")
    return str(found)


Within = Annotated[str, BeforeValidator(_allowance)]


class SetCard(BaseModel):
    """A payer's card from a day on. Days and levels are written as text, apart by commas."""

    timezone: str = Field(max_length=60)
    cutoff: Clock = None
    weekdays: list[Annotated[int, Field(ge=0, le=6)]] = Field(default_factory=lambda: [0, 1, 2, 3, 4])
    closed_days: str = Field(default="", max_length=1000)
    keeps_federal_holidays: bool = False
    decision_within: Within = ""
    urgent_within: Within = ""
    p2p_effect: PeerToPeerEffect = PeerToPeerEffect.CAN_OVERTURN
    appeal_days: str = Field(default="", max_length=60)
    begins: date
    ends: Day = None
    source: Name = ""

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("Choose one of the list.")
        return name

    @field_validator("weekdays")
    @classmethod
    def _some_day(cls, days: list[int]) -> list[int]:
        if not days:
            raise ValueError("Choose at least one day on which the payer works.")
        return sorted(set(days))

    @field_validator("closed_days")
    @classmethod
    def _days(cls, text: str) -> str:
        return " ".join(day.isoformat() for day in _read_days(text))

    @field_validator("appeal_days")
    @classmethod
    def _levels(cls, text: str) -> str:
        words = [word for word in _APART.split(text) if word]
        if len(words) > MOST_LEVELS or not all(word.isdigit() and 0 < int(word) <= 999 for word in words):
            raise ValueError("Write the days to file, level by level, such as 180, 60.")
        return " ".join(str(int(word)) for word in words)

    @field_validator("begins", "ends")
    @classmethod
    def _near(cls, day: date | None) -> date | None:
        if day is not None and not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError("Write a day between 2000 and 2100.")
        return day


def _read_days(text: str) -> list[date]:
    found: set[date] = set()
    for word in filter(None, _APART.split(text)):
        try:
            found.add(date.fromisoformat(word))
        except ValueError:
            raise ValueError(f"{word!r} is no day. Write days like 2026-11-27, apart by commas.") from None
    if len(found) > MOST_DAYS:
        raise ValueError(f"These are more than {MOST_DAYS} days. Leave the earliest ones out.")
    return sorted(found)


class AddReach(BaseModel):
    """A way to reach a payer."""

    kind: ChannelKind
    purpose: Name = ""
    value: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(str.strip)]
    hours: Annotated[str, BeforeValidator(lambda value: empty_is_none(value) or ""), Field(max_length=120)] = ""


class _Values(msgspec.Struct):
    """What a card says, without its period."""

    timezone: str
    cutoff: time | None
    weekdays: list[int]
    closed_days: list[date]
    keeps_federal_holidays: bool
    decision_within: str
    urgent_within: str
    p2p_effect: str
    appeal_days: list[int]
    source: str


def check_payer(db: Reading, facility_id: int, payer_code: str) -> str:
    """The name of a payer that the feed has named here; NotFound for another."""
    found = payer_names(db, facility_id).get(payer_code)
    if found is None:
        raise NotFound(NO_PAYER)
    return found


def set_card(work: Work, facility_id: int, payer_code: str, ask: SetCard) -> PayerCard:
    """Let a card stand from its first day on; what stood before that day goes on until then."""
    check_payer(work, facility_id, payer_code)
    if ask.ends is not None and ask.ends < ask.begins:
        raise Refused("The last day lies before the first one.", field="ends")
    _lock(work, facility_id)
    for old in cards(work, facility_id, [payer_code]):
        if old.ends is not None and old.ends < ask.begins:
            continue
        _end(work, old.id)
        if old.begins < ask.begins:
            _write(work, facility_id, payer_code, (old.begins, ask.begins - ONE_DAY), _of_card(old))
    values = _Values(
        ask.timezone, ask.cutoff, ask.weekdays, [date.fromisoformat(day) for day in ask.closed_days.split()],
        ask.keeps_federal_holidays, ask.decision_within, ask.urgent_within, ask.p2p_effect.value,
        [int(days) for days in ask.appeal_days.split()], ask.source,
    )  # fmt: skip
    made = _write(work, facility_id, payer_code, (ask.begins, ask.ends), values)
    work.record(PayerCardSet(facility_id=facility_id, payer_code=payer_code, begins=ask.begins))
    return made


def take_back_card(work: Work, card_id: uuid.UUID) -> PayerCard:
    """Undo: end a card and set again what it took the place of."""
    _lock(work, work.get(PayerCard, card_id, NO_CARD).facility_id)
    held = work.lock(PayerCard, card_id, NO_CARD)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    for old in cards(work, held.facility_id, [held.payer_code], past=True):
        if old.ended_at is None and old.made_at == held.made_at:
            _end(work, old.id)
        elif old.ended_at == held.made_at:
            _write(work, held.facility_id, held.payer_code, (old.begins, old.ends), _of_card(old))
    work.record(PayerCardEnded(facility_id=held.facility_id, payer_code=held.payer_code))
    return held


def add_reach(work: Work, facility_id: int, payer_code: str, ask: AddReach) -> PayerChannel:
    """Add a way to reach a payer."""
    check_payer(work, facility_id, payer_code)
    made = work.add(
        PayerChannel(
            facility_id=facility_id, payer_code=payer_code, kind=ask.kind.value, purpose=ask.purpose, value=ask.value,
            hours=ask.hours, made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(PayerChannelAdded(facility_id=facility_id, payer_code=payer_code, kind=made.kind))
    return made


def end_reach(work: Work, reach_id: uuid.UUID) -> PayerChannel:
    """Say that a way to reach a payer holds no more."""
    held = work.lock(PayerChannel, reach_id, NO_REACH)
    if held.ended_at is not None:
        raise Refused(CHANGED)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.record(PayerChannelEnded(facility_id=held.facility_id, payer_code=held.payer_code, kind=held.kind))
    return held


def _of_card(card: Card) -> _Values:
    return _Values(**{name: getattr(card, name) for name in _Values.__struct_fields__})


def _lock(work: Work, facility_id: int) -> None:
    """Cards of a facility are written one after the other, so that no two stand for the same day."""
    work.connection.execute("select pg_advisory_xact_lock(hashtext('payers.cards'), %s)", (facility_id,))


def _end(work: Work, card_id: uuid.UUID) -> None:
    work.write("payer_card", "update payer_card set ended_at = %s, ended_by = %s where id = %s",
               (work.now, work.who.actor_id, card_id))  # fmt: skip


def _write(work: Work, facility_id: int, payer_code: str, span: tuple[date, date | None], values: _Values) -> PayerCard:
    return work.add(
        PayerCard(
            **msgspec.structs.asdict(values), facility_id=facility_id, payer_code=payer_code, begins=span[0],
            ends=span[1], made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
