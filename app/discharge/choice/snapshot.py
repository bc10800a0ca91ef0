"""A list exactly as it was shown, as it is kept: what was asked, who is on it, who is not and why."""

import hashlib
import uuid
from datetime import date

import msgspec


class ShownVendor(msgspec.Struct, frozen=True):
    """One vendor as it stood on the list."""

    vendor_id: uuid.UUID
    name: str
    place: str
    phone: str
    miles: float | None
    network: str  # NetworkStanding, or empty where nobody has said
    network_since: date | None
    stars_overall: float | None
    stars_health: float | None
    stars_staffing: float | None
    stars_quality: float | None
    data_on: date | None
    capabilities: list[str]
    medicare: bool | None
    medicaid: bool | None
    interest: str  # InterestKind, or empty
    interest_share: float | None


class RemovedVendor(msgspec.Struct, frozen=True):
    """One vendor that is not on the list, and why."""

    name: str
    miles: float | None
    why: str  # Removal


class Shown(msgspec.Struct, frozen=True):
    """The list. `on` is the local day of which network and interests were told."""

    care_type: str
    on: date
    order: str
    within: float | None
    around: str
    capabilities: list[str]
    language: str
    medicare: bool
    medicaid: bool
    in_network: bool
    payer_name: str
    line: str  # line of business, or empty
    vendors: list[ShownVendor]
    removed: list[RemovedVendor]
    counts: dict[str, int]

    @property
    def affiliated(self) -> frozenset[uuid.UUID]:
        """Vendors whose financial interest has to be told."""
        return frozenset(one.vendor_id for one in self.vendors if one.interest)

    def named(self, vendor_id: uuid.UUID) -> ShownVendor | None:
        """The vendor with this key, if it is on the list."""
        return next((one for one in self.vendors if one.vendor_id == vendor_id), None)

    def data_on(self) -> date | None:
        """The oldest day of the published figures that are shown."""
        return min((one.data_on for one in self.vendors if one.data_on is not None), default=None)


def digest(shown: Shown) -> str:
    """The fingerprint of a list."""
    return hashlib.sha256(msgspec.json.encode(shown, order="deterministic")).hexdigest()
