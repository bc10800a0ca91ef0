"""The tables of the registry. `vendor` is a vendor for ever, what is known of it stands in versions.

For a statement that needs name and place: `join vendor_version w on w.vendor_id = v.id and w.ended_at is null`.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.discharge.terms import CareType
from app.discharge.vendors.terms import ContactKind, InterestKind, NetworkStanding
from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words

CURRENT = text("ended_at is null")


def _staff() -> Any:
    return link("app_user.id", null=True, index=False, kind=Holds.STAFF)


def _texts() -> Any:
    return Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )


class Vendor(SQLModel, table=True):
    """A vendor in the registry of a facility, of one type of care. What it is called and can do: VendorVersion."""

    __tablename__ = "vendor"
    __table_args__ = (
        enum_check("care_type", CareType),
        Index("uq_vendor_ccn", "facility_id", "care_type", "ccn", unique=True, postgresql_where=text("ccn <> ''")),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    care_type: str = words(Holds.OPERATION)
    ccn: str = words(Holds.OPERATION)  # CMS certification number; empty where there is none
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()


class VendorVersion(SQLModel, table=True):
    """What is known of a vendor from an instant on: what was published, and what the hospital knows itself."""

    __tablename__ = "vendor_version"
    __table_args__ = (
        enum_check("care_type", CareType),
        CheckConstraint("(latitude is null) = (longitude is null)", name="position"),
        CheckConstraint("latitude between -90 and 90 and longitude between -180 and 180", name="degrees"),
        CheckConstraint(
            "stars_overall between 1 and 5 and stars_health between 1 and 5 and stars_staffing between 1 and 5"
            " and stars_quality between 1 and 5",
            name="stars",
        ),
        Index("uq_vendor_version_current", "vendor_id", unique=True, postgresql_where=CURRENT),
        Index("ix_vendor_version_search", "facility_id", "care_type", "latitude", postgresql_where=CURRENT),
        Index("ix_vendor_version_history", "vendor_id", "made_at"),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    vendor_id: uuid.UUID = link("vendor.id", index=False)
    care_type: str = words(Holds.OPERATION)
    # what files tell
    name: str = words(Holds.OPERATION)
    address: str = words(Holds.OPERATION)
    city: str = words(Holds.OPERATION)
    state: str = words(Holds.OPERATION)
    zip_code: str = words(Holds.OPERATION)
    phone: str = words(Holds.OPERATION)
    latitude: float | None = number()
    longitude: float | None = number()
    medicare: bool | None = number()  # takes part in Medicare; None: nobody has said
    medicaid: bool | None = number()
    beds: int | None = number()
    ownership: str = words(Holds.OPERATION)
    stars_overall: float | None = number()
    stars_health: float | None = number()
    stars_staffing: float | None = number()
    stars_quality: float | None = number()
    data_on: date | None = number()  # the day of which the published figures are
    source: str = words(Holds.OPERATION)  # the file that told them
    # what the hospital knows
    npi: str = words(Holds.OPERATION)
    capabilities: list[str] = _texts()
    languages: list[str] = _texts()
    serves: list[str] = _texts()  # ZIP codes; empty: nobody has said
    portal_wanted: bool = number(null=False, default=False)  # wants referrals through a link
    closed_on: date | None = number()
    remark: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class VendorContract(SQLModel, table=True):
    """How a vendor stands to a payer of the facility, from a day on."""

    __tablename__ = "vendor_contract"
    __table_args__ = (
        enum_check("standing", NetworkStanding),
        CheckConstraint("ends is null or ends >= begins", name="period"),
        Index("ix_vendor_contract_current", "vendor_id", "payer_code", "begins", postgresql_where=CURRENT),
        Index("ix_vendor_contract_payer", "facility_id", "payer_code", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    vendor_id: uuid.UUID = link("vendor.id", index=False)
    payer_code: str = words(Holds.OPERATION)
    standing: str = words(Holds.OPERATION)
    begins: date = number(null=False)
    ends: date | None = number()
    source: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class VendorContact(SQLModel, table=True):
    """A way to reach a vendor."""

    __tablename__ = "vendor_contact"
    __table_args__ = (
        enum_check("kind", ContactKind),
        Index("ix_vendor_contact_current", "vendor_id", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    vendor_id: uuid.UUID = link("vendor.id", index=False)
    kind: str = words(Holds.OPERATION)
    value: str = words(Holds.OPERATION)
    person: str = words(Holds.STAFF)
    purpose: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class VendorInterest(SQLModel, table=True):
    """A financial interest between hospital and vendor: 42 CFR 420 subpart C."""

    __tablename__ = "vendor_interest"
    __table_args__ = (
        enum_check("kind", InterestKind),
        CheckConstraint("share > 0 and share <= 100", name="share"),
        Index("ix_vendor_interest_current", "vendor_id", postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    vendor_id: uuid.UUID = link("vendor.id", index=False)
    kind: str = words(Holds.OPERATION)
    share: float | None = Field(
        default=None, sa_column=Column(Numeric(5, 2, asdecimal=False), nullable=True, info={"holds": Holds.OPERATION})
    )  # percent
    since: date = number(null=False)
    until: date | None = number()
    remark: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class VendorFile(SQLModel, table=True):
    """A published file that was taken in, and what became of its rows."""

    __tablename__ = "vendor_file"
    __table_args__ = (enum_check("care_type", CareType), Index("ix_vendor_file_facility", "facility_id", "made_at"))
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    care_type: str = words(Holds.OPERATION)
    name: str = words(Holds.OPERATION)
    digest: str = words(Holds.OPERATION)  # SHA-256
    data_on: date | None = number()
    limits: str = words(Holds.OPERATION)  # states or distance that rows were limited to, in words
    added: int = number(null=False, default=0)
    changed: int = number(null=False, default=0)
    unchanged: int = number(null=False, default=0)
    left_out: int = number(null=False, default=0)
    refused: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSONB, nullable=False, server_default="[]", info={"holds": Holds.OPERATION}),
    )
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()


class FacilityPosition(SQLModel, table=True):
    """Where a facility stands, so that distances can be told."""

    __tablename__ = "facility_position"
    __table_args__ = (
        CheckConstraint("latitude between -90 and 90 and longitude between -180 and 180", name="degrees"),
        Index("uq_facility_position_current", "facility_id", unique=True, postgresql_where=CURRENT),
    )
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    zip_code: str = words(Holds.OPERATION)
    latitude: float = number(null=False)
    longitude: float = number(null=False)
    made_at: datetime = instant()
    made_by: uuid.UUID | None = _staff()
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = _staff()


class ZipTable(SQLModel, table=True):
    """A table of ZIP centroids that was taken in; the last one holds."""

    __tablename__ = "zip_table"
    __table_args__ = (Index("uq_zip_table_holds", text("(ended_at is null)"), unique=True, postgresql_where=CURRENT),)
    id: uuid.UUID = key()
    source: str = words(Holds.OPERATION)
    digest: str = words(Holds.OPERATION)
    codes: int = number(null=False, default=0)
    imported_at: datetime = instant()
    imported_by: str = words(Holds.OPERATION)
    ended_at: datetime | None = instant(null=True)


class ZipCentroid(SQLModel, table=True):
    """The middle of a ZIP code."""

    __tablename__ = "zip_centroid"
    __table_args__ = (UniqueConstraint("table_id", "zip_code"),)
    id: uuid.UUID = key()
    table_id: uuid.UUID = link("zip_table.id", index=False)
    zip_code: str = words(Holds.OPERATION)
    latitude: float = number(null=False)
    longitude: float = number(null=False)
