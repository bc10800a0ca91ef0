"""Keeping the registry by hand: vendors, what they can do, contracts, contacts, financial interests, the own place."""

import re
import uuid
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator

from app.discharge.terms import CareType
from app.discharge.vendors.events import FacilityPositionSet, VendorDealingSet, VendorSet
from app.discharge.vendors.models import (
    FacilityPosition,
    Vendor,
    VendorContact,
    VendorContract,
    VendorInterest,
    VendorVersion,
)
from app.discharge.vendors.queries import centroid
from app.discharge.vendors.terms import Capability, ContactKind, InterestKind, NetworkStanding
from app.kernel.days import ONE_DAY
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.web.fields import Day, Name, Words, empty_is_none, one_line

NO_VENDOR = "There is no such vendor in your registry."
NO_ENTRY = "There is no such entry in your registry."
CHANGED = "Somebody changed this meanwhile. Look at the page again."
FIRST_DAY, LAST_DAY = date(1960, 1, 1), date(2100, 1, 1)
_APART = re.compile(r"[,;\n]+")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}")
Latitude = Annotated[Annotated[float, Field(ge=-90, le=90)] | None, BeforeValidator(empty_is_none)]
Longitude = Annotated[Annotated[float, Field(ge=-180, le=180)] | None, BeforeValidator(empty_is_none)]
Percent = Annotated[Annotated[float, Field(gt=0, le=100)] | None, BeforeValidator(empty_is_none)]
Said = Annotated[bool | None, BeforeValidator(empty_is_none)]


def _near(day: date | None) -> date | None:
    if day is not None and not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("Write a day between 1960 and 2100.")
    return day


SomeDay = Annotated[Day, AfterValidator(_near)]
ThatDay = Annotated[date, AfterValidator(_near)]


class SetVendor(BaseModel):
    """A vendor as the hospital knows it. Languages and ZIP codes are written as text, apart by commas."""

    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(one_line)]
    care_type: CareType
    ccn: Annotated[str, Field(max_length=10), AfterValidator(one_line)] = ""
    npi: Annotated[str, Field(max_length=10, pattern=r"^(\d{10})?$")] = ""
    address: Name = ""
    city: Name = ""
    state: Annotated[str, Field(max_length=2), AfterValidator(str.upper)] = ""
    zip_code: Annotated[str, Field(max_length=10, pattern=r"^(\d{5}(-\d{4})?)?$")] = ""
    phone: Annotated[str, Field(max_length=40), AfterValidator(one_line)] = ""
    latitude: Latitude = None
    longitude: Longitude = None
    medicare: Said = None
    medicaid: Said = None
    capabilities: list[Capability] = Field(default_factory=list)
    languages: Annotated[str, Field(max_length=400)] = ""
    serves: Annotated[str, Field(max_length=4000)] = ""
    portal_wanted: bool = False
    closed_on: SomeDay = None
    remark: Words = ""

    @field_validator("serves")
    @classmethod
    def _zips(cls, text: str) -> str:
        words = text.replace(",", " ").replace(";", " ").split()
        wrong = next((word for word in words if not re.fullmatch(r"\d{5}", word)), None)
        if wrong is not None:
            raise ValueError(f"{wrong!r} is no ZIP code. Write ZIP codes of five digits, apart by commas.")
        return " ".join(sorted(set(words)))


class AddContract(BaseModel):
    """How a vendor stands to a payer from a day on."""

    payer_code: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(one_line)]
    standing: NetworkStanding
    begins: ThatDay
    ends: SomeDay = None
    source: Name = ""


class AddContact(BaseModel):
    """A way to reach a vendor."""

    kind: ContactKind
    value: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
    person: Name = ""
    purpose: Name = ""


class AddInterest(BaseModel):
    """A financial interest, with its share in percent where it is known."""

    kind: InterestKind
    share: Percent = None
    since: ThatDay
    until: SomeDay = None
    remark: Name = ""


class SetPosition(BaseModel):
    """Where the hospital stands: a ZIP code of the table of centroids, or degrees."""

    zip_code: Annotated[str, Field(max_length=5, pattern=r"^(\d{5})?$")] = ""
    latitude: Latitude = None
    longitude: Longitude = None


def add_vendor(work: Work, facility_id: int, ask: SetVendor) -> uuid.UUID:
    """Enter a vendor that no file has told of."""
    _check_degrees(ask.latitude, ask.longitude)
    ccn = ask.ccn.upper()
    query = "select id from vendor where facility_id = %s and care_type = %s and ccn = %s and ccn <> ''"
    if work.value(query, (facility_id, ask.care_type.value, ccn)) is not None:
        raise Refused("A vendor of this type with this certification number is in the registry already.", field="ccn")
    made = work.add(
        Vendor(
            facility_id=facility_id, care_type=ask.care_type.value, ccn=ccn, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.add(VendorVersion(**_values(ask), **_of(work, made), care_type=made.care_type))
    work.record(VendorSet(facility_id=facility_id, vendor_id=made.id, new=True))
    return made.id


def set_vendor(work: Work, vendor_id: uuid.UUID, ask: SetVendor) -> None:
    """Change what is known of a vendor; the version before is kept. Type and certification number stay.

    Published figures are left as the file told them.
    """
    held = work.lock(Vendor, vendor_id, NO_VENDOR)
    _check_degrees(ask.latitude, ask.longitude)
    if (ask.care_type.value, ask.ccn.upper()) != (held.care_type, held.ccn):
        raise Refused(
            "Type of care and certification number of a vendor stay. Enter another vendor, and close this one.",
            field="care_type",
        )
    before = _standing(work, vendor_id)
    kept = (
        "beds",
        "ownership",
        "stars_overall",
        "stars_health",
        "stars_staffing",
        "stars_quality",
        "data_on",
        "source",
    )
    figures = {name: getattr(before, name) for name in kept}
    values = _values(ask)
    if all(getattr(before, name) == value for name, value in values.items()):
        raise Refused("Nothing was changed.")
    _end(work, before)
    work.add(VendorVersion(**values, **figures, **_of(work, held), care_type=held.care_type))
    work.record(VendorSet(facility_id=held.facility_id, vendor_id=vendor_id, new=False))


def take_back(work: Work, vendor_id: uuid.UUID) -> None:
    """Undo the last change of a vendor: what stood before stands again, as another version."""
    held = work.lock(Vendor, vendor_id, NO_VENDOR)
    now = _standing(work, vendor_id)
    query = "select id from vendor_version where vendor_id = %s and ended_at = %s order by made_at desc limit 1"
    key = work.value(query, (vendor_id, now.made_at))
    if key is None or now.made_by != work.who.actor_id:
        raise Refused(CHANGED)
    before = work.get(VendorVersion, key)
    values = before.model_dump(exclude={"id", "made_at", "made_by", "ended_at", "ended_by"})
    _end(work, now)
    work.add(VendorVersion(**values, made_at=work.now, made_by=work.who.actor_id))
    work.record(VendorSet(facility_id=held.facility_id, vendor_id=vendor_id, new=False))


def _values(ask: SetVendor) -> dict[str, Any]:
    values = ask.model_dump(exclude={"care_type", "ccn", "capabilities", "languages", "serves"})
    languages = (one_line(word) for word in _APART.split(ask.languages))
    return values | {
        "capabilities": sorted({one.value for one in ask.capabilities}),
        "languages": sorted({word for word in languages if word}),
        "serves": ask.serves.split(),
    }


def _of(work: Work, held: Vendor) -> dict[str, Any]:
    return {"facility_id": held.facility_id, "vendor_id": held.id, "made_at": work.now, "made_by": work.who.actor_id}


def _check_degrees(latitude: float | None, longitude: float | None) -> None:
    if (latitude is None) != (longitude is None):
        raise Refused("Write latitude and longitude, or neither.", field="latitude")


def _standing(work: Work, vendor_id: uuid.UUID) -> VendorVersion:
    key = work.value("select id from vendor_version where vendor_id = %s and ended_at is null", (vendor_id,))
    return work.lock(VendorVersion, key, NO_VENDOR)


def _end(work: Work, row: VendorVersion | VendorContract | VendorContact | VendorInterest | FacilityPosition) -> None:
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.session.flush()


def add_contract(work: Work, vendor_id: uuid.UUID, ask: AddContract) -> VendorContract:
    """Let a contract stand from its first day on; what stood with that payer goes on until then."""
    held = work.lock(Vendor, vendor_id, NO_VENDOR)
    if ask.ends is not None and ask.ends < ask.begins:
        raise Refused("The last day lies before the first one.", field="ends")
    query = (
        "select id from vendor_contract where vendor_id = %s and payer_code = %s and ended_at is null"
        " and (ends is null or ends >= %s)"
    )
    for key in work.values(query, (vendor_id, ask.payer_code, ask.begins)):
        old = work.lock(VendorContract, key)
        _end(work, old)
        if old.begins < ask.begins:
            kept = old.model_dump(include={"payer_code", "standing", "begins", "source"})
            work.add(VendorContract(**kept, ends=ask.begins - ONE_DAY, **_of(work, held)))
    made = work.add(
        VendorContract(
            payer_code=ask.payer_code, standing=ask.standing.value, begins=ask.begins, ends=ask.ends,
            source=ask.source, **_of(work, held),
        )
    )  # fmt: skip
    _dealt(work, held, "contract", ended=False)
    return made


def add_contact(work: Work, vendor_id: uuid.UUID, ask: AddContact) -> VendorContact:
    """Enter a way to reach a vendor. An e-mail address is where links to referrals are sent."""
    held = work.lock(Vendor, vendor_id, NO_VENDOR)
    if ask.kind is ContactKind.EMAIL and not _EMAIL.fullmatch(ask.value):
        raise Refused("Write one e-mail address, such as intake@example.org.", field="value")
    made = work.add(
        VendorContact(kind=ask.kind.value, value=ask.value, person=ask.person, purpose=ask.purpose, **_of(work, held))
    )
    _dealt(work, held, "contact", ended=False)
    return made


def add_interest(work: Work, vendor_id: uuid.UUID, ask: AddInterest) -> VendorInterest:
    """Enter a financial interest; from now on it is printed beside the vendor on every list."""
    held = work.lock(Vendor, vendor_id, NO_VENDOR)
    if ask.until is not None and ask.until < ask.since:
        raise Refused("The last day lies before the first one.", field="until")
    made = work.add(
        VendorInterest(
            kind=ask.kind.value, share=ask.share, since=ask.since, until=ask.until, remark=ask.remark,
            **_of(work, held),
        )
    )  # fmt: skip
    _dealt(work, held, "interest", ended=False)
    return made


_DEALINGS: dict[str, type[VendorContract] | type[VendorContact] | type[VendorInterest]] = {
    "contract": VendorContract,
    "contact": VendorContact,
    "interest": VendorInterest,
}


def end_dealing(work: Work, kind: str, key: uuid.UUID) -> uuid.UUID:
    """Say that a contract, contact or interest was entered by mistake or holds no more; the key of its vendor."""
    model = _DEALINGS.get(kind)
    if model is None:
        raise NotFound(NO_ENTRY)
    row: VendorContract | VendorContact | VendorInterest = work.lock(model, key, NO_ENTRY)
    if row.ended_at is not None:
        raise Refused(CHANGED)
    _end(work, row)
    held = work.get(Vendor, row.vendor_id, NO_VENDOR)
    _dealt(work, held, kind, ended=True)
    return row.vendor_id


def _dealt(work: Work, held: Vendor, kind: str, *, ended: bool) -> None:
    work.record(VendorDealingSet(facility_id=held.facility_id, vendor_id=held.id, kind=kind, ended=ended))


def set_position(work: Work, facility_id: int, ask: SetPosition) -> None:
    """Say where the hospital stands. Refused for a ZIP code that the table of centroids does not have."""
    _check_degrees(ask.latitude, ask.longitude)
    latitude, longitude = ask.latitude, ask.longitude
    if latitude is None or longitude is None:
        if not ask.zip_code:
            raise Refused("Write a ZIP code, or latitude and longitude.", field="zip_code")
        found = centroid(work, ask.zip_code)
        if found is None:
            raise Refused(
                "The table of ZIP centroids does not have this code. Write latitude and longitude, or load a table.",
                field="zip_code",
            )
        latitude, longitude = found.latitude, found.longitude
    work.connection.execute("select pg_advisory_xact_lock(hashtext('vendors.position'), %s)", (facility_id,))
    work.write(
        "facility_position",
        "update facility_position set ended_at = %s, ended_by = %s where facility_id = %s and ended_at is null",
        (work.now, work.who.actor_id, facility_id),
    )
    work.add(
        FacilityPosition(
            facility_id=facility_id, zip_code=ask.zip_code, latitude=latitude, longitude=longitude,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(FacilityPositionSet(facility_id=facility_id, zip_code=ask.zip_code))
