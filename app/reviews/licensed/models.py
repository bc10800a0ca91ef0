"""The table of licensed products. What changes, such as a release, is another row."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from app.platform.db import Holds, facility_link, instant, key, link, number, words


class LicensedProduct(SQLModel, table=True):
    """One release of a product that a facility may use, with the subsets it uses and what payers agreed to."""

    __tablename__ = "licensed_product"
    __table_args__ = (
        CheckConstraint("ends is null or ends >= begins", name="days"),
        Index(
            "uq_licensed_product_current", "facility_id", text("lower(product)"), text("lower(release)"),
            unique=True, postgresql_where=text("ended_at is null"),
        ),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    vendor: str = words(Holds.OPERATION)
    product: str = words(Holds.OPERATION)
    release: str = words(Holds.OPERATION)
    subsets: list[str] = Field(
        default_factory=list,
        sa_column=Column(ARRAY(String), nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    agreed: dict[str, str] = Field(  # release agreed with a payer, by the payer's code
        default_factory=dict,
        sa_column=Column(JSONB, nullable=False, server_default="{}", info={"holds": Holds.OPERATION}),
    )
    begins: date = number(null=False)
    ends: date | None = number()  # the last day of use under the licence; open when None
    made_at: datetime = instant()
    made_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
    ended_at: datetime | None = instant(null=True)
    ended_by: uuid.UUID | None = link("app_user.id", null=True, index=False, kind=Holds.STAFF)
