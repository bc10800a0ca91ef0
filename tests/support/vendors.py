"""A registry with a vendor, its contract and its interest, for tests that open every page."""

import uuid

from app.discharge.terms import CareType
from app.discharge.vendors.commands import (
    AddContact,
    AddContract,
    AddInterest,
    SetPosition,
    SetVendor,
    add_contact,
    add_contract,
    add_interest,
    add_vendor,
    set_position,
)
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.support.world import World


def registered(world: World, payer_code: str, words: str) -> dict[str, str]:
    """A nursing facility in the registry of the first hospital; keys by name of route parameter."""
    facility, today = world.facility["NORTH"], now().date()
    vendor = SetVendor(
        name="Maple Terrace", care_type=CareType.SNF, ccn="145001", medicare=True, latitude=41.9, longitude=-87.63,
        address="1 Maple Way", city="Chicago", state="IL", zip_code="60601", remark=words,
    )  # fmt: skip
    with begin(everywhere("test")) as work:
        set_position(work, facility, SetPosition(latitude=41.88, longitude=-87.63))
        key: uuid.UUID = add_vendor(work, facility, vendor)
        contract = AddContract.model_validate({"payer_code": payer_code, "standing": "in_network", "begins": today})
        made = add_contract(work, key, contract)
        add_contact(work, key, AddContact.model_validate({"kind": "email", "value": "intake@example.org"}))
        add_interest(work, key, AddInterest.model_validate({"kind": "hospital_holds", "share": 40, "since": today}))
    return {"vendor_id": str(key), "dealing": "contract", "dealing_id": str(made.id)}
