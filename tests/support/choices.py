"""A list with an answer and a link, for tests that open every page. The registry must hold a vendor."""

import uuid

from app.discharge.choice.commands import MakeList, RecordChoice, make_list, record_choice
from app.discharge.choice.family.links import make_link
from app.discharge.terms import CareType
from app.platform.work import begin, everywhere
from tests.support.vendors import registered
from tests.support.world import World


def listed(world: World, stay: uuid.UUID, vendor_id: uuid.UUID, words: str) -> dict[str, str]:
    """A list of a stay, the answer to it, and a link; keys by name of route parameter."""
    with begin(everywhere("test")) as work:
        made = make_list(work, stay, MakeList(care_type=CareType.SNF))
        ask = RecordChoice(first=vendor_id, disclosed=True, said=words)
        choice = record_choice(work, made.id, ask)
        _link, key = make_link(work, made.id)
    return {"list_id": str(made.id), "choice_id": str(choice.choice_id), "choice_key": key}


def visits_of_vendors(world: World, stay: uuid.UUID) -> list[tuple[str, str, str]]:
    """The registry with a vendor, a list with an answer, and their forms: pattern of the route, who, address."""
    key = registered(world, "KEST", "")["vendor_id"]
    made = listed(world, stay, uuid.UUID(key), "")
    return [
        ("/encounters/{stay_id:uuid}/choice", "dana", f"/encounters/{stay}/choice"),
        ("/encounters/{stay_id:uuid}/choice/new", "dana", f"/encounters/{stay}/choice/new"),
        ("/choice-lists/{list_id:uuid}/choices/new", "dana", f"/choice-lists/{made['list_id']}/choices/new"),
        ("/choices/{choice_id:uuid}/amendment", "dana", f"/choices/{made['choice_id']}/amendment"),
        ("/choice/{choice_key:str}", "", f"/choice/{made['choice_key']}"),
        ("/vendors", "dana", "/vendors?payer=KEST&can=tpn&closed=on"),
        ("/vendors", "lee", "/vendors"),
        ("/vendors/new", "lee", "/vendors/new"),
        ("/vendors/{vendor_id:uuid}", "lee", f"/vendors/{key}"),
        ("/vendors/{vendor_id:uuid}/edit", "lee", f"/vendors/{key}/edit"),
        ("/vendor-files", "lee", "/vendor-files"),
    ]
