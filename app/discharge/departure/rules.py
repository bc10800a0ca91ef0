"""What has to be done before a patient leaves for a place, and when a packet is whole. Pure.

Sources: 42 CFR 482.43(b) (necessary medical information goes along), 482.43(c) (list and choice of providers),
42 CFR 483.100-138 (PASRR), 42 USC 1395dd(c) (transfer to another hospital).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.discharge.departure.terms import Item, ItemAction, ItemState, PacketAction, PacketState, Part
from app.discharge.terms import WITHOUT_PROVIDER, CareType

_S, _A = ItemState, ItemAction
LIFE: dict[tuple[ItemState, ItemAction], ItemState] = {
    (_S.OPEN, _A.DO): _S.DONE,
    (_S.OPEN, _A.EXCUSE): _S.NOT_NEEDED,
    (_S.OPEN, _A.LEAVE): _S.WITHOUT,
    (_S.DONE, _A.TAKE_BACK): _S.OPEN,
    (_S.NOT_NEEDED, _A.TAKE_BACK): _S.OPEN,
    (_S.WITHOUT, _A.TAKE_BACK): _S.OPEN,
    (_S.WITHOUT, _A.DO): _S.DONE,
}
ACTION_FOR = {_S.DONE: _A.DO, _S.NOT_NEEDED: _A.EXCUSE, _S.WITHOUT: _A.LEAVE}

_P, _B = PacketState, PacketAction
PACKET_LIFE: dict[tuple[PacketState, PacketAction], PacketState] = {
    (_P.MADE, _B.RELEASE): _P.SENT,
    (_P.MADE, _B.WITHDRAW): _P.WITHDRAWN,
    (_P.SENT, _B.CONFIRM): _P.RECEIVED,
    (_P.SENT, _B.WITHDRAW): _P.WITHDRAWN,
    (_P.SENT, _B.TAKE_BACK): _P.MADE,
    (_P.RECEIVED, _B.TAKE_BACK): _P.SENT,
    (_P.RECEIVED, _B.WITHDRAW): _P.WITHDRAWN,
}

CLOSED_BY_EVIDENCE = frozenset({Item.NOTICES, Item.CHOICE, Item.PACKET})
"""Items that only the record itself closes: nobody ticks them."""

_HOMELIKE = frozenset({
    CareType.HOME, CareType.HOME_HEALTH, CareType.ASSISTED_LIVING, CareType.SHELTER, CareType.HOSPICE_HOME,
    CareType.OTHER,
})  # fmt: skip
_LISTED = frozenset({CareType.HOME_HEALTH, CareType.SNF, CareType.IRF, CareType.LTCH})
_ONLY_FOR: dict[Item, frozenset[CareType]] = {
    Item.APPOINTMENT: _HOMELIKE,
    Item.TEACH_BACK: _HOMELIKE,
    Item.EQUIPMENT: _HOMELIKE,
    Item.CHOICE: _LISTED,
    Item.PACKET: frozenset(CareType) - WITHOUT_PROVIDER,
    Item.PASRR: frozenset({CareType.SNF, CareType.NF}),
    Item.ACCEPTED: frozenset({CareType.ACUTE}),
    Item.CERTIFIED: frozenset({CareType.ACUTE}),
}
_BEFORE_KNOWN = (Item.MEDICINES, Item.APPOINTMENT, Item.TEACH_BACK, Item.TRANSPORT, Item.SUMMARY, Item.NOTICES)


def items_for(destination: CareType | None) -> tuple[Item, ...]:
    """What has to be done before a patient leaves for that place; without a known place, what nearly everybody needs.

    Equipment is asked for going home; who needs none says so once. Choice is asked where 42 CFR 482.43(c) asks for a
    list: home health, SNF, IRF and LTCH.
    """
    if destination is None:
        return _BEFORE_KNOWN
    return tuple(item for item in Item if destination in _ONLY_FOR.get(item, frozenset(CareType)))


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of an item."""

    state: ItemState
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How an item stands. `proof` is the instant of a record elsewhere that closes it."""

    item: Item
    state: ItemState
    proof: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether something is still to be done, or to be explained."""
        return self.state is ItemState.OPEN


def standing(item: Item, said: Said | None, proof: datetime | None, *, owed: bool = True) -> Standing:
    """How an item stands: a record elsewhere closes it whatever was said; one that nothing asks for is not needed."""
    if proof is not None:
        return Standing(item, ItemState.DONE, proof)
    if said is not None:
        return Standing(item, said.state)
    return Standing(item, ItemState.OPEN if owed else ItemState.NOT_NEEDED)


REQUIRED = frozenset({Part.RECIPIENT, Part.DIAGNOSES, Part.DESTINATION, Part.MEDICINES, Part.GOALS})
"""Without these a packet goes out only with a reason: what the next setting cannot work without."""


def missing(present: Collection[Part]) -> tuple[Part, ...]:
    """What a packet should hold and does not, in order."""
    return tuple(part for part in Part if part not in present)


def blocks_release(absent: Collection[Part]) -> tuple[Part, ...]:
    """Of what is missing, what keeps the packet from being released without a reason."""
    return tuple(part for part in Part if part in absent and part in REQUIRED)
