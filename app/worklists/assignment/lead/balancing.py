"""An even-out of the expected work: proposed, looked at, then done as one deed. And what rules would do, untouched."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, Work
from app.worklists.assignment.commands import NOT_THERE
from app.worklists.assignment.gathering import Gathered, Situation, held_before
from app.worklists.assignment.giving import Change, Deed, Given, give_many
from app.worklists.assignment.people import may_hold
from app.worklists.assignment.rules.deciding import Person, Rule, decide
from app.worklists.assignment.rules.sharing import Held, Move, Share, balance
from app.worklists.assignment.terms import Why

DAY_SECONDS = 86400


class Proposal(msgspec.Struct, frozen=True):
    """Moves, and everybody's minutes and stays before and after them."""

    moves: list[Move]
    before: dict[uuid.UUID, tuple[int, int]]
    after: dict[uuid.UUID, tuple[int, int]]


class Wanted(msgspec.Struct, frozen=True):
    """One row of a proposal as the page sends it back: the stay, the assignment that it was decided on, the taker."""

    stay_id: uuid.UUID
    held: uuid.UUID
    to: uuid.UUID


def wanted_of(texts: Sequence[str]) -> list[Wanted]:
    """The rows of a proposal that were chosen, each `stay held taker`; a row without a taker is left out.

    Refused where one stay would go to two people.
    """
    found: dict[uuid.UUID, Wanted] = {}
    for text in texts:
        parts = text.split()
        if len(parts) == 2:
            continue
        try:
            stay, held, to = (uuid.UUID(part) for part in parts)
        except ValueError as error:
            raise NotFound(NOT_THERE) from error
        if found.setdefault(stay, Wanted(stay, held, to)).to != to:
            raise Refused("One stay cannot go to two people. Reload the page and choose again.")
    return list(found.values())


def held_stay(stay: Gathered, before: frozenset[uuid.UUID], seconds: float) -> Held:
    """A stay as sharing sees it."""
    return Held(stay.facts.id, stay.facts.unit, stay.expected.minutes, before, seconds / DAY_SECONDS)


def shares_of(db: Reading, now: Situation, people: Collection[uuid.UUID]) -> list[Share]:
    """These people with the stays that they have, and who had each of them before."""
    theirs = [stay for stay in now.stays if stay.held is not None and stay.held.user_id in people]
    before = held_before(db, [stay.facts.id for stay in theirs])
    shares = {one: Share(one, now.people[one].name, []) for one in people if one in now.people}
    for stay in theirs:
        if stay.held is not None and stay.held.user_id in shares:
            seconds = (db.now - stay.held.since).total_seconds()
            had = before.get(stay.facts.id, frozenset())
            shares[stay.held.user_id].stays.append(held_stay(stay, had, seconds))
    return list(shares.values())


def propose(db: Reading, now: Situation, people: Collection[uuid.UUID], unit: str = "") -> Proposal:
    """Even out the work of these people; with a unit only stays of that unit move."""
    shares = shares_of(db, now, people)
    fixed = [stay.id for one in shares for stay in one.stays if unit and stay.unit != unit]
    moves = balance(shares, fixed=fixed)
    before = {one.id: (one.minutes, len(one.stays)) for one in shares}
    after = dict(before)
    for move in moves:
        for person, sign in ((move.giver, -1), (move.taker, 1)):
            minutes, stays = after[person]
            after[person] = (minutes + sign * move.stay.minutes, stays + sign)
    return Proposal(moves, before, after)


def apply_balance(work: Work, facility_id: int, now: Situation, rows: Sequence[Wanted]) -> Given:
    """Do the chosen moves as one deed. A cover keeps for whom it is and until when."""
    if not rows:
        raise Refused("Choose one or more of the moves.")
    check_takers(work, facility_id, {one.to for one in rows})
    held = {stay.facts.id: stay.held for stay in now.stays}
    changes = []
    for one in rows:
        present = held.get(one.stay_id)
        if present is not None and present.user_id == one.to:
            continue
        changes.append(
            Change(
                one.stay_id,
                one.held,
                one.to,
                "Moved to even out the expected work.",
                covers_for=present.covers_for if present else None,
                returns_at=present.returns_at if present else None,
            )
        )
    return give_many(work, Deed(Why.BALANCE, facility_id), changes)


def check_takers(work: Work, facility_id: int, people: Collection[uuid.UUID]) -> None:
    """Refused when one of these may not have stays in the facility."""
    if not all(may_hold(work, person, facility_id) for person in people):
        raise Refused("One of these people may not have stays in this facility. Choose another one.")


class TryOut(msgspec.Struct, frozen=True):
    """What rules would do to one person today: stays and minutes now, what they would get, and all by these rules."""

    person_id: uuid.UUID
    name: str
    away: bool
    has: int
    minutes: int
    gets: int
    then: int
    all_stays: int
    all_minutes: int


def try_out(now: Situation, rules: Sequence[Rule]) -> tuple[list[TryOut], int]:
    """What these rules would do with the stays that have no owner, and with all stays if nobody had any.

    Also gives how many free stays no rule speaks of.
    """
    minutes = now.minutes()
    weight = {stay.facts.id: stay.expected.minutes for stay in now.stays}
    free = [(stay.facts, stay.expected.minutes) for stay in now.without_owner()]
    given = decide(free, rules, {one.id: Person(one.id, one.name, minutes[one.id]) for one in now.present()})
    every = [(stay.facts, stay.expected.minutes) for stay in now.stays]
    anew = decide(every, rules, {one.id: Person(one.id, one.name, 0) for one in now.present()})
    gets, then, alone = Counter(d.to for d in given), Counter(minutes), Counter(d.to for d in anew)
    alone_minutes = Counter[uuid.UUID]()
    for one in given:
        then[one.to] += weight[one.stay_id]
    for one in anew:
        alone_minutes[one.to] += weight[one.stay_id]
    has = Counter(stay.held.user_id for stay in now.stays if stay.held is not None)
    rows = [
        TryOut(
            one.id, one.name, one.away_until is not None, has[one.id], minutes[one.id], gets[one.id], then[one.id],
            alone[one.id], alone_minutes[one.id],
        )
        for one in now.people.values()
    ]  # fmt: skip
    return rows, len(free) - len(given)
