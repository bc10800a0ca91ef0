"""What is recorded about licensed products."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensedProductAdded(Event):
    """A release of a licensed product was put in use."""

    name: ClassVar[str] = "licensed_product.added"
    facility_id: int
    product_id: uuid.UUID
    product: str
    release: str
    begins: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LicensedProductEnded(Event):
    """An entry of a licensed product was taken away."""

    name: ClassVar[str] = "licensed_product.ended"
    facility_id: int
    product_id: uuid.UUID
    product: str
    release: str
