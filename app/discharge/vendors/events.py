"""What is recorded about the registry of vendors."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorFileTaken(Event):
    """A published file of providers was taken in."""

    name: ClassVar[str] = "vendor_file.taken"
    facility_id: int
    file_id: uuid.UUID
    care_type: str
    data_on: date | None
    added: int
    changed: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSet(Event):
    """Somebody entered a vendor, or changed what the hospital knows of it."""

    name: ClassVar[str] = "vendor.set"
    facility_id: int
    vendor_id: uuid.UUID
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorDealingSet(Event):
    """A contract, a contact or a financial interest of a vendor was entered (`ended`: or taken away)."""

    name: ClassVar[str] = "vendor_dealing.set"
    facility_id: int
    vendor_id: uuid.UUID
    kind: str  # contract, contact, interest
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityPositionSet(Event):
    """Somebody said where the hospital stands, so that distances can be told."""

    name: ClassVar[str] = "facility_position.set"
    facility_id: int
    zip_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipTableTaken(Event):
    """A table of ZIP centroids was taken in; the one before is kept."""

    name: ClassVar[str] = "zip_table.taken"
    source: str
    codes: int
    refused: int
