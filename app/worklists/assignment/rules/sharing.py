"""Sharing stays among people by minutes of work: a split of somebody's stays, and an even-out with few moves."""

import uuid
from collections import Counter
from collections.abc import Collection, Sequence

import msgspec

ENOUGH = 30  # minutes between the most and the least laden that are worth no move
MOST_MOVES = 60


class Held(msgspec.Struct, frozen=True):
    """A stay as sharing sees it. `before` are people who had it earlier, `days` how long its owner has had it."""

    id: uuid.UUID
    unit: str
    minutes: int
    before: frozenset[uuid.UUID] = frozenset()
    days: float = 0.0


class Share(msgspec.Struct):
    """A person and the stays that they have."""

    id: uuid.UUID
    name: str
    stays: list[Held]

    @property
    def minutes(self) -> int:
        """Expected work of today."""
        return sum(stay.minutes for stay in self.stays)


class Move(msgspec.Struct, frozen=True):
    """One stay that changes its owner, and why this one."""

    stay: Held
    giver: uuid.UUID
    taker: uuid.UUID
    because: str


def split(stays: Sequence[Held], people: Sequence[Share]) -> dict[uuid.UUID, uuid.UUID]:
    """One colleague for every stay, so that units stay together and minutes even.

    First unit by unit, to those who are still below the level at which all would be even: who has had the patient,
    then who works on the unit most, then who has least to do. Then single stays move until nobody who got any is
    above another by more than the heaviest stay.
    """
    if not people:
        return {}
    laden = [_Laden(one) for one in sorted(people, key=lambda one: (one.name, one.id))]
    level = _level([one.minutes for one in laden], sum(stay.minutes for stay in stays))
    weight = Counter[str]()
    for stay in stays:
        weight[stay.unit] += stay.minutes
    for stay in sorted(stays, key=lambda one: (-weight[one.unit], one.unit, -one.minutes, one.id)):
        below = [one for one in laden if one.minutes < level] or laden
        taker = min(below, key=lambda one: (one.id not in stay.before, -one.units[stay.unit], one.minutes))
        taker.take(stay)
    heaviest = max((stay.minutes for stay in stays), default=0)
    while _even_out(laden, heaviest):
        pass
    return {stay.id: one.id for one in laden for stay in one.given}


class _Laden:
    """A person during a split: what they have, and what they are given."""

    def __init__(self, share: Share) -> None:
        self.id = share.id
        self.minutes = share.minutes
        self.units = Counter(stay.unit for stay in share.stays)
        self.given: list[Held] = []

    def take(self, stay: Held) -> None:
        self.minutes += stay.minutes
        self.units[stay.unit] += 1
        self.given.append(stay)

    def let_go(self, stay: Held) -> None:
        self.minutes -= stay.minutes
        self.units[stay.unit] -= 1
        self.given.remove(stay)


def _level(minutes: Sequence[int], more: int) -> float:
    """How high all who are below it come when so many minutes are poured over them."""
    order = sorted(minutes)
    below = 0
    for count, lowest in enumerate(order, start=1):
        below += lowest
        level = (below + more) / count
        if count == len(order) or level <= order[count]:
            return level
    return 0.0


def _even_out(laden: Sequence[_Laden], heaviest: int) -> bool:
    """Move one given stay from the most to the least laden; False when they are even enough."""
    taker = min(laden, key=lambda one: one.minutes)
    givers = [one for one in laden if any(stay.minutes for stay in one.given)]
    giver = max(givers, key=lambda one: one.minutes, default=taker)
    gap = giver.minutes - taker.minutes
    if gap <= heaviest:
        return False
    stay = min(
        (one for one in giver.given if one.minutes),
        key=lambda one: (taker.units[one.unit] == 0, -min(one.minutes, gap - one.minutes), one.id),
    )
    giver.let_go(stay)
    taker.take(stay)
    return True


def balance(people: Sequence[Share], enough: int = ENOUGH, fixed: Collection[uuid.UUID] = ()) -> list[Move]:
    """Moves that even out the minutes, as few as possible: always from the most laden to one with little to do.

    Each move narrows the gap of its two people by at least half of what the best stay would; among those stays the one
    goes whom the taker has had before, then one on a unit where the taker works, then the one held for the shortest
    time. Ends when nobody is `enough` minutes above another, or no stay makes it better. No stay moves twice, and those
    that are `fixed` not at all.
    """
    shares = {one.id: Share(one.id, one.name, list(one.stays)) for one in people}
    moved = set(fixed)
    moves: list[Move] = []
    while len(shares) > 1 and len(moves) < MOST_MOVES:
        order = sorted(shares.values(), key=lambda one: (one.minutes, one.name, one.id))
        move = _best(order, moved, enough)
        if move is None:
            break
        shares[move.giver].stays.remove(move.stay)
        shares[move.taker].stays.append(move.stay)
        moved.add(move.stay.id)
        moves.append(move)
    return moves


def _best(order: Sequence[Share], moved: set[uuid.UUID], enough: int) -> Move | None:
    giver = order[-1]
    for taker in order[:-1]:
        gap = giver.minutes - taker.minutes
        if gap <= enough:
            return None
        gains = {stay.id: min(stay.minutes, gap - stay.minutes) for stay in giver.stays if stay.id not in moved}
        best = max(gains.values(), default=0)
        if best <= 0:
            continue
        works_on = {stay.unit for stay in taker.stays}
        good = [
            (taker.id not in one.before, one.unit not in works_on, one.days, -gains[one.id], one.id, one)
            for one in giver.stays
            if gains.get(one.id, 0) * 2 >= best
        ]
        stay = min(good, key=lambda one: one[:5])[5]
        return Move(stay, giver.id, taker.id, _because(stay, taker, works_on))
    return None


def _because(stay: Held, taker: Share, works_on: set[str]) -> str:
    if taker.id in stay.before:
        return "had this stay before"
    if stay.unit in works_on:
        return f"works on {stay.unit} already" if stay.unit else "has other stays without a unit"
    return "has the least to do"
