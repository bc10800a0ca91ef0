"""What the checklist says of the readiness lights of a plan: medicines, transport, papers."""

import uuid
from collections.abc import Mapping, Sequence

from app.discharge.departure import queries
from app.discharge.departure.terms import Item, ItemState
from app.discharge.plan.lights.rules import Said
from app.discharge.terms import Light, LightName
from app.platform.work import Reading

OF_ITEM = {
    Item.MEDICINES: LightName.MEDICINES, Item.TEACH_BACK: LightName.FAMILY, Item.TRANSPORT: LightName.TRANSPORT,
    Item.SUMMARY: LightName.PAPERWORK, Item.CHOICE: LightName.FAMILY, Item.PASRR: LightName.PAPERWORK,
    Item.ACCEPTED: LightName.DESTINATION, Item.CERTIFIED: LightName.PAPERWORK, Item.PACKET: LightName.PAPERWORK,
}  # fmt: skip
"""The light to which an item belongs; others have none, or their own feature says it."""


def said(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[Said]]:
    """Items that are settled make a light green; what is open says nothing before somebody begins with it."""
    found: dict[uuid.UUID, list[Said]] = {}
    for stay, checklist in queries.checklists(db, encounter_ids).items():
        for one in checklist.lines:
            item, state = one.standing.item, one.standing.state
            light = OF_ITEM.get(item)
            if light is not None and state in (ItemState.DONE, ItemState.WITHOUT):
                shown = Light.GREEN if state is ItemState.DONE else Light.AMBER
                words = item.label if state is ItemState.DONE else f"{item.label}: {state.label}"
                found.setdefault(stay, []).append(Said(light, shown, words))
    return found
