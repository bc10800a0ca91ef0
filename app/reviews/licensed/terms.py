"""The words of a review against a licensed product: which product, release and guideline, and what came out.

No criterion text and no decision logic: what a licence protects has no place here (product law 9).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec


class LicensedOutcome(StrEnum):
    """What the product said."""

    MET = "met"  # its criteria are met
    NOT_MET = "not_met"  # they are not: a physician looks at it
    MET_SECONDARY = "met_with_secondary_review"  # met after a physician's review within the product
    DEFERRED = "deferred"  # the product gave no answer yet

    @property
    def label(self) -> str:
        """As a form shows it."""
        return _OUTCOMES[self]


class Product(msgspec.Struct, frozen=True):
    """A release of a product that a facility may use. `agreed` is the release agreed with a payer, by its code."""

    vendor: str
    product: str
    release: str
    begins: date
    ends: date | None = None  # the last day of use under the licence; open when None
    subsets: tuple[str, ...] = ()
    agreed: Mapping[str, str] = {}


class LicensedReference(msgspec.Struct, frozen=True, kw_only=True):
    """What a review keeps of a licensed product: names and numbers that lead back to it, never its text."""

    product: str
    release: str
    outcome: LicensedOutcome
    subset: str = ""  # module or subset, by its name
    guideline_id: str = ""  # as the product numbers it
    level_supported: str = ""  # level of care that the product supports
    vendor_reference: str = ""  # of the review in the vendor's own system


_OUTCOMES = {
    LicensedOutcome.MET: "Met",
    LicensedOutcome.NOT_MET: "Not met",
    LicensedOutcome.MET_SECONDARY: "Met with secondary review",
    LicensedOutcome.DEFERRED: "Deferred",
}
