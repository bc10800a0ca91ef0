"""The vendors around the simulated hospital, and where it stands. All names are invented; nothing is published data."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from app.demo.hospital import PAYERS
from app.demo.plan import Plan
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
from app.discharge.vendors.terms import Capability, ContactKind, InterestKind, NetworkStanding
from app.kernel.days import local_day
from app.platform.work import Who, Work, begin, everywhere, reading

_WHO = everywhere("demo")
_LATITUDE, _LONGITUDE = 46.78, -91.62
_AGREED = timedelta(days=400)  # how long before the history began the contracts were made
_C, _T = Capability, CareType


class Invented(NamedTuple):
    """A vendor: miles to the north and to the east of the hospital, what it can do."""

    name: str
    care: CareType
    north: float
    east: float
    can: tuple[Capability, ...] = ()


VENDORS: tuple[Invented, ...] = (
    Invented("Alder Creek Care Center", _T.SNF, 3, 2, (_C.WOUND_VACUUM, _C.IV_ANTIBIOTICS, _C.THERAPY_DAILY)),
    Invented("Birchwood Commons", _T.SNF, -4, 6, (_C.IV_ANTIBIOTICS, _C.WEEKEND_ADMISSION)),
    Invented("Copper Kettle Health and Rehab", _T.SNF, 8, -3, (_C.BARIATRIC, _C.WOUND_VACUUM, _C.HOSPICE_CONTRACT)),
    Invented("Driftwood Nursing Home", _T.SNF, -11, -2, (_C.MEMORY_CARE, _C.HOSPICE_CONTRACT)),
    Invented("Elm and Anchor Care Center", _T.SNF, 1, -9, (_C.HEMODIALYSIS, _C.IV_ANTIBIOTICS, _C.OXYGEN)),
    Invented("Fern Hollow Skilled Care", _T.SNF, 14, 5, (_C.TRACHEOSTOMY, _C.VENTILATOR, _C.OXYGEN)),
    Invented("Granite Ridge Manor", _T.SNF, -7, -8, (_C.THERAPY_DAILY, _C.WEEKEND_ADMISSION, _C.ISOLATION)),
    Invented("Tamarack Bay Transitional Care", _T.SNF, 0.4, 0.3, (_C.IV_ANTIBIOTICS, _C.THERAPY_DAILY, _C.OXYGEN)),
    Invented("Juniper Street Home", _T.NF, -3, 4, (_C.MEMORY_CARE,)),
    Invented("Kestrel Rehabilitation Hospital", _T.IRF, 5, 5, (_C.THERAPY_DAILY, _C.WEEKEND_ADMISSION)),
    Invented("Lantern Hill Rehabilitation Institute", _T.IRF, -16, 9, (_C.THERAPY_DAILY, _C.TRACHEOSTOMY)),
    Invented("Meridian Point Rehabilitation", _T.IRF, 21, -6, (_C.THERAPY_DAILY,)),
    Invented("Northgate Specialty Hospital", _T.LTCH, 19, 12, (_C.VENTILATOR, _C.TRACHEOSTOMY, _C.HEMODIALYSIS)),
    Invented("Oxbow Specialty Hospital", _T.LTCH, -28, 4, (_C.VENTILATOR, _C.WOUND_VACUUM)),
    Invented("Pinecone Home Health", _T.HOME_HEALTH, 2, 3, (_C.WOUND_VACUUM, _C.IV_ANTIBIOTICS)),
    Invented("Quill Lake Visiting Nurses", _T.HOME_HEALTH, -5, 1, (_C.WOUND_VACUUM, _C.WEEKEND_ADMISSION)),
    Invented("Rowan Tree Home Health", _T.HOME_HEALTH, 6, -5, (_C.IV_ANTIBIOTICS, _C.PEDIATRIC)),
    Invented("Saltmarsh Nurses at Home", _T.HOME_HEALTH, -9, -4, (_C.TPN, _C.IV_ANTIBIOTICS)),
    Invented("Thimble Bay Hospice", _T.HOSPICE_HOME, 4, 1),
    Invented("Upland Meadow Hospice", _T.HOSPICE_HOME, -8, 3),
    Invented("Vesper House", _T.HOSPICE_FACILITY, 7, 2),
    Invented("Willow Gate Hospice House", _T.HOSPICE_FACILITY, -12, 6),
    Invented("Yarrow Medical Supply", _T.DME, 1, 2, (_C.OXYGEN, _C.BARIATRIC)),
    Invented("Zephyr Oxygen and Equipment", _T.DME, -2, -3, (_C.OXYGEN,)),
    Invented("Harborlight Infusion", _T.INFUSION, 3, -1, (_C.TPN, _C.IV_ANTIBIOTICS)),
    Invented("Bluestem Transport", _T.TRANSPORT, 1, 1, (_C.OXYGEN, _C.BARIATRIC)),
    Invented("Lakeshore Medical Rides", _T.TRANSPORT, -1, 2),
    Invented("Clearwater Kidney Center", _T.DIALYSIS, 2, -2, (_C.HEMODIALYSIS, _C.PERITONEAL_DIALYSIS)),
)
OWN = "Tamarack Bay Transitional Care"
"""The vendor in which the hospital itself has a share."""
_NO_CONTRACT = frozenset({"medicare_fee_for_service", "self_pay", "medicaid_fee_for_service"})
_MILES = 69.0  # to a degree of latitude
_NARROW = 0.685  # a degree of longitude here, as a part of one of latitude


def arrange(plan: Plan, people: Mapping[str, Who]) -> None:
    """The director enters them all in the first days, unless they are there."""
    with reading(_WHO) as view:
        if view.value("select true from vendor limit 1"):
            return
        houses = view.values("select id from facility order by id")
    first = local_day(plan.start, plan.zone)
    with begin(people["dorian"], at=plan.start) as work:
        for house in houses:
            set_position(work, house, SetPosition(latitude=_LATITUDE, longitude=_LONGITUDE))
            for number, one in enumerate(VENDORS):
                _deal(work, _enter(work, house, one, number), one, number, first)


def _enter(work: Work, house: int, one: Invented, number: int) -> uuid.UUID:
    ask = SetVendor(
        name=one.name, care_type=one.care, address=f"{100 + 37 * number} {one.name.split()[0]} Road",
        city="Tamarack Bay" if abs(one.north) + abs(one.east) < 12 else "Cedar Falls Junction", state="MN",
        phone=f"555-01{number:02}", latitude=round(_LATITUDE + one.north / _MILES, 5),
        longitude=round(_LONGITUDE + one.east / (_MILES * _NARROW), 5), medicare=True, medicaid=number % 4 != 2,
        capabilities=list(one.can), languages="English, Spanish" if number % 3 else "English, Hmong",
    )  # fmt: skip
    return add_vendor(work, house, ask)


def _deal(work: Work, key: uuid.UUID, one: Invented, number: int, first: date) -> None:
    """Telephone and fax, contracts with most plans, the financial interest."""
    contact = AddContact(kind=ContactKind.PHONE, value=f"555-01{number:02}", purpose="Admissions", person="Intake desk")
    add_contact(work, key, contact)
    add_contact(work, key, AddContact(kind=ContactKind.FAX, value=f"555-01{number + 50:02}", purpose="Admissions"))
    companies = {payer.company for payer in PAYERS if payer.line not in _NO_CONTRACT}
    for place, company in enumerate(sorted(companies)):
        kind = (number + place) % 5
        standing = NetworkStanding.OUT_OF_NETWORK if kind == 0 else NetworkStanding.IN_NETWORK
        if kind == 1:
            standing = NetworkStanding.SINGLE_CASE
        add_contract(work, key, AddContract(payer_code=company, standing=standing, begins=first - _AGREED,
                                            source="Directory of the plan"))  # fmt: skip
    if one.name == OWN:
        share = AddInterest(kind=InterestKind.HOSPITAL_HOLDS, share=60, since=first - _AGREED, remark="Joint venture")
        add_interest(work, key, share)
