"""Which vendors a need may be put to, in a neutral order: by type, capabilities, distance, network of the payer."""

import uuid
from dataclasses import dataclass

from app.census.united import subject
from app.discharge.referrals.models import ReferralRequest
from app.discharge.terms import CareType
from app.discharge.vendors.queries import Found, Listed, Sought, around_of, search
from app.discharge.vendors.terms import Capability
from app.platform.work import Reading

SHOWN = 8
_PAYER = "select payer_code from coverage where encounter_id = %s order by rank limit 1"
_ASKED = "select vendor_id from referral where request_id = %s and ended_at is null"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for on the page, or a need keeps."""

    care_type: CareType
    needs: frozenset[Capability] = frozenset()
    radius: int | None = None
    offset: int = 0


def payer_of(db: Reading, encounter_id: uuid.UUID) -> str:
    """The code of the first payer of a stay; empty where none is known."""
    return str(db.value(_PAYER, (encounter_id,)) or "")


def candidates(db: Reading, encounter_id: uuid.UUID, wanted: Wanted, limit: int = SHOWN) -> Found:
    """Vendors that can meet a need, nearest first and then by name."""
    stay = subject(db, encounter_id)
    around = around_of(db, stay.facility_id)
    sought = Sought(
        care_type=wanted.care_type, capabilities=wanted.needs, around=around, within=wanted.radius,
        payer_code=payer_of(db, stay.encounter_id), limit=limit, offset=wanted.offset,
    )  # fmt: skip
    return search(db, stay.facility_id, sought, stay.day(db.now))


def wanted_of(need: ReferralRequest) -> Wanted:
    """What a need was searched by."""
    return Wanted(CareType(need.care_type), capabilities(need.needs), need.search.get("radius"))


def capabilities(words: list[str]) -> frozenset[Capability]:
    """The capabilities among some words; others are not searched by."""
    known = {one.value for one in Capability}
    return frozenset(Capability(word) for word in words if word in known)


def next_vendors(db: Reading, need: ReferralRequest, count: int) -> list[Listed]:
    """The next vendors of the same search that nobody has asked."""
    asked = set(db.values(_ASKED, (need.request_id,)))
    found = candidates(db, need.encounter_id, wanted_of(need), limit=len(asked) + count)
    return [one for one in found.rows if one.vendor_id not in asked][:count]
