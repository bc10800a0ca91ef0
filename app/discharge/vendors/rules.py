"""Distance, neutral order, and what keeps a vendor off a list. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.discharge.terms import CareType
from app.discharge.vendors.terms import Capability, NetworkStanding, Removal

EARTH_MILES = 3958.8
"""Mean radius of the earth (IUGG R1, 6371.0 km)."""

MEDICARE_LIST = frozenset({CareType.HOME_HEALTH, CareType.SNF, CareType.IRF, CareType.LTCH})
"""Types of which a list must be given, of Medicare-participating providers that serve the area: 42 CFR 482.43(c)(1)."""

AT_HOME = frozenset({CareType.HOME_HEALTH, CareType.HOSPICE_HOME, CareType.INFUSION, CareType.DME, CareType.TRANSPORT})
"""Types that come to the patient, so that the area they serve counts more than where they are."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place on the earth, in degrees."""

    latitude: float
    longitude: float


def miles(one: Position, other: Position) -> float:
    """Great-circle distance in statute miles, by the haversine formula."""
    high, low = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    half = math.sin((low - high) / 2) ** 2 + math.cos(high) * math.cos(low) * math.sin(across / 2) ** 2
    return 2 * EARTH_MILES * math.asin(min(1.0, math.sqrt(half)))


@dataclass(frozen=True, slots=True)
class Box:
    """Degrees between which everything within a distance lies. Where it crosses the date line, all longitudes."""

    south: float
    north: float
    west: float
    east: float


def box(center: Position, within: float) -> Box:
    """The smallest box around a circle, for an index; what lies in it is measured afterwards."""
    span = math.degrees(within / EARTH_MILES)
    south, north = center.latitude - span, center.latitude + span
    if south <= -90 or north >= 90:
        return Box(max(south, -90.0), min(north, 90.0), -180.0, 180.0)
    wide = math.degrees(math.asin(min(1.0, math.sin(math.radians(span)) / math.cos(math.radians(center.latitude)))))
    west, east = center.longitude - wide, center.longitude + wide
    if west < -180 or east > 180:
        west, east = -180.0, 180.0
    return Box(south, north, west, east)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known of one vendor when a list is made."""

    name: str
    care_type: CareType
    miles: float | None = None
    serves: Sequence[str] = ()  # ZIP codes; empty: nobody has said
    stars: float | None = None
    medicare: bool | None = None
    medicaid: bool | None = None
    capabilities: frozenset[Capability] = frozenset()
    languages: frozenset[str] = frozenset()
    network: NetworkStanding | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is asked of a vendor.

    Attributes:
        within: miles at most; None asks nothing.
        zip_code: where the patient lives, for vendors that come there.
        medicare: Medicare pays, so that only who takes part in it may be listed.
        in_network: only with a contract with the payer, or case by case.
    """

    care_type: CareType
    on: date
    within: float | None = None
    zip_code: str = ""
    medicare: bool = False
    medicaid: bool = False
    in_network: bool = False
    capabilities: frozenset[Capability] = frozenset()
    language: str = ""
    least_stars: float | None = None


def removal(offer: Offer, need: Need) -> Removal | None:
    """The first reason why a vendor is not on the list; None where it is.

    What nobody has said is no reason against a vendor, but for capabilities, languages and contracts, which are said by
    who has them, and for Medicare, whose list holds nobody who is not known to take part.
    """
    if offer.closed_on is not None and offer.closed_on <= need.on:
        return Removal.CLOSED
    if need.medicare and need.care_type in MEDICARE_LIST and not offer.medicare:
        return Removal.NOT_PARTICIPATING
    if need.medicaid and offer.medicaid is False:
        return Removal.NO_MEDICAID
    if not _reaches(offer, need):
        return Removal.TOO_FAR
    if not need.capabilities <= offer.capabilities:
        return Removal.NO_CAPABILITY
    if need.language and need.language.casefold() not in {one.casefold() for one in offer.languages}:
        return Removal.LANGUAGE
    if need.in_network and offer.network in (None, NetworkStanding.OUT_OF_NETWORK):
        return Removal.OUT_OF_NETWORK
    if need.least_stars is not None and offer.stars is not None and offer.stars < need.least_stars:
        return Removal.QUALITY
    return None


def _reaches(offer: Offer, need: Need) -> bool:
    """A vendor that comes home and says where it serves is asked by that; every other one by its distance."""
    if need.care_type in AT_HOME and offer.serves and need.zip_code:
        return need.zip_code[:5] in offer.serves
    return need.within is None or offer.miles is None or offer.miles <= need.within
