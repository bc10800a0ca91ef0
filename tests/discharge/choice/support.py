"""Lists and answers of a stay in a hospital whose registry holds five nursing homes."""

import uuid
from datetime import datetime
from typing import Any

from app.discharge.choice.commands import MakeList, RecordChoice, make_list, record_choice
from app.discharge.choice.models import Choice, ChoiceList
from app.discharge.vendors.commands import AddContract, AddInterest, add_contract, add_interest
from app.platform.work import begin, everywhere
from app.security.permissions import Permission
from tests.discharge.vendors.support import ROWS, stand, take, vendor_named
from tests.notices.support import tell
from tests.support.world import NOW, World

SIGNED = {"evidence": "paper"}


def furnished(world: World) -> None:
    """A registry with a contract and an interest."""
    take(world, *ROWS)
    stand(world)
    with begin(everywhere("test"), at=NOW) as work:
        said = {"payer_code": "PLAN1", "standing": "in_network", "begins": "2020-01-01"}
        add_contract(work, vendor_named("MAPLE TERRACE"), AddContract.model_validate(said))
        interest = {"kind": "hospital_holds", "share": "40", "since": "2020-01-01"}
        add_interest(work, vendor_named("WILLOW BANK CARE"), AddInterest.model_validate(interest))


def stay_of(world: World, payer: str = "PLAN1") -> uuid.UUID:
    """A stay that this payer pays for."""
    return tell(world, f"A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins {payer}\n")


def listed(world: World, stay: uuid.UUID, now: datetime = NOW, **said: Any) -> ChoiceList:
    """A list made by Dana."""
    with begin(world.viewer("dana").acting(Permission.REFERRAL_WRITE), at=now) as work:
        return make_list(work, stay, MakeList.model_validate({"care_type": "snf", "within": 25, **said}))


def answer(world: World, list_id: uuid.UUID, now: datetime = NOW, **said: Any) -> Choice:
    """An answer recorded by Dana."""
    with begin(world.viewer("dana").acting(Permission.REFERRAL_WRITE), at=now) as work:
        return record_choice(work, list_id, RecordChoice.model_validate(SIGNED | said))
