"""What the payer said last on stays, and what a talk with its physician can still change, for whoever decides."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from app.census.united import with_former
from app.kernel.days import local_day
from app.kernel.wording import dated_text
from app.payers.authorizations.queries import days_of
from app.payers.authorizations.showing import ACTIONS, ranges_words
from app.payers.authorizations.terms import Channel
from app.payers.directory.queries import Card, cards
from app.payers.directory.terms import PeerToPeerEffect
from app.payers.requests.terms import Action
from app.platform.work import Reading

EFFECTS = {
    PeerToPeerEffect.BEFORE_DENIAL: "This plan cannot change a denial after its letter: 42 CFR 422.138(c).",
    PeerToPeerEffect.INFORMATIONAL: "With this payer a talk is for information only; the denial has to be appealed.",
}
"""What is said where a talk can change less than people expect."""


class Quote(msgspec.Struct, frozen=True):
    """The last words of a payer, with who, how and when."""

    text: str
    source: str


class _Contact(msgspec.Struct):
    encounter_id: uuid.UUID
    payer: str
    channel: str
    at: datetime
    reference: str
    said: str
    timezone: str


class _Answer(_Contact):
    action: str
    firsts: list[date]
    untils: list[date]
    reasons: list[str]

    def words(self, today: date) -> str:
        """The payer's own words, after what it decided: `Denied, reason 0F: Lower level of care.`"""
        parts = [ACTIONS[Action(self.action)], ranges_words(days_of(self.firsts, self.untils), today),
                 f"reason {', '.join(self.reasons)}" if self.reasons else ""]  # fmt: skip
        decided = ", ".join(part for part in parts if part)
        return f"{decided}: {self.said}" if self.said else f"{decided}."


class _Payer(msgspec.Struct):
    encounter_id: uuid.UUID
    facility_id: int
    payer_code: str
    timezone: str


_LAST = """
select distinct on (c.encounter_id) c.encounter_id, coalesce(nullif(c.payer_name, ''), c.payer_code), c.channel, c.at,
  c.reference, c.said, f.timezone
from payer_contact c join facility f on f.id = c.facility_id
where c.encounter_id = any(%s) and c.ended_at is null and c.said <> ''
order by c.encounter_id, c.at desc, c.id desc
"""
_ANSWERED = """
select distinct on (d.encounter_id) d.encounter_id, coalesce(nullif(a.payer_name, ''), a.payer_code), d.channel,
  d.received_at, d.reference, d.text, f.timezone, d.action, d.firsts, d.untils, d.reasons
from payer_decision d join payer_authorization a on a.id = d.authorization_id join facility f on f.id = d.facility_id
where d.encounter_id = any(%s) and d.ended_at is null and a.ended_at is null
order by d.encounter_id, d.received_at desc, d.id desc
"""
_PAYERS = """
select e.id, e.facility_id, e.payer_code, f.timezone from encounter e join facility f on f.id = e.facility_id
where e.id = any(%s) and e.payer_code <> ''
"""


def last_words(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Quote]:
    """The last contact in which something was said, or the last answer to a request: two queries for all stays."""
    belongs = with_former(db, encounter_ids)
    said = [(one, one.said) for one in db.rows(_Contact, _LAST, (list(belongs),))]
    for answer in db.rows(_Answer, _ANSWERED, (list(belongs),)):
        said.append((answer, answer.words(local_day(db.now, ZoneInfo(answer.timezone)))))
    found: dict[uuid.UUID, Quote] = {}
    for one, text in sorted(said, key=lambda each: each[0].at):
        when = dated_text(one.at, ZoneInfo(one.timezone), db.now)
        reference = f", reference {one.reference}" if one.reference else ""
        source = f"{one.payer}, {when}, {Channel(one.channel).label.lower()}{reference}"
        found[belongs[one.encounter_id]] = Quote(text, source)
    return found


def talk_effects(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """What a talk cannot do by the card of the first payer in force today; nothing where it can overturn."""
    payers = db.rows(_Payer, _PAYERS, (list(encounter_ids),))
    by_house = {one.facility_id: {other.payer_code for other in payers if other.facility_id == one.facility_id}
                for one in payers}  # fmt: skip
    held = {house: cards(db, house, sorted(codes)) for house, codes in by_house.items()}
    said: dict[uuid.UUID, str] = {}
    for one in payers:
        today = local_day(db.now, ZoneInfo(one.timezone))
        present: Card | None = next(
            (card for card in held[one.facility_id] if card.payer_code == one.payer_code and card.holds(today)), None
        )
        if present is not None and present.effect in EFFECTS:
            said[one.encounter_id] = EFFECTS[present.effect]
    return said
